"""Variants that lack an optional feature, say so in their documents, and refuse it."""

from __future__ import annotations

from conformance.contracts.chat.sources import METHOD, OPENAI
from conformance.reference.call import Call, JsonObject
from conformance.reference.chat.faults.fault import on_body
from conformance.reference.check import invalid
from conformance.reference.variant import legal

AT_THE_DEFAULT = ("parameters.defaults-accepted",)
"""Noted where a parameter is refused though it has the value that it has anyway."""


def refuse(body: JsonObject, *names: str) -> JsonObject:
    """The body, unless it sets one of these parameters."""
    for name in names:
        if body.get(name) is not None:
            raise invalid(name, "this service does not support it", code="unsupported_parameter")
    return body


@legal(
    OPENAI.n,
    documents={"n": None},
    unsupported=(
        "choices.n-answers",
        "choices.independent",
        "choices.all-billed",
        "choices.prompt-billed-once",
        "choices.streamed-separately",
    ),
    inconclusive=("choices.invalid-n-refused", "tools.beside-n-and-logprobs"),
)
@on_body()
def without_several_choices(body: JsonObject, _: Call) -> JsonObject:
    """More than one choice is refused, and undocumented."""
    return refuse(body, "n") if body.get("n") != 1 else body


@legal(
    OPENAI.logprobs,
    documents={"logprobs": None, "top_logprobs": None},
    unsupported=(
        "logprobs.shape",
        "logprobs.agree-with-usage",
        "logprobs.chosen-is-the-likeliest",
        "logprobs.same-when-streamed",
    ),
    inconclusive=("logprobs.as-many-as-asked", "logprobs.too-many-refused", "tools.beside-n-and-logprobs"),
    notes=AT_THE_DEFAULT,
)
@on_body()
def without_logprobs(body: JsonObject, _: Call) -> JsonObject:
    """Log probabilities are refused, and undocumented."""
    return refuse(body, "logprobs", "top_logprobs")


@legal(
    OPENAI.logit_bias,
    documents={"logit_bias": None},
    unsupported=("sampling.logit-bias-selects",),
    notes=AT_THE_DEFAULT,
)
@on_body()
def without_logit_bias(body: JsonObject, _: Call) -> JsonObject:
    """logit_bias is refused, and undocumented."""
    return refuse(body, "logit_bias")


@legal(
    OPENAI.seed,
    documents={"seed": None},
    unsupported=("sampling.seed-repeats", "sampling.seed-repeats-when-streamed"),
)
@on_body()
def without_seed(body: JsonObject, _: Call) -> JsonObject:
    """seed is refused, and undocumented."""
    return refuse(body, "seed")


@legal(
    OPENAI.frequency_penalty,
    documents={"frequency_penalty": None, "presence_penalty": None},
    unsupported=(
        "penalties.range-accepted",
        "penalties.frequency-reduces-repetition",
        "penalties.presence-reduces-repetition",
    ),
    inconclusive=("penalties.out-of-range-refused",),
    notes=AT_THE_DEFAULT,
)
@on_body()
def without_penalties(body: JsonObject, _: Call) -> JsonObject:
    """The penalties are refused, and undocumented."""
    return refuse(body, "frequency_penalty", "presence_penalty")


@legal(
    OPENAI.tools,
    documents=dict.fromkeys(("tools", "tool_choice", "parallel_tool_calls", "tool-role")),
    unsupported=(
        "tools.call-shape",
        "tools.parallel-calls-distinct",
        "tools.streamed-deltas",
        "tools.finish-reason",
        "tools.arguments-match-schema",
        "tools.calls-not-in-text",
        "tools.cut-calls",
        "usage.tools-counted",
        "usage.every-call-counted",
    ),
    inconclusive=(
        "usage.same-with-tools-when-streamed",
        "tools.required-choice",
        "tools.named-choice-among-several",
        "tools.choice-none",
        "tools.parallel-calls-switched-off",
        "tools.ids-unique",
        "tools.result-loop",
        "tools.results-in-text-parts",
        "tools.results-by-id",
        "tools.orphan-results-refused",
        "tools.same-when-streamed",
        "tools.beside-n-and-logprobs",
        "tools.beside-response-format",
        "tools.strict-arguments",
        "tools.references-resolved",
    ),
    unseen=("sdk.tool-calls-accumulate", "tools.fragments-before-finish", "usage.calls-counted"),
)
@on_body()
def without_tools(body: JsonObject, _: Call) -> JsonObject:
    """Tools are refused, and undocumented."""
    if any(turn.get("role") == "tool" for turn in body.get("messages", ()) if isinstance(turn, dict)):
        raise invalid("messages", "this service does not support the role 'tool'")
    return refuse(body, "tools")


@legal(
    OPENAI.json_schema,
    documents=dict.fromkeys(("response_format", "json-mode", "json-schema")),
    unsupported=("structured.unknown-type-refused",),
    inconclusive=(
        "structured.json-object",
        "structured.json-schema",
        "structured.schema-enforced-against-the-prompt",
        "tools.beside-response-format",
        "structured.references-resolved",
        "structured.types-kept",
        "structured.schema-kept-when-streamed",
        "structured.json-object-when-streamed",
    ),
    notes=AT_THE_DEFAULT,
)
@on_body()
def without_response_format(body: JsonObject, _: Call) -> JsonObject:
    """response_format is refused, and undocumented."""
    return refuse(body, "response_format")


@legal(
    OPENAI.include_usage,
    documents={"stream_options": None},
    unsupported=(
        "sdk.usage-accumulates",
        "stream.usage-chunk-last",
        "stream.usage-valid",
        "stream.same-usage-as-not-streamed",
        "stream.deltas-agree-with-usage",
        "usage.same-with-tools-when-streamed",
        "stream.usage-null-before-the-last",
    ),
)
@on_body()
def without_stream_options(body: JsonObject, _: Call) -> JsonObject:
    """stream_options are refused, and undocumented."""
    return refuse(body, "stream_options")


@legal(
    METHOD.practice,
    documents={"developer-role": None},
    unsupported=("messages.developer-role",),
    inconclusive=(
        "examples.documented-example-works",
        "examples.prompt-tokens-plausible",
        "limits.default-not-tiny",
    ),
)
@on_body()
def without_developer(body: JsonObject, _: Call) -> JsonObject:
    """Developer messages are refused, and undocumented, so that OpenAI's example is not served."""
    for place, turn in enumerate(body.get("messages") or ()):
        if isinstance(turn, dict) and turn.get("role") == "developer":
            raise invalid(f"messages[{place}].role", "the roles here are system, user, assistant and tool")
    return body
