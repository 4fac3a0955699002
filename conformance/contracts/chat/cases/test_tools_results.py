"""Results of tools: they come back to the model, each of them, in whatever form the contract has for them."""

from __future__ import annotations

from conformance.asking.change import optional, setting, stream
from conformance.contracts.chat.cases.conversing import PARTS, says
from conformance.contracts.chat.cases.test_structured import AGAINST_THE_PROMPT, CAPITAL, keeps_to, members
from conformance.contracts.chat.cases.tooling import (
    SHAPE,
    TOOLS,
    TWO,
    called,
    names,
    question,
    streams_text,
    tools_requirement,
)
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.invalid import RESULT_OF_ANOTHER_CALL, TOOL_WITHOUT_CALL
from conformance.contracts.chat.probes.named import AT_ONCE, AT_ONCE_WORD, COUNT, COUNT_STREAM, turn
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import OPENAI
from conformance.contracts.host.refusing import are_refused
from conformance.judging.requirement import MUST, SHOULD, controls, probes, requirement
from conformance.judging.saying import assume, needs, wrong

LOOP_IS_CLOSED = "tools.result-loop"

RESULTS = {"call00001": "-14 degrees and foggy", "call00002": "38 degrees and clear"}

TOLD = ("14", "38")

SHOWN = (("14", "foggy"), ("38", "clear"))
"""What shows that a result was used, of Paris and of London: a small model gets a number wrong."""

CITIES = ("Paris", "London")

CALLED = [called(identity, city) for identity, city in zip(RESULTS, CITIES, strict=True)]

LOOP = question(
    "two cities, with results",
    prompts.WEATHER_TWO,
    {"role": "assistant", "content": None, "tool_calls": CALLED},
    *({**turn("tool", result), "tool_call_id": identity} for identity, result in RESULTS.items()),
    completion_tokens=26,
    tools=TOOLS,
) | optional("tool-role")

LOOP_STREAMED = LOOP | stream


def parts(*texts: str) -> list[dict[str, str]]:
    """A content of several text parts."""
    return [{"type": "text", "text": text} for text in texts]


LOOP_IN_PARTS = question(
    "two cities, with results in parts, the second first",
    prompts.WEATHER_TWO,
    {"role": "assistant", "content": parts("Let me look that up."), "tool_calls": CALLED},
    *(
        {"role": "tool", "tool_call_id": identity, "content": parts("It is ", result)}
        for identity, result in reversed(RESULTS.items())
    ),
    completion_tokens=32,
    tools=TOOLS,
) | optional("tool-role", "text-parts")

REPORT = {
    "type": "object",
    "properties": {"paris": {"type": "string"}, "london": {"type": "string"}},
    "required": ["paris", "london"],
    "additionalProperties": False,
}

BY_SCHEMA = setting(
    response_format={
        "type": "json_schema",
        "json_schema": {"name": "report", "strict": True, "schema": REPORT},
    }
)

CALL_BEFORE_JSON = TWO | BY_SCHEMA | optional("json-schema")

JSON_AFTER_RESULTS = LOOP | BY_SCHEMA | optional("json-schema") | stream


def used(view: View) -> list[str]:
    """The results that the answer has."""
    pairs = zip(TOLD, SHOWN, strict=True)
    return [result for result, shown in pairs if any(one in view.text for one in shown)]


@requirement(
    LOOP_IS_CLOSED,
    SHOULD,
    claimed=MUST,
    source=OPENAI.tool_message,
    claim="tool-role",
    basis=SHAPE,
    hurts="Whatever the tools find out, the model does not know.",
)
@controls(before=TWO, able=AT_ONCE, count=COUNT)
@probes(told=LOOP, streamed=LOOP_STREAMED)
def test_results_of_tools_are_used(before: View, able: View, count: View, told: View, streamed: View) -> None:
    """What each tool answered, in messages of the role tool, reaches the model and is used."""
    found = used(told)
    if not found and before.last.succeeded and before.has_usage and told.has_usage:
        extra = told.usage.prompt - before.usage.prompt
        assert extra > 0, wrong(
            "the results do not reach the model: {extra:+d} prompt tokens with them",
            told.at("usage.prompt_tokens"),
            extra=extra,
        )
    views = [view for view in (told, streamed) if view is told or view.last.succeeded]
    short = [view for view in views if len(used(view)) < len(TOLD)]
    assume("length" not in [view.finish_reason for view in short], "the answer was cut")
    if not short:
        return
    assume(before.last.succeeded and before.tool_calls, "left the choice, the model calls no tool")
    assume(able.last.succeeded and says(AT_ONCE_WORD, able), "the model does not find what it is told either")
    steady = count.last.succeeded and prompts.COUNTED in count.text
    assume(steady, "the model does not come to the end of what it was asked for elsewhere")
    view = short[0]
    again = view.tool_calls
    assert not again, wrong(
        "told of {told} degrees by its tools, the model calls {names} again, as if it had not been ({probe})",
        *(one.at() for one in short),
        told=" and ".join(TOLD),
        names=names(again),
        probe=view.probe,
    )
    wrong(
        "of two results, {told} degrees, {used} reach the model, which answers {text!r} ({probe})",
        *(one.at_text() for one in short),
        told=" and ".join(TOLD),
        used=len(used(view)),
        text=view.text[:80],
        probe=view.probe,
    )


@requirement(
    "tools.results-in-text-parts",
    SHOULD,
    claimed=MUST,
    source=(OPENAI.tool_parts, OPENAI.tool_message),
    claim="tool-role",
    basis=LOOP_IS_CLOSED,
    hurts="Agents whose libraries write text as parts act on results that the model never saw.",
)
@controls(told=LOOP, plain_parts=PARTS)
@probes(parts=LOOP_IN_PARTS)
def test_results_in_text_parts_are_used(told: View, plain_parts: View, parts: View) -> None:
    """A tool message, and an assistant message with calls, may have text parts, each of which is read."""
    whole = told.last.succeeded and len(used(told)) == len(TOLD)
    needs(LOOP_IS_CLOSED, whole, "the results are not used as plain text either")
    read = plain_parts.last.succeeded and says(AT_ONCE_WORD, plain_parts)
    needs("messages.text-parts-equal-string", read, "text parts are not read in any message")
    assert parts.last.status not in (400, 422), wrong(
        "text parts in the messages of a tool loop are refused, plain text is not: {refusal}",
        parts.at_status(),
        refusal=parts.refusal_in_words,
    )
    found = used(parts)
    assume(parts.choices[0].finish_reason != "length", "the answer was cut")
    assert len(found) == len(TOLD), wrong(
        "of two results that are sent as text parts {used} reach the model, which answers {text!r}",
        parts.at_text() if parts.text else parts.at(),
        used=len(found),
        text=parts.text[:80],
    )


@requirement(
    "tools.results-by-id",
    SHOULD,
    source=OPENAI.tool_message,
    claim="tool-role",
    basis=LOOP_IS_CLOSED,
    hurts="Of tools that run at once, one gets the other's result.",
)
@controls(told=LOOP)
@probes(parts=LOOP_IN_PARTS)
def test_results_belong_to_the_call_whose_id_they_have(told: View, parts: View) -> None:
    """A result belongs to the call whose id its message has, in whatever order the results come."""
    whole = told.last.succeeded and len(used(told)) == len(TOLD)
    needs(LOOP_IS_CLOSED, whole, "the results are not used in order either")
    assume(not crossed(told), "the model takes one result for the other in any order")
    read = parts.last.status not in (400, 422) and len(used(parts)) == len(TOLD)
    needs("tools.results-in-text-parts", read, "the answer does not have both results")
    assume(all(city in parts.text for city in CITIES), "the answer does not say of which city it speaks")
    assert not crossed(parts), wrong(
        "results that come in another order than their calls are given to the wrong call: {text!r}",
        parts.at_text(),
        text=parts.text[:120],
    )


def crossed(view: View) -> bool:
    """Whether the answer names the cities in one order, and their results in the other."""
    text = view.text
    cities = [text.find(city) for city in CITIES]
    numbers = [min(filter(lambda at: at >= 0, map(text.find, shown)), default=-1) for shown in SHOWN]
    named = min(*cities, *numbers) >= 0
    return named and (cities[0] < cities[1]) != (numbers[0] < numbers[1])


@tools_requirement(
    "tools.beside-response-format",
    SHOULD,
    source=(OPENAI.tools, OPENAI.json_schema),
    hurts="Agents that end with a typed result get it at once, made up, without a call; or not at all.",
)
@controls(auto=TWO, told=LOOP_STREAMED, schema=AGAINST_THE_PROMPT, text=COUNT, streamed_text=COUNT_STREAM)
@probes(before=CALL_BEFORE_JSON, after=JSON_AFTER_RESULTS)
def test_tools_and_a_response_format_work_together(
    auto: View, told: View, schema: View, text: View, streamed_text: View, before: View, after: View
) -> None:
    """Beside a response_format tools are called all the same, and the answer to results has the format."""
    needs("structured.json-schema", schema.last.succeeded, "a JSON Schema is refused without tools, too")
    assume(auto.last.succeeded and auto.tool_calls, "left the choice, the model calls no tool")
    served_together(before)
    cut = before.choices[0].finish_reason == "length"
    assert before.tool_calls or cut, wrong(
        "beside a response_format no tool is called, but the answer is {text!r}; without it, {names}",
        before.at_text() if before.text else before.at(),
        text=before.text[:60],
        names=names(auto.tool_calls),
    )
    assume(told.last.succeeded and used(told), "the results of tools are not used anyway")
    served_together(after)
    kept_alone = keeps_to(CAPITAL, schema.text.strip())
    needs("structured.schema-enforced-against-the-prompt", kept_alone, "a JSON Schema is not enforced anyway")
    assume(after.finish_reason != "length", "the answer was cut before the JSON ended")
    found = members(after.text.strip())
    sound = streams_text(text, streamed_text)
    needs("stream.same-text-as-not-streamed", sound, "a stream does not have the text of the whole answer")
    kept = found is not None and {"paris", "london"} <= found.keys()
    assert kept, wrong(
        "after results of tools the response_format is not kept: {text!r}",
        after.at_text() if after.text else after.at(),
        text=after.text[:80],
    )


def served_together(view: View) -> None:
    """The request is not refused."""
    assert view.last.status not in (400, 422), wrong(
        "tools and a response_format together are refused, each alone is served: {refusal}",
        view.at_status(),
        refusal=view.refusal_in_words,
    )


@requirement(
    "tools.orphan-results-refused",
    SHOULD,
    source=OPENAI.orphan_result,
    claim="tool-role",
    basis=LOOP_IS_CLOSED,
    hurts="A bug in an agent's history is answered, and billed, instead of being noticed.",
)
@controls(told=LOOP)
@probes(orphan=TOOL_WITHOUT_CALL, other=RESULT_OF_ANOTHER_CALL)
def test_a_result_that_nobody_asked_for_is_refused(told: View, orphan: View, other: View) -> None:
    """A tool message that answers no call of the assistant message before it is refused."""
    needs(LOOP_IS_CLOSED, told.last.succeeded and used(told), "the results of tools are dropped, or unknown")
    are_refused(orphan, other)
