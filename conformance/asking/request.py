"""From a probe to the request that a target is sent."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from conformance import __version__
from conformance.asking.probe import MODEL, NONCE, Credential, Probe
from conformance.provider.model import Target
from conformance.provider.secrets import variables_in
from conformance.wire.record import Request

USER_AGENT = f"OpenAI/Python 3.51.0 openai-conformance/{__version__}"
"""Begins like the official SDK, because a wall that lets only browsers pass is a finding."""

ACCEPT = "application/json"
"""What openai-python sends, for streams too."""

WRONG_KEY = "sk-invalid-conformance-0000000000000000"

NO_CREDENTIALS = "Y29uZm9ybWFuY2U6cHJvYmU="
"""A user `conformance` with the password `probe`, whom nobody knows."""


def render(probe: Probe, target: Target, base_url: str, nonce: str) -> Request:
    """The request as it goes out, but for the Authorization header, which is never recorded."""
    headers = {"Accept": ACCEPT, "User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate"}
    if probe.body is not None:
        headers["Content-Type"] = "application/json"
    private = probe.credential is Credential.VALID
    headers |= {
        name: value for name, value in target.provider.headers.items() if private or not variables_in(value)
    }
    overridden = {name.lower() for name, _ in probe.headers}
    kept = [(name, value) for name, value in headers.items() if name.lower() not in overridden]
    return Request(
        method=probe.method,
        url=base_url
        + _filled(probe.path, quote(target.model, safe=""), nonce)
        + _query(target, private=private),
        headers=(*kept, *probe.headers),
        body=_filled(
            _body(probe, target, private=private), json.dumps(target.model, ensure_ascii=False)[1:-1], nonce
        ),
    )


def leaving_out(probe: Probe, omitted: Collection[str]) -> tuple[Probe, tuple[str, ...]]:
    """The probe without what no request to this provider may have, and what was changed, in words."""
    gone = probe.inert.intersection(omitted, probe.members)
    if not gone:
        return probe, ()
    left = {name: value for name, value in probe.members.items() if name not in gone}
    body = _text(probe, left)
    return replace(probe, body=body), tuple(f"{name} left out" for name in sorted(gone))


def _body(probe: Probe, target: Target, *, private: bool) -> str:
    """The body with parameters under the names that the documents have for them, and what the entry adds.

    What the probe is about is not replaced. Without `private`, nothing is added that names a variable.
    """
    names, extra = target.claims.renamed, target.provider.extra.body
    added = {name: value for name, value in extra.items() if private or not variables_in(value)}
    if probe.body is None or not probe.members or (names.keys().isdisjoint(probe.members) and not added):
        return probe.body or ""
    members = {names.get(name, name): value for name, value in probe.members.items()}
    return _text(probe, {**members, **{name: added[name] for name in added if name not in members}})


def _text(probe: Probe, members: Mapping[str, Any]) -> str:
    """Other members in the same spelling: a body with escapes is ASCII, and stays it."""
    escapes = (probe.body or "").isascii()
    return json.dumps(members, ensure_ascii=escapes, separators=(",", ":"))


def _query(target: Target, *, private: bool) -> str:
    """What the entry adds to the address. A variable stays as it is written, until it is sent."""
    added = target.provider.extra.query.items()
    pairs = [(name, value) for name, value in added if private or not variables_in(value)]
    return (
        "?" + "&".join(f"{quote(name)}={quote(value, safe='${}')}" for name, value in pairs) if pairs else ""
    )


def authorization(kind: Credential, key: str | None) -> str | None:
    """The value of the Authorization header; None where it is left out, or the provider needs no key."""
    if kind is Credential.NONE or (kind is Credential.VALID and key is None):
        return None
    return {
        Credential.VALID: f"Bearer {key}",
        Credential.WRONG: f"Bearer {WRONG_KEY}",
        Credential.SCHEME: f"Basic {NO_CREDENTIALS}",
        Credential.EMPTY: "Bearer",
    }[kind]


def _filled(template: str, model: str, nonce: str) -> str:
    return template.replace(MODEL, model).replace(NONCE, nonce)
