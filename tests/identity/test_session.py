"""`conformance same` against the embedded provider: what it says, what it keeps, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.identity import asking, prompts
from conformance.identity.comparing import FEW
from conformance.wire import journal
from conformance.wire.record import TargetId

ENTRIES = """
providers:
  one: {embedded: true, claims: openai}
  other: {embedded: true, claims: openai}
  thinker: {embedded: true, persona: thinking, claims: openai}
  weak: {embedded: true, persona: weak, claims: openai}
  closed: {base_url: "http://127.0.0.1:9/v1", models: [m], claims: openai}
  two: {base_url: "http://127.0.0.1:9/v1", models: [m, n], claims: openai}
  keyed: {base_url: "http://127.0.0.1:9/v1", api_key: "${SAME_KEY}", models: [m], claims: openai}
"""


AT = TargetId("one", "chat", "reference")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with providers, and a comparison that asks less: 10 prompts, 4 times each."""
    (tmp_path / "providers.yaml").write_text(ENTRIES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(prompts, "TEXTS", 10)
    monkeypatch.setattr(asking, "MANY", FEW)


def result(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "same.json").read_bytes())
    return found


def test_two_sides_that_are_the_same_are_said_to_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["same", "one", "other", "--report-dir", "run"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("one and other answer alike")
    assert "one: 50 requests, " in said
    assert "at most 1 ends as different" in said
    found = result(tmp_path / "run")
    assert found["verdict"] == "same"
    assert found["false_alarms_at_most"] == 0.01
    page = (tmp_path / "run" / "same.html").read_text("utf-8")
    assert "one and other answer alike" in page
    assert "sk-" not in page + (tmp_path / "run" / "journal.jsonl").read_text("utf-8")


def test_another_model_answers_differently(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["same", "one", "weak", "--report-dir", "run", "--lang", "zh"]) == 1
    assert "回答不同" in capsys.readouterr().out
    assert result(tmp_path / "run")["verdict"] == "different"


def test_answers_are_kept_and_compared_with_later(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["same", "one", "--save", "kept/one.jsonl"]) == 0
    assert "40 answers of one: kept/one.jsonl" in capsys.readouterr().out
    assert main(["same", "other", "kept/one.jsonl", "--report-dir", "run"]) == 0
    found = result(tmp_path / "run")
    assert [side["stored"] for side in found["sides"]] == [False, True]  # type: ignore[attr-defined]
    asked = journal.read(tmp_path / "run" / "journal.jsonl")
    assert {one.provider for one in asked.exchanges} == {"other"}


def test_what_was_cut_short_is_gone_on_with(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["same", "one", "other", "--report-dir", "run", "--max-tokens", "1500"]) == 7
    said = capsys.readouterr().out
    assert "cannot be told" in said or "has been found so far" in said
    assert "(--max-tokens)" in said
    assert "go on with: conformance same one other --resume run" in said
    before = {one.id for one in journal.read(tmp_path / "run" / "journal.jsonl").exchanges if one.last.status}
    assert main(["same", "one", "other", "--resume", "run"]) == 0
    whole = journal.read(tmp_path / "run" / "journal.jsonl").exchanges
    assert before < {one.id for one in whole if one.last.status == 200}
    assert len(whole) == 100
    assert result(tmp_path / "run")["incomplete"] is None


def test_a_model_that_thinks_is_compared_with_a_word_about_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["same", "one", "thinker", "--report-dir", "run"]) in (0, 1)
    said = capsys.readouterr().out
    assert "thinker had to be asked in another way (limit raised" in said
    assert "one had to be asked" not in said


def test_a_side_that_is_not_there_tells_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["same", "one", "closed", "--report-dir", "run"]) == 7
    said = capsys.readouterr().out
    assert "cannot be told" in said
    assert "Incomplete: no connection: nothing listens" in said


def test_a_plan_sends_nothing_and_needs_no_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["same", "one", "keyed", "--plan"]) == 0
    said = capsys.readouterr().out
    assert "keyed: 4 texts to each prompt: 50 requests" in said
    assert said.endswith("nothing was sent\n")
    assert [path.name for path in tmp_path.iterdir()] == ["providers.yaml"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["one"], "--save FILE"),
        (["one", "other", "--save", "file"], "--save FILE"),
        (["one", "one"], "both sides are one"),
        (["one", "oter"], "did you mean 'other'?"),
        (["one", "two"], "name one of two/m, two/n"),
        (["one", "keyed"], "SAME_KEY"),
        (["one", "providers.yaml"], "providers.yaml"),
        (["one", "run.jsonl"], "has no answers to the prompts of a comparison"),
        (["one", "other", "--resume", "none"], "none"),
    ],
    ids=[
        "one side", "two sides to save", "twice the same", "unknown", "several models", "no key",
        "no journal", "another journal", "nothing to resume",
    ],
)  # fmt: skip
def test_what_cannot_be_compared_gets_a_line(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal.Writer(
        tmp_path / "run.jsonl", "2026-11-30T00:00:00+00:00", [(AT, "http://127.0.0.1:9/v1")], nonce="n"
    ).close()
    assert main(["same", *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "reports").exists()
