"""`conformance list` and `conformance explain`: what they print, and what they say to a mistake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.judging.catalogue import catalogue
from conformance.provider.claims import profile
from tests.ids import by_value

CASES = catalogue()
PROVIDERS = """\
providers:
  acme:
    base_url: https://api.acme.example/v1
    api_key: ${ACME_KEY_THAT_IS_NOT_SET}
    models: [a]
    claims: {profile: openai, but: {seed: false, n: null}}
"""


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose providers.yaml has one provider, without its key."""
    (tmp_path / "providers.yaml").write_text(PROVIDERS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command prints, when all is well."""
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def mistake(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line that a command has for a mistake."""
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err.strip()


def test_the_catalogue_is_listed_by_area(capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, "list")
    listed = [line.split()[1] for line in out.splitlines() if line.startswith("  ")]
    assert listed == list(CASES)
    headings = [line for line in out.splitlines() if line and " " not in line]
    assert headings == list(dict.fromkeys(case.requirement.area for case in CASES.values()))
    assert out.splitlines()[-1].startswith(f"{len(CASES)} requirements: ")


def test_an_area_and_a_level_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, "list", "--area", "stop", "--level", "must")
    rows = [line.split() for line in out.splitlines() if line.startswith("  ")]
    assert rows
    assert {(row[0], row[1].partition(".")[0]) for row in rows} == {("MUST", "stop")}


def test_what_is_left_may_be_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "list", "--area", "structured", "--level", "SHOULD") == (
        f"0 requirements; levels by: {profile('openai').title}\n"
    )


def test_levels_are_those_of_the_provider(acme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = "choices.n-answers"
    assert f"  MUST    {row}" in said(capsys, "list", "--area", "choices")
    assert f"  MAY     {row}" in said(capsys, "list", "--area", "choices", "--provider", "acme")


def test_json_has_everything_that_a_program_wants(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said(capsys, "list", "--json"))
    assert [one["id"] for one in found] == list(CASES)
    stop = next(one for one in found if one["id"] == "stop.not-in-output")
    assert stop["level"] == "MUST"
    assert stop["claim"] == "stop"
    assert stop["claimed"] == "documented"
    assert stop["sources"][0]["quote"].startswith("Up to 4 sequences")
    assert [json.loads(probe["body"]).get("stop") for probe in stop["probes"]] == [None, "Foxtrot"]
    file = "conformance/contracts/chat/cases/test_stop.py"
    assert stop["test"] == f"{file}::test_stop_string_is_not_in_the_text"


def test_a_requirement_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, "explain", "stop.not-in-output")
    for words in (
        "The returned text does not contain the stop sequence.",
        "MUST: OpenAI API reference, chat completions documents `stop`",
        "SHOULD by the profile toki: the page does not document stop",
        "https://platform.openai.com/docs/api-reference/chat/create#chat-create-stop",
        "“Up to 4 sequences where the API will stop generating further tokens.",
        "stop: effective",
        "control (to compare with): nato",
        'one: nato stop="Foxtrot"',
        '"stop":"Foxtrot"}',
        "without_stop_strings(one)",
        "stop-included: The stop sequence is part of the text.",
    ):
        assert words in out
    assert "@probes" not in out


def test_known_servers_that_broke_it_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    out = " ".join(said(capsys, "explain", "errors.unknown-model-refused").split())
    assert "Broken by Any model name is served, and repeated as if it existed: llama.cpp" in out
    assert "ggml-org/llama.cpp#10056" in out


def test_the_level_is_explained_for_the_provider(acme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    title = profile("openai").title
    out = said(capsys, "explain", "choices.n-answers", "--provider", "acme")
    assert f"MAY: {title} does not mention `n`" in out
    assert "MAY where the documents are silent, MUST where they promise it" in out
    out = said(capsys, "explain", "sampling.seed-repeats", "--providers-file", str(acme / "providers.yaml"),
               "--provider", "acme")  # fmt: skip
    assert f"MAY: {title} says it does not support `seed`" in out


@pytest.mark.parametrize("id", CASES)
def test_every_requirement_can_be_explained(id: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, "explain", id)
    case = CASES[id]
    assert " ".join(case.requirement.statement.split()) in " ".join(out.split())
    assert f"def {case.function.__name__}" in out
    assert "\nAsked " in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("explain", "stop.not-in-outptu"), "did you mean 'stop.not-in-output'?"),
        (("explain", "nothing"), "unknown requirement 'nothing'; `conformance list` lists them"),
        (("list", "--area", "stopp"), "unknown area 'stopp', did you mean 'stop'?"),
        (("list", "--provider", "acne"), "unknown provider 'acne', did you mean 'acme'?"),
        (("explain", "stop.not-in-output", "--providers-file", "none.yaml"), "none.yaml: cannot be read"),
    ],
    ids=by_value,
)
def test_a_mistake_is_one_line(
    arguments: tuple[str, ...], words: str, acme: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = mistake(capsys, *arguments)
    assert line.startswith("conformance: ")
    assert words in line


def test_a_level_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["list", "--level", "perhaps"])
    assert ended.value.code == 2
    assert "SHOULD" in capsys.readouterr().err


def test_each_contract_lists_its_own_requirements(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--contract", "embeddings", "--json"]) == 0
    listed = {row["id"] for row in json.loads(capsys.readouterr().out)}
    assert listed == set(catalogue("embeddings"))
    assert "auth.key-required" in listed
    assert "stop.not-in-output" not in listed


def test_a_requirement_is_explained_by_the_contract_that_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    (own, *_) = set(catalogue("embeddings")) - set(CASES)
    assert main(["explain", own]) == 0
    assert "contracts/embeddings/cases" in capsys.readouterr().out
    assert main(["explain", own, "--contract", "chat"]) == 2
    assert "unknown requirement" in capsys.readouterr().err
