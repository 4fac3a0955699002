from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.provider.model import Expected
from conformance.report.across.difference import Change, Difference, difference
from conformance.report.across.difference_text import as_data, as_markdown, as_text
from conformance.report.results.results import Results
from conformance.wire.record import TargetId
from tests.ids import by_value
from tests.report.making import entry, target
from tests.report.references import REFERENCES, linked
from tests.report.runs import ACME, BOLT, ENTRIES, NONE, SEED, STOP, SUM, TAIL, outline, run

FAIL, WARN, PASS, ERROR = Verdict.FAIL, Verdict.WARN, Verdict.PASS, Verdict.ERROR
INCONCLUSIVE, UNSUPPORTED = Verdict.INCONCLUSIVE, Verdict.UNSUPPORTED

Between = Callable[..., Difference]


@pytest.fixture
def between(tmp_path: Path) -> Between:
    """The difference from some runs to the last one."""

    def compare(*runs: Results) -> Difference:
        *old, new = [outline(one, tmp_path / str(number)) for number, one in enumerate(runs)]
        return difference(old, new)

    return compare


def _kinds(found: Difference) -> Mapping[str, Change]:
    return {one.requirement: one.change for one in found.changes}


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (PASS, PASS, None),
        (FAIL, FAIL, None),
        (PASS, FAIL, Change.FAILING),
        (WARN, FAIL, Change.FAILING),
        (UNSUPPORTED, FAIL, Change.FAILING),
        (Verdict.NOT_APPLICABLE, FAIL, Change.FAILING),
        (INCONCLUSIVE, FAIL, Change.SEEN),
        (ERROR, FAIL, Change.SEEN),
        (PASS, WARN, Change.WARNING),
        (ERROR, WARN, Change.OTHER),
        (FAIL, WARN, Change.OTHER),
        (FAIL, PASS, Change.PASSING),
        (WARN, PASS, Change.PASSING),
        (FAIL, Verdict.NOTE, Change.PASSING),
        (FAIL, UNSUPPORTED, Change.PASSING),
        (PASS, INCONCLUSIVE, Change.OTHER),
        (PASS, ERROR, Change.OTHER),
        (FAIL, INCONCLUSIVE, Change.OTHER),
        (PASS, UNSUPPORTED, Change.OTHER),
        (ERROR, PASS, Change.OTHER),
    ],
    ids=by_value,
)
def test_what_a_change_of_verdict_means(
    before: Verdict, after: Verdict, change: Change | None, between: Between
) -> None:
    found = between(run({SUM: before}), run({SUM: after}, day=1))
    assert _kinds(found) == ({} if change is None else {SUM: change})
    assert [one.requirement for one in found.regressions()] == [SUM] * (change is Change.FAILING)
    worse = change in (Change.FAILING, Change.WARNING)
    assert [one.requirement for one in found.regressions(strict=True)] == [SUM] * worse


def test_a_known_failure_is_no_regression_until_it_is_no_longer_known(between: Between) -> None:
    expecting = target(expected=(Expected(SUM, "rounds to tens", until=date(2026, 11, 25)),))
    known = run({SUM: FAIL}, at=expecting, day=1)
    assert known.judgements[0].expected is not None
    assert _kinds(between(run(), known)) == {SUM: Change.OTHER}
    expired = run({SUM: FAIL}, at=expecting, day=9)
    assert expired.judgements[0].stale is not None
    assert _kinds(between(run(), expired)) == {SUM: Change.FAILING}


def test_what_the_latest_run_could_not_decide_is_taken_from_the_one_before(between: Between) -> None:
    out = run(dict.fromkeys((SUM, STOP), ERROR), day=1)
    before = run({STOP: FAIL})
    assert _kinds(between(out, run({SUM: FAIL, STOP: FAIL}, day=2))) == {SUM: Change.SEEN, STOP: Change.SEEN}
    found = between(out, before, run({SUM: FAIL, STOP: FAIL}, day=2))
    assert _kinds(found) == {SUM: Change.FAILING}
    assert found.old.started == out.started, "the latest is told by its time, not by its place"
    assert _kinds(between(before, out, run({SUM: FAIL, STOP: PASS}, day=2))) == {
        SUM: Change.FAILING,
        STOP: Change.PASSING,
    }


def test_the_latest_decided_verdict_counts_not_the_best(between: Between) -> None:
    assert _kinds(between(run(), run({SUM: FAIL}, day=1), run({SUM: FAIL}, day=2))) == {}


def test_targets_come_and_go_without_being_regressions(between: Between) -> None:
    found = between(run({SUM: FAIL}), run({SUM: FAIL}, at=BOLT, day=1))
    assert (found.vanished, found.appeared) == ((ACME.at,), (BOLT.at,))
    assert (found.changes, found.regressions(strict=True)) == ((), ())
    back = between(run(), run(at=BOLT, day=1), run({SUM: FAIL}, (BOLT, NONE), day=2))
    assert (back.vanished, back.appeared) == ((), ())
    assert _kinds(back) == {SUM: Change.FAILING}


def test_what_was_not_selected_is_new_or_vanished_and_no_regression(between: Between) -> None:
    some = run({SUM: FAIL}, entries=ENTRIES[:1])
    found = between(some, run({STOP: FAIL, SUM: FAIL}, day=1))
    assert _kinds(found) == dict.fromkeys((STOP, TAIL, SEED), Change.NEW)
    assert not found.regressions(strict=True)
    assert not found.definitions
    gone = between(run({STOP: FAIL}), run({SUM: FAIL}, entries=ENTRIES[:1], day=1))
    assert _kinds(gone) == {SUM: Change.FAILING} | dict.fromkeys((STOP, TAIL, SEED), Change.VANISHED)


def test_another_catalogue_is_named_and_what_it_changed_is_not_compared(between: Between) -> None:
    altered = replace(ENTRIES[1], level=Level.SHOULD)
    later = (ENTRIES[0], altered, entry("usage.new", Level.MUST, "It is new."), ENTRIES[3])
    found = between(
        run({TAIL: FAIL}),
        run({SUM: FAIL, STOP: FAIL, "usage.new": FAIL}, entries=later, catalogue="2026.2", day=1),
    )
    definitions = found.definitions
    assert (definitions.old, definitions.new) == ("2026.1", "2026.2")
    assert (definitions.added, definitions.removed, definitions.altered) == (("usage.new",), (TAIL,), (STOP,))
    assert _kinds(found) == {SUM: Change.FAILING}
    text = as_text(found)
    assert "catalogue 2026.1 → 2026.2; not compared is what follows" in text
    assert f"added: usage.new\nremoved: {TAIL}\naltered: {STOP}\n" in text


def test_a_requirement_that_was_altered_in_secret_is_noticed(between: Between) -> None:
    sharper = replace(ENTRIES[0], statement="total_tokens is a prime.")
    found = between(run(), run({SUM: FAIL}, entries=(sharper, *ENTRIES[1:]), day=1))
    assert found.definitions.altered == (SUM,)
    assert found.changes == ()
    assert "not the same catalogue, though both say 2026.1" in as_text(found)


def test_the_words_for_people(between: Between) -> None:
    found = between(run({TAIL: WARN}), run({SUM: FAIL, SEED: WARN, STOP: ERROR}, (BOLT, NONE), day=1))
    assert as_text(found).splitlines() == [
        "2026-11-20 10:38 UTC → 2026-11-21 10:38 UTC",
        "incomplete: 1 requirement could not be asked at 1 target: it is error",
        "new target: bolt (bolt-mini)",
        "newly failing (1):",
        f"  MUST    {SUM} at acme (acme-large-2026)  pass → fail: it is fail",
        "newly warning (1):",
        f"  MAY     {SEED} at acme (acme-large-2026)  pass → warn: it is warn",
        "newly passing (1):",
        f"  SHOULD  {TAIL} at acme (acme-large-2026)  warn → pass",
        "changed otherwise (1):",
        f"  MUST    {STOP} at acme (acme-large-2026)  pass → error: it is error",
        "1 regression",
    ]
    assert "**1 regression**" in as_markdown(found)
    assert "**2 regressions**" in as_markdown(found, strict=True)
    assert f"- MUST `{SUM}` at acme (acme-large-2026) pass → fail: it is fail" in as_markdown(found)
    same = between(run(), run(day=1))
    assert as_text(same).splitlines()[1:] == ["no verdict changed", "no regression"]
    assert "**no regression**" in as_markdown(same)


def test_the_values_for_machines(between: Between) -> None:
    data = as_data(between(run(), run({SUM: FAIL, TAIL: WARN}, day=1)), strict=True)
    assert (data["regressions"], data["catalogue"]["altered"], data["targets"]["new"]) == (2, [], [])
    assert data["changes"][0] == {
        "change": "newly failing",
        "regression": True,
        "provider": "acme",
        "contract": "chat",
        "model": ACME.model,
        "requirement": SUM,
        "level": "MUST",
        "before": "pass",
        "after": "fail",
        "message": "it is fail",
    }


def test_hostile_words_are_inert_and_bounded(between: Between) -> None:
    found = between(run(), run({SUM: FAIL}, (BOLT, NONE), day=1))
    message = "\x1b[2J<script>alert(1)</script> @everyone https://evil.example \u202e" + "a" * 5_000_000
    after = replace(found.changes[0].after, message=message)  # type: ignore[type-var]
    changed = replace(found.changes[0], after=after, at=found.changes[0].at._replace(model="m\n# b `x`|y|"))
    hostile = replace(found, changes=(changed,))
    for text in (as_text(hostile), as_markdown(hostile)):
        assert len(text) < 2000
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\n# b" not in text
    markdown = as_markdown(hostile)
    assert "<script>" not in markdown
    assert "@everyone" not in markdown
    assert "https://" not in markdown


@pytest.mark.parametrize("reference", REFERENCES, ids=range(len(REFERENCES)))
def test_what_changed_refers_to_nothing_and_nobody(between: Between, reference: str) -> None:
    found = between(run(), run({SUM: FAIL}, (BOLT, NONE), day=1))
    after = replace(found.changes[0].after, message=reference)  # type: ignore[type-var]
    at = TargetId(reference, "chat", reference)
    changed = replace(found.changes[0], after=after, at=at)
    text = as_markdown(replace(found, changes=(changed,), appeared=(at,)))
    assert linked(text) == []


def test_a_long_list_is_cut_and_says_so(between: Between) -> None:
    entries = tuple(entry(f"usage.a{number}", Level.MUST, "It holds.") for number in range(130))
    failing = {one.id: FAIL for one in entries}
    text = as_text(between(run(entries=entries), run(failing, entries=entries, day=1)))
    assert "newly failing (130):" in text
    assert text.count("pass → fail") == 100
    assert "… and 30 more" in text
