"""Variants in usage: how tokens are counted, and what is said about them."""

from __future__ import annotations

from conformance.contracts.chat.sources import CLIENTS, METHOD, OPENAI
from conformance.reference.call import Call, JsonObject
from conformance.reference.change import without
from conformance.reference.chat.faults.fault import on_usage
from conformance.reference.variant import legal

PROMPTS = ("examples.prompt-tokens-plausible",)

GROUPS = ("prompt_tokens_details", "completion_tokens_details")


def counted(usage: JsonObject, prompt: int = 0, completion: int = 0) -> JsonObject:
    """The usage with so many tokens more."""
    return {
        **usage,
        "prompt_tokens": usage["prompt_tokens"] + prompt,
        "completion_tokens": usage["completion_tokens"] + completion,
        "total_tokens": usage["total_tokens"] + prompt + completion,
    }


@legal(OPENAI.usage_details, aspect="details")
@on_usage()
def details_absent(usage: JsonObject, _: Call) -> JsonObject:
    """Usage has three counts and no details."""
    return without(usage, *GROUPS)


@legal(CLIENTS.openai_python, aspect="details")
@on_usage()
def details_null(usage: JsonObject, _: Call) -> JsonObject:
    """The details of usage are null."""
    return {**usage, **dict.fromkeys(GROUPS)}


@legal(OPENAI.usage_details, aspect="details")
@on_usage()
def details_empty(usage: JsonObject, _: Call) -> JsonObject:
    """The details of usage are objects without members."""
    return {**usage, **{group: {} for group in GROUPS}}


@legal(OPENAI.usage_details, aspect="details")
@on_usage()
def cached_tokens_counted(usage: JsonObject, _: Call) -> JsonObject:
    """A part of the prompt was read from a cache."""
    cached = {"cached_tokens": usage["prompt_tokens"] // 2, "cache_write_tokens": 1, "text_tokens": None}
    return {**usage, "prompt_tokens_details": cached}


@legal(OPENAI.usage_prompt, aspect="template")
@on_usage()
def template_wordy(usage: JsonObject, call: Call) -> JsonObject:
    """The chat template writes twenty tokens around a conversation and seven around each message."""
    return counted(usage, prompt=20 + 7 * len(call.json()["messages"]))


@legal(OPENAI.usage_prompt, aspect="template", notes=("usage.system-message-counted",))
@on_usage()
def template_with_a_default_system_message(usage: JsonObject, call: Call) -> JsonObject:
    """The chat template has a system message of its own, which counts unless there is another."""
    turns = call.json()["messages"]
    own = any(turn.get("role") in ("system", "developer") for turn in turns)
    return usage if own else counted(usage, prompt=21)


@legal(OPENAI.usage_prompt, aspect="template")
@on_usage()
def template_with_the_date(usage: JsonObject, _: Call) -> JsonObject:
    """The chat template says in every prompt what day it is, and up to when the model knows what happened."""
    return counted(usage, prompt=30)


@legal(OPENAI.usage_prompt, aspect="template", documents={"prompt-overhead": {"max": 80}}, notes=PROMPTS)
@on_usage()
def template_documented(usage: JsonObject, _: Call) -> JsonObject:
    """The documents say that a text of up to 80 tokens is billed with every prompt."""
    return counted(usage, prompt=60)


@legal(OPENAI.usage_prompt, aspect="tools")
@on_usage()
def tools_are_explained(usage: JsonObject, call: Call) -> JsonObject:
    """With tools, a prompt explains in 346 tokens how they are called, as Anthropic says of its own."""
    return counted(usage, prompt=346) if call.json().get("tools") else usage


@legal(OPENAI.usage_prompt, aspect="tools")
@on_usage()
def tools_in_other_words(usage: JsonObject, call: Call) -> JsonObject:
    """What surrounds the text of a tool costs more than JSON does: types and names are written out."""
    return counted(usage, prompt=17 * len(call.json().get("tools") or ()))


@legal(OPENAI.usage_completion, aspect="calls")
@on_usage()
def marks_of_calls_counted(usage: JsonObject, call: Call) -> JsonObject:
    """The marks in which a model writes calls are counted with them."""
    called = call.json().get("tools") and call.json().get("tool_choice") != "none"
    return counted(usage, completion=9) if called else usage


@legal(OPENAI.usage_details, aspect="details")
@on_usage()
def details_of_every_kind(usage: JsonObject, _: Call) -> JsonObject:
    """The details say of every token what it is."""
    prompt = {"text_tokens": usage["prompt_tokens"], "audio_tokens": 0, "image_tokens": 0, "cached_tokens": 0}
    completion = {"text_tokens": usage["completion_tokens"], "reasoning_tokens": 0, "audio_tokens": None}
    return {**usage, "prompt_tokens_details": prompt, "completion_tokens_details": completion}


@legal(OPENAI.usage_completion)
@on_usage()
def end_of_text_counted(usage: JsonObject, call: Call) -> JsonObject:
    """The token that ends a text by itself is counted with it."""
    body = call.json()
    limit = body.get("max_completion_tokens") or body.get("max_tokens") or 10**6
    ended = usage["completion_tokens"] < limit * (body.get("n") or 1) and not body.get("stop")
    return counted(usage, completion=body.get("n") or 1) if ended else usage


@legal(METHOD.practice)
@on_usage()
def usage_with_further_members(usage: JsonObject, _: Call) -> JsonObject:
    """Usage has other names for its counts, the cost, and times."""
    return {
        **usage,
        "input_tokens": usage["prompt_tokens"],
        "output_tokens": usage["completion_tokens"],
        "cost": 0.00021,
        "cost_details": {"upstream": None},
        "queue_time": 1.5e-3,
        "is_byok": False,
    }
