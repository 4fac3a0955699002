"""report.html: one file that needs nothing else, made from results.json alone.

Everything that a provider sent is escaped by the template engine and has its invisible characters written
out. The page is read without its script, which only sorts, filters and unfolds; the content security policy
allows this style sheet and this script, and nothing else.
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

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.report import show
from conformance.report.age import age
from conformance.report.language import ENGLISH, wording
from conformance.report.page.page import page
from conformance.report.page.promise_table import LOOKS
from conformance.report.page.reproduce import judge_all_again
from conformance.report.results.marks import Mark
from conformance.report.results.results import Results
from conformance.report.spent import differs
from conformance.report.text import visible

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


_CODE = re.compile("`([^`]+)`")
"""How the suite's own sentences mark a name."""

_CONTEXT = 24
"""Characters before and after a mark by which its place is found again in the excerpt."""


def render(results: Results, language: str = ENGLISH) -> str:
    """The page in one of `language.LANGUAGES`. The same results give the same page, byte for byte."""
    many = len(results.targets) > 1
    template = _environment(language).get_template("report.html.j2")
    return template.render(page=page(results, wording(language)), results=results, many=many).lstrip()


@cache
def _environment(language: str) -> Environment:
    return environment(language, "report.css")


def environment(language: str, *styles: str) -> Environment:
    """What the templates of all pages share: escaping, figures, words, and the style sheets of the page."""
    import jinja2
    from markupsafe import Markup

    from conformance.report.page.bytecode import Bytecode

    say = wording(language)

    def inert(value: object) -> object:
        return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    def content(text: str) -> Markup:
        # Between tags quotation marks need no escape, and JSON is full of them.
        return Markup(escape(visible(text), quote=False))  # noqa: S704 - escaped here

    def prose(text: str) -> Markup:
        return Markup(_CODE.sub(r"<code>\1</code>", escape(visible(text))))  # noqa: S704 - escaped here

    def words(key: str, **values: object) -> Markup:
        return prose(say.template(key, values.get("n"))).format(**{k: inert(v) for k, v in values.items()})

    def marked(body: str, mark: Mark | None) -> Markup:
        head, text, tail = _around(body, mark)
        return (
            content(head) + (Markup("<mark>{}</mark>").format(content(text)) if text else "") + content(tail)
        )

    made = jinja2.Environment(
        loader=jinja2.PackageLoader("conformance.report"),
        autoescape=True,
        finalize=inert,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        bytecode_cache=Bytecode(),
        optimized=False,  # what is compiled once must not depend on the words of a language
    )
    made.filters |= {
        "when": show.when,
        "seconds": show.seconds,
        "money": show.money,
        "differs": lambda target: differs(target, say),
        "age": lambda claims, today: age(claims, today, say),
        "model": show.model,
        "content": content,
        "marked": marked,
        "prose": prose,
        "local": lambda texts: prose(texts[language]),
        "statement": lambda entry: prose(say.sentence(entry.id, entry.statement)),
        "impact": lambda entry: prose(say.sentence(entry.id, entry.impact)),
    }
    style, script = "".join(map(_resource, styles)), _resource("report.js")
    made.globals |= {
        "style": Markup(style),  # noqa: S704 - the suite's own style sheet
        "style_digest": _digest(style),
        "script": Markup(script),  # noqa: S704 - the suite's own script
        "script_digest": _digest(script),
        "lang": say.tag,
        "original": "" if language == ENGLISH else Markup(' lang="en"'),
        "say": words,
        "told": say.told,
        "words": lambda verdict: words(f"verdict.{verdict}"),
        "symbol": show.SYMBOL,
        "looks": LOOKS,
        "judge_all_again": judge_all_again,
        "web": _web,
        "Level": Level,
        "Verdict": Verdict,
    }
    return made


def _around(body: str, mark: Mark | None) -> tuple[str, str, str]:
    """What stands before, in, and after the mark; where that is not to be found, all stands before."""
    if mark is None or not mark.text or mark.offset is None:
        return body, "", ""
    before = mark.before[-_CONTEXT:]
    at = body.find(before + mark.text + mark.after[:_CONTEXT])
    if at < 0:
        return body, "", ""
    start, end = at + len(before), at + len(before) + len(mark.text)
    return body[:start], body[start:end], body[end:]


def _digest(text: str) -> str:
    """The hash by which a content security policy allows this text and no other."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _resource(name: str) -> str:
    return resources.files("conformance.report").joinpath(f"templates/{name}").read_text("utf-8")


def _web(url: Any) -> bool:
    """Whether the text is an address that may become a link."""
    try:
        parts = urlsplit(str(url))
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
