"""Requests that every contract is asked: its own, with one thing changed."""

from __future__ import annotations

from conformance.asking.change import (
    credential,
    either,
    header,
    optional,
    raw,
    setting,
    to_be_refused,
    without,
)
from conformance.asking.own import Own
from conformance.asking.probe import MODEL, NONCE, Credential, Expects, Probe, fetch

PLAIN, CONTROL, STREAMED = Own("plain"), Own("control"), Own("streamed")
EMPTY, EMPTY_STREAMED = Own("empty"), Own("empty_streamed")

_REFUSED = PLAIN | to_be_refused

PARAMETER = "x_conformance_probe"
"""The name of a parameter that nobody knows."""

ORIGIN = "https://app.example"
ASKED_FOR = ("authorization", "content-type")

NO_MODEL = _REFUSED | without("model")
NUMBER_MODEL = _REFUSED | setting(model=123)
EMPTY_MODEL = _REFUSED | setting(model="")
UNKNOWN_MODEL = _REFUSED | setting(model=f"no-such-model-{NONCE}")

MALFORMED_JSON = _REFUSED | raw("malformed JSON", '{"model":')
UNKNOWN_PARAMETER = PLAIN | setting(**{PARAMETER: 1}) | either
PLAIN_TEXT = PLAIN | header("Content-Type", "text/plain") | either

NO_KEY = _REFUSED | credential(Credential.NONE)
WRONG_KEY = _REFUSED | credential(Credential.WRONG)
WRONG_SCHEME = _REFUSED | credential(Credential.SCHEME)
EMPTY_KEY = _REFUSED | credential(Credential.EMPTY)
WRONG_KEY_AND_BODY = EMPTY | credential(Credential.WRONG)

MODEL_LIST = fetch("models", "/models") | optional("model-list") | either
MODEL_RETRIEVED = fetch("the model", f"/models/{MODEL}") | optional("model-retrieve") | either


def _misspelt(probe: Probe) -> Probe:
    return probe.changed("at an unknown path", path=f"{probe.path[:-1]}z")


def _fetched(probe: Probe) -> Probe:
    return fetch(f"GET {probe.path}", probe.path) | to_be_refused


def _preflight(probe: Probe) -> Probe:
    return Probe(
        "CORS preflight",
        method="OPTIONS",
        path=probe.path,
        headers=(
            ("Origin", ORIGIN),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", ",".join(ASKED_FOR)),
        ),
        credential=Credential.NONE,
        expects=Expects.EITHER,
    )


UNKNOWN_PATH = _REFUSED | _misspelt
WRONG_METHOD = PLAIN | _fetched
PREFLIGHT = PLAIN | _preflight
"""What a browser sends before a page of another origin may call the service."""
