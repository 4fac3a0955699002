"""A provider that is named by its address on the command line, with no file."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import urlsplit

from conformance import DEFAULT
from conformance.provider.addresses import address_fault, vendor_at
from conformance.provider.claims import profiles
from conformance.provider.load import Providers, parse
from conformance.provider.secrets import OPTION, USUAL_KEY
from conformance.provider.select import SelectionError

_PLACES = {"base_url": OPTION, "models": "--model"}


def at(
    base_url: str, model: str | None, environ: Mapping[str, str] | None, contracts: Sequence[str] = ()
) -> Providers:
    """The one provider at this address, judged by the profile of whose host it is, else by OpenAI's.

    `contracts` are those that the model is tested for. Without a key only a server on this machine is asked.
    `environ` None: nothing is sent. Raises SelectionError.
    """
    if (fault := address_fault(base_url)) is not None:
        raise SelectionError("--base-url: " + fault.replace("base_url: ", "--base-url="))
    if model is None:
        raise SelectionError(f"--base-url={base_url} needs --model ID: which model to test there")
    vendor = vendor_at(base_url)
    entry = {
        "base_url": base_url,
        "contracts": {
            name: {"models": [model], "claims": vendor if vendor in profiles(name) else "openai"}
            for name in contracts or (DEFAULT,)
        },
    }
    has_key = bool((environ or {}).get(USUAL_KEY, "").strip())
    if has_key or not is_here(base_url):
        entry["api_key"] = f"${{{USUAL_KEY}}}"
    name = re.sub(r"[^A-Za-z0-9._-]", "-", urlsplit(base_url).hostname or "provider").strip("-.")[:64]
    found = parse(json.dumps({"providers": {name or "provider": entry}}).encode(), OPTION)
    (provider,) = found.entries.values()
    known = replace(provider, where="named by --base-url", places=MappingProxyType(_PLACES))
    return Providers(None, MappingProxyType({provider.name: known}))


def is_here(base_url: str) -> bool:
    """Whether the address means this machine."""
    host = urlsplit(base_url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
