"""When a request is sent again, and how long the wait is."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.asking import retry
from conformance.asking.budget import Exhausted
from conformance.wire.record import Attempt, Failure
from conformance.wire.redact.recordable import KEPT
from tests.clock import Clock
from tests.ids import by_value

NEW_YEAR = 1_767_225_600.0  # 2026


def attempt(status: int | None = 200, failure: str | None = None, **headers: str) -> Attempt:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Attempt(
        NEW_YEAR - 0.1, 0.1, status, "HTTP/1.1", pairs, (), Failure(failure, "") if failure else None
    )


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry_After": "7"}, 7.0),
        ({"Retry_After": "0"}, 0.0),
        ({"Retry_After": "1.5"}, 1.5),
        ({"Retry_After": "-3"}, 0.0),
        ({"Retry_After": "Thu, 01 Jan 2026 00:00:09 GMT"}, 9.0),
        ({"Retry_After": "Wed, 31 Dec 2025 00:00:00 GMT"}, 0.0),
        ({"Retry_After": "Thu, 01 Jan 2026 00:00:09 GMT", "Date": "Thu, 01 Jan 2026 00:00:07 GMT"}, 2.0),
        ({"Retry_After": "Fri, 02 Jan 2026 00:00:05 GMT", "Date": "Fri, 02 Jan 2026 00:00:00 GMT"}, 5.0),
        ({"Retry_After": "Thu, 01 Jan 2026 00:00:09 GMT", "Date": "yesterday"}, 9.0),
        ({"Retry_After": "soon"}, None),
        ({"Retry_After": "Thu, 01 Jan 99999999999999999999 00:00:00 GMT"}, None),
        ({"Retry_After": "NaN"}, None),
        ({"Retry_After": "Infinity"}, None),
        ({"Retry_After": f"1{'0' * 310}"}, None),
        ({"Retry_After": "1e308"}, 1e308),
        ({"Retry_After": "-0.0"}, 0.0),
        ({"Retry_After": "7", "retry_after_ms": "nan"}, 7.0),
        ({"Retry_After": "7", "retry_after_ms": "250"}, 0.25),
        ({"Retry_After": "7", "retry_after_ms": "x"}, 7.0),
        ({}, None),
    ],
    ids=by_value,
)
def test_the_forms_of_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry.retry_after(attempt(429, **headers)) == seconds


WORDS = st.sampled_from(
    [
        *("Wed,", "01", "31", "0", "-1", "9999", "10000", "0001", "99999999999", "9" * 5000, f"1{'0' * 310}"),
        *("Jan", "Dec", "23:59:59", "25:61:61", "1:2:3:4", "-1:-1:-1", "12.34.56.78", "GMT", "-2359"),
        *("+9999", "+99999", f"+{'9' * 400}", "1e308", "nan", "-inf", "1_0", "(", '"', "\x00", "\u0661"),
    ]
)


@given(st.one_of(st.lists(WORDS, max_size=8).map(" ".join), st.text(max_size=40)))
def test_whatever_a_date_is_said_to_be_the_wait_is_a_number_or_unknown(text: str) -> None:
    for headers in ({"Retry_After": text}, {"Retry_After": text, "Date": text}, {"retry_after_ms": text}):
        one = attempt(429, **headers)
        seconds = retry.retry_after(one)
        assert seconds is None or (0 <= seconds < math.inf)
        assert one.clock.timestamp() > -1e11


def test_of_a_long_answer_that_another_follows_the_beginning_is_kept() -> None:
    long = replace(attempt(503), chunks=((0.1, b"x" * 10**6), (0.2, b"y")))
    short = replace(attempt(503), chunks=((0.1, b"x" * 999),))
    given = iter([long, short, attempt()])
    seen: list[int] = []

    async def send(made: Sequence[Attempt]) -> Attempt:
        seen.append(sum(one.size for one in made))
        return next(given)

    async def pause(seconds: float) -> None:
        pass

    made = asyncio.run(retry.attempts(send, pause=pause))
    assert [one.size for one in made] == [KEPT, 999, 0]
    assert seen == [0, KEPT, KEPT + 999]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504], ids=by_value)
def test_not_now_is_tried_again(status: int) -> None:
    assert retry.worth_another_try(attempt(status))


@pytest.mark.parametrize("status", [200, 400, 401, 404, 422, 501], ids=by_value)
def test_an_answer_is_not(status: int) -> None:
    assert not retry.worth_another_try(attempt(status))


@pytest.mark.parametrize(
    "kind", ["dns", "tls", "silence", "timeout", "too-large", "held-open", "cut"], ids=by_value
)
def test_what_will_not_get_better_is_not(kind: str) -> None:
    assert not retry.worth_another_try(attempt(None if kind in ("dns", "tls") else 200, kind))


def made(
    *script: Attempt, allowed: int = 99, patient: bool = True, to_be_refused: bool = False
) -> tuple[Attempt, ...]:
    """The attempts that are made when the server answers so; the last answer repeats."""
    answers = list(script)

    async def send(before: Sequence[Attempt]) -> Attempt:
        if len(before) > allowed:
            raise Exhausted("no more")
        return answers.pop(0) if len(answers) > 1 else answers[0]

    return asyncio.run(retry.attempts(send, patient=patient, to_be_refused=to_be_refused))


AT_ONCE = {"retry_after_ms": "0"}


def test_success_is_asked_once() -> None:
    assert len(made(attempt(200))) == 1


def test_recovery_keeps_every_attempt() -> None:
    found = made(attempt(429, **AT_ONCE), attempt(503, **AT_ONCE), attempt(200))
    assert [one.status for one in found] == [429, 503, 200]


def test_patience_ends() -> None:
    assert len(made(attempt(503, **AT_ONCE))) == retry.ATTEMPTS


def test_a_wait_beyond_patience_is_not_begun() -> None:
    assert len(made(attempt(429, Retry_After="86400"))) == 1


def test_a_broken_answer_is_asked_for_once_more_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: 0.0)
    assert len(made(attempt(200, "incomplete"))) == 2
    assert [one.failure is None for one in made(attempt(200, "reset"), attempt(200))] == [False, True]


def test_a_failure_of_the_server_is_asked_for_once_more_only() -> None:
    assert [one.status for one in made(attempt(500, **AT_ONCE), attempt(200))] == [500, 200]
    assert [one.status for one in made(attempt(500, **AT_ONCE))] == [500, 500]
    once = made(attempt(500, **AT_ONCE), attempt(503, **AT_ONCE), attempt(500, **AT_ONCE), attempt(200))
    assert [one.status for one in once] == [500, 503, 500]


def test_what_was_attempted_stands_where_no_more_may_be_sent() -> None:
    assert len(made(attempt(503, **AT_ONCE), allowed=1)) == 2
    assert len(made(attempt(503, **AT_ONCE), allowed=0)) == 1
    with pytest.raises(Exhausted):
        made(attempt(503), allowed=-1)


def test_a_stale_connection_is_replaced_by_a_new_one_also_where_nothing_else_is_tried_again() -> None:
    told: list[bool] = []

    async def send(before: Sequence[Attempt]) -> Attempt:
        told.append(retry.is_stale(before))
        return attempt(503) if told[-1] else attempt(None, "stale")

    found = asyncio.run(retry.attempts(send, patient=False))
    assert [(one.status, one.failure is None) for one in found] == [(None, False), (503, True)]
    assert told == [False, True]


def test_what_was_lost_with_a_stale_connection_is_no_attempt() -> None:
    lost = attempt(None, "stale")
    limited = [attempt(429, **AT_ONCE)] * (retry.ATTEMPTS - 1)
    assert [one.status for one in made(*limited, lost, attempt(200))] == [429, 429, 429, None, 200]
    found = made(lost, *limited, lost, attempt(503, **AT_ONCE))
    assert [one.status for one in found] == [None, 429, 429, 429, None, 503]


def test_it_ends_though_every_connection_is_lost() -> None:
    assert len(made(attempt(None, "stale"))) == 2


def test_what_was_asked_aside_is_not_tried_again() -> None:
    for answer in (attempt(503, **AT_ONCE), attempt(None, "protocol"), attempt(200, "reset")):
        assert len(made(answer, patient=False)) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_what_is_to_be_refused_is_tried_again_where_it_is_not_its_turn(status: int) -> None:
    found = made(attempt(status, **AT_ONCE), attempt(400), to_be_refused=True)
    assert [one.status for one in found] == [status, 400]


@pytest.mark.parametrize("lost", [attempt(500, **AT_ONCE), attempt(None, "protocol")], ids=["500", "nothing"])
def test_what_is_to_be_refused_may_itself_be_why_there_is_no_answer(
    lost: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: 0.0)
    assert len(made(lost, to_be_refused=True)) == 2


def test_a_slow_answer_uses_up_no_patience(clock: Clock) -> None:
    async def send(before: Sequence[Attempt]) -> Attempt:
        await asyncio.sleep(10 * retry.PATIENCE)
        return attempt(504, **AT_ONCE) if len(before) < 3 else attempt()

    assert [one.status for one in asyncio.run(retry.attempts(send))] == [504, 504, 504, 200]


def test_patience_is_for_the_waits_between_attempts(clock: Clock) -> None:
    minute = attempt(429, Retry_After="60")
    assert [one.status for one in made(minute, attempt())] == [429, 200]
    assert [one.status for one in made(attempt(429, Retry_After="31"))] == [429, 429]


def test_a_stale_connection_uses_up_the_budget_too() -> None:
    assert len(made(attempt(None, "stale"), allowed=0)) == 1
