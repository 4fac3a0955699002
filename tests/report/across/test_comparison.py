from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.provider.model import Expected
from conformance.report.across.comparison import Comparison, ComparisonError, compare
from conformance.report.across.comparison_text import as_text
from conformance.report.results.merging import CataloguesError, MergeError
from conformance.report.results.promises import PromiseStatus
from conformance.report.results.results import Results
from tests.report.making import entry, target
from tests.report.runs import BOLT, ENTRIES, MUST, NONE, SEED, STOP, SUM, TAIL, run
from tests.report.sample import many, sample

FAIL, WARN, PASS = Verdict.FAIL, Verdict.WARN, Verdict.PASS
CARL = target("carl", "carl-1")


def _of(*runs: Results) -> Comparison:
    return compare({str(number): one for number, one in enumerate(runs)})


def _alone(found: Comparison) -> dict[str, list[str]]:
    return {
        one.name: [row.entry.id for row in rows]
        for at, one in enumerate(found.judged)
        if (rows := found.alone(at))
    }


def test_the_figures_of_each_target_stand_side_by_side() -> None:
    found = _of(sample())
    acme, bolt = found.columns
    assert (acme.name, acme.failing, acme.known, acme.warning) == ("acme", 5, 1, 2)
    assert (bolt.name, bolt.failing, bolt.known, bolt.warning) == ("bolt", 0, 0, 1)
    assert acme.promises == {PromiseStatus.BROKEN: 1, PromiseStatus.UNDECIDED: 3, PromiseStatus.KEPT: 1}
    assert (acme.billing, bolt.billing) == (FAIL, PASS)
    assert (acme.first_token, bolt.first_token) == (0.56, 0.56)
    assert acme.target.requests == sample().targets[0].requests


def test_fails_only_here_means_it_holds_elsewhere_and_fails_nowhere_else() -> None:
    found = _of(
        run({SUM: FAIL, STOP: FAIL, TAIL: FAIL, SEED: FAIL}),
        run({STOP: FAIL, TAIL: Verdict.INCONCLUSIVE, SEED: WARN}, at=BOLT),
        run({TAIL: Verdict.UNSUPPORTED, SEED: Verdict.NOTE}, at=CARL),
    )
    assert _alone(found) == {"acme": [SUM, SEED]}
    assert found.differing == 4


def test_a_row_says_what_all_have_in_common() -> None:
    found = _of(run({SUM: FAIL, TAIL: WARN}), run({SUM: FAIL}, at=BOLT))
    same = {row.entry.id: row.same for row in found.rows}
    assert same == {SUM: FAIL, STOP: PASS, TAIL: None, SEED: PASS}
    assert found.differing == 1
    (row,) = [row for row in found.rows if row.entry.id == TAIL]
    assert [(at, one.verdict) for at, one in row.violated] == [(0, WARN)]
    assert _alone(found) == {}


def test_what_could_not_be_reached_has_figures_and_no_part_in_the_matrix() -> None:
    found = _of(many(4))
    assert [one.name for one in found.columns] == ["vendor1", "vendor2", "vendor3", "vendor4"]
    assert [one.name for one in found.judged] == ["vendor1", "vendor2", "vendor3"]
    assert {len(row.cells) for row in found.rows} == {3}
    assert found.differing < len(found.rows)


def test_what_was_not_selected_somewhere_is_no_verdict() -> None:
    found = _of(run({SUM: FAIL}, entries=ENTRIES[:1]), run(at=BOLT))
    assert [[cell and cell.verdict for cell in row.cells] for row in found.rows] == [
        [FAIL, PASS],
        [None, PASS],
        [None, PASS],
        [None, PASS],
    ]
    assert _alone(found) == {"acme": [SUM]}


def test_the_level_of_a_row_is_that_at_most_targets() -> None:
    may = replace(run(at=BOLT).judgements[0], level=Level.MAY)
    bolt = run(at=BOLT)
    bolt = replace(bolt, judgements=(may, *bolt.judgements[1:]))
    assert _of(run(), run(at=CARL), bolt).rows[0].level is Level.MUST


def test_a_target_twice_or_alone_is_refused() -> None:
    with pytest.raises(MergeError, match="is in both 0 and 1"):
        _of(run(), run(day=1))
    with pytest.raises(ComparisonError, match="there is one target"):
        _of(run())


def test_different_catalogues_are_refused_until_they_are_allowed() -> None:
    altered = replace(ENTRIES[1], statement="The returned text is empty.")
    later = (ENTRIES[0], altered, entry("usage.new", MUST, "It is new."), ENTRIES[3])
    newer = run({SUM: FAIL, STOP: FAIL, "usage.new": FAIL}, at=BOLT, entries=later, catalogue="2026.2")
    runs = {"a": run({TAIL: FAIL}), "b": newer}
    with pytest.raises(CataloguesError, match=r"catalogue 2026\.1 and b by 2026\.2"):
        compare(runs)
    found = compare(runs, across_catalogues=True)
    assert found.catalogues == ("2026.1", "2026.2")
    assert [(one.id, one.altered, one.versions) for one in found.incomparable] == [
        (STOP, True, ("2026.1", "2026.2")),
        ("usage.new", False, ("2026.1",)),
        (TAIL, False, ("2026.2",)),
    ]
    assert [row.entry.id for row in found.rows] == [SUM, SEED]
    assert _alone(found) == {"bolt": [SUM]}
    assert "not comparable between 2026.1, 2026.2 (3): stop.not-in-output, usage.new" in as_text(found)


def test_within_a_catalogue_what_is_missing_was_not_selected() -> None:
    runs = {"a": run(entries=ENTRIES[:2]), "b": run(at=BOLT)}
    assert compare(runs, across_catalogues=True).incomparable == ()


def test_the_table_for_a_terminal() -> None:
    known = target(expected=(Expected(SUM, "known"),))
    text = as_text(_of(run({SUM: FAIL, STOP: FAIL}, at=known), run(at=BOLT), many(1)))
    lines = text.splitlines()
    assert lines[0].split() == [
        *("target", "fail", "warn", "promises", "kept", "billing", "requests", "tokens", "cost"),
        *("first", "token"),
    ]
    assert lines[1].startswith("acme     2 (1 known)     0  ")
    assert lines[3].startswith("vendor1")
    assert lines[3].endswith("not reached")
    assert "fails only at acme (2):\n  MUST    usage.total-is-sum: it is fail\n" in text
    everywhere = as_text(_of(run({SUM: FAIL}), run({SUM: FAIL}, at=BOLT)))
    assert f"fails everywhere (1): {SUM}" in everywhere


def test_hostile_names_do_not_reach_the_terminal() -> None:
    nasty = target("\x1b[2J\u202e" + "x" * 400, "m")
    text = as_text(_of(run(NONE, at=nasty), run(at=BOLT)))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert all(len(line) < 300 for line in text.splitlines())
