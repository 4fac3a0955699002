"""From a conversation to what the model wants to say.

The rules are tried in order; the first that recognises the prompt gives the plan.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from conformance.contracts.chat.probes.prompts import ECHO, NATO_WORDS
from conformance.reference.chat.mind import facts, language
from conformance.reference.chat.mind.filling import fill
from conformance.reference.chat.mind.memory import recall
from conformance.reference.chat.mind.plan import END, LIKELY, UNLIKELY, Plan, script
from conformance.reference.chat.request import ChatRequest, Message
from conformance.reference.tokens import tokenize

_LONGEST_LIST = 2000
_TIRING = 12
"""After so many repetitions of a word the model could nearly as well end: a penalty tips the balance."""

_CAPITALS = {"france": "Paris", "germany": "Berlin", "italy": "Rome", "japan": "Tokyo", "spain": "Madrid"}


def last_prompt(request: ChatRequest) -> Message:
    """The user message that the model answers; an empty one if there is none."""
    users = [message for message in request.messages if message.role == "user"]
    return users[-1] if users else Message("user")


def intend(request: ChatRequest) -> Plan:
    """What the model wants to say in answer to the conversation."""
    prompt = last_prompt(request)
    if request.format != "text":
        return script(_json(request, prompt.text))
    ordered = [m.text for m in request.messages if m.role in ("system", "developer")]
    for instruction in reversed(ordered):
        if plan := _only_word(instruction):
            return plan
    if request.messages[-1].role in ("tool", "function"):
        return _told_by_tools(request)
    if prompt.pictures:
        return script(" and ".join(picture.colour for picture in prompt.pictures).capitalize())
    if plan := _echo(prompt.text):
        return plan
    answer = recall(request.messages, prompt.text)
    if answer:
        return script(answer)
    for rule in _RULES:
        if plan := rule(prompt.text):
            return plan
    return script("I do not know, you have not told me.") if answer == "" else language.reply(prompt.text)


def _only_word(text: str) -> Plan | None:
    found = re.search(
        r"\b(?:reply|answer|respond) only with (?:the word )?[\"“']?([\w-]+)", text, re.IGNORECASE
    )
    return script(found[1]) if found else None


def _json(request: ChatRequest, prompt: str) -> str:
    schema = request.schema if request.format == "json_schema" else {}
    known = facts.known(prompt)
    value = fill(schema, known) if schema else known or {"answer": prompt[:80]}
    return json.dumps(value, ensure_ascii=False)


def _told_by_tools(request: ChatRequest) -> Plan:
    names = {call.id or call.name: call for message in request.messages for call in message.calls}
    last = max((i for i, m in enumerate(request.messages) if m.role == "user"), default=-1)
    sentences = []
    for message in request.messages[last + 1 :]:
        if message.role not in ("tool", "function"):
            continue
        call = names.get(message.answers or message.name)
        about = (
            f" for {', '.join(map(str, _values(call.arguments)))}" if call and _values(call.arguments) else ""
        )
        said = ", ".join(f"{k}: {v}" for k, v in _members(message.text).items()) or message.text
        sentences.append(f"The result{about} is: {said}.")
    return script(" ".join(sentences))


def _members(text: str) -> dict[str, object]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _values(arguments: str) -> list[object]:
    return [value for value in _members(arguments).values() if isinstance(value, str | int | float)]


def _echo(text: str) -> Plan | None:
    if text.startswith(ECHO):
        return script(text.removeprefix(ECHO))
    found = re.match(r"(?:please )?(?:repeat|echo)\b[^\n:]*:\s*(.+)$", text, re.IGNORECASE | re.DOTALL)
    return script(found[1]) if found else None


def _count(text: str) -> Plan | None:
    found = re.search(r"\bcount from (\d{1,6}) to (\d{1,6})", text, re.IGNORECASE)
    if not found:
        return None
    first, last = int(found[1]), int(found[2])
    step = 1 if last >= first else -1
    numbers = list(range(first, last + step, step))[:_LONGEST_LIST]
    separator = "\n" if "line" in text else ", " if "comma" in text else " "
    return script(separator.join(map(str, numbers)))


def _nato(text: str) -> Plan | None:
    return script("\n".join(NATO_WORDS)) if "NATO" in text else None


def _repetition(text: str) -> Plan | None:
    found = re.search(
        r"\b(?:write|say|repeat) (?:the word )?[\"“']?(\w+)[\"”']? (\d{1,4}) times", text, re.IGNORECASE
    )
    if not found:
        return None
    repeated = script(" ".join([found[1]] * min(int(found[2]), _LONGEST_LIST)))
    tiring = _TIRING * len(tokenize(f" {found[1]}"))
    ending = {0: UNLIKELY, tiring: LIKELY - 1.8}
    return tuple({**slot, END: ending.get(place, 1.0)} for place, slot in enumerate(repeated))


def _say(text: str) -> Plan | None:
    found = re.match(
        r"(?:please )?say (?:just |only )?[\"“']?([\w-]+)[\"”']?[.!]?$", text.strip(), re.IGNORECASE
    )
    return script(found[1]) if found else None


def _invent(text: str) -> Plan | None:
    number = re.search(r"random (\d{1,2})[- ]digit number", text, re.IGNORECASE)
    if number:
        return language.digits(int(number[1]))
    return language.phrase() if re.search(r"\b(?:random|unusual)\b.*\b(?:phrase|words)\b", text) else None


def _capital(text: str) -> Plan | None:
    found = re.search(r"\bcapital of (\w+)", text, re.IGNORECASE)
    city = _CAPITALS.get(found[1].lower()) if found else None
    return script(f"The capital of {found[1]} is {city}.") if found and city else None


def _introduction(text: str) -> Plan | None:
    chinese = "介绍" in text
    asked = chinese or re.search(r"\bintroduce\b|\bwho are you\b", text, re.IGNORECASE)
    return language.introduction(chinese=chinese) if asked else None


def _essay(text: str) -> Plan | None:
    if not re.search(r"\b(?:essay|story|article|detailed)\b", text, re.IGNORECASE):
        return None
    length = re.search(r"\b(\d{2,4}) words\b", text)
    topic = re.search(r"\babout ([^.!?\n]{1,60})", text)
    return language.essay(topic[1] if topic else "the world", int(length[1]) if length else 200)


def _person(text: str) -> Plan | None:
    known = facts.known(text)
    if "JSON" not in text or not known:
        return None
    return script(f"Here is the object:\n```json\n{json.dumps(known)}\n```")


def _weather(text: str) -> Plan | None:
    if "weather" not in text:
        return None
    return script("I cannot look up the weather myself.\n\nA forecast for today is easy to find.")


_RULES: tuple[Callable[[str], Plan | None], ...] = (
    _only_word,
    _repetition,
    _count,
    _nato,
    _say,
    _invent,
    _capital,
    _introduction,
    _essay,
    _person,
    _weather,
)
