"""No credential of a recording goes further than its reader, and no word of an answer is taken for one."""

from __future__ import annotations

import pytest

from conformance.recordings.entry import Entry, Headers
from conformance.recordings.normal import Recorded, recorded
from conformance.wire.record import Unseen

URL = "https://api.example/v1/chat/completions"
REAL = "sk-proj-Ab3dE5gH7jK9mN1pQ3sT5vW7"
BODY = b'{"model": "m", "messages": []}'


def read(
    url: str = URL, *, sent: Headers = (), received: Headers = (), body: bytes = b"{}", request: bytes = BODY
) -> str:
    """Everything that is kept of an exchange."""
    found = recorded(Entry("f:1", "POST", url, sent, request, 400, received, body))
    assert isinstance(found, Recorded)
    return f"{found.exchange!r} {found.base}"


@pytest.mark.parametrize(
    "headers",
    [
        (("Authorization", f"Bearer {REAL}"),),
        (("authorization", REAL),),
        (("api-key", "0123456789abcdef0123456789abcdef"),),
        (("X-Api-Key", "tok_1234567890"),),
        (("Cookie", "session=abc123def456; theme=dark-mode-2"),),
        (("X-Goog-Api-Key", "AIzaSyA1234567890abcdefghijklmnopqrstuv"),),
    ],
)
def test_headers_with_credentials_are_dropped_and_their_echo_is_removed(headers: Headers) -> None:
    secret = headers[0][1].split()[-1].split(";")[0].rpartition("=")[2]
    kept = read(sent=headers, body=f'{{"error": {{"message": "bad key {secret}"}}}}'.encode())
    assert secret not in kept
    assert "[REDACTED KEY]" in kept or "REMOVED" in kept


@pytest.mark.parametrize(
    "url",
    [
        f"{URL}?key=abc123def456",
        f"{URL}?api-version=1&api_key=abc123def456",
        f"{URL}?access_token=abc123def456&x=1",
        "https://user:abc123def456@api.example/v1/chat/completions",
    ],
)
def test_credentials_in_an_address_are_dropped(url: str) -> None:
    kept = read(url, body=b"abc123def456 is no key")
    assert "abc123def456" not in kept
    assert f"url='{URL}'" in kept


@pytest.mark.parametrize(
    "secret",
    [
        REAL,
        "gsk_abcdefghijklmnopqrstuvwx",
        "AKIAIOSFODNN7EXAMPLE",
        "eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxwRJSMeKKF2QT4",
    ],
)
def test_what_looks_like_a_key_is_removed_wherever_it_stands(secret: str) -> None:
    request = f'{{"model": "m", "messages": [{{"role": "user", "content": "my key is {secret}"}}]}}'.encode()
    assert secret not in read(body=secret.encode(), request=request, received=(("x-request-id", secret),))


@pytest.mark.parametrize(
    "placeholder",
    [
        "Bearer test",
        "Bearer <OPENAI_ACCESS_TOKEN>",
        "Bearer dummy-key-1234",
        "REDACTED-0001",
        "Bearer sk-xxxxxxx",
    ],
)
def test_what_stands_for_a_key_is_not_taken_for_one(placeholder: str) -> None:
    """Else the word `test` in an answer would be a key that is echoed."""
    word = placeholder.rsplit(maxsplit=1)[-1]
    kept = read(sent=(("Authorization", placeholder),), body=f"this is a {word}".encode())
    assert f"this is a {word}" in kept
    assert "REDACTED KEY" not in kept


def test_headers_of_a_response_are_kept_by_name() -> None:
    received = (
        ("Set-Cookie", "__cf_bm=abcdef"),
        ("openai-organization", "acme-corp"),
        ("X-Session", "s3cr3t"),
        ("x-ratelimit-remaining-tokens", "59961"),
        ("x-request-id", "req_1"),
        ("Content-Type", "application/json"),
    )
    kept = read(received=received)
    assert not any(word in kept for word in ("__cf_bm", "acme-corp", "s3cr3t"))
    assert all(word in kept for word in ("59961", "req_1", "application/json"))


def test_a_deployment_is_the_model_and_the_query_is_dropped() -> None:
    url = "https://acme.openai.azure.com/openai/deployments/my%20gpt/chat/completions?api-version=2024-02-01"
    found = recorded(Entry("f:1", "POST", url, (), BODY, 200, (), b"{}"))
    assert isinstance(found, Recorded)
    assert found.base == "https://acme.openai.azure.com/openai"
    assert found.exchange.model == "my gpt"
    assert found.exchange.request.url.endswith("/chat/completions")
    assert Unseen.MODEL in found.exchange.unseen
