from __future__ import annotations

import re

import pytest

from conformance.judging.verdict import Verdict
from conformance.report.across.compare_page import render
from conformance.report.across.comparison import compare
from conformance.report.results.results import Results
from tests.report.hostile import NASTY, hostile
from tests.report.making import entry
from tests.report.runs import BOLT, ENTRIES, MUST, SUM, run
from tests.report.sample import many, sample
from tests.report.seen import Page, check_form, check_nothing_loads


def _page(results: Results, language: str = "en") -> str:
    return render(compare({"a": results}), language)


@pytest.fixture(params=["two", "thirty", "across"])
def text(request: pytest.FixtureRequest) -> str:
    if request.param == "across":
        later = (*ENTRIES, entry("usage.new", MUST, "It is new."))
        newer = run({SUM: Verdict.FAIL}, at=BOLT, entries=later, catalogue="2026.2")
        return render(compare({"a": run(), "b": newer}, across_catalogues=True))
    return _page(sample() if request.param == "two" else many(30))


def test_the_page_is_well_formed_accessible_and_loads_nothing(text: str) -> None:
    check_form(Page(text))
    check_nothing_loads(text)


def test_every_row_of_the_matrix_has_a_cell_for_each_target(text: str) -> None:
    table = text.partition('<table class="matrix compared')[2].partition("</table>")[0]
    wanted = table.partition("</thead>")[0].count("<th ")
    rows = table.partition("</thead>")[2].split("<tr")[1:]
    for row in rows:
        spans = re.findall(r'<t[dh][^>]*colspan="(\d+)"', row)
        assert len(re.findall("<t[dh]", row)) - len(spans) + sum(map(int, spans)) == wanted


def test_every_requirement_is_in_the_matrix_once(text: str) -> None:
    table = text.partition('<table class="matrix compared')[2].partition("</table>")[0]
    ids = re.findall(r'<span class="id">(?:<span class="level">\w+</span> )?([a-z.-]+)</span>', table)
    assert len(ids) == len(set(ids))
    assert len(ids) in (len(ENTRIES), len(many(1).suite.requirements))


def test_what_is_said_of_several_is_said_once() -> None:
    text = Page(_page(many(7))).text
    assert "vendor1, vendor4 the answer ends with the stop sequence" in text


def test_what_fails_leads_to_what_was_found() -> None:
    page = Page(_page(sample()))
    assert "#found-usage.total-is-sum" in page.every("href")
    assert "total_tokens is 90, but 32 + 50 = 82" in page.text
    assert "acme 5" in page.text, "five fail at acme alone"
    assert "Nothing fails unexpectedly at 1 of 2 targets." in page.text


def test_a_target_out_of_reach_is_named_once_and_left_out_of_the_matrix() -> None:
    text = Page(_page(many(4))).text
    assert "Left out, for nothing could be tested there: vendor4" in text


def test_other_catalogues_are_named_first() -> None:
    later = (*ENTRIES, entry("usage.new", MUST, "It is new."))
    newer = run({"usage.new": Verdict.FAIL}, at=BOLT, entries=later, catalogue="2026.2")
    text = Page(render(compare({"a": run(), "b": newer}, across_catalogues=True))).text
    assert "These runs were judged by different catalogues: 2026.1, 2026.2 ·" in text
    assert "1 requirement is set apart." in text
    assert "usage.new not in 2026.1" in text


def test_thirty_targets_stay_small() -> None:
    assert len(_page(many(30)).encode()) < 300_000


def test_the_page_is_chinese_where_that_is_asked_for() -> None:
    text = _page(sample(), "zh")
    assert '<html lang="zh-Hans">' in text
    assert "仅在一个对象上不符合" in text
    assert "返回的文本中不包含停止序列。" in text


@pytest.mark.parametrize("nasty", NASTY)
def test_hostile_text_is_inert(nasty: str) -> None:
    text = _page(hostile(nasty))
    page = Page(text)
    check_nothing_loads(text)
    assert page.count("svg") == 0
    assert all(href.startswith("#") for href in page.every("href"))
    assert not re.search("[\x00-\x08\x1b\u202e\u2066\u200b\ufeff\ud800]", text)
