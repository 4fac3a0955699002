"""Makes the recordings in `data`: `python -m tests.recordings.make`.

Each is made by the tool whose format it is, from the embedded provider or from llama.cpp:

| file | recorder | service |
|---|---|---|
| vcrpy.yaml | vcrpy | llama.cpp |
| ruby.yml | vcrpy, converted by `ruby_form` | the embedded provider |
| chromium.har | Chromium, driven by playwright | the embedded provider |
| mitmproxy.har | mitmproxy | llama.cpp |
| aiohttp.yaml | vcrpy, with aiohttp | the embedded provider |
| nock.json | nock.recorder, in Node | the embedded provider |
| polly.har | Polly.JS, in Node | the embedded provider |
| pairs.jsonl | this script | the embedded provider |
| journal.jsonl | this suite, a part of a run | the embedded provider |

and, of each, a faulty one, for which the embedded provider has the defects FAULTS. mitmproxy and playwright
want environments of their own; say where with MITMDUMP (the program) and PLAYWRIGHT (a Python that has it).
AIOHTTP is a Python with vcrpy and aiohttp; NODE_PATH is the folder of modules into which npm has installed
nock@13, @pollyjs/core, @pollyjs/persister-fs and @pollyjs/adapter-node-http.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from conformance.reference import serving
from conformance.reference.faults import named
from tests.engines.llamacpp import ALIAS, engine
from tests.recordings.session import KEY, requests

DATA = Path(__file__).parent / "data"

FAULTS = ("total-off-by-one", "role-missing", "finish-chunk-dropped")
"""What the faulty recordings show."""


def main() -> None:
    with serving(KEY) as base:
        make("ruby.yml", ruby, base, "reference")
        make("chromium.har", chromium, base, "reference")
        make("pairs.jsonl", pairs, base, "reference")
        make("aiohttp.yaml", aiohttp, base, "reference")
        make("nock.json", node("nock"), base, "reference")
        make("polly.har", node("polly"), base, "reference")
    with engine(api_key=KEY) as base:
        make("vcrpy.yaml", vcrpy, base, ALIAS)
        make("mitmproxy.har", mitmproxy, base, ALIAS)
    journal("journal.jsonl")
    with serving(KEY, faults=named(FAULTS)) as base:
        make("faulty-ruby.yml", ruby, base, "reference")
        make("faulty-chromium.har", chromium, base, "reference")
        make("faulty-pairs.jsonl", pairs, base, "reference")
        make("faulty-aiohttp.yaml", aiohttp, base, "reference")
        make("faulty-nock.json", node("nock"), base, "reference")
        make("faulty-polly.har", node("polly"), base, "reference")
        make("faulty-vcrpy.yaml", vcrpy, base, "reference")
        make("faulty-mitmproxy.har", mitmproxy, base, "reference")
    journal("faulty-journal.jsonl", *FAULTS)


def make(name: str, recorder: Callable[[str, str, Path], None], base: str, model: str) -> None:
    """Records the session into a file of `data`."""
    (DATA / name).unlink(missing_ok=True)
    recorder(base, model, DATA / name)
    print(f"{name}: {(DATA / name).stat().st_size:,} bytes")


def send(base: str, method: str, path: str, body: Any) -> tuple[int, list[tuple[str, str]], bytes]:
    """Sends one request as a program without a library would."""
    request = urllib.request.Request(
        base + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.headers.items(), response.read()
    except urllib.error.HTTPError as error:
        return error.code, list(error.headers.items()), error.read()


def vcrpy(base: str, model: str, path: Path) -> None:
    """A cassette as vcrpy writes it by default: with the key, as many a project has learnt too late."""
    vcr: Any = import_module("vcr")
    with vcr.use_cassette(str(path)):
        for request in requests(model):
            send(base, *request)


def ruby(base: str, model: str, path: Path) -> None:
    """A cassette in the form of Ruby's VCR."""
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder, "vcrpy.yaml")
        vcrpy(base, model, other)
        cassette = yaml.safe_load(other.read_text("utf-8"))
    path.write_text(yaml.safe_dump(ruby_form(cassette), allow_unicode=True, sort_keys=False), "utf-8")


def ruby_form(cassette: dict[str, Any]) -> dict[str, Any]:
    """What vcrpy wrote, as VCR 6 writes it with webmock.

    Names differ (`http_interactions`, `status.code`), a body says its encoding, the method is in lower case,
    and each interaction says when it was recorded. Every other body is kept as base64, as VCR does where
    `preserve_exact_body_bytes` is set.
    """
    import base64

    def body(value: Any, number: int) -> dict[str, str]:
        raw = value.encode() if isinstance(value, str) else value or b""
        if number % 2:
            return {"encoding": "UTF-8", "base64_string": base64.b64encode(raw).decode()}
        return {"encoding": "UTF-8", "string": raw.decode()}

    return {
        "http_interactions": [
            {
                "request": {
                    "method": one["request"]["method"].lower(),
                    "uri": one["request"]["uri"],
                    "body": body(one["request"]["body"], 0),
                    "headers": one["request"]["headers"],
                },
                "response": {
                    "status": one["response"]["status"],
                    "headers": one["response"]["headers"],
                    "body": body(one["response"]["body"]["string"], number),
                },
                "recorded_at": formatdate(usegmt=True),
            }
            for number, one in enumerate(cassette["interactions"])
        ],
        "recorded_with": "VCR 6.3.1",
    }


def pairs(base: str, model: str, path: Path) -> None:
    """Pairs, as any program can write them."""
    with path.open("w", encoding="utf-8") as file:
        for method, place, body in requests(model):
            status, headers, answer = send(base, method, place, body)
            line = {"url": base + place, "request": body, "status": status, "headers": dict(headers)}
            file.write(json.dumps({**line, "body": answer.decode()}, ensure_ascii=False) + "\n")


PAGE = """
import json, sys
from playwright.sync_api import sync_playwright
base, key, path, requests = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
with sync_playwright() as play:
    browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    context = browser.new_context(record_har_path=path, record_har_content="embed")
    page = context.new_page()
    page.goto(base + "/models")
    for method, place, body in requests:
        page.evaluate('''async ([url, method, key, body]) => {
            const headers = {"Authorization": "Bearer " + key, "Content-Type": "application/json"};
            const answer = await fetch(url, {method, headers, body: body && JSON.stringify(body)});
            await answer.text();
        }''', [base + place, method, key, body])
    context.close()
    browser.close()
"""


def chromium(base: str, model: str, path: Path) -> None:
    """A HAR of a page of the service itself that fetches, one request after the other."""
    python = os.environ.get("PLAYWRIGHT", sys.executable)
    command = [python, "-c", PAGE, base, KEY, str(path), json.dumps(requests(model))]
    subprocess.run(command, check=True)


ASKING = """
import asyncio, json, sys
import aiohttp, vcr
base, key, path, requests = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
async def main():
    with vcr.use_cassette(path):
        async with aiohttp.ClientSession() as session:
            for method, place, body in requests:
                headers = {"Authorization": "Bearer " + key}
                async with session.request(method, base + place, json=body, headers=headers) as answer:
                    await answer.read()
asyncio.run(main())
"""


def aiohttp(base: str, model: str, path: Path) -> None:
    """A cassette as vcrpy writes it for aiohttp."""
    python = os.environ.get("AIOHTTP", sys.executable)
    subprocess.run([python, "-c", ASKING, base, KEY, str(path), json.dumps(requests(model))], check=True)


SENDING = """
const http = require("http"), fs = require("fs");
const [, url, key, path, asked] = process.argv;
const base = new URL(url), requests = JSON.parse(asked);
const send = ([method, place, body]) => new Promise((done, failed) => {
  const headers = {"Authorization": "Bearer " + key, "Content-Type": "application/json"};
  const where = {host: base.hostname, port: base.port, path: base.pathname + place};
  const one = http.request({...where, method, headers});
  one.on("response", answer => answer.on("data", () => {}).on("end", done)).on("error", failed);
  one.end(body ? JSON.stringify(body) : undefined);
});
const session = async () => { for (const one of requests) await send(one); };
"""

RECORDERS = {
    "nock": """
const nock = require("nock");
nock.recorder.rec({output_objects: true, dont_print: true});
session().then(() => {
  fs.writeFileSync(path, JSON.stringify(nock.recorder.play(), null, 1));
  process.exit(0);
});
""",
    "polly": """
const {Polly} = require("@pollyjs/core");
Polly.register(require("@pollyjs/adapter-node-http"));
Polly.register(require("@pollyjs/persister-fs"));
const folder = fs.mkdtempSync("polly-");
const polly = new Polly("session", {adapters: ["node-http"], persister: "fs", mode: "record",
  recordFailedRequests: true, persisterOptions: {fs: {recordingsDir: folder}}});
session().then(() => polly.stop()).then(() => {
  fs.copyFileSync(`${folder}/${fs.readdirSync(folder)[0]}/recording.har`, path);
  fs.rmSync(folder, {recursive: true});
  process.exit(0);
});
""",
}


def node(recorder: str) -> Callable[[str, str, Path], None]:
    """A recorder of Node, and a program that sends while it listens."""

    def record(base: str, model: str, path: Path) -> None:
        program = SENDING + RECORDERS[recorder]
        subprocess.run(["node", "-e", program, base, KEY, str(path), json.dumps(requests(model))], check=True)

    return record


def mitmproxy(base: str, model: str, path: Path) -> None:
    """The HAR that mitmproxy writes when it ends; it stands before the service."""
    with mitmdump(base.removesuffix("/v1"), path) as proxy:
        for request in requests(model):
            send(f"{proxy}/v1", *request)


@contextmanager
def mitmdump(upstream: str, path: Path) -> Iterator[str]:
    """mitmproxy as a reverse proxy; its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [os.environ.get("MITMDUMP", "mitmdump"), "-q", "--mode", f"reverse:{upstream}"]
    command += ["--listen-host", "127.0.0.1", "-p", str(port), "--set", f"hardump={path}"]
    with subprocess.Popen(command) as process:
        for _ in range(100):
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)


def journal(name: str, *faults: str) -> None:
    """A part of a run of the suite."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pytest", "--provider=reference", f"--report-dir={folder}", "-q"]
        command += [
            "-k",
            "envelope or stream or usage.total-is-sum",
            *(f"--fault={fault}" for fault in faults),
        ]
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
        (DATA / name).write_bytes(Path(folder, "journal.jsonl").read_bytes())
    print(f"{name}: {(DATA / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
