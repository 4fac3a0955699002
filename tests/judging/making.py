"""Cases and answers for the tests of judging."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from conformance.asking.change import setting
from conformance.asking.probe import Probe
from conformance.contracts.chat.probes.named import COUNT
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import OPENAI
from conformance.judging.requirement import MUST, Case, controls, probes, requirement
from conformance.judging.saying import warn
from conformance.judging.verdict import Judgement
from conformance.provider.level import Level
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.recorded import attempt, exchange, judgement

SEEDED = COUNT | setting(seed=7)

ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_767_225_600,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "1 2 3"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8},
}
STREAM = b'data: {"choices": [{"index": 0, "delta": {"content": "1"}, "finish_reason": "stop"}]}\n\n'
NO = {"error": {"message": "seed is not supported", "type": "invalid_request_error", "param": None}}

SERVED = exchange(COUNT, attempt(200, ANSWER))
"""The request without the parameter that others have: what shows that a refusal of those is about it."""


def case_of(
    function: Callable[..., None],
    level: Level = MUST,
    *,
    id: str = "area.it-holds",
    on: Any = None,
    **fields: Any,
) -> Case:
    """A case about one exchange, or about those that `on` picks."""
    function.__doc__ = "It holds."
    draft = (on or probes(view=SEEDED))(function)
    return requirement(id, level, source=OPENAI.seed, **fields)(draft)


def beside(judged: Mapping[str, Probe], compared: Mapping[str, Probe]) -> Any:
    """The probes that a case judges, and those that it compares them with."""
    return lambda function: controls(**compared)(probes(**judged)(function))


def holds(view: View) -> None:
    assert view.text


def broken(view: View) -> None:
    assert not view.text, f"the text is {view.text!r}"


def judged(
    function: Callable[..., None], level: Level = MUST, *exchanges: Exchange, **fields: Any
) -> Judgement:
    """What becomes of a case on the answer that is right in everything, or on these exchanges."""
    return judgement(
        case_of(function, level, **fields), *(exchanges or (exchange(SEEDED, attempt(200, ANSWER)),))
    )


def told(found: Judgement) -> list[tuple[tuple[str, ...], str]]:
    """The findings: the exchanges that each is about, and its words."""
    return [(one.exchanges, str(one.message)) for one in found.findings]


def warns(view: View) -> None:
    warn("harmful")


def returns(view: View) -> None:
    return
