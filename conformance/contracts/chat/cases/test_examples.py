"""The requests printed in the provider's documents: they work as printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from conformance.contracts.chat.probes.named import ORDERED_BY_DEVELOPER, documented_examples
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import METHOD, OPENAI
from conformance.judging.requirement import MUST, SHOULD, Wanted, controls, probes_for, requirement
from conformance.judging.saying import assume, concerns, needs, note, wrong
from conformance.provider.model import Claims
from conformance.wire.excerpt import describe
from conformance.wire.message import Message
from conformance.wire.place import Place
from conformance.wire.strict_json import is_integer

FEWEST = 4
MOST = 60
FAR_TOO_MANY = 150
"""Prompt tokens. The documents print 13 to 26; some chat templates add up to 70 of their own."""

KINDS: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": is_integer,
    "number": lambda value: is_integer(value) or isinstance(value, float),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "null": lambda value: value is None,
}


OWNERS: Mapping[str, str] = {
    "id": "envelope.id-present",
    "object": "envelope.object-constant",
    "created": "envelope.created-integer",
    "model": "envelope.model-names-the-requested",
    "choices": "envelope.one-choice-by-default",
    "choices[0].index": "envelope.index-is-position",
    "choices[0].message.role": "envelope.role-assistant",
    "choices[0].message.content": "envelope.content-text",
    "choices[0].finish_reason": "envelope.finish-reason-known",
    "usage": "usage.present-and-integer",
    "usage.prompt_tokens": "usage.present-and-integer",
    "usage.completion_tokens": "usage.present-and-integer",
    "usage.total_tokens": "usage.present-and-integer",
}
"""Members that every answer must have, whatever the documents print, and the requirement that says so."""


def examples(claims: Claims) -> Wanted:
    """Each documented request, in the order of the documents."""
    return {"answers": tuple(documented_examples(claims).values())}


def at(value: Any, path: str) -> tuple[Any, ...]:
    """The value at a path such as `choices[0].index`, or nothing where there is none."""
    for step in re.findall(r"[^.\[\]]+", path):
        if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            return ()
    return (value,)


def unlike(answer: Mapping[str, Any], members: Mapping[str, str]) -> dict[str, Message]:
    """What is missing or of another type than printed: what is wrong, by path."""
    found = {}
    for path, kind in members.items():
        values = at(answer, path)
        if not values:
            found[path] = Message.of("{path} is missing", path=path)
        elif not KINDS[kind](values[0]):
            value = describe(values[0])
            found[path] = Message.of("{path} is {value} instead of {kind}", path=path, value=value, kind=kind)
    return found


def plain(view: View) -> bool:
    """The prompt consists of texts: no images, no tools, which are counted too."""
    contents = [message.get("content") for message in view.request.get("messages", ())]
    return "tools" not in view.request and all(isinstance(content, str) for content in contents)


def longer_than_usual(view: View) -> int:
    """How many characters, and so at most about how many tokens, a prompt has beyond a short one."""
    return max(0, sum(len(message["content"]) for message in view.request["messages"]) - 100)


def may_differ(view: View, printed: Mapping[str, Any], claims: Claims) -> bool:
    """The example is printed for another model, and uses what the documents say depends on the model."""
    dependent = [name for name in view.exchange.claims if claims.detail(name, "model_dependent")]
    return bool(dependent) and printed.get("model") != view.exchange.model


@requirement(
    "examples.documented-example-works",
    MUST,
    source=OPENAI.example,
    hurts="The first request that anybody tries, copied from the documents, does not work.",
)
@controls(developer=ORDERED_BY_DEVELOPER)
@probes_for(examples)
def test_documented_example_works(developer: View, answers: tuple[View, ...], claims: Claims) -> None:
    """Each request printed in the documents is answered with every member that is printed, of that type."""
    concerns(answers, "the documents print no request")
    for answer, example in zip(answers, claims.examples, strict=True):
        assume(answer.served or not may_differ(answer, example.body, claims), answer.refusal_in_words)
        instructed = any(message.get("role") == "developer" for message in answer.request["messages"])
        needs("messages.developer-role", developer.served or not instructed, answer.refusal_in_words)
        if answer.status // 100 == 3 or answer.status in (401, 403):
            answer.require_answer()
        assert answer.served, wrong(
            "{probe} gets {refusal}",
            answer.at_status(),
            probe=answer.probe,
            refusal=answer.refusal_in_words,
        )
        if answer.streamed:
            assert answer.stream.events, wrong(
                "{probe} is not answered with a stream", answer.at_byte(0), probe=answer.probe
            )
            continue
        faults = unlike(answer.json, example.members)
        own = [path for path in faults if path not in OWNERS]
        assert not own, wrong(
            "{probe}: {faults}",
            *map(answer.at, own[:3]),
            probe=answer.probe,
            faults=[faults[path] for path in own[:3]],
        )
        for path, fault in faults.items():
            missing = path.startswith("choices[0]") and not answer.json["choices"]
            owner = OWNERS["choices"] if missing else OWNERS[path]
            needs(owner, False, "{probe}: {fault}", probe=answer.probe, fault=fault)


@requirement(
    "examples.prompt-tokens-plausible",
    SHOULD,
    source=METHOD.practice,
    hurts="A hidden prompt steers the answers, and is paid for in every request.",
)
@probes_for(examples)
def test_prompt_tokens_of_the_example_are_plausible(answers: tuple[View, ...]) -> None:
    """The prompt of a documented example costs about as many tokens as the documents print."""
    counted = [answer for answer in answers if not answer.streamed and plain(answer)]
    concerns(counted, "the documents print no request with text only that is not streamed")
    billed = [answer.usage.prompt for answer in counted]
    needs("usage.counts-positive", min(billed) > 0, "{least} prompt tokens are billed", least=min(billed))
    excess = [(answer, answer.usage.prompt - longer_than_usual(answer)) for answer in counted]
    odd = [one for one in excess if not FEWEST <= one[1] <= FAR_TOO_MANY]
    assert not odd, wrong("prompt tokens for a short prompt: {tokens}", *prompts(odd), tokens=each(odd))
    high = [one for one in excess if one[1] > MOST]
    if high:
        note(
            "the chat template seems to add a text of its own; prompt tokens: {tokens}",
            *prompts(high),
            tokens=each(high),
        )


def prompts(counted: Sequence[tuple[View, int]]) -> list[Place]:
    """Where the answers say what their prompts cost."""
    return [answer.at("usage.prompt_tokens") for answer, _ in counted]


def each(counted: Sequence[tuple[View, int]]) -> str:
    """The counts, by probe."""
    return ", ".join(f"{answer.probe}: {tokens}" for answer, tokens in counted)


@requirement("examples.documented-answer", SHOULD, source=OPENAI.example)
@probes_for(examples)
def test_documented_answer_is_given(answers: tuple[View, ...], claims: Claims) -> None:
    """The answer to a documented example has the word in it that the printed answer makes certain."""
    certain = [pair for pair in zip(answers, claims.examples, strict=True) if pair[1].expect]
    concerns(certain, "the documents print no answer that is certain")
    for answer, example in certain:
        assume(answer.text.strip(), "{probe}: there is no visible text", probe=answer.probe)
        assert example.expect.lower() in answer.text.lower(), wrong(
            "{probe}: {text!r}", answer.at_text(), probe=answer.probe, text=answer.text[:60]
        )
