"""The pages over many targets and many runs: thirty columns, two hundred steps, and nothing that runs."""

from __future__ import annotations

import pytest
from playwright.sync_api import FloatRect, Locator, expect

from conformance.report.across import compare_page, history_page
from conformance.report.across.comparison import compare
from conformance.report.across.history import history
from conformance.report.results.results import Results
from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.report.across.test_history_page import made
from tests.report.hostile import NASTY, hostile
from tests.report.sample import many, sample

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


def _compared(results: Results, language: str = "en") -> str:
    return compare_page.render(compare({"run": results}), language)


def _box(one: Locator) -> FloatRect:
    found = one.bounding_box()
    assert found is not None
    return found


@SIZES
def test_the_matrix_scrolls_under_its_head_and_its_first_column(load: Open, size: tuple[int, int]) -> None:
    page = load(_compared(many(30)), size)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    region, head = page.locator("#matrix .scroll"), page.locator("#matrix thead th")
    row = page.locator("#matrix tbody tr:not(.area) th").last
    region.evaluate("one => one.scrollIntoView()")
    before = _box(head.nth(0))
    region.evaluate("one => one.scrollBy(700, one.scrollHeight)")
    assert _box(head.nth(0)) == before, "the corner stays where it is"
    assert _box(row)["x"] == pytest.approx(before["x"], abs=1)
    assert _box(head.nth(20))["y"] == pytest.approx(before["y"], abs=1)
    assert _box(head.nth(1))["x"] < before["x"], "the columns have moved under the first one"


def test_what_all_have_in_common_is_folded_away_until_it_is_asked_for(load: Open) -> None:
    page = load(_compared(sample()))
    fold = page.locator("#matrix td.settled details").first
    expect(fold.locator("li").first).to_be_hidden()
    fold.locator("summary").click()
    expect(fold.locator("li").first).to_be_visible()


def test_a_failure_in_the_matrix_leads_to_what_was_found(load: Open) -> None:
    page = load(_compared(sample()))
    page.locator("#matrix td.fail a").first.click()
    expect(page.locator('[id="found-envelope.created-now-in-seconds"]')).to_be_in_viewport()


@SIZES
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_history_fits_and_draws_what_changed(load: Open, size: tuple[int, int], language: str) -> None:
    page = load(history_page.render(history(made(200, 30, targets=3, change=0.01)), language), size)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.locator("svg.line").count() == 3
    strips = page.locator("svg.strip")
    assert strips.count() > 10
    assert _box(strips.first)["width"] > 150
    worse, better = (page.locator(f"svg.sample path.{name}") for name in ("fail", "pass"))
    thick = "one => parseFloat(getComputedStyle(one).strokeWidth)"
    assert worse.evaluate(thick) > 3 * better.evaluate(thick)


@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
def test_nothing_that_a_provider_sent_runs_or_loads(load: Open, nasty: str) -> None:
    page = load(_compared(hostile(nasty)))
    assert page.locator("img, iframe, object, embed, link, base").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
