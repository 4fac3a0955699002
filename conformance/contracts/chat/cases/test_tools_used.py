"""Tools in use: strict schemas, calls beside other wishes, and none where none were offered."""

from __future__ import annotations

from conformance.asking.change import stream
from conformance.contracts.chat.cases.tooling import (
    CHOICES,
    FITTING,
    NAMED,
    NAMED_STREAMED,
    REQUIRED,
    SAME,
    SHAPE,
    TWO,
    calls,
    calls_at_all,
    complete_calls,
    in_call,
    tools_requirement,
)
from conformance.contracts.chat.reading.asked import calls as makes_calls
from conformance.contracts.chat.reading.offering import offered
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.selecting import every_answer
from conformance.contracts.chat.sources import OPENAI
from conformance.judging.requirement import MAY, MUST, SHOULD, controls, probes, proven_alone, requirement
from conformance.judging.saying import assume, concerns, needs, warn, wrong


def calls_a_strict_tool(view: View) -> bool:
    """A tool with a strict schema is called."""
    strict = {tool.name for tool in offered(view.request) or () if tool.strict}
    return makes_calls(view) and any(call.name in strict for call in complete_calls(view))


def keeps_to_strict_schemas(view: View) -> None:
    """The arguments of whole calls match the schemas that are strict."""
    known = {tool.name: tool for tool in offered(view.request) or () if tool.strict}
    for call in complete_calls(view):
        misfit = known[call.name].misfit(call.values or {}) if call.name in known else None
        assert misfit is None, wrong(
            "the schema is strict, but {misfit}: {arguments!r}",
            in_call(view, "function.arguments", call),
            misfit=misfit,
            arguments=call.arguments[:60],
        )


@proven_alone(calls_a_strict_tool, keeps_to_strict_schemas)
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
    ordinary = all(fitting(view) for view in (able, named))
    needs(FITTING, ordinary, "ordinary arguments do not match their schema either")
    needs("tools.required-choice", calls(strict), "tool_choice `required` gives no call")
    made = complete_calls(strict)
    assume(made, "the answer was cut in the middle of the call")
    keeps_to_strict_schemas(strict)


def fitting(view: View) -> bool:
    """The arguments of the calls match what was offered."""
    known = {tool.name: tool for tool in offered(view.request) or ()}
    made = [call for call in complete_calls(view) if call.name in known]
    return all(call.values is not None and known[call.name].misfit(call.values) is None for call in made)


@tools_requirement(
    "tools.beside-n-and-logprobs",
    SHOULD,
    claimed=MUST,
    source=(OPENAI.n, OPENAI.logprobs, OPENAI.tool_calls),
    hurts="Programs that sample several calls get one of them, or an error.",
)
@controls(able=NAMED, alone=NAMED_STREAMED)
@probes(plain=CHOICES, streamed=CHOICES | stream)
def test_each_choice_has_its_call(able: View, alone: View, plain: View, streamed: View) -> None:
    """Each of `n` choices has its own call, streamed or not, and `logprobs` change nothing about it."""
    needs(SHAPE, able.last.succeeded and able.tool_calls, "no tool is called, whatever tool_choice says")
    for view in (plain, streamed):
        lost = view.streamed and alone.last.succeeded and not alone.tool_calls
        needs(SAME, not lost, "nor has a stream of one choice a call")
        assume(len(view.choices) == 2, "there are not as many choices as asked for")
        whole = [choice for choice in view.choices if choice.finish_reason != "length"]
        for choice in whole:
            assert view.calls_of(choice), wrong(
                "choice {index} of `{probe}` calls no tool, but says {text!r}; alone it is called",
                view.at("", choice),
                index=choice.index,
                probe=view.probe,
                text=choice.text[:60],
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
    asked = answer.request.get("tools") or answer.request.get("functions")
    concerns(not asked, "tools were offered")
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
