from __future__ import annotations

import re
from importlib import resources
from string import Formatter
from typing import Any

import pytest
import yaml

from conformance.catalogue import catalogue
from conformance.report.language import LANGUAGES, wording
from tests.report.sample import sample

FOLDER = resources.files("conformance.report")
WORDS: dict[str, dict[str, Any]] = yaml.safe_load(FOLDER.joinpath("words.yaml").read_text("utf-8"))
AREAS = {
    file.name.removesuffix(".yaml"): yaml.safe_load(file.read_text("utf-8"))
    for file in FOLDER.joinpath("zh").iterdir()
}
REQUIREMENTS = [case.requirement for case in catalogue().values()]


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
    text = FOLDER.joinpath("words.yaml").read_text("utf-8")
    keys = re.findall(r"^([a-z0-9.-]+):", text, re.MULTILINE)
    assert sorted(keys) == sorted(WORDS)


def test_every_area_is_there_in_chinese() -> None:
    assert set(AREAS) == {one.area for one in REQUIREMENTS}


@pytest.mark.parametrize("area", AREAS)
def test_an_area_in_chinese_has_all_its_sentences_as_they_are_now(area: str) -> None:
    there = {id: [pair["en"] for pair in pairs] for id, pairs in AREAS[area].items()}
    wanted = {
        one.id: [text for text in (one.statement, one.hurts) if text]
        for one in REQUIREMENTS
        if one.area == area
    }
    assert there == wanted
    for pairs in AREAS[area].values():
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
    from conformance.report.html import render

    page = render(sample(), "zh")
    assert '<html lang="zh-Hans">' in page
    assert "返回的文本中不包含停止序列。" in page
    assert "will not contain the stop sequence." in page, "quotes stay as they are"
    assert '<html lang="en">' in render(sample())
