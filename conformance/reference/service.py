"""The embedded provider without its transport: from a request to a reply."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from conformance.reference.body import read_object
from conformance.reference.call import Call, Frame, Reply, encode, json_reply
from conformance.reference.chat import answer
from conformance.reference.chat.faults.fault import ChatStage
from conformance.reference.chat.faults.leniency import repaired
from conformance.reference.chat.mind.answering import think
from conformance.reference.chat.models import listing
from conformance.reference.chat.personas import REFERENCE, Persona
from conformance.reference.chat.request import ChatRequest
from conformance.reference.chat.rules.chat import read_request
from conformance.reference.chat.stream import Event, events
from conformance.reference.fault import Fault, Stage, strike
from conformance.reference.refusal import Refusal, unauthorised, unknown_model

T = TypeVar("T")

PACE = 0.012
"""Seconds per streamed token, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Config:
    """How a server behaves. Without a key it asks for none. `pace` is seconds per streamed token.

    The faults strike after what the persona does otherwise. With a seed, ids and samples are the same for
    the same requests.
    """

    key: str | None = None
    pace: float = PACE
    faults: tuple[Fault, ...] = ()
    persona: Persona = REFERENCE
    seed: int | None = None


class Service:
    """Answers calls. Every method takes a call and gives a reply; refusals are replies too."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._persona = config.persona
        self._strikes = (*config.persona.alterations, *config.faults)

    def respond(self, call: Call) -> Reply:
        """What is served at the path of the call, or the refusal."""
        if call.path == "/v1/chat/completions":
            return self.chat(call) if call.method == "POST" else self.wrong_method(call, "POST")
        name = call.path.removeprefix("/v1/models/")
        listed = call.path in ("/v1/models", "/v1beta/models")
        if not listed and name == call.path:
            return self.unknown_path(call)
        if call.method not in ("GET", "HEAD"):
            return self.wrong_method(call, "GET, HEAD")
        return self.models(call) if listed else self.model(call, name)

    def chat(self, call: Call) -> Reply:
        """POST /chat/completions."""
        return self._guarded(call, self._chat)

    def models(self, call: Call) -> Reply:
        """GET /models."""

        def listed(call: Call) -> Reply:
            return json_reply(self._struck(Stage.MODELS, listing(self._persona.models), call))

        return self._guarded(call, listed)

    def model(self, call: Call, name: str) -> Reply:
        """GET /models/{id}."""

        def retrieve(call: Call) -> Reply:
            model = self._persona.models.get(name)
            if model is None:
                self._refuse(unknown_model(name), call)
            card = model.card() if model else {}
            return json_reply(self._struck(Stage.MODELS, card, call))

        return self._guarded(call, retrieve)

    def unknown_path(self, call: Call) -> Reply:
        """404, whatever was asked there."""
        return self._always_refused(call, Refusal("There is nothing at this address.", status=404))

    def wrong_method(self, call: Call, allowed: str) -> Reply:
        """405 with the methods that are allowed, or the answer to a CORS preflight (Fetch standard)."""
        if call.method == "OPTIONS" and call.header("access-control-request-method"):
            permission = (
                ("access-control-allow-methods", allowed),
                ("access-control-allow-headers", call.header("access-control-request-headers") or "*"),
            )
            return self._finished(Reply(204, permission, ()), call)
        why = f"The method {call.method[:16]} is not allowed here."
        return self._always_refused(call, Refusal(why, status=405, headers=(("allow", allowed),)))

    def _chat(self, call: Call) -> Reply:
        request, model = self._read(call)
        seed = call.chance.getrandbits(63) if request.seed is None else request.seed
        drawn = think(request, seed, self._persona.mind)
        choices = tuple(self._struck(ChatStage.CHOICE, choice, call) for choice in drawn)
        spent = self._struck(ChatStage.USAGE, answer.usage(request, choices), call)
        envelope = answer.envelope(request, model, call.fresh_id(), call.at)
        if not request.stream:
            whole = answer.completion(envelope, request, choices, spent)
            return json_reply(self._struck(ChatStage.ANSWER, whole, call))
        parts = events(envelope, request, choices, spent, self._config.pace)
        frames = tuple(map(_frame, self._struck(ChatStage.EVENTS, parts, call)))
        headers = (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"))
        return Reply(200, headers, frames, streamed=True)

    def _read(self, call: Call) -> tuple[ChatRequest, str]:
        """The valid request, and the model as the client named it."""
        try:
            body = read_object(call.header("content-type"), call.body)
        except Refusal as refusal:
            self._refuse(refusal, call)
            body = repaired({}, refusal)
        body = self._struck(ChatStage.BODY, body, call)
        while True:
            try:
                request = read_request(body, self._persona.models)
            except Refusal as refusal:
                self._refuse(refusal, call)
                body = repaired(body, refusal)
            else:
                asked = call.json().get("model")
                return request, asked if isinstance(asked, str) else request.model

    def _guarded(self, call: Call, handler: Callable[[Call], Reply]) -> Reply:
        """What the handler replies, or the refusal; the key is looked at before anything else."""
        try:
            self._authorise(call)
            reply = handler(call)
        except Refusal as refusal:
            error = self._struck(Stage.ERROR, refusal.body(), call)
            reply = json_reply(error, refusal.status, refusal.headers)
        return self._finished(reply, call)

    def _always_refused(self, call: Call, refusal: Refusal) -> Reply:
        def refuse(call: Call) -> Reply:
            self._refuse(refusal, call)
            return json_reply({})

        return self._guarded(call, refuse)

    def _authorise(self, call: Call) -> None:
        if self._config.key is None:
            return
        scheme, _, token = call.header("authorization").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            self._refuse(unauthorised("You did not provide an API key as a bearer token."), call)
        elif not hmac.compare_digest(token.strip().encode(), self._config.key.encode()):
            self._refuse(unauthorised("Incorrect API key provided."), call)

    def _refuse(self, refusal: Refusal, call: Call) -> None:
        """Raise the refusal. Only a fault can wave the request through."""
        struck: Refusal | None = self._struck(Stage.REFUSAL, refusal, call)
        if struck is not None:
            raise struck

    def _finished(self, reply: Reply, call: Call) -> Reply:
        common = (
            ("x-request-id", f"req_{call.fresh_id()}"),
            ("access-control-allow-origin", "*"),
            ("access-control-expose-headers", "x-request-id"),
        )
        reply = Reply(reply.status, (*reply.headers, *common), reply.frames, reply.streamed)
        return self._struck(Stage.REPLY, reply, call)

    def _struck(self, stage: StrEnum, value: T, call: Call) -> T:
        return strike(self._strikes, stage, value, call)


def _frame(event: Event) -> Frame:
    text = event.data.encode() if isinstance(event.data, str) else encode(event.data)
    return Frame(b"data: " + text + b"\n\n", event.delay)
