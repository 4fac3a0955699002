from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.report.language import wording
from conformance.report.results.findings import findings, grouped, lede, stale
from conformance.report.results.results import Results
from tests.ids import by_value
from tests.report.sample import many, sample


def _only(results: Results, *verdicts: Verdict) -> Results:
    return replace(results, judgements=tuple(row for row in results.judgements if row.verdict in verdicts))


def test_findings_come_worst_first_and_known_ones_after_new_ones() -> None:
    found = [(one.worst.verdict, one.worst.level, one.entry.id) for one in findings(sample())]
    assert found == [
        (Verdict.FAIL, Level.MUST, "stream.done-once-and-last"),
        (Verdict.FAIL, Level.MUST, "usage.total-is-sum"),
        (Verdict.FAIL, Level.MUST, "stop.not-in-output"),
        (Verdict.FAIL, Level.MUST, "errors.unknown-model-refused"),
        (Verdict.FAIL, Level.MUST, "envelope.created-now-in-seconds"),
        (Verdict.WARN, Level.SHOULD, "stop.tail-not-billed"),
        (Verdict.WARN, Level.SHOULD, "sampling.temperature-out-of-range-refused"),
    ]


def test_must_comes_before_should_whatever_the_catalogue_says() -> None:
    results = sample(both=False)
    failing = replace(results.judgements[-2], verdict=Verdict.FAIL, level=Level.SHOULD)
    binding = replace(results.judgements[-1], verdict=Verdict.FAIL, level=Level.MUST)
    found = findings(replace(results, judgements=(failing, binding)))
    assert [one.worst.level for one in found] == [Level.MUST, Level.SHOULD]


def test_one_requirement_is_one_finding_with_its_worst_target_first() -> None:
    results = sample()
    worse = tuple(
        replace(row, verdict=Verdict.FAIL)
        if (row.provider, row.requirement) == ("bolt", "stop.tail-not-billed")
        else row
        for row in results.judgements
    )
    found = findings(replace(results, judgements=worse))
    tail = next(one for one in found if one.entry.id == "stop.tail-not-billed")
    assert [(row.provider, row.verdict) for row in tail.judgements] == [
        ("bolt", Verdict.FAIL),
        ("acme", Verdict.WARN),
    ]


def test_the_same_error_at_one_target_is_one_group() -> None:
    groups = grouped(many(4), Verdict.ERROR)
    assert [(group.at.provider, len(group.judgements)) for group in groups] == [
        ("vendor4", 33),
        ("vendor1", 2),
    ]


def test_only_expectations_that_no_longer_hold_are_stale() -> None:
    assert [row.requirement for row in stale(sample())] == ["limits.max-tokens-bounds"]


@pytest.mark.parametrize(
    ("results", "sentence"),
    [
        (
            sample(both=False),
            "5 MUST requirements fail, 2 SHOULD requirements warn, 2 could not be asked, "
            "2 could not be decided.",
        ),
        (_only(sample(both=False), Verdict.PASS), "No requirement that was tested is violated."),
        (_only(sample(both=False)), "No requirement was judged."),
        (replace(_only(sample()), targets=()), "No target was tested."),
        (
            _only(sample(both=False), Verdict.INCONCLUSIVE, Verdict.PASS),
            "2 requirements could not be decided.",
        ),
        (many(1), "Nothing could be asked, because nothing could be reached."),
        (sample(), "Failures at 1 of 2 targets, warnings at 2 of 2 targets."),
        (many(4), "Failures at 1 of 4 targets, warnings at 1 of 4 targets, 1 could not be reached."),
        (_only(sample(), Verdict.PASS), "No requirement that was tested is violated."),
    ],
    ids=by_value,
)
def test_the_lede_counts_and_never_averages(results: Results, sentence: str) -> None:
    assert lede(results, wording()) == sentence


def test_one_is_singular() -> None:
    results = sample(both=False)
    row = next(row for row in results.judgements if row.verdict is Verdict.FAIL)
    assert lede(replace(results, judgements=(row,)), wording()) == "1 MUST requirement fails."
