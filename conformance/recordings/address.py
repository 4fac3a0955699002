"""Where a recorded request went: a host, or what stands for one in a recording that was made fit to share."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

_PLACEHOLDER = re.compile(
    r"(<[^<>/]{1,80}>|\{\{[^{}/]{1,80}\}\}|\$\{[^{}/]{1,80}\}|\[[A-Z_ ]{3,80}\])(.*)", re.DOTALL
)
_WEB = re.compile(r"(https?)://([^/?#]{1,300})(.*)", re.DOTALL)


def address(text: str) -> tuple[str, SplitResult] | None:
    """Scheme, host and port without who asked, and the whole URL in parts; None where it cannot be read.

    Where a base URL was replaced (`<API_BASE>/chat/completions`), the placeholder is the host. The host is
    empty where the address is none of the web.
    """
    replaced = _PLACEHOLDER.fullmatch(text)
    if replaced is not None:
        rest = urlsplit(f"https://placeholder{replaced[2]}")
        return replaced[1], rest
    try:
        url = urlsplit(text)
        return _host(url), url
    except ValueError:
        web = _WEB.fullmatch(text)
    if web is None:
        return None
    # What stands for the host, such as [REDACTED], is no host of a URL.
    return f"{web[1]}://{web[2].rpartition('@')[2]}", urlsplit(f"{web[1]}://placeholder{web[3]}")


def _host(url: SplitResult) -> str:
    if url.scheme not in ("http", "https") or not url.hostname:
        return ""
    name = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    return f"{url.scheme}://{name}" + (f":{url.port}" if url.port else "")


def name_of(base: str) -> str:
    """What the service at a base URL is called: its host, whatever the path."""
    web = _WEB.fullmatch(base)
    return web[2].rpartition("@")[2] if web is not None else _PLACEHOLDER.sub(r"\1", base)
