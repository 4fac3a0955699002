"""The embedded provider without its transport: from a request to a reply."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from conformance.reference.call import Call, Reply, json_reply
from conformance.reference.chat import serving as chat
from conformance.reference.chat.personas import REFERENCE, Persona
from conformance.reference.embeddings import serving as embeddings
from conformance.reference.fault import Fault, Stage
from conformance.reference.faulty import Faulty
from conformance.reference.models import card, listing
from conformance.reference.refusal import Refusal, unauthorised, unknown_model

BASE_PATH = "/v1"

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
        persona = config.persona
        self._key = config.key
        self._faulty = Faulty((*persona.alterations, *config.faults))
        self._models = tuple(persona.models)
        self.endpoints: dict[str, Callable[[Call], Reply]] = {
            BASE_PATH + chat.PATH: lambda call: chat.answered(call, self._faulty, persona, config.pace),
            BASE_PATH + embeddings.PATH: lambda call: embeddings.answered(call, self._faulty),
        }
        """What is served by POST, by its path: an entry for each contract."""

    def respond(self, call: Call) -> Reply:
        """What is served at the path of the call, or the refusal."""
        if call.path in self.endpoints:
            return self.endpoint(call) if call.method == "POST" else self.wrong_method(call, "POST")
        name = call.path.removeprefix(f"{BASE_PATH}/models/")
        listed = call.path in (f"{BASE_PATH}/models", "/v1beta/models")
        if not listed and name == call.path:
            return self.unknown_path(call)
        if call.method not in ("GET", "HEAD"):
            return self.wrong_method(call, "GET, HEAD")
        return self.models(call) if listed else self.model(call, name)

    def endpoint(self, call: Call) -> Reply:
        """POST to the endpoint of a contract."""
        return self._guarded(call, self.endpoints[call.path])

    def models(self, call: Call) -> Reply:
        """GET /models."""

        def listed(call: Call) -> Reply:
            return json_reply(self._faulty.struck(Stage.MODELS, listing(self._models), call))

        return self._guarded(call, listed)

    def model(self, call: Call, name: str) -> Reply:
        """GET /models/{id}."""

        def retrieve(call: Call) -> Reply:
            known = name in self._models
            if not known:
                self._faulty.refuse(unknown_model(name), call)
            return json_reply(self._faulty.struck(Stage.MODELS, card(name) if known else {}, call))

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

    def _guarded(self, call: Call, handler: Callable[[Call], Reply]) -> Reply:
        """What the handler replies, or the refusal; the key is looked at before anything else."""
        try:
            self._authorise(call)
            reply = handler(call)
        except Refusal as refusal:
            error = self._faulty.struck(Stage.ERROR, refusal.body(), call)
            reply = json_reply(error, refusal.status, refusal.headers)
        return self._finished(reply, call)

    def _always_refused(self, call: Call, refusal: Refusal) -> Reply:
        def refuse(call: Call) -> Reply:
            self._faulty.refuse(refusal, call)
            return json_reply({})

        return self._guarded(call, refuse)

    def _authorise(self, call: Call) -> None:
        if self._key is None:
            return
        scheme, _, token = call.header("authorization").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            self._faulty.refuse(unauthorised("You did not provide an API key as a bearer token."), call)
        elif not hmac.compare_digest(token.strip().encode(), self._key.encode()):
            self._faulty.refuse(unauthorised("Incorrect API key provided."), call)

    def _finished(self, reply: Reply, call: Call) -> Reply:
        common = (
            ("x-request-id", f"req_{call.fresh_id()}"),
            ("access-control-allow-origin", "*"),
            ("access-control-expose-headers", "x-request-id"),
        )
        reply = Reply(reply.status, (*reply.headers, *common), reply.frames, reply.streamed)
        return self._faulty.struck(Stage.REPLY, reply, call)
