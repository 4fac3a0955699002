"""Each word that documents have: what becomes of a provider that does as it says, and of one that does not.

Both are personas of the embedded provider, made of the claims themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from conformance.judging.catalogue import catalogue
from conformance.judging.verdict import Judgement, Verdict
from conformance.proof.asking import only, recorded
from conformance.proof.judging import judgements
from conformance.provider.claims import differing, profile
from conformance.provider.model import Claims
from conformance.reference.call import Call, JsonObject
from conformance.reference.chat.documented import breaking, keeping
from conformance.reference.chat.faults.fault import on_body
from conformance.reference.chat.personas import PERSONAS, REFERENCE, Persona
from conformance.reference.faults import FAULTS

ACCUSED = (Verdict.FAIL, Verdict.WARN)


@dataclass(frozen=True)
class Word:
    """What documents say, and what the requirement that decides it says of who keeps and who breaks it."""

    states: Mapping[str, Any]
    decided_by: str
    kept: tuple[Verdict, str]
    broken: tuple[Verdict, str]
    persona: Persona = field(default=REFERENCE)

    @property
    def claims(self) -> Claims:
        return differing(profile("openai"), self.states, {})

    @property
    def name(self) -> str:
        return next(iter(self.states))


AS_DOCUMENTED = "accepted and ignored, as documented"

WORDS = {
    "honoured": Word(
        {"stop": True},
        "stop.string-stops",
        (Verdict.PASS, ""),
        (Verdict.FAIL, "the provider refuses `stop`"),
    ),
    "ignored, with an effect to look for": Word(
        {"logit_bias": {"ignored": True}},
        "sampling.logit-bias-selects",
        (Verdict.PASS, AS_DOCUMENTED),
        (Verdict.FAIL, "the provider refuses `logit_bias`"),
    ),
    "ignored, with nothing to see": Word(
        {"store": {"ignored": True}},
        "parameters.defaults-accepted",
        (Verdict.PASS, ""),
        (Verdict.FAIL, "refused, though the documents say that they are ignored: `store`"),
    ),
    "refused, with an effect to look for": Word(
        {"logit_bias": {"refused": True}},
        "sampling.logit-bias-selects",
        (Verdict.PASS, "the provider refuses `logit_bias`"),
        (Verdict.FAIL, "with all the weight on"),
    ),
    "refused, with nothing to see": Word(
        {"service_tier": {"refused": True}},
        "parameters.defaults-accepted",
        (Verdict.PASS, ""),
        (Verdict.FAIL, "accepted, though the documents say that it is refused: `service_tier`"),
    ),
    "unsupported": Word(
        {"frequency_penalty": {"unsupported": True}},
        "penalties.frequency-reduces-repetition",
        (Verdict.PASS, "the provider refuses `frequency_penalty`"),
        (Verdict.WARN, "'echo' comes 40 times with the penalty and 40 times without"),
    ),
    "capped": Word(
        {"temperature": {"min": 0, "max": 1, "capped": True}},
        "sampling.temperature-out-of-range-refused",
        (Verdict.PASS, "above 1 it is accepted, and counts as 1, as documented"),
        (
            Verdict.WARN,
            "a `temperature` above 1 is refused, though the documents say that it counts as 1",
        ),
    ),
    "renamed": Word(
        {"max_completion_tokens": {"renamed": "max_new_tokens"}},
        "limits.max-completion-tokens",
        (Verdict.PASS, ""),
        (Verdict.FAIL, ""),
    ),
    "only with this model": Word(
        {"logprobs": {"only_with": {"model": ["ref*"], "otherwise": "refused"}}},
        "logprobs.shape",
        (Verdict.PASS, ""),
        (Verdict.FAIL, "the provider refuses `logprobs`"),
    ),
    "only with another model": Word(
        {"logit_bias": {"only_with": {"model": ["other-*"], "otherwise": "refused"}}},
        "sampling.logit-bias-selects",
        (Verdict.PASS, "the provider refuses `logit_bias`"),
        (Verdict.FAIL, "with all the weight on"),
    ),
    "only in this mode": Word(
        {"stop": {"only_with": {"mode": "non-thinking", "otherwise": "ignored"}}},
        "stop.string-stops",
        (Verdict.PASS, ""),
        (Verdict.FAIL, "the provider refuses `stop`"),
    ),
    "only in another mode": Word(
        {"stop": {"only_with": {"mode": "non-thinking", "otherwise": "ignored"}}},
        "stop.string-stops",
        (Verdict.PASS, AS_DOCUMENTED),
        (Verdict.FAIL, "the provider refuses `stop`"),
        PERSONAS["thinking"],
    ),
}


def verdicts(word: Word, persona: Persona) -> Mapping[str, Judgement]:
    """What is said of what this word is about, and of what that rests on."""
    claims = word.claims.of_model("reference")
    about = {word.decided_by, "envelope.one-json-object"}
    about |= {id for id, case in catalogue().items() if case.requirement.claim in word.states}
    found = recorded(claims=claims, persona=persona, asked=only(sorted(about), claims))
    return {id: one for id, one in judgements(found, claims).items() if id in about}


def told(judged: Mapping[str, Judgement], word: Word) -> tuple[Verdict, str]:
    one = judged[word.decided_by]
    return one.verdict, one.message


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)
def test_who_does_as_the_word_says_is_accused_of_nothing(word: Word) -> None:
    judged = verdicts(word, keeping(word.claims.of_model("reference"), word.persona.mind))
    verdict, message = told(judged, word)
    assert verdict is word.kept[0]
    assert message.startswith(word.kept[1])
    assert word.kept[1] or not message
    assert {id: one.message for id, one in judged.items() if one.verdict in ACCUSED} == {}
    assert not [one.message for one in judged.values() if "works, though" in one.message]


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)
def test_who_does_not_do_as_the_word_says_is_found(word: Word) -> None:
    claims = word.claims.of_model("reference")
    verdict, message = told(verdicts(word, breaking(claims, word.name, word.persona.mind)), word)
    assert verdict is word.broken[0]
    assert message.startswith(word.broken[1])


@on_body()
def always_greedy(body: JsonObject, _: Call) -> JsonObject:
    """Without a temperature it is 0."""
    return {**body, "temperature": 0} if body.get("temperature") is None else body


@pytest.mark.parametrize(
    ("default", "expected"),
    [
        pytest.param(1, Verdict.WARN, id="another default than documented"),
        pytest.param(0, Verdict.NOT_APPLICABLE, id="the default that is documented"),
    ],
)
def test_a_default_is_held_to_what_is_documented(default: float, expected: Verdict) -> None:
    word = replace(WORDS["capped"], states={"temperature": {"default": default}})
    judged = verdicts(word, replace(REFERENCE, alterations=(always_greedy,)))
    assert judged["sampling.temperature-default-not-zero"].verdict is expected


IGNORED = ("seed", "temperature", "top_p", "frequency_penalty", "presence_penalty", "logit_bias")


@pytest.mark.parametrize("says", [{"ignored": True}, {"unsupported": True}], ids=["ignored", "unsupported"])
def test_what_is_only_accepted_is_never_said_to_work(says: Mapping[str, Any]) -> None:
    claims = differing(profile("openai"), {name: {"ignored": True} for name in IGNORED}, {})
    found = recorded(claims=claims, persona=keeping(claims))
    stated = differing(profile("openai"), dict.fromkeys(IGNORED, says), {})
    judged = judgements(found, stated)
    messages = [one.message for one in judged.values() if one.verdict is Verdict.NOTE]
    assert not [message for message in messages if "works" in message]
    warned = {id for id, one in judged.items() if one.verdict in ACCUSED}
    if says == {"ignored": True}:
        assert warned == set()
        assert not [message for message in messages if "is accepted" in message]
    else:
        assert "`temperature` is accepted, though the documents say it is unsupported" in messages
        assert "sampling.temperature-zero-steady" in warned


def test_what_works_though_it_is_documented_as_ignored_is_a_note() -> None:
    claims = differing(profile("openai"), {"stop": {"ignored": True}}, {})
    judged = judgements(recorded(claims=claims), claims)
    words = "`stop` works, though the documents say it is ignored"
    assert [id for id, one in judged.items() if one.message == words] == ["stop.string-stops"]
    assert judged["stop.string-stops"].verdict is Verdict.NOTE


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        pytest.param({"types": ["number"]}, Verdict.NOTE, id="documented without a range"),
        pytest.param({"min": 0, "max": 2}, Verdict.WARN, id="documented with a range"),
    ],
)
def test_nobody_promised_to_refuse_what_is_beyond_a_range_that_is_not_stated(
    stated: Mapping[str, Any], expected: Verdict
) -> None:
    claims = differing(replace(profile("openai"), claims={}), {"temperature": stated}, {})
    asked = only(["sampling.temperature-out-of-range-refused", "envelope.one-json-object"], claims)
    found = recorded(FAULTS["temperature-clamped"], claims=claims, asked=asked)
    judged = judgements(found, claims)["sampling.temperature-out-of-range-refused"]
    assert judged.verdict is expected
