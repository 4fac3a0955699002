"""Files that are replaced as a whole: a reader sees the old file or the new one, and never half of it."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path


def replace(path: Path, data: bytes) -> None:
    """Puts a file with these bytes in its place, with the permissions of the one that was there.

    Raises OSError, which names it. Then the old file is as it was, and nothing is left beside it.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            with suppress(FileNotFoundError):
                part.chmod(stat.S_IMODE(path.stat().st_mode))
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # or, after a loss of power, the name could stand for an empty file
        part.replace(path)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(path)
        raise
