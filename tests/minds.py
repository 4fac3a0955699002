"""Models that nobody may accuse of anything: they say what is right in their own style, or think for long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

from conformance.reference.chat.mind.answering import ABLE, Mind
from conformance.reference.chat.mind.plan import Plan, script
from conformance.reference.chat.mind.understanding import intend
from conformance.reference.chat.personas import Persona
from conformance.reference.chat.request import ChatRequest
from conformance.reference.fault import Fault
from conformance.reference.tokens import tokenize


def at_length(least: int, most: int, *alterations: Fault) -> Persona:
    """Thinks for so many tokens, and so at times longer than it is given room for."""
    words = tokenize("Let me see what is really asked for, and put it into as few words as I can. ")

    def thoughts(rng: Random) -> tuple[str, ...]:
        count = rng.randint(least, most)
        return tuple((words * (count // len(words) + 1))[:count])

    return Persona(f"thinks for {least} to {most} tokens", Mind(thoughts=thoughts), alterations=alterations)


def _listed(mark: Callable[[int, str], str], between: str) -> Callable[[Plan], Plan]:
    """A style that writes what is asked for as one list in its own way."""

    def written(plan: Plan) -> Plan:
        words = "".join(max(slot, key=slot.__getitem__) for slot in plan).split()
        if len(words) < 10:
            return plan
        return script(between.join(mark(number, word) for number, word in enumerate(words, 1)))

    return written


STYLES: Mapping[str, Callable[[Plan], Plan]] = {
    "polite": lambda plan: (
        script("Sure! Here you go:\n\n") + plan + script("\n\nLet me know if you need anything else!")
    ),
    "after a blank line": lambda plan: script("\n\n") + plan,
    "between spaces": lambda plan: script(" ") + plan + script("\n"),
    "in bold": lambda plan: script("**") + plan + script("**"),
    "as code": lambda plan: script("```\n") + plan + script("\n```"),
    "in quotation marks": lambda plan: script('"') + plan + script('."'),
    "as a numbered list": _listed(lambda number, word: f"{number}. {word}", "\n"),
    "with commas": _listed(lambda _, word: word, ", "),
    "cut off early": lambda plan: plan[:6],
    "twice, and more": lambda plan: plan + script("\n") + plan + script(" And so on, and so on.") * 12,
    "not at all": lambda _: script("I'm sorry, but I can't help with that."),
}
"""What a model makes of what it has to say, where no format is asked for."""


def in_style(name: str) -> Persona:
    """Answers everything in that style."""

    def styled(request: ChatRequest) -> Plan:
        plan = intend(request)
        return plan if request.format != "text" else STYLES[name](plan)

    return Persona(f"answers: {name}", replace(ABLE, intend=styled))
