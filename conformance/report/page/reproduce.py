"""Command lines that ask again what a verdict rests on."""

from __future__ import annotations

import re
import shlex

from conformance.asking.probe import Credential
from conformance.asking.request import authorization
from conformance.report.results.results import CatalogueEntry, ExchangeResult, JudgementResult

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""What RFC 9110 allows as the name of a header; curl would read a name that begins with @ as a file."""

_CURLS_OWN = frozenset(
    {"host", "content-length", "connection", "accept-encoding", "user-agent", "authorization"}
)

JUDGE_AGAIN = "conformance judge journal.jsonl"
"""The command that judges what others recorded again; the journal has it, as far as it was judged."""

_BREAK = " \\\n  "


def curl(exchange: ExchangeResult) -> str:
    """A shell command that sends the request again, byte for byte, with the key in the variable KEY.

    Where the results hold the body only in part, the command reads it from the file request.json.
    """
    request = exchange.request
    parts = ["curl -sSi" + (" -N" if exchange.response.events is not None else "")]
    if request.method != ("POST" if request.body else "GET"):
        parts[0] += f" -X {shlex.quote(request.method)}"
    if re.search(r"[\[\]{}]", request.url):
        parts[0] += " --globoff"
    parts[0] += f" {shlex.quote(request.url)}"
    parts += [f"-H {header}" for header in _headers(exchange)]
    if len(request.body.encode("utf-8", "surrogatepass")) != request.length:
        parts.append("--data-binary @request.json")
    elif request.body:
        parts.append(f"--data-raw {shlex.quote(request.body)}")
    return _BREAK.join(parts)


def pytest_line(entry: CatalogueEntry, judgement: JudgementResult, *, name_model: bool) -> str:
    """The command that judges the requirement again at that provider; `name_model`: it has several models."""
    words = ["pytest", "--provider", judgement.provider]
    if name_model:
        words += ["--model", judgement.model]
    return shlex.join([*words, "-k", entry.test.rpartition("::")[2]])


def _headers(exchange: ExchangeResult) -> list[str]:
    request = exchange.request
    headers = []
    credential = Credential(request.credential)
    if credential is Credential.VALID:
        headers.append('"Authorization: Bearer $KEY"')
    elif value := authorization(credential, None):
        headers.append(shlex.quote(f"Authorization: {value}"))
    named = False
    for name, value in request.headers:
        if name.lower() in _CURLS_OWN or not _TOKEN.fullmatch(name):
            continue
        named = named or name.lower() == "content-type"
        text = " ".join(value.split())
        headers.append(shlex.quote(f"{name}: {text}" if text else f"{name};"))
    if request.body and not named:
        # curl would call the body a form.
        headers.append("'Content-Type:'")
    return headers
