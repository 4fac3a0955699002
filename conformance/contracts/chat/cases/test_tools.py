"""Tools: calls have the shape that clients read, the choice among tools is kept, and results are used.

What a model calls, and with what, is its own affair. What `tool_choice`, `parallel_tool_calls` and `strict`
promise is the provider's: so they are asked for against the prompt, where obeying cannot be chance.
"""

from __future__ import annotations

from collections import Counter
from functools import partial

from conformance.asking.probe import compact
from conformance.contracts.chat.cases.tooling import (
    CHOICES,
    DISTINCT,
    FITTING,
    FORBIDDEN,
    IN_TEXT,
    NAMED,
    NO_PARAMETERS,
    ONE_AT_A_TIME,
    REQUIRED,
    SAME,
    SHAPE,
    TIME,
    TWO,
    TWO_STREAMED,
    TYPED,
    calls,
    calls_at_all,
    complete_calls,
    cut_unsaid,
    every_offer,
    in_call,
    names,
    spoken,
    tools_requirement,
)
from conformance.contracts.chat.reading.asked import (
    claims_calls,
    has_to_call,
    has_to_call_one,
    named_tool,
)
from conformance.contracts.chat.reading.calls import ToolCall
from conformance.contracts.chat.reading.offering import offered, written_call
from conformance.contracts.chat.reading.view import FINISH_REASONS, View
from conformance.contracts.chat.sources import CLIENTS, OPENAI
from conformance.judging.requirement import MAY, MUST, SHOULD, controls, probes, proven_alone, requirement
from conformance.judging.saying import assume, concerns, needs, wrong

choice_requirement = partial(requirement, source=OPENAI.tool_choice, claim="tool_choice", basis=SHAPE)


def chooses_to_call(auto: View) -> tuple[ToolCall, ...]:
    """The model calls tools of its own accord; otherwise nothing can be shown."""
    made = calls(auto)
    text = auto.text[:40]
    assume(made, "left the choice, the model does not call a tool, but says {text!r}", text=text)
    return made


@tools_requirement(
    SHAPE,
    MAY,
    claimed=MUST,
    source=(OPENAI.tools, OPENAI.tool_calls),
    basis=None,
    hurts="Agents get a call that they cannot read: an answer in which nothing happens.",
)
@probes(auto=TWO, named=NAMED, required=REQUIRED, others=(NO_PARAMETERS, TYPED, ONE_AT_A_TIME))
def test_tools_are_called(auto: View, named: View, required: View, others: tuple[View, ...]) -> None:
    """A tool that is offered is called: with an id, a type, its name, and the arguments as a string."""
    further = [view for view in others if view.last.succeeded]
    answers = [*(view for view in (named, required, auto) if view.served), *further] or [auto]
    made = [(view, call) for view in answers for call in view.tool_calls]
    for view, call in made:
        known = [tool.name for tool in offered(view.request) or ()]
        like = [name for name in known if name in call.name]
        assert call.name in known or not like, wrong(
            "`{tool}` is called {name!r}: something of the model's chat template is in the name",
            in_call(view, "function.name", call),
            tool=like[0] if like else "",
            name=call.name[:60],
        )
        assert call.name in known, wrong(
            "a tool is called that was not offered: {name}",
            in_call(view, "function.name", call),
            name=call.name[:60],
        )
        assert not call.doubled, wrong(
            "the arguments of `{tool}` come several times over: {arguments!r}",
            in_call(view, "function.arguments", call),
            tool=call.name,
            arguments=call.arguments[:80],
        )
    forced = [view for view in answers if "tool_choice" in view.request]
    assume(made or forced, "the model calls no tool of its own accord")
    cut = any(view.choices[0].finish_reason == "length" for view in forced)
    assume(made or not cut, "the answer was cut before any call")
    written = any(written_call(view.text, offered(view.request) or ()) for view in answers)
    needs(IN_TEXT, made or not written, "calls are written into the text")
    assert made, wrong(
        "no tool is called, not even where one has to be: the answer is {text!r}",
        *(view.at_text() for view in forced),
        text=forced[0].text[:60],
    )


def calls_some_tool(required: View) -> None:
    """A tool is called, as tool_choice demands."""
    made = calls(required)
    assert made, wrong(
        "tool_choice `required` gives no call, but the text {text!r}",
        required.at_text(),
        text=required.text[:60],
    )


def calls_the_named_tool(named: View) -> None:
    """The tool that tool_choice names is called, and no other."""
    made, tool = calls(named), named_tool(named) or TIME
    assert made, wrong(
        "`{tool}` is named in tool_choice, but the answer is the text {text!r}",
        named.at_text(),
        tool=tool[:60],
        text=named.text[:60],
    )
    others = [call for call in made if call.name != tool]
    assert not others, wrong(
        "`{tool}` is named in tool_choice, but called: {names}",
        *(in_call(named, "function.name", call) for call in others),
        tool=tool[:60],
        names=names(made),
    )


def has_the_calls_it_claims(view: View) -> None:
    """Where finish_reason is `tool_calls` there are calls."""
    made = any(piece.get("tool_calls") or piece.get("function_call") for piece in view.pieces)
    assert made, wrong(
        "finish_reason is 'tool_calls', but no tool is called", view.at("finish_reason", view.choices[0])
    )


@proven_alone(has_to_call, calls_some_tool)
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
    calls_some_tool(required)


@proven_alone(has_to_call_one, calls_the_named_tool)
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
    calls_the_named_tool(named)


@proven_alone(claims_calls, has_the_calls_it_claims)
@tools_requirement(
    "tools.finish-reason",
    SHOULD,
    claimed=MUST,
    source=(OPENAI.finish_reason, CLIENTS.finish_reason_observed),
    hurts="Agents that loop while finish_reason is tool_calls stop before the call, or wait for one.",
)
@every_offer
def test_finish_reason_agrees_with_the_calls(answer: View) -> None:
    """finish_reason is `tool_calls` after calls, and only then; where one is named, `stop` will do."""
    named = isinstance(answer.request.get("tool_choice"), dict)
    for choice in answer.choices:
        made, reason = answer.calls_of(choice), choice.finish_reason
        if not made:
            assert reason != "tool_calls", wrong(
                "finish_reason is 'tool_calls', but no tool is called", answer.at("finish_reason", choice)
            )
        elif (
            reason in FINISH_REASONS
            and reason not in ("length", "content_filter")
            and not (named and reason == "stop")
        ):
            assert reason == "tool_calls", wrong(
                "finish_reason is {reason!r} after a call of {names} with tool_choice {choice}",
                answer.at("finish_reason", choice),
                reason=reason,
                names=names(made),
                choice=compact(answer.request.get("tool_choice", "auto"))[:40],
            )


@tools_requirement(FITTING, SHOULD, source=(OPENAI.tools, OPENAI.tool_arguments))
@every_offer
def test_arguments_match_the_schema(answer: View) -> None:
    """The arguments of a call are one JSON object that matches the tool's schema."""
    known = {tool.name: tool for tool in offered(answer.request) or ()}
    made = [call for call in complete_calls(answer) if call.name in known]
    concerns(made, "no tool that is offered is called with whole arguments")
    whole = not any(cut_unsaid(answer, choice) for choice in answer.choices)
    needs("tools.cut-calls", whole, "the last call was cut, and is said to be whole")
    for call in made:
        values = call.values
        if values is None and answer.streamed:
            needs(SAME, False, "the pieces of arguments are no JSON object")
        needs(SHAPE, not call.doubled, "the arguments come several times over")
        assert values is not None, wrong(
            "the arguments of `{tool}` are no JSON object: {arguments!r}",
            in_call(answer, "function.arguments", call),
            tool=call.name,
            arguments=call.arguments[:80],
        )
        misfit = known[call.name].misfit(values)
        strict = known[call.name].strict
        needs("tools.strict-arguments", misfit is None or not strict, "the schema is strict, and not kept")
        assert misfit is None, wrong(
            "the arguments of `{tool}` do not match its schema, {misfit}: {arguments!r}",
            in_call(answer, "function.arguments", call),
            tool=call.name,
            misfit=misfit,
            arguments=call.arguments[:80],
        )


@tools_requirement(
    IN_TEXT,
    SHOULD,
    claimed=MUST,
    hurts="Agents show the call to their users as an answer, and nothing is done.",
)
@every_offer
def test_a_call_is_not_written_into_the_text(answer: View) -> None:
    """A call is in `tool_calls`, and not in the text, in whatever mark-up the model has for it."""
    concerns(answer.request.get("tool_choice") != "none", "tools may not be called")
    told = " ".join(spoken(answer))
    whole = [choice for choice in answer.choices if choice.finish_reason != "length"]
    for choice in whole:
        written = written_call(choice.text, offered(answer.request) or ())
        assert written is None or written in told, wrong(
            "a call stands in the text, not in tool_calls: {written!r}", answer.at_text(), written=written
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
@probes(answers=(TWO, NAMED, REQUIRED, CHOICES))
def test_call_ids_are_unique(answers: tuple[View, ...]) -> None:
    """The id of a tool call is given only once, not again in the next answer or choice."""
    given = [
        (view, {call.id: call for call in view.calls_of(choice)})
        for view in answers
        if view.last.succeeded
        for choice in view.choices[: view.request.get("n", 1)]
    ]
    assume(sum(bool(calls) for _, calls in given) > 1, "fewer than two answers call a tool")
    found = Counter(identity for _, calls in given for identity in calls)
    again = [identity for identity, count in found.items() if count > 1]
    assert not again, wrong(
        "{count} answers have a call with the id {id!r}",
        *(in_call(view, "id", calls[again[0]]) for view, calls in given if again[0] in calls),
        count=found[again[0]],
        id=again[0][:40],
    )
