"""Tools at work: calls that are streamed, results that come back, arguments that keep their schema."""

from __future__ import annotations

from conformance.asking.change import optional
from conformance.contracts.chat.cases.tooling import (
    DISTINCT,
    FITTING,
    NAMED,
    REQUIRED,
    SEATS,
    SHAPE,
    TOOLS,
    TWO,
    TWO_STREAMED,
    called,
    calls,
    calls_at_all,
    complete_calls,
    fits,
    in_call,
    names,
    question,
    tools_requirement,
)
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.named import turn
from conformance.contracts.chat.reading.calls import Fragment, by_index
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.selecting import every_answer
from conformance.contracts.chat.sources import CLIENTS, OPENAI
from conformance.judging.requirement import MAY, MUST, SHOULD, controls, probes, requirement
from conformance.judging.saying import assume, concerns, needs, warn, wrong

RESULTS = {"call00001": "-14 degrees and foggy", "call00002": "38 degrees and clear"}

TOLD = ("14", "38")

LOOP = question(
    "two cities, with results",
    prompts.WEATHER_TWO,
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [called("call00001", "Paris"), called("call00002", "London")],
    },
    *({**turn("tool", result), "tool_call_id": identity} for identity, result in RESULTS.items()),
    completion_tokens=26,
    tools=TOOLS,
) | optional("tool-role")


@tools_requirement(
    "tools.streamed-deltas",
    SHOULD,
    claimed=MUST,
    source=(OPENAI.chunk_tool_calls, CLIENTS.openai_python),
    hurts="Agents that stream double the names of tools, break their arguments, or lose the call.",
)
@probes(plain=TWO, streamed=TWO_STREAMED)
def test_streamed_calls_can_be_put_together(plain: View, streamed: View) -> None:
    """Streamed calls open with index, id, type and name; what follows only adds to the arguments."""
    expected = plain.tool_calls
    pieces = streamed.tool_fragments
    assume(pieces or not streamed.text.strip(), "the model answers the streamed request in words")
    assume(pieces or expected, "the model does not call a tool")
    assert pieces, wrong(
        "the stream is empty, the same request not streamed calls {names}", streamed, names=names(expected)
    )
    made = streamed.tool_calls
    groups = by_index(pieces)
    opened = [group[0].index for group in groups]
    assert opened == list(range(len(opened))), wrong(
        "streamed calls are numbered {indexes}, not from 0 on",
        *(streamed.at("index", group[0].piece) for group in groups),
        indexes=opened[:5],
    )
    for opening, *later in groups:
        keeps_to_its_call(streamed, opening, later)
    reason = streamed.choices[0].finish_reason
    assume(reason != "length", "the calls were cut")
    whole = all(call.values is not None for call in expected)
    needs(FITTING, whole, "the arguments are no JSON object where they are not streamed either")
    broken = [place for place, call in enumerate(made) if call.values is None]
    assert not broken, wrong(
        "the streamed pieces of arguments are no JSON object: {arguments!r}",
        *(streamed.at("function.arguments", groups[place][-1].piece) for place in broken),
        arguments=made[broken[0]].arguments[:60] if broken else "",
    )


def keeps_to_its_call(streamed: View, opening: Fragment, later: list[Fragment]) -> None:
    """What follows the opening of a streamed call only adds to it: openai-python joins every string."""
    other = [piece for piece in later if piece.id and piece.id != opening.id]
    needs(DISTINCT, not other, "several calls share the index {index}", index=opening.index)
    for one in later:
        assert not one.id, wrong(
            "the id {id!r} is repeated in later fragments of the call",
            streamed.at("id", one.piece),
            id=one.id,
        )
        assert not one.name, wrong(
            "the name {name!r} is repeated in later fragments of the call",
            streamed.at("function.name", one.piece),
            name=one.name,
        )
        assert one.type in (None, "function"), wrong(
            "a later fragment has the type {type!r}", streamed.at("type", one.piece), type=one.type
        )


@requirement(
    "tools.result-loop",
    SHOULD,
    claimed=MUST,
    source=OPENAI.tool_message,
    claim="tool-role",
    basis=SHAPE,
    hurts="Whatever the tools find out, the model does not know.",
)
@controls(before=TWO)
@probes(told=LOOP)
def test_results_of_tools_are_used(before: View, told: View) -> None:
    """What tools answered, in messages of the role tool, reaches the model and is used."""
    text = told.text
    if any(result in text for result in TOLD):
        return
    if before.served and before.has_usage and told.has_usage:
        extra = told.usage.prompt - before.usage.prompt
        assert extra > 0, wrong(
            "the results do not reach the model: {extra:+d} prompt tokens with them",
            told.at("usage.prompt_tokens"),
            extra=extra,
        )
    one, other = TOLD
    assume(
        False,
        "told of {one} and {other} degrees by the tools, the model answers {text!r}",
        one=one,
        other=other,
        text=text[:60],
    )


@tools_requirement(
    "tools.strict-arguments",
    MAY,
    claimed=MUST,
    source=OPENAI.strict,
    hurts="Programs that rely on the schema pass on what it forbids.",
)
@controls(able=TWO, named=NAMED)
@probes(strict=REQUIRED)
def test_strict_arguments_keep_to_the_schema(able: View, named: View, strict: View) -> None:
    """With `strict: true` arguments keep to the tool's schema, even where the prompt asks for others."""
    calls_at_all(able, named)
    ordinary = all(fits(view, call) for view in (able, named) for call in complete_calls(view))
    needs(FITTING, ordinary, "ordinary arguments do not match their schema either")
    needs("tools.required-choice", calls(strict), "tool_choice `required` gives no call")
    made = complete_calls(strict)
    assume(made, "the answer was cut in the middle of the call")
    for call in made:
        values = call.values or {}
        kept = values.keys() == {"seat"} and values["seat"] in SEATS
        assert kept, wrong(
            "the schema allows only a seat of {seats}, but got {arguments!r}",
            in_call(strict, "function.arguments", call),
            seats=", ".join(SEATS),
            arguments=call.arguments[:60],
        )


@requirement(
    "tools.absent-when-not-asked",
    MUST,
    source=OPENAI.tool_calls,
    hurts="Clients act on a call that nobody offered.",
)
@every_answer
def test_nothing_is_called_without_tools(answer: View) -> None:
    """Where no tools were offered, the answer has no `tool_calls`."""
    offered = answer.request.get("tools") or answer.request.get("functions")
    concerns(not offered, "tools were offered")
    if answer.streamed:
        assert not answer.tool_fragments, wrong(
            "a stream has tool calls though no tools were offered",
            answer.at("", answer.tool_fragments[0].piece),
        )
        return
    given = answer.choices[0].message.get("tool_calls")
    where = answer.at("message.tool_calls", answer.choices[0])
    assert not given, wrong("tool_calls is {calls!r} though no tools were offered", where, calls=given)
    if given is not None:
        warn(
            "tool_calls is {calls!r} where there are none: clients that test for null take it for calls",
            where,
            calls=given,
        )
