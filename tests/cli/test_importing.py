"""`conformance claims import`: dated claims out of what others list, offline, and what is wrong with it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from conformance.cli import main
from conformance.provider.claims import parse
from conformance.provider.model import Claims, ClaimState

OPENROUTER = {
    "data": [
        {
            "id": "acme/large",
            "context_length": 131072,
            "architecture": {"input_modalities": ["text", "image"]},
            "supported_parameters": [
                "temperature",
                "tools",
                "structured_outputs",
                "response_format",
                "top_k",
            ],
            "default_parameters": {"temperature": 0.6},
        },
        {"id": "acme/small", "supported_parameters": ["max_tokens"]},
    ]
}
ENDPOINTS = {
    "data": {
        "id": "acme/large",
        "endpoints": [
            {"provider_name": "One", "quantization": "fp8", "supported_parameters": ["seed", "stop"]},
            {"provider_name": "Two", "quantization": "bf16", "supported_parameters": ["stop"]},
        ],
    }
}
AT = ("--url", "https://acme.example/v1/models")
"""Where a list was fetched."""

MODELS = {
    "object": "list",
    "data": [
        {
            "id": "m",
            "max_model_len": 4096,
            "supported_sampling_parameters": ["temperature", "stop"],
            "supported_features": ["tools", "json_mode"],
            "input_modalities": ["text"],
        },
        {"id": "c", "capabilities": {"function_calling": True, "vision": False}},
    ],
}
MODELPARAMS: list[dict[str, Any]] = [
    {
        "provider": "acme",
        "authType": "api_key",
        "apiSurface": "openai-chat-completions",
        "model": "m",
        "params": [
            {
                "path": "temperature",
                "type": "number",
                "range": {"min": 0, "max": 1.5},
                "default": 0.7,
                "description": "Controls\nrandomness.",
            },
            {"path": "random_seed", "type": "integer", "description": "Seed."},
            {
                "path": "reasoning_effort",
                "type": "enum",
                "values": ["high", "none"],
                "description": "Effort.",
            },
            {"path": "safe_prompt", "type": "boolean"},
        ],
    },
    {"provider": "acme", "apiSurface": "anthropic-messages", "model": "n", "params": [{"path": "top_p"}]},
]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def made(kind: str, value: Any, *options: str) -> tuple[Claims, str]:
    """The profile that comes of the file, as it is read again, and its text."""
    Path("list.json").write_text(json.dumps(value), "utf-8")
    arguments = [
        "claims",
        "import",
        kind,
        "list.json",
        "--read",
        "2026-11-01",
        "--output",
        "made.yaml",
        *options,
    ]
    assert main(arguments) == 0
    text = Path("made.yaml").read_text("utf-8")
    return parse(text.encode(), "made.yaml"), text


def test_the_list_of_openrouter() -> None:
    claims, text = made("openrouter", OPENROUTER, "--model", "acme/large")
    documented = {
        "temperature",
        "tools",
        "tool-role",
        "json-schema",
        "json-mode",
        "response_format",
        "vision",
    }
    assert {name for name in claims.claims if claims.documents(name)} == documented
    assert claims.detail("temperature", "default") == 0.6
    assert str(claims.read) == "2026-11-01"
    assert "# context: 131,072 tokens" in text


def test_what_only_some_endpoints_have_depends_on_who_serves_it() -> None:
    claims, text = made("openrouter", ENDPOINTS)
    assert claims.detail("seed", "model_dependent") is True
    assert claims.detail("stop", "model_dependent") is None
    assert "# quantization: fp8, at One" in text
    assert "# quantization: bf16, at Two" in text


def test_a_list_of_models_that_says_what_they_take() -> None:
    claims, text = made("models", MODELS, "--model", "m", *AT)
    assert {"temperature", "stop", "tools", "json-mode"} <= claims.claims.keys()
    assert claims.state("vision") is ClaimState.EXCLUDED
    assert "# context: 4,096 tokens" in text
    able, _ = made("models", MODELS, "--model", "c", *AT)
    assert able.url == "https://acme.example/v1/models"
    assert able.claims.keys() == {"tools", "tool-role"}


def test_the_catalog_of_modelparams() -> None:
    claims, text = made("modelparams", MODELPARAMS)
    assert claims.claims.keys() == {"temperature", "seed", "reasoning_effort"}
    assert claims.renamed == {"seed": "random_seed"}
    assert (claims.detail("temperature", "max"), claims.detail("temperature", "default")) == (1.5, 0.7)
    assert claims.detail("temperature", "quote") == "Controls randomness."
    assert claims.detail("reasoning_effort", "values") == ["high", "none"]
    assert "# parameters of its own: safe_prompt" in text


def test_without_a_day_it_is_that_of_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("list.json").write_text(json.dumps(MODELPARAMS), "utf-8")
    os.utime("list.json", (1_770_000_000, 1_770_000_000))
    assert main(["claims", "import", "modelparams", "list.json"]) == 0
    assert "\nread: 2026-02-02\n" in capsys.readouterr().out


def test_the_difference_to_a_profile_of_the_suite(capsys: pytest.CaptureFixture[str]) -> None:
    Path("list.json").write_text(json.dumps(MODELPARAMS), "utf-8")
    assert main(["claims", "import", "modelparams", "list.json", "--against", "mistral"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (temperature,) = [line for line in lines if " temperature: " in line]
    assert temperature.startswith("~ temperature: documented {")
    assert "; mistral: documented {" in temperature
    assert any(line.startswith("- stop: documented") for line in lines)


WHOLE = json.dumps(OPENROUTER)

WRONG = {
    "cut off": (
        "openrouter",
        WHOLE[:100],
        (),
        "list.json:1:96: ends within its JSON: it was cut off; fetch it again",
    ),
    "empty": ("openrouter", "", (), "list.json:1:1: ends within its JSON: it was cut off; fetch it again"),
    "no JSON": ("models", "<!doctype html>", AT, "list.json:1:1: not JSON: Expecting value"),
    "of another service": (
        "openrouter",
        json.dumps({"object": "list", "data": [{"id": "m"}]}),
        (),
        "list.json:1:1: has no model with supported_parameters: this is not OpenRouter's list; ",
    ),
    "no address": ("models", WHOLE, (), "a provider's own list needs the address that it was fetched from: "),
    "no address that is one": ("models", WHOLE, ("--model", "acme/large", "--url", "x"), "imported.yaml:"),
    "a list that says nothing": (
        "models",
        json.dumps({"object": "list", "data": [{"id": "m"}]}),
        AT,
        "list.json:1:1: has no model that says what it takes",
    ),
    "no catalog": ("modelparams", WHOLE, (), "list.json:1:1: is not the catalog of modelparams"),
    "another model": (
        "openrouter",
        WHOLE,
        ("--model", "acme/larg"),
        "list.json:1:1: lists no model 'acme/larg', did you mean 'acme/large'?",
    ),
    "which model": ("openrouter", WHOLE, (), "list.json:1:1: lists 2 models; choose one with --model ID"),
    "NaN": ("openrouter", '{"data": NaN}', (), "list.json:1:1: not JSON that can be read"),
    "nested without end": ("openrouter", "[" * 100_000, (), "list.json:1:"),
    "no day": (
        "openrouter",
        WHOLE,
        ("--read", "today"),
        "--read must be a date such as 2027-01-31, not 'today'",
    ),
    "no profile": (
        "openrouter",
        WHOLE,
        ("--against", "mistrall"),
        "unknown profile 'mistrall', did you mean 'mistral'?",
    ),
}


@pytest.mark.parametrize(("kind", "text", "options", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_one_line_with_place_and_fix(
    kind: str, text: str, options: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("list.json").write_text(text, "utf-8")
    assert main(["claims", "import", kind, "list.json", *options]) == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"conformance: {said}")


HOSTILE = 'x"\n# claims: {}\nlevels: {}\x1b[2J\u202e'


def test_what_a_file_says_cannot_write_lines_of_a_profile() -> None:
    parameters = [{"path": "temperature", "type": "number", "description": HOSTILE, "default": HOSTILE}]
    entry = {
        **MODELPARAMS[0],
        "params": [*parameters, {"path": f"a\n{HOSTILE}"}],
        "model": HOSTILE,
        "status": HOSTILE,
    }
    claims, text = made("modelparams", [entry])
    assert claims.claims.keys() == {"temperature"}
    assert claims.levels == {}
    assert text.replace("\n", "").isprintable()


def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["claims", "import", "models", "nowhere.json", *AT]) == 4
    assert capsys.readouterr().err == "conformance: nowhere.json: cannot be read: No such file or directory\n"
