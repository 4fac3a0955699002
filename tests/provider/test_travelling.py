"""An entry of providers.yaml says the same where it arrives, and holds nothing secret."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from conformance.provider.load import embedded, load, parse
from conformance.provider.mistakes import ProvidersError
from conformance.provider.model import ClaimState, Provider
from conformance.provider.travelling import arrived, stating, travelling
from tests.plugin.suite import REPOSITORY

PLACE = "run/journal.jsonl"

FULL = """
providers:
  acme:
    base_url: https://acme.example/v1/
    api_key: ${ACME_KEY}
    models: [large, small]
    claims:
      profile: openai
      but: {stop: {max: 1}, vision: false, seed: null}
      levels: {usage.total-is-sum: {level: MAY, because: "“rounds”"}}
    limits: {concurrency: 8.0, rpm: 60, timeout: 60}
    price: {prompt: 3, completion: 15.5}
    headers: {X-Tenant: t-1234567, X-Session: "${SESSION}"}
    expected:
      - {requirement: usage.total-is-sum, because: rounds, link: "https://acme.example/1", until: 2027-01-31}
  open:
    base_url: http://127.0.0.1:1/v1
    models: m
    claims: openai
  weak:
    embedded: true
    persona: weak
"""
PROVIDERS = [
    *parse(FULL.encode(), "providers.yaml").entries.values(),
    *load(REPOSITORY / "providers.yaml").entries.values(),
    embedded(),
]


def after_a_journey(provider: Provider) -> Provider:
    written = json.loads(json.dumps({provider.name: travelling(provider)}))
    return arrived(written, PLACE).entries[provider.name]


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda one: one.name)
def test_an_entry_arrives_as_it_left(provider: Provider) -> None:
    expected = replace(
        provider,
        where=PLACE,
        headers={name: value for name, value in provider.headers.items() if value.startswith("$")},
        expected=tuple(replace(one, where=PLACE) for one in provider.expected),
        places=dict.fromkeys(travelling(provider), f"{PLACE}:1"),
    )
    assert after_a_journey(provider) == expected


def test_no_value_that_might_be_private_travels() -> None:
    text = json.dumps(travelling(PROVIDERS[0]))
    assert "${SESSION}" in text
    assert "X-Tenant" not in text
    assert "1234567" not in text


def test_what_a_variant_states_travels_too() -> None:
    documents = {"stop": {"max": 2}, "vision": False}
    for provider in (embedded(), PROVIDERS[0]):
        said = stating(provider, "chat", documents)
        there = after_a_journey(said)
        assert there.claims == said.claims
        assert there.claims.detail("stop", "max") == 2
        assert there.claims.state("vision") is ClaimState.EXCLUDED


def test_what_a_variant_states_of_one_contract_is_said_of_no_other() -> None:
    said = after_a_journey(stating(embedded(), "embeddings", {"dimensions": {"values": [256]}}))
    chat, embeddings = said.offers
    assert (chat, embeddings.claims.detail("dimensions", "values")) == (embedded().offers[0], [256])
    said = after_a_journey(stating(embedded(), "chat", {"user": None}))
    assert said.further == embedded().further
    assert not said.claims.documents("user")


def test_what_a_variant_states_of_a_contract_that_is_not_offered_is_left_out() -> None:
    assert stating(PROVIDERS[0], "embeddings", {"dimensions": None}) is PROVIDERS[0]


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({"acme": {"base_url": "file:///etc", "models": "m", "claims": "openai"}}, "base_url must begin"),
        (
            {"acme": {"base_url": "http://h/v1", "models": "m", "claims": "of another version"}},
            "unknown profile",
        ),
        ({"acme": {"models": "m"}}, "acme"),
        (
            {"acme": {"base_url": "http://h/v1", "models": ["m"] * 200_000, "claims": "openai"}},
            "is larger than",
        ),
    ],
    ids=["address", "profile", "incomplete", "huge"],
)
def test_an_entry_that_is_wrong_names_the_journal(entries: Mapping[str, Any], words: str) -> None:
    with pytest.raises(ProvidersError) as caught:
        arrived(entries, PLACE)
    assert str(caught.value).startswith(PLACE)
    assert words in str(caught.value)
