"""The journal: a JSONL file of exchanges that only grows, enough to judge a run again without a request.

The first line says what the file is about; every further line is one exchange, written when it ended. Where a
run is resumed, a line says again what it is about, and the exchanges that are made now follow. One that
has the id and the probe of an earlier one takes its place; the earlier one stays in the file.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

from conformance import DEFAULT, __version__
from conformance.wire.record import LATEST, Attempt, Exchange, Failure, Request, TargetId, Unseen

FORMAT = "openai-conformance-journal/2"

FORMER = "openai-conformance-journal/1"
"""The format before there were several contracts, which is still read."""

_HEADER = b'{"format":'
"""How each line begins that says what the file is about."""


class JournalError(Exception):
    """The file is no journal, or a journal that this version cannot read. The message names the place."""


@dataclass(frozen=True, slots=True)
class Journal:
    """What a journal says, without what a later line takes the place of.

    `damaged` tells, line by line, what could not be read, and was not asked again since. `nonce` is the
    random word of its requests. `requirements` are those that were selected; empty: all. `tier` is how much
    was asked. `providers` are entries of providers.yaml by name, as whoever made the journal wrote them.
    """

    started: str
    targets: tuple[tuple[TargetId, str], ...]
    exchanges: tuple[Exchange, ...]
    damaged: tuple[str, ...] = ()
    nonce: str = ""
    requirements: tuple[str, ...] = ()
    tier: str = "full"
    providers: Mapping[str, Any] = field(default_factory=dict)
    path: Path | None = field(default=None, compare=False)


class Writer:
    """Appends exchanges to a journal, each at once, so that an interrupted run loses nothing that ended.

    A new journal takes the place of a file of that name as a whole. With `after`, it begins with every line
    of that journal, which is the file itself where a run is resumed in its own folder. `part` says that
    less is asked now than the run is about, so that what was damaged before may still be missing.
    """

    def __init__(
        self,
        path: Path,
        started: str,
        targets: Iterable[tuple[TargetId, str]],
        *,
        nonce: str = "",
        requirements: Iterable[str] = (),
        tier: str = "full",
        providers: Mapping[str, Any] = MappingProxyType({}),
        after: Path | None = None,
        part: bool = False,
    ) -> None:
        header = {"format": FORMAT, "suite": __version__, "started": started}
        asked = {
            "targets": [[*at, url] for at, url in targets],
            "nonce": nonce,
            "requirements": [*requirements],
        }
        described = {"providers": dict(providers)} if providers else {}
        first = {**header, **asked, "tier": tier, **described, **({"part": True} if part else {})}
        here = after is not None and path.exists() and path.samefile(after)
        beside = path if here else path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            if after is None:
                beside.write_bytes(b"")
            elif not here:
                shutil.copyfile(after, beside)
            self._file = beside.open("a+b", buffering=0)
            try:
                self._end = self._file.seek(0, os.SEEK_END)
                self._file.seek(max(0, self._end - 1))
                torn = self._file.read(1) not in (b"", b"\n")
                self._line(first, b"\n" if torn else b"")
                if not here:
                    beside.replace(path)
            except OSError:
                self._file.close()
                raise
        except OSError:
            if not here:
                beside.unlink(missing_ok=True)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the journal. Raises OSError where what was written cannot be kept."""
        if self._file.closed:
            return
        try:
            os.fsync(self._file.fileno())
        finally:
            self._file.close()

    def write(self, exchange: Exchange) -> None:
        """Appends one exchange, whole or not at all. Raises OSError."""
        record = _fields(exchange)
        if not exchange.unseen:
            del record["unseen"]
        record["request"] = _fields(exchange.request)
        record["attempts"] = list(map(_attempt_fields, exchange.attempts))
        self._line(record)

    def _line(self, value: Mapping[str, Any], before: bytes = b"") -> None:
        # ASCII only: U+2028 and its like cannot break a line, whatever reads the file.
        text = before + json.dumps(value, separators=(",", ":")).encode("ascii") + b"\n"
        left = memoryview(text)
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError:
            with suppress(OSError):
                self._file.truncate(self._end)  # half a line is worth nothing, and could not be kept apart
            raise
        self._end += len(text)


def read(path: Path) -> Journal:
    """Reads a journal. A line that is cut off or damaged is skipped and named.

    Raises JournalError when the file is missing, is no journal, or is one of another version.
    """
    try:
        with path.open("rb") as file:
            lines = list(file)
    except OSError as error:
        raise JournalError(f"{path}: cannot read the journal: {error.strerror}") from None
    header = _header(path, 1, lines[0] if lines else b"")
    gone = superseded(lines) if any(map(is_header, lines[1:])) else frozenset()
    exchanges, damaged = [], []
    for number, line in enumerate(lines[1:], 2):
        if number in gone:
            continue
        try:
            if is_header(line):
                header = _header(path, number, line)
            else:
                exchanges.append(exchange(line))
        except (ValueError, JournalError):
            damaged.append(f"{path}:{number}: not a whole exchange; it is left out")
    return Journal(
        started=header["started"],
        targets=targets_of(header),
        exchanges=tuple(exchanges),
        damaged=tuple(damaged),
        nonce=str(header.get("nonce", "")),
        requirements=tuple(map(str, header.get("requirements", ()))),
        tier=str(header.get("tier", "full")),
        providers=header.get("providers", {}),
        path=path,
    )


def targets_of(header: Mapping[str, Any]) -> tuple[tuple[TargetId, str], ...]:
    """Whom a journal asked, and where. Raises ValueError, KeyError or TypeError where it does not say so."""
    rows = [tuple(map(str, row)) for row in header["targets"]]
    if header["format"] == FORMER:
        return tuple((TargetId(provider, DEFAULT, model), url) for provider, model, url in rows)
    return tuple((TargetId(provider, contract, model), url) for provider, contract, model, url in rows)


def is_header(line: bytes) -> bool:
    """Whether a line says what the journal is about."""
    return line.startswith(_HEADER)


def superseded(lines: Iterable[bytes]) -> frozenset[int]:
    """The numbers of the lines in a journal that say nothing any more.

    They hold exchanges that were made again, what was damaged before the whole run was planned anew, and what
    the journal was about before a later line says it again.
    """
    gone: set[int] = set()
    damaged: set[int] = set()
    about = 0
    last: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(lines, 1):
        try:
            if is_header(line):
                if not json.loads(line).get("part"):
                    gone |= damaged
                if about:
                    gone.add(about)
                about = number
                continue
            one = exchange(line)
        except ValueError:
            damaged.add(number)
            continue
        same = (one.id, *one.at, one.key)
        if same in last:
            gone.add(last[same])
        last[same] = number
    return frozenset(gone)


def exchange(line: str | bytes) -> Exchange:
    """The exchange that a line of a journal holds. Raises ValueError where it is not a whole one."""
    try:
        return _exchange(json.loads(line))
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError("not a whole exchange") from error


def _header(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        header = json.loads(line)
        found = header["format"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise JournalError(
            f"{path}:{number}: not a journal; expected a file named journal.jsonl of a run"
        ) from None
    if found not in (FORMAT, FORMER):
        reads = f"this version reads {FORMAT!r} and {FORMER!r}"
        raise JournalError(f"{path}:{number}: the journal is {found!r:.60}; {reads}")
    try:
        started = datetime.fromisoformat(header["started"])
        dated = started.tzinfo is not None and 0 < started.timestamp() < LATEST
        whole = dated and bool(targets_of(header))
        whole = whole and isinstance(header.get("requirements", []), list)
        whole = whole and isinstance(header.get("providers", {}), dict)
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise JournalError(
            f"{path}:{number}: the first line does not say when the run started and whom it asked"
        )
    assert isinstance(header, dict)
    return header


def _fields(record: Exchange | Request | Attempt | Failure) -> dict[str, Any]:
    """The fields by name. dataclasses.asdict copies every tuple and string in there, ten times as slowly."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def _attempt_fields(attempt: Attempt) -> dict[str, Any]:
    record = _fields(attempt)
    for name in ("proxy", "written", "beside", "interrupted", "lag"):
        if not record[name]:
            del record[name]
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
        contract=str(record.get("contract", DEFAULT)),
    )


def _attempt(record: Any) -> Attempt:
    failure = record["failure"]
    return Attempt(
        started=_seconds(record["started"]),
        ended=_seconds(record["ended"]),
        status=None if record["status"] is None else _status(record["status"]),
        http_version=str(record["http_version"]),
        headers=_pairs(record["headers"]),
        chunks=tuple((_seconds(at), _decoded(data)) for at, data in record["chunks"]),
        failure=None if failure is None else Failure(str(failure["kind"]), str(failure["message"])),
        proxy=str(record.get("proxy", "")),
        written=int(record.get("written", 0)),
        beside=int(record.get("beside", 0)),
        interrupted=record.get("interrupted") is True,
        lag=_seconds(record.get("lag", 0.0)),
    )


def _status(value: Any) -> int:
    status = int(value)
    if not 0 <= status <= 999:
        raise ValueError(f"{status} is no status of HTTP")
    return status


def _seconds(value: Any) -> float:
    """A number of seconds that a date can be made of."""
    seconds = float(value)
    if not 0 <= seconds < LATEST:
        raise ValueError(f"{seconds} is no time")
    return seconds
