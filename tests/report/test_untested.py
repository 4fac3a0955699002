"""A target at which nothing could be tested: every report says so, whole and first, and blames nobody."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.judging.verdict import Verdict
from conformance.provider.model import Target
from conformance.report import markdown
from conformance.report.across import compare_page, comparison_text, history_page
from conformance.report.across.badge import badge
from conformance.report.across.baseline import baseline
from conformance.report.across.comparison import compare
from conformance.report.across.difference import difference
from conformance.report.across.difference_text import as_data, as_markdown, as_text
from conformance.report.across.history import history
from conformance.report.across.issues import Issue, mark_of, plan
from conformance.report.page.html import render
from conformance.report.results.merging import merge
from conformance.report.results.results import Results
from conformance.report.results.stored import read
from tests.report.runs import ACME, BOLT, NONE, SEED, STOP, SUM, TAIL, outline, run, saved
from tests.report.seen import Page, check_form

WHY = (
    "the provider refuses the key in ACME_KEY (providers.yaml:4): HTTP 401 “"
    + "Your *key* is `wrong`, see <https://acme.example/keys>. " * 7
    + "”; export a valid key as ACME_KEY"
)
WALL = {SUM: Verdict.FAIL, **dict.fromkeys((STOP, TAIL, SEED), Verdict.ERROR)}
"""The one finding that is about what kept us out stays one."""


def closed(day: int = 0, *others: tuple[Target, dict[str, Verdict]], at: Target = ACME) -> Results:
    """A run in which nothing could be tested at its first target."""
    found = run(WALL, *others, at=at, day=day)
    first, *rest = found.targets
    return replace(
        found, targets=(replace(first, untested=WHY), *rest), incomplete_because=f"{at.at} was not tested"
    )


def told(text: str) -> str:
    """Markdown or HTML as it is read."""
    return " ".join(html.unescape(text).replace("\\", "").replace("\u2060", "").split())


def test_it_is_kept_in_results_json(tmp_path: Path) -> None:
    assert read(saved(closed(), tmp_path) / "results.json").targets[0].untested == WHY
    assert outline(closed(), tmp_path).untested == {ACME.at: WHY}


def test_a_file_from_before_has_none(tmp_path: Path) -> None:
    file = saved(run(), tmp_path) / "results.json"
    value = json.loads(file.read_text())
    assert [target.pop("untested") for target in value["targets"]] == [None]
    file.write_text(json.dumps(value))
    assert read(file).targets[0].untested is None
    assert outline(run(), tmp_path / "2").closed == {}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_says_so_before_anything_else(language: str) -> None:
    page = Page(render(closed(), language))
    check_form(page)
    said = {"en": "Not tested:", "zh": "未测试："}[language]
    assert f"{said} {WHY}" in page.text
    before = page.text.partition(WHY)[0]
    assert len(before) < 400, "something else comes first"
    answered = page.text.partition(WHY)[2][:600]
    assert answered.count({"en": "Not tested", "zh": "未测试"}[language]) == 3


def test_the_report_of_several_targets_names_the_one() -> None:
    text = Page(render(closed(0, (BOLT, {SUM: Verdict.FAIL})))).text
    assert f"Not tested: acme : {WHY}" in text
    assert "Failures at 1 of 2 targets, 1 could not be tested." in text


def test_the_summary_says_so_before_anything_else() -> None:
    text = told(markdown.render(closed()))
    assert text.startswith(f"# OpenAI compatibility: acme > **Not tested:** {WHY}")
    assert "could not be asked" not in text


@pytest.mark.parametrize("form", [as_text, as_markdown])
def test_nothing_of_it_is_a_change(form: object, tmp_path: Path) -> None:
    found = difference([outline(run(), tmp_path / "1")], outline(closed(1), tmp_path / "2"))
    text = told(form(found))  # type: ignore[operator]
    assert f"{ACME.at}: not tested: {WHY}" in text
    assert "no regression" in text
    assert found.changes == ()
    assert as_data(found)["targets"]["not_tested"] == [{**ACME.at._asdict(), "because": WHY}]


def test_what_comes_after_is_compared_with_what_came_before(tmp_path: Path) -> None:
    runs = [run({TAIL: Verdict.FAIL}), closed(1), run({STOP: Verdict.FAIL}, day=2)]
    first, middle, last = (outline(one, tmp_path / str(at)) for at, one in enumerate(runs))
    found = difference([first, middle], last)
    assert {one.requirement: str(one.change) for one in found.changes} == {
        STOP: "newly failing",
        TAIL: "newly passing",
    }
    assert difference([middle], last).appeared == (ACME.at,)
    assert difference([middle], last).changes == ()


def test_no_issue_is_opened_and_none_is_closed(tmp_path: Path) -> None:
    old, new = outline(run({STOP: Verdict.FAIL}), tmp_path / "1"), outline(closed(1), tmp_path / "2")
    there = [Issue(7, f"<!-- openai-conformance {mark_of(ACME.at, STOP)} -->")]
    assert plan(difference([old], new), there).steps == ()


def test_its_badge_is_grey(tmp_path: Path) -> None:
    def said(results: Results, provider: str | None = None) -> tuple[object, object]:
        found = badge(outline(results, tmp_path), provider)
        return found["message"], found["color"]

    assert said(closed()) == ("not tested", "lightgrey")
    assert said(closed(0, (BOLT, {}))) == ("incomplete", "lightgrey")
    assert said(closed(0, (BOLT, {SUM: Verdict.FAIL}))) == ("fails at 1 of 2 targets", "red")
    assert said(closed(0, (BOLT, {})), "acme") == ("not tested", "lightgrey")
    assert said(closed(0, (BOLT, {})), "bolt") == ("4 hold", "brightgreen")


def test_nothing_of_it_is_expected_to_fail(tmp_path: Path) -> None:
    found = baseline(outline(closed(), tmp_path), (SUM,))
    assert dict(found.entries) == {}
    assert found.notices == (f"not tested: {ACME.at}: {WHY}",)


def test_it_is_left_out_of_a_comparison(tmp_path: Path) -> None:
    found = compare({"1": closed(), "2": run({SUM: Verdict.FAIL}, at=BOLT)})
    text = told(comparison_text.as_text(found))
    assert "acme – – – – – – – not tested" in text
    assert f"acme: not tested: {WHY}" in text
    page = Page(compare_page.render(found))
    check_form(page)
    assert f"not tested {WHY}" in page.text
    assert "Left out, for nothing could be tested there: acme" in page.text
    assert "fails everywhere (1): usage.total-is-sum" in text


def test_it_keeps_its_sentence_in_a_merged_run(tmp_path: Path) -> None:
    merged = merge({"1": closed(), "2": run(at=BOLT)})
    assert [one.untested for one in merged.targets] == [WHY, None]
    assert f"Not tested: acme : {WHY}" in Page(render(merged)).text


def test_a_history_says_so_and_shows_a_gap(tmp_path: Path) -> None:
    runs = [run({TAIL: Verdict.FAIL}), closed(1), run(NONE, day=2), closed(3)]
    found = history([outline(one, tmp_path / str(at)) for at, one in enumerate(runs)])
    (life,) = found.lives
    assert [strip.verdicts for strip in life.strips if strip.id == SUM] == [
        (Verdict.PASS, None, Verdict.PASS, None)
    ]
    assert [tally is None for tally in life.counts] == [False, True, False, True]
    assert (life.seen, life.closed) == (3, WHY)
    page = Page(history_page.render(found))
    check_form(page)
    assert f"not tested {WHY}" in page.text
    assert "not in the latest run" not in page.text


def test_a_history_of_nothing_else_is_one_too(tmp_path: Path) -> None:
    found = history([outline(closed(at), tmp_path / str(at)) for at in range(2)])
    assert f"not tested {WHY}" in Page(history_page.render(found)).text
