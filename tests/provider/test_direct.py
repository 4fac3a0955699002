"""A provider that is named by its address: whose profile it has, and how it is called."""

from __future__ import annotations

import pytest

from conformance.provider.direct import at
from conformance.provider.select import SelectionError

KEYS = {"OPENAI_API_KEY": "sk-test-0123456789"}


@pytest.mark.parametrize(
    ("url", "name", "profile"),
    [
        ("https://api.groq.com/openai/v1", "api.groq.com", "groq"),
        ("https://api.anthropic.com/v1/", "api.anthropic.com", "anthropic"),
        ("https://acme.openai.azure.com/openai/v1", "acme.openai.azure.com", "azure"),
        ("https://api.acme.example/v1", "api.acme.example", "openai"),
        ("http://127.0.0.1:11434/v1", "127.0.0.1", "openai"),
        ("http://[::1]:8000/v1", "1", "openai"),
    ],
    ids=["groq", "anthropic", "azure", "an unknown one", "this machine", "this machine by IPv6"],
)
def test_the_host_decides_the_name_and_the_profile(url: str, name: str, profile: str) -> None:
    (provider,) = at(url, "m", KEYS).entries.values()
    assert (provider.name, provider.claims.profile) == (name, profile)
    assert provider.models == ("m",)
    assert provider.key_variable == "OPENAI_API_KEY"


@pytest.mark.parametrize(
    "url", ["http://localhost:8000/v1", "http://127.0.0.1:8000/v1", "http://[::1]:8000/v1"]
)
def test_this_machine_is_asked_without_a_key_where_none_is_set(url: str) -> None:
    (provider,) = at(url, "m", {}).entries.values()
    assert provider.key_variable is None
    assert provider.claims.excludes("auth")


@pytest.mark.parametrize("url", ["acme", "ftp://acme.example", "https://sk-live@acme.example/v1"])
def test_an_address_that_is_none_is_not_shown(url: str) -> None:
    with pytest.raises(SelectionError) as caught:
        at(url, "m", KEYS)
    assert str(caught.value).startswith("--base-url: base_url ")
    assert url not in str(caught.value)
