"""What the tests of the plugin share."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from conformance.asking.asking import Access
from conformance.provider.load import embedded
from conformance.provider.model import Provider, Target
from conformance.reference import serving
from conformance.running.run import Run
from tests.plugin.suite import (
    CASES,
    KEY,
    Outcome,
    Suite,
    command,
    environment,
)


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A provider without faults that takes no time, and asks for KEY."""
    with serving(KEY, pace=0.0) as url:
        # What a run loads is loaded here. pytester forgets modules that are loaded within a run: the next
        # would load them again, and the HTTP client not know its own exceptions.
        target = Target(Provider("acme", url, ("reference",), embedded().claims), "reference")
        run = Run([target], tmp_path_factory.mktemp("first"), lambda _: Access(url, KEY))
        run.selected = {target: [CASES["envelope.id-present"], CASES["sdk.stream-iterates"]]}
        run.exchange(lambda *_: None)
        run.write_reports()
        yield url


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, endpoint: str) -> Suite:
    """Runs pytest against that provider, called acme, until it is told of another."""
    for name in list(os.environ):
        if re.search("(?i)proxy|_KEY$|^GITHUB_", name):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ACME_KEY", KEY)
    monkeypatch.setattr("random.uniform", lambda low, high: 0.0)  # the wait before a request is sent again
    made = Suite(pytester, endpoint)
    made.provider()
    return made


@pytest.fixture
def server() -> Iterator[ExitStack]:
    """A stack for servers that live as long as the test."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """One run of everything against the embedded provider, from a folder without providers.yaml."""
    here = tmp_path_factory.mktemp("whole")
    done = subprocess.run(
        command("--provider", "reference"),
        cwd=here,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return Outcome(done.returncode, done.stdout + done.stderr, here / "reports" / "latest")
