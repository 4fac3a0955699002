"""The client's side: what a user of the official openai-python gets from the bytes that were recorded."""

from __future__ import annotations

from functools import partial

from conformance.contracts import sdk
from conformance.contracts.embeddings import sdk as client
from conformance.contracts.embeddings.reading.view import View
from conformance.contracts.embeddings.selecting import every_answer
from conformance.contracts.embeddings.sources import CLIENTS
from conformance.judging.requirement import MUST, requirement
from conformance.judging.saying import assume, concerns, wrong
from conformance.wire.record import Attempt

sdk_requirement = partial(requirement, source=CLIENTS.openai_python)


def response(view: View) -> Attempt:
    """The response as the SDK would have got it, also where it broke off."""
    failure = view.last.failure
    attempt = view.response if failure and failure.kind in ("reset", "incomplete") else view.require_answer()
    assume(sdk.replayable(attempt), "the response is too large to be replayed")
    return attempt


@sdk_requirement(
    "sdk.embeddings-read",
    MUST,
    hurts="The official SDK fails on the answer, or its user has no vector to compute with.",
)
@every_answer
def test_embeddings_can_be_read(answer: View) -> None:
    """`client.embeddings.create(…)` gives a list of numbers for each embedding, decoded where it must be."""
    seen = client.create(response(answer))
    assert seen.raised is None, wrong("openai-python raises {error}", answer, error=str(seen.raised))
    assert seen.result == "CreateEmbeddingResponse", wrong(
        "openai-python gives {type}", answer, type=seen.result or "nothing"
    )
    assert all(seen.widths), wrong("a program gets no list of numbers", answer.at("data"))


@sdk_requirement(
    "sdk.embeddings-validate",
    MUST,
    hurts="Typed programs read members that are not there.",
)
@every_answer
def test_embeddings_validate(answer: View) -> None:
    """openai-python with strict validation accepts an answer that is not in base64."""
    concerns(answer.encoding != "base64", "the SDK validates no base64")
    seen = client.create(response(answer), strict=True)
    assert seen.raised is None, wrong("strict validation: {error}", answer, error=str(seen.raised))
