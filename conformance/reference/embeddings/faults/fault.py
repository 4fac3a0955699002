"""Where a fault in answers with embeddings can strike: a decorator for each place."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from conformance.reference.call import JsonObject
from conformance.reference.embeddings.mind import Vector
from conformance.reference.fault import Change, Fault, at


class EmbeddingsStage(StrEnum):
    """What only a request for embeddings passes, in this order."""

    BODY = "body of an embeddings request"
    VECTORS = "vectors"
    USAGE = "usage of embeddings"
    ANSWER = "list of embeddings"


def on_body(*aims: str) -> Callable[[Change[JsonObject]], Fault]:
    """A fault in how the request body is taken: what it drops, the server ignores."""
    return at(EmbeddingsStage.BODY, aims)


def on_vectors(*aims: str) -> Callable[[Change[tuple[Vector, ...]]], Fault]:
    """A fault in the vectors, in the order of the inputs."""
    return at(EmbeddingsStage.VECTORS, aims)


def on_usage(*aims: str) -> Callable[[Change[JsonObject]], Fault]:
    """A fault in the token counts."""
    return at(EmbeddingsStage.USAGE, aims)


def on_answer(*aims: str) -> Callable[[Change[JsonObject]], Fault]:
    """A fault in the list of embeddings."""
    return at(EmbeddingsStage.ANSWER, aims)
