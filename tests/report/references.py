"""What GitHub and GitLab make links of, or tell somebody about, without any markup."""

from __future__ import annotations

import html
import re

REFERENCES = (
    "#1",
    "Fixes #12, closes #3",
    "GH-2",
    "gh-26",
    "PROJECT-123",
    "owner/repo#3",
    "owner/repo@a5c3785",
    "a5c3785ed8d6a35868bc169f07e40e889087fd2e",
    "DEADBEEF",
    "1795171",
    "@someone @org/team",
    "someone@example.org",
    "!5 &5 %5 $5 ~5 ^5",
    "https://github.com/o/r/issues/1",
    "HTTP://github.com/o/r/pull/1 www.example.org",
    "![img](https://x.example/i.png)",
    "<!-- a comment -->",
    "- [ ] a task\n* [x] another",
    "1. a list\n2) another",
    "# a heading",
    "[^1]: a note [^1]",
    "\\#1 \\@someone &#35;1 &#64;someone",
    "é#1 éGH-1 éa5c3785",
)

_MARKUP = re.compile(r"(?i)(?<!\\)[<\[]|://|\bwww\.")
"""What makes a link in Markdown itself."""

_LINKED = re.compile(
    r"@[\w-]|[#!&%$~^][0-9]|\b(?:(?i:gh)|[A-Z][A-Z0-9_]*)-[0-9]|\b[0-9a-fA-F]{7,}\b", re.ASCII
)
"""What makes one in the text that is left when markup, escapes and entities have been read."""

_CODE = re.compile(r"(?<!\\)`[^`]*`")
_COST = re.compile(r"\\\$[\d.,]+")
"""What a run cost, which is ours to say; a provider's dollars are taken apart."""

_MARK = re.compile(r"\A<!-- openai-conformance [0-9a-f]{16} -->\n")
_ASIDE = 0xE000
"""Where escaped characters are put meanwhile, as they begin no entity."""


def linked(markdown: str) -> list[str]:
    """What of the text would be a link or a reference; the mark of an issue may stand first."""
    source = _COST.sub("", _CODE.sub("", _MARK.sub("", markdown)))
    aside = re.sub(r"\\([!-/:-@\[-`{-~])", lambda match: chr(_ASIDE + ord(match[1])), source)
    text = re.sub("[\ue000-\ue07f]", lambda match: chr(ord(match[0]) - _ASIDE), html.unescape(aside))
    return [*_MARKUP.findall(source), *_LINKED.findall(text)]
