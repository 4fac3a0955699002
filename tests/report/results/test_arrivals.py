from __future__ import annotations

from conformance.contracts.chat.reading.telling import tells
from conformance.report.results.arrivals import MOST, arrivals
from conformance.wire.record import Attempt
from tests.report.making import stream


def _attempt(*chunks: tuple[float, bytes]) -> Attempt:
    return Attempt(0.0, 9.0, 200, "HTTP/2", (("content-type", "text/event-stream"),), chunks)


def test_pieces_that_come_within_ten_milliseconds_are_one_moment() -> None:
    first, second, third = (stream([word], done=False) for word in ("Alfa", "Bravo", "Charlie"))
    found = arrivals(_attempt((0.2511, first), (0.2589, second), (0.61, third)), tells)
    assert found == ((0.25, len(first + second), 2), (0.61, len(third), 1))


def test_only_events_with_something_to_show_count() -> None:
    role = b'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n'
    text = b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n'
    call = b'data: {"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}\n\n'
    noise = b': ping\n\ndata: {"choices":[]}\n\ndata: {"delta"\n\ndata: [DONE]\n\n'
    odd = b'data: {"choices":{"delta":1}}\n\ndata: {"choices":["delta"]}\n\n'
    found = arrivals(_attempt((0.1, role + text), (0.2, call), (0.3, noise), (0.4, odd)), tells)
    assert [events for _, _, events in found] == [1, 1, 0, 0]


def test_a_long_stream_is_told_in_coarser_steps() -> None:
    found = arrivals(_attempt(*((n / 10, b": ping\n\n") for n in range(5000))), tells)
    assert 0 < len(found) <= MOST
    assert sum(size for _, size, _ in found) == 5000 * 8


def test_nothing_that_came_is_nothing() -> None:
    assert arrivals(_attempt(), tells) == ()
