"""The modules that hold variants of chat completions."""

from __future__ import annotations

from conformance.reference.chat.variants import (
    accounting,
    arriving,
    calling,
    carrying,
    chunks,
    connecting,
    framing,
    lacking,
    members,
    messages,
    naming,
    postponing,
    refusing,
    writing,
)

MODULES = (
    naming,
    messages,
    calling,
    accounting,
    chunks,
    members,
    refusing,
    lacking,
    writing,
    framing,
    arriving,
    carrying,
    postponing,
    connecting,
)
"""In the order in which variants are applied: each works on what those before it have made."""
