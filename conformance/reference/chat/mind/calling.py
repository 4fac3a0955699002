"""Calling tools: whether, which one, how often, and with which arguments."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from conformance.reference.chat.mind import facts
from conformance.reference.chat.mind.filling import fill
from conformance.reference.chat.request import ChatRequest, Tool
from conformance.reference.tokens import readable, tokenize


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A call that the model makes. `pieces` are the tokens of its arguments, in order."""

    name: str
    pieces: tuple[str, ...]
    custom: bool = False

    @property
    def arguments(self) -> str:
        """The arguments as JSON text, or the free text of a custom tool."""
        return "".join(readable(self.pieces))

    @property
    def spent(self) -> int:
        """The tokens that the call costs: its name and its arguments."""
        return len(tokenize(self.name)) + len(self.pieces)


def calls(request: ChatRequest, prompt: str) -> tuple[FunctionCall, ...]:
    """The calls that answer the prompt; none where a text is the better answer or calls are not allowed."""
    choice = request.tool_choice
    allowed = [tool for tool in request.tools if not choice.names or tool.name in choice.names]
    if not allowed or choice.mode == "none":
        return ()
    tool = max(allowed, key=lambda t: _relevance(t, prompt))
    if choice.mode == "auto" and (
        not _relevance(tool, prompt) or request.messages[-1].role in ("tool", "function")
    ):
        return ()
    places: list[str | None] = [*facts.cities(prompt)] or [None]
    if not request.parallel or request.legacy_functions:
        places = places[:1]
    return tuple(_call(tool, prompt, place) for place in places)


def said_first(request: ChatRequest) -> str:
    """What the model says before it calls a tool: what it was asked to, where it may speak at all."""
    asked = [message.text for message in request.messages if message.role == "user"][-1:]
    found = re.match(r"First write only this sentence: ([^.]+\.)", asked[0]) if asked else None
    return found[1] if found and request.tool_choice.mode == "auto" else ""


def _relevance(tool: Tool, prompt: str) -> int:
    """How many words of the tool's name and description the prompt shares."""
    words = set(re.findall(r"[a-z]{4,}", f"{tool.name} {tool.description}".lower().replace("_", " ")))
    return len(words & set(re.findall(r"[a-z]{4,}", prompt.lower())))


def _call(tool: Tool, prompt: str, city: str | None) -> FunctionCall:
    if tool.custom:
        return FunctionCall(tool.name, tuple(tokenize(city or prompt)), custom=True)
    value = fill({"type": "object", **tool.parameters}, facts.known(prompt, city))
    return FunctionCall(tool.name, tuple(tokenize(json.dumps(value, ensure_ascii=False))))
