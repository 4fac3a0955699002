from __future__ import annotations

import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conformance.asking.probe import Credential
from conformance.asking.request import WRONG_KEY
from conformance.report.page.reproduce import curl, judge_again, judge_all_again
from conformance.report.results.build import REQUEST_BODY, exchange_result
from conformance.report.results.results import ExchangeResult
from conformance.wire.record import Request
from tests.ids import by_value
from tests.report.making import answer, exchange, user
from tests.report.sample import sample

_SENT = exchange("01", "COUNT", user("Count."), answer("1", 1, 1))


class _Server(ThreadingHTTPServer):
    """Keeps what it is sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/chat/completions"


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.command, self.path, headers, body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def _run(command: str, key: str = "sk-of-the-user") -> subprocess.CompletedProcess[str]:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    return subprocess.run(
        ["bash", "-c", command],
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "KEY": key, "NO_PROXY": "*"},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )


def _result(
    url: str,
    body: str,
    method: str = "POST",
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),),
    credential: Credential = Credential.VALID,
) -> ExchangeResult:
    sent = exchange_result(replace(_SENT, request=Request(method, url, headers, body)))
    return replace(sent, request=replace(sent.request, credential=credential.value))


@pytest.mark.parametrize(
    "body",
    [
        '{"model":"m","messages":[{"role":"user","content":"plain"}]}',
        """{"content":"it's \\"quoted\\" `id` $(id) $KEY ${KEY} !! \\\\ back"}""",
        '{\n  "content": "two\\nlines",\r\n\t"tab": "\t"\n}\n',
        '{"content":"naïve 你好 👩\u200d🚀 e\u0301 ½ \u202e"}',
        '{"model":',
        "@/etc/passwd",
        "-o /dev/null",
        "' ; echo broken ; '",
    ],
    ids=by_value,
)
def test_the_command_sends_the_very_bytes(server: _Server, body: str) -> None:
    _run(curl(_result(server.url, body)))
    method, path, headers, received = server.seen[0]
    assert (method, path) == ("POST", "/v1/chat/completions")
    assert received == body.encode()
    assert headers["content-type"] == "application/json"
    assert headers["authorization"] == "Bearer sk-of-the-user"


def test_the_headers_are_those_of_the_record(server: _Server) -> None:
    headers = (
        ("Accept", "text/event-stream"),
        ("X-Empty", ""),
        ("X-Odd", "a 'b' \"c\" $KEY"),
        ("User-Agent", "theirs"),
        ("Accept-Encoding", "br"),
        ("@/etc/passwd", "a file"),
    )
    command = curl(_result(server.url, "{}", headers=headers))
    _run(command)
    received = server.seen[0][2]
    assert received["accept"] == "text/event-stream"
    assert received["x-empty"] == ""
    assert received["x-odd"] == "a 'b' \"c\" $KEY"
    assert "curl" in received["user-agent"]
    assert "accept-encoding" not in received
    assert "content-type" not in received
    # curl would send the lines of that file.
    assert "@" not in command


@pytest.mark.parametrize(
    ("credential", "received"),
    [
        (Credential.NONE, None),
        (Credential.WRONG, f"Bearer {WRONG_KEY}"),
        (Credential.EMPTY, "Bearer"),
    ],
)
def test_a_probe_about_keys_sends_its_own(
    server: _Server, credential: Credential, received: str | None
) -> None:
    command = curl(_result(server.url, "{}", credential=credential))
    _run(command)
    assert "$KEY" not in command
    header = server.seen[0][2].get("authorization")
    assert (header and header.strip()) == received


def test_a_get_is_a_get_and_a_path_is_no_pattern(server: _Server) -> None:
    url = server.url.replace("chat/completions", "models/a%2Fb[1-3]{x,y}?q='$KEY'")
    _run(curl(_result(url, "", "GET", headers=())))
    assert [(method, path, body) for method, path, _, body in server.seen] == [
        ("GET", "/v1/models/a%2Fb[1-3]{x,y}?q='$KEY'", b"")
    ]


def test_any_other_method_is_named(server: _Server) -> None:
    _run(curl(_result(server.url, "{}", "PUT")))
    _run(curl(_result(server.url, "{}", "GET")))
    assert [method for method, *_ in server.seen] == ["PUT", "GET"]


def test_a_body_that_the_results_have_only_in_part_is_read_from_a_file() -> None:
    command = curl(_result("https://api.acme.example/v1/chat/completions", "x" * (REQUEST_BODY + 1)))
    assert command.endswith("--data-binary @request.json")


def test_the_command_is_laid_out_to_be_read() -> None:
    stream = replace(_SENT, request=replace(_SENT.request, body='{"stream":true}'))
    result = exchange_result(stream)
    result = replace(result, response=replace(result.response, events=3))
    assert curl(result) == (
        "curl -sSi -N https://api.acme.example/v1/chat/completions \\\n"
        '  -H "Authorization: Bearer $KEY" \\\n'
        "  -H 'Accept: application/json' \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        "  --data-raw '{\"stream\":true}'"
    )


def test_a_finding_is_judged_again_by_its_name() -> None:
    results = sample(both=False)
    row = next(row for row in results.judgements if row.requirement == "stop.not-in-output")
    line = """pytest --replay=journal.jsonl -m 'requirement(id="stop.not-in-output")'"""
    assert judge_again(results, row) == line
    assert judge_all_again(results) == "pytest --replay=journal.jsonl"


def test_of_several_targets_the_one_is_named_where_that_can_be_said() -> None:
    results = sample()
    row = next(row for row in results.judgements if row.requirement == "stop.not-in-output")
    named = f"""id="stop.not-in-output", provider="acme", model="{row.model}\""""
    assert judge_again(results, row) == f"pytest --replay=journal.jsonl -m 'requirement({named})'"
    odd = judge_again(results, replace(row, model='a"b\\c', provider="it's"))
    assert shlex.split(odd)[-1] == 'requirement(id="stop.not-in-output", provider="it\'s")'


def test_what_others_recorded_is_judged_again_as_a_whole_by_the_same_claims() -> None:
    results = replace(sample(both=False), recorded=True)
    row = results.judgements[0]
    (acme,) = results.targets
    assert judge_again(results, row) == f"conformance judge --claims={acme.claims.profile} journal.jsonl"
    usual = replace(acme, claims=replace(acme.claims, profile="openai"))
    assert judge_again(replace(results, targets=(usual,)), row) == "conformance judge journal.jsonl"
