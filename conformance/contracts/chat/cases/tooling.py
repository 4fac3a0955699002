"""The tools that are offered, and what is read of a call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from conformance.asking.change import setting, stream
from conformance.asking.probe import Probe
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.ask import ask
from conformance.contracts.chat.probes.change import stream_usage
from conformance.contracts.chat.reading.calls import ToolCall, by_index
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import OPENAI
from conformance.contracts.hidden import CannotSee
from conformance.judging.requirement import requirement
from conformance.judging.saying import assume, needs, wrong
from conformance.wire.place import Place

SHAPE = "tools.call-shape"

FITTING = "tools.arguments-match-schema"

DISTINCT = "tools.parallel-calls-distinct"

tools_requirement = partial(requirement, source=OPENAI.tool_calls, claim="tools", basis=SHAPE)


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

TWO_USAGE = TWO_STREAMED | stream_usage

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


def calls(view: View) -> tuple[ToolCall, ...]:
    """The calls of an answer, unless it was cut before it came to any."""
    cut = view.choices[0].finish_reason == "length"
    assume(view.tool_calls or not cut, "the answer was cut before any call")
    return view.tool_calls


def calls_of(view: View) -> tuple[ToolCall, ...]:
    """The calls of an answer, as far as they can be read."""
    try:
        return view.tool_calls
    except CannotSee:
        return ()


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


def offered(view: View) -> set[str]:
    """The names of the tools that a request offers."""
    return {tool["function"]["name"] for tool in view.request["tools"]}


def required_of(view: View, call: ToolCall) -> Mapping[str, Any]:
    """The members that the called tool's schema requires, each with its schema."""
    functions = [tool["function"] for tool in view.request["tools"]]
    schema = next((one.get("parameters") for one in functions if one.get("name") == call.name), None)
    if not isinstance(schema, dict):
        return {}
    properties, required = schema.get("properties"), schema.get("required")
    described = properties if isinstance(properties, dict) else {}
    names = required if isinstance(required, list) else []
    return {name: described.get(name, {}) for name in names if isinstance(name, str)}


def fits(view: View, call: ToolCall) -> bool:
    """The arguments are an object with what the schema requires, of the types that it names."""
    values = call.values
    return values is not None and all(
        name in values and _of_type(values[name], schema) for name, schema in required_of(view, call).items()
    )


_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "integer": (int, float),
    "array": list,
    "object": dict,
    "boolean": bool,
}


def _of_type(value: Any, schema: Any) -> bool:
    kind = _TYPES.get(str(schema.get("type"))) if isinstance(schema, dict) else None
    return kind is None or isinstance(value, kind)


def arguments_fit(*views: View) -> None:
    """The arguments of all calls that were not cut fit."""
    made = [(view, call) for view in views for call in complete_calls(view)]
    assume(made, "the answers were cut in the middle of their calls")
    unfit = [(view, call) for view, call in made if not fits(view, call)]
    if not unfit:
        return
    view, call = unfit[0]
    required = ", ".join(required_of(view, call))[:60]
    wrong(
        "{count} of {all} calls have arguments that are no object with `{required}`: {arguments!r}"
        if required
        else "{count} of {all} calls have arguments that are no object: {arguments!r}",
        *(in_call(view, "function.arguments", call) for view, call in unfit),
        count=len(unfit),
        all=len(made),
        arguments=call.arguments[:60],
        **({"required": required} if required else {}),
    )


def in_call(view: View, path: str, call: ToolCall) -> Place:
    """The place of a member of a call; in a stream, of the piece that opens it."""
    place = next(number for number, one in enumerate(view.tool_calls) if one is call)
    if view.streamed:
        return view.at(path, by_index(view.tool_fragments)[place][0].piece)
    return view.at(f"message.tool_calls[{place}].{path}", view.choices[0])


def names(made: Iterable[ToolCall]) -> str:
    """Which tools are called."""
    return ", ".join(call.name[:40] for call in made)
