"""The journal: an append-only JSONL file of exchanges, enough to judge a run again without a request.

The first line says what the file is; every further line is one exchange, written when it ended.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from conformance import __version__
from conformance.exchange.record import Attempt, Exchange, Failure, Request, Unseen

FORMAT = "openai-conformance-journal/1"


class JournalError(Exception):
    """The file is no journal, or a journal that this version cannot read. The message names the place."""


@dataclass(frozen=True, slots=True)
class Journal:
    """What a journal says. `damaged` tells, line by line, what could not be read.

    `nonce` is the random word of its requests. `requirements` are those that were selected; empty: all.
    `tier` is how much was asked.
    """

    started: str
    targets: tuple[tuple[str, str, str], ...]
    exchanges: tuple[Exchange, ...]
    damaged: tuple[str, ...] = ()
    nonce: str = ""
    requirements: tuple[str, ...] = ()
    tier: str = "full"


class Writer:
    """Appends exchanges to a journal, each at once, so that an interrupted run loses nothing that ended.

    `kept` is what it begins with: a journal that is there already is replaced in one step by one with that.
    """

    def __init__(
        self,
        path: Path,
        started: str,
        targets: Iterable[tuple[str, str, str]],
        *,
        nonce: str = "",
        requirements: Iterable[str] = (),
        tier: str = "full",
        kept: Iterable[Exchange] = (),
    ) -> None:
        beside = path.with_name(f".{path.name}-{os.getpid()}")
        self._file = beside.open("wb", buffering=0)
        try:
            header = {"format": FORMAT, "suite": __version__, "started": started}
            asked = {"targets": [*map(list, targets)], "nonce": nonce, "requirements": [*requirements]}
            self._line({**header, **asked, "tier": tier})
            for exchange in kept:
                self.write(exchange)
            beside.replace(path)
        except OSError:
            self._file.close()
            beside.unlink(missing_ok=True)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, exchange: Exchange) -> None:
        """Appends one exchange."""
        record = _fields(exchange)
        if not exchange.unseen:
            del record["unseen"]
        record["request"] = _fields(exchange.request)
        record["attempts"] = list(map(_attempt_fields, exchange.attempts))
        self._line(record)

    def _line(self, value: Mapping[str, Any]) -> None:
        # ASCII only: U+2028 and its like cannot break a line, whatever reads the file.
        line = memoryview(json.dumps(value, separators=(",", ":")).encode("ascii") + b"\n")
        while line:
            line = line[self._file.write(line) :]


def read(path: Path) -> Journal:
    """Reads a journal. A line that is cut off or damaged is skipped and named.

    Raises JournalError when the file is missing, is no journal, or is one of another version.
    """
    try:
        with path.open(encoding="utf-8", errors="strict") as file:
            lines = list(enumerate(file, 1))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise JournalError(f"{path}: cannot read the journal: {reason}") from None
    header = _header(path, lines[0][1] if lines else "")
    exchanges, damaged = [], []
    for number, line in lines[1:]:
        try:
            exchanges.append(exchange(line))
        except ValueError:
            damaged.append(f"{path}:{number}: not a whole exchange; it is left out")
    return Journal(
        started=header["started"],
        targets=tuple((str(p), str(m), str(u)) for p, m, u in header["targets"]),
        exchanges=tuple(exchanges),
        damaged=tuple(damaged),
        nonce=str(header.get("nonce", "")),
        requirements=tuple(map(str, header.get("requirements", ()))),
        tier=str(header.get("tier", "full")),
    )


def exchange(line: str | bytes) -> Exchange:
    """The exchange that a line of a journal holds. Raises ValueError where it is not a whole one."""
    try:
        return _exchange(json.loads(line))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("not a whole exchange") from error


def _header(path: Path, line: str) -> dict[str, Any]:
    try:
        header = json.loads(line)
        found = header["format"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise JournalError(f"{path}:1: not a journal; expected a file named journal.jsonl of a run") from None
    if found != FORMAT:
        raise JournalError(f"{path}:1: the journal is {found!r:.60}; this version reads {FORMAT!r}")
    try:
        zone = datetime.fromisoformat(header["started"]).tzinfo
        targets = header["targets"]
        whole = zone is not None and targets and all(len(target) == 3 for target in targets)
        whole = whole and isinstance(header.get("requirements", []), list)
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise JournalError(f"{path}:1: the first line does not say when the run started and whom it asked")
    assert isinstance(header, dict)
    return header


def _fields(record: Exchange | Request | Attempt | Failure) -> dict[str, Any]:
    """The fields by name. dataclasses.asdict copies every tuple and string in there, ten times as slowly."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def _attempt_fields(attempt: Attempt) -> dict[str, Any]:
    record = _fields(attempt)
    if not attempt.proxy:
        del record["proxy"]
    record["chunks"] = [[at, _encoded(data)] for at, data in attempt.chunks]
    record["failure"] = None if attempt.failure is None else _fields(attempt.failure)
    return record


def _encoded(data: bytes) -> Any:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode("ascii")}


def _decoded(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8")
    return base64.b64decode(value["base64"], validate=True)


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(text)) for name, text in value)


def _exchange(record: Any) -> Exchange:
    request = record["request"]
    if not record["attempts"]:
        raise ValueError("an exchange without an attempt")
    return Exchange(
        id=str(record["id"]),
        provider=str(record["provider"]),
        model=str(record["model"]),
        probe=str(record["probe"]),
        key=str(record["key"]),
        request=Request(
            str(request["method"]), str(request["url"]), _pairs(request["headers"]), str(request["body"])
        ),
        attempts=tuple(map(_attempt, record["attempts"])),
        expects=str(record["expects"]),
        claims=tuple(map(str, record["claims"])),
        adapted=tuple(map(str, record.get("adapted", ()))),
        unseen=tuple(map(Unseen, record.get("unseen", ()))),
    )


def _attempt(record: Any) -> Attempt:
    failure = record["failure"]
    return Attempt(
        started=_seconds(record["started"]),
        ended=_seconds(record["ended"]),
        status=None if record["status"] is None else int(record["status"]),
        http_version=str(record["http_version"]),
        headers=_pairs(record["headers"]),
        chunks=tuple((_seconds(at), _decoded(data)) for at, data in record["chunks"]),
        failure=None if failure is None else Failure(str(failure["kind"]), str(failure["message"])),
        proxy=str(record.get("proxy", "")),
    )


def _seconds(value: Any) -> float:
    """A number of seconds that a date can be made of."""
    seconds = float(value)
    if not 0 <= seconds < 1e11:
        raise ValueError(f"{seconds} is no time")
    return seconds
