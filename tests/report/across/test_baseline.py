from __future__ import annotations

from datetime import date
from pathlib import Path

from conformance.judging.verdict import Verdict
from conformance.provider.model import Expected
from conformance.report.across.baseline import Baseline, baseline
from conformance.report.results.results import Results
from tests.report.making import target
from tests.report.runs import ACME, BOLT, ENTRIES, NONE, SEED, STOP, SUM, TAIL, outline, run

FAIL, WARN = Verdict.FAIL, Verdict.WARN
IDS = [one.id for one in ENTRIES]
SMALL = target("acme", "acme-small")


def _baseline(results: Results, folder: Path, *, strict: bool = False) -> Baseline:
    return baseline(outline(results, folder), IDS, strict=strict)


def test_each_failure_becomes_an_entry_for_ninety_days(tmp_path: Path) -> None:
    found = _baseline(run({SUM: FAIL, TAIL: WARN, SEED: Verdict.ERROR}, (BOLT, {STOP: FAIL})), tmp_path)
    until = date(2027, 2, 18)
    assert found.entries == {
        "acme": (Expected(SUM, "it is fail", "", until),),
        "bolt": (Expected(STOP, "it is fail", "", until),),
    }
    assert found.notices == ()


def test_strict_takes_warnings_too(tmp_path: Path) -> None:
    (acme,) = _baseline(run({SUM: FAIL, TAIL: WARN}), tmp_path, strict=True).entries.values()
    assert [one.requirement for one in acme] == [SUM, TAIL]


def test_what_is_known_needs_no_entry_and_what_has_expired_a_person(tmp_path: Path) -> None:
    at = target(expected=(Expected(SUM, "known"), Expected(STOP, "old", until=date(2026, 1, 1))))
    found = _baseline(run({SUM: FAIL, STOP: FAIL}, at=at), tmp_path)
    assert found.entries == {}
    assert found.notices == (
        f"left out: {STOP} at acme (acme-large-2026): its entry has expired; set a later date there, or "
        "have it mended",
    )


def test_an_entry_counts_for_all_models_so_none_may_pass(tmp_path: Path) -> None:
    mixed = _baseline(run({SUM: FAIL, STOP: FAIL}, (SMALL, {STOP: Verdict.ERROR})), tmp_path / "mixed")
    assert [one.requirement for one in mixed.entries["acme"]] == [STOP]
    assert mixed.notices == (
        f"left out: {SUM} at acme ({ACME.model}): acme-small passes, and an entry counts for every model "
        "of a provider",
    )
    both = _baseline(run({SUM: FAIL}, (SMALL, {SUM: FAIL})), tmp_path / "both")
    assert [one.requirement for one in both.entries["acme"]] == [SUM]
    assert _baseline(run({}, (SMALL, NONE)), tmp_path / "clean") == Baseline({}, ())


def test_a_requirement_that_there_no_longer_is_gets_no_entry(tmp_path: Path) -> None:
    found = baseline(outline(run({SUM: FAIL}), tmp_path), [STOP])
    assert found.entries == {}
    assert "this version has no such requirement" in found.notices[0]
