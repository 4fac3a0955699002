from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.report.file import ResultsError
from conformance.report.results.outline import Obligation, read
from conformance.wire.record import TargetId
from tests.ids import by_value
from tests.report.making import target
from tests.report.runs import NONE, SUM, edited, run, saved
from tests.report.sample import CLEAN, FLAWED, many, sample

TWIN = target("bolt")


def test_the_outline_says_what_the_results_say(tmp_path: Path) -> None:
    results = sample()
    found = read(saved(results, tmp_path) / "results.json")
    assert (found.catalogue, found.started) == ("2026.1", results.started)
    assert found.incomplete_because == results.incomplete_because
    assert list(found.targets) == [FLAWED.at, CLEAN.at]
    assert found.requirements["stop.string-stops"] == Obligation(
        Level.MUST, "Text after the stop sequence is never returned.", "stop"
    )
    for row in results.judgements:
        seen = found.row(row.at, row.requirement)
        assert seen is not None
        assert (seen.verdict, seen.level, seen.message) == (row.verdict, row.level, row.message)
    assert sum(len(rows) for rows in found.targets.values()) == len(results.judgements)


def test_a_known_failure_is_not_red_and_an_undecided_one_says_nothing(tmp_path: Path) -> None:
    found = read(saved(sample(), tmp_path) / "results.json")
    rows = found.targets[FLAWED.at]
    assert {id for id, row in rows.items() if row.known} == {"envelope.created-now-in-seconds"}
    assert not rows["envelope.created-now-in-seconds"].red
    assert rows["stop.not-in-output"].red
    assert {row.verdict for row in rows.values() if not row.decided} == {Verdict.ERROR, Verdict.INCONCLUSIVE}
    assert found.row(TargetId("nobody", "chat", "m"), "stop.not-in-output") is None


def test_what_could_not_be_reached_is_known(tmp_path: Path) -> None:
    found = read(saved(many(3), tmp_path) / "results.json")
    assert dict(found.unreachable) == {
        TargetId("vendor3", "chat", "a-model-with-a-long-name"): "no connection in time"
    }


@pytest.mark.parametrize(
    ("place", "new", "said"),
    [
        (("format",), "openai-conformance-results/9", "format is"),
        (("suite", "requirements", SUM, "level"), "must", "suite is not as"),
        (("suite", "requirements"), [], "suite is not as"),
        (("started",), "2026-11-20", "started is not as"),
        (("started",), 7, "started is not as"),
        (("incomplete_because",), {}, "incomplete_because is not as"),
        (("targets", 0, "provider"), ["acme"], "targets[0] is not as"),
        (("targets",), 3, "is not as"),
        (("targets", 1, "provider"), "acme", "targets[1] is acme (acme-large-2026) a second time"),
        (("judgements", 1, "verdict"), "failed", "judgements[1] is not as"),
        (("judgements", 1, "message"), None, "judgements[1] is not as"),
        (("judgements", 1, "provider"), "nobody", "judgements[1] is not as"),
        (("judgements", 1, "requirement"), SUM, f"judgements[1] judges '{SUM}' a second time"),
        (("judgements", 1, "requirement"), "a.b", "judgements[1] judges 'a.b', which"),
        (("judgements", 1), "text", "judgements[1] is not as"),
    ],
    ids=by_value,
)
def test_an_edited_file_is_refused_with_the_place(
    place: tuple[Any, ...], new: Any, said: str, tmp_path: Path
) -> None:
    path = edited(saved(run(NONE, (TWIN, NONE)), tmp_path), *place, new=new) / "results.json"
    with pytest.raises(ResultsError) as caught:
        read(path)
    assert re.match(rf"{re.escape(str(path))}: .*{re.escape(said)}", str(caught.value))
    assert "\n" not in str(caught.value)


def test_every_truncation_is_refused(tmp_path: Path) -> None:
    path = saved(run(), tmp_path) / "results.json"
    whole = path.read_bytes().rstrip()
    for end in range(0, len(whole), 97):
        path.write_bytes(whole[:end])
        with pytest.raises(ResultsError):
            read(path)


def test_an_outline_takes_a_fraction_of_the_time_of_the_whole(tmp_path: Path) -> None:
    from conformance.report.results import stored

    path = saved(many(5), tmp_path) / "results.json"
    stored.read(path)

    def cpu(reader: Any) -> float:
        before = time.process_time()
        reader(path)
        return time.process_time() - before

    assert min(cpu(read) for _ in range(3)) < cpu(stored.read) / 4
