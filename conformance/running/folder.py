"""The folder of a run: its name, one run in it at a time, and an earlier run in it moved aside."""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from conformance.provider.model import Target

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

JOURNAL = "journal.jsonl"
RESULTS = "results.json"
REPORT = "report.html"
LOG = "run.html"
SUMMARY = "summary.md"
JUNIT = "junit.xml"

LOCK = ".lock"
"""Locked while a run writes to the folder, and gone after it. The lock ends when its process does."""

_TIME = "%Y%m%dT%H%M%SZ"

_BUSY = (errno.EAGAIN, errno.EACCES)
_NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EBADF)
"""What file systems answer that know no locks; EBADF is that of some network file systems."""

_GONE = (errno.ENOENT, errno.ESTALE)
"""What a file is for whoever had opened it, when another process has deleted it; ESTALE on NFS."""

_TRIES = 100


class BusyError(Exception):
    """Another run writes to the folder. One line that names both, and what to do."""


class Claim:
    """A folder that no other run writes to until this one leaves it.

    The folder is made. Where nothing was written into it by the end, it is gone again. `unlocked` says why no
    other run is kept away, on a file system that has no locks.
    """

    def __init__(self, folder: Path, *, new: bool = False) -> None:
        """With `new`, the folder gets a number where there is one of that name.

        Raises OSError where it cannot be written to, and BusyError.
        """
        self.folder = folder
        self.unlocked = ""
        self._lock = -1
        self._made: list[Path] = []
        try:
            number = 1
            while not self._is_made(new=new):
                number += 1
                self.folder = folder.with_name(f"{folder.name}-{number}")
            for _ in range(_TRIES):
                if self._is_locked():
                    return
                self._is_made(new=False)  # who had it locked had made it, too, and took it away
            self.unlocked = "the lock does not stay where it is put"
        except BaseException:
            self.leave()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def leave(self) -> None:
        """Lets other runs in."""
        if self._lock >= 0:
            with suppress(OSError):
                (self.folder / LOCK).unlink()  # before it is unlocked: after that it may be another's
            os.close(self._lock)
            self._lock = -1
        for folder in self._made:
            with suppress(OSError):
                folder.rmdir()

    def _is_made(self, *, new: bool) -> bool:
        """Makes the folder; false where it is there, and was to be new."""
        self._made = [one for one in (self.folder, *self.folder.parents) if not one.exists()]
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            self.folder.mkdir(exist_ok=not new)
        except FileExistsError:
            if new:
                return False
            raise
        return True

    def _is_locked(self) -> bool:
        """Locks the file; false where whoever had it before has deleted it meanwhile."""
        path, file = self.folder / LOCK, -1
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            self._keep_others_out(file)
            if not os.path.samestat(os.fstat(file), path.stat()):
                return False
            self._lock, file = file, -1
        except OSError as error:
            if error.errno not in _GONE:
                raise
            return False
        finally:
            if file >= 0:
                os.close(file)
        self._sign()
        return True

    def _keep_others_out(self, file: int) -> None:
        if fcntl is None:
            self.unlocked = "this system has no locks"
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _BUSY:
                raise BusyError(
                    f"{self.folder}: another run writes here{_signature(file)}; "
                    "wait for it, or choose another folder"
                ) from None
            if error.errno not in _NO_LOCKS:
                raise
            self.unlocked = error.strerror or "its file system has no locks"

    def _sign(self) -> None:
        with suppress(OSError):  # on a full disk the lock is as good without a name
            os.ftruncate(self._lock, 0)
            os.write(
                self._lock, f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC".encode()
            )


def _signature(file: int) -> str:
    with suppress(OSError):
        os.lseek(file, 0, os.SEEK_SET)
        words = os.read(file, 100).decode("ascii", "replace")
        return f" ({words})" if words.isprintable() and words else ""
    return ""


def set_aside(folder: Path, own: Path | None, *, records: bool = True) -> Path | None:
    """Moves the files of an earlier run into a folder within, and returns that.

    None where there is none, or it is the run of the journal `own`. Who `records` nothing leaves a report
    without a journal in its place, to be replaced. Raises OSError.
    """
    journal = folder / JOURNAL
    if own is not None and journal.exists() and journal.samefile(own):
        return None
    if not journal.exists() and not (records and (folder / RESULTS).exists()):
        return None
    # The journal last: where this is cut short, what is left here is still a run, and is put to the rest.
    names = [name for name in (RESULTS, REPORT, LOG, SUMMARY, JUNIT, JOURNAL) if (folder / name).exists()]
    started, number = _started(journal if journal.exists() else folder / RESULTS), 1
    aside = folder / started
    while any((aside / name).exists() for name in names):
        number += 1
        aside = folder / f"{started}-{number}"
    aside.mkdir(exist_ok=True)
    for name in names:
        (folder / name).rename(aside / name)
    return aside


def _started(file: Path) -> str:
    """When the run of this file began; when the file was written, where it does not say."""
    with suppress(ValueError, KeyError, TypeError, RecursionError), file.open("rb") as opened:
        first = opened.readline() if file.name == JOURNAL else opened.read()
        return datetime.fromisoformat(json.loads(first)["started"]).astimezone(UTC).strftime(_TIME)
    return datetime.fromtimestamp(file.stat().st_mtime, UTC).strftime(_TIME)


def folder_for(targets: Iterable[Target], where: Path, now: datetime) -> Path:
    """`<UTC time>-<provider, or N-providers>`."""
    names = sorted({target.provider.name for target in targets})
    label = re.sub(r"[^\w.-]+", "-", names[0]) if len(names) == 1 else f"{len(names)}-providers"
    return where / f"{now:{_TIME}}-{label}"


def point_latest(folder: Path) -> None:
    """Makes `latest` beside the folder point at it; where links are not to be had, it stays away."""
    link = folder.parent / "latest"
    temporary = folder.parent / f".latest-{os.getpid()}"
    try:
        temporary.symlink_to(folder.name, target_is_directory=True)
        temporary.replace(link)
    except OSError:
        temporary.unlink(missing_ok=True)
