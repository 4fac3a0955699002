"""Where requirements come from that hold for every contract on a host."""

from __future__ import annotations

from conformance.judging.source import Source

_REFERENCE = "https://platform.openai.com/docs/api-reference"


class OPENAI:
    """The OpenAI API reference, as far as it is about any endpoint."""

    model = Source(
        "OpenAI API reference, create chat completion, model",
        f"{_REFERENCE}/chat/create#chat-create-model",
        "Model ID used to generate the response",
    )
    errors = Source("OpenAI error codes", "https://platform.openai.com/docs/guides/error-codes", "")
    error_object = Source(
        "OpenAI OpenAPI description, ErrorResponse",
        "https://github.com/openai/openai-openapi",
        "error: required type, message, param, code",
    )
    authentication = Source(
        "OpenAI API reference, authentication",
        f"{_REFERENCE}/authentication",
        "API keys should be provided via HTTP Bearer authentication.",
    )
    models_list = Source(
        "OpenAI API reference, list models",
        f"{_REFERENCE}/models/list",
        "Lists the currently available models",
    )
    models_retrieve = Source(
        "OpenAI API reference, retrieve model",
        f"{_REFERENCE}/models/retrieve",
        "Retrieves a model instance, providing basic information about the model",
    )
    request_ids = Source(
        "OpenAI API reference, debugging requests", f"{_REFERENCE}/debugging-requests", "x-request-id"
    )


class CLIENTS:
    """What widely used clients were observed to do."""

    openai_python = Source("openai-python 3.51.0, observed", "https://github.com/openai/openai-python", "")
    async_openai = Source(
        "async-openai (Rust), types", "https://github.com/64bit/async-openai", "pub created: u32"
    )
    finish_reason_observed = Source(
        "vLLM, what api.openai.com answers to each tool_choice, observed",
        "https://github.com/vllm-project/vllm/pull/25054",
        "required, False: tool_calls; required, True: tool_calls; named, False: stop; named, True: stop",
    )
    vercel = Source(
        "Vercel AI SDK, @ai-sdk/openai-compatible", "https://github.com/vercel/ai", 'data === "[DONE]"'
    )


class METHOD:
    """Rules without a sentence of their own."""

    practice = Source("Common practice of OpenAI-compatible services", f"{_REFERENCE}/chat")
