"""POST /embeddings, from a call to the reply."""

from __future__ import annotations

from conformance.reference.call import Call, JsonObject, Reply, json_reply
from conformance.reference.embeddings import answer
from conformance.reference.embeddings.faults.fault import EmbeddingsStage
from conformance.reference.embeddings.mind import embedded
from conformance.reference.embeddings.request import MODELS, read_request
from conformance.reference.faulty import Faulty
from conformance.reference.refusal import Refusal

PATH = "/embeddings"
"""Where it is served, behind the base path."""


def answered(call: Call, faulty: Faulty) -> Reply:
    """The list of embeddings. Raises Refusal."""
    request = faulty.read(call, EmbeddingsStage.BODY, read_request, repaired)
    asked = call.json().get("model")
    model = asked if isinstance(asked, str) else request.model
    right = tuple(embedded(one, request.width) for one in request.inputs)
    vectors = faulty.struck(EmbeddingsStage.VECTORS, right, call)
    spent = faulty.struck(EmbeddingsStage.USAGE, answer.usage(request), call)
    whole = answer.listed(request, model, vectors, spent)
    return json_reply(faulty.struck(EmbeddingsStage.ANSWER, whole, call))


def repaired(body: JsonObject, refusal: Refusal) -> JsonObject:
    """The body without the parameter that the refusal names. Repeated often enough, it gives a valid body."""
    replacements = {"model": MODELS[0], "input": "Hello"}
    param = refusal.param or ""
    if param in replacements:
        changed = {**body, param: replacements[param]}
    else:
        changed = {name: value for name, value in body.items() if name != param}
    return changed if changed != body else dict(replacements)
