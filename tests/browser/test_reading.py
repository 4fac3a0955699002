"""Folding, links, filters and order; and the page without its script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from conformance.report.page.html import render
from tests.browser.conftest import PHONE, Open
from tests.report.sample import many, sample

ROWS = "table.verdicts tr[data-v]"


def _shown(page: Page) -> list[str]:
    """The requirements of the matrix that can be seen, in their order."""
    ids = [row.get_attribute("id") or "" for row in page.locator(ROWS).all() if row.is_visible()]
    return [id.removeprefix("matrix-") for id in ids]


def _near_the_top(page: Page, one: Locator, within: int = 200) -> None:
    """Waits until the page has scrolled to it: following a link takes a moment."""
    page.wait_for_function(
        "([one, within]) => { const top = one.getBoundingClientRect().top; return top >= 0 && top < within }",
        arg=[one.element_handle(), within],
    )


def test_evidence_is_folded_until_it_is_asked_for(load: Open) -> None:
    page = load(sample(both=False))
    first = page.locator("details.evidence").first
    assert first.get_attribute("open") is None
    expect(first.locator("pre").first).to_be_hidden()
    first.locator("summary").first.click()
    expect(first.locator("pre").first).to_be_visible()
    assert "Authorization: Bearer $KEY" in first.locator("pre").first.inner_text()


def test_one_button_unfolds_all_evidence_and_folds_it_again(load: Open) -> None:
    page = load(sample(both=False))
    every = page.locator("#findings .evidence, #warnings .evidence").count()
    assert every > 3
    page.locator("button[data-fold]").click()
    expect(page.locator(".evidence[open]")).to_have_count(every)
    page.locator("button[data-fold]").click()
    expect(page.locator(".evidence[open]")).to_have_count(0)


def test_the_offending_part_is_marked(load: Open) -> None:
    page = load(sample(both=False))
    finding = page.locator('[id="stop.not-in-output"]')
    assert finding.locator("figure mark").inner_text() == "Foxtrot"
    finding.locator(".evidence > summary").first.click()
    expect(finding.locator(".evidence pre mark").first).to_be_visible()


def test_a_verdict_in_the_matrix_leads_to_its_evidence(load: Open) -> None:
    page = load(sample())
    page.locator('[id="matrix-stop.not-in-output"] a').first.click()
    finding = page.locator('[id="stop.not-in-output--1"]')
    _near_the_top(page, finding)
    expect(finding.locator(".evidence").first).to_be_visible()


def test_a_link_to_something_folded_unfolds_it_each_time_it_is_followed(load: Open) -> None:
    page = load(sample(both=False))
    link = page.locator('.elsewhere a[href^="#exchange-"]').first
    target = page.locator((link.get_attribute("href") or "").replace("#", "details#"))
    for _ in range(2):
        assert target.get_attribute("open") is None
        link.click()
        expect(target).to_have_attribute("open", "")
        expect(target).to_be_in_viewport()
        target.locator("summary").first.click()
        expect(target).not_to_have_attribute("open", "")


def test_going_back_unfolds_what_was_read_before(load: Open) -> None:
    page = load(sample(both=False))
    links = page.locator('.elsewhere a[href^="#exchange-"]')
    links.first.click()
    target = page.locator((links.first.get_attribute("href") or "").replace("#", "details#"))
    page.locator('[id="matrix-stop.not-in-output"] a').first.click()
    target.evaluate("one => { one.open = false }")
    page.go_back()
    expect(target).to_have_attribute("open", "")


def test_an_address_with_a_place_unfolds_it_too(load: Open) -> None:
    page = load(sample(both=False), anchor="#exchange-1")
    expect(page.locator("details#exchange-1")).to_have_attribute("open", "")


def test_verdicts_and_levels_filter_the_matrix(load: Open) -> None:
    page = load(sample(both=False))
    expect(page.locator("#tools output")).to_have_text("33 of 33 shown")
    assert len(_shown(page)) == 33
    for one in page.locator("#tools input[name=verdict]").all():
        one.set_checked(one.get_attribute("value") == "fail")
    expect(page.locator("#tools output")).to_have_text("5 of 33 shown")
    assert set(_shown(page)) == {
        "envelope.created-now-in-seconds",
        "usage.total-is-sum",
        "stream.done-once-and-last",
        "stop.not-in-output",
        "errors.unknown-model-refused",
    }
    expect(page.locator("#area-vision")).to_be_hidden()
    page.locator("#tools input[name=level][value=MUST]").uncheck()
    expect(page.locator("#tools output")).to_have_text("0 of 33 shown")
    assert _shown(page) == []


def test_words_filter_the_matrix(load: Open) -> None:
    page = load(sample(both=False))
    page.locator("#tools input[type=search]").fill("STOP sequence")
    expect(page.locator("#tools output")).to_have_text("3 of 33 shown")
    assert set(_shown(page)) == {
        "stop.string-stops",
        "stop.not-in-output",
        "stop.fifth-not-dropped-silently",
    }


def test_only_what_differs_can_be_shown(load: Open) -> None:
    page = load(sample())
    page.locator("#tools input[name=differs]").check()
    expect(page.locator('[id="matrix-stop.string-stops"]')).to_be_hidden()
    expect(page.locator('[id="matrix-stop.not-in-output"]')).to_be_visible()


def test_the_matrix_can_be_put_in_order_and_back(load: Open) -> None:
    page = load(sample(both=False))
    before = _shown(page)
    page.locator("#tools select").select_option("worst")
    expect(page.locator("#area-stop")).to_be_hidden()
    worst = _shown(page)
    assert sorted(worst) == sorted(before)
    verdicts = [page.locator(f'[id="matrix-{id}"]').get_attribute("data-v") for id in worst]
    assert verdicts[:5] == ["fail"] * 5
    page.locator("#tools select").select_option("id")
    expect(page.locator(ROWS).first).to_have_id(f"matrix-{min(before)}")
    assert _shown(page) == sorted(before)
    page.locator("#tools select").select_option("area")
    expect(page.locator("#area-stop")).to_be_visible()
    assert _shown(page) == before


def test_a_link_to_a_row_that_is_filtered_out_shows_it(load: Open) -> None:
    page = load(sample(both=False))
    page.locator("#tools input[type=search]").fill("nothing has these words")
    expect(page.locator("#tools output")).to_have_text("0 of 33 shown")
    page.evaluate("location.hash = '#matrix-stop.not-in-output'")
    expect(page.locator("#tools output")).to_have_text("33 of 33 shown")
    expect(page.locator('[id="matrix-stop.not-in-output"]')).to_be_in_viewport()


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
    expect(page.locator("details.evidence pre").first).to_be_visible()


def test_the_header_of_the_matrix_stays_in_sight(load: Open) -> None:
    page = load(sample())
    page.locator('[id="matrix-transport.no-cross-talk"]').scroll_into_view_if_needed()
    _near_the_top(page, page.locator("table.verdicts thead th").first, within=400)


def test_on_a_phone_the_first_column_of_the_matrix_stays_in_sight(load: Open) -> None:
    page = load(many(4), PHONE)
    box = page.locator("#matrix .scroll")
    box.evaluate("one => { one.scrollIntoView(); one.scrollLeft = 300 }")
    row = page.locator('[id="matrix-stop.not-in-output"] th')
    assert box.evaluate("one => one.scrollLeft") > 0
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
