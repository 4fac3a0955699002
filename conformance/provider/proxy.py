"""The proxy that the environment names for an address, as openai-python and curl find it.

HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, in either case (the lower one goes before), or the settings
of macOS and Windows. Like curl, and unlike Python, NO_PROXY may hold networks (`10.0.0.0/8`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from conformance.provider.model import Provider

SCHEMES = ("http", "https", "socks5", "socks5h")


class ProxyError(ValueError):
    """A variable holds no address of a proxy. The message names the variable, and not what it holds."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy. `name` is what may be shown: host and port, and the variable; `url` may hold a password."""

    name: str
    url: str = field(repr=False)


def proxy_of(provider: Provider, environ: Mapping[str, str]) -> Proxy | None:
    """The proxy through which requests to the provider go; None for this machine itself. Raises ProxyError.

    `environ` tells which variable it stands in; Python itself looks up what that holds.
    """
    if provider.embedded:
        return None
    from urllib.request import getproxies  # which brings an HTTP client along

    target = urlsplit(provider.base_url)
    found = getproxies()
    value = found.get(target.scheme) or found.get("all")
    if not value or _is_loopback(target.hostname or "") or _is_excepted(target, found.get("no", "")):
        return None
    url = value if "://" in value else f"http://{value}"
    variable = _variable(target.scheme, value, environ)
    return Proxy(f"{_place(url, variable)} ({variable})", url)


def _place(url: str, variable: str) -> str:
    """Its host and port."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, SplitResult("", "", "", "", "")
    scheme = parts.scheme
    if scheme.startswith("socks") and scheme not in SCHEMES:
        raise ProxyError(
            f"{variable} begins with {scheme}://, which is not supported; write socks5://HOST:PORT"
        )
    if not host or scheme not in SCHEMES:
        example = "http://HOST:PORT or socks5://HOST:PORT, with special characters of a password as %XX"
        raise ProxyError(f"{variable} holds no address of a proxy; write {example}")
    host = f"[{host}]" if ":" in host else host
    return host if port is None else f"{host}:{port}"


def _variable(scheme: str, value: str, environ: Mapping[str, str]) -> str:
    names = (f"{scheme}_proxy", f"{scheme}_PROXY".upper(), "all_proxy", "ALL_PROXY")
    return next((name for name in names if environ.get(name) == value), "the system's settings")


def _is_excepted(target: SplitResult, exceptions: str) -> bool:
    from urllib.request import proxy_bypass

    if proxy_bypass(target.netloc):
        return True
    try:
        address = ip_address(target.hostname or "")
    except ValueError:
        return False
    return any(_holds(one.strip(), address) for one in exceptions.split(","))


def _holds(network: str, address: object) -> bool:
    try:
        return "/" in network and address in ip_network(network, strict=False)
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
