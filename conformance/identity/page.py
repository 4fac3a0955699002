"""same.html: the result of a comparison on one screen, in one file that needs nothing else."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from conformance.identity import telling
from conformance.identity.outcome import Outcome
from conformance.identity.power import seen
from conformance.report.language import ENGLISH, wording
from conformance.report.page.html import environment

if TYPE_CHECKING:
    from jinja2 import Template


def render(outcome: Outcome, language: str = ENGLISH) -> str:
    """The page. The same outcome gives the same page, byte for byte."""
    say = wording(language)
    return (
        _template(language)
        .render(
            outcome=outcome,
            mark=telling.mark(outcome),
            headline=telling.headline(outcome, say),
            reasons=list(telling.reasons(outcome, say)),
            counting=telling.counting(outcome, say),
            tests=[(one, telling.test(one, say), telling.verdict(one, say)) for one in outcome.found.layers],
            power=seen(),
        )
        .lstrip()
    )


@cache
def _template(language: str) -> Template:
    return environment(language, "report.css", "same.css").get_template("same.html.j2")
