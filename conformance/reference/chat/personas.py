"""The personas of the embedded provider: services that differ from one another, and keep their documents.

A persona is a model's ability, the model ids that are served, and a few alterations, written as faults are.
They are none: what they do is legal, and documented by somebody. A suite that accuses a persona cries wolf.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import Any

from conformance import DEFAULT
from conformance.reference.call import Call, JsonObject, Reply
from conformance.reference.change import instead, without
from conformance.reference.chat.faults.change import each_delta, each_message, each_part
from conformance.reference.chat.faults.fault import on_answer, on_body, on_events, on_usage
from conformance.reference.chat.mind.answering import ABLE, Mind
from conformance.reference.chat.mind.stubborn import STUBBORN
from conformance.reference.chat.mind.weak import WEAK
from conformance.reference.chat.models import MODELS, Model
from conformance.reference.chat.stream import Event
from conformance.reference.fault import Fault, on_error, on_models, on_reply
from conformance.reference.refusal import Refusal
from conformance.reference.tokens import tokenize


@dataclass(frozen=True, slots=True)
class Persona:
    """How a service is, beyond what every service has to be."""

    summary: str
    mind: Mind = ABLE
    models: Mapping[str, Model] = field(default_factory=lambda: MODELS)
    alterations: tuple[Fault, ...] = ()


class UnknownPersonaError(ValueError):
    """There is no persona of that name. The message is one line."""


def _serving(*more: Model) -> Mapping[str, Model]:
    """The models that are always served, and these; of two with the same id the latter."""
    return MappingProxyType({**MODELS, **{model.id: model for model in more}})


BLIND = Model("reference", sees=False)

_THOUGHT = (
    "The user wants something from me. I should read the request once more, see what is really asked for, "
    "and put it into as few words as I can."
)


LONGEST_THOUGHT = 24
"""Tokens."""


def _thoughts(rng: Random) -> tuple[str, ...]:
    return tuple(tokenize(_THOUGHT)[: rng.randint(LONGEST_THOUGHT // 2, LONGEST_THOUGHT)])


THINKING = Mind(thoughts=_thoughts)


@on_body()
def sampling_is_fixed(body: JsonObject, _: Call) -> JsonObject:
    """temperature and top_p have one value, which is the default."""
    for name in ("temperature", "top_p"):
        if body.get(name) not in (None, 1):
            raise Refusal(
                f"Unsupported value: '{name}' does not support this value with this model. "
                "Only the default (1) value is supported.",
                param=name,
                code="unsupported_value",
            )
    return body


@on_body()
def only_the_new_limit(body: JsonObject, _: Call) -> JsonObject:
    """max_tokens is refused in favour of max_completion_tokens."""
    if body.get("max_tokens") is not None:
        raise Refusal(
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
            param="max_tokens",
            code="unsupported_parameter",
        )
    return body


@on_body()
def thoughts_need_room(body: JsonObject, _: Call) -> JsonObject:
    """A limit that thoughts alone would use up is refused, as by OpenAI's reasoning models."""
    limit = body.get("max_completion_tokens")
    if isinstance(limit, int) and 0 < limit < LONGEST_THOUGHT:
        raise Refusal(
            "Could not finish the message because max_tokens or model output limit was reached. "
            "Please try again with higher max_tokens.",
        )
    return body


@on_body()
def reasoning_needs_no_tuning(body: JsonObject, _: Call) -> JsonObject:
    """What steers the choice of tokens is refused, as by OpenAI's reasoning models, unless it is empty."""
    for name in ("stop", "frequency_penalty", "presence_penalty", "logit_bias", "logprobs", "top_logprobs"):
        if body.get(name):
            raise Refusal(
                f"Unsupported parameter: '{name}' is not supported with this model.",
                param=name,
                code="unsupported_parameter",
            )
    return body


@on_body()
def glm_5_by_default(body: JsonObject, _: Call) -> JsonObject:
    """A request without a model is for glm-5."""
    return body if "model" in body else {**body, "model": "glm-5"}


@on_answer()
def answers_as_printed(answer: JsonObject, _: Call) -> JsonObject:
    """An answer has the members that the page prints, and what was asked for beyond them."""

    def choice(one: JsonObject) -> JsonObject:
        return one if one["logprobs"] else without(one, "logprobs")

    plain = each_message(
        without(answer, "system_fingerprint"), lambda m: without(m, "refusal", "annotations")
    )
    return {**plain, "choices": [choice(one) for one in plain["choices"]]}


@on_events()
def chunks_as_printed(events: list[Event], _: Call) -> list[Event]:
    """A chunk has the members that every client reads, and what was asked for beyond them."""
    bare = each_delta(events, lambda delta: without(delta, "refusal"))
    return each_part(bare, lambda part: part if part["logprobs"] else without(part, "logprobs"))


@on_usage()
def usage_as_printed(usage: JsonObject, _: Call) -> JsonObject:
    """Usage has three counts and no details."""
    return {name: count for name, count in usage.items() if isinstance(count, int)}


@on_error()
def toapis_errors(error: JsonObject, _: Call) -> JsonObject:
    """An invalid key has no param; other errors have type and code alike."""
    told = error["error"]
    if told["code"] == "invalid_api_key":
        return {
            "error": {
                "code": "unauthorized",
                "message": told["message"],
                "type": "authentication_error",
            }
        }
    return {"error": {**told, "code": told["code"] or told["type"], "param": told["param"] or ""}}


@on_models()
def toapis_models(value: Any, _: Call) -> Any:
    """The list of models says that it is a success, and what each model can be asked through."""
    if "data" not in value:
        return value
    cards = [{**card, "supported_endpoint_types": ["openai"]} for card in value["data"]]
    return {"success": True, **value, "data": cards}


@on_reply()
def tokmodel_errors(reply: Reply, _: Call) -> Reply:
    """The code of an error is its HTTP status, and there is no param."""
    if reply.status < 400:
        return reply
    told = json.loads(reply.body)["error"]
    kind = "authentication_error" if reply.status == 401 else told["type"]
    value = {"error": {"message": told["message"], "type": kind, "code": reply.status}}
    return instead(reply, value, reply.status)


@on_error()
def toki_errors(error: JsonObject, _: Call) -> JsonObject:
    """Errors have code, message and type."""
    told = error["error"]
    return {"error": {"code": told["code"] or "invalid_request", **without(told, "code", "param")}}


_PRINTED = (answers_as_printed, chunks_as_printed, usage_as_printed)

REFERENCE = Persona("follows OpenAI's contract, and is able to do what it is asked")

PERSONAS: Mapping[str, Persona] = MappingProxyType(
    {
        "reference": REFERENCE,
        "weak": Persona("a model that answers off the mark", WEAK),
        "stubborn": Persona("a model with favourites: equal questions often get equal answers", STUBBORN),
        "thinking": Persona("a model that thinks before it answers, and bills it", THINKING),
        "reasoning": Persona(
            "as thinking; refuses max_tokens, small limits, stop, logprobs, and what steers tokens",
            THINKING,
            alterations=(
                sampling_is_fixed,
                only_the_new_limit,
                thoughts_need_room,
                reasoning_needs_no_tuning,
            ),
        ),
        "text-only": Persona("a model that refuses images", models=_serving(BLIND)),
        "toapis": Persona(
            "as the documents of ToAPIs have it",
            models=_serving(Model("claude-sonnet-4-6", sees=True)),
            alterations=(*_PRINTED, toapis_errors, toapis_models),
        ),
        "toapis-glm-5": Persona(
            "as the documents of ToAPIs have it for GLM-5: text only, and a default model",
            models=_serving(BLIND, Model("glm-5", sees=False)),
            alterations=(*_PRINTED, toapis_errors, toapis_models, glm_5_by_default),
        ),
        "tokmodel": Persona(
            "as the documents of TokModel have it: the code of an error is a number",
            models=_serving(Model("openai/gpt-4o", sees=True)),
            alterations=(*_PRINTED, tokmodel_errors),
        ),
        "toki": Persona(
            "as the documents of TOKI have it: errors have no param",
            models=_serving(Model("deepseek/deepseek-chat-v3", sees=False)),
            alterations=(*_PRINTED, toki_errors),
        ),
    }
)
"""The personas by name. Those named like a claims profile keep its documents to the letter."""


def named(name: str) -> Persona:
    """The persona of that name; of a claims profile, one that keeps every line of it.

    Raises UnknownPersonaError.
    """
    from conformance.provider.claims import profile, profiles

    if name not in PERSONAS and name in profiles(DEFAULT):
        from conformance.reference.chat.documented import keeping

        return keeping(profile(name, DEFAULT))
    if name not in PERSONAS:
        known = list(dict.fromkeys([*PERSONAS, *profiles(DEFAULT)]))
        near = difflib.get_close_matches(name, known, 1)
        meant = f", did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"
        raise UnknownPersonaError(f"unknown persona {name!r}{meant}")
    return PERSONAS[name]
