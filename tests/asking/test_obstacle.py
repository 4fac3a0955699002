"""What stands in the way of requests, by what real services were seen to answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.asking.kinds import Kind
from conformance.asking.obstacle import obstacle
from conformance.wire.record import Attempt, Failure

HTML = "text/html; charset=UTF-8"


def answered(
    status: int | None, body: Any = b"", *, media: str = "application/json", failure: str = "", **headers: str
) -> Attempt:
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Attempt(
        *(0.0, 1.0, status, "HTTP/1.1", (("content-type", media), *named), ((0.1, data),)),
        failure=Failure(failure, "it was so") if failure else None,
    )


def openai(
    message: str, type: str | None = None, code: str | int | None = None, param: str | None = None
) -> Any:
    return {"error": {"message": message, "type": type, "param": param, "code": code}}


SEEN = {
    # a key
    "OpenAI": (401, openai("Incorrect API key provided: sk-no*key.", code="invalid_api_key"), Kind.KEY),
    "Google": (
        400,
        [
            {
                "error": {
                    "code": 400,
                    "message": "API key not valid. Please pass a valid API key.",
                    "status": "X",
                }
            }
        ],
        Kind.KEY,
    ),
    "Google, through a gateway": (
        400,
        openai(
            '{\n  "error": {\n "code": 400, "message": "API key not valid. Please pass a valid API key."}}'
        ),
        Kind.KEY,
    ),
    "xAI": (
        400,
        {"code": "400", "error": "Incorrect API key provided: xa***. You can obtain one."},
        Kind.KEY,
    ),
    "one-api": (401, openai("无效的令牌 (request id: 2024)", type="one_api_error"), Kind.KEY),
    "one-api, no token": (401, {"error": {"message": "未提供令牌"}}, Kind.KEY),
    "one-api, as 200": (
        200,
        {"success": False, "message": "无权进行此操作，access token 无效；令牌无效"},
        Kind.KEY,
    ),
    "MiniMax": (200, {"base_resp": {"status_code": 2049, "status_msg": "invalid api key"}}, Kind.KEY),
    "MiniMax, with a choice of null": (
        200,
        {
            "choices": None,
            "base_resp": {"status_code": 1004, "status_msg": "login fail: Please carry the key"},
        },
        Kind.KEY,
    ),
    "SiliconFlow, text in JSON": (401, "Api key is invalid", Kind.KEY),
    "FastAPI": (401, {"detail": "Unauthorized"}, Kind.KEY),
    "FastAPI, 403": (403, {"detail": "Not authenticated: invalid API key"}, Kind.KEY),
    "Mistral": (401, {"message": "Unauthorized", "request_id": "1"}, Kind.KEY),
    "Hugging Face": (401, {"error": "Invalid username or password."}, Kind.KEY),
    "OpenRouter": (401, {"error": {"message": "No auth credentials found", "code": 401}}, Kind.KEY),
    "Azure": (
        401,
        {"error": {"code": "401", "message": "Access denied due to invalid subscription key"}},
        Kind.KEY,
    ),
    "AWS": (
        403,
        {"Message": "x", "message": "The bearer token included in the request is invalid."},
        Kind.KEY,
    ),
    "Cloudflare": (
        400,
        {"success": False, "errors": [{"code": 9106, "message": "Authentication failed"}]},
        Kind.KEY,
    ),
    "a page": (401, b"<!doctype html><title>Log in</title>", Kind.KEY),
    "no body": (401, b"", Kind.KEY),
    "Zhipu": (401, {"error": {"code": "1000", "message": "身份验证失败。"}}, Kind.KEY),
    "one-api, expired": (401, openai("该令牌已过期"), Kind.EXPIRED),
    "expired": (400, openai("Your API key has expired."), Kind.EXPIRED),
    # credit
    "DeepSeek": (
        402,
        openai("Insufficient Balance", type="unknown_error", code="invalid_request"),
        Kind.CREDIT,
    ),
    "OpenRouter, no credit": (
        402,
        {"error": {"message": "This request requires more credits, or fewer max_tokens.", "code": 402}},
        Kind.CREDIT,
    ),
    "OpenRouter, one level deeper": (
        429,
        {
            "error": {
                "message": "Provider returned error",
                "code": 429,
                "metadata": {"raw": '{"error":{"message":"suspended due to insufficient balance"}}'},
            }
        },
        Kind.CREDIT,
    ),
    "Zhipu, no credit": (
        429,
        {"error": {"code": "1113", "message": "余额不足或无可用资源包,请充值。"}},
        Kind.CREDIT,
    ),
    "SiliconFlow, no credit": (
        403,
        {"code": 30001, "message": "Sorry, your account balance is insufficient", "data": None},
        Kind.CREDIT,
    ),
    "Alibaba": (
        400,
        openai("Access denied, please make sure your account is in good standing."),
        Kind.CREDIT,
    ),
    "Anthropic": (
        400,
        {"type": "error", "error": {"message": "Your credit balance is too low to access the API."}},
        Kind.CREDIT,
    ),
    "MiniMax, no credit": (
        200,
        {"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}},
        Kind.CREDIT,
    ),
    "in a stream": (200, b'data: {"error":{"message":"Insufficient credits"}}\n\n', Kind.CREDIT),
    # quota
    "OpenAI, quota": (
        429,
        openai("You exceeded your current quota, please check your plan.", code="insufficient_quota"),
        Kind.QUOTA,
    ),
    "Moonshot": (
        403,
        openai("Your account is not active, exceeded current quota", type="exceeded_current_quota_error"),
        Kind.QUOTA,
    ),
    "one-api, quota": (403, openai("user quota is not enough", code="insufficient_user_quota"), Kind.QUOTA),
    "new-api, quota": (403, openai("该令牌额度已用尽"), Kind.QUOTA),
    "Google, quota": (429, openai("You exceeded your current quota, please check your plan"), Kind.QUOTA),
    # place, permission
    "a country": (403, openai("Country, region, or territory not supported"), Kind.PLACE),
    "Google, a country": (400, openai("User location is not supported for the API use."), Kind.PLACE),
    "a permission": (403, openai("You are not allowed to sample from this model"), Kind.FORBIDDEN),
    # a model
    "OpenAI, model": (
        404,
        openai("The model `x` does not exist or you do not have access to it."),
        Kind.MODEL,
    ),
    "OpenAI, model by code": (404, openai("Sorry.", code="model_not_found"), Kind.MODEL),
    "Azure, deployment": (404, openai("The API deployment for this resource does not exist."), Kind.MODEL),
    "Azure, by code": (404, {"error": {"code": "DeploymentNotFound"}}, Kind.MODEL),
    "DeepSeek, model": (400, openai("Model Not Exist"), Kind.MODEL),
    "SiliconFlow, model": (
        400,
        {"code": 20012, "message": "Model does not exist. Please check it."},
        Kind.MODEL,
    ),
    "LiteLLM": (400, openai("Invalid model name passed in model=x"), Kind.MODEL),
    "vLLM": (404, {"object": "error", "message": "The model `x` does not exist.", "code": 404}, Kind.MODEL),
    "Ollama": (404, openai('model "x" not found, try pulling it first', type="api_error"), Kind.MODEL),
    "Moonshot, model": (404, openai("Not found the model x or Permission denied"), Kind.MODEL),
    "Google, model": (
        404,
        [{"error": {"message": "models/x is not found for API version v1main"}}],
        Kind.MODEL,
    ),
    "new-api, model": (503, openai("No available channel for model x under group default"), Kind.MODEL),
    "one-api, model": (503, openai("当前分组 default 下对于模型 x 无可用渠道"), Kind.MODEL),
    "a model of the past": (404, openai("The model `x` has been deprecated."), Kind.MODEL),
    # a path
    "FastAPI, path": (404, {"detail": "Not Found"}, Kind.PATH),
    "OpenAI, path": (404, openai("Invalid URL (POST /chat/completions)"), Kind.PATH),
    "a page, path": (404, b"<html><h1>404 Not Found</h1></html>", Kind.PATH),
    "method": (405, b"", Kind.PATH),
    "LM Studio": (200, {"error": "Unexpected endpoint or method. (POST /chat/completions)"}, Kind.PATH),
    # somebody else
    "moved": (302, b"", Kind.REDIRECT),
    "moved, to be sent again": (307, b"", Kind.REDIRECT),
    "a proxy": (407, b"", Kind.PROXY),
    "nginx": (400, b"<html><title>400 The plain HTTP request was sent to HTTPS port</title>", Kind.HTTPS),
    "Go": (400, b"Client sent an HTTP request to an HTTPS server.\n", Kind.HTTPS),
    "tea": (418, b"", Kind.OTHER),
    # for now
    "a limit": (429, openai("Rate limit reached for requests", code="rate_limit_exceeded"), Kind.BUSY),
    "Google, a limit": (
        429,
        openai("You exceeded your current quota, please check your plan.\nPlease retry in 20.04s."),
        Kind.BUSY,
    ),
    "down": (503, b"", Kind.BUSY),
    # what is no obstacle
    "a parameter": (400, openai("Unsupported parameter: 'max_tokens'", param="max_tokens"), None),
    "an unknown key of the body": (400, openai("Unrecognized request argument supplied: key"), None),
    "a token too many": (400, openai("invalid token count: max_tokens is too large"), None),
    "a feature of a model": (400, openai("The model `x` does not support image input"), None),
    "a value": (422, {"detail": [{"loc": ["body", "n"], "msg": "Input should be 1"}]}, None),
    "a crash": (500, openai("Internal server error"), None),
    "an answer": (200, {"choices": [{"message": {"content": "Invalid API key"}}], "error": None}, None),
    "an answer of Responses": (200, {"output": [{"type": "message"}], "error": None}, None),
    "an empty answer": (200, {"choices": []}, None),
    "an error without a reason": (200, openai("Internal error"), None),
}


@pytest.mark.parametrize(("status", "body", "kind"), SEEN.values(), ids=SEEN)
def test_the_kind_is_told_by_status_and_words(status: int, body: Any, kind: Kind | None) -> None:
    found = obstacle(answered(status, body, media=HTML if str(body)[2:3] == "<" else "application/json"))
    assert (found.kind if found else None) is kind


CHALLENGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Enable JavaScript</body>"
BLOCKED = b"<html><head><title>Access Denied</title></head><body>Reference #18.</body></html>"
LOGIN = b"\n<!doctype html><title>Sign in &middot; ACME</title><form><input name=password></form>"


@pytest.mark.parametrize(
    ("attempt", "kind"),
    [
        (answered(403, CHALLENGE, media=HTML), Kind.WALL),
        (answered(503, CHALLENGE, media=HTML), Kind.WALL),
        (answered(200, CHALLENGE, media=HTML), Kind.WALL),
        (answered(403, b"", cf_mitigated="challenge"), Kind.WALL),
        (answered(403, BLOCKED, media=HTML), Kind.WALL),
        (answered(503, BLOCKED, media=HTML), Kind.BUSY),
        (answered(200, LOGIN, media=HTML), Kind.PAGE),
        (answered(200, LOGIN, media="application/json"), Kind.PAGE),
        (answered(500, LOGIN, media=HTML), None),
        (answered(429, openai("exceeded your current quota"), retry_after="20"), Kind.BUSY),
        (answered(None, failure="connect"), Kind.NOBODY),
        (answered(200, b"{", failure="silence"), Kind.SLOW),
        (answered(200, b'{"error', failure="reset"), None),
        (answered(200, b'{"error', failure="too-large"), None),
        (answered(200, b'{"message": "' + b"invalid api key " * 9999 + b'"}'), None),
    ],
    ids=[
        "a challenge",
        "a challenge as 503",
        "a challenge as 200",
        "a challenge by its header",
        "a firewall",
        "an outage",
        "a page to log in",
        "a page that says it is JSON",
        "a crash",
        "a limit that ends",
        "no connection",
        "an answer that stalls",
        "an answer that breaks off",
        "an answer without an end",
        "a long answer",
    ],
)
def test_pages_headers_and_failures_tell_as_well(attempt: Attempt, kind: Kind | None) -> None:
    found = obstacle(attempt)
    assert (found.kind if found else None) is kind


@pytest.mark.parametrize("why", ["[SSL: WRONG_VERSION_NUMBER] wrong version number", "record layer failure"])
def test_a_port_that_does_not_speak_tls_is_told_from_a_bad_certificate(why: str) -> None:
    def failed(message: str) -> Kind | None:
        attempt = Attempt(0.0, 1.0, None, "", (), (), Failure("tls", f"TLS failed: {message}"))
        found = obstacle(attempt)
        return found.kind if found else None

    assert failed(why) is Kind.HTTP
    assert failed("certificate verify failed: certificate has expired") is Kind.NOBODY
