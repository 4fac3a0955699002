"""Faults in who may ask, and in the list of models."""

from __future__ import annotations

from typing import Any

from conformance.reference.body import read_object
from conformance.reference.call import Call, JsonObject, Reply
from conformance.reference.change import crash, instead, rewritten, without
from conformance.reference.chat.rules.chat import read_request
from conformance.reference.fault import on_models, on_refusal, on_reply
from conformance.reference.refusal import Refusal


def scheme(call: Call) -> str:
    """The scheme of the Authorization header, in small letters."""
    return call.header("authorization").partition(" ")[0].lower()


@on_refusal("auth.key-required")
def no_key_served(refusal: Refusal, call: Call) -> Refusal | None:
    """Without a key a chat request is served."""
    return None if refusal.status == 401 and not scheme(call) and call.is_chat else refusal


@on_refusal("auth.key-required", "auth.models-need-key")
def no_key_forbidden(refusal: Refusal, call: Call) -> Refusal:
    """Without a key the status is 403."""
    return rewritten(refusal, status=403) if refusal.status == 401 and not scheme(call) else refusal


@on_refusal("auth.wrong-key-refused")
def wrong_key_served(refusal: Refusal, call: Call) -> Refusal | None:
    """Any key will do for a chat request."""
    wrong = refusal.status == 401 and scheme(call) == "bearer" and len(call.header("authorization")) > 8
    return None if wrong and call.is_chat else refusal


@on_refusal("auth.wrong-key-refused")
def wrong_key_is_a_bad_request(refusal: Refusal, call: Call) -> Refusal:
    """A wrong key gets 400."""
    wrong = refusal.status == 401 and scheme(call) == "bearer" and len(call.header("authorization")) > 8
    return rewritten(refusal, status=400) if wrong else refusal


@on_refusal("auth.wrong-scheme-refused")
def any_scheme_served(refusal: Refusal, call: Call) -> Refusal | None:
    """A scheme other than Bearer is served."""
    return None if refusal.status == 401 and scheme(call) not in ("", "bearer") else refusal


@on_refusal("auth.wrong-scheme-refused", "errors.client-mistake-never-5xx")
def empty_key_crashes(refusal: Refusal, call: Call) -> Refusal:
    """A bearer token of no characters is a crash."""
    empty = refusal.status == 401 and call.header("authorization").strip().lower() == "bearer"
    return crash() if empty else refusal


@on_refusal("auth.challenge-header")
def challenge_missing(refusal: Refusal, _: Call) -> Refusal:
    """401 comes without WWW-Authenticate."""
    return rewritten(refusal, headers=()) if refusal.status == 401 else refusal


@on_refusal("auth.models-need-key")
def models_open_to_all(refusal: Refusal, call: Call) -> Refusal | None:
    """The models are listed without a key."""
    return None if refusal.status == 401 and call.path.endswith("/models") else refusal


@on_refusal("auth.checked-before-body")
def body_checked_first(refusal: Refusal, call: Call) -> Refusal:
    """With a wrong key and a wrong body the complaint is about the body."""
    if refusal.status != 401 or not call.is_chat:
        return refusal
    try:
        read_request(read_object(call.header("content-type"), call.body))
    except Refusal as complaint:
        return complaint
    return refusal


@on_models("models.list-shape", "sdk.models-list-parses")
def models_in_a_bare_array(models: JsonObject, _: Call) -> Any:
    """The list of models is a bare array."""
    return models.get("data", models)


@on_models("models.list-shape", "sdk.models-list-parses")
def models_under_another_name(models: JsonObject, _: Call) -> Any:
    """The list of models is in `models`."""
    return {"models": models["data"]} if "data" in models else models


@on_models("models.list-shape")
def model_cards_bare(models: JsonObject, _: Call) -> Any:
    """The entries of the list have only an id."""
    return {**models, "data": [{"id": card["id"]} for card in models["data"]]} if "data" in models else models


@on_models("models.list-shape")
def model_dates_as_text(models: JsonObject, _: Call) -> Any:
    """The models are dated with text."""
    dated = [{**card, "created": "2025-01-01"} for card in models.get("data", ())]
    return {**models, "data": dated} if dated else models


@on_models("models.lists-the-configured")
def models_of_others(models: JsonObject, _: Call) -> Any:
    """The list has other models than those that are served."""
    renamed = [{**card, "id": f"lantern-{number}"} for number, card in enumerate(models.get("data", ()))]
    return {**models, "data": renamed} if renamed else models


@on_models("models.lists-the-configured")
def models_empty(models: JsonObject, _: Call) -> Any:
    """The list of models is empty."""
    return {**models, "data": []} if "data" in models else models


@on_reply("models.list-shape")
def no_list_is_an_error(reply: Reply, call: Call) -> Reply:
    """To list the models is a crash."""
    listed = call.path.endswith("/models") and reply.status == 200
    return instead(reply, crash().body(), 500) if listed else reply


@on_reply("models.retrieve")
def retrieval_missing(reply: Reply, call: Call) -> Reply:
    """A single model cannot be retrieved: the address does not exist."""
    served = reply.status == 200 and "/models/" in call.path
    return instead(reply, Refusal("There is nothing at this address.").body(), 404) if served else reply


@on_models("models.retrieve")
def retrieved_without_object(models: JsonObject, _: Call) -> Any:
    """A single model has no `object`."""
    return models if "data" in models else without(models, "object")


@on_models("models.retrieve", "sdk.model-retrieves")
def retrieved_in_a_list(models: JsonObject, _: Call) -> Any:
    """A single model comes as a list of one."""
    return models if "data" in models else {"object": "list", "data": [models]}


@on_reply("models.unknown-not-found")
def unknown_model_found(reply: Reply, call: Call) -> Reply:
    """To retrieve an unknown model gives status 200 and an error object."""
    nothing = Refusal("The model does not exist.", code="model_not_found").body()
    return instead(reply, nothing, 200) if reply.status == 404 and "/models/" in call.path else reply


@on_refusal("models.unknown-not-found")
def unknown_model_crashes(refusal: Refusal, call: Call) -> Refusal:
    """To retrieve an unknown model is a crash."""
    return crash() if refusal.code == "model_not_found" and not call.is_chat else refusal


@on_reply("models.documented-variant")
def other_listing_of_another_shape(reply: Reply, call: Call) -> Reply:
    """/v1beta/models lists the models in the shape of another vendor."""
    cards = [{"name": "models/reference", "displayName": "Reference"}]
    listed = call.path == "/v1beta/models" and reply.status == 200
    return instead(reply, {"models": cards}, 200) if listed else reply
