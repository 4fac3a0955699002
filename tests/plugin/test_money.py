"""What a run may cost, end to end: ceilings hold, and whoever ignores limits cannot make it dear."""

from __future__ import annotations

import itertools
import json
from contextlib import ExitStack

import pytest

from conformance.asking.plan import plan
from conformance.contracts.chat.reading.meter import THOUGHT_SLACK, VISIBLE_SLACK
from conformance.contracts.chat.reading.usage import used
from conformance.provider.load import embedded
from conformance.provider.model import Target
from tests.plugin.suite import CASES, Suite, raw
from tests.raw_server import STREAM_HEAD, Script, response

pytest_plugins = ["pytester"]

STREAMS = "limits or choices or stream-any-accept"


def babble(request: bytes) -> Script:
    """Counts to twenty whatever the limit; in streams it never ends."""
    if b'"stream":true' in request:
        part = {"index": 0, "delta": {"content": " 21 22 23"}, "finish_reason": None}
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [part]}
        return itertools.chain([STREAM_HEAD], itertools.repeat(f"data: {json.dumps(chunk)}\n\n".encode()))
    message = {"role": "assistant", "content": " ".join(map(str, range(1, 21)))}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return [response(json.dumps({"object": "chat.completion", "choices": [choice]}).encode())]


def test_whoever_babbles_without_end_is_cut_and_accused(suite: Suite, server: ExitStack) -> None:
    suite.provider(raw(server, babble).base_url)
    done = suite.acme("-k", STREAMS)
    assert done.code == 1
    assert done.verdicts["limits.stream-ends"] == "fail"
    assert done.verdicts["limits.max-tokens-bounds"] == "fail"
    assert "cut after about " in done.text
    probes = {probe.key: probe for case in CASES.values() for probe in case.probes(embedded().claims)}
    ran_away = [
        one for one in done.journal.exchanges if one.last.failure and one.last.failure.kind == "runaway"
    ]
    assert len(ran_away) >= 3
    for one in ran_away:
        probe = probes[one.key]
        # What one more piece from the network may hold comes on top.
        assert used(probe, one.last).completion <= 4 * probe.allowed + VISIBLE_SLACK + THOUGHT_SLACK


@pytest.mark.parametrize("ceiling", ["--max-tokens=500", "--max-cost=0.0005"])
def test_a_ceiling_is_not_passed_and_what_was_not_asked_is_said(suite: Suite, ceiling: str) -> None:
    suite.provider(price={"prompt": 1, "completion": 1})
    done = suite.acme(ceiling, "-k", "stop or limits or errors")
    assert done.code == 7
    (target,) = done.results["targets"]
    assert 200 < target["prompt_tokens"] + target["completion_tokens"] <= 500
    assert target["cost"] <= 0.0005
    assert f"({ceiling.partition('=')[0]})" in done.text
    unasked = [one for one in done.results["judgements"] if one["verdict"] == "error"]
    assert unasked
    assert {"pass"} < {one["verdict"] for one in done.results["judgements"]}


def test_what_is_planned_is_what_is_used(suite: Suite) -> None:
    done = suite.acme("-k", "choices or limits or stop")
    (target,) = done.results["targets"]
    wanted = [CASES[id].probes(embedded().claims) for id in done.verdicts]
    (one,) = plan({Target(embedded(), "m"): [probe for probes in wanted for probe in probes]})
    assert target["requests"] == one.requests
    assert target["prompt_tokens"] == pytest.approx(one.prompt_tokens, rel=0.1)
    # Streams state nothing, for no usage is asked for.
    assert target["stated"]["doubts"]["unstated"] == sum(probe.streamed for probe in one.probes)
    assert target["stated"]["prompt_tokens"] < target["prompt_tokens"]


@pytest.mark.parametrize("option", ["--max-tokens=0", "--max-tokens=-5"])
def test_a_ceiling_of_nothing_is_a_mistake(suite: Suite, option: str) -> None:
    done = suite.acme(option)
    assert done.code == 4
    assert "--max-tokens must be at least 1" in done.text
