"""Nobody is accused who keeps their documents: not a vendor, not a weak model, not one that thinks.

What a model is not able to show is inconclusive. What its documents say it refuses is unsupported, or passes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from conformance.contracts.chat.reading.usage import token_counts
from conformance.contracts.chat.traits import allowed_thinking
from conformance.judging.verdict import Verdict
from conformance.proof.asking import everything, recorded
from conformance.proof.judging import judgements
from conformance.provider.claims import differing, profile, profiles
from conformance.provider.model import Claims
from conformance.reference.call import Call, JsonObject
from conformance.reference.change import without
from conformance.reference.chat.faults.change import each_delta, each_message
from conformance.reference.chat.faults.fault import on_answer, on_body, on_events, on_usage
from conformance.reference.chat.faults.stopping import small_limits_refused
from conformance.reference.chat.personas import PERSONAS, THINKING, Persona, reasoning_needs_no_tuning
from conformance.reference.chat.stream import Event
from conformance.reference.fault import Fault
from conformance.reference.refusal import Refusal
from conformance.wire.record import Exchange
from tests.ids import by_value
from tests.minds import STYLES, at_length, in_style

AGAIN = 2
"""The first request is sent again where it shows how a model has to be asked: on top of the plan."""

MOST_REQUESTS, MOST_TOKENS = 190, 20_000

DOCUMENTED = {name: name for name in profiles() if name in PERSONAS} | {"openai": "reference"}
"""The persona that keeps the documents of each profile, where it was made by hand; see test_profiles."""

DIFFERING: Mapping[str, Mapping[str, Any]] = {
    "weak": {},
    "stubborn": {},
    "thinking": {},
    "reasoning": {},
    "text-only": {"vision": {"supported": False, "refused": True}},
}
"""What the documents of the models that no profile is about say other than OpenAI's."""


@on_usage()
def details_withheld(usage: JsonObject, _: Call) -> JsonObject:
    """Usage does not say how much was thought."""
    return without(usage, "completion_tokens_details")


@on_answer()
def thoughts_withheld(answer: JsonObject, _: Call) -> JsonObject:
    """An answer does not show what was thought."""
    return each_message(answer, lambda message: without(message, "reasoning_content"))


@on_events()
def streamed_thoughts_withheld(events: list[Event], _: Call) -> list[Event]:
    """A stream does not show what was thought."""
    return each_delta(events, lambda delta: without(delta, "reasoning_content"))


@on_body()
def refuses_without_a_word(body: JsonObject, _: Call) -> JsonObject:
    """Stop strings are refused, and the error does not say that it is about them."""
    if body.get("stop"):
        raise Refusal("Invalid request.", param=None, code=None)
    return body


SILENT = Persona(
    "thinks, and does not say so",
    THINKING,
    alterations=(details_withheld, thoughts_withheld, streamed_thoughts_withheld),
)


@on_answer()
def thoughts_in_the_text(answer: JsonObject, _: Call) -> JsonObject:
    """What was thought stands before the answer, as of a model whose markup no server reads."""

    def told(message: JsonObject) -> JsonObject:
        thought, text = message.get("reasoning_content"), message.get("content") or ""
        content = f"<think>\n{thought}\n</think>\n\n{text}" if thought else text
        return {**without(message, "reasoning_content"), "content": content}

    return each_message(answer, told)


def claims_of(name: str) -> Claims:
    return differing(profile("openai"), DIFFERING[name], {})


@cache
def exchanges(name: str) -> Sequence[Exchange]:
    """What is recorded with a persona that no profile is about."""
    return recorded(claims=claims_of(name), persona=PERSONAS[name])


def accused(found: Sequence[Exchange], claims: Claims, *further: Verdict) -> dict[str, tuple[Verdict, str]]:
    """What the persona is accused of, or given the benefit of the doubt about."""
    wrong = (Verdict.FAIL, Verdict.WARN, Verdict.ERROR, *further)
    judged = judgements(found, claims)
    return {name: (one.verdict, one.message) for name, one in judged.items() if one.verdict in wrong}


def billed(found: Sequence[Exchange]) -> int:
    """Completion tokens, of all attempts."""
    bodies = [attempt.body for one in found for attempt in one.attempts if attempt.status == 200]
    return sum(token_counts(body)[1] or 0 for body in bodies)


def cost(found: Sequence[Exchange]) -> tuple[int, int]:
    """Requests and tokens. A choice of the tokens is drawn, but few of them."""
    served = [one for one in found if one.last.status == 200]
    counts = [token_counts(one.last.body) for one in served]
    tokens = sum((prompt or 0) + (completion or 0) for prompt, completion in counts)
    return sum(len(one.attempts) for one in found), tokens


@pytest.mark.parametrize("name", DOCUMENTED)
def test_who_keeps_the_documents_to_the_letter_passes(name: str) -> None:
    found = recorded(claims=name, persona=PERSONAS[DOCUMENTED[name]])
    assert accused(found, profile(name), Verdict.INCONCLUSIVE) == {}
    assert all(one.adapted == () for one in found)
    requests, tokens = cost(found)
    assert requests <= MOST_REQUESTS
    assert tokens <= MOST_TOKENS


@pytest.mark.parametrize("name", DIFFERING)
def test_nobody_is_accused_of_what_the_model_cannot_do(name: str) -> None:
    claims = claims_of(name)
    assert accused(exchanges(name), claims) == {}
    requests, tokens = cost(exchanges(name))
    assert len(exchanges(name)) <= MOST_REQUESTS
    assert requests - len(exchanges(name)) <= AGAIN
    assert tokens <= MOST_TOKENS


def test_nobody_is_accused_of_thinking_silently() -> None:
    assert accused(recorded(persona=SILENT), profile("openai")) == {}


@pytest.mark.parametrize("style", STYLES)
def test_nobody_is_accused_of_a_style(style: str) -> None:
    assert accused(recorded(persona=in_style(style), seed=1), profile("openai")) == {}


@pytest.mark.parametrize(
    ("lengths", "seed"),
    [((500, 1500), 0), ((900, 1200), 2), ((100, 2500), 2), ((1100, 3000), 0)],
    ids=by_value,
)
def test_nobody_is_accused_of_thinking_beyond_all_limits(lengths: tuple[int, int], seed: int) -> None:
    found = recorded(persona=at_length(*lengths), seed=seed)
    assert accused(found, profile("openai")) == {}
    assert billed(found) <= allowed_thinking(everything("openai").probes)


@pytest.mark.parametrize("lengths", [(50, 130), (80, 1100)])
def test_nobody_is_accused_of_thinking_silently_for_long(lengths: tuple[int, int]) -> None:
    found = recorded(persona=at_length(*lengths, *SILENT.alterations), seed=2)
    assert accused(found, profile("openai")) == {}


def test_thoughts_in_the_text_are_what_is_accused() -> None:
    """Their markup, and that it is no JSON; not what they make longer, and not that they differ."""
    persona = at_length(80, 1100, details_withheld, thoughts_in_the_text)
    found = accused(recorded(persona=persona, seed=3), profile("openai"))
    markup = {"envelope.no-markup-of-the-model", "structured.json-object", "structured.json-schema"}
    # The embedded provider knows no log probabilities of thoughts, and its thoughts heed no bias.
    assert set(found) - {"logprobs.shape", "sampling.logit-bias-selects"} == markup


def test_no_persona_is_left_out() -> None:
    assert {*DOCUMENTED.values(), *DIFFERING} == PERSONAS.keys()


def test_requests_are_adapted_to_a_reasoning_model() -> None:
    found = {one.probe: one for one in exchanges("reasoning")}
    left_out, raised, renamed = "temperature left out", "limit raised to 1024 tokens", "max_completion_tokens"
    for name in ("nato", "count stream", "echo stream"):
        assert found[name].adapted == (left_out, raised, f"{renamed} in place of max_tokens")
        assert found[name].last.status == 200
    assert found["count max_tokens=5"].last.status == 400


REFUSED = {
    "temperature": "sampling.temperature-range-accepted",
    "top_p": "sampling.top-p-range-accepted",
    "max_tokens": "limits.truncation-is-success",
    "stop": "stop.string-stops",
    "frequency_penalty": "penalties.range-accepted",
}
"""What OpenAI's reference lets a model that reasons refuse, and where the refusal is judged."""


def test_what_is_left_to_models_that_reason_is_unsupported_by_name() -> None:
    judged = judgements(exchanges("reasoning"), profile("openai"))
    for name, requirement in REFUSED.items():
        assert judged[requirement].verdict is Verdict.UNSUPPORTED
        words = f"the provider refuses `{name}`, as a model that reasons may: HTTP 400: Unsupported"
        assert judged[requirement].message.startswith(words)


def test_a_refusal_of_what_documents_promise_is_a_finding_with_any_model() -> None:
    promised = differing(profile("openai"), {name: {"unless_reasoning": False} for name in REFUSED}, {})
    judged = judgements(exchanges("reasoning"), promised)
    failed = {name for name, one in judged.items() if one.verdict is Verdict.FAIL}
    assert failed == set(REFUSED.values())


def test_documents_that_say_what_their_model_refuses_are_kept() -> None:
    claims = {"temperature": {"values": [1], "model_dependent": True}, "max_tokens": False}
    judged = judgements(exchanges("reasoning"), differing(profile("openai"), claims, {}))
    assert judged["sampling.temperature-range-accepted"].verdict is Verdict.UNSUPPORTED
    assert judged["limits.max-tokens-bounds"].verdict is Verdict.PASS


@pytest.mark.parametrize("name", ["stop", "logit_bias"])
def test_who_does_not_reason_is_held_to_what_is_documented(name: str) -> None:
    """The same refusal, word by word, from a model of which nothing shows that it reasons."""
    found = recorded(persona=Persona("refuses to be tuned", alterations=(reasoning_needs_no_tuning,)))
    judged = judgements(found, profile("openai"))
    accused = [one for one in judged.values() if f"refuses `{name}`" in one.message]
    assert {one.verdict for one in accused} & {Verdict.FAIL, Verdict.WARN}
    assert not any("as a model that reasons may" in one.message for one in judged.values())


NO_ROOM = (
    "Could not finish the message because max_tokens or model output limit was reached. "
    "Please try again with higher max_tokens."
)


def short_of_room(least: int) -> Fault:
    """A limit below so many tokens is refused in OpenAI's words for thoughts that take up all of it."""

    @on_body()
    def refused(body: JsonObject, _: Call) -> JsonObject:
        limit = body.get("max_completion_tokens") or body.get("max_tokens")
        if isinstance(limit, int) and 0 < limit < least:
            raise Refusal(NO_ROOM)
        return body

    return refused


@on_body()
def no_room_for_the_newer_limit(body: JsonObject, _: Call) -> JsonObject:
    """Only the newer limit is said to leave no room, while the older works."""
    if body.get("max_completion_tokens"):
        raise Refusal(NO_ROOM)
    return body


def test_a_model_that_thinks_beyond_the_limits_is_given_room() -> None:
    found = recorded(persona=replace(SILENT, alterations=(*SILENT.alterations, short_of_room(300))))
    assert accused(found, profile("openai")) == {}
    by_name = {one.probe: one for one in found}
    assert [one.status for one in by_name["count"].attempts] == [400, 200]
    assert by_name["count"].adapted == ("limit raised to 1024 tokens",)
    judged = judgements(found, profile("openai"))
    for name in ("limits.max-tokens-bounds", "limits.max-completion-tokens", "limits.truncation-is-success"):
        assert judged[name].verdict is Verdict.INCONCLUSIVE
        assert judged[name].message.startswith("the limit leaves no room beside the thoughts: HTTP 400")
    served = [one for one in judged.values() if one.verdict is Verdict.PASS]
    assert len(served) > 150


def test_who_does_not_think_may_not_say_that_it_thought_too_long() -> None:
    found = recorded(persona=Persona("refuses the newer limit", alterations=(no_room_for_the_newer_limit,)))
    assert judgements(found, profile("openai"))["limits.max-completion-tokens"].verdict is Verdict.FAIL


def test_who_refuses_small_limits_is_accused_of_nothing_else() -> None:
    found = recorded(small_limits_refused)
    wrong = {"limits.truncation-is-success", "limits.max-completion-tokens"}
    assert accused(found, profile("openai")).keys() == wrong
    assert {one.adapted for one in found} == {(), ("limit raised to 64 tokens",)}


def test_a_refusal_that_does_not_name_what_it_is_about_excuses_nothing() -> None:
    found = recorded(persona=replace(PERSONAS["thinking"], alterations=(refuses_without_a_word,)))
    assert judgements(found, profile("openai"))["stop.string-stops"].verdict is Verdict.FAIL


def test_every_persona_is_asked_the_same() -> None:
    keys = {probe.key for probe in everything("openai").probes}
    assert {one.key for one in exchanges("weak")} == keys
