"""`conformance init`: five lines that make a provider, in a file that stays what it was but for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.cli import main
from conformance.cli.beginning import snippet
from conformance.provider.addresses import vendors
from conformance.provider.claims import profile
from conformance.provider.load import parse


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", vendors())
def test_each_entry_is_five_lines_that_can_be_tested(name: str) -> None:
    lines = snippet(name)
    assert len(lines.splitlines()) <= 5
    (made,) = parse(f"providers:\n{lines}".encode(), "p.yaml").entries.values()
    assert (made.name, made.claims.profile) == (name, name)
    assert made.claims.title == profile(name).title
    local = made.base_url.startswith("http://127.0.0.1")
    assert (made.key_variable is None) == local


def test_a_file_is_made_and_added_to(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "groq"]) == 0
    assert main(["init", "ollama", "--model", "llama3.2:1b"]) == 0
    found = parse(Path("providers.yaml").read_bytes(), "providers.yaml").entries
    assert [*found] == ["groq", "ollama"]
    assert found["ollama"].models == ("llama3.2:1b",)
    said = capsys.readouterr().out
    assert "groq is in providers.yaml: pytest --provider groq" in said
    assert "export GROQ_API_KEY=…" in said


def test_what_is_there_is_kept_to_the_letter() -> None:
    before = (
        "# mine\nproviders:\n  acme: {base_url: 'https://a.example/v1', models: m, claims: openai}  # mine\n"
    )
    Path("providers.yaml").write_text(before, "utf-8")
    assert main(["init", "mistral", "--model", "mistral-small-latest"]) == 0
    assert Path("providers.yaml").read_text("utf-8").startswith(before)


REFUSED = {
    "a name that is none": (["init", "grok"], "", "unknown vendor 'grok', did you mean 'groq'?"),
    "there already": (
        ["init", "groq"],
        "providers:\n" + snippet("groq"),
        "providers.yaml:2:3: groq is there already; nothing was written",
    ),
    "a file that is wrong": (
        ["init", "groq"],
        "providers:\n  a: {base_url: x}\n",
        "providers.yaml:2:3: provider 'a' lacks 'claims'",
    ),
    "a mapping on one line": (
        ["init", "groq"],
        "providers: {a: {base_url: 'https://a.example/v1', models: m, claims: openai}}\n",
        "providers.yaml:",
    ),
}


@pytest.mark.parametrize(("arguments", "text", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_written_is_said_and_the_file_left_alone(
    arguments: list[str], text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if text:
        Path("providers.yaml").write_text(text, "utf-8")
    assert main(arguments) == 4
    assert f"conformance: {said}" in capsys.readouterr().err
    assert not text or Path("providers.yaml").read_text("utf-8") == text


def test_without_a_name_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == [*vendors()]
