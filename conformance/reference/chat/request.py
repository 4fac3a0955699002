"""A request after validation: the values that the model and the answer are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from conformance.reference.chat.images import Picture
from conformance.reference.tokens import count

NOTHING: Mapping[Any, Any] = MappingProxyType({})

PER_MESSAGE = 3
"""Tokens that a message costs beyond its text: what separates it from the next and names its role."""

PRIMING = 3
"""Tokens that open the answer."""


@dataclass(frozen=True, slots=True)
class PastCall:
    """A tool call of an earlier assistant message."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. `answers` is the id of the tool call that a tool message answers."""

    role: str
    text: str = ""
    name: str = ""
    pictures: tuple[Picture, ...] = ()
    calls: tuple[PastCall, ...] = ()
    answers: str = ""

    @property
    def tokens(self) -> int:
        """What the message adds to prompt_tokens."""
        called = sum(count(call.name) + count(call.arguments) for call in self.calls)
        seen = sum(picture.tokens for picture in self.pictures)
        return PER_MESSAGE + count(self.text) + count(self.name) + called + seen


@dataclass(frozen=True, slots=True)
class Tool:
    """Something the model may call. A custom tool takes free text instead of JSON arguments."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    custom: bool = False

    @property
    def tokens(self) -> int:
        """What the definition adds to prompt_tokens."""
        return PER_MESSAGE + count(self.name) + count(self.description) + count(str(self.parameters))


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Whether tools may or must be called. `names` are those that may; empty means all of them."""

    mode: Literal["none", "auto", "required"] = "auto"
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A valid request. Every default is the documented one; `seed` None asks for fresh randomness."""

    model: str
    messages: tuple[Message, ...]
    temperature: float = 1.0
    top_p: float = 1.0
    n: int = 1
    stream: bool = False
    include_usage: bool = False
    include_obfuscation: bool = False
    stop: tuple[str, ...] = ()
    max_tokens: int | None = None
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    logit_bias: Mapping[int, float] = field(default_factory=lambda: NOTHING)
    logprobs: bool = False
    top_logprobs: int = 0
    seed: int | None = None
    format: Literal["text", "json_object", "json_schema"] = "text"
    schema: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice = field(default_factory=ToolChoice)
    parallel: bool = True
    legacy_functions: bool = False
    service_tier: str | None = None

    @property
    def prompt_tokens(self) -> int:
        """What the prompt costs. It depends on the messages and the tools, and on nothing else."""
        told = sum(message.tokens for message in self.messages)
        return told + sum(tool.tokens for tool in self.tools) + PRIMING
