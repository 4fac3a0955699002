"""No shape of an answer makes a view do anything but show it, or say why it cannot."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from conformance.contracts.chat.probes.named import COUNT, COUNT_STREAM
from conformance.contracts.chat.reading.view import View
from conformance.contracts.hidden import CannotSee
from tests.contracts.chat.answers import of, plain, streamed
from tests.contracts.chat.cases.recorded import attempt, exchange

NAMES = """
    id object created model choices usage error message index delta finish_reason content role tool_calls
    prompt_tokens completion_tokens total_tokens completion_tokens_details reasoning_tokens reasoning
    function name arguments type logprobs token logprob top_logprobs
""".split()  # noqa: SIM905 - one to a line would be a page

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["stop", "assistant", "\ud800", "chat.completion"])
)
shapes = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=12,
)
MEMBERS = ("index", "message", "delta", "finish_reason", "logprobs")
choices = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(MEMBERS, shapes)), max_size=3)
bodies = shapes | st.fixed_dictionaries({"choices": choices}, optional={"usage": shapes, "error": shapes})

PROPERTIES = """
    request streamed last response status media_type whole refused served refusal_in_words named_parameter
    error document json documents objects choices text tool_calls logprobs finish_reason thinks usage_members
    has_usage usage stated_usage seconds out_of_room small_limit limit cut blamed legible error_text roots
    links thinks_aloud
""".split()  # noqa: SIM905
OF_STREAMS = ["stream", "payloads", "chunks", "tool_fragments", "pieces", "failed"]


def test_the_list_of_properties_is_complete() -> None:
    members = {name: value for kind in reversed(View.__mro__) for name, value in vars(kind).items()}
    public = {name for name, value in members.items() if not name.startswith("_") and not callable(value)}
    assert public == {*PROPERTIES, *OF_STREAMS, "id", "probe"}


def look_at_everything(view: View) -> None:
    for name in PROPERTIES + (OF_STREAMS if view.streamed else []):
        with contextlib.suppress(CannotSee):
            getattr(view, name)
    with contextlib.suppress(CannotSee):
        view.blames("stop")


@given(bodies, st.sampled_from([200, 204, 302, 400, 429, 500, 503]))
@example({"choices": [{"index": 10**400, "message": {"content": "x"}}]}, 200)
def test_no_json_value_surprises_a_reader(body: Any, status: int) -> None:
    data = json.dumps(body).encode()
    look_at_everything(plain(data, status))
    look_at_everything(of(COUNT_STREAM, attempt(status, data)))


@given(st.lists(bodies, max_size=4), st.sampled_from([b"", b"data: [DONE]\n\n", b"data: {\n\n", b"\xff"]))
def test_no_stream_of_json_values_surprises_a_reader(events: list[Any], done: bytes) -> None:
    look_at_everything(streamed(*events, done=done))


@given(st.binary(max_size=60))
def test_no_bytes_surprise_a_reader(data: bytes) -> None:
    look_at_everything(plain(data))
    look_at_everything(of(COUNT_STREAM, attempt(200, data)))
    look_at_everything(of(COUNT_STREAM, attempt(200, b"data: " + data + b"\n\n")))


def test_a_request_that_no_encoding_holds_is_read_all_the_same() -> None:
    recorded = exchange(COUNT, attempt(200))
    odd = replace(recorded, request=replace(recorded.request, body='{"a": "\ud800"}'))
    assert View(odd).request.keys() == {"a"}
