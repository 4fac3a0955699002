"""While secrets are in use, logs and tracebacks say nothing of them."""

from __future__ import annotations

import logging
import traceback

import pytest

from conformance.asking.discretion import Crash, discreetly
from conformance.wire.redact import MARK, Redactor

KEY = "sk-live/abc+123="
LIBRARY = logging.getLogger("some.library")


def test_what_is_called_gives_what_it_gives() -> None:
    assert discreetly(Redactor([KEY]), lambda: 5) == 5


def test_logs_are_without_secrets_while_it_lasts(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def talk() -> None:
        LIBRARY.debug("sent %r to %s", [b"Bearer " + KEY.encode()], "them")
        LIBRARY.debug("this is %s, and no number: %d", KEY, "x")
        try:
            raise ValueError(KEY)
        except ValueError:
            LIBRARY.exception("failed")

    discreetly(Redactor([KEY]), talk)
    LIBRARY.debug("no longer %s", "in use")
    assert KEY not in caplog.text
    assert f"sent [b'Bearer {MARK}'] to them" in caplog.text
    assert f"ValueError: {MARK}" in caplog.text
    assert "no longer in use" in caplog.text


@pytest.mark.parametrize(
    ("error", "shown", "says"),
    [
        (RuntimeError(f"no {KEY}"), Crash, f"RuntimeError: no {MARK}"),
        (OSError(24, f"Too many open files: {KEY}"), Crash, f"Too many open files: {MARK}"),
        (KeyboardInterrupt(KEY), KeyboardInterrupt, "KeyboardInterrupt"),
    ],
)
def test_an_exception_brings_no_frame_along(
    error: BaseException, shown: type[BaseException], says: str
) -> None:
    def fail() -> None:
        secret = KEY
        raise error from ValueError(secret)

    with pytest.raises(shown) as caught:
        discreetly(Redactor([KEY]), fail)
    assert caught.value.__context__ is None
    frames = traceback.walk_tb(caught.tb)
    assert KEY not in repr([frame.f_locals for frame, _ in frames if frame.f_code is not fail.__code__][1:])
    assert says in "".join(traceback.format_exception(caught.value))
    assert KEY not in "".join(traceback.format_exception(caught.value))
