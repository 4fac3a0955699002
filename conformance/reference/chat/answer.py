"""The objects that carry an answer: chat.completion, its choices, its usage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from conformance.reference.call import JsonObject
from conformance.reference.chat.mind.answering import Choice
from conformance.reference.chat.mind.calling import FunctionCall
from conformance.reference.chat.mind.sampling import Token
from conformance.reference.chat.request import ChatRequest
from conformance.reference.tokens import encoded, shown

FINGERPRINT = "fp_reference"

_TIERS = {"auto": "default", "fast": "priority"}


@dataclass(frozen=True, slots=True)
class Envelope:
    """What all the objects of one answer have in common. `created` is in seconds since the epoch."""

    id: str
    created: int
    model: str
    service_tier: str | None

    def members(self, kind: str) -> JsonObject:
        """The members around the choices."""
        tier = {} if self.service_tier is None else {"service_tier": self.service_tier}
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "system_fingerprint": FINGERPRINT,
            **tier,
        }


def envelope(request: ChatRequest, model: str, unique: str, created: float) -> Envelope:
    """What the chunks or the answer have in common. `model` is the id as it was asked for."""
    tier = request.service_tier
    chosen = None if tier is None else _TIERS.get(tier, tier)
    return Envelope(f"chatcmpl-{unique}", int(created), model, chosen)


def call_ids(choice: Choice, envelope: Envelope) -> tuple[str, ...]:
    """An id for each call of a choice, unique however often the same is asked."""
    places = (f"{envelope.id}/{choice.index}/{number}" for number in range(len(choice.calls)))
    return tuple(f"call_{sha256(place.encode()).hexdigest()[:24]}" for place in places)


def usage(request: ChatRequest, choices: Sequence[Choice]) -> JsonObject:
    """What the answer cost: the prompt once, and every choice."""
    completion = sum(choice.spent for choice in choices)
    return {
        "prompt_tokens": request.prompt_tokens,
        "completion_tokens": completion,
        "total_tokens": request.prompt_tokens + completion,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": sum(len(choice.thoughts) for choice in choices),
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def completion(
    envelope: Envelope, request: ChatRequest, choices: Sequence[Choice], spent: JsonObject
) -> JsonObject:
    """The chat.completion object."""
    return {
        **envelope.members("chat.completion"),
        "choices": [_choice(choice, request, envelope) for choice in choices],
        "usage": spent,
    }


def logprobs(tokens: Sequence[Token]) -> JsonObject:
    """The logprobs object for these tokens."""
    return {"content": [_logprob(token) for token in tokens], "refusal": None}


def call_object(call: FunctionCall, identity: str, arguments: str) -> JsonObject:
    """A tool call with the given part of its arguments."""
    if call.custom:
        return {"id": identity, "type": "custom", "custom": {"name": call.name, "input": arguments}}
    return {"id": identity, "type": "function", "function": {"name": call.name, "arguments": arguments}}


def reasoning(text: str) -> JsonObject:
    """The member in which many services show what a model thought; none where it did not think."""
    return {"reasoning_content": text} if text else {}


def _choice(choice: Choice, request: ChatRequest, envelope: Envelope) -> JsonObject:
    message: JsonObject = {
        "role": "assistant",
        "content": choice.text or None if choice.calls else choice.text,
        "refusal": None,
        "annotations": [],
        **reasoning("".join(choice.thoughts)),
    }
    if choice.calls and request.legacy_functions:
        call = choice.calls[0]
        message["function_call"] = {"name": call.name, "arguments": call.arguments}
    elif choice.calls:
        ids = call_ids(choice, envelope)
        message["tool_calls"] = [
            call_object(call, identity, call.arguments)
            for call, identity in zip(choice.calls, ids, strict=True)
        ]
    return {
        "index": choice.index,
        "message": message,
        "logprobs": logprobs(choice.tokens) if request.logprobs else None,
        "finish_reason": choice.finish_reason,
    }


def _logprob(token: Token) -> JsonObject:
    return {
        **_alternative(token.piece or token.text, token.logprob),
        "top_logprobs": [_alternative(piece, logprob) for piece, logprob in token.top],
    }


def _alternative(piece: str, logprob: float) -> dict[str, Any]:
    return {"token": shown(piece), "logprob": logprob, "bytes": list(encoded(piece))}
