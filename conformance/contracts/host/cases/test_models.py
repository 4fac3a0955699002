"""The models endpoints: what is served can be found out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from conformance.asking.change import either, optional, to_be_refused
from conformance.asking.probe import NONCE, Probe, fetch
from conformance.contracts.hidden import NotAsked
from conformance.contracts.host.probes import MODEL_LIST, MODEL_RETRIEVED
from conformance.contracts.host.sources import OPENAI
from conformance.contracts.view import View
from conformance.judging.requirement import (
    MAY,
    MUST,
    SHOULD,
    Wanted,
    controls,
    probes,
    probes_for,
    requirement,
)
from conformance.judging.saying import assume, concerns, needs, note, warn, wrong
from conformance.provider.model import Claims
from conformance.wire.message import Message
from conformance.wire.record import NO_MODEL, NOT_NOW
from conformance.wire.strict_json import is_integer

models_requirement = partial(requirement, source=OPENAI.models_list, claim="model-list")

UNKNOWN = fetch("a model that does not exist", f"/models/no-such-model-{NONCE}") | to_be_refused

# HTTP clients resolve the dot segment (RFC 3986 §5.2.4): /v1beta stands beside the /v1 of the base URL.
LIST_V1BETA = fetch("models of v1beta", "/../v1beta/models") | optional("models-v1beta") | either


def answer(view: View) -> Any:
    """What the endpoint says, as far as it serves the request at all."""
    if view.status in NOT_NOW:
        made = len(view.exchange.attempts)
        raise NotAsked("HTTP {status} after {made} attempts", status=view.status, made=made)
    view.require_answer()
    return view.document.value if view.document.readable else None


def shown(view: View) -> str:
    """The beginning of the body, for a message."""
    return " ".join(view.last.body[:60].decode("utf-8", "replace").split())


def is_list(value: Any) -> bool:
    """An object with an array of objects in `data`."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("data"), list)
        and all(isinstance(entry, dict) for entry in value["data"])
    )


def faults(card: Mapping[str, Any]) -> list[str]:
    """The members of one model object that are not what they should be."""
    right = {
        "id": isinstance(card.get("id"), str) and card["id"],
        "owned_by": isinstance(card.get("owned_by"), str) and card["owned_by"],
        "object": card.get("object") == "model",
        "created": is_integer(card.get("created")),
    }
    return [name for name, holds in right.items() if not holds]


def has_the_shape(view: View) -> None:
    """The answer is a list of models as OpenAI gives it; further members are nobody's business."""
    value = answer(view)
    assert is_list(value), wrong(
        "the list of models has no array of objects `data`: {shown}",
        view.at("data"),
        view.at_byte(0),
        shown=shown(view),
    )
    assert value.get("object") == "list", wrong(
        "object is {object!r}, not 'list'", view.at("object"), object=value.get("object")
    )
    cards = value["data"]
    bad = [(position, name) for position, card in enumerate(cards) for name in faults(card)]
    assert not bad, wrong(
        "{path} is {value!r} ({count} faults in {models} models)",
        *(view.at(f"data[{position}].{name}") for position, name in bad[:3]),
        path="data[{}].{}".format(*bad[0]),
        value=cards[bad[0][0]].get(bad[0][1]),
        count=len(bad),
        models=len(cards),
    )


@models_requirement(
    "models.list-shape", SHOULD, claimed=MUST, hurts="Tools that offer a choice of models offer none."
)
@probes(models=MODEL_LIST)
def test_the_list_of_models_has_the_documented_shape(models: View) -> None:
    """GET /models gives {object: "list", data: [{id, object: "model", created, owned_by}]}."""
    has_the_shape(models)


@models_requirement(
    "models.lists-the-configured",
    SHOULD,
    claimed=MUST,
    basis="models.list-shape",
    hurts="Tools that check the configured model against the list refuse to start.",
)
@probes(models=MODEL_LIST)
def test_the_list_has_the_configured_model(models: View) -> None:
    """The list of models contains the id of the model that requests are sent to."""
    value = answer(models)
    needs("models.list-shape", is_list(value), "the list of models cannot be read")
    listed = [card.get("id") for card in value["data"]]
    name = models.exchange.model
    concerns(name != NO_MODEL, "no request to a model was recorded")
    assume(name in listed or not value.get("has_more"), "the list goes on after what was returned")
    assert name in listed, wrong(
        "{model!r} answers, but is not among the {count} models of the list",
        models.at("data"),
        model=name,
        count=len(listed),
    )


@models_requirement(
    "models.retrieve", MAY, source=OPENAI.models_retrieve, claim="model-retrieve", claimed=MUST
)
@probes(model=MODEL_RETRIEVED)
def test_a_model_can_be_retrieved(model: View) -> None:
    """GET /models/{id} gives the model object, also where the id contains a slash that is sent as %2F."""
    value = answer(model)
    readable = isinstance(value, dict) and isinstance(value.get("id"), str)
    assert readable, wrong(
        "what is retrieved is no model: {shown}", model.at("id"), model.at("object"), shown=shown(model)
    )
    if bad := faults(value):
        warn(
            "in the model that is retrieved, {faults}",
            *map(model.at, bad),
            faults=[Message.of("{name} is {value!r}", name=name, value=value.get(name)) for name in bad],
        )


@models_requirement(
    "models.unknown-not-found",
    MAY,
    source=OPENAI.models_retrieve,
    claim="model-retrieve",
    claimed=SHOULD,
    basis="models.retrieve",
    hurts="SDKs return a model whose members are all None.",
)
@controls(model=MODEL_RETRIEVED)
@probes(unknown=UNKNOWN)
def test_a_model_that_does_not_exist_is_not_found(model: View, unknown: View) -> None:
    """GET /models/{id} gives 404 for a model that does not exist, not 200 with an error inside."""
    answer(model)
    if unknown.status != 404 and unknown.refused:
        note(
            "a model that does not exist gets HTTP {status}, not 404",
            unknown.at_status(),
            status=unknown.status,
        )
    assert unknown.status == 404, wrong(
        "a model that does not exist gets HTTP {status}: {shown}",
        unknown.at_status(),
        status=unknown.status,
        shown=shown(unknown),
    )


def variant(claims: Claims) -> Wanted:
    """The path beside the base URL, for those who document it."""
    probe: tuple[Probe, ...] = (LIST_V1BETA,) if claims.documents("models-v1beta") else ()
    return {"models": probe}


@models_requirement("models.documented-variant", MAY, claim="models-v1beta")
@probes_for(variant)
def test_the_documented_variant_of_the_list_has_the_documented_shape(models: tuple[View, ...]) -> None:
    """GET /v1beta/models, where it is documented, gives the same shape as GET /models."""
    concerns(models, "the documents do not speak of /v1beta/models")
    has_the_shape(*models)
