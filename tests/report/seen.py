"""A page as a browser sees it, and what holds of every page."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise

_VOID = frozenset({"meta", "br", "input"})


class Page(HTMLParser):
    """A page as a browser sees it; complains about tags that do not close."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.texts.append(data)

    @property
    def text(self) -> str:
        """All that is written, on one line."""
        return " ".join(" ".join(self.texts).split())

    def every(self, name: str) -> list[str]:
        """The values of that attribute, wherever it stands."""
        return [value or "" for _, attrs in self.tags for key, value in attrs.items() if key == name]

    def count(self, tag: str) -> int:
        """How often that tag is there."""
        return sum(name == tag for name, _ in self.tags)


def check_form(page: Page) -> None:
    """Links lead somewhere, and the page is accessible in form."""
    ids = page.every("id")
    assert [one for one, count in Counter(ids).items() if count > 1] == []
    assert {href[1:] for href in page.every("href") if href.startswith("#")} <= set(ids)
    assert page.count("h1") == 1
    headings = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(headings))
    assert all("scope" in attrs for tag, attrs in page.tags if tag == "th")
    assert set(page.every("aria-labelledby")) <= set(ids)


def check_nothing_loads(text: str) -> None:
    """Nothing runs but the suite's own script, and nothing is loaded."""
    page = Page(text)
    names = {tag for tag, _ in page.tags}
    assert not names & {"img", "image", "iframe", "link", "object", "embed", "base", "use", "foreignobject"}
    assert page.count("script") == page.count("style") == 1
    assert not [key for _, attrs in page.tags for key in attrs if key.startswith("on") or key == "style"]
    assert all(href.startswith(("#", "https://", "http://")) for href in page.every("href"))
    policy = next(attrs["content"] for tag, attrs in page.tags if "http-equiv" in attrs) or ""
    style, script = (text.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0] for tag in ("style", "script"))
    hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in (style, script)]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert "url(" not in style
    assert "@import" not in style
    assert not re.search(r"fetch|XMLHttp|import|eval|innerHTML|insertAdjacent|document.write", script)
