"""Tools: calls have the shape that clients read, the choice among tools is kept, and results are used.

What a model calls, and with what, is its own affair. What `tool_choice`, `parallel_tool_calls` and `strict`
promise is the provider's: so they are asked for against the prompt, where obeying cannot be chance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import Any

from conformance.asking.change import costing, optional, setting, stream
from conformance.asking.probe import Probe
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.ask import ask
from conformance.contracts.chat.probes.named import turn
from conformance.contracts.chat.reading.calls import Fragment, ToolCall, by_index
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.selecting import every_answer
from conformance.contracts.chat.sources import CLIENTS, OPENAI
from conformance.judging.requirement import MAY, MUST, SHOULD, controls, probes, requirement
from conformance.judging.saying import assume, concerns, needs, warn, wrong
from conformance.wire.place import Place

SHAPE = "tools.call-shape"
FITTING = "tools.arguments-match-schema"
DISTINCT = "tools.parallel-calls-distinct"

tools_requirement = partial(requirement, source=OPENAI.tool_calls, claim="tools", basis=SHAPE)
choice_requirement = partial(requirement, source=OPENAI.tool_choice, claim="tool_choice", basis=SHAPE)


def function(name: str, description: str, *, strict: bool = False, **properties: Any) -> dict[str, Any]:
    """A tool that takes these arguments, all of them required."""
    parameters = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    described = {"name": name, "description": description, "parameters": parameters}
    return {"type": "function", "function": {**described, **({"strict": True} if strict else {})}}


def question(name: str, *messages: Any, completion_tokens: int = 10, **parameters: Any) -> Probe:
    """A question that is answered by a call; the limit leaves room for models that think first."""
    return ask(
        name, *messages, temperature=0, max_tokens=400, completion_tokens=completion_tokens, **parameters
    )


CITY = {"type": "string"}
WEATHER, TIME, RESERVE = "get_weather", "get_time", "reserve_seat"
TOOLS = [
    function(WEATHER, "The current weather in a city.", city=CITY),
    function(TIME, "The current time in a city.", city=CITY),
]
SEATS = ("teal-41", "plum-87")
"""Nobody guesses these, so arguments that have one of them follow the schema."""

TWO = question("two cities", prompts.WEATHER_TWO, completion_tokens=22, tools=TOOLS)
TWO_STREAMED = TWO | stream
ONE_AT_A_TIME = TWO | setting(parallel_tool_calls=False) | costing(10)
FORBIDDEN = TWO | setting(tool_choice="none")
NAMED = question("one city", prompts.WEATHER, tools=TOOLS) | setting(
    tool_choice={"type": "function", "function": {"name": TIME}}
)
SEAT = {"type": "string", "enum": SEATS}
REQUIRED = question(
    "strict tool, no tool wanted",
    prompts.NO_TOOL,
    tools=[function(RESERVE, "Reserves a seat.", strict=True, seat=SEAT)],
) | setting(tool_choice="required")


def called(identity: str, city: str) -> dict[str, Any]:
    """A call in the history. Some services take ids of nine letters and digits only, and all take those."""
    arguments = f'{{"city": "{city}"}}'
    return {"id": identity, "type": "function", "function": {"name": WEATHER, "arguments": arguments}}


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


def calls(view: View) -> tuple[ToolCall, ...]:
    """The calls of an answer, unless it was cut before it came to any."""
    cut = view.choices[0].finish_reason == "length"
    assume(view.tool_calls or not cut, "the answer was cut before any call")
    return view.tool_calls


def complete_calls(*views: View) -> list[ToolCall]:
    """The calls of all answers that were served, but for those in the middle of which an answer was cut."""
    made: list[ToolCall] = []
    for view in views:
        if view.served:
            cut = view.choices[0].finish_reason == "length"
            made += view.tool_calls[:-1] if cut else view.tool_calls
    return made


def calls_at_all(*views: View) -> None:
    """Some tool is called somewhere; otherwise that is the finding, not this."""
    made = any(view.served and view.tool_calls for view in views)
    needs(SHAPE, made, "no tool is called, whatever tool_choice says")


def chooses_to_call(auto: View) -> tuple[ToolCall, ...]:
    """The model calls tools of its own accord; otherwise nothing can be shown."""
    made = calls(auto)
    text = auto.text[:40]
    assume(made, "left the choice, the model does not call a tool, but says {text!r}", text=text)
    return made


def offered(view: View) -> set[str]:
    """The names of the tools that a request offers."""
    return {tool["function"]["name"] for tool in view.request["tools"]}


def fits(call: ToolCall) -> bool:
    """The arguments are an object with the city that the schema requires."""
    return isinstance((call.values or {}).get("city"), str)


def in_call(view: View, path: str, call: ToolCall) -> Place:
    """The place of a member of a call; in a stream, of the piece that opens it."""
    place = next(number for number, one in enumerate(view.tool_calls) if one is call)
    if view.streamed:
        return view.at(path, by_index(view.tool_fragments)[place][0].piece)
    return view.at(f"message.tool_calls[{place}].{path}", view.choices[0])


def names(made: Iterable[ToolCall]) -> str:
    """Which tools are called."""
    return ", ".join(call.name[:40] for call in made)


@tools_requirement(
    SHAPE,
    MAY,
    claimed=MUST,
    source=(OPENAI.tools, OPENAI.tool_calls),
    basis=None,
    hurts="Agents get a call that they cannot read: an answer in which nothing happens.",
)
@probes(auto=TWO, named=NAMED, required=REQUIRED)
def test_tools_are_called(auto: View, named: View, required: View) -> None:
    """A tool that is offered is called: with an id, a type, its name, and the arguments as a string."""
    answers = [view for view in (named, required, auto) if view.served] or [auto]
    made = [call for view in answers for call in view.tool_calls]
    unknown = [(view, call) for view in answers for call in view.tool_calls if call.name not in offered(view)]
    assert not unknown, wrong(
        "a tool is called that was not offered: {names}",
        *(in_call(view, "function.name", call) for view, call in unknown),
        names=names(call for _, call in unknown),
    )
    forced = [view for view in answers if view is not auto]
    assume(made or forced, "the model calls no tool of its own accord")
    cut = any(view.choices[0].finish_reason == "length" for view in forced)
    assume(made or not cut, "the answer was cut before any call")
    assert made, wrong(
        "no tool is called, not even where one has to be: the answer is {text!r}",
        *(view.at_text() for view in forced),
        text=forced[0].text[:60],
    )


@choice_requirement(
    "tools.required-choice",
    MAY,
    claimed=MUST,
    hurts="Routers and extractors that count on a call get chatter.",
)
@controls(able=TWO, named=NAMED)
@probes(required=REQUIRED)
def test_required_tool_is_called(able: View, named: View, required: View) -> None:
    """With tool_choice `required` a tool is called, even where the prompt wants none."""
    calls_at_all(able, named)
    needs("tools.strict-arguments", required.served, "the request is refused: its tool is strict")
    made = calls(required)
    assert made, wrong(
        "tool_choice `required` gives no call, but the text {text!r}",
        required.at_text(),
        text=required.text[:60],
    )


@choice_requirement(
    "tools.named-choice-among-several",
    MAY,
    claimed=MUST,
    hurts="Extraction by a tool of one's own calls another tool, or none.",
)
@controls(able=TWO, required=REQUIRED)
@probes(named=NAMED)
def test_named_tool_is_called(able: View, required: View, named: View) -> None:
    """With one of several tools named in tool_choice, this one is called, whatever the prompt asks for."""
    calls_at_all(able, required)
    made = calls(named)
    assert made, wrong(
        "`{tool}` is named in tool_choice, but the answer is the text {text!r}",
        named.at_text(),
        tool=TIME,
        text=named.text[:60],
    )
    others = [call for call in made if call.name != TIME]
    assert not others, wrong(
        "`{tool}` is named in tool_choice, but called: {names}",
        *(in_call(named, "function.name", call) for call in others),
        tool=TIME,
        names=names(made),
    )


@tools_requirement(
    "tools.finish-reason",
    SHOULD,
    claimed=MUST,
    source=OPENAI.finish_reason,
    hurts="Agents that loop while finish_reason is tool_calls stop before the call.",
)
@probes(plain=TWO, streamed=TWO_STREAMED)
def test_finish_reason_is_tool_calls(plain: View, streamed: View) -> None:
    """finish_reason is `tool_calls` where the model chose to call tools."""
    chooses_to_call(plain)
    for view in (plain, streamed):
        if view.streamed and not view.tool_fragments:
            continue
        reason = view.finish_reason
        assume(reason != "length", "the calls were cut")
        assert reason == "tool_calls", wrong(
            "finish_reason is {reason!r} after tool calls ({probe})",
            view.at("finish_reason", view.choices[0]),
            reason=reason,
            probe=view.probe,
        )


@tools_requirement(FITTING, SHOULD, source=OPENAI.tool_arguments)
@probes(auto=TWO, named=NAMED)
def test_arguments_match_the_schema(auto: View, named: View) -> None:
    """The arguments of a call are a JSON object with what the tool's schema requires."""
    calls_at_all(auto, named)
    made = [(view, call) for view in (auto, named) for call in complete_calls(view)]
    assume(made, "the answers were cut in the middle of their calls")
    unfit = [(view, call) for view, call in made if not fits(call)]
    assert not unfit, wrong(
        "{count} of {all} calls lack the required `city`: {arguments!r}",
        *(in_call(view, "function.arguments", call) for view, call in unfit),
        count=len(unfit),
        all=len(made),
        arguments=unfit[0][1].arguments[:60],
    )


@choice_requirement(
    "tools.choice-none", SHOULD, claimed=MUST, hurts="Clients that ask for a summary get another call."
)
@controls(auto=TWO)
@probes(none=FORBIDDEN)
def test_no_tool_is_called_where_none_may_be(auto: View, none: View) -> None:
    """With tool_choice `none` no tool is called."""
    chooses_to_call(auto)
    assert not none.tool_calls, wrong(
        "tool_choice is `none`, but called: {names}",
        in_call(none, "function.name", none.tool_calls[0]),
        names=names(none.tool_calls),
    )


@requirement(
    "tools.parallel-calls-switched-off",
    MAY,
    claimed=MUST,
    source=OPENAI.parallel_tool_calls,
    claim="parallel_tool_calls",
    basis=SHAPE,
    hurts="Tools with side effects, whose calls must not race, are called at the same time.",
)
@controls(auto=TWO)
@probes(single=ONE_AT_A_TIME)
def test_parallel_calls_can_be_switched_off(auto: View, single: View) -> None:
    """With `parallel_tool_calls: false` there is at most one call, where there are several without."""
    several = chooses_to_call(auto)
    assume(len(several) > 1, "the model makes one call for two cities anyway")
    made = calls(single)
    assert len(made) <= 1, wrong(
        "{count} calls though parallel_tool_calls is false", in_call(single, "", made[1]), count=len(made)
    )


@tools_requirement(DISTINCT, SHOULD, claimed=MUST, hurts="Results are given to the wrong call.")
@probes(plain=TWO, streamed=TWO_STREAMED)
def test_parallel_calls_are_told_apart(plain: View, streamed: View) -> None:
    """Calls of one answer have ids of their own, and in a stream an index of their own too."""
    made = chooses_to_call(plain)
    assume(len(made) > 1, "the model makes one call for two cities")
    assert len({call.id for call in made}) == len(made), wrong(
        "{count} calls have the ids {ids}",
        *(in_call(plain, "id", call) for call in made),
        count=len(made),
        ids=[call.id[:40] for call in made],
    )
    needs("tools.streamed-deltas", streamed.tool_calls, "the stream has no call")
    openings = {(str(piece.index), str(piece.id)): piece for piece in streamed.tool_fragments if piece.id}
    for index, count in Counter(index for index, _ in openings).items():
        assert count == 1, wrong(
            "{count} streamed calls with ids of their own have the index {index}",
            *(streamed.at("index", one.piece) for key, one in openings.items() if key[0] == index),
            count=count,
            index=index,
        )
    for identity, count in Counter(identity for _, identity in openings).items():
        assert count == 1, wrong(
            "{count} streamed calls have the id {id!r}",
            *(streamed.at("id", one.piece) for key, one in openings.items() if key[1] == identity),
            count=count,
            id=identity[:40],
        )


@tools_requirement("tools.ids-unique", SHOULD)
@probes(answers=(TWO, NAMED, REQUIRED))
def test_call_ids_are_unique(answers: tuple[View, ...]) -> None:
    """The id of a tool call is given only once, not again in the next answer."""
    given = [(view, {call.id: call for call in view.tool_calls}) for view in answers if view.served]
    assume(sum(bool(calls) for _, calls in given) > 1, "fewer than two answers call a tool")
    found = Counter(identity for _, calls in given for identity in calls)
    again = [identity for identity, count in found.items() if count > 1]
    assert not again, wrong(
        "{count} answers have a call with the id {id!r}",
        *(in_call(view, "id", calls[again[0]]) for view, calls in given if again[0] in calls),
        count=found[again[0]],
        id=again[0][:40],
    )


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
    ordinary = all(map(fits, complete_calls(able, named)))
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
