"""What the tests of runs share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running.asked import Asked


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Asked:
    """Runs without a network, in one folder."""
    return Asked(monkeypatch, tmp_path / "run")
