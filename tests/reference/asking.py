"""A plain HTTP client for the tests of the embedded provider: it shows everything and repairs nothing."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from conformance.reference import serving
from conformance.reference.fault import Fault

KEY = "sk-test-0123456789"
"""The key of every server in these tests."""


@dataclass(frozen=True)
class Got:
    """A response. `failure` names the exception when it did not end as HTTP says it should."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    failure: str = ""

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def error(self) -> Any:
        """The error object of a refusal."""
        return self.json()["error"]

    @property
    def message(self) -> Any:
        """The message of the first choice."""
        return self.json()["choices"][0]["message"]

    @property
    def text(self) -> str:
        """The text of the first choice."""
        text = self.message["content"]
        assert isinstance(text, str)
        return text

    @property
    def usage(self) -> Any:
        """The usage of an answer."""
        return self.json()["usage"]

    def events(self) -> list[Any]:
        """The chunks of a stream, whose framing must be the plainest and whose end must be [DONE]."""
        parts = self.body.decode().split("\n\n")
        assert parts[-2:] == ["data: [DONE]", ""]
        return [json.loads(part.removeprefix("data: ")) for part in parts[:-2]]


@dataclass(frozen=True)
class Client:
    """Asks one server. Each request has a connection of its own. `timeout` is in seconds of silence."""

    url: str
    key: str | None = KEY
    model: str = "reference"
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 5.0

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Got:
        """One request with exactly these headers, and what came back."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.netloc, timeout=self.timeout)
        try:
            connection.request(method, address.path + path, body, dict(headers or {}))
            response = connection.getresponse()
            failure, data = "", b""
            try:
                data = response.read()
            except http.client.IncompleteRead as error:
                failure, data = "IncompleteRead", error.partial
            except (OSError, ValueError) as error:
                failure = type(error).__name__
            got = {name.lower(): value for name, value in response.getheaders()}
            return Got(response.status, got, data, failure)
        except (OSError, http.client.HTTPException) as error:
            return Got(0, {}, b"", type(error).__name__)
        finally:
            connection.close()

    def begin(self, body: object) -> bytes:
        """A chat completion of which only the first bytes are read before the connection is closed."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.netloc, timeout=self.timeout)
        try:
            connection.request("POST", f"{address.path}/chat/completions", json.dumps(body), self._headers())
            return connection.getresponse().read1()
        finally:
            connection.close()

    def get(self, path: str) -> Got:
        """GET with the key."""
        return self.send("GET", path, headers=self._headers())

    def post(self, body: object) -> Got:
        """A chat completion with exactly this body: JSON of a value, or bytes."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.send("POST", "/chat/completions", data, self._headers())

    def ask(self, prompt: str | list[Any], **parameters: Any) -> Got:
        """A chat completion: a prompt or messages, and parameters."""
        messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        return self.post({"model": self.model, "messages": messages, **parameters})

    def _headers(self) -> dict[str, str]:
        authorization = {} if self.key is None else {"Authorization": f"Bearer {self.key}"}
        return {"Content-Type": "application/json", **authorization, **self.headers}


@contextmanager
def server(*faults: Fault, pace: float = 0.0) -> Iterator[Client]:
    """A server with a key, and a client that knows it."""
    with serving(KEY, pace=pace, faults=faults) as url:
        yield Client(url)
