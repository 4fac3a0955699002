"""While secrets are in use nobody is told, neither by the logs of libraries, nor by the traceback of a crash.

Libraries log what they receive, which may be a secret that a server sends back. pytest's `--showlocals` shows
the variables of every frame of an exception, and those that send a request hold the key.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from conformance.wire.redact import Redactor

T = TypeVar("T")


class Crash(Exception):
    """The suite failed while it was asking. The message is the traceback, without secrets."""


def discreetly(redactor: Redactor, call: Callable[[], T]) -> T:
    """Calls, and gives what comes of it.

    Raises Crash for any exception, and KeyboardInterrupt for itself: without the frames in which secrets are,
    and without the exception that came out of them.
    """
    crash, interrupted = "", False
    with _logging(redactor):
        try:
            return call()
        except KeyboardInterrupt:
            interrupted = True
        except Exception as error:
            crash = redactor.text("".join(traceback.format_exception(error)))
    # Outside of the handlers, or the frames would come along as the context of what is raised here.
    if interrupted:
        raise KeyboardInterrupt
    raise Crash(f"this is a defect of the suite; please report it:\n{crash}")


@contextmanager
def _logging(redactor: Redactor) -> Iterator[None]:
    make = logging.getLogRecordFactory()

    def discreet(*arguments: Any, **named: Any) -> logging.LogRecord:
        record = make(*arguments, **named)
        try:
            text = record.getMessage()
        except Exception:  # logging itself would only complain, and show the arguments
            text = str(record.msg)
        record.msg, record.args = redactor.text(text), ()
        if record.exc_info:
            record.exc_text = redactor.text("".join(traceback.format_exception(*record.exc_info)))
            record.exc_info = None
        return record

    logging.setLogRecordFactory(discreet)
    try:
        yield
    finally:
        logging.setLogRecordFactory(make)
