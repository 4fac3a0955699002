"""What keys in wide use look like, so that they are known wherever they stand: in a prompt, or in an answer.

The patterns follow the rules of gitleaks (github.com/gitleaks/gitleaks, config/gitleaks.toml, MIT licence),
by the names beside them, and what the services' own documents say. They are few: those of model services, of
the clouds behind them, and of what agents are given. None is a word, an id of an answer, or an image.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.wire.redact.pieces import in_pieces
from conformance.wire.redact.secret import surprise
from conformance.wire.redact.spans import Place, replaced

_RANDOM = r"(?=[a-z_-]*[A-Z0-9])"

_KNOWN = {
    "openai, anthropic, openrouter": rf"\bsk-(?!invalid-conformance-){_RANDOM}[A-Za-z0-9_-]{{16,}}",
    "groq, xai, replicate, fireworks, nvidia": r"\b(?:gsk_|xai-|r8_|fw_|nvapi-)[A-Za-z0-9_-]{20,}",
    "perplexity-api-key": r"\bpplx-[A-Za-z0-9]{40,}",
    "huggingface-access-token": r"\b(?:hf_|api_org_)[A-Za-z0-9]{20,}",
    "databricks-api-token": r"\bdapi[a-f0-9]{32}",
    "aws-access-token": r"\b(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b",
    "gcp-api-key": r"\bAIza[A-Za-z0-9_-]{35}",
    "Google's access tokens and client secrets": r"\b(?:ya29\.|GOCSPX-)[A-Za-z0-9_-]{20,}",
    "azure-ad-client-secret": r"(?<![A-Za-z0-9_~.])[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}",
    "digitalocean-pat": r"\bdo[opr]_v1_[a-f0-9]{64}",
    "github-pat, github-oauth, github-app-token": r"\bgh[oprsu]_[A-Za-z0-9]{20,}",
    "github-fine-grained-pat": r"\bgithub_pat_[A-Za-z0-9_]{20,}",
    "gitlab-pat and its like": r"\bgl(?:pat|rt|dt|ptt|cbt|ft|imt|soat|oas|agent)-[A-Za-z0-9_-]{20,}",
    "npm-access-token": r"\bnpm_[A-Za-z0-9]{36}",
    "pypi-upload-token": r"\bpypi-AgE[A-Za-z0-9_-]{50,}",
    "slack-bot-token and its like": rf"\bxox[abeoprs]-{_RANDOM}[A-Za-z0-9-]{{10,}}",
    "slack-app-token": r"\bxapp-\d-[A-Za-z0-9-]{20,}",
    "slack-webhook-url": r"\bhooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{30,}",
    "stripe-access-token": r"\b(?:sk|rk)_(?:test|live|prod)_[A-Za-z0-9]{10,}",
    "sendgrid-api-token": r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    "vault-service-token": r"\bhvs\.[A-Za-z0-9_-]{24,}",
    "jwt": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    "private-key": r"-----BEGIN[ A-Z0-9]{0,40}PRIVATE KEY(?: BLOCK)?-----[^-]*(?:-(?!----)[^-]*){0,100}",
}
"""The patterns by the names of the rules that they follow, or of whose keys they are."""

_SIGNS = {
    "openai, anthropic, openrouter": ("sk-",),
    "groq, xai, replicate, fireworks, nvidia": ("gsk_", "xai-", "r8_", "fw_", "nvapi-"),
    "perplexity-api-key": ("pplx-",),
    "huggingface-access-token": ("hf_", "api_org_"),
    "databricks-api-token": ("dapi",),
    "aws-access-token": ("A3T", "AKIA", "ASIA", "ABIA", "ACCA"),
    "gcp-api-key": ("AIza",),
    "Google's access tokens and client secrets": ("ya29.", "GOCSPX-"),
    "azure-ad-client-secret": ("Q~",),
    "digitalocean-pat": ("_v1_",),
    "github-pat, github-oauth, github-app-token": ("gho_", "ghp_", "ghr_", "ghs_", "ghu_"),
    "github-fine-grained-pat": ("github_pat_",),
    "gitlab-pat and its like": ("gl",),
    "npm-access-token": ("npm_",),
    "pypi-upload-token": ("pypi-AgE",),
    "slack-bot-token and its like": ("xox",),
    "slack-app-token": ("xapp-",),
    "slack-webhook-url": ("hooks.slack.com/",),
    "stripe-access-token": ("sk_", "rk_"),
    "sendgrid-api-token": ("SG.",),
    "vault-service-token": ("hvs.",),
    "jwt": ("eyJ",),
    "private-key": ("-----BEGIN",),
}
"""What stands in every key of a pattern, which is looked for only where one of these is: hardly anywhere."""

_SHAPES = tuple(
    (tuple(sign.encode() for sign in _SIGNS[name]), re.compile(pattern.encode()))
    for name, pattern in _KNOWN.items()
)
_SCHEME = re.compile(rb"(?i)\b(?:bearer|basic|token)[ :]+([A-Za-z0-9._~+/-]{12,}=*)")

REMOVED = "[REMOVED: LOOKS LIKE A KEY]"


def without_shapes(data: bytes, instead: str) -> bytes:
    """The data without what looks like a key of somebody, also where it comes word by word."""
    clean = _with(data, [(*place, instead.encode()) for place in _places(data)])
    return _with(clean, in_pieces(clean, _places, instead))


def _with(data: bytes, spans: list[tuple[int, int, bytes]]) -> bytes:
    return replaced(((0.0, data),), spans)[0][1] if spans else data


def _places(data: bytes) -> list[Place]:
    """Where the shapes stand, in order."""
    found: list[Place] = []
    for place in sorted([*_of_a_shape(data), *_after_a_scheme(data)]):
        if not found or place[0] >= found[-1][1]:
            found.append(place)
        else:
            found[-1] = found[-1][0], max(found[-1][1], place[1])
    return found


def _of_a_shape(data: bytes) -> Iterator[Place]:
    for signs, pattern in _SHAPES:
        if any(sign in data for sign in signs):
            yield from (match.span() for match in pattern.finditer(data))


def _after_a_scheme(data: bytes) -> Iterator[Place]:
    """What follows `Bearer`, if it is as random as a token: the same words begin ordinary sentences."""
    for match in _SCHEME.finditer(data):
        if surprise(match[1]) > 1 and b"invalid-conformance-" not in match[1]:
            yield match.span(1)
