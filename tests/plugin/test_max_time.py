"""A run has an end, says so in one sentence, and can be resumed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from conformance.reference import serving
from tests.hostile.whole import relayed
from tests.ids import by_value
from tests.plugin.suite import KEY, Suite, raw
from tests.raw_server import HOLD, Step

pytest_plugins = ["pytester"]

SELECTED = "envelope or usage.present or limits"


def test_what_is_not_asked_in_time_is_an_error_and_asked_later(suite: Suite, server: ExitStack) -> None:
    upstream = server.enter_context(serving(KEY, pace=0.0))
    stalls = True

    def answer(request: bytes) -> Iterator[Step]:
        if stalls and len(asked.requests) > 3:
            yield HOLD
        yield from relayed(request, upstream)

    asked = raw(server, answer)
    suite.provider(asked.base_url)
    done = suite.acme("--max-time=2s", "-k", SELECTED)
    assert done.code == 7
    assert not done.results["complete"]
    unasked = [one for one in done.results["judgements"] if one["verdict"] == "error"]
    assert {one["message"] for one in unasked} == {"the ceiling of 2 s is reached (--max-time)"}
    assert "the ceiling of 2 s is reached (--max-time)" in done.text
    assert done.results["targets"][0]["unreachable"] is None

    stalls = False
    again = suite.run(f"--resume={done.folder}")
    assert again.code == 0
    assert again.results["complete"]
    assert set(again.verdicts.values()) <= {"pass", "not-applicable"}
    assert again.verdicts.keys() == done.verdicts.keys()


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (
            {"rpm": 2},
            r"acme  1 h \d+ min at least, at 2 requests a minute: more than .* 1 h, .* cannot finish",
        ),
        (
            {"timeout": 600},
            r"acme  4 h 10 min at most, at 600 s for each answer.*: more than .* 1 h, .* may not",
        ),
        ({}, r"acme  50 min at most, at 120 s for each answer, and none asked again\n"),
    ],
    ids=["slow", "patient", "as usual"],
)
def test_a_plan_says_whether_it_can_finish(suite: Suite, limits: dict[str, int], said: str) -> None:
    suite.provider(limits=limits)
    done = suite.acme("--plan")
    assert re.search(f"time: {said}", done.text)


def test_a_run_that_cannot_finish_says_so_before_it_starts(suite: Suite) -> None:
    suite.provider(limits={"rpm": 2})
    done = suite.acme("--max-time=20s", "-k", "stop.string-stops")
    assert re.search(
        r"time: acme  30 s at least, .* more than --max-time, 20 s, so that it cannot", done.text
    )
    # Nobody waits for a turn that comes too late.
    assert done.code == 7
    assert len(done.sent) == 1


@pytest.mark.parametrize("time", ["0", "0.5s", "25h", "soon", "-3m", ""], ids=by_value)
def test_a_time_that_is_none_is_a_mistake(suite: Suite, time: str) -> None:
    done = suite.acme(f"--max-time={time}")
    assert done.code == 4
    assert f"--max-time={time}: a time from 1s to 24h is wanted, as in 45m, 90s or 1h30m" in done.text
