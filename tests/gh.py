"""A stand-in for GitHub's client `gh`, for tests: issues, and the artifacts of runs, in a folder.

It is run as a program, in the folder that $FAKE_GITHUB names:
  issues.json    the issues, open and closed
  runs/          the artifacts of the present run, by name
  history/       the artifact with the history, if there is one
  calls.jsonl    what it was called with
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any


def main() -> int:
    """Does what a call of gh does to the folder."""
    where, arguments = Path(os.environ["FAKE_GITHUB"]), sys.argv[1:]
    with (where / "calls.jsonl").open("a") as log:
        log.write(json.dumps(arguments) + "\n")
    file = where / "issues.json"
    issues: list[dict[str, Any]] = json.loads(file.read_text()) if file.exists() else []
    option = dict(pairwise(arguments))
    match arguments[:2]:
        case ["api", address] if "compatibility-history" in address:
            print(41 if (where / "history").exists() else "")
        case ["api", address] if "/artifacts" in address:
            print(len(list((where / "runs").iterdir())))
        case ["run", "download"]:
            source = where / ("history" if "--name" in option else "runs")
            shutil.copytree(source, option["--dir"], dirs_exist_ok=True)
        case ["label", "create"]:
            pass
        case ["issue", "list"]:
            print(json.dumps([one for one in issues if one["open"]]))
        case ["issue", "create"]:
            issues.append(
                {
                    "number": len(issues) + 1,
                    "title": option["--title"],
                    "body": sys.stdin.read(),
                    "open": True,
                }
            )
        case ["issue", "comment" | "close" as what]:
            (one,) = (one for one in issues if str(one["number"]) == arguments[2])
            one["open"] = what == "comment" and one["open"]
            if what == "comment":
                one.setdefault("comments", []).append(sys.stdin.read())
        case _:
            print("unknown command", file=sys.stderr)
            return 1
    file.write_text(json.dumps(issues))
    return 0


if __name__ == "__main__":
    sys.exit(main())
