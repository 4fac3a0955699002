"""What is sent, and what is not."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack

import pytest

from conformance.asking.plan import plan
from conformance.provider.load import embedded
from conformance.provider.model import Target
from tests.plugin.suite import (
    CASES,
    Suite,
    raw,
)
from tests.raw_server import response

pytest_plugins = ["pytester"]


def test_a_plan_sends_nothing_and_needs_no_key(
    suite: Suite, server: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACME_KEY")
    watched = raw(server, [response(b"{}")])
    suite.provider(watched.base_url, price={"prompt": 1, "completion": 100})
    done = suite.acme("--plan", "-k", "stop.string-stops", "-v")
    assert (done.code, done.files, watched.requests) == (0, set(), [])
    assert re.search(r"acme +2 +~54 +~73 +~\$0\.0074\n +at most +318 +300 +\$0\.0303", done.text)
    # Two answers with room for thoughts, and one that was cut before it was known that they are needed.
    assert re.search(r"\n +if it thinks +318 +2198 +\$0\.2201\n", done.text)
    assert 'POST /chat/completions  nato stop="Foxtrot"' in done.text
    assert "nothing was sent" in done.text


def test_the_plan_of_everything(suite: Suite) -> None:
    done = suite.run("--plan")
    assert done.code == 0
    assert int(re.findall(r"^reference +(\d+)", done.text, re.MULTILINE)[0]) <= 190


def test_collecting_sends_nothing_and_needs_no_key(
    suite: Suite, server: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACME_KEY")
    watched = raw(server, [response(b"{}")])
    suite.provider(watched.base_url)
    done = suite.acme("--collect-only", "-q")
    assert (done.code, done.files, watched.requests) == (0, set(), [])
    assert done.text.count("[acme]") == len(CASES)


def test_what_is_deselected_is_not_sent(suite: Suite) -> None:
    done = suite.acme("-k", "stop.string-stops or stop.not-in-output")
    assert done.code == 0
    assert done.sent == {"nato", 'nato stop="Foxtrot"'}
    assert done.verdicts == {"stop.string-stops": "pass", "stop.not-in-output": "pass"}


def test_a_marker_selects_by_level(suite: Suite) -> None:
    done = suite.acme("-m", 'requirement(level="MAY", area="usage")')
    assert {one["level"] for one in done.results["judgements"]} == {"MAY"}
    target = Target(embedded(), "reference")
    wanted = [CASES[id].probes(target.claims) for id in done.verdicts]
    (expected,) = plan({target: [probe for probes in wanted for probe in probes]})
    assert {one.key for one in done.journal.exchanges} == {probe.key for probe in expected.probes}


def test_where_nothing_is_selected_nothing_is_sent(suite: Suite) -> None:
    done = suite.acme("-k", "no-such-requirement")
    assert done.code == 5
    assert "no requirement was selected; nothing was sent" in done.text
    assert "journal.jsonl" not in done.files


def test_a_ceiling_on_requests_leaves_the_run_incomplete(suite: Suite) -> None:
    done = suite.acme("--max-requests=2", "-k", "stop.string-stops or limits")
    assert done.code == 7
    assert len(done.sent) == 2
    assert "the ceiling of 2 requests is reached" in done.text
    assert set(done.verdicts.values()) >= {"error"}
    assert not done.results["complete"]


def test_a_ceiling_on_cost_below_the_first_request_is_no_unreachable_provider(suite: Suite) -> None:
    suite.provider(price={"prompt": 1, "completion": 1})
    done = suite.acme("--max-cost=0", "-k", "envelope.id-present")
    assert done.code == 7
    assert done.sent == set()
    assert "it could pass the ceiling of $0 (--max-cost)" in done.text
    assert "could not be reached" not in done.text


def test_several_providers_in_one_run(suite: Suite, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"base_url": endpoint, "api_key": "${ACME_KEY}", "models": "reference", "claims": "openai"}
    keyless = {**entry, "api_key": "${OTHER_KEY}"}
    suite.text(json.dumps({"providers": {"one": entry, "two": entry, "keyless": keyless}}))
    done = suite.run("--provider=all", "-k", "envelope.id-present")
    assert done.code == 0
    assert [target["provider"] for target in done.results["targets"]] == ["one", "two"]
    assert len(done.results["judgements"]) == 2
    assert "skipped: provider 'keyless' needs the environment variable OTHER_KEY" in done.text


def test_a_tier_asks_little_and_says_so(suite: Suite) -> None:
    done = suite.acme("--tier=quick")
    assert done.code == 0
    assert done.results["tier"] == "quick"
    assert done.results["targets"][0]["requests"] <= 8
    assert len(done.verdicts) > 70
    assert "error" not in done.verdicts.values()
    for name in ("report.html", "summary.md"):
        said = (done.folder / name).read_text(encoding="utf-8")
        assert "Tier quick: only the few requests that decide the most were sent." in said
    again = suite.run(f"--replay={done.folder}")
    assert again.verdicts == done.verdicts
    assert again.results["tier"] == "quick"


def test_a_tier_of_what_is_selected(suite: Suite) -> None:
    done = suite.acme("--tier=core", "-k", "stop", "--plan")
    assert done.code == 0
    assert "tier" not in suite.acme("-k", "stop.string-stops").results
    assert suite.acme("--tier=tiny").code == 4
