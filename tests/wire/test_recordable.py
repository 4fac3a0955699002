"""What is recorded of an attempt is redacted before it is cut: nothing is left of a key at the cut."""

from __future__ import annotations

import pytest

from conformance.wire.record import Attempt, Failure
from conformance.wire.redact import MARK, Redactor
from conformance.wire.redact.recordable import KEPT, LONGEST_MESSAGE, recordable

KEY = "sk-live-Ab3/xY+9zQ_7w.Kd5=mN2pR8tV4"


def recorded(
    body: bytes = b"", kind: str = "", message: str = "", headers: tuple[tuple[str, str], ...] = ()
) -> Attempt:
    failure = Failure(kind, message) if kind else None
    chunks = tuple((float(at), body[at : at + 1000]) for at in range(0, len(body), 1000))
    return recordable(Attempt(1.0, 2.0, 200, "HTTP/1.1", headers, chunks, failure), Redactor([KEY]))


@pytest.mark.parametrize("kind", ["too-large", "runaway"])
@pytest.mark.parametrize("shown", range(1, len(KEY), 3))
def test_a_key_at_the_end_of_what_is_kept_of_a_body_is_gone(kind: str, shown: int) -> None:
    body = b"y" * (KEPT - shown) + KEY.encode() + b"z" * 40_000
    kept = recorded(body, kind).body
    assert kept == (b"y" * (KEPT - shown) + MARK.encode() + b"z" * KEPT)[:KEPT]


def test_a_key_whose_end_never_came_is_gone() -> None:
    assert recorded(b"It was " + KEY[:-4].encode(), "reset").body == b"It was " + MARK.encode()


def test_all_is_kept_of_a_body_within_bounds() -> None:
    body = b"y" * 2 * KEPT
    assert recorded(body).body == body
    assert recorded(body, "incomplete").body == body


@pytest.mark.parametrize("before", range(LONGEST_MESSAGE - len(KEY), LONGEST_MESSAGE + 5, 4))
def test_a_key_at_the_end_of_what_is_kept_of_a_message_is_gone(before: int) -> None:
    failure = recorded(kind="protocol", message="y" * before + KEY + "z").failure
    assert failure is not None
    assert failure.message == ("y" * before + MARK + "z")[:LONGEST_MESSAGE]


def test_a_message_can_be_shown_on_a_terminal() -> None:
    failure = recorded(kind="protocol", message="illegal \x1b[2J " + KEY).failure
    assert failure is not None
    assert failure.message == rf"illegal \x1b[2J {MARK}"


def test_headers_are_searched_by_name_and_by_value() -> None:
    headers = (("X-Echo", f"key={KEY}"), (KEY[8:], "1"), ("X-Request-Id", "req_1"))
    assert recorded(headers=headers).headers == (
        ("X-Echo", f"key={MARK}"),
        (MARK, "1"),
        ("X-Request-Id", "req_1"),
    )


def test_what_has_no_key_stays_as_it_is() -> None:
    attempt = Attempt(1.0, 2.0, 200, "HTTP/1.1", (("A", "b"),), ((1.0, b"{}"),), Failure("cut", "on purpose"))
    assert recordable(attempt, Redactor([KEY])) == attempt
