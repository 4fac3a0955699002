"""Providers that cannot be asked, or not rightly: exit codes 7 and 8, and a report that says so."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from tests.plugin.suite import (
    FILES,
    Suite,
    raw,
)
from tests.raw_server import HOLD, raw_server, response

pytest_plugins = ["pytester"]


def test_a_port_where_nobody_listens(suite: Suite, server: ExitStack) -> None:
    with raw_server([]) as gone:
        suite.provider(gone.base_url)
    done = suite.acme("-k", "envelope or usage.present")
    assert done.code == 8
    assert done.files == FILES
    assert set(done.verdicts.values()) == {"error"}
    assert "acme: could not be reached: no connection: nothing listens at 127.0.0.1:" in done.text
    assert not done.results["complete"]
    assert "no connection" in done.results["targets"][0]["unreachable"]
    assert "Not reached:" in (done.folder / "report.html").read_text(encoding="utf-8")
    assert len(done.results["exchanges"]) == 3
    assert done.results["targets"][0]["requests"] == 1


def test_a_host_that_does_not_exist(suite: Suite) -> None:
    suite.provider("https://conformance.invalid/v1")
    done = suite.acme("-k", "envelope.id-present")
    assert done.code == 8
    assert "the host name does not resolve" in done.text
    assert {"report.html", "results.json"} <= done.files


def test_plain_http_where_tls_is_expected(suite: Suite, server: ExitStack) -> None:
    plain = raw(server, [b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"])
    suite.provider(plain.base_url.replace("http:", "https:"))
    done = suite.acme("-k", "envelope.id-present")
    assert done.code == 8
    assert f"the port speaks http (providers.yaml:1): write {plain.base_url}\n" in done.text
    asked = [request for request in plain.requests if request.startswith(b"GET /v1/models")]
    assert [b"uthorization" in request for request in asked] == [False]


def test_a_server_that_never_answers(suite: Suite, server: ExitStack) -> None:
    suite.provider(raw(server, [HOLD]).base_url, limits={"first_byte": 0.3})
    done = suite.acme("-k", "envelope.id-present")
    assert done.code == 8
    assert "no response within 0.3 s" in done.text


PROXY_PAGE = b"<html><body><h1>Welcome to the hotel</h1><script>alert(1)</script></body></html>"


def test_a_page_is_no_finding_and_never_obeyed(suite: Suite, server: ExitStack) -> None:
    suite.provider(raw(server, [response(PROXY_PAGE)]).base_url)
    done = suite.acme("-k", "envelope")
    assert done.code == 7
    assert set(done.verdicts.values()) == {"error"}
    assert "answers with a web page: HTTP 200 “Welcome to the hotel”; check base_url" in done.text
    assert "<script>alert" not in (done.folder / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in (done.folder / "run.html").read_text(encoding="utf-8")


def test_a_service_that_is_down_is_no_finding(suite: Suite, server: ExitStack) -> None:
    down = response(PROXY_PAGE, "503 Service Unavailable")
    suite.provider(raw(server, [down]).base_url)
    done = suite.acme("-k", "envelope")
    assert done.code == 7
    assert set(done.verdicts.values()) == {"error"}
    assert len(done.sent) == 1


def test_a_wrong_key_stops_the_run(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_KEY", "sk-not-the-right-one")
    done = suite.acme("-k", "usage")
    assert done.code == 7
    assert (
        "the provider refuses the key in ACME_KEY (providers.yaml:1): HTTP 401 “Incorrect API key"
        in done.text
    )
    assert len(done.sent) == 1
    assert "sk-not-the-right-one" not in done.text


def test_a_base_url_may_end_in_a_slash(suite: Suite, endpoint: str) -> None:
    suite.provider(f"{endpoint}/")
    assert suite.acme("-k", "envelope.id-present").code == 0


def test_a_base_url_without_its_path_is_named(suite: Suite, endpoint: str) -> None:
    suite.provider(endpoint.removesuffix("/v1"))
    done = suite.acme("-k", "usage")
    assert done.code == 7
    assert f"; did you mean {endpoint}? That answers" in done.text


def test_an_unknown_model_is_named_with_those_that_there_are(suite: Suite) -> None:
    done = suite.acme("--model=no-such-model", "-k", "envelope")
    assert done.code == 7
    assert set(done.verdicts.values()) == {"error"}
    assert "the server does not know model 'no-such-model' (--model): HTTP 404" in done.text
    assert "; it lists reference" in done.text
