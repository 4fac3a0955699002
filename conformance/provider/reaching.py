"""What is wrong with the headers, the query and the further members that an entry adds to each request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from conformance import CONTRACTS
from conformance.provider.located import Located
from conformance.provider.mistakes import Mistake, shown, suggestion
from conformance.provider.secrets import unbraced, variable_of, variables_in
from conformance.provider.validate import claims_of, schema

_CREDENTIAL = re.compile(
    r"(?i)(^|[-_])(api-?key|key|token|secret|auth|cookie|password|sig|signature)([-_]|$)"
)
_LIKE_A_KEY = re.compile(r"(?:Bearer |Basic )?(?:sk-|gsk_|xai-|hf_|AIza|csk-|pplx-|r8_|eyJ)[\w.-]{12,}")
_NO_VARIABLE = re.compile(r"\$\{(?![A-Za-z_][A-Za-z0-9_]*\})")
_OWN_HEADERS = frozenset(
    ("accept", "accept-encoding", "connection", "content-length", "content-type", "host", "transfer-encoding")
)
_ADDABLE = frozenset(
    (
        "metadata",
        "moderation",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "reasoning_effort",
        "safety_identifier",
        "service_tier",
        "store",
        "user",
        "verbosity",
        "web_search_options",
    )
)
"""Documented parameters that an entry may add: they say how a request is served, not what comes of it."""


@cache
def parameters() -> frozenset[str]:
    """The parameters of all contracts."""
    found = {
        name
        for contract in CONTRACTS
        for name, member in schema(claims_of(contract))["$defs"]["claims"]["properties"].items()
        if member["description"].startswith("Request parameter")
    }
    return frozenset(found)


def asked_about() -> frozenset[str]:
    """The parameters that requests are made with: an entry may not set them."""
    return parameters() - _ADDABLE


def unreachable(document: Located) -> Iterator[Mistake]:
    """Everything that is wrong with what entries add, where it has the right shape."""
    for path, text in document.texts():
        message = None
        match path:
            case ("providers", str(), "api_key"):
                written = unbraced(text)
                message = written and f"the variable needs braces: write api_key: {written}"
            case ("providers", str(name), "headers", str(header)):
                has_key = "api_key" in document.data["providers"][name]
                message = _header_fault(header, text, has_key=has_key)
            case ("providers", str(), "query", str(member)):
                message = _value_fault(f"the query member {shown(member)}", member, text)
            case ("providers", str(), "extra_body", *_, last):
                message = _value_fault(f"extra_body.{last}", str(last), text)
        if message:
            yield document.at_value(path, message)
    for path, text in document.texts():
        match path:
            case ("providers", str(), "omit", int()) if text not in (known := parameters()):
                near = suggestion(text, sorted(known))
                yield document.at_value(path, f"omit names no parameter: {shown(text)}{near}")
    for path in document.keys:
        match path:
            case ("providers", str(), "extra_body", str(member)) if member in asked_about():
                fix = "state what the documents say of it in claims, or leave it out"
                yield document.at_key(
                    path, f"extra_body sets {shown(member)}, which requests are about; {fix}"
                )


def _header_fault(name: str, text: str, *, has_key: bool) -> str | None:
    lower = name.lower()
    if lower == "proxy-authorization":
        return f"the header {name} is refused; write the user and the password into the address of the proxy"
    if lower == "authorization":
        return _authorization_fault(name, text, has_key=has_key)
    if lower in _OWN_HEADERS:
        return f"the header {name} is set by the suite; leave it out"
    return _value_fault(f"the header {name}", name, text)


def _authorization_fault(name: str, text: str, *, has_key: bool) -> str | None:
    scheme, _, rest = text.partition(" ")
    if scheme.lower() == "bearer" and variable_of(rest.strip()):
        return f"the header {name} is the suite's own: write api_key: {rest.strip()}"
    if has_key:
        return f"the header {name} is refused; the key is in api_key"
    if not variables_in(text):
        return f"the header {name} is refused; name the variable that holds the key in api_key"
    return None


def _value_fault(what: str, name: str, text: str) -> str | None:
    """Why a value may not stand there as it is. It is not shown, for it may be a key."""
    if (written := unbraced(text)) is not None:
        return f"{what} needs braces around its variable: write {written}"
    if _NO_VARIABLE.search(text):
        return f"{what} names no variable; write ${{VARIABLE}}, of letters, digits and _"
    if not variables_in(text) and (_CREDENTIAL.search(name) or _LIKE_A_KEY.search(text)):
        return f"{what} must name a variable, as in ${{VARIABLE}}; a literal key is refused"
    return None
