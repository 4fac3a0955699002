"""What can be seen without scrolling."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from conformance.report.results.results import Results
from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.report.hostile import NASTY, hostile
from tests.report.sample import many, sample

ONE = (
    ".over",
    "h1",
    ".lede",
    ".answer >> nth=0",
    ".answer >> nth=2",
    ".top li >> nth=2",
    ".counts",
    ".facts",
)
SEVERAL = (".over", "h1", ".lede", ".answers tbody tr >> nth=3", ".top li >> nth=2")


def _bottom(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None, selector
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= DESKTOP[0]
    return box["y"] + box["height"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_of_one_target_answers_on_the_first_screen(load: Open, language: str) -> None:
    page = load(sample(both=False), language=language)
    assert {selector: _bottom(page, selector) <= DESKTOP[1] for selector in ONE} == dict.fromkeys(ONE, True)
    assert page.locator(".answer .headline").count() == 3
    assert page.locator(".top li").count() == 3


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_of_four_targets_answers_on_the_first_screen(load: Open, language: str) -> None:
    page = load(many(4), language=language)
    assert {one: _bottom(page, one) <= DESKTOP[1] for one in SEVERAL} == dict.fromkeys(SEVERAL, True)
    assert page.locator(".answers tbody tr").count() == 4


def test_of_thirty_targets_the_worst_findings_come_first(load: Open) -> None:
    page = load(many(30))
    assert _bottom(page, ".top li >> nth=2") <= DESKTOP[1]
    assert _bottom(page, ".answers thead") <= DESKTOP[1]


@pytest.mark.parametrize(
    "results",
    [sample(both=False), sample(), many(30), *(hostile(nasty) for nasty in NASTY)],
    ids=["one", "two", "thirty", *(f"hostile-{number}" for number in range(len(NASTY)))],
)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_is_wider_than_the_screen(load: Open, results: Results, size: tuple[int, int]) -> None:
    page = load(results, size)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0


def test_the_page_says_its_language_and_that_of_what_it_quotes(load: Open) -> None:
    page = load(sample(both=False), language="zh")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert page.locator(".top .found bdi").first.get_attribute("lang") == "en"
    assert page.locator("h2").first.inner_text() == "能用官方 SDK 接入吗？"
    english = load(sample(both=False))
    assert english.locator("html").get_attribute("lang") == "en"
