"""What a run that sends nothing does without."""

from __future__ import annotations

import subprocess
import sys

from tests.plugin.suite import REPOSITORY, Outcome, environment

HEAVY = {"anyio", "asyncio", "httpx2", "hypothesis", "jsonschema", "openai", "pydantic", "starlette"}

LIST = """
import sys, pytest
code = pytest.main(["--provider=reference", "--collect-only", "-q", "-p", "no:cacheprovider"])
print("code", int(code), "loaded", *{heavy}.intersection(sys.modules))
"""

AGAIN = """
import sys, pytest
code = pytest.main(["--replay=reports/latest", "--report-dir=again", "-q", "-p", "no:hypothesispytest"])
print("code", int(code), "loaded", *{"openai", "jsonschema"}.intersection(sys.modules))
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


def test_a_run_is_judged_again_without_the_sdk_whose_replays_are_kept(whole: Outcome) -> None:
    """By the one that ended, in pytest's cache."""
    here = whole.folder.parents[1]
    done = subprocess.run(
        [sys.executable, "-c", AGAIN],
        cwd=here,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == "code 0 loaded", done.stdout[-2000:] + done.stderr
    again = Outcome(0, "", here / "again")
    assert again.results["judgements"] == whole.results["judgements"]
