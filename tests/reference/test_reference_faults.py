"""The faults: none is without effect, and none breaks the server in another way than it says."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from conformance import CONTRACTS
from conformance.contracts.chat.probes import prompts
from conformance.reference.fault import Fault, Stage
from conformance.reference.faults import FAULTS, UnknownFaultError, contract_of, modules, named
from tests.reference.asking import Got, server

ON_THE_WIRE = [fault for fault in FAULTS.values() if fault.stage is Stage.WIRE]

WHOLE = {"temperature": 0}
STREAMED = {"temperature": 0, "stream": True}


@pytest.mark.parametrize("fault", ON_THE_WIRE, ids=lambda fault: fault.name)
def test_a_fault_on_the_wire(fault: Fault) -> None:
    with server() as sound:
        expected = [seen(sound.ask(prompts.COUNT, **parameters)) for parameters in (WHOLE, STREAMED)]
    with server(fault, pace=0.001) as client:
        patient = replace(client, timeout=1.0)
        got = [seen(patient.ask(prompts.COUNT, **parameters)) for parameters in (WHOLE, STREAMED)]
        assert client.get("/models").status == 200
        assert client.post(b"{").status == 400
    assert sum(old != new for old, new in zip(expected, got, strict=True)) == 1


def seen(got: Got) -> tuple[int, int, str]:
    """What a client notices of a response that differs in ids and dates each time."""
    return got.status, len(got.body), got.failure


def test_an_abort_is_noticed_on_a_real_connection() -> None:
    with server(FAULTS["worker-lost-by-abort"], pace=0.05) as client:
        client.begin({"model": "reference", "messages": [{"role": "user", "content": "hi"}], "stream": True})
        statuses = (client.ask(prompts.OK, max_tokens=4).status for _ in range(200))
        assert 500 in statuses
        assert client.ask(prompts.OK, max_tokens=4).status == 200


def test_a_held_connection_does_not_keep_the_server(caplog: pytest.LogCaptureFixture) -> None:
    with server(FAULTS["connection-held-after-done"]) as client:
        got = replace(client, timeout=0.2).ask(prompts.OK, stream=True)
        assert got.failure == "TimeoutError"
    assert caplog.records == []


def test_names_and_summaries() -> None:
    for name, fault in FAULTS.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
        assert re.fullmatch(r"[^\n]{10,120}\.", fault.summary)
        assert fault.aims
        assert all(re.fullmatch(r"[a-z]+\.[a-z0-9-]+", aim) for aim in fault.aims)


def test_no_two_modules_share_a_name() -> None:
    every = [module for contract in CONTRACTS for module in modules(contract)]
    declared = [one for module in every for one in vars(module).values() if isinstance(one, Fault)]
    assert len(FAULTS) == len(declared) >= 150


def test_faults_are_found_by_name() -> None:
    assert named(["usage-missing", "done-twice"]) == (FAULTS["usage-missing"], FAULTS["done-twice"])


def test_an_unknown_name_gets_a_hint() -> None:
    with pytest.raises(UnknownFaultError, match="did you mean 'usage-missing'"):
        named(["usage-mising"])


def test_a_fault_belongs_to_a_contract() -> None:
    assert contract_of("usage-missing") == "chat"
    assert contract_of("base64-ignored") == "embeddings"
