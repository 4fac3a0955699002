"""What services state that they used, in the forms in which they were seen to state it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.asking.change import stream
from conformance.asking.spent import Doubt, Used
from conformance.contracts.chat.probes.named import COUNT
from conformance.contracts.chat.reading.statement import MOST, Statement, stated
from conformance.contracts.chat.reading.usage import used
from tests.contracts.chat.cases.recorded import attempt


def usage(prompt: Any, completion: Any, total: Any, **more: Any) -> dict[str, Any]:
    counts = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total}
    return {name: value for name, value in {**counts, **more}.items() if value is not None}


def thinking(tokens: int) -> dict[str, Any]:
    return {"completion_tokens_details": {"reasoning_tokens": tokens}}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(usage(10, 50, 60), Used(10, 50), id="OpenAI"),
        pytest.param(usage(10, 50, 60, **thinking(40)), Used(10, 50), id="OpenAI that reasons"),
        # https://github.com/vercel/ai/pull/12425
        pytest.param(usage(12, 1, 399, **thinking(386)), Used(12, 387), id="xAI"),
        # https://github.com/Wei-Shaw/sub2api/issues/5771
        pytest.param(usage(10120, 1499, 14428, **thinking(2809)), Used(10120, 4308), id="xAI at length"),
        # https://github.com/router-for-me/CLIProxyAPI/issues/5733
        pytest.param(usage(21, 0, 81, **thinking(60)), Used(21, 60), id="a gateway to Gemini"),
        pytest.param(usage(21, 9, 90), Used(21, 69), id="thoughts in the total alone"),
        # https://github.com/vercel/ai/pull/18614
        pytest.param(usage(951, 6000, 6952, **thinking(6001)), Used(951, 6001), id="Baseten"),
        pytest.param(usage(12, 2, 14, **thinking(317)), Used(12, 319), id="a total of what is visible"),
        pytest.param(usage(12, 2, None, **thinking(317)), Used(12, 319), id="thoughts and no total"),
        pytest.param(usage(12, 50, None, **thinking(40)), Used(12, 90), id="perhaps beside"),
        pytest.param(usage(12, 50, 62, reasoning_tokens=40), Used(12, 50), id="reasoning at the top"),
        # https://github.com/philschmid/easyllm/issues/40
        pytest.param(usage(7.25, 2.25, 9.5), Used(8, 3), id="characters divided by four"),
        pytest.param(usage("20", "30000", "30020"), Used(20, 30000), id="digits in quotes"),
        pytest.param(usage(20.0, 3e4, 30020.0), Used(20, 30000), id="floats"),
        pytest.param({"input_tokens": 9, "output_tokens": 4}, Used(9, 4), id="names of Anthropic's"),
        pytest.param(
            usage(None, None, 500), Used(COUNT.prompt_tokens, 500 - COUNT.prompt_tokens), id="total"
        ),
        pytest.param(usage(900, 10, 50), Used(900, 10), id="a total that is too small"),
    ],
)
def test_what_is_stated_is_taken_for_the_most_that_it_can_mean(given: dict[str, Any], expected: Used) -> None:
    found = used(COUNT, attempt(200, {"choices": [], "usage": given}))
    named = given.get("completion_tokens", given.get("output_tokens", 0))
    beside = expected.completion >= float(named) + 1
    assert (found, found.doubt) == (expected, Doubt.BESIDE if beside else None)


@pytest.mark.parametrize(
    "value",
    [10**12, 10**9, MOST + 1, 1e300, float("inf"), "9" * 20, "1e99"],
    ids=["10^12", "10^9", "a million and one", "a float", "infinity", "digits", "an exponent"],
)
def test_a_number_that_cannot_be_is_no_count_and_said_to_be_none(value: Any) -> None:
    assert stated(usage(value, value, value)) == Statement(absurd=True)
    assert stated(usage(7, value, 9)) == Statement(7, None, 9, absurd=True)
    assert stated(usage(7, 3, 10, **thinking(value))) == Statement(7, 3, 10, 3, absurd=True)


@pytest.mark.parametrize("value", [True, -1, -0.5, float("nan"), "many", "9" * 21, None, [], {}], ids=repr)
def test_what_is_no_number_states_nothing(value: Any) -> None:
    assert stated(usage(value, value, value)) == Statement()


def event(**members: Any) -> bytes:
    return b"data: " + json.dumps({"choices": [], **members}).encode() + b"\n\n"


@pytest.mark.parametrize(
    "events",
    [
        # https://github.com/router-for-me/CLIProxyAPI/issues/3076
        pytest.param(
            [event(usage=usage(0, 0, 0)), event(usage=usage(20, 900, 920))], id="zeros, then counts"
        ),
        pytest.param([event(usage=usage(20, 900, 920)), event(usage=usage(0, 0, 0))], id="zeros at the end"),
        pytest.param([event(usage=usage(20, n, 20 + n)) for n in (1, 900)], id="running counts"),
        # https://github.com/vercel/ai/issues/1651
        pytest.param([event(x_groq={"id": "req_1", "usage": usage(20, 900, 920)})], id="Groq"),
        # https://github.com/earendil-works/pi/issues/2017
        pytest.param(
            [event(choices=[{"index": 0, "delta": {}, "usage": usage(20, 900, 920)}])], id="Moonshot"
        ),
        pytest.param([event(usage=usage(20, 900, 920)), event(usage=None)] * 40, id="null afterwards"),
    ],
)
def test_the_highest_counts_of_a_stream_count_wherever_they_stand(events: list[bytes]) -> None:
    body = b"".join([*events, b"data: [DONE]\n\n"])
    assert used(COUNT | stream, attempt(200, body)) == Used(20, 900)
