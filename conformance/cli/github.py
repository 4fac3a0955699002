"""GitHub, by its own command line client `gh`, which knows the repository and who may write to it."""

from __future__ import annotations

import json
import os
import subprocess

from conformance.cli.command import MistakeError
from conformance.report.across.issues import LABEL, Action, Issue, Step

_SECONDS = 120


def run_link() -> str:
    """The address of the run of GitHub Actions that this is; empty where it is none."""
    parts = [os.environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    server, repository, run = parts
    return f"{server}/{repository}/actions/runs/{run}" if all(parts) else ""


def open_issues() -> list[Issue]:
    """The open issues with the label."""
    listed = _gh(
        *("issue", "list", "--state", "open", "--label", LABEL, "--limit", "1000", "--json", "number,body")
    )
    try:
        return [Issue(int(one["number"]), str(one["body"])) for one in json.loads(listed)]
    except (ValueError, KeyError, TypeError):
        raise MistakeError("gh issue list printed something else than issues; is gh up to date?") from None


def take(step: Step) -> None:
    """Does one thing to an issue."""
    if step.action is Action.OPEN:
        _gh("issue", "create", "--title", step.title, "--label", LABEL, "--body-file", "-", text=step.body)
        return
    number = str(step.number)
    _gh("issue", "comment", number, "--body-file", "-", text=step.body)
    if step.action is Action.CLOSE:
        _gh("issue", "close", number)


def make_label() -> None:
    """Makes the label, where it is not there yet."""
    description = "A provider no longer satisfies a requirement that it satisfied"
    _gh("label", "create", LABEL, "--description", description, "--color", "b42318", "--force")


def _gh(*arguments: str, text: str = "") -> str:
    try:
        done = subprocess.run(  # noqa: S603 - a list of arguments, and no shell
            ["gh", *arguments],  # noqa: S607 - wherever the user has it
            input=text.encode("utf-8", "replace"),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise MistakeError(
            "gh is not installed (https://cli.github.com); --dry-run prints what would be done"
        ) from None
    except subprocess.TimeoutExpired:
        raise MistakeError(f"gh {' '.join(arguments[:2])} took more than {_SECONDS} s") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
        raise MistakeError(f"gh {' '.join(arguments[:2])} failed: {said[0][:300]}")
    return done.stdout.decode("utf-8", "replace")
