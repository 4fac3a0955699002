"""Folding, links, filters and order; and the page without its script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from conformance.report.html import render
from tests.browser.conftest import PHONE, Open
from tests.report.sample import many, sample

ROWS = "table.verdicts tr[data-v]"


def _shown(page: Page) -> list[str]:
    """The requirements of the matrix that can be seen, in their order."""
    ids = [row.get_attribute("id") or "" for row in page.locator(ROWS).all() if row.is_visible()]
    return [id.removeprefix("matrix-") for id in ids]


def test_evidence_is_folded_until_it_is_asked_for(load: Open) -> None:
    page = load(sample(both=False))
    first = page.locator("details.evidence").first
    assert first.get_attribute("open") is None
    assert not first.locator("pre").first.is_visible()
    first.locator("summary").first.click()
    assert first.locator("pre").first.is_visible()
    assert "Authorization: Bearer $KEY" in first.locator("pre").first.inner_text()


def test_one_button_unfolds_all_evidence_and_folds_it_again(load: Open) -> None:
    page = load(sample(both=False))
    every = page.locator("#findings .evidence, #warnings .evidence").count()
    assert every > 3
    page.locator("button[data-fold]").click()
    assert page.locator(".evidence[open]").count() == every
    page.locator("button[data-fold]").click()
    assert page.locator(".evidence[open]").count() == 0


def test_the_offending_part_is_marked(load: Open) -> None:
    page = load(sample(both=False))
    finding = page.locator('[id="stop.not-in-output"]')
    assert finding.locator("figure mark").inner_text() == '"Alfa Bravo Charlie Delta Echo Foxtrot"'
    finding.locator(".evidence > summary").first.click()
    assert finding.locator(".evidence pre mark").first.is_visible()


def test_a_verdict_in_the_matrix_leads_to_its_evidence(load: Open) -> None:
    page = load(sample())
    page.locator('[id="matrix-stop.not-in-output"] a').first.click()
    finding = page.locator('[id="stop.not-in-output--1"]')
    assert finding.evaluate("one => one.getBoundingClientRect().top") < 200
    assert finding.locator(".evidence").first.is_visible()


def test_a_link_to_something_folded_unfolds_it(load: Open) -> None:
    page = load(sample(both=False))
    link = page.locator('.elsewhere a[href^="#exchange-"]').first
    target = page.locator((link.get_attribute("href") or "").replace("#", "details#"))
    assert target.get_attribute("open") is None
    link.click()
    assert target.get_attribute("open") is not None
    assert target.evaluate("one => one.getBoundingClientRect().top") >= 0


def test_an_address_with_a_place_unfolds_it_too(load: Open) -> None:
    page = load(sample(both=False), anchor="#exchange-1")
    assert page.locator("details#exchange-1").get_attribute("open") is not None


def test_verdicts_and_levels_filter_the_matrix(load: Open) -> None:
    page = load(sample(both=False))
    assert len(_shown(page)) == 33
    assert page.locator("#tools output").inner_text() == "33 of 33 shown"
    for one in page.locator("#tools input[name=verdict]").all():
        one.set_checked(one.get_attribute("value") == "fail")
    assert set(_shown(page)) == {
        "envelope.created-now-in-seconds",
        "usage.total-is-sum",
        "stream.done-once-and-last",
        "stop.not-in-output",
        "errors.unknown-model-refused",
    }
    assert page.locator("#tools output").inner_text() == "5 of 33 shown"
    assert not page.locator("#area-vision").is_visible()
    page.locator("#tools input[name=level][value=MUST]").uncheck()
    assert _shown(page) == []


def test_words_filter_the_matrix(load: Open) -> None:
    page = load(sample(both=False))
    page.locator("#tools input[type=search]").fill("STOP sequence")
    assert set(_shown(page)) == {
        "stop.string-stops",
        "stop.not-in-output",
        "stop.fifth-not-dropped-silently",
    }


def test_only_what_differs_can_be_shown(load: Open) -> None:
    page = load(sample())
    page.locator("#tools input[name=differs]").check()
    assert "stop.not-in-output" in _shown(page)
    assert "stop.string-stops" not in _shown(page)


def test_the_matrix_can_be_put_in_order_and_back(load: Open) -> None:
    page = load(sample(both=False))
    before = _shown(page)
    page.locator("#tools select").select_option("worst")
    worst = _shown(page)
    assert sorted(worst) == sorted(before)
    verdicts = [page.locator(f'[id="matrix-{id}"]').get_attribute("data-v") for id in worst]
    assert verdicts[:5] == ["fail"] * 5
    assert not page.locator("#area-stop").is_visible()
    page.locator("#tools select").select_option("id")
    assert _shown(page) == sorted(before)
    page.locator("#tools select").select_option("area")
    assert _shown(page) == before


def test_a_link_to_a_row_that_is_filtered_out_shows_it(load: Open) -> None:
    page = load(sample(both=False))
    page.locator("#tools input[type=search]").fill("nothing has these words")
    assert _shown(page) == []
    page.evaluate("location.hash = '#matrix-stop.not-in-output'")
    page.wait_for_function("document.querySelector('#tools output').textContent.startsWith('33')")
    assert "stop.not-in-output" in _shown(page)


@pytest.mark.parametrize("results", [sample(both=False), many(4)], ids=["one", "four"])
def test_without_its_script_the_page_has_everything_but_the_tools(load: Open, results: object) -> None:
    assert isinstance(results, type(sample()))
    page = load(results, script=False)
    assert not page.locator("#tools").is_visible()
    assert not page.locator("button[data-fold]").is_visible()
    assert page.locator(ROWS).count() == 33
    assert all(row.is_visible() for row in page.locator(ROWS).all())
    first = page.locator("details.evidence summary").first
    first.click()
    assert page.locator("details.evidence pre").first.is_visible()


def test_the_header_of_the_matrix_stays_in_sight(load: Open) -> None:
    page = load(sample())
    page.locator('[id="matrix-transport.no-cross-talk"]').scroll_into_view_if_needed()
    head = page.locator("table.verdicts thead th").first
    assert 0 <= head.evaluate("one => one.getBoundingClientRect().top") < 400


def test_on_a_phone_the_first_column_of_the_matrix_stays_in_sight(load: Open) -> None:
    page = load(many(4), PHONE)
    box = page.locator("#matrix .scroll")
    box.evaluate("one => { one.scrollIntoView(); one.scrollLeft = 300 }")
    row = page.locator('[id="matrix-stop.not-in-output"] th')
    assert row.evaluate("one => one.getBoundingClientRect().left") < 40


def test_a_printed_page_has_no_tools_and_cuts_nothing_off(load: Open) -> None:
    page = load(many(4))
    page.emulate_media(media="print")
    assert not page.locator("#tools").is_visible()
    assert not page.locator("nav").first.is_visible()
    overflows = page.eval_on_selector_all(
        ".scroll", "all => all.map((one) => getComputedStyle(one).overflowY)"
    )
    assert set(overflows) == {"visible"}
    assert page.pdf().startswith(b"%PDF")


def test_a_full_page_is_small() -> None:
    assert len(render(many(30)).encode()) < 1_000_000
