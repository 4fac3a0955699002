"""results.json of the format before findings were values is read, and nothing of it is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.cli import main
from conformance.judging.verdict import Finding
from conformance.report.file import FORMAT, FORMER, ResultsError
from conformance.report.page.html import render
from conformance.report.results.outline import read as outline
from conformance.report.results.stored import read, to_json, write
from conformance.wire.message import Message
from conformance.wire.place import Place
from tests.report.sample import sample

SUM = "usage.total-is-sum"


def former(**changed: Any) -> dict[str, Any]:
    """The sample as it was written before; `changed` are members of the judgement on the sum."""
    value = {**to_json(sample()), "format": FORMER}
    for row in (*value["targets"], *value["judgements"], *value["exchanges"].values()):
        del row["contract"]
    for row in value["judgements"]:
        del row["reason"], row["findings"]
        row["detail"] = ""
        if row["requirement"] == SUM and row["provider"] == "acme":
            row |= {"detail": "a01 COUNT: total_tokens is 90, but 32 + 50 = 82", **changed}
    return value


def saved(value: dict[str, Any], folder: Path) -> Path:
    (folder / "results.json").write_text(json.dumps(value), encoding="utf-8")
    return folder / "results.json"


def test_what_it_says_is_read_and_can_be_written_in_the_format_of_today(tmp_path: Path) -> None:
    found, today = read(saved(former(), tmp_path)), sample()
    assert [(one.requirement, one.verdict, one.message, one.offending) for one in found.judgements] == [
        (one.requirement, one.verdict, one.message, one.offending) for one in today.judgements
    ]
    assert found.exchanges == today.exchanges
    assert [one.marks for one in found.judgements] == [one.marks for one in today.judgements]
    write(found, tmp_path / "again.json")
    assert read(tmp_path / "again.json") == found
    assert json.loads((tmp_path / "again.json").read_bytes())["format"] == FORMAT


def test_each_line_of_the_detail_is_a_finding_about_its_exchange(tmp_path: Path) -> None:
    told = 'a01 COUNT: 90, not 82: a {sum}\na03 NATO stop "Foxtrot": 1: 2'
    found = read(saved(former(detail=told, offending=["a01", "a03", "a05", "a06"]), tmp_path))
    row = next(one for one in found.judgements if one.requirement == SUM)
    assert row.findings == (
        Finding(Message("90, not 82: a {sum}"), (Place("a01"),)),
        Finding(Message("1: 2"), (Place("a03"),)),
        Finding(Message(row.message), (Place("a05"), Place("a06"))),
    )
    assert str(row.findings[0].message) == "90, not 82: a {sum}"


def test_what_was_said_of_twenty_exchanges_and_not_of_the_others_is_kept(tmp_path: Path) -> None:
    names = [f"x{number:03}" for number in range(81)]
    told = "\n".join(f"{name} COUNT: wrong in {name}" for name in names[:20])
    found = read(saved(former(detail=told, offending=names), tmp_path))
    row = next(one for one in found.judgements if one.requirement == SUM)
    assert [str(one.message) for one in row.findings[:20]] == [f"wrong in {name}" for name in names[:20]]
    assert row.findings[20] == Finding(Message(row.message), tuple(map(Place, names[20:])))
    write(found, tmp_path / "again.json")
    assert read(tmp_path / "again.json") == found


def test_a_page_of_it_shows_what_it_showed(tmp_path: Path) -> None:
    told = "a01 COUNT: ninety\na03 NATO: eighty"
    text = render(read(saved(former(detail=told, offending=["a01", "a03"]), tmp_path)))
    assert 'a01 COUNT: ninety\na03 NATO stop "Foxtrot": eighty' in text


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"message": 5}, "message"),
        ({"detail": 5}, "findings"),
        ({"offending": 5}, "offending"),
        ({"offending": [5]}, "findings[0].places[0].exchange"),
        ({"offending": None}, "offending"),
        ({"surprise": 1}, "surprise"),
    ],
    ids=range(6),
)
def test_an_edited_one_is_refused_with_the_place(changed: dict[str, Any], place: str, tmp_path: Path) -> None:
    path = saved(former(**changed), tmp_path)
    with pytest.raises(ResultsError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: judgements[")
    assert place in str(caught.value)


@pytest.mark.parametrize("rows", [5, None, [5], [{}]], ids=range(4))
def test_one_without_judgements_is_refused(rows: Any, tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="judgements"):
        read(saved({**former(), "judgements": rows}, tmp_path))


def test_files_of_both_formats_are_compared_in_one_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    saved(former(), tmp_path / "old")
    write(sample(), tmp_path / "new" / "results.json")
    assert (
        outline(tmp_path / "old" / "results.json").targets
        == outline(tmp_path / "new" / "results.json").targets
    )
    assert main(["diff", str(tmp_path / "old"), str(tmp_path / "new")]) == 0
    assert "no verdict changed" in capsys.readouterr().out


def test_a_later_format_is_refused_by_name(tmp_path: Path) -> None:
    path = saved({**former(), "format": "openai-conformance-results/3"}, tmp_path)
    with pytest.raises(ResultsError, match=r'is "openai-conformance-results/3", but this version reads'):
        read(path)
