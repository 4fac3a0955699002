"""Whom we blame where nothing can be tested: nobody. One sentence says why, and what helps."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from tests.hostile.whole import relayed
from tests.ids import by_value
from tests.plugin.suite import Suite, raw
from tests.raw_server import RawServer, Script, response

pytest_plugins = ["pytester"]

HTML = "text/html; charset=utf-8"
CHALLENGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>cf-chl</body></html>"
FIREWALL = b"<html><head><title>Access Denied</title></head><body>Reference 18.2f</body></html>"
LOGIN = b"<!doctype html><title>Sign in &middot; ACME</title><form><input name=password></form>"
LIST = {"object": "list", "data": [{"id": "acme-large"}, {"id": "reference-2"}, {"id": "acme-small"}]}
GREETING = {"id": "chatcmpl-1", "object": "chat.completion", "choices": [{"index": 0, "message": {}}]}


def answer(status: str, body: Any = b"", *headers: str, media: str = "application/json") -> bytes:
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return response(data, status, *headers, media=media)


def error(message: str, **members: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": None, "param": None, "code": None, **members}}


@dataclass(frozen=True)
class Case:
    """What a server answers, by how the request begins, and the sentence that says so."""

    answers: dict[str, bytes]
    sentence: str
    path: str = "/v1"
    requests: int = 1


def every(status: str, body: Any = b"", *headers: str, **media: str) -> dict[str, bytes]:
    """The same answer to everything."""
    return {"": answer(status, body, *headers, **media)}


SENT = "http://127.0.0.1:PORT"
HELD = "the key in ACME_KEY (providers.yaml:4)"
URL = f"{SENT}/v1/chat/completions (providers.yaml:3)"
SHORT = f"{SENT}/chat/completions (providers.yaml:3)"
MEANT = f"did you mean {SENT}/v1? That answers"
KEY_FIX = "export a valid key as ACME_KEY"
MODEL = "the server does not know model 'reference' (providers.yaml:5)"

CASES = {
    "wrong key": Case(
        every("401 Unauthorized", error("Incorrect API key: ***.", code="invalid_api_key")),
        f"the provider refuses {HELD}: HTTP 401 “Incorrect API key: ***.” (invalid_api_key); {KEY_FIX}",
    ),
    "wrong key, FastAPI": Case(
        every("401 Unauthorized", {"detail": "Unauthorized"}),
        f"the provider refuses {HELD}: HTTP 401 “Unauthorized”; {KEY_FIX}",
    ),
    "wrong key, Google": Case(
        every("400 Bad Request", [{"error": {"code": 400, "message": "API key not valid.", "status": "X"}}]),
        f"the provider refuses {HELD}: HTTP 400 “API key not valid.” (X); {KEY_FIX}",
    ),
    "wrong key, one-api": Case(
        every("401 Unauthorized", error("无效的令牌", type="one_api_error")),
        f"the provider refuses {HELD}: HTTP 401 “无效的令牌” (one_api_error); {KEY_FIX}",
    ),
    "wrong key, as 200": Case(
        every("200 OK", {"base_resp": {"status_code": 2049, "status_msg": "invalid api key"}}),
        f"the provider refuses {HELD}: HTTP 200 “invalid api key”; {KEY_FIX}",
    ),
    "wrong key, as a page": Case(
        every("401 Unauthorized", LOGIN, media=HTML),
        f"the provider refuses {HELD}: HTTP 401 “Sign in · ACME”; {KEY_FIX}",
    ),
    "wrong key, echoed": Case(
        every("401 Unauthorized", error("Invalid key sk-live-0123/4567+89abcdef==")),
        f"the provider refuses {HELD}: HTTP 401 “Invalid key [REDACTED KEY]”; {KEY_FIX}",
    ),
    "wrong key, hostile": Case(
        every("401 Unauthorized", error("\x1b[2J\x1b]0;x\x07\u202e<script>alert(1)</script>" + "x" * 9999)),
        f"the provider refuses {HELD}: HTTP 401 “\\x1b[2J\\x1b]0;x\\x07\\u202e<script>alert(1)</script>xxx",
    ),
    "expired key": Case(
        every("401 Unauthorized", error("该令牌已过期")),
        f"{HELD} has expired: HTTP 401 “该令牌已过期”; export a new one",
    ),
    "no credit": Case(
        every("402 Payment Required", error("Insufficient Balance")),
        f"the account of {HELD} has no credit: HTTP 402 “Insufficient Balance”; top it up",
    ),
    "no credit, as 403": Case(
        every("403 Forbidden", {"code": 30001, "message": "account balance is insufficient"}),
        f"the account of {HELD} has no credit: HTTP 403 “account balance is insufficient”; top it",
    ),
    "no credit, as 429": Case(
        every(
            "429 Too Many Requests", {"error": {"code": "1113", "message": "余额不足或无可用资源包,请充值。"}}
        ),
        f"the account of {HELD} has no credit: HTTP 429 “余额不足或无可用资源包,请充值。”; top it up",
    ),
    "quota": Case(
        every(
            "429 Too Many Requests",
            error("exceeded your current quota", type="insufficient_quota", code="insufficient_quota"),
        ),
        f"the quota of {HELD} is used up: HTTP 429 “exceeded your current quota” (insufficient_quota)",
    ),
    "quota, new-api": Case(
        every("403 Forbidden", error("该令牌额度已用尽")),
        f"the quota of {HELD} is used up: HTTP 403 “该令牌额度已用尽”; raise it",
    ),
    "another country": Case(
        every("403 Forbidden", error("Country, region, or territory not supported")),
        "the provider does not serve the place that requests come from: HTTP 403 “Country, region, or",
    ),
    "no permission": Case(
        every("403 Forbidden", {"message": "Access is denied."}),
        f"the provider refuses access: HTTP 403 “Access is denied.”; check what {HELD} may use",
    ),
    "unknown model": Case(
        {
            "POST": answer("404 Not Found", error("The model `reference` does not exist.")),
            "": answer("200 OK", LIST),
        },
        f"{MODEL}: HTTP 404 “The model `reference` does not exist.”; "
        "it lists reference-2, acme-large, acme-small",
        requests=2,
    ),
    "unknown model, as 400": Case(
        {
            "POST": answer("400 Bad Request", {"code": 20012, "message": "Model does not exist."}),
            "": answer("401 No"),
        },
        f"{MODEL}: HTTP 400 “Model does not exist.”; correct models, or choose one with --model ID",
        requests=2,
    ),
    "unknown model, as 503": Case(
        {
            "POST": answer("503 Service Unavailable", error("No available channel for model reference")),
            "": answer("200 OK", {"data": [{"id": "reference"}]}),
        },
        f"{MODEL}: HTTP 503 “No available channel for model reference”; "
        f"it lists it, so {HELD} may not be allowed to use it",
        requests=2,
    ),
    "unknown deployment": Case(
        {
            "POST": answer("404 Not Found", {"error": {"code": "DeploymentNotFound"}}),
            "": answer("404 Not Found"),
        },
        f"{MODEL}: HTTP 404 “DeploymentNotFound”; correct models",
        requests=2,
    ),
    "no /v1": Case(
        {"POST /v1/": answer("200 OK", GREETING), "": answer("404 Not Found", {"detail": "Not Found"})},
        f"{SHORT} does not exist: HTTP 404 “Not Found”; {MEANT}",
        path="",
        requests=2,
    ),
    "no /v1, as 200": Case(
        {
            "POST /v1/": answer("401 No", error("no key")),
            "": answer("200 OK", {"error": "Unexpected endpoint or method."}),
        },
        f"{SHORT} does not exist: HTTP 200 “Unexpected endpoint or method.”; {MEANT}",
        path="",
        requests=2,
    ),
    "no /v1, as a page": Case(
        {"POST /v1/": answer("200 OK", GREETING), "": answer("200 OK", LOGIN, media=HTML)},
        f"{SHORT} answers with a web page: HTTP 200 “Sign in · ACME”; {MEANT}",
        path="",
        requests=2,
    ),
    "no /v1 anywhere": Case(
        every("404 Not Found", b"<h1>Not Found</h1>", media=HTML),
        "http://127.0.0.1:PORT/api/chat/completions (providers.yaml:3) does not exist: HTTP 404 “Not Found”; "
        "check base_url (OpenAI's ends in /v1)",
        path="/api",
        requests=2,
    ),
    "a path of another API": Case(
        every("404 Not Found"),
        f"{URL} does not exist: HTTP 404; check base_url (OpenAI's ends in /v1)",
    ),
    "login page": Case(
        every("200 OK", LOGIN, media=HTML),
        f"{URL} answers with a web page: HTTP 200 “Sign in · ACME”; check base_url",
    ),
    "redirect to login": Case(
        every("302 Found", b"", "Location: /login?next=/v1&token=abc"),
        f"{URL} redirects to http://127.0.0.1:PORT/login (HTTP 302), and redirects are not followed",
    ),
    "redirect to the same elsewhere": Case(
        every("308 Permanent Redirect", b"", "Location: https://u:p@api.acme.example/v1/chat/completions"),
        f"{URL} redirects to https://api.acme.example/v1/chat/completions (HTTP 308), and redirects are not "
        "followed; write base_url: https://api.acme.example/v1",
    ),
    "firewall": Case(
        every("403 Forbidden", FIREWALL, media=HTML),
        f"a web page that lets no program in stands before {URL}: HTTP 403 “Access Denied”; ask the provider",
    ),
    "https": Case(
        every("400 Bad Request", b"Client sent an HTTP request to an HTTPS server\n", media="text/plain"),
        "the port speaks https (providers.yaml:3): HTTP 400 “Client sent an HTTP request to an HTTPS "
        "server”; write https://127.0.0.1:PORT/v1",
    ),
    "busy": Case(
        every("503 Service Unavailable", error("Overloaded", type="busy")),
        "the plainest request gets HTTP 503 “Overloaded” (busy) after 4 attempts; try again later",
        requests=4,
    ),
    "teapot": Case(
        every("418 I'm a teapot", b"short and stout"), "the plainest request gets HTTP 418 “short and stout”"
    ),
}


def serving(answers: dict[str, bytes]) -> Callable[[bytes], Script]:
    def script(request: bytes) -> Script:
        line = request.decode("latin-1")
        return [next(data for begin, data in answers.items() if line.startswith(begin))]

    return script


def described(suite: Suite, base_url: str) -> None:
    """The entry, one member on a line."""
    suite.text(
        "providers:\n  acme:\n"
        f"    base_url: {base_url}\n    api_key: ${{ACME_KEY}}\n    models: [reference]\n    claims: openai\n"
    )


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_where_nothing_can_be_tested_one_sentence_says_why(
    suite: Suite, server: ExitStack, case: Case
) -> None:
    listening = raw(server, serving(case.answers))
    port = listening.base_url.removesuffix("/v1").rpartition(":")[2]
    described(suite, f"http://127.0.0.1:{port}{case.path}")
    done = suite.acme()
    sentence = case.sentence.replace("PORT", port)
    assert done.code == 7
    assert set(done.verdicts.values()) == {"error"}
    (said,) = {one["message"] for one in done.results["judgements"]}
    assert said.startswith(sentence)
    assert len(listening.requests) == case.requests
    assert len(done.text.splitlines()) <= 15, done.text


def in_the_end(suite: Suite, server: ExitStack, endpoint: str, most: int, refusal: bytes) -> RawServer:
    """A right provider that answers like this from its n-th request on."""

    def script(request: bytes) -> Script:
        return [refusal] if len(listening.requests) > most else relayed(request, endpoint)

    listening = raw(server, script)
    described(suite, listening.base_url)
    return listening


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        (
            answer("402 Payment Required", error("Insufficient Balance")),
            f"the account of {HELD} has no credit: HTTP 402 “Insufficient Balance”; top it up",
        ),
        (
            answer("401 Unauthorized", {"detail": "Key was revoked"}),
            f"the provider refuses {HELD}: HTTP 401 “Key was revoked”; {KEY_FIX}",
        ),
        (
            answer("429 Too Many Requests", error("No quota.", code="insufficient_quota")),
            f"the quota of {HELD} is used up: HTTP 429 “No quota.” (insufficient_quota)",
        ),
        (
            answer("403 Forbidden", CHALLENGE, media=HTML),
            f"a page that asks for a human stands before {URL}: HTTP 403 “Just a moment...”",
        ),
    ],
    ids=["no credit", "revoked", "quota", "wall"],
)
def test_what_was_judged_before_stays_and_asking_stops(
    suite: Suite, server: ExitStack, endpoint: str, refusal: bytes, sentence: str
) -> None:
    listening = in_the_end(suite, server, endpoint, 50, refusal)
    done = suite.acme("--concurrency=4")
    port = listening.base_url.removesuffix("/v1").rpartition(":")[2]
    assert len(listening.requests) <= 50 + 2 * 4 + 1
    rows = done.results["judgements"]
    counts = Counter(row["verdict"] for row in rows)
    assert counts["pass"] > 50
    assert counts["error"] > 50
    (said,) = {row["message"] for row in rows if row["verdict"] == "error"}
    assert said.startswith(sentence.replace("PORT", port))
    accused = {row["requirement"] for row in rows if row["verdict"] in ("fail", "warn")}
    assert accused <= {"transport.no-bot-wall"}
    assert done.code == (1 if accused else 7)
    files = [line for line in done.text.splitlines() if line.startswith("conformance/contracts/")]
    assert len(done.text.splitlines()) - len(files) < 50, done.text


def test_a_run_goes_on_once_the_account_is_filled(suite: Suite, server: ExitStack, endpoint: str) -> None:
    empty = answer("402 Payment Required", error("Insufficient Balance"))
    listening = in_the_end(suite, server, endpoint, 20, empty)
    first = suite.acme("-k", "stop or usage", "--concurrency=2")
    assert first.code == 7
    listening.requests[:] = []
    second = suite.run(f"--resume={first.folder}", "-k", "stop or usage")
    assert second.code == 0
    assert set(second.verdicts.values()) <= {"pass", "not-applicable"}
    assert len(listening.requests) < 21


def test_a_refusal_of_one_request_ends_nothing(suite: Suite, server: ExitStack, endpoint: str) -> None:
    """Whoever is refused pictures for want of a plan has no vision, and everything else is tested."""

    def script(request: bytes) -> Script:
        unpaid = b"image_url" in request
        return [answer("402 No", error("Upgrade your plan"))] if unpaid else relayed(request, endpoint)

    described(suite, raw(server, script).base_url)
    done = suite.acme("-k", "vision or usage")
    verdicts = done.verdicts
    assert {verdict for name, verdict in verdicts.items() if name.startswith("usage")} <= {
        "pass",
        "not-applicable",
    }
    assert "fail" not in verdicts.values()
    assert done.code == 7
    messages = {row["message"] for row in done.results["judgements"] if row["verdict"] == "error"}
    assert all("this request is refused for the account, not for itself" in one for one in messages)


def test_a_wall_stays_a_finding_and_turns_nothing_red(suite: Suite, server: ExitStack) -> None:
    listening = raw(server, [answer("403 Forbidden", CHALLENGE, media=HTML)])
    described(suite, listening.base_url)
    done = suite.acme("-k", "transport or usage")
    assert done.code == 7
    assert {name: verdict for name, verdict in done.verdicts.items() if verdict != "error"} == {
        "transport.no-bot-wall": "fail"
    }
    assert "not tested: a page that asks for a human stands before http" in done.text
    assert len(listening.requests) == 1


@pytest.mark.parametrize(
    "selection", ["vision", "json_mode or json-object", "stop", "errors", "auth"], ids=by_value
)
@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (answer("404 Not Found", {"detail": "Not Found"}), "does not exist: HTTP 404"),
        (answer("302 Found", b"", "Location: /login"), "redirects to"),
        (answer("200 OK", LOGIN, media=HTML), "answers with a web page"),
    ],
    ids=["404", "redirect", "page"],
)
def test_whatever_is_selected_the_plain_request_decides(
    suite: Suite, server: ExitStack, selection: str, refusal: bytes, words: str
) -> None:
    listening = raw(server, [refusal])
    described(suite, listening.base_url)
    done = suite.acme("-k", selection)
    assert done.code == 7
    assert set(done.verdicts.values()) == {"error"}
    assert words in done.text
    assert len(listening.requests) <= 2


def test_an_entry_without_a_key_is_told_to_name_one(suite: Suite, server: ExitStack) -> None:
    listening = raw(server, [answer("401 Unauthorized", {"detail": "Not authenticated"})])
    suite.text(
        f"providers:\n  acme:\n    base_url: {listening.base_url}\n    models: [m]\n    claims: openai\n"
    )
    done = suite.acme("-k", "usage")
    assert done.code == 7
    assert (
        "the provider asks for a key, and is sent none: HTTP 401 “Not authenticated”; add api_key: "
        in done.text
    )


def test_a_right_key_is_judged_as_ever(suite: Suite) -> None:
    done = suite.acme("-k", "auth or errors")
    assert done.code == 0
    assert done.verdicts["auth.wrong-key-refused"] == "pass"
