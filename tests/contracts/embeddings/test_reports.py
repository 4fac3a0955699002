"""Defects that people reported of services: each is noticed, by the answers that the reports quote."""

from __future__ import annotations

import pytest

from conformance.contracts.embeddings.probes.invalid import EMPTY_ARRAY, EMPTY_TEXT
from conformance.contracts.embeddings.probes.named import (
    BASE64,
    BATCH,
    OTHER,
    TEXT,
    TEXT_AGAIN,
    TOKENS,
    shorter,
)
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.recorded import attempt
from tests.contracts.embeddings.answers import OPENAI, answered, exchange, judged

A, B = [0.6, 0.8, 0.0], [0.0, 0.6, 0.8]
LONG, SHORT = [0.0625] * 256 + [0.0] * 768, shorter(OPENAI)

TEI_EMPTY = {"message": "Input validation error: `inputs` cannot be empty", "code": 413, "type": "Validation"}
INFINITY_TOKENS = {"detail": [{"type": "string_type", "loc": ["body", "input"], "input": 100}]}

REPORTS: dict[str, tuple[str, list[Exchange]]] = {
    "openai/openai-node#1542, Ollama and LM Studio: numbers where the SDK asked for base64": (
        "encoding.base64-honoured",
        [answered(TEXT, A), answered(BASE64, A)],
    ),
    "ggml-org/llama.cpp#25210: dimensions is ignored": (
        "dimensions.honoured",
        [answered(TEXT, LONG), answered(SHORT, LONG)],
    ),
    "michaelfeil/infinity#538: a shortened vector is not scaled": (
        "dimensions.shortened-is-unit",
        [answered(TEXT, [1.0, *[0.0] * 1023]), answered(SHORT, [0.5, *[0.0] * 255])],
    ),
    "ROCm/FastFlowLM#373: one embedding, however many texts": (
        "vectors.one-for-each-input",
        [answered(TEXT, A), answered(BATCH, A)],
    ),
    "ollama/ollama#6187: another vector in a list than alone": (
        "vectors.batch-equals-single",
        [
            answered(TEXT, A),
            answered(TEXT_AGAIN, A),
            answered(OTHER, B),
            answered(BATCH, A, [0.8, 0.0, 0.6], A),
        ],
    ),
    "lmstudio-ai/lmstudio-bug-tracker#1546: usage is always 0": (
        "counts.positive",
        [answered(TEXT, A, prompt=0)],
    ),
    "huggingface/text-embeddings-inference#365: an error without an error object": (
        "errors.json-error-object",
        [
            answered(TEXT, A),
            exchange(EMPTY_ARRAY, attempt(413, TEI_EMPTY)),
            exchange(EMPTY_TEXT, attempt(413, TEI_EMPTY)),
        ],
    ),
    "michaelfeil/infinity#295: tokens are refused": (
        "inputs.tokens",
        [answered(TEXT, A), exchange(TOKENS, attempt(422, INFINITY_TOKENS))],
    ),
    "microsoft/aoai-api-simulator#87: tokens are a crash": (
        "inputs.tokens",
        [answered(TEXT, A), exchange(TOKENS, attempt(500, {"detail": "Internal Server Error"}))],
    ),
}


@pytest.mark.parametrize("report", REPORTS)
def test_what_was_reported_is_noticed(report: str) -> None:
    requirement, exchanges = REPORTS[report]
    assert judged(requirement, *exchanges).verdict == "fail"
