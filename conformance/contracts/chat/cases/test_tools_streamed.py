"""Calls that are streamed: their pieces can be put together, and make the calls that a whole answer has.

The same request not streamed, at temperature 0, is the control: what is right there, and wrong in the stream,
is the stream's doing and no whim of the model's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.asking.change import stream
from conformance.asking.probe import compact
from conformance.contracts.chat.cases.streaming import choices as parts_of
from conformance.contracts.chat.cases.test_envelope import MARKUP
from conformance.contracts.chat.cases.tooling import (
    CHOICES,
    CUT,
    CUT_AT,
    DISTINCT,
    FITTING,
    IN_TEXT,
    NAMED,
    PAIRS,
    SAME,
    SHAPE,
    STREAMED,
    TWO,
    TWO_STREAMED,
    calls_at_all,
    complete_calls,
    cut_unsaid,
    in_call,
    names,
    streams_text,
    tools_requirement,
)
from conformance.contracts.chat.probes.named import COUNT, COUNT_CUT, COUNT_CUT_STREAM, COUNT_STREAM
from conformance.contracts.chat.reading.asked import calls as makes_calls
from conformance.contracts.chat.reading.calls import Fragment, ToolCall, by_index
from conformance.contracts.chat.reading.offering import offered, written_call
from conformance.contracts.chat.reading.view import FINISH_REASONS, View
from conformance.contracts.chat.selecting import every_stream
from conformance.contracts.chat.sources import CLIENTS, METHOD, OPENAI
from conformance.judging.requirement import MUST, SHOULD, controls, probes, proven_alone
from conformance.judging.saying import assume, concerns, needs, wrong
from conformance.wire.record import NOT_NOW


@tools_requirement(
    STREAMED,
    SHOULD,
    claimed=MUST,
    source=(OPENAI.chunk_tool_calls, CLIENTS.openai_python),
    hurts="Agents that stream double the names of tools, break their arguments, or lose the call.",
)
@probes(plain=TWO, streamed=TWO_STREAMED, others=(*(one for _, one in PAIRS[1:]), CHOICES | stream))
def test_streamed_calls_can_be_put_together(plain: View, streamed: View, others: tuple[View, ...]) -> None:
    """Streamed calls open with index, id, type and name; what follows only adds to the arguments."""
    pieces = streamed.tool_fragments
    needs(SAME, pieces or not plain.last.succeeded or not plain.tool_calls, "the stream has no call")
    served = [view for view in others if view.last.succeeded]
    found = [(view, one) for view in (streamed, *served) for one in view.choices if view.fragments_of(one)]
    assume(found, "no stream calls a tool")
    before = [] if plain.streamed else complete_calls(plain)
    whole = all(call.values is not None for call in before)
    for view, choice in found:
        made = view.calls_of(choice)
        groups = by_index(view.fragments_of(choice))
        opened = [group[0].index for group in groups]
        assert opened == list(range(len(opened))), wrong(
            "streamed calls are numbered {indexes}, not from 0 on",
            *(view.at("index", group[0].piece) for group in groups),
            indexes=opened[:5],
        )
        for opening, *later in groups:
            keeps_to_its_call(view, opening, later)
        needs(FITTING, whole, "the arguments are no JSON object where they are not streamed either")
        for group, call in zip(groups, made, strict=True):
            assert not repeats(group, call), wrong(
                "the pieces of arguments repeat what was sent before: {arguments!r}",
                view.at("function.arguments", group[-1].piece),
                arguments=call.arguments[:60],
            )


def keeps_to_its_call(streamed: View, opening: Fragment, later: list[Fragment]) -> None:
    """What follows the opening of a streamed call only adds to it: openai-python joins every string."""
    other = [piece for piece in later if piece.id and piece.id != opening.id]
    assume(not other, "several calls share the index {index}", index=opening.index)
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


def repeats(group: tuple[Fragment, ...], call: ToolCall) -> bool:
    """Whether pieces are no continuation: together they are no object, but a last part of them is one alone.

    So it is where each has the arguments so far, where an empty object stands before them, and where they
    come twice. No model writes that.
    """
    if call.values is not None:
        return False
    texts = [piece.arguments or "" for piece in group]
    ends = ("".join(texts[at:]) for at in range(1, len(texts)))
    return any(ToolCall("", "", end).values is not None for end in ends) or call.doubled


@tools_requirement(
    "tools.fragments-before-finish",
    SHOULD,
    claimed=MUST,
    source=(OPENAI.chunk_finish_reason, OPENAI.chunk_tool_calls),
    hurts="Clients that act at the finish run a call whose arguments are not there yet.",
)
@every_stream
def test_no_piece_of_a_call_comes_after_the_finish(answer: View) -> None:
    """Every piece of a streamed call comes before its finish_reason, or with it."""
    concerns(answer.request.get("tools"), "no tools were offered")
    finished: dict[int, str] = {}
    for number, choice, delta in parts_of(answer):
        index = choice["index"]
        late = delta.get("tool_calls") if index in finished and not choice.get("finish_reason") else None
        assert not late, wrong(
            "a piece of a call comes after finish_reason {reason!r}, in chunk {number}",
            answer.at("tool_calls", delta),
            reason=finished.get(index),
            number=number,
        )
        if choice.get("finish_reason") in FINISH_REASONS:
            needs("stream.finish-reason-once", index not in finished, "there are several finish reasons")
            finished[index] = choice["finish_reason"]


@tools_requirement(
    SAME,
    SHOULD,
    claimed=MUST,
    source=(OPENAI.stream, OPENAI.tool_choice, METHOD.metamorphic),
    hurts="Agents stream: what works in a test with curl does not work for them.",
)
@controls(text=COUNT, streamed_text=COUNT_STREAM)
@probes(plain=tuple(one for one, _ in PAIRS), streamed=tuple(one for _, one in PAIRS))
def test_streams_have_the_same_calls(
    text: View, streamed_text: View, plain: tuple[View, ...], streamed: tuple[View, ...]
) -> None:
    """A stream has the calls that the same request has when it is not streamed, whatever tool_choice says."""
    both = [pair for pair in zip(plain, streamed, strict=True) if pair[0].last.succeeded]
    served = [pair for pair in both if pair[1].last.succeeded]
    assume(both, "no request with tools is served where it is not streamed")
    for one, other in served:
        alike(one, other)
    if streams_text(text, streamed_text):
        for one, other in served:
            same_text(one, other)
    for _, other in both:
        blamed = other.last.status in (400, 422, 500)
        assert not blamed, wrong(
            "streamed, `{probe}` gets {refusal}; the same request not streamed is served",
            other.at_status(),
            probe=other.probe,
            refusal=other.refusal_in_words,
        )


def alike(plain: View, streamed: View) -> None:
    """The stream calls what the answer does, with arguments of the same kind, and says the same beside it."""
    if "length" in (plain.choices[0].finish_reason, streamed.finish_reason):
        return
    choice = plain.request.get("tool_choice", "auto")
    asked = compact(choice)
    expected, made = plain.tool_calls, streamed.tool_calls
    if not expected:
        assert choice != "none" or not made, wrong(
            "with tool_choice `none` the stream calls {names}; not streamed, nothing is called",
            in_call(streamed, "function.name", made[0]) if made else streamed.at(),
            names=names(made),
        )
        return
    written = written_call(streamed.text, offered(streamed.request) or ())
    needs(IN_TEXT, made or not written, "the streamed call is written into the text")
    assert made, wrong(
        "the stream calls no tool, but says {text!r}; not streamed, the same request (tool_choice {choice}) "
        "calls {names}",
        streamed.at_text() if streamed.text else streamed.at(),
        text=streamed.text[:60],
        choice=asked[:60],
        names=names(expected),
    )
    mixed = any(
        piece.id and piece.id != group[0].id
        for group in by_index(streamed.tool_fragments)
        for piece in group[1:]
    )
    needs(DISTINCT, not mixed, "several streamed calls share an index")
    known = {tool.name for tool in offered(plain.request) or ()}
    needs(SHAPE, all(call.name in known for call in expected), "nor is it offered what is called plain")
    steady = choice not in (None, "auto") or not (plain.thinks or streamed.thinks)
    assert not steady or names(sorted_by_name(expected)) == names(sorted_by_name(made)), wrong(
        "the stream calls {streamed}; not streamed, the same request (tool_choice {choice}) calls {plain}",
        in_call(streamed, "function.name", made[-1]),
        streamed=names(made),
        plain=names(expected),
        choice=asked[:60],
    )
    for call, twin in zip(sorted_by_name(made), sorted_by_name(expected), strict=False):
        same_kind(streamed, call, twin)


def sorted_by_name(made: tuple[ToolCall, ...]) -> list[ToolCall]:
    """The calls, those of one tool together."""
    return sorted(made, key=lambda call: call.name)


def same_kind(streamed: View, call: ToolCall, twin: ToolCall) -> None:
    """The arguments of a streamed call are an object if those of its twin are, of the same types."""
    if twin.values is None:
        return
    place = next(number for number, one in enumerate(streamed.tool_calls) if one is call)
    group = by_index(streamed.tool_fragments)[place]
    needs(STREAMED, not repeats(group, call), "the pieces of arguments cannot be put together")
    where = streamed.at("function.arguments", group[-1].piece)
    assert call.values is not None, wrong(
        "the streamed arguments are no JSON object: {arguments!r}; not streamed they are {plain!r}",
        where,
        arguments=call.arguments[:60],
        plain=twin.arguments[:60],
    )
    both = {name: (value, twin.values[name]) for name, value in call.values.items() if name in twin.values}
    for name, (value, other) in both.items():
        assert kind(value) == kind(other), wrong(
            "streamed, the argument `{name}` is {kind}: {value!r}; not streamed it is {other}",
            where,
            name=name[:40],
            kind=kind(value),
            value=str(value)[:40],
            other=kind(other),
        )


def kind(value: Any) -> str:
    """The type of a JSON value; all numbers are of one."""
    names = {bool: "a boolean", str: "a string", dict: "an object", list: "an array", type(None): "null"}
    return names.get(type(value), "a number")


def same_text(plain: View, streamed: View) -> None:
    """Text beside calls, or instead of them, is not cut, doubled or squeezed; other words may be."""
    expected, text = plain.text.strip(), streamed.text.strip()
    if not expected or text == expected or bool(plain.tool_calls) != bool(streamed.tool_calls):
        return
    needs("envelope.no-markup-of-the-model", not MARKUP.search(text), "the model's own marks are in the text")
    related = text in expected or expected in text or "".join(text.split()) == "".join(expected.split())
    assert not related, wrong(
        "where tools are offered the stream says {text!r}; not streamed, the same answer says {plain!r}",
        streamed.at_text() if text else streamed.at(),
        text=text[:80],
        plain=expected[:80],
    )


def failure_in(view: View) -> Mapping[str, Any] | None:
    """The chunk of a stream that is an error, if one is."""
    return next((one for one in view.chunks if one.get("error")), None) if view.streamed else None


def cut_as_it_should(view: View) -> bool:
    """Whether the answer has a call that was cut, and says so; False where nothing can be said of it."""
    got = [one.status for one in view.exchange.attempts]
    failed = set(got) == {500} or (set(got) == {502} and len(got) > 1)
    assert not failed, wrong(
        "a call that max_tokens cuts short gets {refusal}", view.at_status(), refusal=view.refusal_in_words
    )
    unasked = view.last.status is None or view.last.status in NOT_NOW
    if unasked or view.out_of_room or view.small_limit:
        return False
    broken = failure_in(view)
    assert broken is None, wrong(
        "the stream of a call that max_tokens cuts short ends with an error: {error!r}",
        view.at("error", broken),
        error=str((broken or {}).get("error"))[:100],
    )
    made, choice = view.tool_calls, view.choices[0]
    if not made or view.finish_reason == "length":
        return bool(made)
    limit = view.limit or CUT_AT
    full = view.has_usage and view.usage.completion == limit
    cut = full or cut_unsaid(view, choice)
    assert not cut, wrong(
        "finish_reason is {reason!r}, though max_tokens ({limit}) cut the arguments: {arguments!r}",
        view.at("finish_reason", choice),
        reason=choice.finish_reason,
        limit=limit,
        arguments=made[-1].arguments[-60:],
    )
    return False


def is_cut_in_its_arguments(view: View) -> bool:
    """The answer to a request with a limit ends in the middle of a call's arguments."""
    return view.limit is not None and makes_calls(view) and view.tool_calls[-1].unclosed


def says_that_it_is_cut(view: View) -> None:
    """The finish_reason of a cut call is `length`."""
    cut_as_it_should(view)


@proven_alone(is_cut_in_its_arguments, says_that_it_is_cut)
@tools_requirement(
    "tools.cut-calls",
    SHOULD,
    claimed=MUST,
    source=(OPENAI.finish_reason, OPENAI.max_tokens),
    hurts="Agents take half a command for a whole one, or cannot go on after an error that is none.",
)
@controls(able=NAMED, text=COUNT_CUT[1], streamed_text=COUNT_CUT_STREAM)
@probes(plain=CUT, streamed=CUT | stream)
def test_a_cut_call_says_so(able: View, text: View, streamed_text: View, plain: View, streamed: View) -> None:
    """A call that the limit cuts short is answered as far as it got, with finish_reason `length`."""
    said = [view.choices[0].finish_reason for view in (text, streamed_text) if view.last.succeeded]
    assume("stop" not in said, "a text that is cut does not say so either")
    failing = streamed_text.last.succeeded and failure_in(streamed_text)
    needs("stream.failure-is-error-event", not failing, "a stream of text fails, too")
    if able.last.succeeded:
        calls_at_all(able, plain)
    decided = [cut_as_it_should(view) for view in (plain, streamed)]
    if not any(decided) and plain.last.status is None:
        plain.require_answer()
    assume(any(decided), "no call was cut within its arguments")
