"""The tests that are to notice a mutant, collected once: a child runs them with the code that it changed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, settings

# The same examples each time, whatever the load; and no search for the smallest one: one is enough.
settings.register_profile(
    "mutation",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("mutation")

Kill = Callable[[], str]
"""Says what noticed that the code of this process is not what it was; nothing where nothing did."""

QUIET = (
    *("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:html", "-p", "no:metadata", "--tb=no"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # The parent has everything loaded.
)


def with_tests(tests: Sequence[str], work: Callable[[Kill], None]) -> None:
    """Collects these tests, and does the work with what runs them until the first one that fails."""
    if not tests:
        work(lambda: "")
        return
    inside = _Inside(work)
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        code = pytest.main([*QUIET, *tests], plugins=[inside])
    if inside.error is not None:
        raise inside.error
    if code is not pytest.ExitCode.OK:
        raise RuntimeError(f"pytest ended with {code!r}")


class _Inside:
    """The plugin that does the work where pytest would run what it collected."""

    def __init__(self, work: Callable[[Kill], None]) -> None:
        self._work = work
        self.error: BaseException | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        # What takes long comes last: most mutants are dead by then.
        items = sorted(session.items, key=lambda item: item.get_closest_marker("hypothesis") is not None)

        def kill() -> str:
            for item, after in pairwise([*items, None]):
                assert item is not None
                item.ihook.pytest_runtest_protocol(item=item, nextitem=after)
                if session.testsfailed:
                    return "a test"
            return ""

        try:
            self._work(kill)
        except BaseException as error:
            self.error = error
        return True
