"""The suite against the engines that have to be installed: `pytest -m engines tests/engines`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.asking.asking import Access
from tests.engines.asked import ask, judgements
from tests.engines.findings import recorded
from tests.engines.heavy import ENGINES, serving
from tests.engines.process import EngineError


@pytest.fixture(params=ENGINES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def access(name: str) -> Iterator[Access]:
    try:
        with serving(name) as access:
            yield access
    except EngineError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.mark.engines
def test_the_findings_are_these(name: str, access: Access, tmp_path_factory: pytest.TempPathFactory) -> None:
    judged = judgements(ask(name, access, tmp_path_factory.mktemp(name)))
    assert recorded(name).differences(judged) == []
