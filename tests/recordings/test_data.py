"""The recordings that real recorders made of this suite's servers: what is found in each, by id."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.cli import main
from conformance.judging.verdict import Verdict
from tests.recordings.judging import BAD, DATA, having, judged
from tests.recordings.session import KEY

CLEAN = ("chromium.har", "journal.jsonl", "mitmproxy.har", "pairs.jsonl", "ruby.yml")

LIBRARIES = ("aiohttp.yaml", "nock.json", "polly.har")
"""Shorter recordings, without lists of what they show."""

FINDINGS = {
    "envelope.role-assistant",
    "sdk.response-validates",
    "sdk.stream-helper-works",
    "stream.finish-reason-once",
    "usage.total-is-sum",
}
"""What the defects of the faulty recordings violate."""

SHOWN = {
    "choices.n-answers",
    "envelope.created-now-in-seconds",
    "envelope.id-unique",
    "logprobs.shape",
    "models.list-shape",
    "stream.content-type",
    "stream.same-usage-as-not-streamed",
    "stream.truncation-visible",
    "stream.usage-chunk-last",
    "tools.call-shape",
    "tools.streamed-deltas",
    "usage.same-prompt-same-count",
    "usage.within-limit",
}
"""Some of what each recording shows, though nobody made the requests for it."""

HIDDEN = {"stream.incremental", "transport.complete-framing", "transport.content-encoding"}


@pytest.mark.parametrize("name", CLEAN)
def test_nothing_is_found_where_nothing_is_wrong(name: str) -> None:
    found = judged(DATA / name)
    assert having(found, *BAD) == set()
    if name != "journal.jsonl":
        assert SHOWN - having(found, Verdict.PASS) == set()
        assert having(found, Verdict.INCONCLUSIVE) >= HIDDEN


def test_a_real_engine_is_found_out() -> None:
    found = judged(DATA / "vcrpy.yaml")
    assert having(found, *BAD) == {"stream.id-created-model-constant"}
    assert "created has 2 values" in found["stream.id-created-model-constant"].message


@pytest.mark.parametrize("name", LIBRARIES)
def test_nothing_is_found_in_what_libraries_of_other_languages_record(name: str) -> None:
    found = judged(DATA / name)
    assert having(found, *BAD) == set()
    assert found["usage.total-is-sum"].verdict is Verdict.PASS


@pytest.mark.parametrize("name", [*CLEAN, *LIBRARIES, "vcrpy.yaml"])
def test_defects_are_found(name: str) -> None:
    assert having(judged(DATA / f"faulty-{name}"), *BAD) == FINDINGS


def test_a_journal_shows_what_other_recordings_do_not() -> None:
    found = judged(DATA / "journal.jsonl")
    assert having(found, Verdict.PASS) >= HIDDEN
    assert found["errors.key-never-echoed"].verdict is Verdict.PASS
    assert judged(DATA / "pairs.jsonl")["errors.key-never-echoed"].verdict is Verdict.INCONCLUSIVE


def test_no_key_reaches_a_file_or_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """vcrpy and browsers write keys down; one of the recordings is checked to have it at all."""
    assert KEY in (DATA / "vcrpy.yaml").read_text("utf-8")
    assert KEY in (DATA / "mitmproxy.har").read_text("utf-8")
    assert main(["judge", str(DATA), f"--report-dir={tmp_path / 'report'}"]) == 1
    shown = capsys.readouterr()
    written = {path.name: path.read_bytes() for path in (tmp_path / "report").iterdir()}
    assert written.keys() == {"journal.jsonl", "report.html", "results.json", "summary.md"}
    assert KEY not in shown.out + shown.err
    assert not [name for name, data in written.items() if KEY.encode() in data or KEY[3:15].encode() in data]
