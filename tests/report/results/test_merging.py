from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from conformance.judging.verdict import Verdict
from conformance.report.page import html
from conformance.report.results.merging import MergeError, merge, union
from conformance.report.results.stored import read, write
from tests.report.making import STARTED, entry, target
from tests.report.runs import BOLT, ENTRIES, MUST, NONE, SHOULD, STOP, SUM, run
from tests.report.sample import many, sample

CARL = target("carl", "carl-1")


def test_a_merged_run_has_everything_of_all(tmp_path: Path) -> None:
    one, two = run({SUM: Verdict.FAIL}), run({STOP: Verdict.FAIL}, (CARL, NONE), at=BOLT, day=1)
    merged = merge({"a": one, "b": two})
    assert [each.provider for each in merged.targets] == ["acme", "bolt", "carl"]
    assert merged.targets == (*one.targets, *two.targets)
    assert (merged.started, merged.finished) == (STARTED, two.finished)
    assert merged.suite == one.suite
    verdicts = {(row.provider, row.requirement): row.verdict for row in merged.judgements}
    assert verdicts["acme", SUM] is verdicts["bolt", STOP] is Verdict.FAIL
    assert verdicts["acme", STOP] is verdicts["carl", SUM] is Verdict.PASS
    path = tmp_path / "results.json"
    write(merged, path)
    assert read(path) == merged


def test_an_exchange_keeps_its_judgements_though_ids_were_the_same() -> None:
    merged = merge({"a": sample(), "b": run(at=CARL), "c": run(at=target("dora"))})
    assert {"1.a01", "2.x001", "3.x001"} <= set(merged.exchanges)
    assert all(id == one.id for id, one in merged.exchanges.items())
    for row in merged.judgements:
        for id in {*row.exchanges, *row.offending, *(mark.exchange for mark in row.marks)} & set(
            merged.exchanges
        ):
            assert merged.exchanges[id].provider == row.provider
    (row,) = [one for one in merged.judgements if one.requirement == STOP and one.provider == "acme"]
    assert (row.offending, row.exchanges) == (("1.a03",), ("1.a02", "1.a03"))
    assert {mark.exchange for mark in row.marks} == {"1.a03"}
    assert html.render(merged).count("<h1>") == 1


def test_one_run_alone_stays_as_it_is() -> None:
    assert merge({"a": sample()}) == sample()


def test_a_merged_run_is_incomplete_where_one_is_and_says_which() -> None:
    cut = replace(run(at=BOLT), incomplete_because="the run was interrupted")
    assert merge({"a": run(), "b": cut}).incomplete_because == "bolt: the run was interrupted"
    unreachable = replace(run(at=CARL), incomplete_because="carl (carl-1) could not be reached: no route")
    both = merge({"a": unreachable, "b": cut}).incomplete_because
    assert both == "carl (carl-1) could not be reached: no route; bolt: the run was interrupted"
    assert merge({"a": run(), "b": run(at=BOLT)}).complete


def test_the_reasons_of_many_runs_fit_into_the_file(tmp_path: Path) -> None:
    runs = {
        str(number): replace(run(at=target(f"v{number}")), incomplete_because="x" * 4000)
        for number in range(3)
    }
    write(merge(runs), tmp_path / "results.json")
    assert "characters)" in str(read(tmp_path / "results.json").incomplete_because)


def test_the_requirements_of_different_selections_keep_their_order() -> None:
    a, b, c, d = ENTRIES
    assert union([(a, c), (a, b, c, d)]) == ENTRIES
    assert union([(b,), (d,), (a, b, c)]) == (a, b, c, d)
    assert union([(b, c, d), (a, b)]) == (a, b, c, d)
    assert union([]) == ()


def test_a_target_of_two_runs_is_refused() -> None:
    with pytest.raises(MergeError) as caught:
        merge({"a": run(), "b": run(day=1)})
    assert str(caught.value).startswith("acme (acme-large-2026) is in both a and b; leave one out")
    same_provider = run(at=target("acme", "acme-small"))
    assert len(merge({"a": run(), "b": same_provider}).targets) == 2


def test_runs_of_different_catalogues_are_refused() -> None:
    with pytest.raises(MergeError) as caught:
        merge({"a": run(), "b": run(at=BOLT, catalogue="2026.2")})
    assert "a was judged by catalogue 2026.1 and b by 2026.2" in str(caught.value)
    sharper = (replace(ENTRIES[0], level=SHOULD), *ENTRIES[1:])
    with pytest.raises(MergeError, match=rf"both say catalogue 2026\.1, but {SUM} is not the same"):
        merge({"a": run(), "b": run(at=BOLT, entries=sharper)})
    more = (*ENTRIES, entry("usage.more", MUST, "It is more."))
    assert len(merge({"a": run(), "b": run(at=BOLT, entries=more)}).suite.requirements) == 5


def test_versions_of_the_suite_that_share_a_catalogue_are_both_named() -> None:
    newer = run(at=BOLT)
    newer = replace(newer, suite=replace(newer.suite, version="0.1.1"))
    assert merge({"a": newer, "b": run()}).suite.version == "0.1.0, 0.1.1"


def test_thirty_targets_are_merged_in_order() -> None:
    runs = {str(number): run(at=target(f"v{number:02}")) for number in range(30)}
    merged = merge(runs)
    assert [one.provider for one in merged.targets] == [f"v{number:02}" for number in range(30)]
    assert merged.finished - merged.started == timedelta(seconds=94)
    assert len(merge({"a": many(30), "b": sample()}).targets) == 32
