"""Writes pairs as other recorders would: each by the layout that its documents or its source state."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

Pair = Mapping[str, Any]


def sent(pair: Pair) -> str:
    return "" if pair["request"] is None else json.dumps(pair["request"])


def method(pair: Pair) -> str:
    return "GET" if pair["request"] is None else "POST"


def lists(pair: Pair) -> dict[str, list[str]]:
    return {name: [value] for name, value in pair["headers"].items()}


def parsed(text: str) -> Any:
    """The JSON of a body, as recorders keep it that parse what they can."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def govcr(pairs: Sequence[Pair], version: int) -> str:
    """go-vcr: v1 and v2 write `duration` as text, v3 and v4 have the parts of Go's request as well."""
    interactions = []
    for number, one in enumerate(pairs):
        request = {"body": sent(one), "form": {}, "headers": {}, "url": one["url"], "method": method(one)}
        response = {"body": one["body"], "headers": lists(one), "status": f"{one['status']} X"}
        response |= {"code": one["status"], "duration": "" if version == 1 else "125.5ms"}
        if version > 2:
            request |= {
                "proto": "HTTP/1.1",
                "proto_major": 1,
                "content_length": 5,
                "host": "",
                "remote_addr": "",
            }
            response |= {"proto": "HTTP/2.0", "uncompressed": True, "trailer": {}}
        interactions.append(
            {"request": request, "response": response} | ({"id": number} if version > 1 else {})
        )
    return "---\n" + yaml.safe_dump(
        {"version": min(version, 2), "interactions": interactions}, sort_keys=False
    )


def polly(pairs: Sequence[Pair], pieces: Callable[[bytes], str]) -> str:
    """Polly.JS: a HAR; compressed bodies are pieces."""
    entries = []
    for one in pairs:
        packed = gzip.compress(one["body"].encode(), mtime=0)
        halves = [packed[:30], packed[30:]]
        headers = [{"name": name, "value": value} for name, value in one["headers"].items()]
        headers.append({"name": "content-encoding", "value": "gzip"})
        posted = {} if one["request"] is None else {"postData": {"params": [], "text": sent(one)}}
        entries.append(
            {
                "startedDateTime": "2026-11-20T14:01:50.000Z",
                "time": 900,
                "request": {"method": method(one), "url": one["url"], "headers": [], **posted},
                "response": {
                    "status": one["status"],
                    "headers": headers,
                    "content": {"size": len(packed), "text": json.dumps([pieces(half) for half in halves])},
                },
            }
        )
    return json.dumps({"log": {"creator": {"name": "Polly.JS"}, "entries": entries, "version": "1.2"}})


def base64_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def har_in_yaml(pairs: Sequence[Pair]) -> str:
    return yaml.safe_dump(json.loads(polly(pairs, base64_text)), sort_keys=False)


def nock(pairs: Sequence[Pair], *, packed: bool = False) -> str:
    """nock: headers by turns, JSON parsed, and what is compressed in hexadecimal."""
    found = []
    for one in pairs:
        url = urlsplit(one["url"])
        flat = [part for pair in one["headers"].items() for part in pair]
        response: Any = parsed(one["body"])
        if packed:
            flat += ["content-encoding", "gzip"]
            raw = gzip.compress(one["body"].encode(), mtime=0).hex()
            response = [raw[:40], raw[40:]]
        found.append(
            {
                "scope": f"{url.scheme}://{url.netloc}",
                "method": method(one),
                "path": url.path,
                "body": "" if one["request"] is None else one["request"],
                "status": one["status"],
                "response": response,
                "rawHeaders": flat,
                "responseIsBinary": False,
            }
        )
    return json.dumps(found, indent=2)


def single(pairs: Sequence[Pair]) -> str:
    """One exchange as one object; only the first of them."""
    return json.dumps(_request_and_response(pairs[0]), indent=1)


def _request_and_response(one: Pair) -> dict[str, Any]:
    request = {"method": method(one), "url": one["url"], "headers": {}, "body": sent(one)}
    return {
        "request": request,
        "response": {"status": {"code": one["status"]}, "headers": one["headers"], "body": one["body"]},
    }


def array(pairs: Sequence[Pair]) -> str:
    return json.dumps(list(pairs), indent=1)


def httpmock(pairs: Sequence[Pair]) -> str:
    documents = []
    for one in pairs:
        url = urlsplit(one["url"])
        headers = [{"name": name, "value": value} for name, value in one["headers"].items()]
        when = {"path": url.path, "method": method(one), "header": [{"name": "host", "value": url.netloc}]}
        when |= {"body": sent(one)} if sent(one) else {}
        documents.append(
            {"when": when, "then": {"status": one["status"], "header": headers, "body": one["body"]}}
        )
    return yaml.safe_dump_all(documents, sort_keys=False)


def azure(pairs: Sequence[Pair]) -> str:
    entries = [
        {
            "RequestUri": one["url"],
            "RequestMethod": method(one),
            "RequestHeaders": {},
            "RequestBody": one["request"],
            "StatusCode": one["status"],
            "ResponseHeaders": one["headers"],
            "ResponseBody": parsed(one["body"]),
        }
        for one in pairs
    ]
    return json.dumps({"Entries": entries, "Variables": {}})


def httprr(pairs: Sequence[Pair]) -> str:
    found = "httprr trace v1\n"
    for one in pairs:
        body = sent(one)
        request = f"{method(one)} {one['url']} HTTP/1.1\r\nHost: api.example\r\n\r\n{body}"
        headers = "".join(f"{name}: {value}\r\n" for name, value in one["headers"].items())
        response = f"HTTP/1.1 {one['status']} X\r\n{headers}\r\n{one['body']}"
        found += f"{len(request.encode())} {len(response.encode())}\n{request}{response}"
    return found


def wiremock(pairs: Sequence[Pair]) -> str:
    mappings = [
        {
            "request": {
                "url": urlsplit(one["url"]).path,
                "method": method(one),
                **({"bodyPatterns": [{"equalToJson": sent(one)}]} if sent(one) else {}),
            },
            "response": {"status": one["status"], "body": one["body"], "headers": one["headers"]},
        }
        for one in pairs
    ]
    return json.dumps({"mappings": mappings})


def exvcr(pairs: Sequence[Pair]) -> str:
    found = []
    for one in pairs:
        response = {"type": "ok", "status_code": one["status"], "headers": one["headers"]}
        response |= {"binary": False, "body": one["body"]}
        request = {"method": method(one).lower(), "url": one["url"], "headers": {}, "body": sent(one)}
        found.append({"request": request | {"options": [], "request_body": ""}, "response": response})
    return json.dumps(found)


def phpvcr(pairs: Sequence[Pair]) -> str:
    """PHP-VCR: a dash alone on its line, and everything that belongs to it further in."""
    text = "\n"
    for number, one in enumerate(pairs):
        request = {
            "method": method(one),
            "url": one["url"],
            "headers": {"Host": "x"},
            "body": sent(one) or None,
        }
        status = {"http_version": "1.1", "code": str(one["status"]), "message": "X"}
        response = {"status": status, "headers": one["headers"], "body": one["body"]}
        inner = yaml.safe_dump({"request": request, "response": response, "index": number}, sort_keys=False)
        text += "-\n" + "".join(f"    {line}\n" if line else "\n" for line in inner.split("\n"))
    return text


def hoverfly(pairs: Sequence[Pair]) -> str:
    found = []
    for one in pairs:
        url = urlsplit(one["url"])
        wanted = {"path": url.path, "method": method(one), "destination": url.netloc, "scheme": url.scheme}
        request = {name: [{"matcher": "exact", "value": value}] for name, value in wanted.items()}
        request |= {"body": [{"matcher": "json", "value": sent(one)}]} if sent(one) else {}
        body = base64_text(one["body"].encode())
        response = {"status": one["status"], "body": body, "encodedBody": True, "headers": lists(one)}
        found.append({"request": request, "response": response})
    return json.dumps({"data": {"pairs": found}, "meta": {"schemaVersion": "v5.2"}})


def postman(pairs: Sequence[Pair]) -> str:
    items = [
        {
            "name": "chat",
            "request": {"method": method(one), "url": {"raw": one["url"]}, "body": {"raw": sent(one)}},
            "response": [
                {
                    "code": one["status"],
                    "header": [{"key": name, "value": value} for name, value in one["headers"].items()],
                    "body": one["body"],
                    "responseTime": 900,
                }
            ],
        }
        for one in pairs
    ]
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    return json.dumps({"info": {"name": "x", "schema": schema}, "item": [{"name": "folder", "item": items}]})


def mitmproxy(pairs: Sequence[Pair]) -> bytes:
    """mitmproxy's flows: tnetstrings."""
    found = b""
    for one in pairs:
        url = urlsplit(one["url"])
        request: dict[str, Any] = {
            "method": method(one).encode(),
            "scheme": url.scheme.encode(),
            "host": url.hostname,
            "port": url.port or 443,
            "path": url.path.encode(),
            "headers": [],
            "content": sent(one).encode() or None,
            "timestamp_start": 1795183310.5,
        }
        response = {
            "status_code": one["status"],
            "http_version": b"HTTP/1.1",
            "headers": [[name.encode(), value.encode()] for name, value in one["headers"].items()],
            "content": one["body"].encode(),
            "timestamp_end": 1795183312.5,
        }
        found += tnetstring({"type": "http", "version": 21, "request": request, "response": response})
    return found


def tnetstring(value: Any) -> bytes:
    match value:
        case None:
            data, kind = b"", b"~"
        case bool():
            data, kind = str(value).lower().encode(), b"!"
        case bytes():
            data, kind = value, b","
        case str():
            data, kind = value.encode(), b";"
        case int():
            data, kind = str(value).encode(), b"#"
        case float():
            data, kind = repr(value).encode(), b"^"
        case list():
            data, kind = b"".join(map(tnetstring, value)), b"]"
        case _:
            data = b"".join(tnetstring(name) + tnetstring(one) for name, one in value.items())
            kind = b"}"
    return str(len(data)).encode() + b":" + data + kind


def hexadecimal(data: bytes) -> str:
    return data.hex()


LAYOUTS: Mapping[str, tuple[str, Callable[[Sequence[Pair]], str | bytes]]] = {
    "go-vcr 1": ("a.yaml", lambda pairs: govcr(pairs, 1)),
    "go-vcr 2": ("a.yaml", lambda pairs: govcr(pairs, 2)),
    "go-vcr 3": ("a.yaml", lambda pairs: govcr(pairs, 3)),
    "go-vcr 4": ("a.yaml", lambda pairs: govcr(pairs, 4)),
    "Polly, base64": ("a.har", lambda pairs: polly(pairs, base64_text)),
    "Polly, hexadecimal": ("a.har", lambda pairs: polly(pairs, hexadecimal)),
    "Polly in YAML": ("a.har.yaml", har_in_yaml),
    "nock": ("a.json", nock),
    "nock, compressed": ("a.json", lambda pairs: nock(pairs, packed=True)),
    "array of pairs": ("a.json", array),
    "httpmock": ("a.yaml", httpmock),
    "Azure SDK": ("a.json", azure),
    "httprr": ("a.httprr", httprr),
    "WireMock": ("a.json", wiremock),
    "ExVCR": ("a.json", exvcr),
    "PHP-VCR": ("a.yml", phpvcr),
    "Hoverfly": ("a.json", hoverfly),
    "Postman": ("a.json", postman),
    "mitmproxy": ("a.mitm", mitmproxy),
}
"""Formats by name: how a file of it is called, and what writes it."""


def written(folder: Path, name: str, pairs: Sequence[Pair]) -> Path:
    """A recording of these pairs in that format."""
    called, write = LAYOUTS[name]
    text = write(pairs)
    path = folder / called
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
