"""What a run says on a terminal: before it sends anything, and at the end."""

from __future__ import annotations

import asyncio
import re
from contextlib import ExitStack
from pathlib import Path

import pytest

from conformance.exchange.asking import Access
from conformance.exchange.usage import Used
from conformance.probe.named import COUNT
from conformance.provider.model import Price, Provider, Target
from conformance.run import Run
from conformance.terminal import progress_line
from tests.cases.recorded import SILENT
from tests.plugin.suite import SUM, Suite, faulty, one_too_many, thinks_too_much

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


def test_at_the_end_each_finding_has_a_line_and_the_report_a_place(suite: Suite) -> None:
    text = suite.acme("-k", "usage").text
    end = text.partition("= conformance =")[2]
    lines = [line for line in end.splitlines() if line.startswith(("fail ", "warn "))]
    assert lines[0].startswith(f"fail MUST {SUM}: total_tokens is ")
    assert any(line.startswith("warn SHOULD usage.details-within-parent: ") for line in lines)
    assert all(len(line) <= 100 for line in lines)
    assert re.search(r"^acme: Official SDK: .+; Billing: No; What breaks: \d+ of \d+ MUST", end, re.MULTILINE)
    assert "report.html: run1/report.html" in end
    assert "short test summary" not in text


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
