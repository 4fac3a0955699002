"""Refusals over HTTP: keys, addresses, methods, bodies, and what an error looks like."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.contracts.chat.probes import prompts
from conformance.reference.body import LARGEST_BODY
from tests.ids import by_value
from tests.reference.asking import KEY, Client, Got

VALID = {"model": "reference", "messages": [{"role": "user", "content": prompts.OK}]}


def is_error(got: Got, status: int, param: str | None = None, code: str | None = None) -> None:
    """An error of the documented shape."""
    assert got.status == status
    assert got.headers["content-type"] == "application/json"
    assert got.headers["x-request-id"].startswith("req_")
    error = got.error
    assert set(error) == {"message", "type", "param", "code"}
    assert error["message"]
    assert error["type"] == "invalid_request_error"
    assert (error["param"], error["code"]) == (param, code)
    assert KEY not in got.body.decode()


CREDENTIALS = [
    None,
    "",
    "Bearer",
    "Bearer ",
    f"Bearer x{KEY}",
    "Bearer sk-invalid",
    f"Basic {KEY}",
    KEY,
    "Bearer \xe9",
]


@pytest.mark.parametrize("credential", CREDENTIALS)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/chat/completions"),
        ("GET", "/chat/completions"),
        ("GET", "/models"),
        ("GET", "/models/reference"),
        ("GET", "/nowhere"),
    ],
    ids=by_value,
)
def test_every_address_wants_the_key(client: Client, credential: str | None, method: str, path: str) -> None:
    headers = {} if credential is None else {"Authorization": credential}
    got = client.send(method, path, b'{"model":', headers)
    is_error(got, 401, code="invalid_api_key")
    assert got.headers["www-authenticate"].startswith("Bearer")
    assert "sk-invalid" not in got.body.decode()


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_has_no_case(client: Client, scheme: str) -> None:
    assert client.send("GET", "/models", headers={"Authorization": f"{scheme} {KEY}"}).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"model":',
        b"null",
        b"[]",
        b'"text"',
        b"1",
        b"\xff\xfe",
        b"\xef\xbb\xbf" + json.dumps(VALID).encode(),
        json.dumps(VALID).encode() + b"{}",
        json.dumps(VALID).encode()[:-1] + b', "model": "reference"}',
        json.dumps(VALID).encode()[:-1] + b', "temperature": NaN}',
        json.dumps(VALID).encode()[:-1] + b', "temperature": -Infinity}',
        json.dumps(VALID).encode()[:-1] + b', "user": "\\ud800"}',
        json.dumps(VALID).encode()[:-1] + b', "user": "a\nb"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"n": ' + b"9" * 10_000 + b"}",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_body_that_is_no_json_object(client: Client, body: bytes) -> None:
    is_error(client.post(body), 400, code="invalid_json")


def test_a_number_beyond_all_bounds(client: Client) -> None:
    body = json.dumps(VALID).encode()[:-1] + b', "temperature": 1e999}'
    is_error(client.post(body), 400, "temperature", "invalid_value")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""], ids=by_value
)
def test_a_wrong_content_type(client: Client, content_type: str) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": content_type}
    is_error(client.send("POST", "/chat/completions", json.dumps(VALID).encode(), headers), 415)


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_a_right_content_type(client: Client, content_type: str) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": content_type}
    assert client.send("POST", "/chat/completions", json.dumps(VALID).encode(), headers).status == 200


def test_a_body_that_is_too_large(client: Client) -> None:
    got = client.post(b" " * (LARGEST_BODY + 1))
    assert got.status == 413
    assert got.error["message"]


@pytest.mark.parametrize(
    "path", ["/chat/completionz", "/", "", "/chat/completions/", "/v1/chat/completions"], ids=by_value
)
def test_an_unknown_path(client: Client, path: str) -> None:
    is_error(client.get(path), 404)
    is_error(client.send("POST", path, b"{}", {"Authorization": f"Bearer {KEY}"}), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/chat/completions", "POST"),
        ("PUT", "/chat/completions", "POST"),
        ("OPTIONS", "/chat/completions", "POST"),
        ("POST", "/models", "GET, HEAD"),
        ("DELETE", "/models/reference", "GET, HEAD"),
    ],
    ids=by_value,
)
def test_a_wrong_method(client: Client, method: str, path: str, allowed: str) -> None:
    got = client.send(method, path, headers={"Authorization": f"Bearer {KEY}"})
    is_error(got, 405)
    assert got.headers["allow"] == allowed


def test_a_preflight_needs_no_key(client: Client) -> None:
    wish = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,x-stainless-os",
    }
    got = client.send("OPTIONS", "/chat/completions", headers={"Origin": "https://example.com", **wish})
    assert got.status == 204
    assert got.headers["access-control-allow-origin"] == "*"
    assert got.headers["access-control-allow-headers"] == "authorization,x-stainless-os"
    assert got.headers["access-control-allow-methods"] == "POST"
    assert "content-length" not in got.headers


@pytest.mark.parametrize(
    "name", ["no-such-model", "openai/gpt-4o", "openai%2Fgpt-4o", "%E4%BD%A0", "x" * 500], ids=by_value
)
def test_an_unknown_model(client: Client, name: str) -> None:
    is_error(client.get(f"/models/{name}"), 404, "model", "model_not_found")


def test_an_unknown_model_in_a_completion(client: Client) -> None:
    is_error(client.post({**VALID, "model": "no-such-model"}), 404, "model", "model_not_found")


@pytest.mark.parametrize(
    ("param", "change"),
    [
        ("temperature", {"temperature": 3}),
        ("messages", {"messages": []}),
        ("messages[0].role", {"messages": [{"content": "hi"}]}),
        ("stream", {"stream": "yes"}),
    ],
    ids=by_value,
)
@pytest.mark.parametrize("stream", [{}, {"stream": True}], ids=["whole", "streamed"])
def test_an_invalid_parameter(
    client: Client, param: str, change: dict[str, Any], stream: dict[str, Any]
) -> None:
    is_error(client.post({**VALID, **stream, **change}), 400, param, "invalid_value")


def test_an_unknown_parameter(client: Client) -> None:
    got = client.post({**VALID, "x_conformance_probe": 1})
    is_error(got, 400, "x_conformance_probe", "unknown_parameter")
    assert "x_conformance_probe" in got.error["message"]


def test_what_a_client_wrote_is_cut(client: Client) -> None:
    assert len(client.post({**VALID, "x" * 100_000: 1}).body) < 1000
    assert len(client.post({**VALID, "model": "x" * 100_000}).body) < 1000


def test_the_text_model_refuses_images(client: Client) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}
    got = client.post({"model": "reference-text", "messages": [{"role": "user", "content": [image]}]})
    is_error(got, 400, "messages[0].content[0].type", "unsupported_value")


def test_the_service_answers_after_refusals(client: Client) -> None:
    client.post(b"{")
    assert client.ask(prompts.OK).text == "OK"
