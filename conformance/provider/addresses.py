"""What is wrong with a base URL, and the line to write instead.

The address is shown only where it is one of those that everybody has: where it is wrong, it may hold a
password or a key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import SplitResult, urlsplit

from conformance.contracts import asked_at
from conformance.wire import own_yaml

_VERSIONED = re.compile(r"(?:.*/v\d\w*)?")
_NO_ADDRESS = re.compile(r"[^!-~]|[\\\"<>^`{|}]")
_API_VERSION = re.compile(r"api-version=(20\d\d-\d\d-\d\d(?:-preview)?|preview|latest)")
_DEPLOYMENT = re.compile(r"/openai/deployments/([\w.-]{1,64})(/.*)?")
_AZURE = (".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com")
_OLLAMA = 11434
_HERE = ("localhost", "127.0.0.1", "::1")


@cache
def vendors() -> Mapping[str, Mapping[str, Any]]:
    """The usual addresses of vendors and engines, by the name of their profile; see vendors.yaml."""
    data = files("conformance").joinpath("provider", "vendors.yaml").read_bytes()
    found: Mapping[str, Mapping[str, Any]] = own_yaml.load(data)["vendors"]
    return found


def vendor_at(base_url: str) -> str | None:
    """The vendor whose host an address has. On this machine a port tells nobody who serves it."""
    host = urlsplit(base_url).hostname or ""
    if host.endswith(_AZURE):
        return "azure"
    return None if host in _HERE else _vendor_of(host)


def _vendor_of(host: str) -> str | None:
    return next((name for name, one in vendors().items() if urlsplit(one["base_url"]).hostname == host), None)


def address_fault(text: str) -> str | None:
    """What is wrong with the text as a base URL, and how to put it right."""
    if _NO_ADDRESS.search(text):
        return "base_url contains a character that an address cannot have"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "base_url is not an address: its host or port is wrong"
    if parts.scheme not in ("http", "https") or not host:
        return "base_url must begin with https:// or http:// and a host"
    if "@" in parts.netloc:
        return "base_url holds a user or a password; put the key into the environment and name it in api_key"
    path = parts.path.rstrip("/")
    if host.endswith(_AZURE):
        return _azure(host, path, parts)
    if parts.query or parts.fragment or text.endswith(("?", "#")):
        return _with_query(parts)
    if port == _OLLAMA and (path == "" or re.fullmatch(r"/api(/\w+)?", path)):
        return f"Ollama speaks OpenAI's protocol below /v1: write base_url: {_begin(parts)}/v1"
    if path.endswith("/messages"):
        begin = (
            f"{_begin(parts)}{path.removesuffix('/messages')}" if _vendor_of(host) else "what is before it"
        )
        return f"base_url ends in /messages, which is Anthropic's own protocol: write base_url: {begin}"
    # Looked for only where something stands behind the version, since it takes contracts to be imported.
    if not _VERSIONED.fullmatch(path) and (found := asked_at(path)) is not None:
        return f"base_url must end before {found.endpoint}"
    return _elsewhere(host, path, parts)


def _begin(parts: SplitResult) -> str:
    """Scheme, host and port, which are no secret where there is neither user nor password."""
    return f"{parts.scheme}://{parts.netloc}"


def _with_query(parts: SplitResult) -> str:
    found = _API_VERSION.fullmatch(parts.query)
    if found:
        return f"base_url must end before '?': write query: {{api-version: {found[1]}}} beside it"
    fix = "write what follows as query: {name: value}, and a key as ${VARIABLE}"
    return f"base_url must end before '?' and '#'; {fix}"


def _azure(host: str, path: str, parts: SplitResult) -> str | None:
    """Azure has one address for all models since its v1, and one for each deployment before."""
    if path == "/openai/v1" and not parts.query and not parts.fragment:
        return (
            None
            if parts.scheme == "https"
            else f"Azure speaks https: write base_url: https://{host}/openai/v1"
        )
    if (found := _DEPLOYMENT.fullmatch(path)) and not found[2] and not parts.query:
        return None  # it takes query: {api-version: …}, which the answer of the server says best
    deployment = f", and models: [{found[1]}]" if found else ""
    return f"this is not where Azure speaks OpenAI's protocol: write base_url: https://{host}/openai/v1{deployment}"


def _elsewhere(host: str, path: str, parts: SplitResult) -> str | None:
    """A vendor's host without the path or the scheme that belongs to it."""
    name = _vendor_of(host)
    if name is None or host in _HERE:
        return None
    usual = vendors()[name]["base_url"]
    if path in (urlsplit(usual).path, *vendors()[name].get("also", ())):
        return None if parts.scheme == "https" else f"{host} speaks https: write base_url: {usual}"
    return f"{host} speaks OpenAI's protocol elsewhere: write base_url: {usual}" if path in _BARE else None


_BARE = ("", "/v1", "/api", "/openai", "/openai/v1", "/v1beta")
"""Paths that people write where a host needs another one."""
