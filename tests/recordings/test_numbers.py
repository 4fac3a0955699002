"""Whatever number stands in a recording, it is judged or named, and what is written can be judged again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.cli import main
from conformance.report.results import stored
from conformance.wire import journal
from tests.contracts.chat.cases.test_numbers import NUMBERS, put
from tests.recordings.judging import DATA, answer, asked, pair
from tests.recordings.test_reading import entry, har

MARK = "here it is"

DATES = (
    *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59Z"),
    *("9999-12-31T23:59:59-23:59", "5138-11-16T09:46:40Z", "1969-12-31T23:59:59Z", "2026-02-30T00:00:00Z"),
)
LITERALS = (*NUMBERS.values(), *(json.dumps(date) for date in DATES), "true", "null", '"200"', "[]")


def cassette(**interaction: Any) -> dict[str, Any]:
    """An interaction as vcrpy and Ruby's VCR keep it."""
    return {
        "request": {
            "method": "POST",
            "uri": "https://api.example/v1/chat/completions",
            "body": json.dumps(asked()),
        },
        "response": {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": json.dumps(answer())},
        "recorded_at": "Tue, 14 Nov 2023 22:13:21 GMT",
        **interaction,
    }


def as_har(entries: list[Any]) -> str:
    return har(*entries)


def as_pairs(entries: list[Any]) -> str:
    return "".join(json.dumps(one) + "\n" for one in entries)


def as_cassette(entries: list[Any]) -> str:
    return json.dumps({"interactions": entries})


def as_yaml(entries: list[Any]) -> str:
    # JSON is YAML; its items are found at the beginning of a line.
    return "interactions:\n" + "".join(f"- {json.dumps(one)}\n" for one in entries)


Form = Callable[[list[Any]], str]
PLACES: list[tuple[str, Form, Any, tuple[str, ...]]] = [
    *(
        ("har", as_har, entry(), place)
        for place in [
            ("time",),
            ("startedDateTime",),
            ("response", "status"),
            ("response", "content", "size"),
        ]
    ),
    *(
        ("jsonl", as_pairs, pair(asked(), answer()), place)
        for place in [("status",), ("started",), ("seconds",), ("headers", "date")]
    ),
    *(
        (name, form, cassette(), place)
        for name, form in (("json", as_cassette), ("yaml", as_yaml))
        for place in [("response", "status", "code"), ("recorded_at",)]
    ),
]


def literal(text: str, number: str) -> str:
    """The text with the literal where the mark is."""
    return text.replace(json.dumps(MARK), number)


@pytest.mark.parametrize(
    ("name", "form", "whole", "place"), PLACES, ids=[f"{one[0]}-{'.'.join(one[3])}" for one in PLACES]
)
def test_a_recording_with_such_a_number_is_judged_or_named(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    form: Form,
    whole: Any,
    place: tuple[str, ...],
) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / f"good.{name}").write_text(form([whole]))
    for at, number in enumerate(LITERALS):
        text = literal(form([put(whole, place, MARK)]), number)
        (folder / f"{at}.{name}").write_text(text.replace("chatcmpl-1", f"chatcmpl-{at}"))  # no copies
    code = main(["judge", str(folder), f"--report-dir={tmp_path / 'report'}"])
    assert code in (0, 1, 7)
    assert "Traceback" not in capsys.readouterr().err
    results = (tmp_path / "report" / "results.json").read_text(encoding="utf-8")
    assert "the check itself failed" not in results
    again = main(["judge", str(tmp_path / "report" / "journal.jsonl"), f"--report-dir={tmp_path / 'again'}"])
    assert again != 2
    first, second = (stored.read(tmp_path / one / "results.json") for one in ("report", "again"))
    assert len(second.exchanges) == len(first.exchanges) > 0
    capsys.readouterr()


IN_A_JOURNAL: list[tuple[str, ...]] = [
    ("attempts", "[]", "started"),
    ("attempts", "[]", "ended"),
    ("attempts", "[]", "status"),
    ("attempts", "[]", "chunks", "[]"),
    ("id",),
]


@pytest.mark.parametrize("place", IN_A_JOURNAL, ids=".".join)
def test_a_journal_with_such_a_number_is_read_or_the_line_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], place: tuple[str, ...]
) -> None:
    head, first = (DATA / "journal.jsonl").read_text(encoding="utf-8").split("\n")[:2]
    mark: Any = [MARK, "text"] if place[-1] == "[]" else MARK
    lines = [literal(json.dumps(put(json.loads(first), place, mark)), number) for number in LITERALS]
    path = tmp_path / "journal.jsonl"
    path.write_text("\n".join([head, first, *lines]) + "\n", encoding="utf-8")
    assert journal.read(path).exchanges
    assert main(["judge", str(path), f"--report-dir={tmp_path / 'report'}"]) in (0, 1, 7)
    results = (tmp_path / "report" / "results.json").read_text(encoding="utf-8")
    assert "the check itself failed" not in results
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("number", LITERALS, ids=range(len(LITERALS)))
def test_the_start_of_a_journal_is_a_time_or_named(tmp_path: Path, number: str) -> None:
    head, first = (DATA / "journal.jsonl").read_text(encoding="utf-8").split("\n")[:2]
    path = tmp_path / "journal.jsonl"
    path.write_text(literal(json.dumps(put(json.loads(head), ("started",), MARK)), number) + f"\n{first}\n")
    with pytest.raises(journal.JournalError, match=r"journal\.jsonl:1: "):
        journal.read(path)
