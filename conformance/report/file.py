"""The file results.json: its format, how its text is read, and how a bad one is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

FORMAT = "openai-conformance-results/2"

FORMER = "openai-conformance-results/1"
"""The format before, which is still read: see `former`."""

NAME = "results.json"


class ResultsError(Exception):
    """results.json cannot be used. One line: the place, what is wrong, and the fix."""


def located(run: Path) -> Path:
    """The results.json that a user means by a path: that of a run's folder, or the file itself."""
    return run / NAME if run.is_dir() else run


def parsed(path: Path) -> dict[str, Any]:
    """The value in the file, of which only the format is known to be right: this one, or the one before.

    Raises ResultsError where it is missing, cut off, no JSON, or of another format.
    """
    value = _value(path)
    found = value.get("format") if isinstance(value, dict) else None
    if found not in (FORMAT, FORMER):
        reads = f"{FORMAT!r} and {FORMER!r}"
        refuse(path, "format", f"is {json.dumps(found)[:80]}, but this version reads {reads}")
    assert isinstance(value, dict)
    return value


def refuse(path: Path, place: str, wrong: str) -> NoReturn:
    """Refuses the file, with the fix that always works: the journal holds everything."""
    short = " ".join(wrong.split())
    short = short if len(short) <= 200 else short[:200] + "…"
    raise ResultsError(f"{path}: {place} {short}; make it again with `pytest --replay=journal.jsonl`")


def _value(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes(), parse_constant=_no_number)
    except OSError as error:
        raise ResultsError(f"{path}: {error.strerror}; name the results.json of a run") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        refuse(path, place, f"is not JSON, perhaps cut off ({error.msg})")
    except (ValueError, RecursionError) as error:
        refuse(path, "the file", f"is not JSON ({error})")


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
