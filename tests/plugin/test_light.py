"""What a run that sends nothing does without."""

from __future__ import annotations

import subprocess
import sys

from tests.plugin.suite import REPOSITORY, environment

HEAVY = {"anyio", "asyncio", "httpx2", "hypothesis", "jsonschema", "openai", "pydantic", "starlette"}

LIST = """
import sys, pytest
code = pytest.main(["--provider=reference", "--collect-only", "-q", "-p", "no:cacheprovider"])
print("code", int(code), "loaded", *{heavy}.intersection(sys.modules))
"""


def test_requirements_are_listed_without_what_takes_long_to_import() -> None:
    """From a clone, whose own tests use Hypothesis."""
    done = subprocess.run(
        [sys.executable, "-c", LIST.format(heavy=HEAVY)],
        cwd=REPOSITORY,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == "code 0 loaded", done.stdout[-2000:] + done.stderr
