"""From a probe to the request that a target is sent."""

from __future__ import annotations

import json
from urllib.parse import quote

from conformance import __version__
from conformance.asking.probe import MODEL, NONCE, Credential, Probe
from conformance.provider.model import Target
from conformance.provider.secrets import variable_of
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
    headers |= {
        name: value
        for name, value in target.provider.headers.items()
        if probe.credential is Credential.VALID or variable_of(value) is None
    }
    overridden = {name.lower() for name, _ in probe.headers}
    kept = [(name, value) for name, value in headers.items() if name.lower() not in overridden]
    return Request(
        method=probe.method,
        url=base_url + _filled(probe.path, quote(target.model, safe=""), nonce),
        headers=(*kept, *probe.headers),
        body=_filled(_named(probe, target), json.dumps(target.model, ensure_ascii=False)[1:-1], nonce),
    )


def _named(probe: Probe, target: Target) -> str:
    """The body, with parameters under the names that the documents have for them."""
    body, names = probe.body or "", target.claims.renamed
    if names.keys().isdisjoint(probe.members):
        return body
    members = {names.get(name, name): value for name, value in probe.members.items()}
    # A body with \u escapes is ASCII, and stays it.
    return json.dumps(members, ensure_ascii=body.isascii(), separators=(",", ":"))


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
