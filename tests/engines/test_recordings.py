"""What was recorded at the heavy engines, judged by the checks of today, without any engine."""

from __future__ import annotations

from collections import Counter

import pytest

from conformance.judging.verdict import Verdict
from tests.engines.asked import RECORDINGS, judgements, replayed
from tests.engines.findings import FINDINGS, FOLDER, recorded
from tests.engines.heavy import ENGINES

LIVE = ("llamacpp", "llamacpp-embeddings")
"""Engines that are asked in every test run, so that nothing of them is recorded."""

SIZE_LIMIT = 150_000
NOT_RECORDED = "the journal has no exchange for"
JUDGED_SHARE = 0.9
"""What the suite did not ask yet when this was recorded is not judged; when that is much, `record` anew."""


def test_every_engine_has_its_findings_and_its_recording() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == {*LIVE, *ENGINES}
    assert {path.name for path in RECORDINGS.iterdir()} == {f"{name}.jsonl.gz" for name in ENGINES}
    assert max(path.stat().st_size for path in RECORDINGS.iterdir()) < SIZE_LIMIT


@pytest.mark.parametrize("name", ENGINES)
def test_the_findings_on_the_recording_are_these(name: str) -> None:
    judged = judgements(replayed(name))
    asked = {
        requirement: one
        for requirement, one in judged.items()
        if not (one.verdict is Verdict.INCONCLUSIVE and one.message.startswith(NOT_RECORDED))
    }
    assert recorded(name).differences(asked) == []
    assert len(asked) >= JUDGED_SHARE * len(judged), f"python -m tests.engines record {name}"


@pytest.mark.parametrize("name", [*LIVE, *ENGINES])
def test_the_table_counts_what_is_recorded(name: str) -> None:
    known = recorded(name)
    counts = Counter(finding.verdict for finding in known.certain.values())
    row = " | ".join((known.engine, *(str(counts[verdict]) for verdict in FINDINGS)))
    assert f"\n| {row} |\n" in (FOLDER.parent / "README.md").read_text(encoding="utf-8")
