"""The changes that make one probe out of another: `COUNT | stream | max_tokens(5)`."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from conformance.asking.probe import Change, Credential, Expects, Probe, compact


def setting(**parameters: Any) -> Change:
    """Sets members of the body; the name shows them."""

    def change(probe: Probe) -> Probe:
        label = " ".join(f"{name}={compact(value)}" for name, value in parameters.items())
        inert = probe.inert.difference(parameters)
        return probe.changed(label, body=compact({**probe.members, **parameters}), inert=inert)

    return change


def without(*names: str) -> Change:
    """Leaves members of the body out."""

    def change(probe: Probe) -> Probe:
        left = {name: value for name, value in probe.members.items() if name not in names}
        return probe.changed(f"without {', '.join(names)}", body=compact(left))

    return change


def stream(probe: Probe) -> Probe:
    """Asks for the answer as a stream."""
    return probe.changed("stream", body=compact({**probe.members, "stream": True}))


def costing(tokens: int) -> Change:
    """States how many completion tokens an answer is expected to cost."""
    return lambda probe: replace(probe, completion_tokens=tokens)


def to_be_refused(probe: Probe) -> Probe:
    """Marks a request that a strict provider refuses: it is sent once, and costs nothing when refused."""
    return replace(probe, expects=Expects.REFUSAL, completion_tokens=0)


def either(probe: Probe) -> Probe:
    """Marks a request that may be served or refused."""
    return replace(probe, expects=Expects.EITHER)


def optional(*features: str) -> Change:
    """Names features, beyond the members of the body, that the request exercises."""
    return lambda probe: replace(probe, features=probe.features | set(features))


def copies(count: int, probe: Probe) -> tuple[Probe, ...]:
    """The same request several times over, to be sent and answered independently."""
    return tuple(probe.changed(f"#{i}", copy=i) for i in range(1, count + 1))


def one_after_another(count: int, probe: Probe) -> tuple[Probe, ...]:
    """The same request several times over, each sent when the one before it has been answered."""
    found: list[Probe] = []
    for one in copies(count, probe):
        found.append(replace(one, after=found[-1]) if found else one)
    return tuple(found)


def raw(label: str, body: str) -> Change:
    """Replaces the body by a text that need not be JSON."""
    return lambda probe: probe.changed(label, body=body, inert=frozenset())


def escaped(probe: Probe) -> Probe:
    """Sends the same JSON with every character outside ASCII escaped."""
    return probe.changed("escaped", body=json.dumps(probe.members, separators=(",", ":")))


def header(name: str, value: str) -> Change:
    """Sets a request header."""

    def change(probe: Probe) -> Probe:
        kept = tuple((key, old) for key, old in probe.headers if key.lower() != name.lower())
        return probe.changed(f"{name}: {value}", headers=(*kept, (name, value)))

    return change


def credential(kind: Credential) -> Change:
    """Sends another credential than the provider's key."""
    return lambda probe: probe.changed(f"key: {kind.value}", credential=kind)


def path(label: str, value: str, method: str = "POST") -> Change:
    """Sends the request to another path or with another method."""
    return lambda probe: probe.changed(label, path=value, method=method)


def cut_after(events: int) -> Change:
    """Hangs up after so many events of the stream."""
    return lambda probe: probe.changed(
        f"cut after {events} events", cut_after=events, completion_tokens=events
    )


def after(first: Probe) -> Change:
    """Sends the request only once another exchange has ended."""
    return lambda probe: probe.changed(f"after {first.name}", after=first)
