"""A run behind a proxy: what the provider is accused of stays the same, and the report names the proxy."""

from __future__ import annotations

import pytest

from tests.plugin.suite import Suite
from tests.relay import relay

pytest_plugins = ["pytester"]

CHOSEN = "envelope or usage or auth"


def test_a_run_through_a_proxy_says_so_and_judges_alike(
    suite: Suite, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    straight = suite.acme("-k", CHOSEN)
    suite.provider("http://api.acme.example/v1")
    with relay(endpoint, "proxy-pa55word") as proxy:
        monkeypatch.setenv("ALL_PROXY", f"socks5://me:proxy-pa55word@127.0.0.1:{proxy.port}")
        done = suite.acme("-k", CHOSEN)
    named = f"127.0.0.1:{proxy.port} (ALL_PROXY)"
    assert (done.code, done.verdicts) == (0, straight.verdicts)
    assert f"through the proxy {named}" in done.text
    assert done.results["targets"][0]["proxies"] == [named]
    assert straight.results["targets"][0]["proxies"] == []
    for name, words in (
        ("summary.md", "Requests went through the proxy"),
        ("report.html", "Through the proxy"),
    ):
        text = (done.folder / name).read_text(encoding="utf-8")
        assert words in text
        assert words not in (straight.folder / name).read_text(encoding="utf-8")
    monkeypatch.setenv("ALL_PROXY", "nonsense://")
    again = suite.run(f"--replay={done.folder}", "-k", CHOSEN)
    assert again.results["targets"] == done.results["targets"]
    assert "pa55word" not in done.text + again.text
    written = [path.read_bytes() for path in suite.path.rglob("*") if path.is_file()]
    assert not any(b"pa55word" in data for data in written)


def test_a_variable_that_holds_no_proxy_is_a_usage_error(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite.provider("https://api.acme.example/v1")
    monkeypatch.setenv("all_proxy", "socks://127.0.0.1:1080")
    done = suite.acme()
    assert done.code == 4
    assert (
        "ERROR: all_proxy begins with socks://, which is not supported; write socks5://HOST:PORT" in done.text
    )
    for arguments in ("--plan", "--collect-only"):
        assert suite.acme(arguments).code == 0
