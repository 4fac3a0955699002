"""What the user got wrong is one line that names the place and the fix, and exit code 4."""

from __future__ import annotations

import pytest

from tests.ids import by_value
from tests.plugin.suite import (
    REPOSITORY,
    Suite,
)

pytest_plugins = ["pytester"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--provider=acne"],
            "unknown provider 'acne', did you mean 'acme'?; providers.yaml has: acme, reference",
        ),
        (["--provider=reference", "--model=gpt-9"], "has only the model 'reference', not 'gpt-9'"),
        (
            ["--provider=acme", "--providers-file=none.yaml"],
            "none.yaml: cannot be read: no such file or directory",
        ),
        (["--provider=acme", "--model= "], "--model must be a model id"),
        (["--provider=acme", "--max-requests=0"], "--max-requests must be at least 1"),
        (["--provider=acme", "--max-cost=-1"], "--max-cost must be a number of US dollars, 0 or more"),
        (["--provider=acme", "--max-cost=nan"], "--max-cost must be a number of US dollars, 0 or more"),
        (["--provider=acme", "--max-cost=1"], "--max-cost needs the price of acme"),
        (["--provider=acme", "--repeat=0"], "--repeat=0: a number of times from 1 to 100 is wanted"),
        (["--provider=acme", "--repeat=101"], "--repeat=101: a number of times from 1 to 100 is wanted"),
        (["--provider=acme", "--concurrency=0"], "--concurrency must be at least 1"),
        (["--provider=acme", "--report-dir=providers.yaml"], "cannot write to"),
        (["--provider=acme", "--report-dir=/dev/null/x"], "choose a place with --report-dir=DIR"),
        (["--provider=acme", "--replay=."], "cannot read the journal"),
        (["--provider=acme", "--fault=x"], "--fault is for the embedded provider"),
        (["--provider=reference", "--fault=no-such-fault"], "no-such-fault"),
        (["--provider=acme", "--variant=gzip"], "--variant is for the embedded provider"),
        (["--provider=reference", "--variant=gzipp"], "did you mean 'gzip'?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_option_is_a_usage_error_with_the_fix(
    suite: Suite, arguments: list[str], message: str
) -> None:
    done = suite.run(*arguments)
    assert done.code == 4
    assert message in done.text
    assert done.text.count("ERROR: ") == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "providers.yaml:1:1: the file must be a mapping"),
        ("providers:\n  acme: [\n", "providers.yaml:3:1: not YAML"),
        ("providers: {acme: {base_url: 5, models: m, claims: openai}}", "providers.yaml:1:30: base_url"),
        ("providers: {acme: {base_url: 'http://h/v1', models: m, claims: openia}}", "did you mean 'openai'?"),
        (
            "providers:\n  acme:\n    base_url: http://h/v1\n    api_key: sk-0123456789\n    models: m\n",
            "providers.yaml:4:14: ",
        ),
        (
            "providers:\n  acme:\n    base_url: http://h/v1\n    models: m\n    claims: openai\n"
            "    expected: [{requirement: usage.sum, because: x}]\n",
            "providers.yaml:6:16: expected failure names no requirement: 'usage.sum'",
        ),
        (
            "providers:\n  acme:\n    base_url: http://h/v1\n    models: m\n"
            "    claims: {profile: openai, levels: {usage.total: {level: MAY, because: x}}}\n",
            "providers.yaml:5:40: unknown requirement 'usage.total'",
        ),
    ],
    ids=["empty", "no YAML", "wrong type", "unknown profile", "literal key", "expected", "levels"],
)
def test_a_wrong_file_is_a_usage_error_with_its_place(suite: Suite, text: str, message: str) -> None:
    suite.text(text)
    done = suite.acme()
    assert done.code == 4
    assert message in done.text
    assert "0123456789" not in done.text


@pytest.mark.parametrize("value", [None, "", "two words", "k\u00e9y"], ids=by_value)
def test_a_key_that_is_missing_or_unusable_names_its_variable(
    suite: Suite, value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACME_KEY")
    if value is not None:
        monkeypatch.setenv("ACME_KEY", value)
    done = suite.acme()
    assert done.code == 4
    assert "ACME_KEY" in done.text
    assert not value or value not in done.text
    assert done.files == set()


def test_the_providers_of_the_repository_name_their_variables(suite: Suite) -> None:
    done = suite.run("--provider=toapis", f"--providers-file={REPOSITORY / 'providers.yaml'}")
    assert done.code == 4
    assert "export TOAPIS_API_KEY=" in done.text


def test_xdist_is_refused(suite: Suite) -> None:
    done = suite.acme("-p", "xdist", "-n", "2")
    assert done.code == 4
    assert "--concurrency" in done.text


def test_a_run_that_cannot_be_recorded_ends_before_anything_is_judged(suite: Suite) -> None:
    (suite.path / "r" / "journal.jsonl").mkdir(parents=True)
    done = suite.acme("--report-dir=r", "-k", "envelope.id-present")
    assert done.code == 4
    assert "cannot record the run" in done.text
    assert "results.json" not in {path.name for path in (suite.path / "r").iterdir()}
