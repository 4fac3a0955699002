"""What is said of a providers.yaml that is wrong: the place and the fix, and never a key."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.provider.claims import profiles
from conformance.provider.load import Providers, parse
from conformance.provider.mistakes import ProvidersError, shown, suggestion
from tests.ids import by_value

MODELS = "models must be one model id, or a list of 1 to 100 different model ids"
NAME = "must be 1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit, and not 'all'"


def faults(text: str) -> list[str]:
    with pytest.raises(ProvidersError) as caught:
        parse(text.encode(), "p.yaml")
    return str(caught.value).splitlines()


def entry(**replaced: str) -> str:
    """A file with one entry, some of whose values are replaced; an empty one is left out."""
    members = {"base_url": "https://a.example/v1", "models": "m", "claims": "openai", **replaced}
    return "providers:\n  a:\n" + "".join(f"    {key}: {value}\n" for key, value in members.items() if value)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "p.yaml:1:1: the file must be a mapping with the one key 'providers'; it is empty"),
        ("# nothing\n", "p.yaml:1:1: the file must be a mapping with the one key 'providers'; it is empty"),
        ("- a", "p.yaml:1:1: the file must be a mapping with the one key 'providers', not a list"),
        ("providers:", "p.yaml:1:11: providers must be a mapping from a name to a provider; it is empty"),
        ("providers: {}", "p.yaml:1:12: providers must be a mapping from a name to a provider; it is empty"),
        (
            "providers:\n  a:",
            "p.yaml:2:5: provider 'a' must be a mapping with base_url, models and claims; it is empty",
        ),
        (entry(base_url=""), "p.yaml:2:3: provider 'a' lacks 'base_url'"),
        (entry(models=""), "p.yaml:2:3: provider 'a' lacks 'models'"),
        (entry(claims=""), "p.yaml:2:3: provider 'a' lacks 'claims'"),
        (entry(modles="m"), "p.yaml:6:5: unknown key 'modles', did you mean 'models'?"),
        (entry(zzz="m"), "p.yaml:6:5: unknown key 'zzz'"),
        (
            entry(models="[]"),
            f"p.yaml:4:13: {MODELS}; it is empty",
        ),
        (
            entry(models="[m, m]"),
            f"p.yaml:4:13: {MODELS}; one is there twice",
        ),
        (
            entry(models=f"[{', '.join(f'm{n}' for n in range(101))}]"),
            f"p.yaml:4:13: {MODELS}; there are 101",
        ),
        (entry(models="[m, 4]"), "p.yaml:4:17: models[1] must be a model id, not 4; write it in quotes"),
        (entry(models='["a\\nb"]'), "p.yaml:4:14: models[0] must be a model id, not 'a\\nb'"),
        (entry(models='["a\\n"]'), "p.yaml:4:14: models[0] must be a model id, not 'a\\n'"),
        (entry(claims="opnai"), "p.yaml:5:13: unknown profile 'opnai', did you mean 'openai'?"),
        (
            entry(claims="zzz"),
            f"p.yaml:5:13: unknown profile 'zzz'; there are {', '.join(profiles())}",
        ),
        (entry(claims="{profile: toky}"), "p.yaml:5:23: unknown profile 'toky', did you mean 'toki'?"),
        (entry(claims="{but: {n: true}}"), "p.yaml:5:5: claims lacks 'profile'"),
        (
            entry(claims="{profile: openai, but: {tempature: true}}"),
            "p.yaml:5:37: unknown claim 'tempature', did you mean 'temperature'?",
        ),
        (
            entry(claims="{profile: openai, but: {stop: {mx: 1}}}"),
            "p.yaml:5:44: unknown detail 'mx', did you mean 'max'?",
        ),
        (
            entry(claims="{profile: openai, but: {stop: {max: four}}}"),
            "p.yaml:5:49: max must be a number, not 'four'",
        ),
        (
            entry(claims="{profile: openai, levels: {usage: {level: MAY, because: x}}}"),
            "p.yaml:5:40: the name 'usage' must be a requirement id such as usage.total-is-sum",
        ),
        (
            entry(claims="{profile: openai, levels: {a.b: {level: may, because: x}}}"),
            "p.yaml:5:53: level must be MUST, SHOULD or MAY, not 'may'",
        ),
        (entry(claims="{profile: openai, levels: {a.b: {level: MAY}}}"), "p.yaml:5:40: a.b lacks 'because'"),
        (entry(limits="{rpm: fast}"), "p.yaml:6:19: rpm must be a whole number from 1 to 100000, not 'fast'"),
        (
            entry(limits="{concurrency: 0}"),
            "p.yaml:6:27: concurrency must be a whole number from 1 to 256, not 0",
        ),
        (
            entry(limits="{concurrency: 1.5}"),
            "p.yaml:6:27: concurrency must be a whole number from 1 to 256, not 1.5",
        ),
        (
            entry(limits="{concurrency: true}"),
            "p.yaml:6:27: concurrency must be a whole number from 1 to 256, not true",
        ),
        (
            entry(limits="{timeout: 0}"),
            "p.yaml:6:23: timeout must be a number of seconds above 0 and at most 3600, not 0",
        ),
        (
            entry(limits="{timeout: .inf}"),
            "p.yaml:6:23: timeout must be a number of seconds above 0 and at most 3600, not '.inf'",
        ),
        (entry(limits="{rmp: 1}"), "p.yaml:6:14: unknown limit 'rmp', did you mean 'rpm'?"),
        (entry(price="{prompt: 1}"), "p.yaml:6:5: price lacks 'completion'"),
        (
            entry(price="{prompt: -1, completion: 1}"),
            "p.yaml:6:21: prompt must be a number of US dollars, 0 or more, not -1",
        ),
        (
            entry(headers="{Authorization: Bearer x}"),
            "p.yaml:6:30: the header Authorization is refused; name the variable that holds the key in "
            "api_key",
        ),
        (
            entry(headers="{content-type: x}"),
            "p.yaml:6:29: the header content-type is set by the suite; leave it out",
        ),
        (entry(headers="{'X Y': x}"), "p.yaml:6:15: the name 'X Y' must be the name of an HTTP header"),
        (entry(headers='{X: "a\\n"}'), "p.yaml:6:18: X must be text in printable ASCII, a number in quotes"),
        (entry(headers="{X: 1}"), "p.yaml:6:18: X must be text in printable ASCII, a number in quotes"),
        (entry(headers="{X: a, x: b}"), "p.yaml:6:21: the header x is named twice"),
        (entry(expected="[{requirement: a.b}]"), "p.yaml:6:16: expected[0] lacks 'because'"),
        (
            entry(expected="[{requirement: ab, because: x}]"),
            "p.yaml:6:30: requirement must be a requirement id such as usage.total-is-sum, not 'ab'",
        ),
        (
            entry(expected="[{requirement: a.b, because: x, until: 2027-02-30}]"),
            "p.yaml:6:54: until must be a date, and there is no 2027-02-30",
        ),
        (
            entry(expected="[{requirement: a.b, because: x, until: soon}]"),
            "p.yaml:6:54: until must be a date such as 2027-01-31, not 'soon'",
        ),
        (
            entry(expected="[{requirement: a.b, because: x, until: 2027}]"),
            "p.yaml:6:54: until must be a date such as 2027-01-31, not 2027; write it in quotes",
        ),
        (
            entry(expected="[{requirement: a.b, because: x, link: 'javascript:alert(1)'}]"),
            "p.yaml:6:53: link must be an address that begins with https:// or http://, "
            "not 'javascript:alert(1)'",
        ),
        (
            entry(expected="[{requirement: a.b, because: x}, {requirement: a.b, because: y}]"),
            "p.yaml:6:49: 'a.b' is already expected",
        ),
        (entry(embedded="perhaps"), "p.yaml:6:15: embedded must be true or false, not 'perhaps'"),
        (
            "providers: {a: {embedded: true, models: m}}",
            "p.yaml:1:33: models has no use with embedded: true; leave it out",
        ),
        (
            "providers: {a: {embedded: true, persona: reasonning}}",
            "p.yaml:1:42: unknown persona 'reasonning', did you mean 'reasoning'?",
        ),
        (entry(persona="weak"), "p.yaml:6:5: persona has no use without embedded: true; leave it out"),
        (
            "providers: {all: {embedded: true}}",
            f"p.yaml:1:13: the name 'all' {NAME}",
        ),
        (
            "providers: {../x: {embedded: true}}",
            f"p.yaml:1:13: the name '../x' {NAME}",
        ),
        (
            "providers: {a: {embedded: true}, a: {embedded: true}}",
            "p.yaml:1:34: duplicate key 'a', first on line 1",
        ),
    ],
    ids=by_value,
)
def test_a_fault_is_named_with_its_place_and_the_fix(text: str, fault: str) -> None:
    assert faults(text) == [fault]


def test_a_file_without_the_outer_key_is_told_so() -> None:
    assert faults("acme: {}") == ["p.yaml:1:1: the file lacks 'providers'", "p.yaml:1:1: unknown key 'acme'"]


@pytest.mark.parametrize(
    "value",
    [
        "sk-live-0123456789",
        "'sk-live-0123456789'",
        "$sk_live",
        "x${SK_LIVE}",
        '"${SK_LIVE}\\n"',
        "7357",
        "${SK-LIVE}",
    ],
    ids=by_value,
)
def test_a_literal_key_is_refused_and_never_shown(value: str) -> None:
    assert faults(entry(api_key=value)) == [
        "p.yaml:6:14: api_key must be ${VARIABLE}; a literal key is refused"
    ]


def test_an_empty_key_is_told_apart() -> None:
    assert faults(entry(api_key=" ")) == [
        "p.yaml:6:13: api_key must be ${VARIABLE}; a literal key is refused; it is empty"
    ]


@pytest.mark.parametrize(
    "name", ["X-Api-Key", "api-key", "apikey", "x-auth-token", "Cookie", "X-Secret"], ids=by_value
)
def test_a_header_that_looks_like_a_credential_must_name_a_variable(name: str) -> None:
    (fault,) = faults(entry(headers=f"{{{name}: sk-live-0123456789}}"))
    assert fault.endswith(
        f"the header {name} must name a variable, as in ${{VARIABLE}}; a literal key is refused"
    )
    providers = parse(entry(headers=f'{{{name}: "${{V}}"}}').encode(), "p.yaml")
    assert providers.entries["a"].headers == {name: "${V}"}


WRITTEN = {
    "a key without braces": ("api_key: $ACME_KEY", "the variable needs braces: write api_key: ${ACME_KEY}"),
    "a header without braces": (
        'headers: {X-Team: "Token $TEAM"}',
        "the header X-Team needs braces around its variable: write Token ${TEAM}",
    ),
    "a bearer header": (
        'headers: {Authorization: "Bearer ${TEAM}"}',
        "the header Authorization is the suite's own: write api_key: ${TEAM}",
    ),
    "half a variable": (
        'headers: {X-Team: "Token ${TEAM"}',
        "the header X-Team names no variable; write ${VARIABLE}, of letters, digits and _",
    ),
    "a key in the query": (
        "query: {key: abcdefgh12345678}",
        "the query member 'key' must name a variable, as in ${VARIABLE}; a literal key is refused",
    ),
    "what looks like a key": (
        "query: {q: sk-0123456789abcdef}",
        "the query member 'q' must name a variable, as in ${VARIABLE}; a literal key is refused",
    ),
    "a key deep in the body": (
        "extra_body: {provider: {api_key: abcdefgh12345678}}",
        "extra_body.api_key must name a variable, as in ${VARIABLE}; a literal key is refused",
    ),
    "what no request has": (
        "omit: [temprature]",
        "omit names no parameter: 'temprature', did you mean 'temperature'?",
    ),
    "what every request has": (
        "omit: [messages]",
        "omit[0] must be a parameter that a request can do without, not 'messages'",
    ),
    "what requests are about": (
        "extra_body: {stop: [x]}",
        "extra_body sets 'stop', which requests are about; state what the documents say of it in claims, or "
        "leave it out",
    ),
}


@pytest.mark.parametrize(("line", "said"), WRITTEN.values(), ids=WRITTEN)
def test_what_an_entry_adds_wrongly_is_answered_with_what_to_write(line: str, said: str) -> None:
    (fault,) = faults(entry() + f"    {line}\n")
    assert fault.partition(": ")[2] == said
    assert re.match(r"p\.yaml:6:\d+$", fault.partition(": ")[0])


@pytest.mark.parametrize(
    "line",
    [
        "query: {api-version: 2024-10-21}",
        'query: {sig: "${SIG}"}',
        "extra_body: {provider: {order: [acme], allow_fallbacks: false}, enable_thinking: false}",
        'extra_body: {tenant_key: "${TENANT}"}',
        "extra_body: {reasoning_effort: low}",
        "omit: [temperature, seed]",
        "headers: {OpenAI-Organization: org-acme, OpenAI-Project: proj_acme}",
        'headers: {X-Team: "Token ${TEAM}"}',
        'headers: {Authorization: "Token ${TEAM}"}',
    ],
    ids=lambda line: line.partition(":")[0] + line[-9:],
)
def test_what_an_entry_may_add(line: str) -> None:
    assert parse((entry() + f"    {line}\n").encode(), "p.yaml").entries["a"].base_url


ADDRESSES = {
    "http://localhost:11434": "Ollama speaks OpenAI's protocol below /v1: write base_url: http://localhost:11434/v1",
    "http://10.0.0.3:11434/api": "Ollama speaks OpenAI's protocol below /v1: write base_url: http://10.0.0.3:11434/v1",
    "http://10.0.0.3:11434/api/chat": "write base_url: http://10.0.0.3:11434/v1",
    "https://api.anthropic.com/v1/messages": "Anthropic's own protocol: write base_url: https://api.anthropic.com/v1",
    "https://proxy.example/v1/messages": "Anthropic's own protocol: write base_url: what is before it",
    "https://acme.openai.azure.com": "write base_url: https://acme.openai.azure.com/openai/v1",
    "https://acme.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21": (
        "write base_url: https://acme.openai.azure.com/openai/v1, and models: [gpt-4o]"
    ),
    "http://acme.openai.azure.com/openai/v1": "write base_url: https://acme.openai.azure.com/openai/v1",
    "https://gateway.example/v1?api-version=2024-10-21": "write query: {api-version: 2024-10-21} beside it",
    "https://api.openai.com": "api.openai.com speaks OpenAI's protocol elsewhere: write base_url: https://api.openai.com/v1",
    "http://api.openai.com/v1": "api.openai.com speaks https: write base_url: https://api.openai.com/v1",
    "https://api.groq.com/v1": "write base_url: https://api.groq.com/openai/v1",
}


@pytest.mark.parametrize(("url", "said"), ADDRESSES.items(), ids=ADDRESSES)
def test_an_address_that_everybody_knows_is_answered_with_the_line_to_write(url: str, said: str) -> None:
    (fault,) = faults(entry(base_url=url))
    assert fault.endswith(said)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:11434/v1",
        "https://acme.openai.azure.com/openai/v1/",
        "https://acme.openai.azure.com/openai/deployments/gpt-4o",
        "https://api.deepseek.com",
        "https://api.deepseek.com/v1/",
        "http://gateway.internal/openai",
    ],
    ids=by_value,
)
def test_an_address_that_works_is_left_alone(url: str) -> None:
    assert parse(entry(base_url=url).encode(), "p.yaml").entries["a"].base_url == url.rstrip("/")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("acme.example/v1", "must begin with https:// or http:// and a host"),
        ("ftp://acme.example", "must begin with https:// or http:// and a host"),
        ("https:///v1", "must begin with https:// or http:// and a host"),
        ("https://user:sk-live@acme.example/v1", "holds a user or a password"),
        ("https://sk-live@acme.example/v1", "holds a user or a password"),
        ("https://acme.example/v1?key=sk-live", "must end before '?' and '#'"),
        ("https://acme.example/v1#sk-live", "must end before '?' and '#'"),
        ("https://acme.example/v1?", "must end before '?' and '#'"),
        ("https://acme.example/v1/chat/completions", "must end before /chat/completions"),
        ("https://acme.example/v1/chat/completions/", "must end before /chat/completions"),
        ("https://acme.example:sk-live/v1", "its host or port is wrong"),
        ("https://acme.example:99999/v1", "its host or port is wrong"),
        ("https://[::1/v1", "its host or port is wrong"),
        ("https://acme example/v1", "contains a character"),
        ("https://acme.example/v1/é", "contains a character"),
        ("https://acme.example\\\\evil", "contains a character"),
        ("https://acme.example/${SK}", "contains a character"),
    ],
    ids=by_value,
)
def test_a_bad_base_url_is_refused_and_never_shown(url: str, words: str) -> None:
    (fault,) = faults(entry(base_url=f'"{url}"'))
    assert fault.startswith("p.yaml:3:15: base_url ")
    assert words in fault
    assert "sk-live" not in fault


def test_a_base_url_of_another_type_is_refused() -> None:
    must = "p.yaml:3:15: base_url must be an address such as https://api.example.com/v1"
    assert faults(entry(base_url="8080")) == [must]


def test_all_faults_are_named_at_once_in_the_order_of_the_file() -> None:
    text = """\
providers:
  acme:
    base_url: acme.example
    api_key: sk-live-0123456789
    models: 4
    claims: *x
  acme: {}
  other:
    embedded: true
    limits: {concurency: 1}
"""
    assert [line.split(" ")[0] for line in faults(text)] == [
        "p.yaml:3:15:",
        "p.yaml:4:14:",
        "p.yaml:5:13:",
        "p.yaml:6:13:",
        "p.yaml:7:3:",
        "p.yaml:10:14:",
    ]


def test_very_many_faults_are_counted_not_listed() -> None:
    lines = faults("providers:\n" + "".join(f"  a{n}: 1\n" for n in range(80)))
    assert len(lines) == 51
    assert lines[-1] == "… and 30 more"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("short", "'short'"),
        ("x " * 100, repr("x " * 29 + "x…")),
        ("a\nb\x1b[0m", r"'a\nb\x1b[0m'"),
        ("sk-live-0123456789", "this text"),
        ("Bearer abc", "this text"),
        ("0123456789abcdef0123456789abcdef", "this text"),
        ([1], "a list"),
        ({"a": 1}, "a mapping"),
        (None, "nothing"),
        (True, "true"),
        (1, "1"),
        (0.5, "0.5"),
    ],
    ids=by_value,
)
def test_a_value_is_shown_briefly_and_never_where_it_may_be_a_key(value: object, words: str) -> None:
    assert shown(value) == words


def test_only_a_near_name_is_suggested() -> None:
    assert suggestion("modles", ["models", "claims"]) == ", did you mean 'models'?"
    assert suggestion("xyz", ["models", "claims"]) == ""


LINES = st.sampled_from(
    [
        "providers:\n",
        "  a:\n",
        "    embedded: true\n",
        "    base_url: https://a.example/v1\n",
        "    api_key: ${A_KEY}\n",
        "    models: [m, n]\n",
        "    claims: openai\n",
        "    claims: {profile: toki, but: {stop: {max: 1}}}\n",
        "    expected:\n",
        "      - {requirement: a.b, because: x, until: 2027-01-31}\n",
        "    headers: {X: y}\n",
        "    limits: {rpm: 1}\n",
    ]
)

KEYS = st.sampled_from(
    [
        *("base_url", "models", "claims", "profile", "but", "levels", "limits", "headers", "price"),
        *("expected", "requirement", "until", "embedded", "stop", "rpm", "a.b", "because", "level", "link"),
    ]
)

VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), KEYS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


def read(data: bytes) -> Providers | ProvidersError:
    try:
        return parse(data, "p.yaml")
    except ProvidersError as error:
        return error


def is_answer(found: Providers | ProvidersError) -> bool:
    if isinstance(found, Providers):
        return bool(found.entries)
    return bool(found.faults) and all(line.startswith(("p.yaml:", "…")) for line in str(found).split("\n"))


@given(st.lists(st.one_of(LINES, st.text(max_size=8)), max_size=20).map("".join))
def test_any_text_gives_providers_or_faults(text: str) -> None:
    assert is_answer(read(text.encode("utf-8", "surrogatepass")))


@given(VALUES)
def test_values_of_any_shape_give_providers_or_faults(value: object) -> None:
    assert is_answer(read(json.dumps({"providers": {"a": value}}).encode()))
