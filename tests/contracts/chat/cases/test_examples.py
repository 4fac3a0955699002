"""The verdicts on documented examples, on answers made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.contracts.chat.cases import test_examples as examples
from conformance.contracts.chat.probes.named import ORDERED_BY_DEVELOPER, documented_examples
from conformance.judging.verdict import Verdict
from conformance.provider.model import Claims, Example
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.completions import completion, refused, said, streamed
from tests.contracts.chat.cases.recorded import attempt, claiming, exchange, judgement, verdict
from tests.ids import by_value

HELLO = [{"role": "user", "content": "Hello"}]
MEMBERS = {"id": "string", "choices[0].message.content": "string", "cost.credits": "number"}
OBEYED = said(ORDERED_BY_DEVELOPER, "PINEAPPLE")

works = examples.test_documented_example_works


def documenting(**parameters: Any) -> Claims:
    body = {"model": "printed", "messages": HELLO, **parameters}
    example = Example("Hello", body, expect="Paris", members=MEMBERS)
    return replace(claiming(temperature={"model_dependent": True}), examples=(example,))


CLAIMS = documenting()
(HELLO_PROBE,) = documented_examples(CLAIMS).values()


def answered(**changes: Any) -> Exchange:
    return exchange(HELLO_PROBE, attempt(200, {**completion("Hi"), "cost": {"credits": 0.5}, **changes}))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a", (1,)),
        ("b[1].c", ("x",)),
        ("b[0].c", ()),
        ("b[7].c", ()),
        ("b.c", ()),
        ("d", (None,)),
        ("d.e", ()),
    ],
    ids=by_value,
)
def test_paths(path: str, expected: tuple[Any, ...]) -> None:
    assert examples.at({"a": 1, "b": [{}, {"c": "x"}], "d": None}, path) == expected


def test_example_is_sent_as_printed_but_for_the_model() -> None:
    (probe,) = documented_examples(documenting(temperature=0.7)).values()
    assert probe.members == {"model": "{model}", "messages": HELLO, "temperature": 0.7}


@pytest.mark.parametrize(
    ("answer", "expected", "see"),
    [
        (answered(), Verdict.PASS, None),
        (answered(cost={"credits": 1}), Verdict.PASS, None),
        (answered(cost={"credits": "1"}), Verdict.FAIL, None),
        (answered(cost={"credits": True}), Verdict.FAIL, None),
        (answered(cost=None), Verdict.FAIL, None),
        (answered(id=None), Verdict.INCONCLUSIVE, "envelope.id-present"),
        (refused(HELLO_PROBE), Verdict.FAIL, None),
        (exchange(HELLO_PROBE, attempt(500, {})), Verdict.FAIL, None),
        (exchange(HELLO_PROBE, attempt(301)), Verdict.INCONCLUSIVE, "transport.no-redirect"),
        (exchange(HELLO_PROBE, attempt(399)), Verdict.INCONCLUSIVE, "transport.no-redirect"),
        (exchange(HELLO_PROBE, attempt(401)), Verdict.ERROR, None),
        (exchange(HELLO_PROBE, attempt(402)), Verdict.FAIL, None),
        (exchange(HELLO_PROBE, attempt(403)), Verdict.INCONCLUSIVE, "envelope.one-json-object"),
        (exchange(HELLO_PROBE, attempt(404)), Verdict.FAIL, None),
        (answered(choices=[]), Verdict.INCONCLUSIVE, "envelope.one-choice-by-default"),
        (answered(choices=[{}]), Verdict.INCONCLUSIVE, "envelope.content-text"),
    ],
    ids=by_value,
)
def test_printed_members(answer: Exchange, expected: Verdict, see: str | None) -> None:
    result = judgement(works, answer, OBEYED, claims=CLAIMS)
    assert (result.verdict, result.see) == (expected, see)


def test_who_has_no_developer_role_answers_examples_without_it() -> None:
    found = judgement(works, refused(HELLO_PROBE), refused(ORDERED_BY_DEVELOPER), claims=CLAIMS)
    assert (found.verdict, found.see) == (Verdict.FAIL, None)


def test_documents_without_examples() -> None:
    assert verdict(works, OBEYED, claims=replace(CLAIMS, examples=())) is Verdict.NOT_APPLICABLE


def test_what_is_printed_as_null() -> None:
    assert examples.unlike({"a": None}, {"a": "null"}) == {}
    assert examples.unlike({"a": 0}, {"a": "null"}).keys() == {"a"}


def test_each_example_counts() -> None:
    first = Example("Stream", {"model": "printed", "messages": HELLO, "stream": True})
    claims = replace(CLAIMS, examples=(first, *CLAIMS.examples))
    asked, _ = documented_examples(claims).values()
    fine = streamed(asked, (0, "Hi", "stop"))
    assert verdict(works, fine, answered(), OBEYED, claims=claims) is Verdict.PASS
    assert verdict(works, fine, answered(cost=None), OBEYED, claims=claims) is Verdict.FAIL


def test_streamed_example_has_to_be_a_stream() -> None:
    claims = documenting(stream=True)
    (probe,) = documented_examples(claims).values()
    assert verdict(works, streamed(probe, (0, "Hi", "stop")), OBEYED, claims=claims) is Verdict.PASS
    # That streams are no streams is the finding of stream.content-type.
    assert verdict(works, said(probe, "Hi"), OBEYED, claims=claims) is Verdict.INCONCLUSIVE


def test_what_depends_on_the_model_may_be_refused_by_another() -> None:
    claims = documenting(temperature=0.7)
    (probe,) = documented_examples(claims).values()
    assert verdict(works, refused(probe), OBEYED, claims=claims) is Verdict.INCONCLUSIVE
    theirs = replace(refused(probe), model="printed")
    assert verdict(works, theirs, OBEYED, claims=claims) is Verdict.FAIL


def test_refused_developer_message_is_one_finding() -> None:
    claims = documenting(messages=[{"role": "developer", "content": "Be brief."}, *HELLO])
    (probe,) = documented_examples(claims).values()
    result = judgement(works, refused(probe), refused(ORDERED_BY_DEVELOPER), claims=claims)
    assert (result.verdict, result.see) == (Verdict.INCONCLUSIVE, "messages.developer-role")
    assert verdict(works, refused(probe), OBEYED, claims=claims) is Verdict.FAIL


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (0, Verdict.INCONCLUSIVE),
        (1, Verdict.WARN),
        (3, Verdict.WARN),
        (4, Verdict.PASS),
        (60, Verdict.PASS),
        (61, Verdict.NOTE),
        (150, Verdict.NOTE),
        (151, Verdict.WARN),
    ],
    ids=by_value,
)
def test_prompt_tokens(tokens: int, expected: Verdict) -> None:
    answer = said(HELLO_PROBE, "Hi", prompt=tokens)
    assert (
        verdict(examples.test_prompt_tokens_of_the_example_are_plausible, answer, claims=CLAIMS) is expected
    )
    claims = documenting(messages=[{"role": "user", "content": "a" * 80}] * 2)
    (probe,) = documented_examples(claims).values()
    longer = said(probe, "Hi", prompt=tokens + 60 if tokens else 0)
    case = examples.test_prompt_tokens_of_the_example_are_plausible
    assert verdict(case, longer, claims=claims) is expected


@pytest.mark.parametrize(
    "parameters", [{"tools": []}, {"messages": [{"role": "user", "content": []}]}], ids=["tools", "parts"]
)
def test_prompt_tokens_of_tools_and_images_are_not_judged(parameters: dict[str, Any]) -> None:
    claims = documenting(**parameters)
    (probe,) = documented_examples(claims).values()
    answer = said(probe, "Hi", prompt=400)
    case = examples.test_prompt_tokens_of_the_example_are_plausible
    assert verdict(case, answer, claims=claims) is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("text", "expected"),
    [("PARIS it is.", Verdict.PASS), ("Lyon", Verdict.WARN), ("", Verdict.INCONCLUSIVE)],
)
def test_certain_answer(text: str, expected: Verdict) -> None:
    case = examples.test_documented_answer_is_given
    assert verdict(case, said(HELLO_PROBE, text), claims=CLAIMS) is expected
