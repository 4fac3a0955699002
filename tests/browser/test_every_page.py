"""Every page that a command writes has its rows, in a browser that has nothing to complain about."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from conformance.cli import GROUPS
from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from tests.browser.conftest import Open
from tests.browser.written import MARKUP, OTHERS, WRITERS, Workshop, write_all
from tests.plugin.suite import REPOSITORY

RUNS = ("found", "mended", "green", "zh", "resumed", "errors", "unreached", "hostile", "interrupted")
PAGES = (
    *(f"{run}/{page}" for run in RUNS for page in ("report.html", "run.html")),
    "judged/report.html",
    "again/report.html",
    *(f"{page}-{lang}.html" for page in ("compare", "history") for lang in ("en", "zh")),
    *(f"same-{lang}/same.html" for lang in ("en", "zh")),
    *(f"merged-{lang}/report.html" for lang in ("en", "zh")),
)

ROW = "#results-table tr.collapsible"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """What all commands have written."""
    return write_all(tmp_path_factory.mktemp("written"))


def test_every_command_that_writes_a_page_is_here() -> None:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    for group in GROUPS:
        group.add(commands)
    assert set(commands.choices) == WRITERS | OTHERS


def test_every_page_that_was_written_is_here(shop: Workshop) -> None:
    assert {str(page.relative_to(shop.folder)) for page in shop.folder.rglob("*.html")} == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_its_rows_and_complains_of_nothing(shop: Workshop, load: Open, name: str) -> None:
    page = load(shop.folder / name)
    assert rows(page, shop.folder / name) > 0
    assert page.title() != ""
    # That there was no error and that nothing was asked for is asserted where the page was made.


def test_the_example_has_its_rows(load: Open) -> None:
    example = REPOSITORY / "reports" / "example" / "report.html"
    assert rows(load(example), example) > 200


def rows(page: Page, file: Path) -> int:
    """How many rows the page has, which are as many as it should have."""
    if file.name == "run.html":
        return log_rows(page, file)
    if file.name == "same.html":
        return page.locator("#tests tbody tr").count()
    results = file.parent / "results.json"
    if not results.exists():
        return page.locator("#matrix tbody tr, svg.strip").count()
    judged = {one["requirement"] for one in json.loads(results.read_bytes())["judgements"]}
    found = page.locator("table.verdicts tr[data-v]")
    assert found.count() == len(judged)
    return found.count()


def log_rows(page: Page, file: Path) -> int:
    """How many rows run.html has. Of a provider that answers nothing, one requirement stands for all."""
    judged = json.loads((file.parent / "results.json").read_bytes())["judgements"]
    found = page.locator(ROW)
    if file.parent.name == "interrupted":
        expect(page.locator("#not-found-message")).to_be_visible()
        expect(page.locator(".additional-summary.prefix")).to_contain_text(
            "Incomplete: the run was interrupted"
        )
        return 1
    assert found.count() == (1 if file.parent.name in ("errors", "unreached") else len(judged))
    assert all(found.nth(at).locator("td").count() == 8 for at in range(found.count()))
    return found.count()


def test_the_log_is_sorted_by_every_column_both_ways(shop: Workshop, load: Open) -> None:
    page = load(shop.folder / "found" / "run.html")
    for column in ("verdict", "level", "requirement", "latency", "testId", "duration", "result"):
        seen = []
        for _ in range(2):
            page.locator(f"#results-table th[data-column-type={column}]").click()
            seen.append(page.locator(f"{ROW} .col-{column}").all_inner_texts())
        assert sorted(seen[0]) == sorted(seen[1])
        assert len(set(seen[0])) == 1 or seen[0] != seen[1], column
        up = [_rank(column, text) for text in seen[0]]
        assert up == sorted(up), column


def _rank(column: str, text: str) -> float | str | int:
    """What a reader would sort by."""
    match column:
        case "verdict":
            return list(Verdict).index(Verdict(text.rsplit(maxsplit=1)[-1]))
        case "level":
            return list(Level).index(Level(text))
        case "latency":
            return float(text.removesuffix(" s")) if text else -1.0
        case "duration":
            return int(text.removesuffix(" ms"))
        case _:
            return text


def test_the_log_is_filtered_by_outcome(shop: Workshop, load: Open) -> None:
    page = load(shop.folder / "found" / "run.html")
    every = page.locator(ROW).count()
    failed = page.locator(f"{ROW} .col-result", has_text="Failed").count()
    assert 0 < failed < every
    boxes = page.locator("input[name=filter_checkbox]")
    boxes.and_(page.locator("[data-test-result=failed]")).uncheck()
    expect(page.locator(ROW)).to_have_count(every - failed)
    boxes.and_(page.locator("[data-test-result=failed]")).check()
    boxes.and_(page.locator("[data-test-result=passed]")).uncheck()
    expect(page.locator(f"{ROW} .col-result", has_text="Passed")).to_have_count(0)
    expect(page.locator(f"{ROW} .col-result", has_text="Failed")).to_have_count(failed)


def test_a_row_of_the_log_unfolds_wherever_it_is_clicked(shop: Workshop, load: Open) -> None:
    page = load(shop.folder / "found" / "run.html")
    row = page.locator("#results-table tbody.failed").first
    for column in ("result", "verdict", "level", "requirement", "latency", "testId"):
        expect(row.locator(".extras-row")).to_be_visible()
        row.locator(f".col-{column}").click()
        expect(row.locator(".extras-row")).to_be_hidden()
        row.locator(f".col-{column}").click()
    evidence = row.locator(".extraHTML details").first
    expect(evidence.locator("pre").first).to_be_hidden()
    evidence.locator("summary").click()
    expect(evidence.locator("pre").first).to_be_visible()
    assert evidence.locator("pre").first.inner_text().startswith("curl -sSi")
    page.locator("#hide_all_details").click()
    expect(page.locator(".extras-row:visible")).to_have_count(0)
    page.locator("#show_all_details").click()
    expect(page.locator(".extras-row:visible")).to_have_count(page.locator(ROW).count())


def test_the_log_is_no_wider_than_the_screen(shop: Workshop, load: Open) -> None:
    page = load(shop.folder / "found" / "run.html")
    page.locator("#show_all_details").click()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_nothing_that_a_provider_sent_runs_in_the_log(shop: Workshop, load: Open) -> None:
    page = load(shop.folder / "hostile" / "run.html")
    page.locator("#show_all_details").click()
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert page.locator("script").count() == 1
    assert page.locator("img:not([src='']), iframe, object, embed, link, base, svg").count() == 0
    assert page.locator("body [onerror], body [onmouseover], body [onload]").count() == 0
    assert page.locator(".col-testId", has_text=MARKUP).count() > 10
    assert page.locator(".extraHTML pre", has_text=MARKUP).count() > 10
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
