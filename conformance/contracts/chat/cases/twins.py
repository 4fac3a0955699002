"""What streaming does to a text, seen at the same request that is not streamed.

Neither a model that answers differently each time nor a weak one does any of this: a text twice over, its
white space gone, its own thoughts before it. So no second stream has to show it too.
"""

from __future__ import annotations

from itertools import pairwise

from conformance.contracts.chat.reading.thoughts import THOUGHT_TAG
from conformance.contracts.chat.reading.view import View
from conformance.contracts.hidden import Blocked
from conformance.judging.saying import Objection, wrong

SAME = 8
"""Characters of a text, or of thoughts, that nobody writes twice by chance."""


def recorded(*views: View) -> bool:
    """Whether these requests were sent and served: a recording of before may lack some."""
    return all(view.last.succeeded for view in views)


SAME_TEXT = "stream.same-text-as-not-streamed"


def sound(plain: View, streamed: View) -> None:
    """Streams of a plain request have its text; otherwise that is the finding, not what is asked here."""
    if recorded(plain, streamed):
        try:
            undamaged(plain, streamed)
        except Objection as objection:
            raise Blocked(SAME_TEXT, objection.finding.message) from objection


def undamaged(plain: View, streamed: View) -> None:
    """Streaming did not damage the text in a way that is never chance."""
    whole, got = plain.text.strip(), streamed.text.strip()
    if not whole or whole == got:
        return
    said = {"plain": whole[:60], "streamed": got[:60]}
    thoughts_apart(plain, streamed)
    _not_twice(streamed, whole, got, said)
    words, seen = whole.split(), got.split()
    # As many words, with other white space between them, is what a model may write the next time.
    respaced = "".join(words) == "".join(seen) and len(words) > 2 and len(seen) != len(words)
    assert not respaced, wrong(
        "white space is lost in the stream: {plain!r} plain, {streamed!r} streamed"
        if len(seen) < len(words)
        else "words are torn in the stream: {plain!r} plain, {streamed!r} streamed",
        streamed.at_text(),
        **said,
    )


def thoughts_apart(plain: View, streamed: View) -> None:
    """Thoughts that the plain answer has apart, or has not at all, are not in the streamed text."""
    whole, got = plain.text.strip(), streamed.text.strip()
    tag = THOUGHT_TAG.search(got)
    assert not tag or THOUGHT_TAG.search(whole), wrong(
        "thoughts are streamed as text: {tag!r} is in the stream, and not in the plain answer",
        streamed.at_text(tag[0] if tag else ""),
        tag=tag[0] if tag else "",
    )
    thoughts, also = plain.choices[0].thoughts.strip(), streamed.choices[0].thoughts.strip()
    before = got.removesuffix(whole).strip() if whole and got != whole else ""
    moved = thoughts and not also and got.endswith(whole) and len(before) >= SAME
    repeated = shares(thoughts, got) and not shares(thoughts, whole)
    told = moved or repeated
    assert not told, wrong(
        "thoughts are streamed as text: plain, they are reasoning, and the stream begins {text!r}",
        streamed.at_text(before if moved else ""),
        text=got[:60],
    )
    swallowed = not got and len(whole) >= SAME and whole in also
    assert not swallowed, wrong(
        "the answer is streamed as reasoning: the stream has no text, and {text!r} among its thoughts",
        streamed.at_text(),
        text=whole[:40],
    )


def shares(thoughts: str, text: str) -> bool:
    """Whether the text has the beginning of the thoughts: their first four words."""
    words = thoughts.split()[:4]
    return len(words) == 4 and " ".join(words) in " ".join(text.split())


def _not_twice(streamed: View, whole: str, got: str, said: dict[str, str]) -> None:
    """No piece is there a second time: not each, not the first or the last, and not all that came before."""
    pieces, where = streamed.choices[0].pieces, streamed.at_text()
    paired = len(pieces) > 2 and pieces[::2] == pieces[1::2] and "".join(pieces[::2]).strip() == whole
    twice = paired or (len(whole) >= SAME and got.count(whole) > 1)
    assert not twice, wrong(
        "the text is doubled in the stream: {plain!r} plain, {streamed!r} streamed", where, **said
    )
    growing = len(pieces) > 2 and all(new.startswith(old) for old, new in pairwise(pieces))
    repeats = growing and pieces[-1].strip() == whole
    assert not repeats, wrong(
        "each delta repeats the text so far: {plain!r} plain, {streamed!r} streamed", where, **said
    )
    for place, (piece, next) in enumerate(pairwise(pieces)):
        again = piece == next and "".join((*pieces[:place], *pieces[place + 1 :])).strip() == whole
        assert not again, wrong(
            "the piece {piece!r} comes twice in the stream: {plain!r} plain, {streamed!r} streamed",
            where,
            piece=piece[:20],
            **said,
        )
