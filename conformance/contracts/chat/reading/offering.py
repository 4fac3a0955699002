"""The tools that a request offers: whether calls fit them, and whether one stands in a text.

A request is somebody's own: what it offers may be of any shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from conformance.contracts.chat.reading.given_schema import fits_plainly

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_JUDGED = (
    *("type", "enum", "const", "properties", "required", "items", "prefixItems", "additionalProperties"),
    *("anyOf", "oneOf", "allOf", "$ref", "minItems", "maxItems", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
)
"""Keywords that are looked at: no patterns, which could take any time, and no formats, which bind nobody."""

_NEAR = 160
"""Characters within which the name of a tool and that of its parameter stand in one call."""

_LONGEST = 20_000
"""Characters of a text that are searched."""

_MENTIONS = 20
"""Mentions of a tool that are looked at."""

_MARKS = frozenset("<>{}[]()=\"'`|:｜▁,")
"""What mark-up is made of. A sentence that speaks of a tool and its parameter has hardly any between them."""

_OPENING = frozenset("<>{[(=:|｜▁")
"""What stands before the name in mark-up. A quotation mark stands before it in sentences, too."""

_BARE = r"""(?:[>=|]\s*["']?|"name"\s*:\s*["'])NAME(?![\w-])|(?<![\w-])NAME\s?\(\s*(?:\{\s*\})?\s*\)"""
"""A call of a tool without parameters, of which only the name shows."""

_OF_A_SCHEMA = re.compile(
    r"\W?\s*[:(]\W{0,8}(?:type|str(?:ing)?|int(?:eger)?|number|object|array|bool(?:ean)?|description)\b"
)
"""What stands behind a parameter's name where a tool is described, not called."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A function that a request offers, and the schema of its arguments."""

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    strict: bool = False

    @property
    def properties(self) -> tuple[str, ...]:
        """The names of its parameters."""
        found = self.parameters.get("properties")
        return tuple(found) if isinstance(found, dict) else ()

    def misfit(self, values: Mapping[str, Any]) -> str | None:
        """Where and how arguments depart from the schema; None where they do not, or it cannot be read."""
        if fits_plainly(self.parameters, dict(values)):
            return None
        try:
            error = next(_checker()(dict(self.parameters)).iter_errors(dict(values)), None)
        except Exception:
            # A schema of the user's that cannot be read shows nothing about an answer.
            return None
        if error is None:
            return None
        where = ".".join(map(str, error.absolute_path))
        return f"`{where}`: {error.message[:100]}" if where else error.message[:100]


def offered(request: Mapping[str, Any]) -> tuple[Offered, ...] | None:
    """The functions that a request offers; None where it offers something else too, or nothing."""
    tools = request.get("tools")
    found = [_function(tool) for tool in tools] if isinstance(tools, list) else []
    whole = [one for one in found if one is not None]
    return tuple(whole) if whole and len(whole) == len(found) else None


def written_call(text: str, tools: tuple[Offered, ...]) -> str | None:
    """The call that stands in a text, in whatever mark-up; None where there is none.

    It has the name of a tool that is offered, that of one of its parameters soon after it, and marks between
    them. What a service's own mark-up looks like does not matter.
    """
    return next((found for tool in tools for found in _written(text[:_LONGEST], tool)), None)


def _written(text: str, tool: Offered) -> Iterator[str]:
    if not tool.name:
        return
    if not tool.properties:
        bare = re.search(_BARE.replace("NAME", re.escape(tool.name)), text)
        if bare is not None:
            yield text[max(bare.start() - 24, 0) : bare.end() + 16]
        return
    names = "|".join(map(re.escape, tool.properties))
    for named in islice(re.finditer(rf"(?<![\w-]){re.escape(tool.name)}(?![\w-])", text), _MENTIONS):
        near = text[named.end() : named.end() + _NEAR]
        given = re.search(rf"(?<![\w-])(?:{names})(?![\w-])", near)
        if given is None or _OF_A_SCHEMA.match(near, given.end()):
            continue
        between = near[: given.end() + 1].lstrip("\"'`")
        opened = any(character in _OPENING for character in text[max(named.start() - 2, 0) : named.start()])
        if opened + sum(character in _MARKS for character in between) > 1:
            yield text[max(named.start() - 24, 0) : named.end() + given.end() + 16]


def _function(tool: Any) -> Offered | None:
    function = tool.get("function") if isinstance(tool, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    if not isinstance(function, dict) or not isinstance(name, str):
        return None
    parameters = function.get("parameters")
    strict = function.get("strict") is True
    return Offered(name, parameters if isinstance(parameters, dict) else {}, strict)


@cache
def _checker() -> type[Validator]:
    import jsonschema

    whole = jsonschema.Draft202012Validator
    judged = {name: check for name, check in whole.VALIDATORS.items() if name in _JUDGED}
    made: type[Validator] = jsonschema.validators.create(
        whole.META_SCHEMA, judged, type_checker=whole.TYPE_CHECKER
    )
    return made
