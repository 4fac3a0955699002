"""Ctrl-C and its like: the first ends the run early, and none keeps what is known from being reported."""

from __future__ import annotations

import errno
import os
import signal
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")
_DEFAULTS = (signal.default_int_handler, signal.SIG_DFL)


class Signals:
    """The signals that ask a process to end. `received` names the first that came."""

    def __init__(self) -> None:
        self.received = ""
        self._then: Callable[[], None] | None = None
        self._replaced: dict[signal.Signals, object] = {}

    def heed(self) -> None:
        """Handles them until `restore`; but for those that are ignored or have another handler."""
        if threading.current_thread() is not threading.main_thread():
            return
        for name in _ENDING:
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            if number is not None and (before := signal.getsignal(number)) in _DEFAULTS:
                signal.signal(number, self._on)
                self._replaced[number] = before

    def restore(self) -> None:
        """Leaves them to whoever had them."""
        while self._replaced:
            number, before = self._replaced.popitem()
            signal.signal(number, before)  # type: ignore[arg-type]

    @contextmanager
    def held(self, then: Callable[[], None]) -> Iterator[None]:
        """While it lasts, a signal calls `then`. Raises KeyboardInterrupt at the end where one came."""
        before, self._then = self._then, then
        try:
            yield
        finally:
            self._then = before
        if self.received:
            raise KeyboardInterrupt

    def hold(self) -> None:
        """From now on a signal ends nothing: what is left to do is short."""
        self._then = lambda: None

    def _on(self, number: int, _: FrameType | None) -> None:
        first = not self.received
        if first:
            self.received = signal.Signals(number).name
        if number == getattr(signal, "SIGHUP", None):
            _leave_the_terminal()
        if self._then is not None:
            self._then()
        elif first:
            raise KeyboardInterrupt


def _leave_the_terminal() -> None:
    """Has nothing written to a terminal that has gone, which would fail; pytest has copies of its own."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for file in range(64):
        with suppress(OSError):
            if file == nowhere or not stat.S_ISCHR(os.fstat(file).st_mode):
                continue
            try:
                os.write(file, b"")
            except OSError as error:
                if error.errno == errno.EIO:
                    os.dup2(nowhere, file)
    os.close(nowhere)
