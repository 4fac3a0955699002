"""The changes that only chat completions have: `COUNT | stream | max_tokens(5)`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.asking.change import costing, setting
from conformance.asking.probe import Change, Probe, compact


def stream_usage(probe: Probe) -> Probe:
    """Asks for usage at the end of the stream."""
    options = {**probe.members, "stream_options": {"include_usage": True}}
    return probe.changed("include_usage", body=compact(options))


def stop(*sequences: str) -> Change:
    """One stop sequence is sent as a string, several as an array."""
    return setting(stop=sequences[0] if len(sequences) == 1 else list(sequences))


def temperature(value: Any) -> Change:
    """Sets the sampling temperature."""
    return setting(temperature=value)


def top_p(value: Any) -> Change:
    """Sets the nucleus."""
    return setting(top_p=value)


def max_tokens(value: Any) -> Change:
    """Sets the limit, and with it what the answer can cost. The probe is about the limit."""

    def change(probe: Probe) -> Probe:
        changed = probe | setting(max_tokens=value)
        valid = isinstance(value, int) and value > 0
        return costing(min(value, probe.completion_tokens or value))(changed) if valid else changed

    return change


def at_most(value: int) -> Change:
    """Sets the limit only to bound what the answer can cost."""
    return lambda probe: replace(probe | max_tokens(value), inert=probe.inert | {"max_tokens"})


def n(value: Any) -> Change:
    """Asks for several choices."""

    def change(probe: Probe) -> Probe:
        changed = probe | setting(n=value)
        valid = isinstance(value, int) and value > 0
        return costing(value * probe.completion_tokens)(changed) if valid else changed

    return change
