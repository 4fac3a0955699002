"""Where requirements on chat completions come from: named sentences of public documents."""

from __future__ import annotations

from conformance.contracts.host import sources
from conformance.contracts.host.sources import CLIENTS
from conformance.contracts.sources import FETCH, RFC
from conformance.judging.source import Source

__all__ = ["AZURE", "CLIENTS", "DEEPSEEK", "FETCH", "METHOD", "OPENAI", "RFC", "WHATWG", "Source"]


_REFERENCE = "https://platform.openai.com/docs/api-reference"


def _create(parameter: str, quote: str = "") -> Source:
    return Source(
        f"OpenAI API reference, create chat completion, {parameter}",
        f"{_REFERENCE}/chat/create#chat-create-{parameter}",
        quote,
    )


def _object(member: str, quote: str = "") -> Source:
    return Source(
        f"OpenAI API reference, the chat completion object, {member}",
        f"{_REFERENCE}/chat/object#chat-object-{member.split('.', maxsplit=1)[0]}",
        quote,
    )


def _chunk(member: str, quote: str = "") -> Source:
    return Source(
        f"OpenAI API reference, the chat completion chunk object, {member}",
        f"{_REFERENCE}/chat-streaming/streaming#chat-streaming-streaming-{member.split('.', maxsplit=1)[0]}",
        quote,
    )


class OPENAI(sources.OPENAI):
    """The OpenAI API reference for chat completions."""

    messages = _create("messages", "A list of messages comprising the conversation so far.")
    stream = _create("stream", "the model response data will be streamed to the client as it is generated")
    include_usage = _create(
        "stream_options",
        "an additional chunk will be streamed before the data: [DONE] message. The usage field on this chunk "
        "shows the token usage statistics for the entire request, and the choices field will always be an "
        "empty array. All other chunks will also include a usage field, but with a null value.",
    )
    stop = _create(
        "stop",
        "Up to 4 sequences where the API will stop generating further tokens. The returned text will not "
        "contain the stop sequence.",
    )
    temperature = _create("temperature", "What sampling temperature to use, between 0 and 2.")
    top_p = _create(
        "top_p", "0.1 means only the tokens comprising the top 10% probability mass are considered."
    )
    seed = _create(
        "seed", "repeated requests with the same seed and parameters should return the same result"
    )
    max_tokens = _create(
        "max_tokens", "The maximum number of tokens that can be generated in the chat completion."
    )
    max_completion_tokens = _create(
        "max_completion_tokens",
        "An upper bound for the number of tokens that can be generated for a completion",
    )
    n = _create(
        "n",
        "How many chat completion choices to generate for each input message. Note that you will be charged "
        "based on the number of generated tokens across all of the choices.",
    )
    frequency_penalty = _create(
        "frequency_penalty",
        "Number between -2.0 and 2.0. Positive values penalize new tokens based on their existing frequency "
        "in the text so far",
    )
    presence_penalty = _create(
        "presence_penalty",
        "Number between -2.0 and 2.0. Positive values penalize new tokens based on whether they appear in "
        "the text so far",
    )
    parameters = Source("OpenAI API reference, create chat completion", f"{_REFERENCE}/chat/create")
    service_tier = _create(
        "service_tier",
        "the response body will include the service_tier value based on the processing mode actually used to "
        "serve the request",
    )
    functions = _create("functions", "A list of functions the model may generate JSON inputs for.")
    name = _create("messages", "An optional name for the participant.")
    parts = _create("messages", "An array of content parts with a defined type")
    developer = _create(
        "messages",
        "Developer-provided instructions that the model should follow, regardless of messages sent by the "
        "user.",
    )

    logit_bias = _create(
        "logit_bias",
        "values like -100 or 100 should result in a ban or exclusive selection of the relevant token",
    )
    logprobs = _create(
        "logprobs",
        "If true, returns the log probabilities of each output token returned in the content of message.",
    )
    top_logprobs = _create(
        "top_logprobs",
        "An integer between 0 and 20 specifying the number of most likely tokens to return at each token "
        "position, each with an associated log probability.",
    )
    top_logprobs_needs = _create("top_logprobs", "logprobs must be set to true if this parameter is used.")
    stream_options_needs = _create("stream_options", "Only set this when you set stream: true.")
    tools = _create("tools", "A list of tools the model may call.")
    tool_choice = _create(
        "tool_choice",
        "none means the model will not call any tool and instead generates a message. […] required means the "
        "model must call one or more tools. Specifying a particular tool […] forces the model to call that "
        "tool.",
    )
    parallel_tool_calls = _create(
        "parallel_tool_calls", "Whether to enable parallel function calling during tool use."
    )
    strict = _create(
        "tools",
        "Whether to enable strict schema adherence when generating the function call. If set to true, the "
        "model will follow the exact schema defined in the parameters field.",
    )
    tool_message = _create("messages", "Tool call that this message is responding to.")
    tool_parts = _create(
        "messages",
        "An array of content parts with a defined type. For tool messages, only type text is supported.",
    )
    orphan_result = Source(
        "api.openai.com, what it answers to a tool message without a call",
        f"{_REFERENCE}/chat/create#chat-create-messages",
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with "
        "'tool_calls'.",
    )
    json_object = _create(
        "response_format",
        'Setting to { "type": "json_object" } enables the older JSON mode, which ensures the message the '
        "model generates is valid JSON.",
    )
    json_schema = _create(
        "response_format",
        "enables Structured Outputs which ensures the model will match your supplied JSON schema",
    )
    image = _create("messages", "Either a URL of the image or the base64 encoded image data.")

    completion = _object("object", "Represents a chat completion response returned by model")
    id = _object("id", "A unique identifier for the chat completion.")
    object = _object("object", "The object type, which is always chat.completion.")
    created = _object("created", "The Unix timestamp (in seconds) of when the chat completion was created.")
    answering_model = _object("model", "The model used for the chat completion.")
    choices = _object(
        "choices", "A list of chat completion choices. Can be more than one if n is greater than 1."
    )
    choice_index = _object("choices.index", "The index of the choice in the list of choices.")
    role = _object("choices.message.role", "The role of the author of this message.")
    content = _object("choices.message.content", "The contents of the message.")
    refusal = _object("choices.message.refusal", "The refusal message generated by the model.")
    finish_reason = _object(
        "choices.finish_reason",
        "This will be stop if the model hit a natural stop point or a provided stop sequence, length if the "
        "maximum number of tokens specified in the request was reached",
    )
    usage = _object("usage", "Usage statistics for the completion request.")
    usage_total = _object(
        "usage.total_tokens", "Total number of tokens used in the request (prompt + completion)."
    )
    usage_prompt = _object("usage.prompt_tokens", "Number of tokens in the prompt.")
    usage_completion = _object("usage.completion_tokens", "Number of tokens in the generated completion.")
    usage_details = _object("usage.completion_tokens_details", "Breakdown of tokens used in a completion.")

    annotations = _object(
        "choices.message.annotations",
        "Annotations for the message, when applicable, as when using the web search",
    )
    fingerprint = _object(
        "system_fingerprint",
        "This fingerprint represents the backend configuration that the model runs with.",
    )

    chunk = _chunk("object", "The object type, which is always chat.completion.chunk.")
    chunk_id = _chunk("id", "A unique identifier for the chat completion. Each chunk has the same ID.")
    chunk_created = _chunk("created", "Each chunk has the same timestamp.")
    chunk_choices = _chunk(
        "choices",
        'Can also be empty for the last chunk if you set stream_options: {"include_usage": true}.',
    )
    chunk_delta = _chunk("choices.delta", "A chat completion delta generated by streamed model responses.")
    tool_calls = _object(
        "choices.message.tool_calls", "The tool calls generated by the model, such as function calls."
    )
    tool_arguments = _object(
        "choices.message.tool_calls",
        "the model does not always generate valid JSON, and may hallucinate parameters not defined by your "
        "function schema",
    )
    token_logprobs = _object("choices.logprobs", "Log probability information for the choice.")
    chunk_tool_calls = _chunk("choices.delta.tool_calls")
    chunk_finish_reason = _chunk("choices.finish_reason", "The reason the model stopped generating tokens.")
    chunk_usage = _chunk(
        "usage",
        "it contains a null value except for the last chunk which contains the token usage statistics for "
        "the entire request",
    )
    obfuscation = _create("stream_options", "These obfuscation fields are included by default")
    done = Source(
        "OpenAI API reference, create chat completion, stream_options",
        f"{_REFERENCE}/chat/create#chat-create-stream_options",
        "before the data: [DONE] message",
    )

    example = Source("OpenAI API reference, create chat completion, example", f"{_REFERENCE}/chat/create")


def _sse(section: str, quote: str = "") -> Source:
    address = "https://html.spec.whatwg.org/multipage/server-sent-events.html"
    return Source(f"WHATWG HTML §{section}, server-sent events", address, quote)


class WHATWG:
    """The HTML standard's chapter on server-sent events."""

    sse = Source(
        "WHATWG HTML §9.2, server-sent events",
        "https://html.spec.whatwg.org/multipage/server-sent-events.html",
        "the user agent must discard any pending data if the file ends in the middle of an event",
    )
    event = _sse("9.2.5", "end-of-line = ( cr lf / cr / lf )")
    comment = _sse(
        "9.2.7",
        "authors can include a comment line (one starting with a ':' character) every 15 seconds or so",
    )
    field = _sse("9.2.6")
    ignored = _sse("9.2.6", "Otherwise: The field is ignored.")
    media_type = Source(
        "WHATWG HTML §9.2, server-sent events",
        "https://html.spec.whatwg.org/multipage/server-sent-events.html",
        "This event stream format's MIME type is text/event-stream.",
    )


class METHOD(sources.METHOD):
    """Rules that follow from the contract without a sentence of their own."""

    metamorphic = Source(
        "Follows from the contract: the same request must be accounted for in the same way",
        f"{_REFERENCE}/chat/object#chat-object-usage",
    )
    recorded = Source("api.openai.com, recorded answers and streams of 2024 to 2026", f"{_REFERENCE}/chat")
    infrastructure = Source(
        "OpenAI error codes",
        "https://platform.openai.com/docs/guides/error-codes",
        "Retry your request after a brief wait",
    )


class AZURE:
    """Azure OpenAI, which speaks the contract, with content filters around it."""

    content_filter = Source(
        "Azure OpenAI, content filtering",
        "https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter",
    )
    buffering = Source(
        "Azure OpenAI, content streaming",
        "https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-streaming",
        "completion content buffers, the content guardrail system runs on the buffered content",
    )


class DEEPSEEK:
    """The DeepSeek API, whose documents say how it keeps a connection alive."""

    keep_alive = Source(
        "DeepSeek API, rate limit",
        "https://api-docs.deepseek.com/quick_start/rate_limit",
        "Non-streaming requests: Continuously return empty lines. Streaming requests: Continuously return "
        "SSE keep-alive comments (: keep-alive)",
    )
