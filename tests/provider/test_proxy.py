"""Which proxy the environment names for a provider."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from conformance.provider.load import embedded
from conformance.provider.model import Provider
from conformance.provider.proxy import Proxy, ProxyError, proxy_of
from tests.asking.wire import provider
from tests.ids import by_value


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment as it is has none."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def at(base_url: str) -> Provider:
    return replace(provider(), base_url=base_url)


def found(monkeypatch: pytest.MonkeyPatch, base_url: str, **variables: str) -> Proxy | None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return proxy_of(at(base_url), os.environ)


@pytest.mark.parametrize(
    ("variables", "name", "url"),
    [
        ({"HTTPS_PROXY": "http://h:3128"}, "h:3128 (HTTPS_PROXY)", "http://h:3128"),
        ({"https_proxy": "http://l", "HTTPS_PROXY": "http://u"}, "l (https_proxy)", "http://l"),
        ({"ALL_PROXY": "socks5h://127.0.0.1:1080"}, "127.0.0.1:1080 (ALL_PROXY)", "socks5h://127.0.0.1:1080"),
        ({"all_proxy": "socks5://a", "https_proxy": "h:1"}, "h:1 (https_proxy)", "http://h:1"),
        ({"HTTPS_PROXY": "https://me:word@[2001:db8::1]:8443"}, "[2001:db8::1]:8443 (HTTPS_PROXY)", None),
    ],
    ids=by_value,
)
def test_it_is_named_without_what_is_secret(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], name: str, url: str | None
) -> None:
    proxy = found(monkeypatch, "https://api.acme.example/v1", **variables)
    assert proxy is not None
    assert proxy.name == name
    assert proxy.url == (url or next(iter(variables.values())))
    assert "word" not in repr(proxy)


def test_what_stands_in_the_settings_of_the_system_has_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib.request.getproxies", lambda: {"https": "http://h:1"})
    assert proxy_of(at("https://api.acme.example/v1"), {}) == Proxy(
        "h:1 (the system's settings)", "http://h:1"
    )


@pytest.mark.parametrize(
    ("base_url", "variables"),
    [
        ("https://api.acme.example/v1", {}),
        ("https://api.acme.example/v1", {"HTTP_PROXY": "http://h:1"}),
        ("https://api.acme.example/v1", {"HTTPS_PROXY": ""}),
        ("https://api.acme.example/v1", {"HTTPS_PROXY": "http://h:1", "NO_PROXY": "*"}),
        ("https://api.acme.example/v1", {"HTTPS_PROXY": "http://h:1", "NO_PROXY": "x.org,.acme.example"}),
        (
            "https://api.acme.example:8443/v1",
            {"HTTPS_PROXY": "http://h:1", "no_proxy": "api.acme.example:8443"},
        ),
        ("http://10.1.2.3:8000/v1", {"ALL_PROXY": "http://h:1", "NO_PROXY": "172.16.0.0/12, 10.0.0.0/8"}),
        ("http://[2001:db8::7]/v1", {"ALL_PROXY": "http://h:1", "NO_PROXY": "2001:db8::/32"}),
        ("http://127.0.0.1:8000/v1", {"ALL_PROXY": "http://h:1"}),
        ("http://localhost:8000/v1", {"ALL_PROXY": "http://h:1"}),
        ("http://[::1]:8000/v1", {"ALL_PROXY": "http://h:1"}),
    ],
    ids=by_value,
)
def test_what_is_reached_without(
    monkeypatch: pytest.MonkeyPatch, base_url: str, variables: dict[str, str]
) -> None:
    assert found(monkeypatch, base_url, **variables) is None


@pytest.mark.parametrize(
    "exceptions", ["10.0.0.0/33", "10.0.0.0/8x", "192.168.0.0/16", "2001:db8::/32", "/"], ids=by_value
)
def test_other_exceptions_are_none(monkeypatch: pytest.MonkeyPatch, exceptions: str) -> None:
    assert found(monkeypatch, "http://10.1.2.3/v1", ALL_PROXY="http://h:1", NO_PROXY=exceptions) is not None


def test_the_embedded_provider_is_reached_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "nonsense://")
    assert proxy_of(embedded(), os.environ) is None


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "socks://127.0.0.1:1080",
            "HTTPS_PROXY begins with socks://, which is not supported; write socks5://HOST:PORT",
        ),
        ("socks4a://127.0.0.1:1080", "HTTPS_PROXY begins with socks4a://, which is not supported"),
        (
            "ftp://word",
            "HTTPS_PROXY holds no address of a proxy; write http://HOST:PORT or socks5://HOST:PORT",
        ),
        ("http://", "HTTPS_PROXY holds no address of a proxy"),
        ("http://h:word", "HTTPS_PROXY holds no address of a proxy"),
        ("http://h:70000", "HTTPS_PROXY holds no address of a proxy"),
        ("me:word@[::1", "HTTPS_PROXY holds no address of a proxy"),
    ],
    ids=by_value,
)
def test_no_address_is_an_error_that_says_what_to_write(
    monkeypatch: pytest.MonkeyPatch, value: str, message: str
) -> None:
    with pytest.raises(ProxyError) as error:
        found(monkeypatch, "https://api.acme.example/v1", HTTPS_PROXY=value)
    assert str(error.value).startswith(message)
    assert "word" not in str(error.value).replace("password", "")
