"""Starting and stopping the server, and what it does while clients come and go."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conformance.contracts.chat.probes import prompts
from conformance.reference import serving
from tests.reference.asking import KEY, Client, server

STREAMED = {"model": "reference", "messages": [{"role": "user", "content": "hi"}], "stream": True}


def test_starting_and_stopping_is_quick() -> None:
    with server() as client:
        client.get("/models")
    started = time.perf_counter()
    for _ in range(5):
        with server() as client:
            assert client.get("/models").status == 200
    assert (time.perf_counter() - started) / 5 < 0.5  # 0.02 s each on an idle machine


def test_it_is_gone_afterwards() -> None:
    before = threading.active_count()
    with server() as client:
        assert threading.active_count() == before + 1
    assert client.get("/models").status == 0
    assert threading.active_count() == before


def test_a_port_can_be_chosen_and_is_free_again() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for _ in range(2):
        with serving(port=port) as url:
            assert url == f"http://127.0.0.1:{port}/v1"
            assert Client(url, key=None).get("/models").status == 200


def test_a_taken_port_is_an_error() -> None:
    with (
        server() as client,
        pytest.raises(OSError, match="in use"),
        serving(port=urlsplit(client.url).port or 0),
    ):
        pass


def test_without_a_key_none_is_asked_for() -> None:
    with serving(pace=0) as url:
        assert Client(url, key=None).ask(prompts.OK).text == "OK"


def test_it_stops_while_a_stream_is_being_sent() -> None:
    with server(pace=1.0) as client:
        address = urlsplit(client.url)
        connection = http.client.HTTPConnection(address.netloc, timeout=5)
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        connection.request("POST", f"{address.path}/chat/completions", json.dumps(STREAMED), headers)
        started = time.perf_counter()
    assert time.perf_counter() - started < 2
    connection.close()


def test_it_lives_on_when_clients_hang_up() -> None:
    with server(pace=0.01) as client:
        address = urlsplit(client.url)
        for _ in range(3):
            assert client.begin(STREAMED)
        with socket.create_connection((address.hostname or "", address.port or 0)) as half:
            half.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
        assert client.ask(prompts.OK).text == "OK"


def test_many_at_once_do_not_mix() -> None:
    words = [f"marker{number}" for number in range(24)]
    with server(pace=0.002) as client, ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda word: client.ask(prompts.ECHO + word).json(), words))
    assert [answer["choices"][0]["message"]["content"] for answer in answers] == words
    assert len({answer["id"] for answer in answers}) == len(words)


def test_in_the_foreground_until_interrupted() -> None:
    script = (
        "from conformance.reference import run_forever\n"
        "run_forever(0, 'k', announce=lambda url: print(url, flush=True))"
    )
    command, root = [sys.executable, "-c", script], Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        try:
            url = process.stdout.readline().strip() if process.stdout else ""
            assert Client(url, key="k").ask(prompts.OK).text == "OK"
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
        finally:
            process.kill()
