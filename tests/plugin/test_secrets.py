"""A key reaches no file and no line, and a provider's text no terminal unescaped."""

from __future__ import annotations

import base64
import html
import json
import re
from contextlib import ExitStack
from urllib.parse import quote
from xml.etree import ElementTree

from tests.plugin.suite import (
    FILES,
    KEY,
    Suite,
    raw,
)
from tests.raw_server import Script, raw_server, response

pytest_plugins = ["pytester"]


def test_the_key_is_in_no_file_and_in_no_line(suite: Suite, server: ExitStack) -> None:
    forms = [
        KEY,
        quote(KEY, safe=""),
        *(base64.b64encode(t.encode()).decode() for t in (KEY, f"Bearer {KEY}")),
    ]

    def echo(request: bytes) -> Script:
        head = request.partition(b"\r\n\r\n")[0].decode()
        assert f"authorization: bearer {KEY}".lower() in head.lower() or b"conformance" in request
        message = f"who sent {head}? {' '.join(forms)} \x1b[31m"
        body = json.dumps({"error": {"message": message, "type": head, "code": KEY, "param": KEY}}).encode()
        return [response(body, "400 Bad Request", f"X-Echo: {KEY}", f"Set-Cookie: k={KEY}")]

    echoing = server.enter_context(raw_server(echo))
    suite.provider(echoing.base_url, headers={"X-Gate": "${ACME_KEY}"})
    done = suite.acme("-k", "envelope or errors or auth", "-vv", "-rA", "--showlocals", "--log-level=DEBUG")
    assert any(KEY.encode() in request for request in echoing.requests)
    assert done.verdicts["errors.key-never-echoed"] == "fail"
    written = {path.name: path.read_bytes() for path in done.folder.rglob("*") if path.is_file()}
    assert written.keys() == FILES
    for name, data in {**written, "the terminal": done.text.encode()}.items():
        for form in (*forms, html.escape(KEY), json.dumps(KEY)[1:-1].replace("/", "\\/")):
            assert form.encode() not in data, name
    assert "\x1b[31m who" not in done.text


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
