"""A document against its JSON Schema, with messages for people.

The schemas carry the wording themselves: `x-must` completes the sentence "… must be …", `x-noun` names what
the members of a mapping or the values of an enumeration are, `x-use` when a key is of no use, `x-private`
keeps a value out of the message.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from conformance import CONTRACTS
from conformance.provider.located import Located, Path
from conformance.provider.mistakes import Mistake, shown, suggestion
from conformance.wire.shape import Shape

PROVIDERS = "schemas/providers.schema.json"
COMMON = "schemas/claims.schema.json"


def claims_of(contract: str) -> str:
    """The schema of the profiles of a contract, and of the claims that providers.yaml states of it."""
    return f"contracts/{contract}/claims.schema.json"


@cache
def schema(name: str) -> Mapping[str, Any]:
    """One of the schemas, by its path in the package."""
    loaded: dict[str, Any] = json.loads(files("conformance").joinpath(name).read_text("utf-8"))
    return loaded


@cache
def _files() -> Mapping[str, Mapping[str, Any]]:
    """All schemas by their addresses, so that each finds the others from where it stands."""
    return {f"file:///{path}": schema(path) for path in (PROVIDERS, COMMON, *map(claims_of, CONTRACTS))}


@cache
def _shape(name: str) -> Shape:
    return Shape(_files(), f"file:///{name}")


@cache
def _validator(name: str) -> Any:
    # Imported here, because it takes longer to import than everything else together.
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT202012

    known = {address: Resource.from_contents(file, DRAFT202012) for address, file in _files().items()}
    registry: Registry[bool | Mapping[str, Any]] = Registry().with_resources(known.items())
    return Draft202012Validator({"$ref": f"file:///{name}"}, registry=registry)


def violations(document: Located, name: str) -> Iterator[Mistake]:
    """Every way in which the document departs from the schema."""
    if _shape(name).fits(document.data):
        return
    for error in _validator(name).iter_errors(document.data):
        path: Path = tuple(error.absolute_path)
        if not document.is_doubtful(path):
            yield from _faults(document, path, error)


def _faults(document: Located, path: Path, error: Any) -> Iterator[Mistake]:
    rule = error.schema
    if error.validator == "not":
        use = rule.get("x-use", "with")
        yield document.at_key(path, f"{called(path)} has no use {use} embedded: true; leave it out")
    elif "propertyNames" in error.absolute_schema_path:
        message = f"the name {shown(error.instance)} must be {rule['x-must']}"
        yield document.at_key((*path, error.instance), message)
    elif error.validator == "enum" and "x-noun" in rule:
        valid = error.validator_value
        near = suggestion(str(error.instance), valid) or f"; there are {', '.join(valid)}"
        yield document.at_value(path, f"unknown {rule['x-noun']} {shown(error.instance)}{near}")
    elif error.validator == "additionalProperties":
        valid = rule["properties"]
        for key in error.instance.keys() - valid.keys():
            noun = rule.get("x-noun", "key")
            message = f"unknown {noun} {shown(key)}{suggestion(key, valid)}"
            yield document.at_key((*path, key), message)
    elif error.validator == "required":
        for key in error.validator_value:
            if key not in error.instance:
                yield document.at_key(path, f"{called(path)} lacks '{key}'")
    else:
        yield document.at_value(path, f"{called(path)} must be {rule['x-must']}{_instead(error)}")


def _instead(error: Any) -> str:
    """What stands there instead of what must, as far as it may be shown."""
    value, rule = error.instance, error.schema
    if value in (None, "", [], {}):
        return "; it is empty"
    if error.validator == "uniqueItems":
        return "; one is there twice"
    if error.validator in ("maxItems", "maxProperties"):
        return f"; there are {len(value)}"
    if rule.get("x-private"):
        return ""
    quotes = rule.get("type") == "string" and isinstance(value, bool | int | float)
    return f", not {shown(value)}" + ("; write it in quotes" if quotes else "")


def called(path: Path) -> str:
    """How a message names the value at a path: its key, with its position where it is in a list."""
    if not path:
        return "the file"
    names = [step for step in path if isinstance(step, str)]
    index = "".join(f"[{step}]" for step in path[len(path) - 1 :] if isinstance(step, int))
    if len(path) == 2 and path[0] == "providers":
        return f"provider {shown(names[-1])}"
    return f"{names[-1] if names else 'item'}{index}"
