"""The probes that more than one area asks for."""

from __future__ import annotations

from conformance.probe import prompts
from conformance.probe.change import copies, max_tokens, setting, stop, stream, stream_usage
from conformance.probe.probe import MODEL, Probe, ask, compact
from conformance.provider.model import Claims

COUNT = ask("count", prompts.COUNT, temperature=0, max_tokens=120, completion_tokens=40)
"""The plainest question with a certain answer: the control of streams, limits and choices."""

NATO = ask("nato", prompts.NATO, temperature=0, max_tokens=150, completion_tokens=75)
"""The control of every stop check: each word occurs once, and the order is known."""

COUNT_STREAM = COUNT | stream
COUNT_USAGE = COUNT | stream | stream_usage
COUNT_DEFAULTS = COUNT | setting(stop=None, stream=False) | max_tokens(1)
"""What is not asked for, said explicitly."""

COUNT_CUT = tuple(COUNT | max_tokens(limit) for limit in (1, 5, 16))
COUNT_CUT_STREAM = COUNT | stream | max_tokens(5)

WORD = "Foxtrot"
NEXT = "Golf"
NATO_STOPPED = NATO | stop(WORD)
NATO_FOUR_STOPS = NATO | stop("@@1", "@@2", "@@3", WORD)

OK = ask("ok", prompts.OK, max_tokens=4, completion_tokens=3)
"""The cheapest request: the base of requests that should be refused."""

PHRASE = ask("phrase", prompts.PHRASE, max_tokens=24, completion_tokens=10)
"""Many good answers: for sampling and choices."""

PHRASES = copies(4, PHRASE)
"""A sample at the default temperature: it shows whether the model has many answers."""


def echo(text: str, name: str = "echo") -> Probe:
    """Asks the model to repeat a text."""
    return ask(name, prompts.ECHO + text, temperature=0, max_tokens=100, completion_tokens=len(text) // 2)


def documented_examples(claims: Claims) -> dict[str, Probe]:
    """The requests printed in the provider's documents, by name, for the model under test.

    Only the model is replaced: the sentence that is tested is the shape of the request.
    """
    return {
        example.name: Probe(
            f"example {example.name}", compact({**example.body, "model": MODEL}), completion_tokens=120
        )
        for example in claims.examples
    }
