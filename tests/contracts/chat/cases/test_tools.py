"""The verdicts on tool calls, on answers made by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from conformance.asking.change import setting
from conformance.asking.probe import Probe
from conformance.contracts.chat.cases import test_tools as tools
from conformance.contracts.chat.cases import test_tools_results as tools_results
from conformance.contracts.chat.cases import test_tools_streamed as tools_streamed
from conformance.contracts.chat.cases import test_tools_used as tools_used
from conformance.contracts.chat.cases import tooling
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.named import AT_ONCE, COUNT, COUNT_STREAM
from conformance.judging.verdict import Verdict
from conformance.provider.claims import profile
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.completions import EVENT_STREAM, completion, refused, said
from tests.contracts.chat.cases.recorded import attempt, exchange, judgement, verdict
from tests.ids import by_value

CLAIMS = profile("openai")
PARIS = '{"city": "Paris"}'


def call(name: str = tooling.WEATHER, arguments: str = PARIS, id: str = "call_1") -> dict[str, Any]:
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def calling(probe: Probe, *calls: dict[str, Any], finish: str = "tool_calls", prompt: int = 10) -> Exchange:
    body = completion(None, finish=finish, prompt=prompt)
    body["choices"][0]["message"]["tool_calls"] = list(calls)
    return exchange(probe, attempt(200, body))


def streaming(*deltas: dict[str, Any], finish: str = "tool_calls") -> Exchange:
    parts: list[tuple[dict[str, Any], str | None]] = [*((delta, None) for delta in deltas), ({}, finish)]
    choices = [{"index": 0, "delta": delta, "finish_reason": reason} for delta, reason in parts]
    lines = [json.dumps({"choices": [choice]}) for choice in choices]
    body = "".join(f"data: {line}\n\n" for line in (*lines, "[DONE]")).encode()
    return exchange(tooling.TWO_STREAMED, attempt(200, body, EVENT_STREAM))


def piece(index: int = 0, arguments: str = "", **opening: Any) -> dict[str, Any]:
    function = {"arguments": arguments, **({"name": opening.pop("name")} if "name" in opening else {})}
    return {"tool_calls": [{"index": index, "function": function, **opening}]}


def opening(index: int = 0, id: str = "call_1") -> dict[str, Any]:
    return piece(index, "", id=id, type="function", name=tooling.WEATHER)


ONE = calling(tooling.TWO, call())
COUNTED = said(COUNT, prompts.COUNTED)
BOTH = calling(tooling.TWO, call(), call(id="call_2"))
NONE = said(tooling.TWO, "It is sunny.")
CUT = said(tooling.REQUIRED, "I will, I will, I will", finish="length")
FORCED = calling(tooling.REQUIRED, call(tooling.RESERVE, '{"seat": "teal-41"}'), finish="stop")
NAMED = calling(tooling.NAMED, call(tooling.TIME), finish="stop")


@pytest.mark.parametrize(
    ("auto", "named", "required", "expected"),
    [
        (BOTH, NAMED, FORCED, Verdict.PASS),
        (NONE, NAMED, FORCED, Verdict.PASS),
        (refused(tooling.TWO), NAMED, FORCED, Verdict.PASS),
        (BOTH, NAMED, said(tooling.REQUIRED, "OK"), Verdict.PASS),
        (NONE, said(tooling.NAMED, "Sunny"), said(tooling.REQUIRED, "OK"), Verdict.FAIL),
        (NONE, said(tooling.NAMED, "Sunny"), CUT, Verdict.INCONCLUSIVE),
        (NONE, refused(tooling.NAMED), refused(tooling.REQUIRED), Verdict.INCONCLUSIVE),
        (calling(tooling.TWO, call("search")), NAMED, FORCED, Verdict.FAIL),
        (calling(tooling.TWO, {"function": {}}), NAMED, FORCED, Verdict.FAIL),
        (refused(tooling.TWO), refused(tooling.NAMED), refused(tooling.REQUIRED), Verdict.FAIL),
    ],
    ids=by_value,
)
def test_call_shape(auto: Exchange, named: Exchange, required: Exchange, expected: Verdict) -> None:
    plain = said(COUNT, "1 2 3")
    assert verdict(tools.test_tools_are_called, auto, named, required, plain, claims=CLAIMS) is expected


def test_tools_that_nobody_promised_may_be_refused() -> None:
    all_refused = map(refused, (tooling.TWO, tooling.REQUIRED, tooling.NAMED))
    plain = said(COUNT, "1 2 3")
    assert verdict(tools.test_tools_are_called, *all_refused, plain) is Verdict.UNSUPPORTED


@pytest.mark.parametrize(
    ("required", "expected"),
    [
        (FORCED, Verdict.PASS),
        (said(tooling.REQUIRED, "OK"), Verdict.FAIL),
        (CUT, Verdict.INCONCLUSIVE),
        (calling(tooling.REQUIRED, call(arguments='{"ci'), finish="length"), Verdict.PASS),
        (refused(tooling.REQUIRED), Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_required_choice(required: Exchange, expected: Verdict) -> None:
    case = tools.test_required_tool_is_called
    assert verdict(case, BOTH, NAMED, required, claims=CLAIMS) is expected


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (NAMED, Verdict.PASS),
        (calling(tooling.NAMED, call(tooling.TIME)), Verdict.PASS),
        (calling(tooling.NAMED, call()), Verdict.FAIL),
        (calling(tooling.NAMED, call(tooling.TIME), call()), Verdict.FAIL),
        (said(tooling.NAMED, "It is sunny."), Verdict.FAIL),
        (said(tooling.NAMED, "", finish="length"), Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_named_choice(named: Exchange, expected: Verdict) -> None:
    assert verdict(tools.test_named_tool_is_called, BOTH, FORCED, named, claims=CLAIMS) is expected


def test_a_choice_among_tools_that_are_never_called_is_no_finding_of_its_own() -> None:
    silent = (NONE, said(tooling.REQUIRED, "OK"), said(tooling.NAMED, "Sunny"))
    for case in (tools.test_required_tool_is_called, tools.test_named_tool_is_called):
        found = judgement(case, *silent, claims=CLAIMS)
        assert (found.verdict, found.see) == (Verdict.INCONCLUSIVE, "tools.call-shape")


STREAM = streaming(opening(), piece(0, PARIS))


def silent(probe: Probe) -> Exchange:
    """A request that is sent, and gets no call."""
    return said(probe, "It is sunny.")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(BOTH, Verdict.PASS, id="calls, and says so"),
        pytest.param(NONE, Verdict.PASS, id="words, and a stop"),
        pytest.param(STREAM, Verdict.PASS, id="a stream that says so"),
        pytest.param(calling(tooling.TWO, call(), finish="stop"), Verdict.FAIL, id="calls and a stop"),
        pytest.param(calling(tooling.TWO, call(), finish="length"), Verdict.PASS, id="a cut call"),
        pytest.param(calling(tooling.TWO), Verdict.FAIL, id="said, and not called"),
        pytest.param(
            calling(tooling.REQUIRED, call(), finish="stop"), Verdict.FAIL, id="required and a stop"
        ),
        pytest.param(calling(tooling.NAMED, call(), finish="stop"), Verdict.PASS, id="named and a stop"),
        pytest.param(
            streaming(opening(), piece(0, PARIS), finish="stop"), Verdict.FAIL, id="a stream that stops"
        ),
        pytest.param(streaming(finish="tool_calls"), Verdict.FAIL, id="a stream that calls nothing"),
        pytest.param(said(COUNT, "1", finish="tool_calls"), Verdict.INCONCLUSIVE, id="no tools"),
    ],
    ids=by_value,
)
def test_finish_reason(answer: Exchange, expected: Verdict) -> None:
    assert verdict(tools.test_finish_reason_agrees_with_the_calls, answer, claims=CLAIMS) is expected


@pytest.mark.parametrize(
    ("plain", "streamed", "expected"),
    [
        (ONE, STREAM, Verdict.PASS),
        (ONE, streaming({"content": ""}, piece(0, PARIS, id="c", type="function", name="f")), Verdict.PASS),
        (ONE, streaming(opening(), piece(0, PARIS, type="function")), Verdict.PASS),
        (ONE, streaming(opening(), piece(0, PARIS, type="")), Verdict.FAIL),
        (ONE, streaming(opening(), piece(0, PARIS, id="call_1")), Verdict.FAIL),
        (ONE, streaming(opening(), piece(0, PARIS, name=tooling.WEATHER)), Verdict.FAIL),
        (ONE, streaming(opening(1), piece(1, PARIS)), Verdict.FAIL),
        (ONE, streaming(opening(), piece(0, PARIS), piece(0, PARIS)), Verdict.FAIL),
        (ONE, streaming(opening(), piece(0, '{"city"'), finish="length"), Verdict.PASS),
        (
            calling(tooling.TWO, call(arguments="{")),
            streaming(opening(), piece(0, "{")),
            Verdict.INCONCLUSIVE,
        ),
        (ONE, streaming(finish="stop"), Verdict.INCONCLUSIVE),
        (ONE, streaming({"content": "It is sunny."}, finish="stop"), Verdict.INCONCLUSIVE),
        (NONE, streaming({"content": "It is sunny."}, finish="stop"), Verdict.INCONCLUSIVE),
        (NONE, streaming(finish="stop"), Verdict.INCONCLUSIVE),
        (BOTH, streaming(opening(), opening(0, "call_2"), piece(0, PARIS)), Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_streamed_deltas(plain: Exchange, streamed: Exchange, expected: Verdict) -> None:
    assert (
        verdict(tools_streamed.test_streamed_calls_can_be_put_together, plain, streamed, claims=CLAIMS)
        is expected
    )


@pytest.mark.parametrize(
    ("plain", "streamed", "expected"),
    [
        (ONE, STREAM, Verdict.INCONCLUSIVE),
        (BOTH, streaming(opening(), opening(1, "call_2")), Verdict.PASS),
        (BOTH, streaming(opening(), opening(0, "call_2")), Verdict.FAIL),
        (BOTH, streaming(opening(), opening(1, "call_1")), Verdict.FAIL),
        (calling(tooling.TWO, call(), call()), STREAM, Verdict.FAIL),
    ],
    ids=by_value,
)
def test_parallel_calls(plain: Exchange, streamed: Exchange, expected: Verdict) -> None:
    assert verdict(tools.test_parallel_calls_are_told_apart, plain, streamed, claims=CLAIMS) is expected


@pytest.mark.parametrize(
    ("text", "extra", "expected"),
    [
        ("It is -14 degrees in Paris, and 38 in London.", 0, Verdict.PASS),
        ("It is foggy in Paris, and clear in London.", 0, Verdict.PASS),
        ("It is -14 degrees in Paris.", 30, Verdict.FAIL),
        ("It is 38 degrees in London.", 0, Verdict.FAIL),
        ("I do not know.", 30, Verdict.FAIL),
        ("I do not know.", 0, Verdict.FAIL),
        ("I do not know.", -5, Verdict.FAIL),
    ],
    ids=by_value,
)
def test_results(text: str, extra: int, expected: Verdict) -> None:
    told = said(tools_results.LOOP, text, prompt=10 + extra)
    case, able = tools_results.test_results_of_tools_are_used, said(AT_ONCE, "saffron")
    assert verdict(case, BOTH, able, COUNTED, told, claims=CLAIMS) is expected
    lost = said(AT_ONCE, "I do not know.")
    unable = verdict(case, BOTH, lost, COUNTED, told, claims=CLAIMS)
    assert unable is (Verdict.INCONCLUSIVE if extra > 0 and expected is Verdict.FAIL else unable)


def test_results_that_make_no_difference_are_not_used() -> None:
    case, able = tools_results.test_results_of_tools_are_used, said(AT_ONCE, "saffron")
    again = calling(tools_results.LOOP, call(), call(id="call_2"), prompt=40)
    found = judgement(case, BOTH, able, COUNTED, again, claims=CLAIMS)
    assert found.verdict is Verdict.FAIL
    assert "calls get_weather, get_weather again" in found.message


def test_a_weak_model_makes_choices_undecidable() -> None:
    forbidden = said(tooling.FORBIDDEN, "Sunny")
    assert verdict(tools.test_no_tool_is_called_where_none_may_be, NONE, forbidden) is Verdict.INCONCLUSIVE
    single = calling(tooling.ONE_AT_A_TIME, call())
    assert verdict(tools.test_parallel_calls_can_be_switched_off, ONE, single) is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('{"seat": "teal-41"}', Verdict.PASS),
        ('{"seat": "12-F"}', Verdict.FAIL),
        ('{"seat": "teal-41", "passenger": "Alice"}', Verdict.FAIL),
        ("{}", Verdict.FAIL),
        ('{"seat": ["teal-41"]}', Verdict.FAIL),
    ],
    ids=by_value,
)
def test_strict(arguments: str, expected: Verdict) -> None:
    strict = calling(tooling.REQUIRED, call(tooling.RESERVE, arguments))
    case = tools_used.test_strict_arguments_keep_to_the_schema
    assert verdict(case, BOTH, NAMED, strict, claims=CLAIMS) is expected
    cut = calling(tooling.REQUIRED, call(tooling.RESERVE, arguments), finish="length")
    assert verdict(case, BOTH, NAMED, cut, claims=CLAIMS) is Verdict.INCONCLUSIVE
    loose = calling(tooling.TWO, call(arguments="{}"))
    assert verdict(case, loose, NAMED, strict, claims=CLAIMS) is Verdict.INCONCLUSIVE


def test_strict_that_is_refused_is_one_finding() -> None:
    strict = refused(tooling.REQUIRED)
    cases = (tools_used.test_strict_arguments_keep_to_the_schema, tools.test_required_tool_is_called)
    first, second = (verdict(case, BOTH, NAMED, strict, claims=CLAIMS) for case in cases)
    assert (first, second) == (Verdict.FAIL, Verdict.INCONCLUSIVE)


FIT = calling(tooling.NAMED, call(tooling.TIME), finish="stop")


@pytest.mark.parametrize(
    ("auto", "named", "expected", "see"),
    [
        (BOTH, FIT, Verdict.PASS, None),
        (calling(tooling.TWO, call(arguments="{}")), FIT, Verdict.WARN, None),
        (BOTH, calling(tooling.NAMED, call(tooling.TIME, '{"city": 5}')), Verdict.WARN, None),
        (BOTH, calling(tooling.NAMED, call(tooling.TIME, "[]")), Verdict.WARN, None),
        (calling(tooling.TWO, call(), call(arguments='{"ci'), finish="length"), FIT, Verdict.PASS, None),
        (
            calling(tooling.TWO, call(arguments="{}"), call(arguments='{"ci'), finish="length"),
            FIT,
            Verdict.WARN,
            None,
        ),
        (calling(tooling.TWO, call(arguments='{"ci'), finish="length"), NONE, Verdict.NOT_APPLICABLE, None),
        (NONE, said(tooling.NAMED, "Sunny"), Verdict.NOT_APPLICABLE, None),
        (refused(tooling.TWO), FIT, Verdict.PASS, None),
    ],
    ids=by_value,
)
def test_arguments(auto: Exchange, named: Exchange, expected: Verdict, see: str | None) -> None:
    pair = auto, refused(tooling.NAMED) if named is NONE else named
    found = judgement(tools.test_arguments_match_the_schema, *pair, claims=CLAIMS)
    assert (found.verdict, found.see) == (expected, see)


@pytest.mark.parametrize(
    ("auto", "none", "expected"),
    [
        (BOTH, said(tooling.FORBIDDEN, "Sunny"), Verdict.PASS),
        (BOTH, calling(tooling.FORBIDDEN, call()), Verdict.FAIL),
        (calling(tooling.TWO, finish="length"), calling(tooling.FORBIDDEN, call()), Verdict.INCONCLUSIVE),
    ],
)
def test_forbidden_calls(auto: Exchange, none: Exchange, expected: Verdict) -> None:
    case = tools.test_no_tool_is_called_where_none_may_be
    assert verdict(case, auto, none, claims=CLAIMS) is expected


@pytest.mark.parametrize(
    ("single", "expected"),
    [
        (calling(tooling.ONE_AT_A_TIME, call()), Verdict.PASS),
        (calling(tooling.ONE_AT_A_TIME, call(), call(id="call_2")), Verdict.FAIL),
        (said(tooling.ONE_AT_A_TIME, "Sunny"), Verdict.PASS),
        (said(tooling.ONE_AT_A_TIME, "Sunny", finish="length"), Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_one_call_at_a_time(single: Exchange, expected: Verdict) -> None:
    case = tools.test_parallel_calls_can_be_switched_off
    assert verdict(case, BOTH, single, claims=CLAIMS) is expected


def test_ids_of_calls() -> None:
    case, other = tools.test_call_ids_are_unique, calling(tooling.NAMED, call(tooling.TIME, id="call_7"))
    unlike = calling(tooling.REQUIRED, call(tooling.RESERVE, id="call_8"))
    assert verdict(case, BOTH, other, unlike, claims=CLAIMS) is Verdict.PASS
    assert verdict(case, BOTH, other, FORCED, claims=CLAIMS) is Verdict.WARN
    assert verdict(case, BOTH, other, refused(tooling.REQUIRED), claims=CLAIMS) is Verdict.PASS
    twice = calling(tooling.TWO, call(), call())
    assert verdict(case, twice, other, refused(tooling.REQUIRED), claims=CLAIMS) is Verdict.PASS
    alone = refused(tooling.NAMED), said(tooling.REQUIRED, "OK")
    assert verdict(case, BOTH, *alone, claims=CLAIMS) is Verdict.INCONCLUSIVE


def uncounted(one: Exchange) -> Exchange:
    """The same answer without usage."""
    body = json.loads(one.last.body) | {"usage": None}
    return replace(one, attempts=(attempt(200, body),))


def test_results_that_nobody_counts() -> None:
    case, told = (
        tools_results.test_results_of_tools_are_used,
        said(tools_results.LOOP, "I do not know.", prompt=5),
    )
    costlier = said(tools_results.LOOP, "I do not know.", prompt=11)
    pairs = (uncounted(BOTH), told), (BOTH, uncounted(told)), (refused(tooling.TWO), told), (BOTH, costlier)
    for before, after in pairs:
        found = judgement(case, before, after, claims=CLAIMS)
        assert (found.verdict, found.see) == (Verdict.INCONCLUSIVE, None)


def given(probe: Probe, **members: Any) -> Exchange:
    """An answer whose message has these members."""
    body = completion("1 2")
    body["choices"][0]["message"] |= members
    return exchange(probe, attempt(200, body))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (given(COUNT), Verdict.PASS),
        (given(COUNT, tool_calls=None), Verdict.PASS),
        (given(COUNT, tool_calls=[]), Verdict.WARN),
        (given(COUNT, tool_calls=[call()]), Verdict.FAIL),
        (given(tooling.TWO, tool_calls=[call()]), Verdict.NOT_APPLICABLE),
        (given(COUNT | setting(functions=[]), tool_calls=[call()]), Verdict.FAIL),
        (given(COUNT | setting(functions=[{}]), tool_calls=[call()]), Verdict.NOT_APPLICABLE),
        (replace(STREAM, request=exchange(COUNT_STREAM).request), Verdict.FAIL),
        (exchange(COUNT, attempt(200, completion())), Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_calls_of_nothing(answer: Exchange, expected: Verdict) -> None:
    assert verdict(tools_used.test_nothing_is_called_without_tools, answer, claims=CLAIMS) is expected
