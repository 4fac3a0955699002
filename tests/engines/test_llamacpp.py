"""The suite against a real server: llama.cpp, which has defects that nobody planted.

What is recorded in `findings` is complete: a finding that is new or gone fails the test.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from conformance.asking.asking import Access
from conformance.judging.verdict import Judgement, Verdict
from tests.engines.asked import ask, judgements
from tests.engines.findings import recorded
from tests.engines.llamacpp import engine, unavailable

pytestmark = pytest.mark.skipif(unavailable() != "", reason=unavailable())


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Judgement]:
    with engine() as url:
        return judgements(ask("llamacpp", Access(url), tmp_path_factory.mktemp("llamacpp")))


def test_the_findings_are_these(judged: Mapping[str, Judgement]) -> None:
    assert recorded("llamacpp").differences(judged) == []


def test_a_tenth_at_most_is_undecided(judged: Mapping[str, Judgement]) -> None:
    undecided = [name for name, one in judged.items() if one.verdict is Verdict.INCONCLUSIVE]
    assert len(undecided) <= len(judged) / 10


def test_the_findings_on_embeddings_are_these(tmp_path: Path) -> None:
    with engine(embeddings=True) as url:
        found = judgements(ask("llamacpp-embeddings", Access(url), tmp_path))
    assert recorded("llamacpp-embeddings").differences(found) == []
