"""What both sides are asked, in stages, and how an exchange is read as a sample of a side's answers.

Both sides are sent the same bytes at the same time, each at its own pace, in rounds over all prompts: what
changes while they are asked, changes for all prompts alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from conformance.asking.probe import Expects, Probe
from conformance.contracts.chat.probes.ask import ask
from conformance.contracts.chat.reading.view import View
from conformance.contracts.hidden import CannotSee
from conformance.identity.comparing import FEW, MANY
from conformance.identity.prompts import generated
from conformance.identity.values import Sample, Side
from conformance.wire.record import Exchange

TOKENS = 24
"""What an answer may be long."""

WEIGHINGS = 5
"""Requests for each prompt whose answer is one token with its probability."""

LISTED = 5
"""Tokens whose probabilities are asked for."""


@dataclass(frozen=True)
class Questions:
    """The requests of a comparison, by stage: first tokens, few texts, and many."""

    weighed: tuple[Probe, ...]
    few: tuple[Probe, ...]
    rest: tuple[Probe, ...]

    @property
    def stages(self) -> tuple[tuple[Probe, ...], ...]:
        """What has been asked by the end of each stage."""
        return (self.weighed, self.weighed + self.few, self.weighed + self.few + self.rest)


def questions(seed: str) -> Questions:
    """The requests that this seed stands for."""
    spoken, weighed = generated(seed)
    texts = [
        ask(f"text {number}", prompt, completion_tokens=TOKENS, temperature=1, max_tokens=TOKENS)
        for number, prompt in enumerate(spoken)
    ]
    tokens = [
        replace(
            ask(
                f"token {number}", prompt, completion_tokens=1, temperature=1, max_tokens=1, logprobs=True,
                top_logprobs=LISTED,
            ),
            expects=Expects.EITHER,
        )
        for number, prompt in enumerate(weighed)
    ]  # fmt: skip
    rounds = [tuple(_round(texts, number)) for number in range(MANY)]
    return Questions(
        tuple(one for number in range(WEIGHINGS) for one in _round(tokens, number)),
        tuple(one for made in rounds[:FEW] for one in made),
        tuple(one for made in rounds[FEW:] for one in made),
    )


def _round(probes: Iterable[Probe], number: int) -> Iterable[Probe]:
    for probe in probes:
        yield probe.changed(f"copy {number + 1}", copy=number) if number else probe


def side(name: str, asked: Questions, exchanges: Sequence[Exchange]) -> Side:
    """What the exchanges say that answer these questions."""
    by_key = {one.key: one for one in exchanges}
    return Side(
        name,
        tuple(_weighed(by_key[probe.key], probe) for probe in asked.weighed if probe.key in by_key),
        tuple(_spoken(by_key[probe.key], probe) for probe in asked.few + asked.rest if probe.key in by_key),
    )


def _number(probe: Probe) -> int:
    return int(probe.name.split()[1])


def _spoken(exchange: Exchange, probe: Probe) -> Sample:
    view = View(exchange)
    try:
        text, why = view.text, ""
    except CannotSee as hidden:
        text, why = None, str(hidden)
    return _sample(exchange, probe, view, text=text, why=why)


def _weighed(exchange: Exchange, probe: Probe) -> Sample:
    view = View(exchange)
    try:
        written = view.logprobs
        first = {one.token: one.logprob for one in written[0].top} if written else {}
    except CannotSee:
        first = {}
    return replace(_sample(exchange, probe, view, text="", why=""), first=first)


def _sample(exchange: Exchange, probe: Probe, view: View, *, text: str | None, why: str) -> Sample:
    counted = view.usage.prompt if exchange.last.succeeded and view.has_usage else None
    return Sample(_number(probe), text, exchange.last.started, why, counted, adapted=exchange.adapted)
