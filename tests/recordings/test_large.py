"""Recordings of many hosts and models: what is written of them stays small, and says each thing once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.report.results import stored
from conformance.report.results.results import Results
from tests.recordings.judging import answer, asked, pair, pairs

MODELS = 12
LONG = "word " * 800


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on twelve models, half of which get the sum wrong, in long answers."""
    folder = tmp_path_factory.mktemp("large")
    wrong = {"usage": {"prompt_tokens": 8, "completion_tokens": 900, "total_tokens": 9}}
    lines = []
    for number in range(MODELS):
        model = f"m-{number}"
        given = {**answer(LONG, id=f"chatcmpl-{number}"), "model": model, **(wrong if number % 2 else {})}
        lines.append(pair(asked(model=model), given))
    assert main(["judge", str(pairs(folder, *lines)), f"--report-dir={folder / 'r'}"]) == 1
    return folder / "r"


@pytest.fixture(scope="module")
def page(judged: Path) -> str:
    return (judged / "report.html").read_text("utf-8")


@pytest.fixture(scope="module")
def results(judged: Path) -> Results:
    return stored.read(judged / "results.json")


def test_a_defect_is_shown_at_some_models_and_names_the_others(page: str) -> None:
    (article,) = re.findall(
        r'<article class="finding" id="usage.total-is-sum">.*?</article>', page, re.DOTALL
    )
    assert len(re.findall(r"<h4>", article)) == 3
    assert "the same at 3 more targets" in article
    assert [name in article for name in ("m-7", "m-9", "m-11")] == [True] * 3


def test_the_matrix_counts_instead_of_a_column_for_each_model(page: str) -> None:
    (row,) = re.findall(r'<tr id="matrix-usage.total-is-sum".*?</tr>', page, re.DOTALL)
    assert len(re.findall(r"<td", row)) == 2
    assert re.search(r"fail</span>\s*6", re.sub(r"\s+", " ", row)) or " 6 " in re.sub(r"<[^>]*>", " ", row)


def test_every_link_within_the_page_leads_somewhere(page: str) -> None:
    there = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= there


def test_a_reason_is_given_once_for_all_models(page: str) -> None:
    assert page.count("it takes requests made for it, or such as this recording does not have") == 1


def test_what_no_finding_shows_is_kept_short(results: Results, judged: Path) -> None:
    sizes = {
        len(one.response.body) > 1000
        for one in results.exchanges.values()
        if one.response.length > 4000 and "words" not in one.probe
    }
    assert sizes == {True, False}
    assert (judged / "journal.jsonl").read_text("utf-8").count(LONG) == MODELS


def test_verdicts_that_say_nothing_repeat_no_sources(results: Results) -> None:
    found = {(one.verdict.value, bool(one.sources)) for one in results.judgements}
    assert ("inconclusive", True) not in found
    assert ("fail", False) not in found
