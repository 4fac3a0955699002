"""Stop sequences: they stop, they are not in the text, and what they cut off is not billed."""

from __future__ import annotations

from functools import partial

from conformance.asking.change import costing, either, stream
from conformance.asking.probe import Probe
from conformance.contracts.chat.cases.thinking import shown
from conformance.contracts.chat.cases.twins import recorded, sound
from conformance.contracts.chat.probes.change import stop
from conformance.contracts.chat.probes.named import (
    COUNT,
    COUNT_CUT,
    COUNT_DEFAULTS,
    COUNT_STREAM,
    NATO,
    NATO_FOUR_STOPS,
    NATO_FOUR_STOPS_STREAMED,
    NATO_STOPPED,
    NEXT,
    UP_TO_WORD,
    WORD,
)
from conformance.contracts.chat.reading.asked import stop_strings, stopped
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import METHOD, OPENAI
from conformance.judging.requirement import (
    MAY,
    MUST,
    SHOULD,
    controls,
    probes,
    probes_for,
    proven_alone,
    requirement,
)
from conformance.judging.saying import assume, needs, note, wrong
from conformance.provider.model import Claims

stop_requirement = partial(requirement, source=OPENAI.stop, claim="stop", basis="stop.string-stops")

SEVERAL = "stop.fourth-of-four-works"
WHEN_STREAMED = "stop.works-when-streamed"

ACROSS = "Echo\nFoxtrot"
STREAMED = NATO | stream | stop(ACROSS) | UP_TO_WORD
FIRST = NATO | stop("@@1", "Alfa", "@@3") | costing(1)
FIRST_STREAMED = FIRST | stream


def one_too_many(claims: Claims) -> dict[str, Probe]:
    """One more stop string than is documented, of which only the last occurs in the answer."""
    most = claims.detail("stop", "max", 4)
    padding = (f"@@{number}" for number in range(1, most + 1))
    return {"many": NATO | stop(*padding, WORD) | UP_TO_WORD | either}


def recites(control: View) -> None:
    """The control shows that the model writes the word, and goes on after it."""
    assume(
        WORD in control.text and NEXT in control.text,
        "without `stop` the answer does not go past {word}",
        word=WORD,
    )


def holds_across(control: View) -> None:
    """The control has the stop string that goes across lines."""
    assume(ACROSS in control.text, "without `stop` the answer does not contain {across!r}", across=ACROSS)


def stops(one: View) -> None:
    """The simplest stop string works; otherwise that is the finding, not this."""
    ended = NEXT not in one.text
    needs("stop.string-stops", ended, "not even a single stop string {word!r} stops", word=WORD)


@stop_requirement(
    "stop.string-stops",
    MUST,
    basis=None,
    hurts="Agents and templated prompts run past the end of their turn, and pay for it.",
)
@controls(control=NATO)
@probes(one=NATO_STOPPED)
def test_generation_ends_at_a_stop_string(control: View, one: View) -> None:
    """Generation ends where a stop string would appear: nothing that follows it is returned."""
    recites(control)
    assert NEXT not in one.text, wrong(
        "the answer goes on after the stop string {word!r}: …{end!r}",
        one.at_text(NEXT),
        word=WORD,
        end=one.text[-40:],
    )


def without_stop_strings(answer: View) -> None:
    """The text has none of the stop sequences of its request."""
    for one in stop_strings(answer):
        assert one not in answer.text, wrong(
            "the text contains the stop string: …{end!r}",
            answer.at_text(one),
            end=answer.text[: answer.text.index(one) + len(one)][-40:],
        )


def none_is_left(answer: View) -> None:
    """The same of what others asked, where nobody knows whether the text came to one of them."""
    without_stop_strings(answer)
    assume(False, "the text has none of the stop strings; nothing shows that it came to one")


@proven_alone(stopped, none_is_left)
@stop_requirement(
    "stop.not-in-output", MUST, hurts="Parsers that rely on the cut find the delimiter in the data."
)
@controls(control=NATO)
@probes(one=NATO_STOPPED)
def test_stop_string_is_not_in_the_text(control: View, one: View) -> None:
    """The returned text does not contain the stop sequence."""
    recites(control)
    stops(one)
    without_stop_strings(one)


@stop_requirement("stop.output-is-prefix", SHOULD, source=METHOD.metamorphic)
@controls(control=NATO)
@probes(one=NATO_STOPPED)
def test_stopped_text_is_all_that_came_before(control: View, one: View) -> None:
    """With a stop string, the text is what stood before it without one, and no less."""
    recites(control)
    expected = control.text.partition(WORD)[0].split()
    got = one.text.partition(WORD)[0].split()
    lost = " ".join(got) in " ".join(expected) and got != expected
    assert not lost, wrong(
        "{got} of the {all} words before {word!r} were returned",
        one.at_text(),
        got=len(got),
        all=len(expected),
        word=WORD,
    )
    assume(got == expected, "the model answered differently this time")


@stop_requirement(
    "stop.finish-reason-stop",
    MUST,
    source=OPENAI.finish_reason,
    hurts="Programs take an answer that a stop sequence ended for one that was cut, or never finished.",
)
@controls(control=NATO)
@probes(one=NATO_STOPPED)
def test_finish_reason_is_stop(control: View, one: View) -> None:
    """finish_reason is `stop` when a stop sequence ended the answer."""
    recites(control)
    stops(one)
    reason = one.finish_reason
    assert reason == "stop", wrong(
        "finish_reason is {reason!r} after a stop string",
        one.at("finish_reason", one.choices[0]),
        reason=reason,
    )


@stop_requirement(SEVERAL, MUST, hurts="Prompts with several delimiters run on past one of them.")
@controls(control=NATO, one=NATO_STOPPED)
@probes(four=NATO_FOUR_STOPS)
def test_fourth_of_four_stop_strings_works(control: View, one: View, four: View) -> None:
    """Each of four stop strings is effective, the last one too."""
    recites(control)
    stops(one)
    assert NEXT not in four.text, wrong(
        "the fourth of four stop strings does not stop, though a single one does", four.at_text(NEXT)
    )


@stop_requirement(
    "stop.second-of-three-works",
    MUST,
    basis=SEVERAL,
    hurts="Prompts with several delimiters run on past one of them.",
)
@controls(control=NATO, one=NATO_STOPPED, four=NATO_FOUR_STOPS)
@probes(several=FIRST)
def test_second_of_three_stop_strings_works(control: View, one: View, four: View, several: View) -> None:
    """A stop string between others is effective: not only the first or the last of them is."""
    assume("Bravo" in control.text.partition("Alfa")[2], "without `stop` 'Alfa' is not followed by 'Bravo'")
    stops(one)
    needs(SEVERAL, NEXT not in four.text, "not even the last of several stops")
    needs("stop.at-first-token", several.status < 500, "an empty answer is a server error")
    goes_on = "Bravo" in several.text.partition("Alfa")[2]
    assume(goes_on or "Bravo" not in several.text, "the model answered differently this time")
    assert not goes_on, wrong("the second of three stop strings does not stop", several.at_text("Bravo"))


@stop_requirement(
    "stop.partial-match-does-not-stop",
    MUST,
    basis=SEVERAL,
    hurts="Answers end where half a delimiter happens to occur.",
)
@controls(control=NATO)
@probes(four=NATO_FOUR_STOPS)
def test_part_of_a_stop_string_does_not_stop(control: View, four: View) -> None:
    """Text that only begins like a stop string does not end the answer."""
    recites(control)
    words, expected = four.text.split(), control.text.partition(WORD)[0].split()
    assume(words == expected[: len(words)] or WORD in words, "the model answered differently this time")
    parts = [text for text in four.request["stop"][:3] if text not in control.text]
    assume(len(parts) == 3, "without `stop` the answer contains the strings that should not occur")
    assert len(words) >= len(expected), wrong(
        "of {parts} only the letters occur, and the answer ends at {end}",
        four.at_text(),
        parts=", ".join(map(repr, parts)),
        end=words[-1:],
    )


@stop_requirement("stop.fifth-not-dropped-silently", SHOULD)
@controls(control=NATO, one=NATO_STOPPED, four=NATO_FOUR_STOPS)
@probes_for(one_too_many)
def test_one_stop_string_too_many_is_not_dropped_silently(
    control: View, one: View, four: View, many: View
) -> None:
    """One stop string more than the documented maximum is refused, not silently dropped."""
    if many.refused:
        return
    recites(control)
    stops(one)
    needs(SEVERAL, NEXT not in four.text, "not even the fourth of four works")
    assert NEXT not in many.text, wrong(
        "more stop strings than allowed are accepted, and the last is silently dropped", many.at_text(NEXT)
    )
    note("more stop strings than the documented maximum are accepted, and work", many.at_status())


def stops_as_plain(before: str, plain: View, streamed: View, after: str) -> None:
    """What a stop string makes of an answer is the same in a stream."""
    assume(streamed.finish_reason != "length", "the stream was cut by its limit")
    assert after not in streamed.text, wrong(
        "in a stream one of several stop strings, {stops}, does not stop, though it does plain: …{end!r}",
        streamed.at_text(after),
        stops=", ".join(map(repr, streamed.request["stop"])),
        end=streamed.text[-30:],
    )
    whole, got = " ".join(plain.text.split()), " ".join(streamed.text.split())
    assume(whole == " ".join(before.split()), "plain, the text does not end at the stop string either")
    assert not whole.startswith(got) or got == whole, wrong(
        "in a stream the text ends before the stop string: {got!r}, and plain it is {whole!r}",
        streamed.at_text(),
        got=got[-30:],
        whole=whole[-30:],
    )
    assert not got.startswith(whole) or got == whole, wrong(
        "in a stream the stop string, or its beginning, is sent: {end!r}",
        streamed.at_text(),
        end=streamed.text[-30:],
    )
    reason, due = streamed.finish_reason, plain.finish_reason
    assert reason == due, wrong(
        "stopped in a stream, finish_reason is {reason!r}, and plain it is {due!r}",
        streamed.at("finish_reason", streamed.choices[0]),
        reason=reason,
        due=due,
    )


@stop_requirement(
    WHEN_STREAMED,
    MUST,
    basis=SEVERAL,
    source=(OPENAI.stop, METHOD.metamorphic),
    hurts="Agents that stream run past the end of their turn, though the same request stops otherwise.",
)
@controls(control=NATO, four=NATO_FOUR_STOPS, several=FIRST, count=COUNT, counted=COUNT_STREAM)
@probes(last=NATO_FOUR_STOPS_STREAMED, second=FIRST_STREAMED)
def test_stop_strings_work_in_a_stream_too(
    control: View, four: View, several: View, count: View, counted: View, last: View, second: View
) -> None:
    """Each stop string of a list ends a stream where, and as, it ends an answer that is not streamed."""
    recites(control)
    sound(count, counted)
    needs(SEVERAL, NEXT not in four.text, "not even plain the fourth of four stop strings stops")
    stops_as_plain(control.text.partition(WORD)[0], four, last, NEXT)
    if several.served and "Bravo" not in several.text:
        stops_as_plain("", several, second, "Bravo")


@stop_requirement("stop.newline-and-multi-token", SHOULD)
@controls(control=NATO, one=NATO_STOPPED, also=NATO_FOUR_STOPS_STREAMED)
@probes(streamed=STREAMED)
def test_stop_string_of_several_tokens_and_a_newline_works(
    control: View, one: View, also: View, streamed: View
) -> None:
    """A stop string that spans several tokens and a line break is effective."""
    recites(control)
    holds_across(control)
    stops(one)
    anyway = recorded(also) and NEXT in also.text and NEXT in streamed.text
    needs(WHEN_STREAMED, not anyway, "in streams no stop string of several tokens stops")
    assert NEXT not in streamed.text, wrong(
        "the stop string {across!r} does not stop, though {word!r} does",
        streamed.at_text(NEXT),
        across=ACROSS,
        word=WORD,
    )


@stop_requirement(
    "stop.never-leaks-in-stream",
    MUST,
    hurts="Readers of the stream show the beginning of a delimiter that the full text does not have.",
)
@controls(control=NATO)
@probes(streamed=STREAMED)
def test_no_part_of_a_stop_string_leaks_into_the_stream(control: View, streamed: View) -> None:
    """In a stream, no part of a stop string is sent, not even its beginning."""
    recites(control)
    holds_across(control)
    ended = NEXT not in streamed.text
    needs("stop.newline-and-multi-token", ended, "the stop string {across!r} does not stop", across=ACROSS)
    assert "Echo" not in streamed.text, wrong(
        "part of the stop string was streamed: …{end!r}", streamed.at_text("Echo"), end=streamed.text[-30:]
    )


@stop_requirement("stop.at-first-token", SHOULD, basis=SEVERAL)
@controls(control=NATO, one=NATO_STOPPED)
@probes(first=FIRST)
def test_stop_string_at_the_very_beginning(control: View, one: View, first: View) -> None:
    """A stop string that would come first gives a successful, empty answer with finish_reason `stop`."""
    assume(control.text.lstrip().startswith("Alfa"), "without `stop` the answer does not begin with 'Alfa'")
    stops(one)
    needs("stop.not-in-output", WORD not in one.text, "stop strings are left in the text")
    needs("stop.finish-reason-stop", one.finish_reason == "stop", "finish_reason is never `stop`")
    needs("stop.second-of-three-works", "Bravo" not in first.text, "the second of three does not stop")
    assert not first.text.strip(), wrong(
        "the answer should be empty, but is {text!r}", first.at_text(), text=first.text[:40]
    )
    reason = first.finish_reason
    assert reason == "stop", wrong(
        "finish_reason is {reason!r}", first.at("finish_reason", first.choices[0]), reason=reason
    )


@stop_requirement(
    "stop.tail-not-billed",
    SHOULD,
    source=METHOD.metamorphic,
    hurts="Text that was never delivered is paid for.",
)
@controls(control=NATO, cut=COUNT_CUT[1])
@probes(one=NATO_STOPPED)
def test_text_after_the_stop_is_not_billed(control: View, cut: View, one: View) -> None:
    """completion_tokens with a stop string are fewer than without: the discarded tail is not billed."""
    recites(control)
    stops(one)
    billed, whole = one.usage.completion, control.usage.completion
    thinks = one.thinks or control.thinks
    assume(billed < whole or not thinks, "the model thinks before it answers, and not always for as long")
    if billed >= whole:
        shown(cut)
    assert billed < whole, wrong(
        "{billed} completion tokens with the stop string, {whole} without",
        one.at("usage.completion_tokens"),
        billed=billed,
        whole=whole,
    )


@stop_requirement("stop.null-is-unset", MAY)
@controls(control=COUNT)
@probes(null=COUNT_DEFAULTS)
def test_null_means_unset(control: View, null: View) -> None:
    """`stop: null` means the same as no `stop`."""
    assert control.text.startswith(null.text), wrong(
        "with `stop: null` the answer begins with {text!r}", null.at_text(), text=null.text[:20]
    )
