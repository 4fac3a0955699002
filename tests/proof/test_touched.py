"""What a fault does not touch need not be asked again, and what it touches is found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.contracts.chat.probes.named import COUNT, COUNT_STREAM
from conformance.proof import asking
from conformance.proof.asking import OF_THE_CONNECTION, persona_of
from conformance.proof.judging import judgements
from conformance.proof.kills import claims_of
from conformance.proof.touched import recorded, sound
from conformance.reference.fault import Fault, Stage
from conformance.reference.faults import FAULTS
from conformance.wire.record import Exchange

DIRECT = [
    fault for name, fault in FAULTS.items() if fault.stage is not Stage.WIRE and name not in OF_THE_CONNECTION
]
ODD = (
    "cut-is-an-error",  # another limit is tried then
    "zero-temperature-refused",  # the others are asked without it
    "system-crashes",  # asked once more
    "engines-alternate",  # remembers
    "any-scheme-served",  # one of several with the same words
    "images-overlooked-by-text-model",  # by other claims, and another persona
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: 0.0)  # the wait before a request is sent again


def whole(fault: Fault) -> list[Exchange]:
    """The exchanges where everything is asked."""
    claims = claims_of(fault)
    return asking.recorded(fault, claims=claims, persona=persona_of(claims))


def apart(exchange: Exchange) -> Exchange:
    """The exchange without what was under way beside it: where less is asked, that is less."""
    return replace(exchange, attempts=tuple(replace(one, beside=0) for one in exchange.attempts))


@pytest.mark.parametrize(
    "fault", [*DIRECT[::60], *(FAULTS[name] for name in ODD)], ids=lambda fault: fault.name
)
def test_the_exchanges_are_those_of_asking_everything(fault: Fault) -> None:
    found = {one.id: apart(one) for one in recorded(fault, claims_of(fault))}
    assert found == {one.id: apart(one) for one in whole(fault)}


def test_a_fault_on_the_wire_is_judged_as_where_everything_is_asked_over_a_connection() -> None:
    fault = FAULTS["stream-reset"]
    found, expected = judgements(recorded(fault, claims_of(fault))), judgements(whole(fault))
    assert {name: (one.verdict, one.see) for name, one in found.items()} == {
        name: (one.verdict, one.see) for name, one in expected.items()
    }


def test_what_is_touched_is_asked_again_and_nothing_else() -> None:
    known = sound("openai")
    streams = known.touched(FAULTS["done-missing"])
    assert streams is not None
    assert COUNT_STREAM.key in streams
    assert COUNT.key not in streams
    assert known.touched(FAULTS["engines-alternate"]) is None
    assert not known.touched(Fault("nothing", "Leaves all as it is.", Stage.REPLY, (), lambda it, _: it))
