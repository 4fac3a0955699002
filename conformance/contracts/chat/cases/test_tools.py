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
from conformance.judging.requirement import MAY, MUST, SHOULD, probes, requirement
from conformance.judging.saying import assume, concerns, needs, warn

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
    assume(made, f"left the choice, the model does not call a tool, but says {auto.text[:40]!r}")
    return made


def offered(view: View) -> set[str]:
    """The names of the tools that a request offers."""
    return {tool["function"]["name"] for tool in view.request["tools"]}


def fits(call: ToolCall) -> bool:
    """The arguments are an object with the city that the schema requires."""
    return isinstance((call.values or {}).get("city"), str)


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
    unknown = [call for view in answers for call in view.tool_calls if call.name not in offered(view)]
    assert not unknown, f"a tool is called that was not offered: {names(unknown)}"
    forced = [view for view in answers if view is not auto]
    assume(made or forced, "the model calls no tool of its own accord")
    cut = any(view.choices[0].finish_reason == "length" for view in forced)
    assume(made or not cut, "the answer was cut before any call")
    assert made, f"no tool is called, not even where one has to be: the answer is {forced[0].text[:60]!r}"


@choice_requirement(
    "tools.required-choice",
    MAY,
    claimed=MUST,
    hurts="Routers and extractors that count on a call get chatter.",
)
@probes(able=TWO, named=NAMED, required=REQUIRED)
def test_required_tool_is_called(able: View, named: View, required: View) -> None:
    """With tool_choice `required` a tool is called, even where the prompt wants none."""
    calls_at_all(able, named)
    needs("tools.strict-arguments", required.served, "the request is refused: its tool is strict")
    made = calls(required)
    assert made, f"tool_choice `required` gives no call, but the text {required.text[:60]!r}"


@choice_requirement(
    "tools.named-choice-among-several",
    MAY,
    claimed=MUST,
    hurts="Extraction by a tool of one's own calls another tool, or none.",
)
@probes(able=TWO, required=REQUIRED, named=NAMED)
def test_named_tool_is_called(able: View, required: View, named: View) -> None:
    """With one of several tools named in tool_choice, this one is called, whatever the prompt asks for."""
    calls_at_all(able, required)
    made = calls(named)
    assert made, f"`{TIME}` is named in tool_choice, but the answer is the text {named.text[:60]!r}"
    assert {call.name for call in made} == {TIME}, (
        f"`{TIME}` is named in tool_choice, but called: {names(made)}"
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
        assert reason == "tool_calls", f"finish_reason is {reason!r} after tool calls ({view.probe})"


@tools_requirement(FITTING, SHOULD, source=OPENAI.tool_arguments)
@probes(auto=TWO, named=NAMED)
def test_arguments_match_the_schema(auto: View, named: View) -> None:
    """The arguments of a call are a JSON object with what the tool's schema requires."""
    calls_at_all(auto, named)
    made = complete_calls(auto, named)
    assume(made, "the answers were cut in the middle of their calls")
    wrong = [call.arguments for call in made if not fits(call)]
    assert not wrong, f"{len(wrong)} of {len(made)} calls lack the required `city`: {wrong[0][:60]!r}"


@choice_requirement(
    "tools.choice-none", SHOULD, claimed=MUST, hurts="Clients that ask for a summary get another call."
)
@probes(auto=TWO, none=FORBIDDEN)
def test_no_tool_is_called_where_none_may_be(auto: View, none: View) -> None:
    """With tool_choice `none` no tool is called."""
    chooses_to_call(auto)
    assert not none.tool_calls, f"tool_choice is `none`, but called: {names(none.tool_calls)}"


@requirement(
    "tools.parallel-calls-switched-off",
    MAY,
    claimed=MUST,
    source=OPENAI.parallel_tool_calls,
    claim="parallel_tool_calls",
    basis=SHAPE,
    hurts="Tools with side effects, whose calls must not race, are called at the same time.",
)
@probes(auto=TWO, single=ONE_AT_A_TIME)
def test_parallel_calls_can_be_switched_off(auto: View, single: View) -> None:
    """With `parallel_tool_calls: false` there is at most one call, where there are several without."""
    several = chooses_to_call(auto)
    assume(len(several) > 1, "the model makes one call for two cities anyway")
    made = calls(single)
    assert len(made) <= 1, f"{len(made)} calls though parallel_tool_calls is false"


@tools_requirement(DISTINCT, SHOULD, claimed=MUST, hurts="Results are given to the wrong call.")
@probes(plain=TWO, streamed=TWO_STREAMED)
def test_parallel_calls_are_told_apart(plain: View, streamed: View) -> None:
    """Calls of one answer have ids of their own, and in a stream an index of their own too."""
    made = chooses_to_call(plain)
    assume(len(made) > 1, "the model makes one call for two cities")
    assert len({call.id for call in made}) == len(made), (
        f"{len(made)} calls have the ids {[call.id[:40] for call in made]}"
    )
    needs("tools.streamed-deltas", streamed.tool_calls, "the stream has no call")
    openings = {(piece.index, piece.id) for piece in streamed.tool_fragments if piece.id}
    for index, count in Counter(str(index) for index, _ in openings).items():
        assert count == 1, f"{count} streamed calls with ids of their own have the index {index}"
    for identity, count in Counter(str(identity) for _, identity in openings).items():
        assert count == 1, f"{count} streamed calls have the id {identity[:40]!r}"


@tools_requirement("tools.ids-unique", SHOULD)
@probes(answers=(TWO, NAMED, REQUIRED))
def test_call_ids_are_unique(answers: tuple[View, ...]) -> None:
    """The id of a tool call is given only once, not again in the next answer."""
    given = [[call.id for call in view.tool_calls] for view in answers if view.served]
    assume(sum(map(bool, given)) > 1, "fewer than two answers call a tool")
    found = Counter(identity for ids in given for identity in set(ids))
    again = [identity for identity, count in found.items() if count > 1]
    assert not again, f"{found[again[0]]} answers have a call with the id {again[0][:40]!r}"


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
    assert pieces, f"the stream is empty, the same request not streamed calls {names(expected)}"
    made = streamed.tool_calls
    opened = [group[0].index for group in by_index(pieces)]
    assert opened == list(range(len(opened))), f"streamed calls are numbered {opened[:5]}, not from 0 on"
    for opening, *later in by_index(pieces):
        keeps_to_its_call(opening, later)
    reason = streamed.choices[0].finish_reason
    assume(reason != "length", "the calls were cut")
    whole = all(call.values is not None for call in expected)
    needs(FITTING, whole, "the arguments are no JSON object where they are not streamed either")
    broken = [call.arguments for call in made if call.values is None]
    assert not broken, f"the streamed pieces of arguments are no JSON object: {broken[0][:60]!r}"


def keeps_to_its_call(opening: Fragment, later: list[Fragment]) -> None:
    """What follows the opening of a streamed call only adds to it: openai-python joins every string."""
    other = [piece for piece in later if piece.id and piece.id != opening.id]
    needs(DISTINCT, not other, f"several calls share the index {opening.index}")
    for piece in later:
        assert not piece.id, f"the id {piece.id!r:.40} is repeated in later fragments of the call"
        assert not piece.name, f"the name {piece.name!r:.40} is repeated in later fragments of the call"
        assert piece.type in (None, "function"), f"a later fragment has the type {piece.type!r:.20}"


@requirement(
    "tools.result-loop",
    SHOULD,
    claimed=MUST,
    source=OPENAI.tool_message,
    claim="tool-role",
    basis=SHAPE,
    hurts="Whatever the tools find out, the model does not know.",
)
@probes(before=TWO, told=LOOP)
def test_results_of_tools_are_used(before: View, told: View) -> None:
    """What tools answered, in messages of the role tool, reaches the model and is used."""
    text = told.text
    if any(result in text for result in TOLD):
        return
    if before.served and before.has_usage and told.has_usage:
        extra = told.usage.prompt - before.usage.prompt
        assert extra > 0, f"the results do not reach the model: {extra:+d} prompt tokens with them"
    assume(False, f"told of {' and '.join(TOLD)} degrees by the tools, the model answers {text[:60]!r}")


@tools_requirement(
    "tools.strict-arguments",
    MAY,
    claimed=MUST,
    source=OPENAI.strict,
    hurts="Programs that rely on the schema pass on what it forbids.",
)
@probes(able=TWO, named=NAMED, strict=REQUIRED)
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
        assert kept, f"the schema allows only a seat of {' or '.join(SEATS)}, but got {call.arguments[:60]!r}"


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
        assert not answer.tool_fragments, "a stream has tool calls though no tools were offered"
        return
    given = answer.choices[0].message.get("tool_calls")
    assert not given, f"tool_calls is {given!r:.60} though no tools were offered"
    if given is not None:
        warn(f"tool_calls is {given!r} where there are none: clients that test for null take it for calls")
