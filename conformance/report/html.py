"""report.html: one file that needs nothing else, made from results.json alone.

Everything that a provider sent is escaped by the template engine and has its invisible characters written
out. The page carries no script, and its content security policy allows none.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from html import escape
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from conformance.report import show
from conformance.report.language import ENGLISH, wording
from conformance.report.page import page
from conformance.report.promise_table import LOOKS
from conformance.report.results import Results
from conformance.report.text import visible
from conformance.verdict import Level, Verdict

if TYPE_CHECKING:
    from jinja2 import Environment, Template


_CODE = re.compile("`([^`]+)`")
"""How the suite's own sentences mark a name."""


def render(results: Results, language: str = ENGLISH) -> str:
    """The page in one of `language.LANGUAGES`. The same results give the same page, byte for byte."""
    many = len(results.targets) > 1
    return _template(language).render(page=page(results), results=results, many=many).lstrip()


@cache
def _template(language: str) -> Template:
    return environment(language, "report.css").get_template("report.html.j2")


def environment(language: str, *styles: str) -> Environment:
    """What the templates of all pages share: escaping, figures, words, and the style sheets of the page."""
    import jinja2
    from markupsafe import Markup

    say = wording(language)

    def safe(value: object) -> object:
        return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    made = jinja2.Environment(
        loader=jinja2.PackageLoader("conformance.report"),
        autoescape=True,
        finalize=safe,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "when": show.when,
        "seconds": show.seconds,
        "money": show.money,
        "plural": show.plural,
        "size": show.size,
        # Between tags quotation marks need no escape, and JSON is full of them.
        "content": lambda text: Markup(escape(visible(text), quote=False)),  # noqa: S704
    }

    def prose(text: str) -> Markup:
        escaped = escape(visible(text))
        return Markup(_CODE.sub(r"<code>\1</code>", escaped))  # noqa: S704 - escaped above

    made.filters |= {
        "prose": prose,
        "statement": lambda entry: prose(say.sentence(entry.id, entry.statement)),
        "impact": lambda entry: prose(say.sentence(entry.id, entry.impact)),
    }
    style = "".join(map(_resource, styles))
    made.globals |= {
        "style": Markup(style),  # noqa: S704 - the suite's own style sheet
        "style_digest": base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        "symbol": show.SYMBOL,
        "looks": LOOKS,
        "no_proof": show.NO_PROOF,
        "web": _web,
        "lang": say.tag,
        "say": say,
        "words": lambda verdict: say(f"verdict.{verdict}"),
        "Level": Level,
        "Verdict": Verdict,
    }
    return made


def _resource(name: str) -> str:
    return resources.files("conformance.report").joinpath(f"templates/{name}").read_text("utf-8")


def _web(url: Any) -> bool:
    """Whether the text is an address that may become a link."""
    try:
        parts = urlsplit(str(url))
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
