"""The modules that hold faults of chat completions."""

from __future__ import annotations

from conformance.reference.chat.faults import (
    access,
    accounting,
    billing,
    chunks,
    conversing,
    cutting,
    envelope,
    failing,
    formats,
    framing,
    guessing,
    parameters,
    refusing,
    sampling,
    stopping,
    streamed_usage,
    tooling,
    transport,
    twinning,
)

MODULES = (
    envelope,
    accounting,
    billing,
    guessing,
    chunks,
    streamed_usage,
    failing,
    framing,
    stopping,
    cutting,
    sampling,
    parameters,
    conversing,
    tooling,
    formats,
    refusing,
    access,
    transport,
    twinning,
)
