"""The suite against the engines that have to be installed: `pytest -m engines tests/engines`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engines.asked import ask, judgements
from tests.engines.findings import recorded
from tests.engines.heavy import ENGINES, serving


@pytest.mark.engines
@pytest.mark.parametrize("name", ENGINES)
def test_the_findings_are_these(name: str, tmp_path: Path) -> None:
    with serving(name) as access:
        judged = judgements(ask(name, access, tmp_path))
    assert recorded(name).differences(judged) == []
