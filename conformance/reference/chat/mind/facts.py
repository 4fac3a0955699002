"""What a prompt says about people and places, as far as tools and JSON answers need it."""

from __future__ import annotations

import re
from typing import Any

from conformance.contracts.chat.probes.prompts import NATO_WORDS

_PERSON = re.compile(r"\b(?P<name>[A-Z]\w+) is (?P<age>\d{1,3}) years old")
_CITIES = re.compile(r"\bin ([A-Z]\w+(?: [A-Z]\w+)?)((?:(?:, | and )(?:in )?[A-Z]\w+)*)")
_CITY_WORDS = ("city", "location", "place", "town")


def cities(text: str) -> list[str]:
    """The cities a prompt asks about, in order: "in Paris and in London" names two."""
    found: list[str] = []
    for first, others in _CITIES.findall(text):
        found += [first, *re.findall(r"[A-Z]\w+", others)]
    return list(dict.fromkeys(found))


def known(text: str, city: str | None = None) -> dict[str, Any]:
    """What the prompt says, under the names that a schema may ask for it."""
    facts: dict[str, Any] = {}
    person = _PERSON.search(text)
    if person:
        facts |= {"name": person["name"], "age": int(person["age"])}
    if "NATO" in text:
        facts |= {"text": " ".join(NATO_WORDS)}
    if city:
        facts |= dict.fromkeys(_CITY_WORDS, city)
    return facts
