"""Tools whose parameters are models within models, as Pydantic and Zod write them."""

from __future__ import annotations

from conformance.asking.change import setting
from conformance.contracts.chat.cases.schemas import departures, is_taken, record, referred
from conformance.contracts.chat.cases.tooling import (
    NAMED,
    REQUIRED,
    RESERVE,
    SEATS,
    TWO,
    calls_at_all,
    complete_calls,
    in_call,
    question,
    tools_requirement,
)
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.reading import given_schema
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import OPENAI
from conformance.judging.requirement import MUST, SHOULD, controls, probes
from conformance.judging.saying import assume, needs, wrong

BOOKING = {
    "$defs": {
        "Seat": {"type": "string", "enum": SEATS, "title": "Seat"},
        "Place": record(seat=referred("Seat")),
    },
    **record(place=referred("Place"), extra={"anyOf": [referred("Seat"), {"type": "null"}]}),
}

REFERRING_TOOL = question(
    "tool with references, no tool wanted",
    prompts.NO_TOOL,
    tools=[
        {
            "type": "function",
            "function": {
                "name": RESERVE,
                "description": "Reserves a seat.",
                "parameters": BOOKING,
                "strict": True,
            },
        }
    ],
) | setting(tool_choice="required")


@tools_requirement(
    "tools.references-resolved",
    SHOULD,
    claimed=MUST,
    source=OPENAI.strict,
    hurts="Tools whose arguments are models within models, as Pydantic and Zod write them, cannot be used.",
)
@controls(able=REQUIRED, calling=(TWO, NAMED))
@probes(answer=REFERRING_TOOL)
def test_references_in_tools_are_resolved(able: View, calling: tuple[View, ...], answer: View) -> None:
    """The parameters of a strict tool may have `$defs` and `$ref`, and hold through them."""
    calls_at_all(able, *calling)
    assume(able.last.status not in (400, 422), "a forced call is refused without references, too")
    is_taken(answer, "a tool with `$defs` and `$ref` in its parameters")
    strict = all((call.values or {}).get("seat") in SEATS for call in complete_calls(able))
    made = complete_calls(answer)
    assume(made, "no call was made, or it was cut")
    needs(
        "tools.strict-arguments",
        able.served and able.tool_calls and strict,
        "no strict schema of a tool holds",
    )
    for call in made:
        values = call.values or {}
        assert given_schema.fits(BOOKING, values), wrong(
            "arguments do not match a schema with `$defs` and `$ref`: {departures}",
            in_call(answer, "function.arguments", call),
            departures="; ".join(departures(BOOKING, values)) or call.arguments[:60],
        )
