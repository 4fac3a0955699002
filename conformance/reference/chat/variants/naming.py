"""Variants in how an answer is named: id, model, date, fingerprint, tier."""

from __future__ import annotations

import uuid
from hashlib import sha256

from conformance.contracts.chat.sources import CLIENTS, OPENAI
from conformance.reference.call import Call, JsonObject
from conformance.reference.change import without
from conformance.reference.chat.variants.variant import on_objects
from conformance.reference.variant import legal

NO_PREFIX = ("envelope.id-prefix",)


@legal(OPENAI.id, aspect="id", notes=NO_PREFIX)
@on_objects
def id_is_a_uuid(answer: JsonObject, _: Call) -> JsonObject:
    """The id is a UUID, without a prefix."""
    return {**answer, "id": str(uuid.uuid5(uuid.NAMESPACE_OID, answer["id"]))}


@legal(OPENAI.id, aspect="id", notes=NO_PREFIX)
@on_objects
def id_of_a_gateway(answer: JsonObject, _: Call) -> JsonObject:
    """The id has the prefix, the separators and the capitals of a gateway."""
    return {**answer, "id": f"gen-1760000000:eu/west.{answer['id'][-12:].upper()}=="}


@legal(OPENAI.id, aspect="id")
@on_objects
def id_long(answer: JsonObject, _: Call) -> JsonObject:
    """The id has three hundred characters."""
    return {**answer, "id": answer["id"].ljust(300, "0")}


@legal(OPENAI.answering_model, aspect="model")
@on_objects
def model_dated(answer: JsonObject, _: Call) -> JsonObject:
    """Answers name the dated snapshot of the model that was asked for."""
    return {**answer, "model": f"{answer['model']}-2026-01-31"}


@legal(OPENAI.answering_model, aspect="model")
@on_objects
def model_dated_without_hyphens(answer: JsonObject, _: Call) -> JsonObject:
    """Answers name the snapshot of the model by a date in one piece."""
    return {**answer, "model": f"{answer['model']}-20260131"}


@legal(OPENAI.answering_model, aspect="model")
@on_objects
def model_with_vendor(answer: JsonObject, _: Call) -> JsonObject:
    """Answers name the model with its vendor in front."""
    return {**answer, "model": f"acme/{answer['model']}"}


@legal(OPENAI.answering_model, aspect="model")
@on_objects
def model_as_a_path(answer: JsonObject, _: Call) -> JsonObject:
    """Answers name the model by the path of its account."""
    return {**answer, "model": f"accounts/acme/models/{answer['model']}"}


@legal(OPENAI.created, aspect="created")
@on_objects
def created_when_the_request_came(answer: JsonObject, _: Call) -> JsonObject:
    """`created` is the time at which the request arrived, some seconds ago."""
    return {**answer, "created": answer["created"] - 4}


@legal(OPENAI.created, aspect="created")
@on_objects
def created_by_a_clock_ahead(answer: JsonObject, _: Call) -> JsonObject:
    """The clock that `created` is read from is some seconds ahead."""
    return {**answer, "created": answer["created"] + 4}


@legal(OPENAI.fingerprint, aspect="fingerprint")
@on_objects
def fingerprint_absent(answer: JsonObject, _: Call) -> JsonObject:
    """There is no system_fingerprint."""
    return without(answer, "system_fingerprint")


@legal(CLIENTS.openai_python, aspect="fingerprint")
@on_objects
def fingerprint_null(answer: JsonObject, _: Call) -> JsonObject:
    """system_fingerprint is null."""
    return {**answer, "system_fingerprint": None}


@legal(OPENAI.fingerprint, aspect="fingerprint")
@on_objects
def fingerprint_changing(answer: JsonObject, _: Call) -> JsonObject:
    """system_fingerprint differs from answer to answer."""
    # Of the whole id: a variant that writes ids in another form has been at work before.
    return {**answer, "system_fingerprint": f"fp_{sha256(answer['id'].encode()).hexdigest()[:10]}"}


@legal(OPENAI.service_tier, aspect="tier")
@on_objects
def tier_unasked(answer: JsonObject, _: Call) -> JsonObject:
    """The service tier is told, though nobody asked for one."""
    return {"service_tier": "default", **answer}


@legal(OPENAI.service_tier, aspect="tier")
@on_objects
def tier_null(answer: JsonObject, call: Call) -> JsonObject:
    """The service tier is null where nobody asked for one."""
    return answer if call.json().get("service_tier") else {**answer, "service_tier": None}
