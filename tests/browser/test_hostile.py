"""What a provider sends stays text: nothing runs, nothing is asked for, nothing is hidden."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from conformance.judging.verdict import Finding
from conformance.report.page.html import render
from conformance.wire.message import Message
from conformance.wire.place import Place
from tests.browser.conftest import Open
from tests.report.hostile import NASTY, hostile
from tests.report.sample import many, sample

MARKUP = [nasty for nasty in NASTY if "<" in nasty or "javascript" in nasty]


@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_that_a_provider_sent_runs_or_loads(load: Open, nasty: str, language: str) -> None:
    page = load(hostile(nasty), language=language)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert page.locator("script").count() == 1
    assert page.locator("img, iframe, object, embed, link, base").count() == 0
    links = page.eval_on_selector_all("a[href]", "all => all.map((one) => one.protocol)")
    assert set(links) <= {"file:", "https:", "http:"}
    # That nothing was asked for, and that no dialog came, is asserted where the page was made.


@pytest.mark.parametrize("nasty", MARKUP, ids=range(len(MARKUP)))
def test_markup_is_shown_as_it_was_sent(load: Open, nasty: str) -> None:
    page = load(hostile(nasty))
    assert nasty in page.locator("#findings .message").first.inner_text()


def test_characters_that_turn_the_text_round_are_written_out(load: Open) -> None:
    page = load(hostile("abc\u202edef"))
    assert "abc\\u{202e}def" in page.locator("#findings .message").first.inner_text()


def test_the_policy_of_the_page_lets_no_other_script_run(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(render(sample()), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content") or ""
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    blocked = page.evaluate(
        """() => new Promise((done) => {
            document.addEventListener('securitypolicyviolation', (event) => done(event.violatedDirective));
            const script = document.createElement('script');
            script.textContent = 'window.ran = true';
            document.body.append(script);
        })"""
    )
    assert blocked == "script-src-elem"
    assert page.evaluate("window.ran") is None
    page.close()


def test_a_page_of_huge_texts_can_be_read(load: Open) -> None:
    results = sample(both=False)
    huge = "<b>word " * 75
    told = tuple(Finding(Message(huge), (Place(f"x{number}"),)) for number in range(6))
    rows = tuple(replace(row, message=huge, findings=told) for row in results.judgements)
    page = load(replace(results, judgements=rows))
    assert page.locator("#findings .finding").count() == 5


def _contrasts() -> str:
    """The texts whose colour is too near to that of their ground, by WCAG 2.2, with the ratio."""
    return """() => {
      const rgb = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
      const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
        .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
      const ground = (one) => {
        for (let at = one; at; at = at.parentElement) {
          const colour = rgb(getComputedStyle(at).backgroundColor);
          if (colour.length === 3 || colour[3] > 0) return colour;
        }
        return [255, 255, 255];
      };
      const texts = [...document.querySelectorAll('body *')].filter((one) =>
        [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())
        && one.checkVisibility() && !one.closest('.hidden, .skip, script'));
      return texts.map((one) => {
        const [a, b] = [light(rgb(getComputedStyle(one).color)), light(ground(one))].sort((x, y) => y - x);
        return [one.textContent.trim().slice(0, 40), Math.round(100 * (a + 0.05) / (b + 0.05)) / 100];
      }).filter(([, ratio]) => ratio < 4.5);
    }"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("count", [1, 4])
def test_every_text_stands_out_from_its_ground(load: Open, dark: bool, count: int) -> None:
    page = load(sample(both=False) if count == 1 else many(count), dark=dark)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert page.evaluate(_contrasts()) == []
