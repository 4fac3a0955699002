"""The schemas themselves: legal, made of few rules, and found by their names."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from conformance import schemas
from conformance.contracts.chat.reading.schema import NAMES, Name

STRUCTURE = {"$schema", "$id", "$ref", "$defs", "title", "description", "properties", "items"}
BRANCHES = {"if", "then", "else"}
RANGES = {"minimum", "maximum", "minLength", "minItems", "maxItems"}
RULES = {"type", "const", "enum", "required", "pattern"} | RANGES


def keywords(schema: Any) -> Iterator[tuple[str, Any]]:
    for keyword, inner in schema.items():
        yield keyword, inner
        if keyword in ("properties", "$defs"):
            for each in inner.values():
                yield from keywords(each)
        elif isinstance(inner, dict):
            yield from keywords(inner)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_legal_and_uses_only_the_rules_that_are_ours(name: Name) -> None:
    schema = schemas.load(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    used = list(keywords(schema))
    assert {keyword for keyword, _ in used} <= STRUCTURE | BRANCHES | RULES
    assert all(wanted == 1 for keyword, wanted in used if keyword in ("minLength", "minItems"))
    assert all(wanted == r"\S" for keyword, wanted in used if keyword == "pattern")
    assert all(isinstance(wanted, str) for keyword, wanted in used if keyword == "const")
    assert schema["$id"] == f"{name}.schema.json"


def test_an_unknown_schema_is_not_found() -> None:
    with pytest.raises(FileNotFoundError):
        schemas.load("no-such")


def test_jsonschema_is_imported_only_when_it_is_used() -> None:
    code = "import sys, conformance.contracts.chat.reading.schema; sys.exit('jsonschema' in sys.modules)"
    paths = os.pathsep.join(filter(None, sys.path))
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": paths})
