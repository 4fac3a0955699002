"""Whether a value keeps a schema: the same answer as that of jsonschema, which takes ten times as long."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from conformance import CONTRACTS
from conformance.provider import located
from conformance.provider.validate import COMMON, PROVIDERS, claims_of, schema
from conformance.report.results import stored
from conformance.wire.shape import Shape
from tests.report.sample import sample

ROOT = Path(__file__).parents[2]

RULES: dict[str, dict[str, Any]] = {
    "type": {"type": "integer"},
    "types": {"type": ["number", "null"]},
    "const": {"const": 1},
    "enum": {"enum": ["a", None]},
    "required": {"required": ["a"]},
    "pattern": {"pattern": "^a"},
    "uniqueItems": {"uniqueItems": True},
    "minLength": {"minLength": 2},
    "maxLength": {"maxLength": 1},
    "minItems": {"minItems": 1},
    "maxItems": {"maxItems": 1},
    "minProperties": {"minProperties": 1},
    "maxProperties": {"maxProperties": 0},
    "minimum": {"minimum": 1},
    "maximum": {"maximum": 1},
    "exclusiveMinimum": {"exclusiveMinimum": 1},
    "not": {"not": {"type": "string"}},
    "if": {"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"type": "array"}},
    "if without else": {"if": {"required": ["a"]}, "then": {"required": ["b"]}},
    "anyOf": {"anyOf": [{"type": "string"}, {"minItems": 2}]},
    "propertyNames": {"propertyNames": {"pattern": "b"}},
    "properties": {"properties": {"a": {"type": "string"}}},
    "additionalProperties": {"properties": {"a": {}}, "additionalProperties": False},
    "additional of a kind": {"properties": {"a": {}}, "additionalProperties": {"type": "null"}},
    "items": {"items": {"type": "string"}},
    "prefixItems": {"prefixItems": [{"type": "string"}, {"type": "null"}], "items": {"type": "boolean"}},
    "$ref": {"$ref": "#/$defs/text", "$defs": {"text": {"type": "string"}}},
}
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, 1.0, 1.5, -1, "", "a", "b", "ab", "ba", [], ["a"], ["a", "a"], ["a", None]),
    *(
        ["a", None, True],
        ["a", None, 1],
        [1, 1.0],
        {},
        {"a": None},
        {"a": "b"},
        {"b": 1},
        {"a": 1, "b": None},
    ),
    *([[]], {"a": {}}, float("nan"), 10**30),
)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_holds_for_the_values_for_which_jsonschema_says_so(rule: dict[str, Any]) -> None:
    ours, theirs = Shape({"a": rule}, "a"), Draft202012Validator(rule)
    # Whether elements are alike is quickly told of texts only.
    mixed = [one for one in VALUES if isinstance(one, list) and not all(isinstance(x, str) for x in one)]
    doubted = mixed if "uniqueItems" in rule else []
    wrong = [one for one in VALUES if ours.fits(one) != theirs.is_valid(one) and one not in doubted]
    assert wrong == []
    assert not any(ours.fits(one) for one in doubted)
    assert {theirs.is_valid(one) for one in VALUES} == {True, False}


def test_strictly_read_a_whole_number_with_a_point_is_no_integer() -> None:
    strict = Shape({"a": {"type": "integer"}}, "a", strict=True)
    assert [strict.fits(one) for one in (1, 1.0, True)] == [True, False, False]


def test_a_keyword_that_is_not_known_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="a: oneOf is no keyword of ours"):
        Shape({"a": {"oneOf": [{}]}}, "a")


def test_what_is_too_deep_is_not_called_right() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    assert not Shape({"a": {"uniqueItems": True}}, "a").fits([deep])


def _documents() -> dict[str, tuple[str, Any]]:
    """The address of a schema and a document that keeps it, by name."""
    found = {}
    for contract in CONTRACTS:
        for path in sorted((ROOT / "conformance/contracts" / contract / "claims").glob("*.yaml")):
            found[path.stem] = (claims_of(contract), located.read(path.read_bytes(), path.name).data)
    file = located.read((ROOT / "providers.yaml").read_bytes(), "providers.yaml")
    return {**found, "providers.yaml": (PROVIDERS, file.data)}


DOCUMENTS = _documents()
PATHS = (PROVIDERS, COMMON, *map(claims_of, CONTRACTS))
FILES = {f"file:///{path}": schema(path) for path in PATHS}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_file_is_right_where_jsonschema_says_so(name: str) -> None:
    address, document = DOCUMENTS[name]
    known = {path: Resource.from_contents(file, DRAFT202012) for path, file in FILES.items()}
    registry: Registry[Any] = Registry().with_resources(known.items())
    theirs = Draft202012Validator({"$ref": f"file:///{address}"}, registry=registry)
    _agree(Shape(FILES, f"file:///{address}"), theirs, document, 15)


def test_results_are_right_where_jsonschema_says_so() -> None:
    results = json.loads(json.dumps(stored.to_json(sample())))
    _agree(Shape({"a": stored.schema()}, "a"), Draft202012Validator(stored.schema()), results, 6)


def _agree(ours: Shape, theirs: Draft202012Validator, document: Any, times: int) -> None:
    """Both are content with the document, and of one opinion on what becomes of it by chance."""
    assert ours.fits(document)
    assert theirs.is_valid(document)
    chance, seen = random.Random(7), set()
    for _ in range(times):
        other = copy.deepcopy(document)
        for _ in range(chance.randint(1, 2)):
            _change(other, chance)
        seen.add(verdict := theirs.is_valid(other))
        assert ours.fits(other) == verdict, other
    assert False in seen


def _change(value: Any, chance: random.Random) -> None:
    """Puts something else, more or nothing in some place of the document."""
    places = [one for one in _containers(value) if one]
    inside = chance.choice(places)
    key = chance.choice(list(inside) if isinstance(inside, dict) else range(len(inside)))
    match chance.randint(0, 3):
        case 0:
            del inside[key]
        case 1 if isinstance(inside, dict):
            inside[chance.choice(["more", "", "a b", *inside])] = chance.choice(VALUES)
        case 1:
            inside.append(chance.choice([*VALUES, inside[0]]))
        case _:
            inside[key] = chance.choice(VALUES)


def _containers(value: Any) -> list[Any]:
    if not isinstance(value, dict | list):
        return []
    members = value.values() if isinstance(value, dict) else value
    return [value, *(inner for member in members for inner in _containers(member))]
