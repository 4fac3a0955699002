"""From a JSON object to a valid request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.reference.chat.models import MODELS, Model
from conformance.reference.chat.request import ChatRequest
from conformance.reference.chat.rules.messages import read_messages
from conformance.reference.chat.rules.parameters import check_parameters
from conformance.reference.chat.rules.tooling import read_choice, read_format, read_tools
from conformance.reference.refusal import Refusal, unknown_model

CONTEXT = 32_768
"""Tokens that a prompt may have. A longer one is refused, never cut."""


def read_request(body: Mapping[str, Any], models: Mapping[str, Model] = MODELS) -> ChatRequest:
    """The request that a body describes. Raises Refusal for the first rule that it breaks."""
    values = check_parameters(body)
    model = models.get(values["model"])
    if model is None:
        raise unknown_model(values["model"])
    messages = read_messages(values["messages"], sees=model.sees)
    tools = read_tools(values)
    kind, schema = read_format(values, messages)
    options = values.get("stream_options", {})
    stop = values.get("stop", ())
    request = ChatRequest(
        model=model.id,
        messages=messages,
        temperature=values.get("temperature", 1.0),
        top_p=values.get("top_p", 1.0),
        n=values.get("n", 1),
        stream=values.get("stream", False),
        include_usage=bool(options.get("include_usage")),
        include_obfuscation=bool(options.get("include_obfuscation")),
        stop=tuple(text for text in ([stop] if isinstance(stop, str) else stop) if text),
        max_tokens=_smaller(values.get("max_tokens"), values.get("max_completion_tokens")),
        frequency_penalty=values.get("frequency_penalty", 0.0),
        presence_penalty=values.get("presence_penalty", 0.0),
        logit_bias={int(token): bias for token, bias in values.get("logit_bias", {}).items()},
        logprobs=values.get("logprobs", False),
        top_logprobs=values.get("top_logprobs", 0),
        seed=values.get("seed"),
        format=kind,
        schema=schema,
        tools=tools,
        tool_choice=read_choice(values, tools),
        parallel=values.get("parallel_tool_calls", True),
        legacy_functions="functions" in values,
        service_tier=values.get("service_tier"),
    )
    if request.prompt_tokens > CONTEXT:
        why = f"the prompt has {request.prompt_tokens} tokens, the context length is {CONTEXT}"
        raise Refusal(
            f"Invalid value for 'messages': {why}.", param="messages", code="context_length_exceeded"
        )
    return request


def _smaller(first: int | None, second: int | None) -> int | None:
    given = [limit for limit in (first, second) if limit is not None]
    return min(given, default=None)
