"""How a case is declared, and what follows from its declaration."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from conformance.asking.probe import Probe
from conformance.contracts.chat.probes.named import COUNT, COUNT_STREAM, COUNT_USAGE, NATO
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.selecting import (
    every_answer,
    every_plain_answer,
    every_refusal,
    every_response,
    every_stream,
    every_success,
)
from conformance.contracts.chat.sources import OPENAI, RFC
from conformance.judging.requirement import (
    MUST,
    Every,
    Named,
    controls,
    controls_for,
    probes,
    probes_for,
    requirement,
)
from conformance.provider.level import Level
from conformance.provider.model import Claims
from tests.contracts.chat.cases.recorded import SILENT, attempt, claiming, exchange

declared = partial(requirement, "area.it-holds", MUST, source=OPENAI.stop)


def test_a_declaration_makes_a_case() -> None:
    @requirement(
        "area.it-holds",
        Level.SHOULD,
        source=(OPENAI.stop, RFC.json_utf8),
        claim="stop",
        claimed=MUST,
        basis="area.accepted",
        hurts="Everybody.",
    )
    @controls(control=NATO)
    @probes(others=(COUNT, COUNT_STREAM))
    def test_it(control: View, others: tuple[View, ...]) -> None:
        """It holds
        on two lines."""

    made = test_it.requirement
    assert (made.id, made.area, made.level, made.claimed) == ("area.it-holds", "area", Level.SHOULD, MUST)
    assert (made.statement, made.hurts) == ("It holds on two lines.", "Everybody.")
    assert (made.sources, made.claim) == ((OPENAI.stop, RFC.json_utf8), "stop")
    assert made.basis == "area.accepted"
    assert test_it.probes(SILENT) == (NATO, COUNT, COUNT_STREAM)
    assert set(test_it.controls(SILENT)) == {"control"}


def test_nothing_is_a_control_of_a_case_on_every_exchange() -> None:
    def test_it(answer: View) -> None:
        """It holds."""

    made = declared()(every_answer(test_it))
    assert list(made.controls(SILENT)) == []
    with pytest.raises(TypeError, match="test_it judges every exchange of a kind"):
        controls(control=NATO)(every_answer(test_it))


def test_controls_may_follow_the_claims_and_the_contract_too() -> None:
    @declared()
    @controls_for(lambda claims: {"able": COUNT_USAGE} if claims.documents("seed") else {})
    @probes(view=COUNT)
    def test_it(view: View, able: View | None = None) -> None:
        """It holds."""

    assert (test_it.probes(SILENT), list(test_it.controls(SILENT))) == ((COUNT,), [])
    documented = claiming(seed=True)
    assert test_it.probes(documented) == (COUNT_USAGE, COUNT)
    assert list(test_it.controls(documented)) == ["able"]


def test_one_source_is_a_tuple_too() -> None:
    @declared()
    @probes(view=COUNT)
    def test_it(view: View) -> None:
        """It holds."""

    assert test_it.requirement.sources == (OPENAI.stop,)


def test_a_case_without_a_statement_is_refused() -> None:
    def test_it(view: View) -> None:
        pass

    with pytest.raises(TypeError, match="test_it has no docstring"):
        declared()(probes(view=COUNT)(test_it))


def test_what_is_sent_may_follow_the_claims() -> None:
    def wanted(claims: Claims) -> dict[str, Probe]:
        return {"view": COUNT_USAGE if claims.documents("seed") else COUNT}

    @declared()
    @probes_for(wanted)
    def test_it(view: View) -> None:
        """It holds."""

    assert isinstance(test_it.subject, Named)
    assert test_it.probes(SILENT) == (COUNT,)
    assert test_it.probes(claiming(seed=True)) == (COUNT_USAGE,)


@pytest.mark.parametrize(
    ("on", "status"),
    [
        pytest.param(every_answer, 200, id="answer"),
        pytest.param(every_plain_answer, 200, id="plain answer"),
        pytest.param(every_stream, 200, id="stream"),
        pytest.param(every_success, 200, id="success"),
        pytest.param(every_response, 200, id="response"),
        pytest.param(every_refusal, 400, id="refusal"),
    ],
)
def test_a_case_about_every_exchange_brings_what_it_needs_when_it_is_alone(
    on: Callable[[Callable[[View], None]], Any], status: int
) -> None:
    def test_it(view: View) -> None:
        """It holds."""

    case = declared()(on(test_it))
    assert isinstance(case.subject, Every)
    views = [View(exchange(probe, attempt(status, {}))) for probe in case.probes(SILENT)]
    assert any(map(case.subject.selects, views))


def test_calling_a_case_calls_its_function() -> None:
    seen: list[str] = []

    @declared()
    @probes(view=COUNT)
    def test_it(view: str) -> None:
        """It holds."""
        seen.append(view)

    test_it(view="a view")
    assert seen == ["a view"]
