"""No credential of a recording goes further than its reader, and no word of an answer is taken for one."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from conformance.recordings import keys
from conformance.recordings.entry import Entry, Headers
from conformance.recordings.normal import Recorded, recorded
from conformance.wire import journal
from conformance.wire.record import Unseen
from tests.ids import by_value

URL = "https://api.example/v1/chat/completions"
REAL = "sk-proj-Ab3dE5gH7jK9mN1pQ3sT5vW7"
ENGINES = Path(__file__).parents[1] / "engines" / "recordings"
BODY = b'{"model": "m", "messages": []}'


def read(url: str = URL, **given: Any) -> str:
    """Everything that is kept of an exchange."""
    found = recording(url, **given)
    return f"{found.exchange!r} {found.base}"


def recording(
    url: str = URL, *, sent: Headers = (), received: Headers = (), body: bytes = b"{}", request: bytes = BODY
) -> Recorded:
    found = recorded(
        Entry("f:1", "POST", url, sent, request, 200 if b"choices" in body else 400, received, body)
    )
    assert isinstance(found, Recorded)
    return found


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
    ids=by_value,
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
    ids=by_value,
)
def test_credentials_in_an_address_are_dropped(url: str) -> None:
    kept = read(url, body=b"abc123def456 is no key")
    assert "abc123def456" not in kept
    assert f"url='{URL}'" in kept


@pytest.mark.parametrize(
    "secret",
    [
        REAL,
        "sk-ant-" + "api03-Ab3dE5gH7jK9mN1pQ3sT5vW7-AA",
        "sk-or-v1-0123456789abcdef0123456789abcdef",
        "gsk_abcdefghijklmnopqrstuvwx",
        "xai-Ab3dE5gH7jK9mN1pQ3sT5vW7",
        "hf_AbCdEfGhIjKlMnOpQrStUvWxYz",
        "AKIAIOSFODNN7EXAMPLE",
        "ASIAIOSFODNN7EXAMPLE",
        "AIza" + "SyA1234567890abcdefghijklmnopqrstuv",
        "ya29." + "a0AfH6SMBx7-Jk3dE5gH7jK9mN1",
        "xoxb-" + "123456789012-AbCdEfGhIjKl",
        "ghp_" + "Ab3dE5gH7jK9mN1pQ3sT5vW7xY9zA2bC4d6e",
        "github_pat_" + "11ABCDEFG0aBcDeFgHiJkL_Ab3dE5gH7",
        "glpat-" + "Ab3dE5gH7jK9mN1pQ3sT",
        "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
        "eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxwRJSMeKKF2QT4",
    ],
    ids=lambda secret: secret[:9],
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
    ids=by_value,
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


PRIVATE = "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQEF\\nAASCBKcwggSjAgEAAoIB\\n"


def test_a_private_key_is_removed_to_its_end() -> None:
    body = f'{{"error": {{"message": "cannot sign with {PRIVATE}-----END PRIVATE KEY-----, sorry"}}}}'
    kept = read(body=body.encode())
    assert not any(line in kept for line in ("MIIEvQ", "AASCBK"))
    assert "sorry" in kept


def test_a_key_that_an_answer_spells_is_removed() -> None:
    events = [{"choices": [{"index": 0, "delta": {"content": one}}]} for one in f"It is {REAL}, isn't it?"]
    body = b"".join(b"data: %b\n\n" % json.dumps(one).encode() for one in events)
    (attempt,) = recording(body=body).exchange.attempts
    said = re.findall(r'"content": "([^"]*)"', attempt.body.decode())
    assert "".join(said) == "It is [REMOVED: LOOKS LIKE A KEY], isn't it?"


@pytest.mark.parametrize(
    "member",
    [
        "api_key",
        "apiKey",
        "x-api-key",
        "client_secret",
        "password",
        "access_token",
        "Authorization",
        "secretKey",
    ],
    ids=by_value,
)
def test_members_that_are_named_like_a_secret_are_removed_wherever_they_are_repeated(member: str) -> None:
    request = json.dumps({"model": "m", "messages": [], "extra": {member: "9fA3kQ77wLz2"}}).encode()
    kept = read(request=request, body=b'{"error": {"message": "9fA3kQ77wLz2 is not valid"}}')
    assert "9fA3kQ77wLz2" not in kept
    arguments = json.dumps({"arguments": json.dumps({member: "9fA3kQ77wLz2"})}).encode()
    assert "9fA3kQ77wLz2" not in read(body=arguments)


@pytest.mark.parametrize(
    "parameter", ["key", "api_key", "access_token", "sig", "X-Amz-Signature"], ids=by_value
)
def test_parameters_of_an_address_in_an_answer_are_removed(parameter: str) -> None:
    body = f'{{"error": {{"message": "GET https://a.example/x?{parameter}=9fA3kQ77wLz2&b=1 failed"}}}}'
    assert "9fA3kQ77wLz2" not in read(body=body.encode())


@pytest.mark.parametrize(
    ("headers", "secret"),
    [
        ((("Authorization", "Basic c29tZWJvZHk6cGE1NXdvcmQh"),), "pa55word!"),
        ((("Authorization", "Bearer sk-test-9fA3kQ77wLz2xT5v"),), "sk-test-9fA3kQ77wLz2xT5v"),
        ((("X-Api-Key", "my-secret-9fA3kQ77wLz2"),), "my-secret-9fA3kQ77wLz2"),
        ((("X-Acme-Caller", "9fA3kQ77wLz2"),), "9fA3kQ77wLz2"),
        ((("Helicone-Property", "9fA3kQ77wLz2, dev"),), "9fA3kQ77wLz2"),
    ],
    ids=["Basic", "a test key", "a secret by its own words", "an unknown name", "a list"],
)
def test_whatever_was_sent_to_be_believed_is_removed_where_it_is_echoed(
    headers: Headers, secret: str
) -> None:
    kept = read(sent=headers, body=json.dumps({"error": {"message": f"who is {secret}?"}}).encode())
    assert secret not in kept
    assert "[REDACTED KEY]" in kept


def test_a_token_in_the_path_is_removed_and_a_model_is_not() -> None:
    url = "https://gate.example/v1/9fA3kQ77wLz2xT5vW7yQ8z/acme/chat/completions"
    kept = read(url, body=b'{"error": {"message": "no route 9fA3kQ77wLz2xT5vW7yQ8z"}}')
    assert "9fA3kQ77wLz2" not in kept
    assert "https://gate.example/v1/[REDACTED KEY]/acme" in kept
    models = "https://api.example/v1/models/accounts%2Facme%2Fmodels%2Fllama-v3p1-8b-instruct-fp8-2024a1b2"
    found = recorded(Entry("f:1", "GET", models, (), None, 200, (), b"{}"))
    assert isinstance(found, Recorded)
    assert "REDACTED" not in repr(found)


ORDINARY = [
    "Bearer tokens are sent in a header; Basic authentication-with-passwords is older.",
    "The task-oriented sk-learn-compatible-estimators of scikit-learn.",
    'Use {"api_key": "YOUR_API_KEY"} or api_key="<your key>"; password: "••••••••".',
    "hf_hub_download and xai_sdk_client_library are functions; ya29 is not.",
    "AKIA is how keys of AWS begin, and AIza those of Google.",
    "chatcmpl-BxYzAbCd1234EfGh5678IjKl fp_44709d6fcb call_9pw1qnYScqvGrCH58HWCvFH6 req_011CSHoEeqs5C35K2",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    'The "signature": "EqoBCkgIARABGAIiQL4hVJ7sDkq9mY3vN2wX" of a thought is part of it.',
    "550e8400-e29b-41d4-a716-446655440000 d41d8cd98f00b204e9800998ecf8427e 2026-11-30T20:21:00Z",
]


@pytest.mark.parametrize("text", ORDINARY, ids=lambda text: text[:12])
def test_what_is_ordinary_comes_through(text: str) -> None:
    body = json.dumps({"choices": [{"message": {"content": text}}]}, ensure_ascii=False).encode()
    request = json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]}).encode()
    exchange = recording(body=body, request=request, sent=(("Authorization", f"Bearer {REAL}"),)).exchange
    assert exchange.last.body == body
    assert exchange.request.body.encode() == request


def test_what_engines_answered_comes_through() -> None:
    read_so_far = 0
    for path in sorted(ENGINES.glob("*.jsonl.gz")):
        lines = gzip.decompress(path.read_bytes()).splitlines()[1:]
        for line in lines:
            one = journal.exchange(line)
            for attempt in one.attempts:
                headers = (("Authorization", f"Bearer {REAL}"), ("X-Request-Id", "req_9fA3kQ77wLz2"))
                entry = Entry("f:1", "POST", URL, headers, one.request.body.encode(), 200, (), attempt.body)
                redactor = keys.redactor(entry, "/v1/chat/completions", "", "")
                for data in (attempt.body, one.request.body.encode()):
                    assert keys.without_keys(redactor.chunks(((0.0, data),))[0][1]) == data
                    read_so_far += len(data)
    assert read_so_far > 300_000


def test_the_time_in_a_cookie_is_no_key() -> None:
    """Cloudflare's cookies have the second of the answer, which is its `created` as well."""
    parts = [
        "8uxWeZujXJxknKPHUVTv93owTsLP6A_7S9rmPUqYFqM",
        "1700000000",
        "1.0.1.1",
        "Z1890C3uorOQnRF57DQFSmx",
    ]
    body = json.dumps({"created": 1700000000, "choices": [f"{parts[0]} and {parts[3]}"]}).encode()
    found = recording(sent=(("Cookie", f"__cf_bm={'-'.join(parts)}; _cfuvid=a"),), body=body)
    kept = json.loads(found.exchange.last.body)
    assert kept["created"] == 1700000000
    assert not any(part in kept["choices"][0] for part in (parts[0], parts[3]))


def test_a_token_of_a_text_is_none_in_whatever_order_its_members_stand() -> None:
    """Some recorders sort them."""
    token = {"bytes": [97], "logprob": -0.03, "token": "abcdefghijklmnopqrstuvwxyz", "top_logprobs": []}
    last = {"bytes": [97], "logprob": -0.03, "token": "zyxwvutsrqponmlkjihgfedcba"}
    body = json.dumps({"choices": [{"logprobs": {"content": [token, last]}}]}).encode()
    assert recording(body=body).exchange.last.body == body
