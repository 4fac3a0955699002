"""run.html, the page of pytest-html, as its script finds it: tests/browser opens it."""

from __future__ import annotations

import html
import json
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.plugin.suite import DETAILS, SUM, Suite, faulty, one_too_many, raw, thinks_too_much
from tests.raw_server import response

pytest_plugins = ["pytester"]

USAGE = f"usage.present or {SUM} or {DETAILS}"


def data(page: Path) -> Any:
    """What the script of the page reads."""
    found = re.search(r'data-jsonblob="([^"]*)"', page.read_text(encoding="utf-8"))
    assert found is not None
    return json.loads(html.unescape(found[1]))


def rows(page: Path) -> list[dict[str, Any]]:
    """The rows of the page, as its script reads them."""
    return [row for tests in data(page)["tests"].values() for row in tests]


def test_a_row_keeps_the_outcome_the_id_and_the_time_and_gets_ours(suite: Suite, server: ExitStack) -> None:
    suite.provider(faulty(server, one_too_many, thinks_too_much))
    found = {
        re.sub("<!--.*?-->", "", row["requirement"]): row
        for row in rows(suite.acme("-k", USAGE).folder / "run.html")
    }
    assert {name: row["result"] for name, row in found.items()} == {
        "usage.present-and-integer": "Passed",
        SUM: "Failed",
        DETAILS: "XFailed",
    }
    row = found[SUM]
    file = "conformance/contracts/chat/cases/test_usage.py"
    assert row["testId"] == f"{file}::test_total_is_prompt_plus_completion[acme]"
    assert re.fullmatch(r"\d+ ms", row["duration"])
    assert [row[name].rpartition("-->")[2] for name in ("verdict", "level")] == ["✕ fail", "MUST"]
    assert re.fullmatch(r"<!--\d{9}-->\d+\.\d\d s", row["latency"])
    assert len(row["resultsTableRow"]) == 8


def test_a_row_has_its_evidence_once(suite: Suite, server: ExitStack) -> None:
    suite.provider(faulty(server, one_too_many))
    failed, passed = (
        next(row for row in rows(suite.acme("-k", USAGE).folder / "run.html") if row["result"] == result)
        for result in ("Failed", "Passed")
    )
    (evidence,) = failed["extras"]
    assert evidence["content"].count("<p>total_tokens is ") == 1
    assert passed["extras"] == []


def test_what_could_not_be_asked_has_a_row(suite: Suite, server: ExitStack) -> None:
    suite.provider(raw(server, [response(b"", "503 Service Unavailable")]).base_url)
    (row,) = rows(suite.acme("-k", "envelope").folder / "run.html")
    assert row["result"] == "Error"
    assert row["testId"].endswith("[acme]::setup")
    assert len(row["extras"]) == 1


def test_tests_and_files_of_others_have_rows_too(suite: Suite) -> None:
    suite.pytester.makepyfile(
        test_mine="import pytest\n\n@pytest.mark.parametrize('x', ['<b>'])\ndef test_mine(x):\n    pass\n",
        test_broken="this is no Python\n",
    )
    cases = Path(__file__).parents[2] / "conformance" / "contracts" / "chat" / "cases" / "test_envelope.py"
    done = suite.acme(
        *(str(cases), "test_mine.py", "test_broken.py", "--continue-on-collection-errors"),
        *("-k", "mine or envelope.id-present"),
    )
    found = {row["testId"].rpartition("::")[2]: row for row in rows(done.folder / "run.html")}
    assert {name: row["result"] for name, row in found.items()} == {
        "collect": "Error",
        "test_mine[&lt;b&gt;]": "Passed",
        "test_id_is_present[acme]": "Passed",
    }
    assert {len(row["resultsTableRow"]) for row in found.values()} == {8}


MODELS = ("<img src=x onerror=alert(1)>", "back\\u slash\\", "x::y[z]", "'\"&lt;", "ünïcödé")


@pytest.mark.parametrize("model", MODELS, ids=range(len(MODELS)))
def test_a_model_may_be_named_anyhow(suite: Suite, server: ExitStack, model: str) -> None:
    suite.provider(raw(server, [response(b"{}")]).base_url, models=[model, "other"])
    done = suite.acme("-k", "envelope.id-present")
    assert done.verdicts == {"envelope.id-present": "fail"}
    found = rows(done.folder / "run.html")
    assert [row["result"] for row in found] == ["Failed", "Failed"]
    shown = model.replace("\\", "\\\\")  # pytest-html reads escapes in an id
    assert html.unescape(found[0]["testId"]).endswith(f"[acme/{shown}]")
    assert "<img" not in json.dumps([row["resultsTableRow"] for row in found])


def test_what_is_known_of_the_machine_is_text(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_COMMIT_REF_NAME", "<img src=x onerror=alert(1)>")
    page = suite.acme("-k", "models.list-shape").folder / "run.html"
    known = data(page)["environment"]
    assert known["CI_COMMIT_REF_NAME"] == "&lt;img src=x onerror=alert(1)&gt;"
    assert known["Plugins"]["html"]


def test_a_run_that_ended_early_says_so(suite: Suite) -> None:
    whole = suite.acme("-k", "stop.string-stops").folder
    assert "Incomplete" not in (whole / "run.html").read_text(encoding="utf-8")
    with (whole / "journal.jsonl").open("ab") as journal:
        journal.write(b'{"broken')
    broken = suite.run(f"--replay={whole}").folder
    text = (broken / "run.html").read_text(encoding="utf-8")
    assert "<b>Incomplete:</b> 1 line of the journal could not be read." in text


def test_a_run_without_a_provider_keeps_the_page_of_pytest_html(suite: Suite) -> None:
    suite.pytester.makepyfile(test_mine="def test_mine():\n    pass\n")
    suite.run("test_mine.py", "--html=mine.html", "--self-contained-html")
    (row,) = rows(suite.path / "mine.html")
    assert len(row["resultsTableRow"]) == 4
    assert data(suite.path / "mine.html")["title"] == "mine.html"
