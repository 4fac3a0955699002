from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from conformance.cli import main

PROVIDERS = """\
providers:
  reference:
    embedded: true
  acme:
    base_url: https://api.acme.example/v1
    api_key: ${ACME_KEY}
    models: [large, small]
    claims: openai
    headers: {X-Team: mine, X-Gateway-Key: "${GATEWAY_KEY}"}
  here: {base_url: "http://127.0.0.1:8080/v1", models: tiny, claims: openai}
  six: {base_url: "http://[::1]:8080/v1", models: tiny, claims: openai}
  name: {base_url: "http://localhost:8080/v1", models: tiny, claims: openai}
"""


@pytest.fixture(autouse=True)
def providers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a providers.yaml, and one of its keys."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ACME_KEY", "sk-0123456789abcdef")
    monkeypatch.delenv("GATEWAY_KEY", raising=False)
    path = tmp_path / "providers.yaml"
    path.write_text(PROVIDERS)
    return path


def test_the_providers_are_listed_without_their_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["providers"]) == 0
    text = capsys.readouterr().out
    assert text.splitlines()[:2] == [
        "reference  embedded  reference",
        "acme       https://api.acme.example/v1  large, small  $ACME_KEY is set, $GATEWAY_KEY is not set",
    ]
    assert "0123456789" not in text


def test_json_is_on_one_line_and_has_what_a_matrix_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["providers", "--json", "--remote"]) == 0
    text = capsys.readouterr().out
    assert text.count("\n") == 1
    assert json.loads(text) == [
        {"name": "reference", "models": ["reference"], "variables": []},
        {"name": "acme", "models": ["large", "small"], "variables": ["ACME_KEY", "GATEWAY_KEY"]},
    ]
    assert main(["providers", "--json"]) == 0
    assert [one["name"] for one in json.loads(capsys.readouterr().out)][2:] == ["here", "six", "name"]


def test_without_a_file_there_is_the_embedded_provider(
    providers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    providers.unlink()
    assert main(["providers", "--json"]) == 0
    assert [one["name"] for one in json.loads(capsys.readouterr().out)] == ["reference"]


def test_a_wrong_file_is_named(providers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    providers.write_text("providers: [")
    assert main(["providers"]) == 2
    assert re.match(r"conformance: providers\.yaml:\d+:\d+: ", capsys.readouterr().err)
