"""What a comparison comes to, in sentences: for the terminal and for same.html."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.identity.comparing import Counts, Layer, Verdict
from conformance.identity.outcome import Outcome
from conformance.report.language import Wording
from conformance.report.text import MESSAGE, line


def headline(outcome: Outcome, say: Wording) -> str:
    """The result in a sentence."""
    names = [one.side.name for one in outcome.sides]
    so_far = outcome.found.verdict is Verdict.SAME and outcome.incomplete is not None
    key = "so-far" if so_far else _key(outcome.found.verdict)
    return say(f"same.headline.{key}", one=names[0], other=names[1])


def reasons(outcome: Outcome, say: Wording) -> Iterator[str]:
    """Why nothing can be told, or what weakens what is told."""
    for reason, side in outcome.found.reasons:
        kind, _, what = reason.partition(": ")
        if kind == "no answers" and outcome.incomplete is not None:
            continue  # what ended the asking says why
        yield say(f"same.reason.{_key(kind)}", side=side, what=line(what, MESSAGE))


def counting(outcome: Outcome, say: Wording) -> str:
    """How both sides count the tokens of the prompts."""
    counted, names = outcome.found.counted, [one.side.name for one in outcome.sides]
    higher, lower = (names[1], names[0]) if counted.least >= 0 else (names[0], names[1])
    values = {
        "n": counted.prompts,
        "least": counted.least,
        "most": counted.most,
        "tokens": abs(counted.least),
    }
    return say(
        f"same.counts.{counted.kind}", one=names[0], other=names[1], higher=higher, lower=lower, **values
    )


def test(layer: Layer, say: Wording) -> str:
    """What a test compares."""
    return say(f"same.test.{layer.name}", side=layer.side)


def verdict(layer: Layer, say: Wording) -> str:
    """What came of a test."""
    if layer.tested is None:
        return say("same.test.not-made")
    return say("same.test.differs" if layer.rejects else "same.test.alike")


def mark(outcome: Outcome) -> str:
    """The colour of a result, as a verdict of the suite."""
    found = outcome.found
    if found.verdict is Verdict.SAME and outcome.incomplete is not None:
        return "inconclusive"
    if found.verdict is Verdict.SAME:
        return "pass" if found.counted.kind in (Counts.EQUAL, Counts.UNKNOWN) else "warn"
    return {Verdict.DIFFERENT: "fail", Verdict.UNSTABLE: "warn"}.get(found.verdict, "inconclusive")


def lines(outcome: Outcome, say: Wording) -> Iterator[str]:
    """The result on a terminal."""
    yield headline(outcome, say)
    yield from (f"  {reason}" for reason in reasons(outcome, say))
    if outcome.incomplete is not None:
        yield f"  {say('same.incomplete', why=outcome.incomplete)}"
    yield ""
    rows = [
        (test(one, say), _figure(one), f"{one.level:.3f}", verdict(one, say)) for one in outcome.found.layers
    ]
    heads = tuple(say(f"same.column.{name}") for name in ("test", "p", "level", "result"))
    widths = [max(len(row[at]) for row in (heads, *rows)) for at in range(len(heads))]
    for row in (heads, *rows):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    yield ""
    yield counting(outcome, say)
    for side in outcome.sides:
        values = {
            "side": side.side.name,
            "requests": f"{side.requests:,}",
            "prompt": f"{side.prompt_tokens:,}",
            "completion": f"{side.completion_tokens:,}",
            "answers": side.answers,
            "distinct": side.distinct,
            "stored": say("same.stored") if side.stored else "",
        }
        yield say("same.cost", **values).rstrip()
    yield say("same.error-rate")
    yield say("same.power")


def _figure(layer: Layer) -> str:
    return "–" if layer.tested is None else f"{layer.tested.p:.4f}"


def _key(text: str) -> str:
    return text.replace(" ", "-")
