from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.report.file import FORMAT, ResultsError
from conformance.report.results.results import Results, counts
from conformance.report.results.stored import read, schema, to_json, write
from tests.ids import by_value
from tests.report.sample import many, sample


def _valid(results: Results) -> None:
    jsonschema.Draft202012Validator(schema()).validate(to_json(results))


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("results", [sample(), sample(both=False), many(3)])
def test_results_satisfy_the_schema_and_survive_the_file(results: Results, tmp_path: Path) -> None:
    _valid(results)
    path = tmp_path / "results.json"
    write(results, path)
    assert read(path) == results
    assert [one.name for one in tmp_path.iterdir()] == ["results.json"]


def test_the_schema_names_every_level_and_verdict() -> None:
    assert schema()["$defs"]["level"]["enum"] == list(Level)
    assert schema()["$defs"]["verdict"]["enum"] == list(Verdict)
    assert schema()["properties"]["format"]["const"] == FORMAT


def test_the_file_has_the_shape_that_others_rely_on() -> None:
    value = to_json(sample())
    assert list(value) == [
        "format",
        "suite",
        "started",
        "finished",
        "complete",
        "incomplete_because",
        "targets",
        "judgements",
        "exchanges",
    ]
    assert value["started"] == "2026-11-20T10:38:12.000Z"
    assert value["complete"] is False
    assert value["suite"]["requirements"]["stop.not-in-output"]["test"] == (
        "conformance/contracts/chat/cases/test_stop.py::test_not_in_output"
    )
    assert value["targets"][0]["counts"]["MUST"] == {"fail": 5, "pass": 15}
    row = next(row for row in value["judgements"] if row["requirement"] == "stop.not-in-output")
    assert (row["verdict"], row["offending"], row["exchanges"]) == ("fail", ["a03"], ["a02", "a03"])
    assert row["sources"][1]["quote"] == "Maximum 4 stop sequences"
    exchange = value["exchanges"]["a04"]
    assert (exchange["status"], exchange["attempts"], exchange["response"]["events"]) == (200, 2, 20)
    assert value["exchanges"]["a10"]["failure"] == {
        "kind": "timeout-first-byte",
        "message": "no response within 60 s",
    }


def test_a_lone_surrogate_does_not_keep_a_run_from_being_written(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write(replace(sample(), incomplete_because="\ud800 你好"), path)
    assert read(path).incomplete_because == "\ud800 你好"


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "results.json"
    write(sample(), path)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space"):
        write(many(3), path)
    assert path.read_bytes() == before


def _edited(change: Callable[[Any], None], path: Path) -> str:
    """What reading says about a file with that change."""
    value = to_json(sample())
    change(value)
    path.write_text(json.dumps(value))
    with pytest.raises(ResultsError) as caught:
        read(path)
    return str(caught.value)


def _set(*place: Any) -> Callable[[Any], None]:
    *parents, last, new = place

    def change(value: Any) -> None:
        for parent in parents:
            value = value[parent]
        value[last] = new

    return change


def _remove(*place: Any) -> Callable[[Any], None]:
    *parents, last = place

    def change(value: Any) -> None:
        for parent in parents:
            value = value[parent]
        del value[last]

    return change


def _rename_target(value: Any) -> None:
    value["judgements"][0]["provider"] = "nobody"


def _repeat(value: Any) -> None:
    value["judgements"].append(value["judgements"][0])


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (
            _set("format", "openai-conformance-results/9"),
            'format is "openai-conformance-results/9", but',
        ),
        (_remove("format"), "format is null"),
        (_set("format", {"a": "b" * 5000}), "format is"),
        (_set("judgements", 3, "verdict", "failed"), "judgements[3].verdict 'failed' is not one of"),
        (_set("judgements", 3, "level", "must"), "judgements[3].level"),
        (_remove("judgements", 0, "message"), "judgements[0] 'message' is a required property"),
        (_set("targets", 0, "requests", -1), "targets[0].requests"),
        (_set("targets", 0, "requests", "11"), "targets[0].requests '11' is not of type"),
        (_set("exchanges", "a01", "request", "url", "javascript:alert(1)"), "exchanges.a01.request.url"),
        (_set("suite", "requirements", "Bad Id", {}), "suite.requirements"),
        (_set("started", "yesterday"), "started"),
        (_set("started", "2026-02-31T10:00:00Z"), "started or finished is no time"),
        (_set("complete", True), "incomplete_because"),
        (_set("surprise", 1), "the top level"),
        (_set("judgements", 0, "requirement", "stop.unheard-of"), "judgements[0] judges 'stop.unheard-of'"),
        (_set("targets", 0, "counts", "MUST", "pass", 20), "targets[0].counts does not agree"),
        (_rename_target, "judgements[0] is about 'nobody'"),
        (_repeat, "a second time"),
    ],
    ids=by_value,
)
def test_an_edited_file_is_refused_with_the_place_and_the_fix(
    change: Callable[[Any], None], place: str, tmp_path: Path
) -> None:
    path = tmp_path / "results.json"
    message = _edited(change, path)
    assert message.startswith(f"{path}: ")
    assert place in message
    assert "make it again with `pytest --replay=journal.jsonl`" in message
    assert "\n" not in message
    assert len(message) < 400 + len(str(path))


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", "line 1, column 1 is not JSON, perhaps cut off"),
        (b'{"format": "openai-conf', "line 1, column 12 is not JSON, perhaps cut off"),
        (b'{"format": NaN}', "the file is not JSON"),
        (b'{"format": "\xff"}', "the file is not JSON"),
        (b"[" * 100_000, "the file is not JSON"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "the file is not JSON"),
        (b"[]", "format is null"),
        (b'"text"', "format is null"),
    ],
    ids=by_value,
)
def test_what_is_no_results_file_is_refused_in_one_line(content: bytes, place: str, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_bytes(content)
    with pytest.raises(ResultsError) as caught:
        read(path)
    assert f"{path}: {place}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_truncation_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write(sample(), path)
    whole = path.read_bytes().rstrip()
    for end in range(0, len(whole), 997):
        path.write_bytes(whole[:end])
        with pytest.raises(ResultsError):
            read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match=r"none\.json: No such file or directory; name the results\.json"):
        read(tmp_path / "none.json")


def test_counts_leave_out_what_was_not_given() -> None:
    assert counts([]) == {Level.MUST: {}, Level.SHOULD: {}, Level.MAY: {}}


def test_times_are_read_as_utc(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write(sample(), path)
    assert read(path).started == datetime(2026, 11, 20, 10, 38, 12, tzinfo=UTC)


def test_what_may_be_left_out_may_be_left_out(tmp_path: Path) -> None:
    value = to_json(sample())
    for row in value["judgements"]:
        del row["marks"]
    for exchange in value["exchanges"].values():
        del exchange["response"]["arrivals"]
    path = tmp_path / "results.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    read_back = read(path)
    assert all(row.marks == () for row in read_back.judgements)
    assert all(one.response.arrivals == () for one in read_back.exchanges.values())
