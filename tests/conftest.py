"""What holds for all tests."""

from __future__ import annotations

import gc

from hypothesis import HealthCheck, settings

# Machines are shared and noisy: how long an example takes proves nothing.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("here")


def pytest_collection_finish() -> None:
    """Spares the collector what is there to stay: thousands of tests, and the modules that they are of."""
    gc.collect()
    gc.freeze()
