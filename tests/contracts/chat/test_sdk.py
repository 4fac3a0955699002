"""What openai-python makes of answers that are not streamed, of refusals and of lists of models."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
from typing import Any

import httpx2
import pytest
from openai import OpenAI

from conformance.contracts import sdk
from conformance.contracts.chat import sdk as client
from conformance.wire.record import Attempt
from tests.ids import by_value
from tests.wire.recordings import COMPLETION, HELLO, choice, completion, message, response, stream

JSON = json.dumps(COMPLETION).encode()
E_ACUTE = json.dumps(message(content="é"), ensure_ascii=False)

REFUSALS = {
    400: "BadRequestError",
    401: "AuthenticationError",
    402: "APIStatusError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    409: "ConflictError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
    500: "InternalServerError",
    503: "InternalServerError",
}


def raised(seen: client.Seen) -> client.Raised:
    assert seen.raised is not None
    return seen.raised


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(response(COMPLETION), id="as documented"),
        pytest.param(response(message(refusal=None)), id="refusal null"),
        pytest.param(response(completion(created=1_760_000_000_000)), id="created in ms"),
        pytest.param(response(completion(created="1760000000")), id="created as text"),
        pytest.param(response(completion(created=13.0)), id="created 13.0"),
        pytest.param(response(choice(index="0")), id="index as text"),
        pytest.param(response(completion(cost=1, provider="x")), id="more members"),
        pytest.param(response(COMPLETION, "text/plain"), id="text/plain"),
        pytest.param(response(COMPLETION, None), id="no content type"),
        pytest.param(response(b"\xef\xbb\xbf" + JSON), id="byte order mark"),
        pytest.param(response(b" \n" + JSON + b"\n\n"), id="blanks around"),
        pytest.param(response(JSON[:-1] + b',"id":"other"}'), id="a name twice"),
        pytest.param(response(JSON[:-1] + b',"cost":NaN}'), id="NaN"),
        pytest.param(response(JSON, pieces=7), id="in pieces"),
    ],
)
def test_it_reads_and_validates(answer: Attempt) -> None:
    seen = client.create(answer, strict=True)
    assert seen.raised is None
    assert seen == client.create(answer)
    media = {"content-type": answer.header("content-type") or ""}
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, headers=media, content=answer.body))
    sdk = OpenAI(api_key="none", base_url="https://a.invalid", http_client=httpx2.Client(transport=transport))
    made = sdk.chat.completions.create(model="m", messages=())
    assert seen.first is not None
    assert (type(made).__name__, made.choices[0].message.content) == (seen.result, seen.first.text)
    seen = client.create(answer)
    assert (seen.raised, seen.result, seen.usage) == (None, "ChatCompletion", (9, 2, 11))
    assert seen.choices == (client.Said("Hello", "str", "assistant", "stop"),)


@pytest.mark.parametrize(
    ("body", "path", "kind"),
    [
        (completion(id=...), "$.id", "missing"),
        (completion(object=...), "$.object", "missing"),
        (completion(object="text_completion"), "$.object", "literal_error"),
        (completion(created=...), "$.created", "missing"),
        (completion(created=1.5), "$.created", "int_from_float"),
        (completion(model=...), "$.model", "missing"),
        (completion(service_tier="turbo"), "$.service_tier", "literal_error"),
        (message(role=...), "$.choices[0].message.role", "missing"),
        (choice(finish_reason=...), "$.choices[0].finish_reason", "missing"),
        (choice(finish_reason="end_turn"), "$.choices[0].finish_reason", "literal_error"),
    ],
    ids=by_value,
)
def test_it_reads_what_it_does_not_validate(body: dict[str, Any], path: str, kind: str) -> None:
    seen = client.create(response(body)).first
    assert seen is not None
    assert seen.text == "Hello"
    strict = raised(client.create(response(body), strict=True))
    assert (strict.name, strict.own) == ("APIResponseValidationError", True)
    assert [(one.path, one.kind) for one in strict.mismatches] == [(path, kind)]


def test_what_is_absent_is_none() -> None:
    answer = choice(message={"content": "Hello"}, finish_reason=...) | {"usage": None}
    seen = client.create(response(answer))
    assert seen.choices == (client.Said("Hello", "str", None, None),)
    assert seen.usage is None


@pytest.mark.parametrize(
    ("body", "choices"),
    [
        pytest.param(completion(choices=...), None, id="no choices"),  # TypeError at choices[0]
        pytest.param(completion(choices=None), None, id="choices null"),
        pytest.param(completion(choices=[]), (), id="choices empty"),  # IndexError
        pytest.param({"error": {"message": "overloaded"}}, None, id="an error under status 200"),
        pytest.param(choice(message=...), (client.Said(None, "", None, "stop"),), id="no message"),
        pytest.param(
            message(content=[{"type": "text", "text": "Hello"}]),
            (client.Said(None, "list", "assistant", "stop"),),
            id="content as parts",
        ),
    ],
)
def test_it_gives_in_silence_what_breaks_the_program_later(
    body: object, choices: tuple[client.Said, ...] | None
) -> None:
    seen = client.create(response(body))
    assert (seen.raised, seen.result, seen.choices) == (None, "ChatCompletion", choices)


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        pytest.param(response(b"<html>", "text/html"), "str", id="HTML"),
        pytest.param(stream(HELLO), "str", id="a stream that was not asked for"),
        pytest.param(response(b"null"), "NoneType", id="null"),
        pytest.param(response([COMPLETION]), "list", id="an array"),
    ],
)
def test_it_gives_something_else_in_silence(answer: Attempt, result: str) -> None:
    seen = client.create(answer)
    assert (seen.raised, seen.result, seen.choices) == (None, result, None)


@pytest.mark.parametrize(
    ("answer", "name", "own"),
    [
        pytest.param(response(b""), "JSONDecodeError", False, id="empty"),
        pytest.param(response(JSON[:-5]), "JSONDecodeError", False, id="cut short"),
        pytest.param(response(JSON + b"x"), "JSONDecodeError", False, id="something after it"),
        pytest.param(response(HELLO), "JSONDecodeError", False, id="a stream called JSON"),
        pytest.param(
            response(E_ACUTE.encode("latin-1"), "application/json; charset=iso-8859-1"),
            "UnicodeDecodeError",
            False,
            id="Latin-1, and declared so",
        ),
        pytest.param(response(JSON[:-5], failure="incomplete"), "APIConnectionError", True, id="incomplete"),
        pytest.param(response(JSON[:-5], failure="reset"), "APIConnectionError", True, id="reset"),
        pytest.param(response(JSON[:-5], failure="silence"), "APITimeoutError", True, id="silence"),
        pytest.param(response(b"[" * 100_000), "RecursionError", False, id="deep"),
        pytest.param(response(b"9" * 100_000), "ValueError", False, id="a long number"),
    ],
)
def test_it_raises(answer: Attempt, name: str, own: bool) -> None:
    seen = client.create(answer)
    assert (raised(seen).name, raised(seen).own, seen.choices) == (name, own, None)


@pytest.mark.parametrize("status", REFUSALS)
@pytest.mark.parametrize("use", [client.create, client.iterate, client.accumulate])
def test_a_refusal_raises_the_exception_of_its_status(status: int, use: Any) -> None:
    seen = raised(use(response({"error": {"message": "no such thing"}}, status=status)))
    assert (seen.name, seen.own, seen.status) == (REFUSALS[status], True, status)
    assert seen.message.endswith("no such thing")


def test_a_refusal_of_another_shape_does_not_say_why() -> None:
    # Until 3.51 the exception had the whole body in its text.
    for body in ({"error": "no"}, {"detail": [{"msg": "no"}]}, b"", {"error": {"message": ""}}):
        assert raised(client.create(response(body, status=400))).message.startswith("Error code: 400")
    assert raised(client.create(response(b"", status=400))).message == "Error code: 400"


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (301, "GET https://other.invalid/ with 0 bytes"),
        (302, "GET https://other.invalid/ with 0 bytes"),
        (303, "GET https://other.invalid/ with 0 bytes"),
        (307, "POST https://other.invalid/ with 27 bytes"),
        (308, "POST https://other.invalid/ with 27 bytes"),
    ],
    ids=by_value,
)
def test_a_redirect_is_followed(status: int, request_: str) -> None:
    answer = response(b"", status=status, headers={"location": "https://other.invalid/"})
    assert f"no record of {request_}" in raised(client.create(answer)).message


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ({"object": "list", "data": [{"id": "a", "object": "model"}, {"id": "b"}]}, ("a", "b")),
        ({"data": [{"name": "a"}]}, (None,)),
        ({"data": []}, ()),
        ({"models": [{"id": "a"}]}, ()),
        ({"error": {"message": "no"}}, ()),
    ],
    ids=by_value,
)
def test_a_list_of_models(body: object, ids: tuple[str | None, ...]) -> None:
    seen = client.list_models(response(body))
    assert (seen.raised, seen.result, seen.ids) == (None, "SyncPage", ids)


def test_what_is_no_list_of_models() -> None:
    for answer in (response(b"<html>", "text/html"), response([{"id": "a"}])):
        assert raised(client.list_models(answer)).name == "AttributeError"
    assert raised(client.list_models(response({}, status=404))).name == "NotFoundError"


def test_a_model() -> None:
    assert client.retrieve_model(response({"id": "a", "object": "model"})).ids == ("a",)
    nothing = client.retrieve_model(response({"error": {"message": "no such model"}}))
    assert (nothing.raised, nothing.result, nothing.ids) == (None, "Model", (None,))
    assert raised(client.retrieve_model(response({}, status=404))).name == "NotFoundError"


def test_no_socket_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    client.create(response(COMPLETION))  # what is imported may look around

    def opened(*args: object, **kwargs: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", opened)
    monkeypatch.setattr(socket, "getaddrinfo", opened)
    assert client.create(response(completion(id="offline"))).result == "ChatCompletion"
    assert client.iterate(stream(HELLO)).chunks == 3
    assert client.accumulate(stream(HELLO)).first is not None
    assert client.list_models(response({"data": [{"id": "a"}]})).ids == ("a",)


def test_warnings_and_the_log_stay_quiet(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        client.create(response(message(content=7)))
        client.accumulate(stream(HELLO.replace(b'"Hel"', b"7")))
    assert caplog.records == []


def test_the_environment_of_whoever_runs_it_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_BASE_URL"):
        monkeypatch.setenv(name, "Zürich")
    sdk._client.cache_clear()
    seen = client.create(response(completion(id="chatcmpl-zurich")))
    sdk._client.cache_clear()
    assert seen.result == "ChatCompletion"


def test_what_is_too_large_is_not_replayable() -> None:
    assert client.replayable(response(b" " * sdk.MAX_BYTES))
    assert not client.replayable(response(b" " * (sdk.MAX_BYTES + 1)))
    many = b"data: {}\n\n" * 3_000
    assert not client.replayable(response(many))
    assert client.replayable(response(many[: len(many) // 3]))
    assert client.replayable(response(b"[" + b"[]," * 100_000 + b"0]"))
    assert not client.replayable(response(b"[" + b"[]," * 100_001 + b"0]"))


def test_messages_are_short_and_complaints_few() -> None:
    refused = raised(client.create(response({"error": {"message": "a\n" * 10_000}}, status=400)))
    assert len(refused.message) <= 200
    assert "\n" not in refused.message
    some = raised(client.create(response(completion(choices=[1] * 100)), strict=True))
    assert len(some.mismatches) == sdk.MAX_MISMATCHES
    many = raised(client.create(response(completion(choices=[1] * 2_000)), strict=True))
    assert many.mismatches == ()


def test_the_sdk_is_imported_only_where_it_is_used() -> None:
    code = (
        "import sys, conformance.contracts.chat.sdk, conformance.contracts.chat.cases.test_sdk as _; "
        "print('openai' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "False\n"
