"""POST /chat/completions, from a call to the reply."""

from __future__ import annotations

from functools import partial

from conformance.reference.call import Call, Frame, Reply, encode, json_reply
from conformance.reference.chat import answer
from conformance.reference.chat.faults.fault import ChatStage
from conformance.reference.chat.leniency import repaired
from conformance.reference.chat.mind.answering import think
from conformance.reference.chat.personas import Persona
from conformance.reference.chat.rules.chat import read_request
from conformance.reference.chat.stream import Event, events
from conformance.reference.faulty import Faulty

PATH = "/chat/completions"
"""Where it is served, behind the base path."""


def answered(call: Call, faulty: Faulty, persona: Persona, pace: float) -> Reply:
    """The completion, whole or streamed. Raises Refusal."""
    read = partial(read_request, models=persona.models)
    request = faulty.read(call, ChatStage.BODY, read, repaired)
    asked = call.json().get("model")
    model = asked if isinstance(asked, str) else request.model
    seed = call.chance.getrandbits(63) if request.seed is None else request.seed
    drawn = think(request, seed, persona.mind)
    choices = tuple(faulty.struck(ChatStage.CHOICE, choice, call) for choice in drawn)
    spent = faulty.struck(ChatStage.USAGE, answer.usage(request, choices), call)
    envelope = answer.envelope(request, model, call.fresh_id(), call.at)
    if not request.stream:
        whole = answer.completion(envelope, request, choices, spent)
        return json_reply(faulty.struck(ChatStage.ANSWER, whole, call))
    parts = events(envelope, request, choices, spent, pace)
    frames = tuple(map(_frame, faulty.struck(ChatStage.EVENTS, parts, call)))
    headers = (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"))
    return Reply(200, headers, frames, streamed=True)


def _frame(event: Event) -> Frame:
    text = event.data.encode() if isinstance(event.data, str) else encode(event.data)
    return Frame(b"data: " + text + b"\n\n", event.delay)
