"""The probes that more than one area asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.asking import tokens
from conformance.asking.change import copies, costing, either, one_after_another, optional, setting, stream
from conformance.asking.probe import MODEL, Probe, compact, fetch
from conformance.contracts.chat.probes import costs, prompts
from conformance.contracts.chat.probes.ask import ENDPOINT, GIVEN, ask
from conformance.contracts.chat.probes.change import at_most, max_tokens, n, stop, stream_usage
from conformance.provider.model import Claims

COUNT = ask("count", prompts.COUNT, temperature=0, max_tokens=120, completion_tokens=39)
"""The plainest question with a certain answer: the control of streams, limits and choices."""

NATO = ask("nato", prompts.NATO, temperature=0, max_tokens=150, completion_tokens=60)
"""The control of every stop check: each word occurs once, and the order is known."""

COUNT_STREAM = COUNT | stream
COUNT_USAGE = COUNT | stream | stream_usage
COUNT_DEFAULTS = COUNT | setting(stop=None, stream=False) | at_most(2)
"""What is not asked for, said explicitly."""

COUNT_CUT = tuple(COUNT | max_tokens(limit) for limit in (1, 5, 16))
COUNT_CUT_STREAM = COUNT | stream | max_tokens(5)

WORD = "Foxtrot"
NEXT = "Golf"
UP_TO_WORD = costing(13)
NATO_STOPPED = NATO | stop(WORD) | UP_TO_WORD
NATO_FOUR_STOPS = NATO | stop("Bravo@", "Charlie@", "Delta@", WORD) | UP_TO_WORD
"""Of each of the first three only a part occurs, and nothing stops there."""
NATO_FOUR_STOPS_STREAMED = NATO_FOUR_STOPS | stream

OK = ask("ok", prompts.OK, max_tokens=4, completion_tokens=1)
"""The cheapest request: the base of requests that should be refused."""

PHRASE = ask("phrase", prompts.PHRASE, max_tokens=24, completion_tokens=6)
"""Many good answers: for sampling and choices."""

PHRASES = one_after_another(4, PHRASE)
"""A sample at the default temperature: it shows whether the model has many answers."""

PHRASE_CHOICES = PHRASE | at_most(16) | n(4)
PHRASES_SEEDED = copies(2, PHRASE | setting(seed=7))

UNITS = tuple(
    ask(f"unit x{count}", prompts.UNIT * count, temperature=0, completion_tokens=2) | at_most(2)
    for count in (1, 2, 4)
)
"""A text once, twice and four times: for counting prompt tokens."""

SYSTEM_UNITS = tuple(
    ask(
        f"unit x1 with system x{count}",
        {"role": "system", "content": prompts.UNIT * count},
        prompts.UNIT,
        temperature=0,
        completion_tokens=2,
        features=frozenset({"system-role"}),
    )
    | at_most(2)
    for count in (1, 8)
)
"""The text once, beside a system message that has it once, and eight times."""

TOOL_UNITS = tuple(
    ask(
        f"unit x1 with a tool x{count}",
        prompts.UNIT,
        temperature=0,
        completion_tokens=2,
        tools=[
            {
                "type": "function",
                "function": {
                    "name": "get_weather",
                    "description": (prompts.UNIT * count).strip(),
                    "parameters": {
                        "type": "object",
                        "properties": {"city": {"type": "string"}},
                        "required": ["city"],
                        "additionalProperties": False,
                    },
                },
            }
        ],
    )
    | at_most(2)
    for count in (1, 8)
)
"""The text once, beside a tool whose description has it once, and eight times."""

CHOICE_LIMIT = 8
THREE_CUT = COUNT | max_tokens(CHOICE_LIMIT) | n(3)
"""Three choices, each cut at so many tokens: for counting completion tokens."""

MODEL_LIST = fetch("models", "/models") | optional("model-list") | either
MODEL_RETRIEVED = fetch("the model", f"/models/{MODEL}") | optional("model-retrieve") | either


def echo(text: str, name: str = "echo") -> Probe:
    """Asks the model to repeat a text."""
    return ask(name, prompts.ECHO + text, temperature=0, max_tokens=100, completion_tokens=tokens.about(text))


def _parallel(name: str) -> Probe:
    return echo(prompts.PARALLEL[name], f"parallel {name}") | at_most(250)


PARALLEL = tuple(_parallel(name) | stream for name in prompts.PARALLEL)
"""Long enough to be under way at the same time."""

PRIVATE, PRIVATE_STREAMED = _parallel("private"), PARALLEL[-1]


def question(name: str, *messages: str | Mapping[str, Any], feature: str | None = None) -> Probe:
    """A question whose answer is a word or two; the limit leaves room for models that think first."""
    asked = ask(name, *messages, temperature=0, max_tokens=400, completion_tokens=2)
    return asked if feature is None else asked | optional(feature)


AT_ONCE_WORD = "saffron"
AT_ONCE = question("secret, one message", f"{prompts.SECRET_USER_TURN} {prompts.SECRET_QUESTION_USER}")
"""Shows whether the model finds what it is told."""


def turn(role: str, text: str) -> dict[str, str]:
    """A message."""
    return {"role": role, "content": text}


ORDERED_BY_DEVELOPER = question(
    "order by the developer", turn("developer", prompts.PINEAPPLE), prompts.QUESTION, feature="developer-role"
)


ALONE = question("secret, question alone", prompts.SECRET_QUESTION_USER) | costing(11)
"""The question for a word that nobody told."""

ORDERED_BY_SYSTEM = question(
    "order by the system", turn("system", prompts.PINEAPPLE), prompts.QUESTION, feature="system-role"
)

CODES_AT_ONCE = question(
    "four code words, one message", f"{' '.join(prompts.CODES_TOLD.values())} {prompts.CODES_ASKED}"
) | costing(4)
"""Shows whether the model finds four words that it is told."""

LONG_MESSAGE = question(
    "two code words, 3,000 characters apart",
    prompts.LONG_HEAD + prompts.UNIT * prompts.LONG_TIMES + prompts.LONG_TAIL,
) | costing(3)


def documented_examples(claims: Claims) -> dict[str, Probe]:
    """The requests printed in the provider's documents, by name, for the model under test.

    Only the model is replaced: the sentence that is tested is the shape of the request.
    """
    return {
        example.name: Probe(
            f"example {example.name}",
            compact({**example.body, "model": MODEL}),
            path=ENDPOINT,
            completion_tokens=25,
            costs=costs,
            given=GIVEN,
        )
        for example in claims.examples
    }
