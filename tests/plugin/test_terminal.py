"""What a run says on a terminal: before it sends anything, and at the end."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import ExitStack
from pathlib import Path

import pytest

from conformance.asking.asking import Access
from conformance.asking.spent import Used
from conformance.contracts.chat.probes.named import COUNT
from conformance.provider.model import Price, Provider, Target
from conformance.running.run import Run
from conformance.running.terminal import progress_line
from tests.contracts.chat.cases.recorded import SILENT
from tests.plugin.suite import SUM, Suite, faulty, one_too_many, raw, thinks_too_much
from tests.raw_server import response

pytest_plugins = ["pytester"]


@pytest.fixture
def suite(suite: Suite, server: ExitStack, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """A provider with two faults and a price, on a terminal of 100 columns."""
    monkeypatch.setenv("COLUMNS", "100")
    suite.provider(faulty(server, one_too_many, thinks_too_much), price={"prompt": 3.0, "completion": 15.0})
    return suite


def test_a_run_says_who_is_tested_against_what_and_what_it_will_cost(suite: Suite) -> None:
    text = suite.acme("-k", "usage and total").text
    assert re.search(r"^provider: acme \(http://127\.0\.0\.1:\d+/v1\), model reference$", text, re.MULTILINE)
    assert re.search(r"^  judged against OpenAI .+ \(claims: openai\) https://", text, re.MULTILINE)
    cost = r"\d+ requests, about [\d,]+ \+ [\d,]+ tokens, about \$0\.\d{4}, at most \$\d\.\d{4}"
    cost += r" \(\$\d\.\d{4} if it thinks\)"
    assert re.search(rf"^asking acme: {cost}$", text, re.MULTILINE)
    assert text.index("asking acme") < text.index("test_usage.py")


def test_at_the_end_each_finding_is_named_and_the_report_has_a_place(suite: Suite) -> None:
    text = suite.acme("-k", "usage").text
    end = text.partition("= conformance =")[2]
    lines = [line for line in end.splitlines() if line.startswith(("fail ", "warn "))]
    assert lines[0].startswith(f"fail MUST {SUM}: total_tokens is ")
    assert any(line.startswith("warn SHOULD usage.details-within-parent: ") for line in lines)
    assert all(len(line) <= 100 for line in lines)
    assert re.search(r"^acme: Official SDK: .+; Billing: No; What breaks: \d+ of \d+ MUST", end, re.MULTILINE)
    assert "report.html: run1/report.html" in end
    assert "short test summary" not in text


def closing(text: str) -> str:
    """What is said at the end."""
    return text.partition("= conformance =")[2]


def squeezed(text: str) -> str:
    """Without white space: wrapped lines break anywhere."""
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("columns", [30, 100])
def test_findings_and_errors_are_wrapped_and_never_cut(
    suite: Suite, server: ExitStack, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    done = suite.acme("-k", "usage")
    said = squeezed(closing(done.text))
    rows = [one for one in done.results["judgements"] if one["verdict"] in ("fail", "warn")]
    assert len(rows) > 1
    for one in rows:
        words = f"{one['verdict']} {one['level']} {one['requirement']}: {one['message']}"
        assert squeezed(words) in said
    suite.provider(raw(server, [response(b"", "503 Service Unavailable")]).base_url)
    done = suite.acme("-k", "usage")
    reasons = {one["message"] for one in done.results["judgements"] if one["verdict"] == "error"}
    assert max(map(len, reasons)) > 30
    for reason in reasons:
        assert squeezed(f" not tested: {reason}") in squeezed(closing(done.text))


def test_what_a_provider_sends_moves_no_cursor_and_ends(suite: Suite, server: ExitStack) -> None:
    nasty = "\x1b[2J\x1b[H\r\b\x9b5A\u2028\n\n\n" * 50_000
    body = json.dumps({"error": {"message": nasty, "code": nasty}, "id": nasty, "object": nasty}).encode()
    suite.provider(raw(server, [response(body)]).base_url)
    text = suite.acme("-k", "envelope", "-rA").text
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028]", text)
    assert text.count("\n") < 400


@pytest.mark.parametrize(
    ("fault", "until", "words"),
    [
        (True, "2020-01-31", "the entry expired on 2020-01-31; remove it or set a later date"),
        (False, None, "it is expected to fail, but no longer does; remove the entry"),
        (False, "2020-01-31", "it is expected to fail, but no longer does; remove the entry"),
    ],
    ids=["expired", "passes again", "passes again, and expired"],
)
def test_an_expectation_that_no_longer_holds_is_named_with_its_place(
    suite: Suite, server: ExitStack, fault: bool, until: str | None, words: str
) -> None:
    known = {"requirement": SUM, "because": "rounds"} | ({"until": until} if until else {})
    suite.provider(faulty(server, *[one_too_many] * fault), expected=[known])
    text = (suite.path / "providers.yaml").read_text().replace('"expected": [', '"expected": [\n')
    suite.text(text)
    done = suite.acme("-k", SUM)
    said = closing(done.text).replace("\n      ", " ")
    place = re.search(rf"^expected {SUM}: (providers\.yaml:2):\d+: {words}$", said, re.MULTILINE)
    assert place is not None, done.text
    summary = (done.folder / "summary.md").read_text(encoding="utf-8")
    assert f"- `{SUM}`: {place[1]}:" in summary
    assert words in summary
    assert done.code == 1


def test_an_old_recording_is_judged_by_what_has_expired_today(suite: Suite, server: ExitStack) -> None:
    endpoint = faulty(server, one_too_many)
    suite.provider(endpoint)
    first = suite.acme("-k", SUM)
    journal = first.folder / "journal.jsonl"
    head, rest = journal.read_text().split("\n", 1)
    journal.write_text(re.sub(r'"started": ?"\d{4}', '"started": "2019', head) + "\n" + rest)
    known = {"requirement": SUM, "because": "rounds", "until": "2020-01-31"}
    suite.provider(endpoint, expected=[known])
    done = suite.run(f"--replay={journal}")
    assert done.results["started"].startswith("2019")
    assert done.code == 1
    assert "the entry expired on 2020-01-31" in closing(done.text)


def test_pytests_own_list_comes_where_it_is_asked_for(suite: Suite) -> None:
    assert "short test summary" in suite.acme("-rf", "-k", "usage and total").text


def test_a_target_that_was_not_reached_is_one_line(suite: Suite) -> None:
    suite.provider("http://127.0.0.1:9/v1")
    end = suite.acme("-k", "usage").text.partition("= conformance =")[2]
    assert "acme: could not be reached: no connection" in end
    assert len(re.findall(r"^error \d+ requirements could not be asked: ", end, re.MULTILINE)) == 1


def test_what_has_been_spent_is_counted_while_it_is(tmp_path: Path) -> None:
    price = Price(3.0, 15.0)
    targets = [
        Target(Provider(name, "https://x.example/v1", ("m",), SILENT, price=price), "m") for name in "ab"
    ]
    run = Run(targets, tmp_path, lambda _: Access("https://x.example/v1"))

    async def spend() -> None:
        run.budget.start()
        await run.budget.reserve(targets[0], COUNT)
        for _ in range(40):
            await run.budget.settle(await run.budget.reserve(targets[1], COUNT), Used(30, 40))

    asyncio.run(spend())
    counts = "1 under way · 41 requests · 1,200 + 1,600 tokens · $0.0276"
    one, two = {"a": (138, 138), "b": (34, 138)}, {"a": (6, 138), "b": (34, 138)}
    assert progress_line(run, one, 100) == f"asking b: 34/138 · {counts}"
    assert progress_line(run, two, 100) == f"asking 2 targets: 40/276 · {counts}"
    assert progress_line(run, {"a": (138, 138)}, 100) == ""
    assert progress_line(run, one, 40) == f"asking b: 34/138 · {counts}"[:38] + "…"
