"""A model that is able to do little: what it says is off the mark, though never against the request's terms.

What a server enforces holds all the same: limits, stop sequences, a tool that must be called, a JSON Schema.
"""

from __future__ import annotations

import json

from conformance.contracts.chat.probes import prompts
from conformance.reference.chat.mind import calling
from conformance.reference.chat.mind.answering import Mind
from conformance.reference.chat.mind.filling import fill
from conformance.reference.chat.mind.plan import Plan, script
from conformance.reference.chat.mind.understanding import last_prompt
from conformance.reference.chat.request import ChatRequest

_SAID = {
    prompts.COUNT: "1 2 3 4 5 6 7 8 10 9 11 12 14 15",
    prompts.NATO: "Alpha Bravo Charlie Delta Foxtrot Echo",
    prompts.REPEAT: "echo echo echo",
    prompts.PHRASE: "Here is a phrase that I like.",
    prompts.LONG_ANSWER: "The sea is very old and very large.",
    prompts.QUESTION: "The capital of France is Paris.",
}
"""What it makes of the questions that it nearly understands."""

_AT_A_LOSS = "I am not sure what you mean by that."


def _intend(request: ChatRequest) -> Plan:
    if request.format != "text":
        schema = request.schema if request.format == "json_schema" else {}
        return script(json.dumps(fill(schema, {}) if schema else {"answer": "yes"}))
    return script(_SAID.get(last_prompt(request).text, _AT_A_LOSS))


def _calls(request: ChatRequest, prompt: str) -> tuple[calling.FunctionCall, ...]:
    return calling.calls(request, prompt)[:1] if request.tool_choice.mode == "required" else ()


WEAK = Mind(_calls, _intend)
