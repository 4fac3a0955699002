"""From names on the command line to targets."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import CONTRACTS
from conformance.provider.load import Providers, default_providers, parse
from conformance.provider.select import Selection, SelectionError, select
from tests.ids import by_value

FILE = """\
providers:
  reference: {embedded: true}
  acme:
    base_url: https://acme.example/v1
    api_key: ${ACME_KEY}
    models: [large, small]
    claims: openai
  gate:
    base_url: https://gate.example/v1
    api_key: ${GATE_KEY}
    models: one
    claims: openai
    headers: {X-Key: "${GATE_HEADER}"}
  local: {base_url: "http://127.0.0.1:8080/v1", models: tiny, claims: openai}
"""

KEYS = {"ACME_KEY": "acme-0123", "GATE_KEY": "gate-0123", "GATE_HEADER": "header-0123"}


@pytest.fixture
def providers() -> Providers:
    return parse(FILE.encode(), "p.yaml")


def chosen(selection: Selection) -> list[tuple[str, str]]:
    return [(target.provider.name, target.model) for target in selection.targets]


def refusal(providers: Providers, names: list[str], **options: object) -> list[str]:
    with pytest.raises(SelectionError) as caught:
        select(providers, names, **options)  # type: ignore[arg-type]
    return str(caught.value).splitlines()


def test_a_provider_stands_for_each_of_its_models(providers: Providers) -> None:
    assert chosen(select(providers, ["acme"], environ=KEYS)) == [("acme", "large"), ("acme", "small")]


def test_names_keep_their_order_and_count_once(providers: Providers) -> None:
    assert chosen(select(providers, ["local", "gate", "local"], environ=KEYS)) == [
        ("local", "tiny"),
        ("gate", "one"),
    ]


def test_no_name_means_the_embedded_provider(providers: Providers) -> None:
    assert chosen(select(providers, [], environ={})) == [("reference", "reference")]


def test_all_means_every_entry_whose_key_is_set(providers: Providers) -> None:
    found = select(providers, ["all"], environ={"ACME_KEY": "acme-0123"})
    assert chosen(found) == [
        ("reference", "reference"),
        ("acme", "large"),
        ("acme", "small"),
        ("local", "tiny"),
    ]
    assert found.skipped == (
        "provider 'gate' needs the environment variable GATE_KEY: export GATE_KEY=… (p.yaml:8:3); provider "
        "'gate' needs the environment variable GATE_HEADER for its header X-Key: export GATE_HEADER=… "
        "(p.yaml:8:3)",
    )


def test_all_with_every_key_skips_nothing(providers: Providers) -> None:
    found = select(providers, ["all", "acme"], environ=KEYS)
    assert len(found.targets) == 5
    assert found.skipped == ()


def test_where_nothing_is_sent_no_key_is_needed(providers: Providers) -> None:
    assert len(select(providers, ["all"]).targets) == 5


def test_all_that_leaves_nothing_is_refused() -> None:
    entry = "{base_url: 'https://a.example', api_key: '${A_KEY}', models: m, claims: openai}"
    lonely = parse(f"providers: {{a: {entry}}}".encode(), "p.yaml")
    assert refusal(lonely, ["all"], environ={}) == [
        "nothing to test:",
        "provider 'a' needs the environment variable A_KEY: export A_KEY=… (p.yaml:1:13)",
    ]


def test_the_embedded_provider_can_be_named_though_the_file_lacks_it() -> None:
    entry = "{base_url: 'https://a.example', models: m, claims: openai}"
    lonely = parse(f"providers: {{a: {entry}}}".encode(), "p.yaml")
    assert {target.provider.name for target in select(lonely, ["reference"]).targets} == {"reference"}
    assert chosen(select(lonely, ["all"], environ={})) == [("a", "m")]


def test_where_no_file_describes_the_embedded_provider_it_offers_every_contract() -> None:
    nothing = default_providers()
    assert tuple(target.contract for target in select(nothing, ["reference"]).targets) == CONTRACTS
    (one,) = select(nothing, ["reference"], contracts=["embeddings"]).targets
    assert str(one) == "reference (embeddings)"


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("reference", "add contracts: {embeddings: } at p.yaml:2:3"),
        ("local", "add contracts: {embeddings: {models: […]}} at p.yaml:14:3"),
    ],
    ids=["embedded", "elsewhere"],
)
def test_a_contract_that_an_entry_does_not_name_is_refused_with_the_fix(
    providers: Providers, name: str, fix: str
) -> None:
    reason = f"'{name}' names no models for embeddings; it has: chat; {fix}"
    assert refusal(providers, [name], contracts=["embeddings"]) == [reason]
    added = fix.removeprefix("add ").partition(" at ")[0].replace("[…]", "[m]")
    entry = FILE.replace("true}", f"true, {added}}}").replace("openai}", f"openai, {added}}}")
    (target,) = select(parse(entry.encode(), "p.yaml"), [name], contracts=["embeddings"]).targets
    assert target.contract == "embeddings"


def test_everything_that_is_missing_is_named_at_once(providers: Providers) -> None:
    assert refusal(providers, ["acme", "gate", "acne", "acme"], environ={}) == [
        "provider 'acme' needs the environment variable ACME_KEY: export ACME_KEY=… (p.yaml:3:3)",
        "provider 'gate' needs the environment variable GATE_KEY: export GATE_KEY=… (p.yaml:8:3)",
        "provider 'gate' needs the environment variable GATE_HEADER for its header X-Key: export "
        "GATE_HEADER=… (p.yaml:8:3)",
        "unknown provider 'acne', did you mean 'acme'?; p.yaml has: reference, acme, gate, local",
    ]


def test_a_key_missing_for_a_named_provider_is_no_reason_to_skip_it(providers: Providers) -> None:
    lines = refusal(providers, ["all", "acme"], environ={})
    assert lines == [
        "provider 'acme' needs the environment variable ACME_KEY: export ACME_KEY=… (p.yaml:3:3)"
    ]


def test_an_unknown_provider_without_a_file_says_where_a_file_was_sought(providers: Providers) -> None:
    assert refusal(default_providers([Path("here"), Path("there")]), ["acme"]) == [
        "unknown provider 'acme'; there is no providers.yaml in here or there; name one with "
        "--providers-file=FILE"
    ]


def test_a_model_replaces_those_of_the_entry(providers: Providers) -> None:
    found = select(providers, ["acme"], "other", KEYS)
    assert chosen(found) == [("acme", "other")]
    assert str(found.targets[0]) == "acme"


def test_a_model_of_the_entry_keeps_the_name_it_has_in_a_run_of_all(providers: Providers) -> None:
    (target,) = select(providers, ["acme"], "small", KEYS).targets
    assert target in select(providers, ["acme"], environ=KEYS).targets
    assert str(target) == "acme/small"


def test_the_embedded_provider_has_one_model(providers: Providers) -> None:
    assert chosen(select(providers, ["reference"], "reference")) == [("reference", "reference")]
    message = "the embedded provider 'reference' has only the model 'reference', not 'other'"
    assert refusal(providers, ["reference"], model="other") == [message]
    assert select(providers, ["all"], "other", KEYS).skipped == (message,)


@pytest.mark.parametrize("model", ["", " ", "a\nb", "a\x1b[0m"], ids=by_value)
def test_a_model_id_is_printable_text(providers: Providers, model: str) -> None:
    assert refusal(providers, ["acme"], model=model) == ["--model must be a model id"]
