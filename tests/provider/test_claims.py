"""Claims profiles: what comes with the suite, how a profile is read, and how an entry departs from it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance import DEFAULT
from conformance.provider.addresses import vendors
from conformance.provider.claims import differing, parse, profile, profiles, vocabulary
from conformance.provider.level import Level
from conformance.provider.load import parse as parse_providers
from conformance.provider.mistakes import ProvidersError
from conformance.provider.model import Claim, ClaimState, Example
from conformance.provider.validate import COMMON, PROVIDERS, claims_of, schema

ROOT = Path(__file__).parents[2]
ALL = ("openai", "toapis", "toapis-glm-5", "toki", "tokmodel")

SMALL = """\
title: A
url: https://a.example
claims:
  stop: {max: 4, types: [string]}
  vision: {supported: false, refused: true}
  n: null
levels:
  a.b: {level: MUST, because: it says so}
examples:
  - name: first
    body: {model: m, messages: [{role: user, content: "é"}], temperature: 0.5}
    expect: yes
    members: {usage.total_tokens: integer}
"""


def levels(name: str) -> dict[str, str]:
    return {requirement: override.level.value for requirement, override in profile(name).levels.items()}


def test_the_profiles_are_those_of_the_named_documents_and_the_contract() -> None:
    made = set(vendors()) - {"openai"}
    assert profiles() == tuple(sorted({*ALL, *made}))


@pytest.mark.parametrize("name", ALL)
def test_a_profile_is_complete(name: str) -> None:
    found = profile(name)
    assert found.profile == name
    assert found.title
    assert found.url.startswith("https://")
    assert found.claims.keys() <= vocabulary().keys()
    assert all(override.because for override in found.levels.values())
    assert found.examples
    assert all(found.documents(parameter) for example in found.examples for parameter in example.body)


@pytest.mark.parametrize("name", ALL)
def test_a_profile_is_read_once(name: str) -> None:
    assert profile(name) is profile(name) is profile(name, DEFAULT) is profile(name, contract=DEFAULT)


def test_an_unknown_profile_is_a_lookup_error() -> None:
    with pytest.raises(LookupError, match="no claims profile 'nobody'"):
        profile("nobody")


def test_a_name_cannot_lead_out_of_the_folder() -> None:
    with pytest.raises(LookupError):
        profile("../schemas/claims")


def test_the_vocabulary_has_the_37_parameters_and_the_features() -> None:
    meanings = vocabulary()
    parameters = [name for name, meaning in meanings.items() if meaning.startswith("Request parameter: ")]
    features = [name for name, meaning in meanings.items() if meaning.startswith("Feature: ")]
    assert len(parameters) == 37
    assert [*parameters, *features] == list(meanings)
    assert all("-" in name or name in ("streaming", "vision", "auth") for name in features)
    assert all(meaning.endswith(".") and "\n" not in meaning for meaning in meanings.values())


def test_the_contract_documents_everything_but_what_one_vendor_has() -> None:
    openai = profile("openai")
    silent = [name for name in vocabulary() if not openai.documents(name)]
    assert sorted(silent) == ["models-v1beta", "prompt-overhead"]
    assert openai.levels == {}
    assert openai.detail("stop", "max") == 4
    assert (openai.detail("temperature", "min"), openai.detail("temperature", "max")) == (0, 2)
    assert openai.detail("n", "default") == 1


def test_what_the_vendors_document() -> None:
    said = {name: {claim for claim in vocabulary() if profile(name).documents(claim)} for name in ALL}
    parameters = {"model", "messages", "stream", "temperature", "top_p", "max_tokens"}
    features = {"streaming", "multi-turn", "system-role"}
    toapis = parameters | features | {"stop", "text-parts", "finish-reason", "model-list"}
    assert said["toapis"] == toapis | {"vision", "auth-all-endpoints"}
    assert said["toapis-glm-5"] == toapis | {"auth-all-endpoints"}
    assert said["tokmodel"] - {
        name for name in said["tokmodel"] if profile("tokmodel").detail(name, "implied")
    } == parameters | features | {"n", "stop", "error-code", "model-list", "models-v1beta"}
    assert said["toki"] == parameters | features | {
        *("frequency_penalty", "presence_penalty", "response_format", "tools", "tool_choice", "json-mode"),
        *("developer-role", "tool-role", "text-parts", "message-name"),
    }


def test_the_ranges_and_defaults_that_the_vendors_print() -> None:
    wanted = ("min", "max", "default")
    printed = {
        name: {
            parameter: tuple(details.get(key) for key in wanted)
            for parameter, claim in profile(name).claims.items()
            if (details := claim.details).keys() & wanted and not details.get("implied")
        }
        for name in ALL[1:]
    }
    toapis = {
        "temperature": (0, 2, 1),
        "top_p": (0, 1, 1),
        "stop": (None, 4, None),
        "stream": (None, None, False),
    }
    penalty = (-2, 2, None)
    assert printed == {
        "toapis": toapis,
        "toapis-glm-5": {**toapis, "model": (None, None, "glm-5")},
        "tokmodel": {"temperature": (0, 2, 1), "n": (None, None, 1), "stream": (None, None, False)},
        "toki": {
            "temperature": (0, 2, 1),
            "top_p": (None, None, 1),
            "frequency_penalty": penalty,
            "presence_penalty": penalty,
        },
    }


def test_a_text_only_model_is_documented_to_refuse_images() -> None:
    glm = profile("toapis-glm-5")
    assert glm.state("vision") is ClaimState.REFUSED
    assert glm.detail("model", "default") == "glm-5"


def test_what_toki_leaves_to_the_model_may_be_refused() -> None:
    toki = profile("toki")
    dependent = {name for name in toki.claims if toki.detail(name, "model_dependent")}
    assert dependent == {
        *("temperature", "top_p", "frequency_penalty", "presence_penalty", "response_format", "tools"),
        *("tool_choice", "developer-role", "tool-role", "json-mode"),
    }


def test_the_levels_that_the_documents_raise_or_lower() -> None:
    both = {
        "stream.done-once-and-last": "SHOULD",
        "stop.not-in-output": "SHOULD",
        "sampling.temperature-default-not-zero": "SHOULD",
        "messages.text-parts-equal-string": "MUST",
        "auth.models-need-key": "MUST",
        "models.list-shape": "MUST",
    }
    assert levels("toapis") == {**both, "vision.image-understood": "SHOULD"}
    assert levels("toapis-glm-5") == {**both, "vision.refused-by-text-model": "MUST"}
    assert levels("tokmodel") == {
        "envelope.id-prefix": "MUST",
        "stream.usage-chunk-last": "MUST",
        "stop.fifth-not-dropped-silently": "MAY",
        "sampling.temperature-default-not-zero": "SHOULD",
        "sampling.top-p-out-of-range-refused": "MAY",
        "limits.max-completion-tokens": "MUST",
        "choices.n-answers": "MUST",
        "choices.independent": "SHOULD",
        "choices.all-billed": "MUST",
        "choices.prompt-billed-once": "SHOULD",
        "choices.streamed-separately": "SHOULD",
        "choices.invalid-n-refused": "SHOULD",
        "penalties.range-accepted": "SHOULD",
        "messages.developer-role": "SHOULD",
        "tools.call-shape": "SHOULD",
        "structured.json-object": "SHOULD",
        "structured.json-schema": "SHOULD",
        "logprobs.shape": "SHOULD",
        "models.lists-the-configured": "MUST",
        "models.documented-variant": "SHOULD",
    }
    assert levels("toki") == {
        "stop.string-stops": "SHOULD",
        "stop.not-in-output": "SHOULD",
        "stop.fourth-of-four-works": "SHOULD",
        "stop.never-leaks-in-stream": "SHOULD",
        "sampling.top-p-out-of-range-refused": "MAY",
        "penalties.range-accepted": "MUST",
        "penalties.out-of-range-refused": "SHOULD",
        "penalties.frequency-reduces-repetition": "SHOULD",
        "messages.developer-role": "SHOULD",
        "messages.text-parts-equal-string": "MUST",
        "messages.name-accepted": "SHOULD",
        "tools.call-shape": "SHOULD",
        "structured.json-object": "SHOULD",
        "models.list-shape": "MAY",
    }


def test_the_printed_examples() -> None:
    def question(name: str) -> list[tuple[str, str, str]]:
        examples = profile(name).examples
        return [(one.name, one.body["model"], one.body["messages"][-1]["content"]) for one in examples]

    hello = "Hello, please introduce yourself"
    assert question("openai") == [("Default", "{model}", "Hello!")]
    assert question("toapis") == [
        ("English", "claude-sonnet-4-6", hello),
        ("Chinese", "claude-sonnet-4-6", "你好,请介绍一下你自己"),
    ]
    assert question("toapis-glm-5") == [("English", "glm-5", hello)]
    assert question("tokmodel") == [("Capital of France", "openai/gpt-4o", "What is the capital of France?")]
    assert question("toki") == [
        ("Machine learning", "deepseek/deepseek-chat-v3", "What is machine learning?"),
        ("Streaming", "deepseek/deepseek-chat-v3", "Introduce TOKI in one sentence"),
    ]
    (capital,) = profile("tokmodel").examples
    assert dict(capital.body) == {
        "model": "openai/gpt-4o",
        "messages": [
            {"role": "system", "content": "You are a helpful assistant."},
            {"role": "user", "content": "What is the capital of France?"},
        ],
        "temperature": 0.7,
        "max_tokens": 256,
    }
    assert capital.expect == "Paris"


@pytest.mark.parametrize("name", ALL)
def test_printed_members_are_those_of_a_completion(name: str) -> None:
    for example in profile(name).examples:
        if not example.body.get("stream"):
            assert dict(example.members) == {
                "id": "string",
                "object": "string",
                "created": "integer",
                "model": "string",
                "choices": "array",
                "choices[0].index": "integer",
                "choices[0].message.role": "string",
                "choices[0].message.content": "string",
                "choices[0].finish_reason": "string",
                "usage.prompt_tokens": "integer",
                "usage.completion_tokens": "integer",
                "usage.total_tokens": "integer",
            }


def test_how_a_profile_is_read() -> None:
    found = parse(SMALL.encode(), "a.yaml")
    assert (found.profile, found.title, found.url) == ("a", "A", "https://a.example")
    assert found.claims == {
        "stop": Claim(True, {"max": 4, "types": ["string"]}),
        "vision": Claim(False, {"refused": True}),
    }
    assert found.levels["a.b"].level is Level.MUST
    assert found.examples == (
        Example(
            "first",
            {"model": "m", "messages": [{"role": "user", "content": "é"}], "temperature": 0.5},
            "yes",
            {"usage.total_tokens": "integer"},
        ),
    )


def test_everything_wrong_with_a_profile_is_named() -> None:
    text = SMALL.replace("title: A\n", "").replace("stop:", "stpo:").replace("integer", "int")
    with pytest.raises(ProvidersError) as caught:
        parse(text.encode(), "a.yaml")
    assert str(caught.value).splitlines() == [
        "a.yaml:1:1: the file lacks 'title'",
        "a.yaml:3:3: unknown claim 'stpo', did you mean 'stop'?",
        "a.yaml:12:35: usage.total_tokens must be one of string, integer, number, boolean, object, array, "
        "null, not 'int'",
    ]


def test_details_are_added_where_the_base_says_the_same() -> None:
    base = parse(SMALL.encode(), "a.yaml")
    changed = differing(base, {"stop": {"max": 1}, "vision": False}, {})
    assert changed.claims["stop"] == Claim(True, {"max": 1, "types": ["string"]})
    assert changed.claims["vision"] == Claim(False, {"refused": True})


def test_details_are_dropped_where_the_base_says_the_opposite() -> None:
    base = parse(SMALL.encode(), "a.yaml")
    changed = differing(base, {"stop": False, "vision": True, "seed": {}}, {})
    assert changed.claims["stop"] == Claim(False, {})
    assert changed.claims["vision"] == Claim(True, {})
    assert changed.claims["seed"] == Claim(True, {})
    assert base.documents("stop")


def test_null_takes_a_claim_back() -> None:
    base = parse(SMALL.encode(), "a.yaml")
    changed = differing(base, {"stop": None, "seed": None}, {})
    assert changed.state("stop") is ClaimState.UNDOCUMENTED
    assert changed.claims.keys() == {"vision"}


def test_levels_are_replaced_one_by_one() -> None:
    base = parse(SMALL.encode(), "a.yaml")
    changed = differing(base, {}, {"c.d": {"level": "MAY", "because": "x"}})
    assert {name: one.level for name, one in changed.levels.items()} == {"a.b": Level.MUST, "c.d": Level.MAY}
    assert differing(base, {}, {"a.b": {"level": "MAY", "because": "x"}}).levels["a.b"].level is Level.MAY


def subschemas(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from subschemas(member)


@pytest.mark.parametrize("name", [COMMON, claims_of("chat"), PROVIDERS])
def test_the_schemas_are_valid_and_say_what_must_be(name: str) -> None:
    Draft202012Validator.check_schema(dict(schema(name)))
    asserting = {"type", "enum", "pattern", "minimum", "maximum", "minLength", "minItems"}
    for part in subschemas(schema(name)):
        keywords = {key for key, value in part.items() if key in asserting and not isinstance(value, dict)}
        assert not keywords or part.get("x-must"), part


@pytest.mark.parametrize("name", [COMMON, claims_of("chat"), PROVIDERS])
def test_the_schemas_refer_to_files_beside_them_only(name: str) -> None:
    folder = Path(str(files("conformance").joinpath(name))).parent
    references = [part["$ref"] for part in subschemas(schema(name)) if isinstance(part.get("$ref"), str)]
    assert references
    for reference in references:
        file = reference.partition("#")[0]
        assert not file or (folder / file).is_file()
    assert "$id" not in json.dumps(schema(name))


@pytest.mark.parametrize(
    "file", [ROOT / "providers.yaml", *sorted((ROOT / "conformance/contracts/chat/claims").glob("*.yaml"))]
)
def test_editors_find_the_schema_without_a_network(file: Path) -> None:
    first = file.read_text("utf-8").splitlines()[0]
    place = first.removeprefix("# yaml-language-server: $schema=")
    assert place != first
    assert "properties" in json.loads((file.parent / place).read_text("utf-8"))


DATED = SMALL.replace("url: https://a.example\n", "url: https://a.example\nread: 2026-11-01\n")

MISSTATED = {
    "two words": (
        "{ignored: true, refused: true}",
        "seed is said to be refused and ignored; state one of them",
    ),
    "supported, and not": (
        "{supported: true, ignored: true}",
        "seed is said to be supported and ignored; state one of them",
    ),
    "renamed, and ignored": (
        "{ignored: true, renamed: random_seed}",
        "seed is said to be ignored and renamed; state one of them",
    ),
    "a default below the range": (
        "{min: 1, max: 2, default: 0}",
        "the default 0 of seed is below its min, which is 1",
    ),
    "a default above the range": (
        "{min: 1, max: 2, default: 3.5}",
        "the default 3.5 of seed is above its max, which is 2",
    ),
    "an empty range": ("{min: 2, max: 1}", "max of seed is below its min, which is 2"),
    "capped at nothing": ("{capped: true}", "seed is said to be capped, and not at what; add max"),
    "its own name": ("{renamed: seed}", "seed has its own name; leave renamed out"),
    "a quote of no day": (
        '{ignored: true, quote: "Ignored", url: "https://a.example/b"}',
        "the quote about seed lacks the day on which the page was read; add read: 2026-01-31",
    ),
    "a day that is none": (
        '{quote: "Ignored", url: "https://a.example", read: 2026-02-30}',
        "read must be a date, and there is no 2026-02-30",
    ),
    "a day without a quote": (
        "{read: 2026-02-03}",
        "read is the day of a quote, and seed has none; add quote",
    ),
}


@pytest.mark.parametrize(("stated", "said"), MISSTATED.values(), ids=MISSTATED)
def test_words_that_do_not_go_together_are_named_with_their_place(stated: str, said: str) -> None:
    text = SMALL.replace("claims:\n", f"claims:\n  seed: {stated}\n", 1)
    with pytest.raises(ProvidersError) as caught:
        parse(text.encode(), "a.yaml")
    messages = str(caught.value).splitlines()
    assert messages[0].partition(": ")[2] == said
    assert all(re.match(r"a\.yaml:4:\d+: ", message) for message in messages)


def test_a_word_that_does_not_exist_is_named() -> None:
    text = SMALL.replace("claims:\n", "claims:\n  seed: {ignord: true}\n", 1)
    with pytest.raises(
        ProvidersError, match=r"a\.yaml:4:10: unknown detail 'ignord', did you mean 'ignored'\?"
    ):
        parse(text.encode(), "a.yaml")


def test_a_quote_has_the_day_and_the_address_of_its_profile() -> None:
    text = DATED.replace("claims:\n", 'claims:\n  seed: {ignored: true, quote: "Ignored"}\n', 1)
    found = parse(text.encode(), "a.yaml")
    words = "“Ignored” (https://a.example, read on 2026-11-01)"
    assert found.why("x.y", "seed") == f"A says it accepts and ignores `seed`: {words}"
    assert found.state("seed") is ClaimState.IGNORED


def test_a_quote_in_providers_yaml_has_its_own_address() -> None:
    entry = """providers:
  acme:
    base_url: https://acme.example/v1
    models: [m]
    claims: {profile: openai, but: {seed: {ignored: true, quote: Ignored, read: 2026-11-01}}}
"""
    with pytest.raises(ProvidersError, match="the quote about seed lacks the address of the page"):
        parse_providers(entry.encode(), "p.yaml")


def test_a_word_takes_the_place_of_another() -> None:
    base = differing(profile("openai"), {"seed": {"refused": True}}, {})
    changed = differing(base, {"seed": {"ignored": True}}, {})
    assert (base.state("seed"), changed.state("seed")) == (ClaimState.REFUSED, ClaimState.IGNORED)
    assert changed.claims["seed"].details == {"ignored": True}


@pytest.mark.parametrize(
    ("model", "expected"),
    [("acme-large", ClaimState.DOCUMENTED), ("other", ClaimState.REFUSED)],
    ids=["a model that has it", "a model that has not"],
)
def test_what_is_promised_with_some_models_only(model: str, expected: ClaimState) -> None:
    only = {"stop": {"only_with": {"model": ["acme-*"], "otherwise": "refused"}}}
    claims = differing(profile("openai"), only, {}).of_model(model)
    assert claims.state("stop") is expected
    assert profile("openai").of_model(model) is profile("openai")
