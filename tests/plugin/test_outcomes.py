"""Verdicts as outcomes and exit codes, and pytest's own options."""

from __future__ import annotations

import html
import re
from contextlib import ExitStack
from pathlib import Path
from xml.etree import ElementTree

import pytest

import conformance.report.markdown
import conformance.report.page.evidence
import conformance.report.page.html
import conformance.report.results.build
import conformance.running.session
from conformance.provider.load import embedded
from conformance.reference.faults import FAULTS
from tests.plugin.suite import (
    CASES,
    DETAILS,
    FILES,
    SUM,
    Suite,
    faulty,
    one_too_many,
    raw,
    thinks_too_much,
)
from tests.raw_server import response

pytest_plugins = ["pytester"]


USAGE = f"usage.present or {SUM} or {DETAILS}"


def test_a_violated_must_fails_the_run(suite: Suite, server: ExitStack) -> None:
    suite.provider(faulty(server, one_too_many, thinks_too_much))
    done = suite.acme("-k", USAGE, "-rA")
    assert done.code == 1
    assert done.verdicts == {"usage.present-and-integer": "pass", SUM: "fail", DETAILS: "warn"}
    assert f"FAIL  {SUM}  (MUST)  at acme" in done.text
    assert re.search(r"1 failed, 1 passed, \d+ deselected, 1 xfailed", done.text)
    assert "finding     total_tokens is" in done.text


def test_a_run_says_which_exchange_broke_it_not_which_it_was_compared_with(
    suite: Suite, server: ExitStack
) -> None:
    suite.provider(faulty(server, FAULTS["completion-always-one"], FAULTS["stop-included"]))
    done = suite.acme("-k", "not_billed or not_in_the_text")
    rows = {row["requirement"]: row for row in done.results["judgements"]}
    for requirement, path, member in (
        ("stop.tail-not-billed", "$.usage.completion_tokens", '"completion_tokens":1'),
        ("stop.not-in-output", "$.choices[0].message.content", "Foxtrot"),
    ):
        row = rows[requirement]
        (finding,) = row["findings"]
        (place,) = finding["places"]
        assert done.results["exchanges"][place["exchange"]]["probe"] == 'nato stop="Foxtrot"'
        assert (place["path"], row["offending"]) == (path, [place["exchange"]])
        assert [(mark["path"], mark["text"]) for mark in row["marks"]] == [(path, member)]
        assert finding["message"] == row["message"]
    end = rows["stop.not-in-output"]["reason"]
    assert end["id"] == "the text contains the stop string: …{end!r}"
    assert end["parameters"]["end"].endswith("Foxtrot")


def test_a_violated_should_fails_only_a_strict_run(suite: Suite, server: ExitStack) -> None:
    suite.provider(faulty(server, thinks_too_much))
    assert suite.acme("-k", USAGE).code == 0
    strict = suite.acme("-k", USAGE, "--strict")
    assert (strict.code, strict.verdicts[DETAILS]) == (1, "warn")


@pytest.mark.parametrize(
    ("fault", "until", "code", "words"),
    [
        (True, None, 0, ""),
        (True, "2999-01-01", 0, ""),
        (True, "2020-01-31", 1, "this known failure expired on 2020-01-31"),
        (False, None, 1, "this known failure passes again: remove or renew it at providers.yaml"),
    ],
    ids=["known", "known for long", "expired", "passes again"],
)
def test_a_known_failure_is_green_until_it_is_stale(
    suite: Suite, server: ExitStack, fault: bool, until: str | None, code: int, words: str
) -> None:
    entry = {"requirement": SUM, "because": "rounds"} | ({"until": until} if until else {})
    suite.provider(faulty(server, *[one_too_many] * fault), expected=[entry])
    done = suite.acme("-k", USAGE)
    assert done.code == code
    assert words in done.text
    assert done.verdicts[SUM] == ("fail" if fault else "pass")


def test_the_first_failure_may_end_the_run(suite: Suite, server: ExitStack) -> None:
    suite.provider(raw(server, [response(b"{}")]).base_url)
    done = suite.acme("-x", "-k", "envelope")
    assert done.code == 1
    assert "stopping after 1 failures" in done.text
    assert done.files == FILES


def test_the_last_failures_are_asked_for_again_and_nothing_else(suite: Suite, server: ExitStack) -> None:
    suite.provider(faulty(server, one_too_many))
    assert suite.acme("-k", f"{USAGE} or stop.string-stops").code == 1
    done = suite.acme("--lf")
    assert done.code == 1
    assert done.verdicts == {SUM: "fail"}
    assert done.sent == {probe.name for probe in CASES[SUM].probes(embedded().claims)}


def test_junit_and_html_go_where_the_user_says(suite: Suite, server: ExitStack) -> None:
    suite.provider(faulty(server, one_too_many, thinks_too_much))
    done = suite.acme("-k", USAGE, "--junitxml=mine.xml", "--html=mine.html")
    assert done.files == FILES - {"junit.xml", "run.html"}
    (counted,) = ElementTree.parse(suite.path / "mine.xml").getroot()
    assert {name: counted.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "3",
        "failures": "1",
        "errors": "0",
        "skipped": "1",
    }
    page = html.unescape((suite.path / "mine.html").read_text(encoding="utf-8"))
    assert SUM in page


def test_junit_has_what_a_dashboard_sorts_by(suite: Suite, server: ExitStack) -> None:
    suite.provider(faulty(server, one_too_many))
    done = suite.acme("-k", f"{SUM} or stop.string-stops")
    found = {}
    for case in ElementTree.parse(done.folder / "junit.xml").getroot().iter("testcase"):
        properties = {one.get("name"): one.get("value") for one in case.iter("property")}
        found[properties["requirement"]] = properties
    assert set(found) == {SUM, "stop.string-stops"}
    assert {name: found[SUM][name] for name in ("level", "verdict", "claim", "provider", "model")} == {
        "level": "MUST",
        "verdict": "fail",
        "claim": "",
        "provider": "acme",
        "model": "reference",
    }
    assert "total_tokens" in (found[SUM]["message"] or "")
    assert (found["stop.string-stops"]["verdict"], found["stop.string-stops"]["claim"]) == ("pass", "stop")


def test_a_step_of_github_actions_gets_the_summary(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    file = suite.path / "step.md"
    file.write_text("what was there\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    done = suite.acme("-k", "stop.string-stops")
    summary = (done.folder / "summary.md").read_text("utf-8")
    assert file.read_text("utf-8") == f"what was there\n{summary}\n"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(suite.path))
    done = suite.acme("-k", "stop.string-stops")
    assert (done.code, done.verdicts) == (0, {"stop.string-stops": "pass"})
    assert "the summary of the step could not be written" in done.text


def test_a_test_that_fails_beside_the_cases_still_counts(suite: Suite) -> None:
    suite.pytester.makepyfile(test_mine="def test_mine():\n    assert False\n")
    cases = Path(conformance.__file__).parent / "contracts" / "chat" / "cases" / "test_envelope.py"
    done = suite.acme(str(cases), "test_mine.py", "-k", "mine or envelope.id-present")
    assert done.verdicts == {"envelope.id-present": "pass"}
    assert done.code == 1


def test_the_cases_alone_test_the_embedded_provider(suite: Suite) -> None:
    cases = Path(conformance.__file__).parent / "contracts" / "host" / "cases" / "test_models.py"
    done = suite.run(str(cases), "-k", "models.list-shape")
    assert (done.code, done.verdicts) == (0, {"models.list-shape": "pass"})


def test_without_a_provider_the_plugin_keeps_out_of_the_way(suite: Suite) -> None:
    suite.text("no: [yaml")
    suite.pytester.makepyfile(test_mine="def test_mine():\n    pass\n")
    done = suite.run("test_mine.py")
    assert (done.code, done.files) == (0, set())
