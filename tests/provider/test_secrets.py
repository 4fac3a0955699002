"""Keys come from the environment, and nothing but `reveal` shows them."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import asdict, dataclass, replace

import pytest

from conformance.provider.claims import profile
from conformance.provider.model import Provider
from conformance.provider.secrets import (
    KeyMissing,
    Secret,
    key_of,
    private_headers,
    proxy_passwords,
    secrets_of,
    variable_of,
)
from conformance.wire.redact.secret import SHORTEST
from tests.ids import by_value

TEXT = "sk-test-0123456789"

ACME = Provider(
    "acme", "https://acme.example/v1", ("m",), profile("openai"), key_variable="ACME_KEY", where="p.yaml:2:3"
)
PRIVATE = replace(ACME, key_variable=None, headers={"X-Team": "eval", "X-Key": "${GATE_KEY}"})


@dataclass
class Holder:
    secret: Secret


@pytest.mark.parametrize(
    "template", ["{}", "{!s}", "{!r}", "{!a}", "{!r:>40}", "{:>40}", "{!s:.50}"], ids=by_value
)
def test_a_secret_is_never_shown(template: str) -> None:
    shown = template.format(Secret(TEXT))
    assert "Secret" in shown
    assert TEXT not in shown
    assert TEXT not in "%s %r" % (Secret(TEXT), Secret(TEXT))  # noqa: UP031


def test_a_secret_is_not_shown_by_what_holds_it() -> None:
    held = Holder(Secret(TEXT))
    assert TEXT not in repr(held)
    assert TEXT not in str(asdict(held))
    assert not hasattr(held.secret, "__dict__")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_is_not_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="cannot be pickled") as caught:
        pickle.dumps(Holder(Secret(TEXT)), protocol)
    assert TEXT not in str(caught.value)


def test_a_secret_is_not_written_as_json() -> None:
    with pytest.raises(TypeError) as caught:
        json.dumps({"key": Secret(TEXT)})
    assert TEXT not in str(caught.value)


def test_a_secret_is_a_value() -> None:
    assert Secret(TEXT) == Secret(TEXT)
    assert Secret(TEXT) != Secret(TEXT + "x")
    assert Secret(TEXT) != TEXT
    assert len({Secret(TEXT), Secret(TEXT)}) == 1
    assert copy.copy(Secret(TEXT)) == copy.deepcopy(Secret(TEXT)) == Secret(TEXT)
    assert Secret(TEXT).reveal() == TEXT


def test_a_variable_is_named_as_a_whole() -> None:
    assert variable_of("${A_1}") == "A_1"
    assert [
        variable_of(text) for text in ("", "A", "$A", "${A", "${A} ", "${A}\n", "x${A}", "${1A}", "${}")
    ] == [None] * 9


def test_the_key_comes_from_the_named_variable() -> None:
    assert key_of(ACME, {"ACME_KEY": TEXT, "OTHER": "x"}) == Secret(TEXT)


def test_white_space_around_a_key_is_no_part_of_it() -> None:
    assert key_of(ACME, {"ACME_KEY": f" \t{TEXT}\r\n"}) == Secret(TEXT)


def test_a_provider_without_a_key_variable_needs_none() -> None:
    assert key_of(replace(ACME, key_variable=None), {}) is None


@pytest.mark.parametrize("environ", [{}, {"ACME_KEY": ""}, {"ACME_KEY": " \n"}])
def test_a_missing_key_is_named_with_the_fix(environ: dict[str, str]) -> None:
    with pytest.raises(KeyMissing) as caught:
        key_of(ACME, environ)
    assert str(caught.value) == (
        "provider 'acme' needs the environment variable ACME_KEY: export ACME_KEY=… (p.yaml:2:3)"
    )


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("sk-test 0123456789", "holds a character"),
        ("sk-test\n0123456789", "holds a character"),
        ("sk-test\x00123456789", "holds a character"),
        ("sk-test-01234567é", "holds a character"),
        ("sk-test-\u200b0123456", "holds a character"),
        ('"sk-test-0123456"', "holds a character"),
        ("sk-test\\0123456", "holds a character"),
    ],
    ids=by_value,
)
def test_an_unusable_key_is_refused_unseen(value: str, fault: str) -> None:
    with pytest.raises(KeyMissing, match=f"ACME_KEY, but its value {fault}") as caught:
        key_of(ACME, {"ACME_KEY": value})
    assert "\n" not in str(caught.value)
    assert value not in str(caught.value)


@pytest.mark.parametrize("word", ["EMPTY", "x", "none", "12345", "sk-1", "-"], ids=by_value)
def test_a_server_that_takes_any_key_can_be_given_a_few_characters(word: str) -> None:
    assert key_of(ACME, {"ACME_KEY": word}) == Secret(word)


def test_only_headers_that_name_a_variable_are_private() -> None:
    assert private_headers(PRIVATE, {"GATE_KEY": TEXT}) == (("X-Key", Secret(TEXT)),)


def test_a_private_header_may_hold_spaces() -> None:
    assert private_headers(PRIVATE, {"GATE_KEY": "Token abc 123\n"}) == (("X-Key", Secret("Token abc 123")),)


def test_a_private_header_is_long_enough_to_be_found_in_reports() -> None:
    with pytest.raises(KeyMissing, match="GATE_KEY for its header X-Key, but its value has fewer than"):
        private_headers(PRIVATE, {"GATE_KEY": "1" * (SHORTEST - 1)})


def test_a_missing_header_variable_is_named_with_its_header() -> None:
    with pytest.raises(KeyMissing) as caught:
        private_headers(PRIVATE, {})
    assert str(caught.value) == (
        "provider 'acme' needs the environment variable GATE_KEY for its header X-Key: export GATE_KEY=… "
        "(p.yaml:2:3)"
    )


def test_a_header_cannot_smuggle_another_line() -> None:
    with pytest.raises(KeyMissing):
        private_headers(PRIVATE, {"GATE_KEY": "value\r\nX-Other: 1"})


def test_all_secrets_are_listed_for_redaction() -> None:
    environ = {"ACME_KEY": TEXT, "GATE_KEY": "gate-secret"}
    both = replace(ACME, headers=PRIVATE.headers)
    assert secrets_of([both, ACME, PRIVATE], environ) == ("gate-secret", TEXT)


def test_what_is_unset_is_not_listed() -> None:
    both = replace(ACME, headers=PRIVATE.headers)
    assert secrets_of([both], {"ACME_KEY": TEXT}) == (TEXT,)
    assert secrets_of([both], {"GATE_KEY": TEXT}) == (TEXT,)
    assert secrets_of([replace(ACME, key_variable=None)], {}) == ()


def test_passwords_of_proxies() -> None:
    environ = {
        "HTTPS_PROXY": "http://me:pass%2Fword@proxy.example:3128",
        "all_proxy": "socks5://me:other-word@proxy.example",
        "http_proxy": "me:third-word@proxy.example",
        "no_proxy": "localhost",
        "NO_PROXY": "a:b@c",
        "OTHER": "http://me:not-a-proxy@example.org",
    }
    found = {one.reveal() for one in proxy_passwords(environ)}
    assert found == {"pass%2Fword", "pass/word", "other-word", "third-word"}
    assert list(proxy_passwords({})) == []
