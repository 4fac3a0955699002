"""The tools that are offered, and what is read of a call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from conformance.asking.change import costing, setting, stream
from conformance.asking.probe import Probe
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.ask import ask
from conformance.contracts.chat.probes.change import max_tokens, n, stream_usage
from conformance.contracts.chat.reading.calls import ToolCall, by_index
from conformance.contracts.chat.reading.choices import Choice
from conformance.contracts.chat.reading.offering import offered
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.selecting import is_answer
from conformance.contracts.chat.sources import OPENAI
from conformance.contracts.hidden import CannotSee
from conformance.judging.requirement import every, requirement
from conformance.judging.saying import assume, needs
from conformance.wire.place import Place

SHAPE = "tools.call-shape"

FITTING = "tools.arguments-match-schema"

DISTINCT = "tools.parallel-calls-distinct"

STREAMED = "tools.streamed-deltas"

SAME = "tools.same-when-streamed"

IN_TEXT = "tools.calls-not-in-text"

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


FORBIDDEN = TWO | setting(tool_choice="none")

ONE_AT_A_TIME = TWO | setting(parallel_tool_calls=False) | costing(10)

NOW = "current_time"

NO_PARAMETERS = question(
    "tool without parameters",
    prompts.NOW,
    completion_tokens=3,
    tools=[function(NOW, "The time now.")],
) | setting(tool_choice="required")

TABLE = "book_table"

TYPED = question(
    "typed arguments beside text",
    prompts.TABLE,
    completion_tokens=65,
    tools=[
        {
            "type": "function",
            "function": {
                "name": TABLE,
                "description": "Books a table.",
                "parameters": {
                    "type": "object",
                    "properties": {
                        "guest": {
                            "type": "object",
                            "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
                            "required": ["name", "age"],
                        },
                        "seats": {"type": "integer"},
                        "area": {"type": "string", "enum": ["inside", "terrace"]},
                        "dishes": {"type": "array", "items": {"type": "string"}},
                        "vegan": {"type": "boolean"},
                        "remark": {"type": "string"},
                    },
                    "required": ["guest", "seats", "area", "dishes", "vegan"],
                },
            },
        }
    ],
)
"""Its arguments are nested, a number, one of two words, a list, a truth value; and one may be absent."""

CHOICES = (
    ask(
        "one city",
        prompts.WEATHER,
        max_tokens=400,
        completion_tokens=20,
        tools=TOOLS,
        tool_choice={"type": "function", "function": {"name": TIME}},
    )
    | setting(logprobs=True)
    | n(2)
    | costing(20)
)
"""Without a temperature: some services take several choices only above 0."""

CUT_AT = 40
"""Leaves room for the name of a tool in any mark-up, and none for the whole alphabet."""

CUT = ask(
    "note",
    prompts.NOTE,
    temperature=0,
    tools=[function("save_note", "Saves a note.", text=CITY)],
    tool_choice={"type": "function", "function": {"name": "save_note"}},
) | max_tokens(CUT_AT)
"""A call that is cut in the middle of its arguments."""

NAMED_STREAMED = NAMED | stream

_ASKED_BOTH_WAYS = (TWO, REQUIRED, FORBIDDEN, ONE_AT_A_TIME, NO_PARAMETERS, TYPED)

PAIRS = (*((one, one | stream) for one in _ASKED_BOTH_WAYS), (NAMED, NAMED_STREAMED))
"""The same request, not streamed and streamed."""


every_offer = every(
    "answer that may call tools",
    lambda view: is_answer(view) and offered(view.request) is not None,
    *(TWO, TWO_STREAMED, REQUIRED, REQUIRED | stream),
)
"""The case gets each answer to a request that offers functions, and nothing else."""


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
        for choice in view.choices if view.served else ():
            found = view.calls_of(choice)
            made += found[:-1] if choice.finish_reason == "length" else found
    return made


def streams_text(text: View, streamed: View) -> bool:
    """Whether a stream without tools has the text of the answer that is not streamed, but for its ends."""
    return text.last.succeeded and streamed.last.succeeded and text.text.strip() == streamed.text.strip()


def cut_unsaid(view: View, choice: Choice) -> bool:
    """Whether the limit cut the arguments of a choice's last call, and finish_reason says that it is whole.

    Where usage is not told, the characters have to be as many as the limit: no token has less than one.
    """
    made = view.calls_of(choice)
    if choice.finish_reason == "length" or view.limit is None or not made or not made[-1].unclosed:
        return False
    written = len(choice.text) + sum(len(call.arguments) for call in made)
    return (view.usage.completion if view.has_usage else written) >= view.limit


def calls_at_all(*views: View) -> None:
    """Some tool is called somewhere; otherwise that is the finding, not this."""
    made = any(view.served and view.tool_calls for view in views)
    needs(SHAPE, made, "no tool is called, whatever tool_choice says")


def in_call(view: View, path: str, call: ToolCall) -> Place:
    """The place of a member of a call; in a stream, of the piece that opens it."""
    choice, place = next(
        (choice, place)
        for choice in view.choices
        for place, one in enumerate(view.calls_of(choice))
        if one is call
    )
    if view.streamed:
        return view.at(path, by_index(view.fragments_of(choice))[place][0].piece)
    return view.at(f"message.tool_calls[{place}].{path}", choice)


def names(made: Iterable[ToolCall]) -> str:
    """Which tools are called."""
    return ", ".join(call.name[:40] for call in made)


def spoken(view: View) -> Iterator[str]:
    """The texts of a request's messages."""
    turns = view.request.get("messages")
    for turn in turns if isinstance(turns, list) else ():
        content = turn.get("content") if isinstance(turn, dict) else None
        for part in content if isinstance(content, list) else [{"text": content}]:
            text = part.get("text") if isinstance(part, dict) else None
            if isinstance(text, str):
                yield text
