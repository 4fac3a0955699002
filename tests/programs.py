"""Programs for tests, on a PATH of their own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]


def programs(folder: Path, scripts: Mapping[str, str]) -> str:
    """Writes shell scripts into the folder, and returns a PATH that begins with it. `$PYTHON` is this one."""
    folder.mkdir(exist_ok=True)
    for name, script in scripts.items():
        path = folder / name
        path.write_text(f"#!/bin/sh\nPYTHON='{sys.executable}'\nexport PYTHONPATH='{REPOSITORY}'\n{script}\n")
        path.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


GH = 'exec "$PYTHON" -m tests.gh "$@"'
