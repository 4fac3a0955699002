"""What a chat completion costs in tokens, by the members of its request; the `Costs` of its probes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from conformance.asking.tokens import about, at_most

ALLOWED = 400
"""Tokens that a model may write where no limit is stated: no probe asks for anything long."""

PER_MESSAGE = 4
"""What a role and the marks around a message cost: OpenAI's cookbook counts 3 and the role."""

PRIMING = 3
"""What the beginning of the answer costs, by the same source."""

IMAGE = 255
"""A small image in OpenAI's gpt-4o: a base of 85, and 170 for one tile."""

IMAGE_AT_MOST = 8500
"""The same image in gpt-4o-mini, the dearest known: 2833 and 5667."""

HIDDEN = 64
"""What a chat template may add to a request of its own accord."""


def prompt(members: Mapping[str, Any]) -> int:
    """The tokens of the prompt of a request with these members, roughly."""
    turns = _turns(members)
    if not turns:
        return 0
    texts, images = _content(turns)
    return PRIMING + PER_MESSAGE * len(turns) + sum(map(about, [*texts, *_tools(members)])) + IMAGE * images


def prompt_at_most(members: Mapping[str, Any]) -> int:
    """The tokens that the prompt of a request with these members can cost."""
    turns = _turns(members)
    if not turns:
        return 0
    texts, images = _content(turns)
    whole = [*texts, *_tools(members), json.dumps(members.get("response_format") or "")]
    return HIDDEN + 2 * PER_MESSAGE * len(turns) + sum(map(at_most, whole)) + IMAGE_AT_MOST * images


def allowed(members: Mapping[str, Any]) -> int:
    """The completion tokens that a request with these members allows, over all choices.

    Where it states no limit that holds, ALLOWED stands for what the prompt makes plausible.
    """
    if not members.get("messages"):
        return 0
    limits = (members.get(name) for name in ("max_completion_tokens", "max_tokens"))
    limit = next((one for one in limits if type(one) is int and one > 0), ALLOWED)
    choices = members.get("n")
    return limit * (choices if type(choices) is int and choices > 0 else 1)


def _turns(members: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    turns = members.get("messages")
    return [turn for turn in turns if isinstance(turn, dict)] if isinstance(turns, list) else []


def _content(turns: Iterable[Mapping[str, Any]]) -> tuple[list[str], int]:
    """The texts of the messages, and how many images they have."""
    texts, images = [], 0
    for turn in turns:
        content = turn.get("content")
        parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
        for part in parts:
            if isinstance(part, dict) and part.get("type") == "image_url":
                images += 1
            elif isinstance(part, dict) and isinstance(part.get("text"), str):
                texts.append(part["text"])
        if isinstance(turn.get("name"), str):
            texts.append(turn["name"])
        texts += _tools({"tools": turn.get("tool_calls")})
    return texts, images


def _tools(members: Mapping[str, Any]) -> list[str]:
    """The definitions of tools, or the calls of a message, as a chat template writes them."""
    described = [*(members.get("tools") or ()), *(members.get("functions") or ())]
    return [json.dumps(one.get("function", one)) for one in described if isinstance(one, dict)]
