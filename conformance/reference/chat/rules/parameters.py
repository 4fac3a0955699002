"""The 37 parameters of a chat-completions request: type, range, and what null means.

`messages`, `tools` and the parameters that depend on them have modules of their own; here they are only named
with the shape that can be told without looking inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.reference.check import (
    BOOLEAN,
    NULL,
    OBJECT,
    Check,
    array,
    either,
    integer,
    invalid,
    is_number,
    members,
    number,
    one_of,
    string,
)
from conformance.reference.refusal import Refusal

_BIASES = Check(
    "an object that maps token ids to numbers from -100 to 100",
    lambda v: (
        isinstance(v, dict)
        and all(key.isascii() and key.isdigit() and len(key) < 20 for key in v)
        and all(is_number(bias) and -100 <= bias <= 100 for bias in v.values())
    ),
)
_METADATA = Check(
    "an object of at most 16 strings, keys up to 64 and values up to 512 characters",
    lambda v: (
        isinstance(v, dict)
        and len(v) <= 16
        and all(len(key) <= 64 for key in v)
        and all(isinstance(text, str) and len(text) <= 512 for text in v.values())
    ),
)
_EFFORTS = one_of("none", "minimal", "low", "medium", "high", "xhigh", "max")
_TIERS = one_of("auto", "default", "flex", "scale", "priority", "fast")

NULLABLE: Mapping[str, Check] = {
    "audio": OBJECT,
    "frequency_penalty": number(-2, 2),
    "logit_bias": _BIASES,
    "logprobs": BOOLEAN,
    "max_completion_tokens": integer(1),
    "max_tokens": integer(1),
    "metadata": _METADATA,
    "modalities": array(one_of("text", "audio"), 2, least=1),
    "moderation": OBJECT,
    "n": integer(1, 128),
    "prediction": OBJECT,
    "presence_penalty": number(-2, 2),
    "prompt_cache_retention": one_of("in_memory", "in-memory", "24h"),
    "reasoning_effort": _EFFORTS,
    "safety_identifier": string(64),
    "seed": integer(-(2**63), 2**63 - 1),
    "service_tier": _TIERS,
    "stop": either(string(), array(string(), 4, least=1)),
    "store": BOOLEAN,
    "stream": BOOLEAN,
    "stream_options": OBJECT,
    "temperature": number(0, 2),
    "top_logprobs": integer(0, 20),
    "top_p": number(0, 1),
    "verbosity": one_of("low", "medium", "high"),
    # Documented without null, but clients send null for None, and the API takes it as unset.
    "function_call": either(one_of("none", "auto"), OBJECT),
    "functions": array(OBJECT, 128, least=1),
    "parallel_tool_calls": BOOLEAN,
    "prompt_cache_key": string(),
    "prompt_cache_options": OBJECT,
    "response_format": OBJECT,
    "tool_choice": either(one_of("none", "auto", "required"), OBJECT),
    "tools": array(OBJECT, 128),
    "user": string(),
    "web_search_options": OBJECT,
}
"""What each optional parameter must be. Null is the same as absent."""

REQUIRED: Mapping[str, Check] = {
    "model": string(shortest=1),
    "messages": array(OBJECT, least=1),
}


def check_parameters(body: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that are set. Raises Refusal for the first whose type or range is not the documented."""
    for name, check in REQUIRED.items():
        if name not in body:
            raise Refusal(
                f"Missing required parameter: '{name}'.", param=name, code="missing_required_parameter"
            )
        check.demand(body[name], name)
    for name, value in body.items():
        if name not in NULLABLE and name not in REQUIRED:
            raise Refusal(
                f"Unrecognized request argument supplied: {name[:64]}",
                param=name[:64],
                code="unknown_parameter",
            )
        if value is not None and name in NULLABLE:
            NULLABLE[name].demand(value, name)
    values = {name: value for name, value in body.items() if value is not None}
    _check_inside(values)
    _check_together(values)
    return values


def _check_inside(values: Mapping[str, Any]) -> None:
    options = members(
        values.get("stream_options", {}), "stream_options", ("include_usage", "include_obfuscation")
    )
    for name, value in options.items():
        either(BOOLEAN, NULL).demand(value, f"stream_options.{name}")
    if "audio" in values:
        audio = members(values["audio"], "audio", ("voice", "format"))
        either(string(shortest=1), OBJECT).demand(audio.get("voice"), "audio.voice")
        one_of("wav", "aac", "mp3", "flac", "opus", "pcm16").demand(audio.get("format"), "audio.format")
    if "prediction" in values:
        prediction = members(values["prediction"], "prediction", ("type", "content"))
        one_of("content").demand(prediction.get("type"), "prediction.type")
        either(string(), array(OBJECT, least=1)).demand(prediction.get("content"), "prediction.content")


def _check_together(values: Mapping[str, Any]) -> None:
    if "stream_options" in values and not values.get("stream"):
        raise invalid("stream_options", "it is only allowed when 'stream' is true")
    if "top_logprobs" in values and not values.get("logprobs"):
        raise invalid("top_logprobs", "it is only allowed when 'logprobs' is true")
    if "audio" in values.get("modalities", ()):
        raise invalid("modalities", "this model answers with text only", code="unsupported_value")
