"""Requests that should be refused: what is wrong with each is one thing, and its name says which.

They ask for next to nothing, so that a provider that serves them all the same charges next to nothing.
"""

from __future__ import annotations

from conformance.asking.change import (
    after,
    costing,
    credential,
    raw,
    setting,
    stream,
    to_be_refused,
    without,
)
from conformance.asking.probe import NONCE, Credential
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.change import n
from conformance.contracts.chat.probes.named import OK, question

_REFUSED = OK | to_be_refused

NO_MODEL = _REFUSED | without("model")
NUMBER_MODEL = _REFUSED | setting(model=123)
EMPTY_MODEL = _REFUSED | setting(model="")
UNKNOWN_MODEL = _REFUSED | setting(model=f"no-such-model-{NONCE}")

NO_MESSAGES = _REFUSED | without("messages")
TEXT_MESSAGES = _REFUSED | setting(messages="hi")
EMPTY_MESSAGES = _REFUSED | setting(messages=[])
NUMBER_MESSAGE = _REFUSED | setting(messages=[1])
EMPTY_MESSAGES_STREAMED = EMPTY_MESSAGES | stream

NO_CHOICES = _REFUSED | n(0)
NO_CHOICES_STREAMED = NO_CHOICES | stream
UNKNOWN_MODEL_STREAMED = UNKNOWN_MODEL | stream

NO_ROLE = _REFUSED | setting(messages=[{"content": "hi"}])
UNKNOWN_ROLE = _REFUSED | setting(messages=[{"role": "robot", "content": "hi"}])
NO_CONTENT = _REFUSED | setting(messages=[{"role": "user"}])
TOOL_WITHOUT_CALL = _REFUSED | setting(messages=[{"role": "tool", "tool_call_id": "call_0", "content": "hi"}])
RESULT_OF_ANOTHER_CALL = _REFUSED | setting(
    messages=[
        {"role": "user", "content": "hi"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "call00001", "type": "function", "function": {"name": "get_time", "arguments": "{}"}}
            ],
        },
        {"role": "tool", "tool_call_id": "call00009", "content": "hi"},
    ]
)

AFTER_A_REFUSAL = question("colour, no image", prompts.COLOUR) | costing(20) | after(NUMBER_MESSAGE)
"""A valid question that comes right after a client's mistake; also the control of questions with an image."""

MALFORMED_JSON = _REFUSED | raw("malformed JSON", '{"model":')
TEXT_STREAM = _REFUSED | setting(stream="yes")


NO_KEY = _REFUSED | credential(Credential.NONE)
