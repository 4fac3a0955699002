"""The summary of a run as the summary of a step of GitHub Actions."""

from __future__ import annotations

from pathlib import Path

VARIABLE = "GITHUB_STEP_SUMMARY"
"""Names the file that a step appends its summary to."""

LIMIT = 1024 * 1024
"""Bytes of that file. GitHub shows nothing at all of a longer one."""

_CUT = "\n… cut: GitHub shows no more of a step. The rest is in summary.md.\n"


def append(text: str, path: Path) -> None:
    """Appends the text, as many whole lines as there is room for. Raises OSError."""
    present = path.stat().st_size if path.exists() else 0
    data = text.encode("utf-8", "replace") + b"\n"
    room = LIMIT - present
    if len(data) > room:
        kept = data[: max(room - len(_CUT.encode()), 0)]
        data = kept[: kept.rfind(b"\n") + 1] + _CUT.encode()
    if len(data) <= room:
        with path.open("ab") as file:
            file.write(data)
