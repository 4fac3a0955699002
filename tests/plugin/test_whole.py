"""A run of everything against the embedded provider, and its replay."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest

from conformance import CONTRACTS
from conformance.judging.catalogue import catalogue
from conformance.schemas import load
from tests.plugin.suite import (
    FILES,
    Outcome,
    Suite,
)

pytest_plugins = ["pytester"]


def test_the_embedded_provider_passes_everything(whole: Outcome) -> None:
    judgements = whole.results["judgements"]
    assert [one for one in judgements if one["verdict"] not in ("pass", "not-applicable")] == []
    for contract in CONTRACTS:
        judged = {one["requirement"] for one in judgements if one["contract"] == contract}
        assert judged == catalogue(contract).keys()
    assert whole.code == 0
    assert whole.results["complete"]
    assert whole.results["targets"][0]["requests"] <= 190


def test_a_run_leaves_its_files_and_says_where(whole: Outcome) -> None:
    assert whole.files == FILES
    assert whole.folder.is_symlink()
    assert re.fullmatch(r"\d{8}T\d{6}Z-reference", whole.folder.resolve().name)
    for name in ("report.html", "results.json"):
        assert f"{name}: {whole.folder.resolve().relative_to(whole.folder.parents[1])}/{name}" in whole.text
    assert not re.search(r"Traceback|INTERNALERROR|asking:", whole.text)


def test_results_validate(whole: Outcome) -> None:
    jsonschema.Draft202012Validator(load("results")).validate(whole.results)


def test_a_replay_gives_the_same_judgements_and_sends_nothing(
    suite: Suite, whole: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.running.exchanging.ask_all", None)
    monkeypatch.delenv("ACME_KEY")
    again = suite.run(f"--replay={whole.folder}")
    assert again.code == 0
    assert json.dumps(again.results["judgements"]) == json.dumps(whole.results["judgements"])
    assert again.results["finished"] == whole.results["finished"]
    assert "nothing is sent" in again.text


def test_a_journal_that_breaks_off_is_judged_as_far_as_it_goes(suite: Suite, whole: Outcome) -> None:
    data = (whole.folder / "journal.jsonl").read_bytes()
    broken = suite.path / "broken.jsonl"
    broken.write_bytes(data[:-30])
    again = suite.run(f"--replay={broken}", "-k", "envelope")
    assert again.code == 7
    lines = data.count(b"\n")
    assert f"broken.jsonl:{lines}: not a whole exchange; it is left out" in again.text
    assert again.verdicts["envelope.one-json-object"] == "pass"
    assert not again.results["complete"]


def test_a_replay_keeps_to_what_was_selected(suite: Suite, whole: Outcome) -> None:
    again = suite.run(f"--replay={whole.folder / 'journal.jsonl'}", "-k", "stop.string-stops")
    assert again.verdicts == {"stop.string-stops": "pass"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot read the journal: No such file"),
        ("", ":1: not a journal"),
        ('{"format": "openai-conformance-journal/0"}\n', "this version reads 'openai-conformance-journal/2'"),
        (
            '{"format": "openai-conformance-journal/1", "started": "2026-01-01T00:00:00+00:00", '
            '"targets": [["gone", "m", "http://127.0.0.1"]]}\n',
            "unknown provider 'gone'",
        ),
    ],
    ids=["missing", "empty", "old", "of a provider that is gone"],
)
def test_a_journal_that_cannot_be_judged(suite: Suite, content: str | None, message: str) -> None:
    if content is not None:
        (suite.path / "old.jsonl").write_text(content)
    done = suite.run("--replay=old.jsonl")
    assert (done.code, done.files) == (4, set())
    assert message in done.text
