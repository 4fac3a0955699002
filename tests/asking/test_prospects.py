"""When nothing more is worth sending to a target."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.asking import prospects
from conformance.asking.change import to_be_refused
from conformance.asking.probe import Probe
from conformance.asking.prospects import IN_VAIN, Prospects
from conformance.contracts.chat.probes.ask import ask
from conformance.wire.record import Attempt
from tests.asking.wire import FINE, Wire, carry_out, failures, questions
from tests.contracts.chat.cases.recorded import attempt, exchange

STALLED = attempt(None, failure="timeout-first-byte")
ANSWER = ask("q", "q")
REFUSAL = ANSWER | to_be_refused


def after(*attempts: Attempt, probe: Probe = ANSWER) -> list[str | None]:
    """What is said after each exchange that ends like this."""
    one, said = Prospects(), []
    for last in attempts:
        one.note(exchange(probe, last))
        said.append(one.end)
    return said


@pytest.mark.parametrize(
    ("last", "why"),
    [
        (STALLED, f"{IN_VAIN} requests in a row came to nothing: it was timeout-first-byte"),
        (attempt(200, failure="silence"), f"{IN_VAIN} requests in a row came to nothing: it was silence"),
        (attempt(None, failure="connect"), f"{IN_VAIN} requests in a row came to nothing: it was connect"),
        (attempt(429), f'the provider says "not now" to everything: {IN_VAIN} requests in a row'),
        (attempt(503), f'the provider says "not now" to everything: {IN_VAIN} requests in a row'),
    ],
    ids=lambda value: value[-20:] if isinstance(value, str) else None,
)
def test_a_target_that_stops_answering_is_left_alone(last: Attempt, why: str) -> None:
    assert after(FINE, *[last] * IN_VAIN) == [None] * IN_VAIN + [why]


def test_one_answer_in_between_is_hope() -> None:
    assert not any(after(*[*[STALLED] * (IN_VAIN - 1), attempt(400)] * 3))


@pytest.mark.parametrize("last", [attempt(503), attempt(None, failure="protocol")])
def test_a_server_that_is_unable_to_refuse_is_asked_on(last: Attempt) -> None:
    assert not any(after(*[last] * 2 * IN_VAIN, probe=REFUSAL))
    assert after(*[STALLED] * IN_VAIN, probe=REFUSAL)[-1]


def test_what_was_not_asked_says_nothing() -> None:
    assert not any(after(*[attempt(None, failure="not-asked")] * 2 * IN_VAIN))


def test_too_many_bytes_in_all_are_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prospects, "KEPT_OF_A_TARGET", 2 * 2**20)
    big = attempt(200, b"x" * 2**20)
    assert after(big, big, FINE) == [None, None, "the answers so far hold more than 2 MiB in all"]


@pytest.mark.parametrize(
    ("body", "most"),
    [
        (b"x" * 20_000, 10),
        (b"\n" * 2_000, 2),
        (b"data: {}\r\n\r\n" * 500, 2),
        (b'data: {"choices": [{"index": 0, "delta": {"content": " word"}, "logprobs": null}]}\n\n' * 250, 8),
    ],
    ids=["one line", "blank lines", "short events", "events"],
)
def test_what_takes_more_memory_once_it_is_read_counts_more(
    monkeypatch: pytest.MonkeyPatch, body: bytes, most: int
) -> None:
    monkeypatch.setattr(prospects, "KEPT_OF_A_TARGET", 200_000)
    said = after(*[attempt(200, body)] * 11)
    assert said.index("the answers so far hold more than 0 MiB in all") == most


def test_many_pieces_count_more() -> None:
    pieces = replace(FINE, chunks=tuple((n / 1000, b"x") for n in range(prospects.KEPT_OF_A_TARGET // 15)))
    assert after(pieces, pieces)[-1]


def test_long_answers_that_were_under_way_when_there_was_room_no_more_are_dropped() -> None:
    long = attempt(200, b"x" * 4 * 2**20)
    found = carry_out(Wire(lambda name, time: FINE if name == "0" else long), *questions(40), concurrency=16)
    kept = sum(one.last.size for one in found)
    assert prospects.KEPT_OF_A_TARGET < kept <= prospects.KEPT_OF_A_TARGET + 4 * 2**20
    kinds = [one.last.failure.kind for one in found if one.last.failure is not None]
    assert (kinds.count("ended"), kinds.count("not-asked")) == (13, 23)
    assert failures(found) == {"the answers so far hold more than 10 MiB in all"}


def test_what_waits_for_its_turn_is_not_sent_any_more() -> None:
    wire = Wire(lambda name, time: FINE if name == "0" else STALLED)
    found = carry_out(wire, *questions(40), concurrency=2)
    assert len(wire.sent) <= IN_VAIN + 2
    assert len(found) == 40
    assert any(message.startswith(f"{IN_VAIN} requests in a row") for message in failures(found))
