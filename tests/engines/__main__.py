"""python -m tests.engines install litellm    makes the environment of an engine
python -m tests.engines record litellm     runs the suite against it, and keeps what it sent
"""

from __future__ import annotations

import argparse
import gzip
import platform
import sys
import tempfile
from pathlib import Path

from conformance.running.folder import JOURNAL
from tests.engines.asked import ask, judgements, recording
from tests.engines.findings import recorded
from tests.engines.heavy import ENGINES, serving
from tests.engines.installing import install
from tests.engines.process import EngineError

MASK = "-"


def record(name: str, report: Path | None) -> None:
    """Runs the suite at an engine, writes its recording, and prints how the findings differ."""
    with tempfile.TemporaryDirectory() as temporary, serving(name) as access:
        run = ask(name, access, report or Path(temporary))
        text = (run.folder / JOURNAL).read_text(encoding="utf-8")
        run.write_reports()
    recording(name).write_bytes(gzip.compress(_anonymous(text).encode(), 9, mtime=0))
    for line in recorded(name).differences(judgements(run)):
        print(line)


def _anonymous(journal: str) -> str:
    """Without what tells of this machine. Lengths stay as they are: some are part of what is judged."""
    for private in (platform.platform(), tempfile.gettempdir()):
        journal = journal.replace(private, MASK * len(private))
    return journal


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.engines", description="Real engines that the suite is tested against."
    )
    parser.add_argument("action", choices=("install", "record"))
    parser.add_argument("engine", nargs="+", choices=ENGINES)
    parser.add_argument("--report-dir", type=Path, help="record: keep the report of the run here")
    options = parser.parse_args()
    try:
        for name in options.engine:
            if options.action == "install":
                print(f"{name}: {install(name)}")
            else:
                record(name, options.report_dir)
    except EngineError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
