from __future__ import annotations

import re
from dataclasses import replace

import pytest

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.report.page.evidence import SHOWN, cells, details, header_cells
from conformance.report.results.build import exchange_result
from tests.report.hostile import NASTY, hostile
from tests.report.making import answer, exchange, user
from tests.report.sample import sample

_TEXT = re.compile(r"<td.*?>(?:<!--\d+-->)?(.*?)</td>")
"""How pytest-html reads a cell that can be sorted by, without what we put first for the order."""

_SORTED_BY = re.compile(r"<td.*?>(.*?)</td>")


def test_the_header_has_a_sortable_cell_for_each_column() -> None:
    assert [re.findall(r'data-column-type="(\w+)">(\w+)<', cell)[0] for cell in header_cells()] == [
        ("verdict", "Verdict"),
        ("level", "Level"),
        ("requirement", "Requirement"),
        ("latency", "Latency"),
    ]
    assert all("sortable" in cell for cell in header_cells())


def test_a_row_has_the_cells_of_the_header() -> None:
    row = cells(
        {
            "verdict": Verdict.FAIL,
            "level": Level.MUST,
            "requirement": "stop.not-in-output",
            "latency": 0.834,
        }
    )
    assert [_TEXT.findall(cell) for cell in row] == [["✕ fail"], ["MUST"], ["stop.not-in-output"], ["0.83 s"]]
    kinds = [re.findall(r"col-(\w+)", cell) for cell in row]
    assert kinds == [re.findall(r'type="(\w+)"', cell) for cell in header_cells()]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        (0, [{"verdict": verdict} for verdict in Verdict]),
        (1, [{"level": level} for level in Level]),
        (
            3,
            [{}, {"latency": 0.0}, {"latency": 0.8}, {"latency": 1.3}, {"latency": 12.0}, {"latency": 600.0}],
        ),
    ],
    ids=["verdict", "level", "latency"],
)
def test_cells_that_are_sorted_as_text_come_in_a_useful_order(
    column: int, values: list[dict[str, object]]
) -> None:
    keys = [_SORTED_BY.findall(cells(value)[column])[0] for value in values]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_what_is_missing_leaves_its_cell_empty() -> None:
    assert [_TEXT.findall(cell) for cell in cells({})] == [[""]] * 4
    row = cells({"verdict": "odd", "level": None, "requirement": "x", "latency": None})
    assert [_TEXT.findall(cell) for cell in row] == [["odd"], [""], ["x"], [""]]


@pytest.mark.parametrize("nasty", NASTY)
def test_hostile_cells_stay_text_on_one_line(nasty: str) -> None:
    for cell in cells({"verdict": nasty, "level": nasty, "requirement": nasty, "latency": nasty}):
        tags = [tag for tag in re.findall("<[^>]*>", cell) if not re.fullmatch(r"<!--\d+-->", tag)]
        assert tags == [cell[: cell.index(">") + 1], "</td>"]
        assert "\n" not in cell
        assert len(cell) < 1500


def test_details_show_the_request_and_what_came_back() -> None:
    results = sample()
    text = details(
        'the answer ends with "Foxtrot"',
        "'Foxtrot' not in …",
        [results.exchanges["a02"], results.exchanges["a03"]],
        ["a03"],
    )
    assert text.startswith("<p>the answer ends with &quot;Foxtrot&quot;</p><pre")
    assert re.findall("<summary>(.*?)</summary>", text) == [
        "broke it: NATO stop &quot;Foxtrot&quot;, HTTP 200, 0.80 s",
        "NATO, HTTP 200, 1.31 s",
    ]
    assert "curl -sSi https://api.acme.example/v1/chat/completions" in text
    assert "&quot;stop&quot;:&quot;Foxtrot&quot;" in text
    assert "x-request-id: req_03" in text
    assert "Echo Foxtrot&quot;" in text


def test_exchanges_that_were_judged_together_are_not_each_called_broken() -> None:
    exchanges = [sample().exchanges[key] for key in ("a05", "a06")]
    assert "broke it" not in details("m", "", exchanges, ["a05", "a06"])
    assert "broke it" in details("m", "", exchanges[:1], ["a05"])


def test_a_failure_is_named() -> None:
    text = details("no response", "", [sample().exchanges["a10"]])
    assert "PHRASE seed 7, no response, 1 min" in text
    assert "timeout-first-byte: no response within 60 s" in text


def test_only_so_many_exchanges_are_shown() -> None:
    many = [exchange_result(exchange(f"x{n}", "COUNT", user("x"), answer("y", 1, 1))) for n in range(20)]
    text = details("m", "", many, ["x19"])
    assert text.count("<details>") == SHOWN
    assert "exchange x19" in text.partition("</details>")[0]
    assert f"{20 - SHOWN} more exchanges in results.json" in text


@pytest.mark.parametrize("nasty", NASTY)
def test_hostile_details_stay_text(nasty: str) -> None:
    exchanges = list(hostile(nasty).exchanges.values())
    text = details(nasty, nasty, [replace(one, id=nasty) for one in exchanges], [nasty])
    tags = set(re.findall(r"</?([a-zA-Z]+)", text))
    assert tags <= {"p", "pre", "details", "summary"}
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069\ufeff]", text)
    text.encode()
