"""A journal is judged again wherever it is, with or without the providers.yaml that it came from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.plugin.suite import KEY, SUM, Outcome, Suite, faulty, one_too_many

pytest_plugins = ["pytester"]

SOME = ("-k", f"stop or {SUM}")
CLAIMS = {
    "profile": "openai",
    "but": {"stop": {"max": 1}},
    "levels": {SUM: {"level": "SHOULD", "because": "x"}},
}


@pytest.fixture
def made(suite: Suite, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """A run with claims of its own. The tests go on in a folder without providers.yaml, and without a key."""
    suite.provider(claims=CLAIMS, headers={"X-Tenant": "tenant-4711"}, price={"prompt": 1, "completion": 2})
    done = suite.acme(*SOME)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    monkeypatch.delenv("ACME_KEY")
    suite.path = elsewhere
    return done


def essence(done: Outcome) -> Any:
    (target,) = done.results["targets"]
    return done.results["judgements"], target["claims"], target["cost"], target["base_url"]


def test_a_replay_needs_no_providers_yaml(suite: Suite, made: Outcome) -> None:
    again = suite.run(f"--replay={made.folder}", *SOME)
    assert again.code == made.code == 0
    assert essence(again) == essence(made)
    assert "(claims: openai, as recorded)" in again.text
    assert "as recorded" not in made.text


def test_nothing_private_travels(made: Outcome) -> None:
    text = (made.folder / "journal.jsonl").read_text()
    assert '"api_key":"${ACME_KEY}"' in text
    assert KEY not in text
    assert "tenant-4711" not in text.partition("\n")[0]


def test_a_description_of_the_same_endpoint_counts(suite: Suite, made: Outcome) -> None:
    url = made.results["targets"][0]["base_url"]
    suite.provider(url, claims="openai")
    again = suite.run(f"--replay={made.folder}", *SOME)
    levels = {one["requirement"]: one["level"] for one in again.results["judgements"]}
    assert levels[SUM] == "MUST"
    assert "as recorded" not in again.text


def test_somebody_else_of_that_name_does_not_count_unless_chosen(suite: Suite, made: Outcome) -> None:
    suite.provider("https://acme.example/v1", claims="openai")
    assert essence(suite.run(f"--replay={made.folder}", *SOME)) == essence(made)
    chosen = suite.run(f"--replay={made.folder}", "--providers-file=providers.yaml", *SOME)
    assert {one["requirement"]: one["level"] for one in chosen.results["judgements"]}[SUM] == "MUST"


def header(folder: Path, **members: Any) -> None:
    """Changes what the journal says of itself."""
    path = folder / "journal.jsonl"
    first, _, rest = path.read_text().partition("\n")
    changed = {**json.loads(first), **members}
    path.write_text(
        json.dumps({name: value for name, value in changed.items() if value is not None}) + "\n" + rest
    )


def test_a_journal_that_describes_nobody_needs_the_file(suite: Suite, made: Outcome) -> None:
    header(made.folder, providers=None)
    done = suite.run(f"--replay={made.folder}", *SOME)
    assert done.code == 4
    assert "unknown provider 'acme'; there is no providers.yaml" in done.text
    suite.provider("https://acme.example/v1")
    assert suite.run(f"--replay={made.folder}", *SOME).code == 0


@pytest.mark.parametrize(
    ("providers", "words"),
    [
        (5, "the first line does not say"),
        ({"acme": 5}, "journal.jsonl:1"),
        ({"acme": {"base_url": "http://h/v1", "models": "m", "claims": "opnai"}}, "unknown profile 'opnai'"),
        (
            {"acme": {"base_url": "http://h/v1", "models": "m", "api_key": "sk-0123456789abcdef"}},
            "journal.jsonl:1",
        ),
    ],
    ids=["number", "no entry", "profile", "a key"],
)
def test_a_description_that_is_wrong_is_one_line(
    suite: Suite, made: Outcome, providers: Any, words: str
) -> None:
    header(made.folder, providers=providers)
    done = suite.run(f"--replay={made.folder}", *SOME)
    assert done.code == 4
    assert words in done.text
    assert "0123456789abcdef" not in done.text


def test_what_a_journal_expects_by_an_old_name_is_expected_no_more(suite: Suite, made: Outcome) -> None:
    entry = made.journal.providers["acme"]
    expected = [{"requirement": "stop.gone", "because": "x"}, {"requirement": SUM, "because": "rounds"}]
    header(made.folder, providers={"acme": {**entry, "expected": expected}})
    again = suite.run(f"--replay={made.folder}", *SOME)
    assert again.code == 1
    assert f"{made.folder}/journal.jsonl" in again.text  # the expectation of the sum is stale: it passes


def test_what_a_variant_states_is_stated_again(suite: Suite) -> None:
    done = suite.run("--provider=reference", "--variant=without-penalties", "-k", "penalties")
    again = suite.run(f"--replay={done.folder}", "-k", "penalties")
    assert again.results["judgements"] == done.results["judgements"]
    assert again.results["targets"][0]["claims"] == done.results["targets"][0]["claims"]


def test_known_failures_travel(suite: Suite, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    suite.provider(faulty(server, one_too_many), expected=[{"requirement": SUM, "because": "rounds"}])
    done = suite.acme("-k", SUM)
    (suite.path / "providers.yaml").unlink()
    monkeypatch.delenv("ACME_KEY")
    again = suite.run(f"--replay={done.folder}", "-k", SUM)
    assert (done.code, again.code) == (0, 0)
    assert again.results["judgements"] == done.results["judgements"]


def test_the_embedded_provider_is_there_for_every_contract(suite: Suite) -> None:
    (suite.path / "providers.yaml").unlink()
    asked = ("--provider=reference", "--contract=embeddings")
    done = suite.run(*asked, "-k", "dimensions or unit")
    assert (done.code, set(done.verdicts.values())) == (0, {"pass"})
    assert [one["contract"] for one in done.results["targets"]] == ["embeddings"]
    plan = suite.run(*asked, "--plan")
    assert plan.code == 0
    assert "reference (embeddings)" in plan.text
    faulty = suite.run(*asked, "--fault=vectors-zero", "-k", "vectors")
    assert (faulty.code, faulty.verdicts["vectors.not-zero"]) == (1, "fail")
    again = suite.run(f"--replay={faulty.folder}", "-k", "vectors")
    assert (again.code, again.verdicts) == (1, faulty.verdicts)


@pytest.mark.parametrize("described", [False, True], ids=["built in", "in a file"])
@pytest.mark.parametrize(
    ("variant", "requirement", "verdict"),
    [
        ("floats-only", "encoding.base64-honoured", "unsupported"),
        ("texts-only", "inputs.tokens", "unsupported"),
        ("vectors-as-the-model-gives-them", "vectors.unit-length", "note"),
    ],
    ids=["base64", "tokens", "length"],
)
def test_what_a_variant_of_embeddings_states_counts(
    suite: Suite, variant: str, requirement: str, verdict: str, described: bool
) -> None:
    (suite.path / "providers.yaml").unlink()
    if described:
        suite.text("providers: {reference: {embedded: true, contracts: {embeddings: }}}")
    done = suite.run("--provider=reference", f"--variant={variant}", "-k", requirement)
    again = suite.run(f"--replay={done.folder}", "-k", requirement)
    assert (done.code, done.verdicts) == (0, {requirement: verdict})
    assert (again.code, again.verdicts) == (0, done.verdicts)
