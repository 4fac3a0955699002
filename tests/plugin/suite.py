"""Runs of pytest with the plugin, and what they came to."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conformance.judging.catalogue import catalogue
from conformance.reference import serving
from conformance.reference.chat.faults.fault import on_usage
from conformance.reference.fault import Fault
from conformance.wire import journal
from tests.raw_server import RawServer, Script, raw_server
from tests.report.valid import validate

CASES = catalogue()
KEY = "sk-live-0123/4567+89abcdef=="
REPOSITORY = Path(__file__).parents[2]
FILES = {"journal.jsonl", "junit.xml", "report.html", "results.json", "run.html", "summary.md"}

SUM, DETAILS = "usage.total-is-sum", "usage.details-within-parent"


@on_usage(SUM)
def one_too_many(usage: dict[str, Any], call: object) -> dict[str, Any]:
    """total_tokens is one more than the sum: a MUST is violated."""
    return {**usage, "total_tokens": usage["total_tokens"] + 1}


@on_usage(DETAILS)
def thinks_too_much(usage: dict[str, Any], call: object) -> dict[str, Any]:
    """More tokens of thought than tokens in all: a SHOULD is violated."""
    return {**usage, "completion_tokens_details": {"reasoning_tokens": 99_999}}


@dataclass(frozen=True)
class Outcome:
    """What a run came to: its exit code, all it printed, and its folder."""

    code: int
    text: str
    folder: Path

    @property
    def results(self) -> Any:
        """results.json."""
        return json.loads((self.folder / "results.json").read_text(encoding="utf-8"))

    @property
    def verdicts(self) -> Mapping[str, str]:
        """The verdicts by requirement."""
        return {one["requirement"]: one["verdict"] for one in self.results["judgements"]}

    @property
    def journal(self) -> journal.Journal:
        """journal.jsonl."""
        return journal.read(self.folder / "journal.jsonl")

    @property
    def sent(self) -> set[str]:
        """The probes that were sent."""
        return {one.probe for one in self.journal.exchanges if one.last.status is not None}

    @property
    def files(self) -> set[str]:
        """The names of the files of the run."""
        return {path.name for path in self.folder.iterdir()} if self.folder.exists() else set()


class Suite:
    """Runs pytest in a folder of its own, with the plugin and without any other that does not matter."""

    def __init__(self, pytester: pytest.Pytester, endpoint: str) -> None:
        self.pytester = pytester
        self.path = pytester.path
        self._endpoint = endpoint
        self._runs = 0

    def provider(self, url: str | None = None, **members: Any) -> None:
        """Describes acme in providers.yaml; JSON is YAML too."""
        entry = {
            "base_url": url or self._endpoint,
            "api_key": "${ACME_KEY}",
            "models": ["reference"],
            "claims": "openai",
            **members,
        }
        self.text(json.dumps({"providers": {"acme": entry}}))

    def text(self, text: str) -> None:
        """Writes providers.yaml."""
        (self.path / "providers.yaml").write_text(text, encoding="utf-8")

    def run(self, *arguments: str) -> Outcome:
        """Runs pytest with these arguments."""
        self._runs += 1
        folder = f"run{self._runs}"
        result = self.pytester.runpytest_inprocess(
            *("-p", "conformance.plugin", "-p", "no:hypothesispytest", "-p", "no:anyio"),
            f"--report-dir={folder}",
            *arguments,
        )
        text = "\n".join([*result.outlines, *result.errlines])
        assert "Traceback" not in text
        assert "INTERNALERROR" not in text
        done = Outcome(int(result.ret), text, self.path / folder)
        if "results.json" in done.files:
            validate(done.results)
        return done

    def acme(self, *arguments: str) -> Outcome:
        """Runs the suite against the provider described."""
        return self.run("--provider", "acme", *arguments)


def environment(**variables: str) -> dict[str, str]:
    """The environment of a run in a process of its own."""
    mine = {
        name: value
        for name, value in os.environ.items()
        if not re.search("(?i)proxy|KEY|^PYTEST|^GITHUB_", name)
    }
    return {**mine, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "", **variables}


def command(*arguments: str) -> list[str]:
    """pytest with the plugin, for a process of its own."""
    plugins = ("-p", "conformance.plugin", "-p", "no:hypothesispytest", "-p", "no:anyio")
    return [sys.executable, "-m", "pytest", *plugins, *arguments]


def raw(stack: ExitStack, *scripts: Script | Callable[[bytes], Script]) -> RawServer:
    """A server that follows these scripts while the stack lasts."""
    return stack.enter_context(raw_server(*scripts))


def faulty(stack: ExitStack, *faults: Fault) -> str:
    """A provider with these faults while the stack lasts."""
    return stack.enter_context(serving(KEY, pace=0.0, faults=faults))
