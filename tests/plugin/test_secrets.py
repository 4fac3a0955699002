"""A key reaches no file and no line, and a provider's text no terminal unescaped."""

from __future__ import annotations

import base64
import gzip
import html
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain, repeat
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from conformance.wire.redact.recordable import KEPT
from tests.plugin.suite import (
    KEY,
    REPOSITORY,
    Outcome,
    Suite,
    command,
    raw,
)
from tests.raw_server import RESET, STREAM_HEAD, Script, raw_server, response
from tests.wire.layouts import LAYOUTS, TEXTUAL, WHOLE
from tests.wire.surviving import left, put_together, read_as_a_whole

pytest_plugins = ["pytester"]


GATE, PASSWORD = "gate/secret+of:acme", "proxy-pa55word"
SECRETS = (KEY, GATE, PASSWORD)
EVERYTHING = (
    *(
        "-vv",
        "-rA",
        "--showlocals",
        "--tb=long",
        "--full-trace",
        "--log-level=DEBUG",
        "--log-cli-level=DEBUG",
    ),
    *("--log-file=log.txt", "--log-file-level=DEBUG", "--junitxml=other.xml", "--html=other.html"),
)
"""Options of pytest that make it tell more than it does of itself."""


def forms(secret: str) -> Iterator[str]:
    """What a secret looks like when programs have handed it on."""
    yield from (secret, quote(secret, safe=""), quote(secret), html.escape(secret), secret.encode().hex())
    yield json.dumps(secret)[1:-1].replace("/", "\\/")
    for before in range(3):
        encoded = base64.b64encode(b"x" * before + secret.encode()).decode()
        own = encoded[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6]
        yield from (own, own.translate(str.maketrans("+/", "-_")))


def leaks(suite: Suite, text: str) -> list[tuple[str, str]]:
    """Where a secret is to be found: in which file or output, and in which form."""
    written = {str(path): path.read_bytes() for path in suite.path.rglob("*") if path.is_file()}
    return [
        (name, form)
        for name, data in {**written, "the terminal": text.encode()}.items()
        for secret in SECRETS
        for form in forms(secret)
        if form.encode() in data
    ]


@pytest.fixture
def guarded(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """A provider with a key and another secret, behind a proxy with a password."""
    monkeypatch.setenv("ACME_GATE", GATE)
    monkeypatch.setenv("HTTPS_PROXY", f"http://someone:{PASSWORD}@127.0.0.1:9")
    suite.provider(headers={"X-Gate": "${ACME_GATE}"})
    return suite


def to(suite: Suite, url: str) -> None:
    """Sends the provider's requests elsewhere."""
    suite.provider(url, headers={"X-Gate": "${ACME_GATE}"}, limits={"first_byte": 2, "timeout": 5})


def event(text: str) -> bytes:
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]}).encode() + b"\n\n"


def echo(request: bytes) -> Script:
    """Sends all that is secret back: as words of a stream, in a redirect, in an error, compressed or not."""
    head = request.partition(b"\r\n\r\n")[0].decode()
    known = " ".join([head, *(form for secret in SECRETS for form in forms(secret))])
    whole = json.dumps({"error": {"message": known, "type": head, "code": KEY, "param": GATE}}).encode()
    shown = [f"X-Echo: {KEY}", f"Set-Cookie: k={quote(GATE, safe='')}"]
    if b"stream" in request:
        words = b"".join(event(known[start : start + 7]) for start in range(0, len(known), 7))
        return [
            STREAM_HEAD,
            *(words[cut : cut + 997] for cut in range(0, len(words), 997)),
        ]
    if b"max_tokens" not in request:
        return [response(whole, "307 Temporary Redirect", f"Location: http://127.0.0.1:9/?k={quote(KEY)}")]
    if b"n" in request[-9:]:
        return [response(gzip.compress(whole), "400 Bad Request", "Content-Encoding: gzip", *shown)]
    return [response(whole, "400 Bad Request", *shown)]


def test_what_is_echoed_is_in_no_file_and_in_no_line(guarded: Suite, server: ExitStack) -> None:
    echoing = server.enter_context(raw_server(echo))
    to(guarded, echoing.base_url)
    done = guarded.acme("-k", "envelope.id or errors or stream.framing", *EVERYTHING)
    assert any(KEY.encode() in request and GATE.encode() in request for request in echoing.requests)
    assert done.verdicts["errors.key-never-echoed"] == "fail"
    assert {"httpcore2", "httpx2"} <= set(re.findall(r"httpcore2|httpx2", done.text))
    assert (guarded.path / "log.txt").stat().st_size > 1000
    assert "DEBUG" in done.text
    assert leaks(guarded, done.text + said(done)) == []
    again = guarded.run(f"--replay={done.folder}", "-k", "envelope.id or errors.key", *EVERYTHING)
    assert again.verdicts["errors.key-never-echoed"] == "fail"
    for arguments in (["report", done.folder.name], ["explain", "errors.key-never-echoed"], ["providers"]):
        conformance(guarded, *arguments)
    planned = guarded.acme("--plan", "-vv", "--showlocals")
    assert leaks(guarded, again.text + planned.text) == []


def said(done: Outcome) -> str:
    """The words of all streams, put together."""
    lines = [line for one in done.journal.exchanges for line in one.last.body.decode().splitlines()]
    events = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
    assert events
    return "".join(one["choices"][0]["delta"]["content"] for one in events)


def conformance(suite: Suite, *arguments: str) -> None:
    """Runs a command, and keeps what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "conformance.cli", *arguments],
        cwd=suite.path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (suite.path / f"{arguments[0]}.out").write_bytes(done.stdout + done.stderr)


RANDOM = "sk-proj-Ab3xY9zQ7wKd5mN2pR8tV4uJ6sL0"


def in_parts() -> Iterator[Script]:
    """One server after the other that sends the key back in a way of its own."""
    for how in TEXTUAL.values():
        whole = json.dumps({"error": {"message": f"Who sent {how(RANDOM).decode()}?"}}).encode()
        yield [response(whole, "400 Bad Request")]
        yield [response(whole[:-9], "400 Bad Request", length=len(whole)), RESET]
    for how in WHOLE.values():
        yield [response(how(RANDOM), "400 Bad Request")]
    for layout in LAYOUTS.values():
        # As errors, or the run would end: so many tokens were not asked for.
        yield [response(layout([*"Who sent ", *RANDOM, "?"]), "400 Bad Request")]
        yield [response(layout([*"Who sent ", *RANDOM[:-2]]), "400 Bad Request")]
    for shown in (9, 20, len(RANDOM)):
        before, after = b"y" * (KEPT - shown), b"z" * 2**22
        yield [b"HTTP/1.1 400 Bad Request\r\n\r\n", before + RANDOM.encode() + after]
        yield [f"HTTP/1.1 200 OK\r\nX-A: {'y' * (170 - shown)}{RANDOM}\0\r\n\r\n".encode()]
        yield [response(b"{}", "400 Bad Request", f"Content-Encoding: {'y' * (190 - shown)}{RANDOM}")]


def test_what_is_handed_on_in_parts_is_in_no_file_and_in_no_line(
    suite: Suite, server: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_KEY", RANDOM)
    monkeypatch.setattr("random.uniform", lambda low, high: 0.0)  # the wait before a request is sent again
    plain = [response(b"{}", "400 Bad Request")]
    scripts = chain(in_parts(), repeat(plain))
    url = server.enter_context(raw_server(lambda _: next(scripts))).base_url
    suite.provider(url, limits={"concurrency": 1, "first_byte": 5, "timeout": 9})
    done = suite.acme(*EVERYTHING)
    assert next(scripts) is plain
    written = [path.read_bytes() for path in suite.path.rglob("*") if path.is_file()]
    bodies = [attempt.body.decode("latin-1") for one in done.journal.exchanges for attempt in one.attempts]
    texts = [text.encode("latin-1") for body in bodies for text in put_together(body)]
    read = [one for text in texts for one in read_as_a_whole(text)]
    assert left(RANDOM, *read, *written, done.text.encode()) == []


@pytest.mark.parametrize(
    "script",
    [[RESET], [b"SSH-2.0\r\n\r\n"], [b"\x15\x03\x03\x00\x02\x02\x28"]],
    ids=["reset", "no HTTP", "TLS"],
)
def test_what_fails_tells_nothing(guarded: Suite, server: ExitStack, script: Script) -> None:
    to(guarded, raw(server, script).base_url)
    done = guarded.acme("-k", "envelope", *EVERYTHING)
    assert done.code == 8
    assert leaks(guarded, done.text) == []


CRASH = """
from conformance.asking import asking

def fails(*_):
    raise {error}

asking.recordable = fails
"""


@pytest.mark.parametrize(
    ("error", "code"),
    [(f"RuntimeError('what becomes of Bearer {KEY}?')", 3), ("KeyboardInterrupt", 2)],
    ids=["defect", "Ctrl-C"],
)
def test_a_crash_while_the_key_is_in_use_shows_none(guarded: Suite, error: str, code: int) -> None:
    crash = guarded.pytester.makeconftest(CRASH.format(error=error))
    done = subprocess.run(
        command("--provider=acme", "--report-dir=out", "-k", "envelope", *EVERYTHING),
        cwd=guarded.path,
        # Compiled, the file with the planted crash would hold the key.
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    text = done.stdout + done.stderr
    assert done.returncode == code, text
    assert ("what becomes of Bearer [REDACTED KEY]?" if code == 3 else "KeyboardInterrupt") in text
    crash.unlink()  # which pytest shows as the line that failed
    assert leaks(guarded, text.replace(crash.name, "")) == []


def test_a_proxy_gets_its_password_and_no_other_secret_is_looked_for(
    guarded: Suite, server: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def complain(request: bytes) -> Script:
        head = request.partition(b"\r\n\r\n")[0].decode()
        return [
            response(
                json.dumps({"error": f"{head} {PASSWORD}"}).encode(), "407 Proxy Authentication Required"
            )
        ]

    proxy = server.enter_context(raw_server(complain))
    where = proxy.base_url.removeprefix("http://").removesuffix("/v1")
    monkeypatch.setenv("HTTP_PROXY", f"http://someone:{PASSWORD}@{where}")
    netrc = guarded.path / "netrc"
    netrc.write_text("machine acme.example login somebody password from-netrc\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    entry = {"base_url": "http://acme.example/v1", "models": ["m"], "claims": "openai"}
    guarded.text(json.dumps({"providers": {"acme": entry}}))
    done = guarded.acme("-k", "envelope.id-present", *EVERYTHING)
    asked = b"".join(proxy.requests)
    assert base64.b64encode(f"someone:{PASSWORD}".encode()) in asked
    assert b"\r\nAuthorization" not in asked
    assert leaks(guarded, done.text) == []


def test_a_url_with_credentials_is_refused_and_not_repeated(guarded: Suite) -> None:
    to(guarded, f"https://someone:{PASSWORD}@acme.example/v1")
    result = guarded.pytester.runpytest_inprocess("-p", "conformance.plugin", "--provider=acme", *EVERYTHING)
    text = "\n".join([*result.outlines, *result.errlines])
    assert result.ret == 4
    assert "base_url holds a user or a password" in text
    (guarded.path / "providers.yaml").unlink()
    assert leaks(guarded, text) == []


def test_what_a_provider_sends_reaches_no_terminal_unescaped(suite: Suite, server: ExitStack) -> None:
    message = "\x1b]0;owned\x07\u202e\ud800 <img src=x onerror=alert(1)>\n\n::error::owned"
    body = json.dumps({"error": {"message": message}}).encode()
    suite.provider(raw(server, [response(body, "400 Bad Request")]).base_url)
    done = suite.acme("-k", "envelope or errors", "-rA")
    assert done.code == 1
    assert not re.search("[\x07\u202e\ud800]|\x1b\\]", done.text)
    assert "\n::error" not in done.text
    for name in ("report.html", "run.html", "summary.md"):
        assert not re.search(r"(?<!\\)<img src=x", (done.folder / name).read_text(encoding="utf-8")), name
    ElementTree.parse(done.folder / "junit.xml")
