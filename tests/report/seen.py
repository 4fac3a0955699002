"""A page as a browser sees it."""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser

_VOID = frozenset({"meta", "br", "path", "rect", "use", "line", "circle"})


class Page(HTMLParser):
    """Tags, attributes and text; complains about tags that do not close."""

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
        if tag not in _VOID:
            assert self.open, f"</{tag}> closes nothing"
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
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


def policy_and_digest(text: str) -> tuple[str, str]:
    """The content security policy of a page, and the digest of its style sheet."""
    policy = next(attrs["content"] for tag, attrs in Page(text).tags if "http-equiv" in attrs) or ""
    style = text.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    return policy, base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
