from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import yaml
from jinja2 import Environment

import conformance
from conformance import CONTRACTS
from conformance.judging.catalogue import every_requirement
from conformance.report.language import LANGUAGES, wording
from conformance.report.page.clients import clients
from conformance.report.page.html import render
from conformance.wire.message import Message, gaps
from tests.report.sample import sample

FOLDER = resources.files("conformance.report")
WORDS_OF = {
    name: resources.files("conformance.contracts").joinpath(name, "words") for name in ("host", *CONTRACTS)
}
TEXTS = [
    FOLDER.joinpath("words.yaml").read_text("utf-8"),
    *(
        own.read_text("utf-8")
        for folder in WORDS_OF.values()
        if (own := folder.joinpath("report.yaml")).is_file()
    ),
]
WORDS: dict[str, dict[str, Any]] = {
    key: entry for text in TEXTS for key, entry in yaml.safe_load(text).items()
}
AREAS = {
    (contract, file.name.removesuffix(".yaml")): yaml.safe_load(file.read_text("utf-8"))
    for contract, folder in WORDS_OF.items()
    for file in folder.joinpath("zh").iterdir()
}
REQUIREMENTS = {
    package: [
        case.requirement
        for case in every_requirement().values()
        if case.function.__module__.startswith(f"conformance.contracts.{package}.")
    ]
    for package in WORDS_OF
}


def _gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", WORDS)
def test_every_word_is_there_in_every_language_with_the_same_gaps(key: str) -> None:
    entry = WORDS[key]
    assert list(entry) == list(LANGUAGES)
    forms = [
        form for words in entry.values() for form in (words.values() if isinstance(words, dict) else [words])
    ]
    assert all(isinstance(form, str) and form for form in forms)
    assert len({frozenset(_gaps(form)) for form in forms}) == 1
    for words in entry.values():
        assert isinstance(words, str) or (list(words) == ["one", "other"] and "n" in _gaps(words["one"]))


def test_no_key_is_there_twice() -> None:
    keys = [key for text in TEXTS for key in re.findall(r"^([A-Za-z0-9.-]+):", text, re.MULTILINE)]
    assert sorted(keys) == sorted(WORDS)


def test_every_area_is_there_in_chinese() -> None:
    assert set(AREAS) == {(contract, one.area) for contract, of in REQUIREMENTS.items() for one in of}


@pytest.mark.parametrize(("contract", "area"), AREAS)
def test_an_area_in_chinese_has_all_its_sentences_as_they_are_now(contract: str, area: str) -> None:
    found = AREAS[contract, area]
    there = {id: [pair["en"] for pair in pairs] for id, pairs in found.items()}
    wanted = {
        one.id: [text for text in (one.statement, one.hurts) if text]
        for one in REQUIREMENTS[contract]
        if one.area == area
    }
    assert there == wanted
    for pairs in found.values():
        for pair in pairs:
            assert list(pair) == ["en", "zh"]
            assert re.search("[\u4e00-\u9fff]", pair["zh"]), pair
            assert sorted(re.findall("`[^`]+`", pair["en"])) == sorted(re.findall("`[^`]+`", pair["zh"]))


def test_a_sentence_that_is_not_the_one_translated_stays_english() -> None:
    chinese = wording("zh")
    english = "The returned text does not contain the stop sequence."
    assert chinese.sentence("stop.not-in-output", english) == "返回的文本中不包含停止序列。"
    assert chinese.sentence("stop.not-in-output", "Another sentence.") == "Another sentence."
    assert chinese.sentence("other.requirement", english) == english
    assert wording("en").sentence("stop.not-in-output", english) == english


def test_the_page_is_in_the_language_that_was_asked_for() -> None:
    from conformance.report.page.html import render

    page = render(sample(), "zh")
    assert '<html lang="zh-Hans">' in page
    assert "返回的文本中不包含停止序列。" in page
    assert "will not contain the stop sequence." in page, "quotes stay as they are"
    assert '<html lang="en">' in render(sample())


TEMPLATES = [file for file in FOLDER.joinpath("templates").iterdir() if file.name.endswith(".html.j2")]


class _Prose(HTMLParser):
    """What a template says to people in words of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._verbatim = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._verbatim += tag == "code"
        spoken = ("aria-label", "title", "alt", "placeholder")
        self.found += [value or "" for name, value in attrs if name in spoken]

    def handle_endtag(self, tag: str) -> None:
        self._verbatim -= tag == "code"

    def handle_data(self, data: str) -> None:
        if not self._verbatim:
            self.found.append(data)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_no_template_has_words_of_its_own(template: Any) -> None:
    tokens = list(Environment().lex(template.read_text("utf-8")))
    markup = "".join(text if kind == "data" else " " if "_begin" in kind else "" for _, kind, text in tokens)
    prose = _Prose()
    prose.feed(markup)
    assert [text for text in prose.found if re.search("[A-Za-z]{2}", text.replace("HTTP", ""))] == []
    said = [text[1:-1] for _, kind, text in tokens if kind == "string"]
    assert [text for text in said if re.search("[a-z]{2,} [a-z]{2,}", text)] == []


@pytest.mark.parametrize("key", WORDS)
def test_every_word_is_said_somewhere(key: str) -> None:
    sources = [file.read_text("utf-8") for file in TEMPLATES]
    sources += [path.read_text("utf-8") for path in Path(conformance.__file__).parent.rglob("*.py")]
    # Some keys are put together from a fixed beginning and what they are about.
    stem, _, last = key.rpartition(".")
    parts = key.split(".")
    assert any(
        f'"{key}"' in text
        or f"'{key}'" in text
        or f'"{stem}."' in text
        or f"{stem}.{{" in text
        or (f'"{parts[0]}."' in text or f"{parts[0]}.{{" in text)
        for text in sources
    ), last


def test_what_clients_break_on_is_said_in_every_language() -> None:
    for client in clients():
        for rule in client.rules:
            assert set(rule.words) == set(LANGUAGES)
            assert set(rule.requirements) <= every_requirement().keys()
            assert rule.source.startswith("https://")


MESSAGES: dict[str, dict[str, str]] = yaml.safe_load(FOLDER.joinpath("messages.yaml").read_text("utf-8"))


@pytest.mark.parametrize("english", MESSAGES, ids=range(len(MESSAGES)))
def test_a_message_has_the_same_gaps_in_every_language(english: str) -> None:
    assert list(MESSAGES[english]) == [language for language in LANGUAGES if language != "en"]
    for other in MESSAGES[english].values():
        assert other
        assert gaps(other) == gaps(english)


def test_the_messages_that_are_translated_are_those_that_the_suite_says() -> None:
    code = "\n".join(file.read_text("utf-8") for file in Path(conformance.__file__).parent.rglob("*.py"))
    literal = code.replace("\\", "")
    titles = ("answer", "comparison")
    said = {one for one in MESSAGES if f'"{one}"' in literal} | {f"{one}s" for one in titles}
    assert set(MESSAGES) <= said


def test_a_page_in_chinese_tells_what_is_translated_as_a_whole_and_the_rest_in_english() -> None:
    busy = Message.of("HTTP {status} after {made} attempts", status=429, made=3)
    summed = Message.of(
        "{finding} ({hits} of {total} {title}, first: {probe})",
        finding=busy,
        hits=2,
        total=3,
        title=Message("answers"),
        probe="count",
    )
    say = wording("zh")
    assert say.told(busy) == "尝试 3 次后仍为 HTTP 429"
    assert say.told(summed) == "尝试 3 次后仍为 HTTP 429（3 个回答中的 2 个，首例：count）"
    half = Message(summed.id, (("finding", Message("id is empty")), *summed.parameters[1:]))
    assert (say.told(half), wording("en").told(busy)) == (None, None)
    results = sample(both=False)
    rows = tuple(
        replace(row, reason=reason, message=str(reason))
        for row, reason in zip(results.judgements, [busy, half] * len(results.judgements), strict=False)
    )
    page = render(replace(results, judgements=rows), "zh")
    assert "尝试 3 次后仍为 HTTP 429" in page
    assert '<bdi lang="en">id is empty (2 of 3 answers, first: count)</bdi>' in page
    assert "HTTP 429 after 3 attempts" in render(replace(results, judgements=rows))
