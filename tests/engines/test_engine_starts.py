"""The launcher of the real engine, and that the model answers at all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from conformance.contracts.chat.probes import prompts
from tests.engines import llamacpp
from tests.engines.process import EngineError

pytestmark = pytest.mark.skipif(llamacpp.unavailable() != "", reason=llamacpp.unavailable())

ROOT = Path(__file__).parents[2]
KEY = "a-key-for-this-test"


@pytest.fixture(scope="module")
def client() -> Iterator[httpx2.Client]:
    """One that keeps no connection: the server closes those that are idle for seconds, as it may be here."""
    none_kept, auth = httpx2.Limits(max_keepalive_connections=0), {"Authorization": f"Bearer {KEY}"}
    with (
        llamacpp.engine(api_key=KEY) as base_url,
        httpx2.Client(
            base_url=base_url, headers=auth, trust_env=False, timeout=30, limits=none_kept
        ) as client,
    ):
        yield client


def question(text: str, **more: Any) -> dict[str, Any]:
    return {
        "model": llamacpp.ALIAS,
        "messages": [{"role": "user", "content": text}],
        "temperature": 0,
        **more,
    }


def test_it_serves_the_model_by_its_alias(client: httpx2.Client) -> None:
    assert [model["id"] for model in client.get("/models").json()["data"]] == [llamacpp.ALIAS]


def test_it_asks_for_the_key_that_it_was_given(client: httpx2.Client) -> None:
    assert client.get("/models", headers={"Authorization": "Bearer another"}).status_code == 401


def test_it_asks_for_no_key_where_none_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(llamacpp.API_KEY_VARIABLE, KEY)
    with llamacpp.engine() as base_url:
        assert httpx2.get(f"{base_url}/models", trust_env=False).status_code == 200


def test_the_model_counts(client: httpx2.Client) -> None:
    answer = client.post("/chat/completions", json=question(prompts.COUNT)).json()
    assert answer["choices"][0]["message"]["content"] == prompts.COUNTED
    assert answer["choices"][0]["finish_reason"] == "stop"


def test_it_streams_the_same_text_in_pieces(client: httpx2.Client) -> None:
    body = client.post("/chat/completions", json=question(prompts.COUNT, stream=True)).text
    events = [line.removeprefix("data: ") for line in body.splitlines() if line]
    assert events.pop() == "[DONE]"
    pieces = [choice["delta"].get("content") for event in events for choice in json.loads(event)["choices"]]
    assert "".join(piece or "" for piece in pieces) == prompts.COUNTED
    assert len([piece for piece in pieces if piece]) >= 20


def test_it_reads_tool_calls_out_of_what_the_model_writes(client: httpx2.Client) -> None:
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    tool = {"type": "function", "function": {"name": "get_weather", "parameters": parameters}}
    answer = client.post("/chat/completions", json=question(prompts.WEATHER, tools=[tool])).json()
    (call,) = answer["choices"][0]["message"]["tool_calls"]
    assert call["function"]["name"] == "get_weather"
    assert json.loads(call["function"]["arguments"]) == {"city": "Paris"}


def test_it_is_gone_after_the_block() -> None:
    with llamacpp.engine() as base_url:
        assert httpx2.get(f"{base_url}/models", trust_env=False).status_code == 200
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{base_url}/models", trust_env=False)


def test_it_goes_when_its_parent_is_killed() -> None:
    script = (
        "import time; from tests.engines import llamacpp\n"
        "with llamacpp.engine() as url: print(url, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        base_url = parent.stdout.readline().strip()
        assert httpx2.get(f"{base_url}/models", trust_env=False).status_code == 200
        os.kill(parent.pid, signal.SIGKILL)
    for _ in range(200):
        try:
            httpx2.get(f"{base_url}/models", trust_env=False)
        except httpx2.TransportError:
            return
        time.sleep(0.05)
    pytest.fail("the server outlived its parent by ten seconds")


def test_a_missing_model_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(llamacpp, "MODEL", tmp_path / "none.gguf")
    with pytest.raises(EngineError, match=r"none\.gguf is missing: make it with \S+ -m tests"):
        llamacpp.start(0, None)


def test_a_missing_wheel_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(EngineError, match="xllamacpp is not installed"):
        llamacpp.start(0, None)


def test_a_start_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(EngineError, match="ended without a word"), llamacpp.engine():
        pass
