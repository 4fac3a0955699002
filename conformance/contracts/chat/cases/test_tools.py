"""Tools: calls have the shape that clients read, the choice among tools is kept, and results are used.

What a model calls, and with what, is its own affair. What `tool_choice`, `parallel_tool_calls` and `strict`
promise is the provider's: so they are asked for against the prompt, where obeying cannot be chance.
"""

from __future__ import annotations

from collections import Counter
from functools import partial

from conformance.asking.change import costing, setting
from conformance.contracts.chat.cases.tooling import (
    DISTINCT,
    FITTING,
    NAMED,
    REQUIRED,
    SHAPE,
    TIME,
    TWO,
    TWO_STREAMED,
    arguments_fit,
    calls,
    calls_at_all,
    in_call,
    names,
    offered,
    tools_requirement,
)
from conformance.contracts.chat.reading.asked import calls as makes_calls
from conformance.contracts.chat.reading.asked import (
    claims_calls,
    has_to_call,
    has_to_call_one,
    named_tool,
)
from conformance.contracts.chat.reading.calls import ToolCall
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import OPENAI
from conformance.judging.requirement import MAY, MUST, SHOULD, controls, probes, proven_alone, requirement
from conformance.judging.saying import assume, needs, wrong

choice_requirement = partial(requirement, source=OPENAI.tool_choice, claim="tool_choice", basis=SHAPE)

ONE_AT_A_TIME = TWO | setting(parallel_tool_calls=False) | costing(10)

FORBIDDEN = TWO | setting(tool_choice="none")


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
    source=OPENAI.finish_reason,
    hurts="Agents that loop while finish_reason is tool_calls stop before the call.",
)
@probes(plain=TWO, streamed=TWO_STREAMED)
def test_finish_reason_is_tool_calls(plain: View, streamed: View) -> None:
    """finish_reason is `tool_calls` where the model chose to call tools."""
    if claims_calls(plain):
        has_the_calls_it_claims(plain)
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


@proven_alone(makes_calls, arguments_fit)
@tools_requirement(FITTING, SHOULD, source=OPENAI.tool_arguments)
@probes(auto=TWO, named=NAMED)
def test_arguments_match_the_schema(auto: View, named: View) -> None:
    """The arguments of a call are a JSON object with what the tool's schema requires."""
    calls_at_all(auto, named)
    arguments_fit(auto, named)


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
