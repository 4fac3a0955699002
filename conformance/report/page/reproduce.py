"""Command lines that judge again what was recorded, and that send again what a verdict rests on."""

from __future__ import annotations

import re
import shlex

from conformance.asking.probe import Credential
from conformance.asking.request import authorization
from conformance.report.results.results import ExchangeResult, JudgementResult, Results

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""What RFC 9110 allows as the name of a header; curl would read a name that begins with @ as a file."""

_CURLS_OWN = frozenset(
    {"host", "content-length", "connection", "accept-encoding", "user-agent", "authorization"}
)

_JOURNAL = "journal.jsonl"

_DEFAULT = "openai"
"""The profile by which `conformance judge` judges, unless it is told another."""

_UNSAID = re.compile(r'["\\]')

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


def judge_all_again(results: Results) -> str:
    """A shell command for the folder of the report that judges the whole run again, and sends nothing."""
    if not results.recorded:
        return shlex.join(["pytest", f"--replay={_JOURNAL}"])
    profiles = {target.claims.profile for target in results.targets} - {_DEFAULT}
    return shlex.join(["conformance", "judge", *(f"--claims={one}" for one in profiles), _JOURNAL])


def judge_again(results: Results, judgement: JudgementResult) -> str:
    """The same for one requirement at one target, where what others recorded is not judged as a whole."""
    whole = judge_all_again(results)
    if results.recorded:
        return whole
    marks = {"id": judgement.requirement}
    if len(results.targets) > 1:
        marks |= {"provider": judgement.provider, "model": judgement.model}
    if len({target.contract for target in results.targets}) > 1:
        marks |= {"contract": judgement.contract}
    # What cannot be said in an expression of pytest is left out: a little more is judged then.
    named = ", ".join(f'{name}="{value}"' for name, value in marks.items() if not _UNSAID.search(value))
    return f"{whole} -m {shlex.quote(f'requirement({named})')}"


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
