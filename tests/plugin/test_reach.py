"""Any service can be reached: what an entry adds to each request, and one command without a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conformance.reference import serving
from conformance.reference.call import Call, JsonObject, Reply
from conformance.reference.change import without
from conformance.reference.chat.faults.fault import on_body
from conformance.reference.fault import Fault, on_reply
from tests.plugin.suite import KEY, Outcome, Suite

pytest_plugins = ["pytester"]

SIGNATURE, TENANT, TOKEN = "sig/+&=9f8e7d6c5b4a", 'te"nant-0f1e2d3c4b', "tok-1a2b3c4d5e6f"
SECRETS = (KEY, SIGNATURE, TENANT, TOKEN)

ADDED: dict[str, Any] = {
    "query": {"api-version": "2024-10-21", "sig": "v1:${SIGNATURE}"},
    "extra_body": {
        "provider": {"order": ["acme"]},
        "tenant": {"name": "${TENANT}"},
        "reasoning_effort": "low",
    },
    "headers": {"X-Gateway": "Token ${TOKEN}", "OpenAI-Organization": "org-acme"},
}


class StandIn:
    """A service behind a gateway: it takes no request that lacks what the gateway wants."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def faults(self) -> tuple[Fault, ...]:
        @on_reply()
        def noted(reply: Reply, call: Call) -> Reply:
            self.calls.append(call)
            return reply

        @on_body()
        def taken(body: JsonObject, _: Call) -> JsonObject:
            return without(body, "provider", "tenant", "reasoning_effort")

        return noted, taken


@pytest.fixture
def gateway() -> Iterator[tuple[StandIn, str]]:
    made = StandIn()
    with serving(KEY, pace=0.0, faults=made.faults()) as url:
        yield made, url


@pytest.fixture
def environment_of_acme(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SIGNATURE": SIGNATURE, "TENANT": TENANT, "TOKEN": TOKEN}.items():
        monkeypatch.setenv(name, value)


def written(done: Outcome) -> dict[str, bytes]:
    """Everything that a run left behind, and printed."""
    files = {path.name: path.read_bytes() for path in done.folder.rglob("*") if path.is_file()}
    return {**files, "terminal": done.text.encode()}


@pytest.mark.usefixtures("environment_of_acme")
def test_what_an_entry_adds_is_in_every_request(suite: Suite, gateway: tuple[StandIn, str]) -> None:
    made, url = gateway
    suite.provider(url, **ADDED)
    done = suite.acme("-k", "stop_string or key_is_required or wrong_key")
    assert done.code == 0
    valid = [call for call in made.calls if call.header("authorization") == f"Bearer {KEY}"]
    assert valid
    for call in valid:
        assert call.header("x-gateway") == f"Token {TOKEN}"
        assert call.header("openai-organization") == "org-acme"
        body = json.loads(call.body)
        assert (body["provider"], body["tenant"]) == ({"order": ["acme"]}, {"name": TENANT})
        assert body["reasoning_effort"] == "low"
    for one in done.journal.exchanges:
        query = parse_qs(urlsplit(one.request.url).query)
        assert query["api-version"] == ["2024-10-21"]


@pytest.mark.usefixtures("environment_of_acme")
def test_no_secret_goes_where_the_key_does_not(suite: Suite, gateway: tuple[StandIn, str]) -> None:
    made, url = gateway
    suite.provider(url, **ADDED)
    suite.acme("-k", "without_authorization or wrong_key or key")
    others = [call for call in made.calls if call.header("authorization") != f"Bearer {KEY}"]
    assert others
    for call in others:
        assert call.header("x-gateway") == ""
        assert TENANT.encode() not in call.body.replace(b'\\"', b'"')
        assert call.header("openai-organization") == "org-acme"


@pytest.mark.usefixtures("environment_of_acme")
def test_what_variables_hold_is_in_no_file(suite: Suite, server: ExitStack) -> None:
    @on_reply()
    def echoed(reply: Reply, call: Call) -> Reply:
        sent = call.body.decode() + call.header("x-gateway")
        headers = (("x-echo", sent.encode("unicode_escape").decode()[:3000]),)
        return Reply(reply.status, (*reply.headers, *headers), reply.frames, reply.streamed)

    made = StandIn()
    url = server.enter_context(serving(KEY, pace=0.0, faults=(*made.faults(), echoed)))
    suite.provider(url, **ADDED)
    done = suite.acme("-k", "stop_string")
    for name, data in written(done).items():
        for secret in SECRETS:
            assert secret.encode() not in data, name
            assert json.dumps(secret)[1:-1].encode() not in data, name
    text = (done.folder / "journal.jsonl").read_text()
    assert "sig=v1%3A${SIGNATURE}" in text
    assert '{\\"name\\":\\"${TENANT}\\"}' in text


def test_a_variable_that_is_not_set_is_asked_for_by_name(suite: Suite) -> None:
    suite.provider(**ADDED)
    done = suite.acme()
    assert done.code == 4
    for purpose in ("SIGNATURE for its query", "TENANT for its extra_body", "TOKEN for its header X-Gateway"):
        assert f"needs the environment variable {purpose}: export {purpose.partition(' ')[0]}=…" in done.text


@on_body()
def no_seed_here(body: JsonObject, _: Call) -> JsonObject:
    """A gateway that takes neither a temperature nor a seed."""
    assert "temperature" not in body
    assert "seed" not in body
    return body


def test_what_is_omitted_is_sent_by_no_request(suite: Suite, server: ExitStack) -> None:
    url = server.enter_context(serving(KEY, pace=0.0, faults=(no_seed_here,)))
    suite.provider(url, omit=["temperature", "seed"])
    done = suite.acme("-k", "sampling or stop_string or parameters")
    bodies = [json.loads(one.request.body) for one in done.journal.exchanges if one.request.body]
    assert not [body for body in bodies if {"temperature", "seed"} & body.keys()]
    assert done.verdicts["sampling.temperature-range-accepted"] == "not-applicable"
    assert done.verdicts["sampling.seed-repeats"] == "not-applicable"
    assert done.verdicts["stop.not-in-output"] == "pass"
    said = {one["requirement"]: one["message"] for one in done.results["judgements"]}
    assert said["sampling.seed-repeats"] == "no request has `seed`: `omit` in providers.yaml leaves it out"
    again = suite.run(f"--replay={done.folder}", "-k", "sampling or stop_string or parameters")
    assert again.verdicts == done.verdicts


@pytest.fixture
def nowhere(suite: Suite, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and a key under the name that OpenAI's libraries read."""
    here = tmp_path_factory.mktemp("empty")
    monkeypatch.chdir(here)
    suite.path = here
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    return here


def test_one_command_without_a_file_gives_a_report(suite: Suite, nowhere: Path, endpoint: str) -> None:
    done = suite.run("--base-url", endpoint, "--model", "reference", "-k", "stop")
    assert done.code == 0
    (target,) = done.results["targets"]
    assert (target["provider"], target["model"]) == ("127.0.0.1", "reference")
    assert target["base_url"] == endpoint
    assert not [name for name, data in written(done).items() if KEY.encode() in data]
    again = suite.run(f"--replay={done.folder}", "-k", "stop")
    assert again.verdicts == done.verdicts
    on = suite.run(f"--resume={done.folder}", "--base-url", endpoint)
    assert on.code == 0


def test_one_command_tests_embeddings_where_they_are_named(
    suite: Suite, nowhere: Path, endpoint: str
) -> None:
    done = suite.run(
        "--base-url", endpoint, "--model", "reference", "--contract", "embeddings", "-k", "vectors"
    )
    assert done.code == 0
    (target,) = done.results["targets"]
    assert (target["contract"], target["model"]) == ("embeddings", "reference")


def test_a_server_on_this_machine_needs_no_key(
    suite: Suite, nowhere: Path, server: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    url = server.enter_context(serving(None, pace=0.0))
    done = suite.run("--base-url", url, "--model", "reference", "-k", "stop_string")
    assert done.code == 0


def test_a_server_that_wants_a_key_is_answered_with_the_variable(
    suite: Suite, nowhere: Path, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    done = suite.run("--base-url", endpoint, "--model", "reference", "-k", "stop_string")
    assert done.code == 7
    assert "export one as OPENAI_API_KEY" in done.text


WRONG = {
    "no model": (("--base-url", "https://acme.example/v1"), "needs --model ID: which model to test there"),
    "no key": (
        ("--base-url", "https://acme.example/v1", "--model", "m"),
        "needs the environment variable OPENAI_API_KEY: export OPENAI_API_KEY=… (named by --base-url)",
    ),
    "a bare host": (
        ("--base-url", "https://api.openai.com", "--model", "m"),
        "api.openai.com speaks OpenAI's protocol elsewhere: write --base-url=https://api.openai.com/v1",
    ),
    "a whole address": (
        ("--base-url", "https://acme.example/v1/chat/completions", "--model", "m"),
        "--base-url: base_url must end before /chat/completions",
    ),
    "a file too": (
        ("--base-url", "https://acme.example/v1", "--model", "m", "--provider", "acme"),
        "--base-url needs no file: leave --provider and --providers-file out",
    ),
}


@pytest.mark.parametrize(("arguments", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_on_the_command_line_is_one_line_with_the_fix(
    suite: Suite, nowhere: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    done = suite.run(*arguments)
    assert done.code == 4
    assert said in done.text
    assert done.files == set()
