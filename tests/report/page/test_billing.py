"""The billing section: the token counts of a run, set against what arithmetic says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.asking.probe import Probe
from conformance.contracts.chat.probes.named import (
    COUNT,
    COUNT_CUT,
    COUNT_DEFAULTS,
    COUNT_USAGE,
    NATO,
    NATO_STOPPED,
    SYSTEM_UNITS,
    THREE_CUT,
    UNITS,
)
from conformance.judging.verdict import Judgement, Verdict
from conformance.provider.level import Level
from conformance.provider.model import Target
from conformance.report.language import wording
from conformance.report.page.billing import rows
from conformance.report.page.html import render
from conformance.report.results.build import build
from conformance.report.results.results import Results
from conformance.wire.record import Exchange
from tests.report.making import STARTED, answer, entry, exchange, judged, target, user

MUST, SHOULD, _ = Level
ENTRIES = (
    entry("usage.total-is-sum", MUST, "It adds up."),
    entry("usage.prompt-count-affine", MUST, "It grows in proportion."),
    entry("usage.no-hidden-prompt", SHOULD, "Nothing is hidden."),
    entry("usage.completion-not-estimated", SHOULD, "It is counted."),
)
RIGHT: Mapping[Probe, tuple[int, int]] = {
    COUNT: (26, 39),
    COUNT_DEFAULTS: (26, 1),
    COUNT_USAGE: (26, 39),
    **dict(zip(COUNT_CUT, [(26, 1), (26, 5), (26, 16)], strict=True)),
    **dict(zip(UNITS, [(17, 1), (27, 1), (47, 1)], strict=True)),
    SYSTEM_UNITS[0]: (28, 1),
    THREE_CUT: (26, 24),
    NATO: (30, 59),
    NATO_STOPPED: (30, 13),
}


def asked(counts: Mapping[Probe, tuple[int, int]], at: Target, prefix: str = "x") -> list[Exchange]:
    """Exchanges whose answers state these prompt and completion tokens."""
    return [
        exchange(f"{prefix}{number}", probe.name, user("Count."), answer("1 2 3", *tokens), at=at)
        for number, (probe, tokens) in enumerate(counts.items())
    ]


def run(
    exchanges: Sequence[Exchange], judgements: Sequence[tuple[Target, Judgement]], *targets: Target
) -> Results:
    return build(
        version="0.1.0",
        catalogue="2026.1",
        entries=ENTRIES,
        targets=targets,
        judgements=judgements,
        exchanges=exchanges,
        started=STARTED,
        finished=STARTED,
    )


def figures(results: Results) -> dict[str, tuple[str, ...]]:
    return {row.asked: tuple(one.figures for one in row.entries) for row in rows(results, wording())}


def test_the_counts_of_related_requests_stand_together() -> None:
    at = target()
    assert figures(run(asked(RIGHT, at), [], at)) == {
        "One prompt with other parameters": ("26 (6×)",),
        "A text once, twice, four times": ("17, 27, 47: 10.0 for each, 7 beside",),
        "A system message of six words": ("+11",),
        "An answer cut at 1, 5 and 16 tokens": ("1, 5, 16",),
        "Three answers cut at 8 tokens": ("24; prompt 26, with one answer 26",),
        "An answer ended by a stop string": ("13, without the stop 59",),
        "One answer streamed and not": ("26 + 39, not streamed 26 + 39",),
    }


def test_what_differs_is_shown_with_how_often() -> None:
    at = target()
    counts = {**RIGHT, COUNT_USAGE: (31, 40), COUNT_DEFAULTS: (31, 1), THREE_CUT: (78, 8)}
    found = figures(run(asked(counts, at), [], at))
    assert found["One prompt with other parameters"] == ("26 (4×), 31 (2×)",)
    assert found["Three answers cut at 8 tokens"] == ("8; prompt 78, with one answer 26",)
    assert found["One answer streamed and not"] == ("31 + 40, not streamed 26 + 39",)


def test_a_row_needs_all_its_exchanges() -> None:
    at = target()
    counts = {probe: tokens for probe, tokens in RIGHT.items() if probe not in (UNITS[1], NATO, COUNT)}
    found = figures(run(asked(counts, at), [], at))
    assert set(found) == {
        "One prompt with other parameters",
        "A system message of six words",
        "An answer cut at 1, 5 and 16 tokens",
        "Three answers cut at 8 tokens",
    }
    assert found["Three answers cut at 8 tokens"] == ("24",)
    assert figures(run([], [], at)) == {}


def test_the_worst_verdict_stands_beside_the_figures() -> None:
    at = target()
    rows_of = [
        judged("usage.prompt-count-affine", MUST, Verdict.PASS),
        judged("usage.no-hidden-prompt", SHOULD, Verdict.WARN, "507 beside"),
        judged("usage.total-is-sum", MUST, Verdict.FAIL, "no", ("x0",), ("x0", "x1", "x2", "gone")),
        judged("usage.completion-not-estimated", SHOULD, Verdict.WARN, "it is characters / 4"),
    ]
    results = run(asked(RIGHT, at), [(at, one) for one in rows_of], at)
    found = {row.asked: row.entries[0] for row in rows(results, wording())}
    text = found["A text once, twice, four times"]
    assert (text.verdict, text.requirement) == (Verdict.WARN, "usage.no-hidden-prompt")
    assert found["Every answer"].figures == "3 answers, 1 wrong"
    assert found["Texts of several kinds"].figures == "it is characters / 4"
    assert found["A system message of six words"].verdict is None


def test_each_target_has_its_own_figures_and_the_page_shows_them() -> None:
    one, other = target(), target("bolt", "bolt-mini")
    exchanges = [*asked(RIGHT, one), *asked({NATO: (30, 59)}, other, "y")]
    judgements = [
        (one, judged("usage.prompt-count-affine", MUST, Verdict.PASS)),
        (other, judged("usage.prompt-count-affine", MUST, Verdict.INCONCLUSIVE, "not asked")),
    ]
    results = run(exchanges, judgements, one, other)
    row = next(row for row in rows(results, wording()) if row.asked == "A text once, twice, four times")
    assert [entry.figures for entry in row.entries] == ["17, 27, 47: 10.0 for each, 7 beside", ""]
    assert [entry.verdict for entry in row.entries] == [Verdict.PASS, Verdict.INCONCLUSIVE]
    text = render(results)
    section = text.partition('<section id="billing"')[2].partition("</section>")[0]
    assert "17, 27, 47: 10.0 for each, 7 beside" in section
    assert 'href="#matrix-usage.prompt-count-affine"' in section
    assert "30 + 59 tokens" in section


def test_without_figures_there_is_no_section() -> None:
    assert 'id="billing"' not in render(run([], [], target()))
    assert 'href="#billing"' not in render(run([], [], target()))
