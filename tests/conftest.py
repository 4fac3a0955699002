"""What holds for all tests."""

from __future__ import annotations

import gc
import os

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule() -> None:
    """Machines are shared and noisy: how long an example takes proves nothing.

    Said once there are tests to collect, and before any of them is imported: a run against a provider from
    this folder loads this file too, and has no use for Hypothesis, which takes as long as pytest to import.
    """
    from hypothesis import HealthCheck, settings

    if settings.get_current_profile_name() != "here":
        settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
        settings.load_profile("here")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """One process more than there are cores: some tests wait for servers that stall, and use none."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None  # which is pytest-xdist's to read
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) + 1


def pytest_collection_finish(session: pytest.Session) -> None:
    """Spares the collector what is there to stay: thousands of tests, and the modules that they are of.

    What else there is are recordings, in which almost nothing refers back: they may wait longer.
    """
    if len(session.items) > 1000:
        gc.collect()
        gc.freeze()
        gc.set_threshold(200_000, 50, 100)
