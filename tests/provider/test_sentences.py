"""The sentences of the vendors' documents: every one is quoted, and linked to what decides it."""

from __future__ import annotations

from collections import Counter

import pytest

from conformance.judging.catalogue import catalogue
from conformance.provider.claims import parse, profile
from conformance.provider.mistakes import ProvidersError
from conformance.provider.model import Document, Quote, Sentence
from tests.ids import by_value

VENDORS = ("toapis", "toapis-glm-5", "toki", "tokmodel")

each_vendor = pytest.mark.parametrize("name", VENDORS)


SMALL = """\
title: A
url: https://a.example
claims: {}
documents:
  en: {title: A page, url: "https://a.example/en"}
  zh: {title: The same, url: "https://a.example/zh"}
sentences:
  - id: A-01
    type: range
    quotes:
      en: {line: 3, text: "temperature\\nnumber"}
      zh: {line: 4, text: "温度"}
    decided_by: [a.b, c.d]
    inferred: [e.f]
    note: says nothing of other values
  - id: A-02
    type: doc
    quotes:
      en: {line: 9, text: See also}
    undecidable: about the documents
"""


def sentences(name: str) -> tuple[Sentence, ...]:
    return profile(name).sentences


def test_every_sentence_of_the_four_documents_is_there_once() -> None:
    ids = {name: [sentence.id for sentence in sentences(name)] for name in VENDORS}
    assert ids == {
        name: [f"{prefix}-{number:02}" for number in range(1, count + 1)]
        for name, prefix, count in (
            ("toapis", "TOA", 48),
            ("toapis-glm-5", "GLM", 39),
            ("toki", "TKI", 27),
            ("tokmodel", "TKM", 34),
        )
    }
    assert sum(map(len, ids.values())) == 148


def test_the_contract_itself_has_none() -> None:
    # Its sentences are OpenAI's, not a promise of whoever is judged against it.
    assert profile("openai").sentences == ()
    assert profile("openai").pages == ()


@each_vendor
def test_every_sentence_is_linked_or_has_a_reason(name: str) -> None:
    for sentence in sentences(name):
        assert bool(sentence.decided_by) != bool(sentence.undecidable), sentence.id
        assert not set(sentence.decided_by) & set(sentence.inferred), sentence.id


def test_what_no_requirement_decides() -> None:
    undecidable = {one.id for name in VENDORS for one in sentences(name) if one.undecidable}
    assert undecidable == {"TOA-10", "TOA-11", "TOA-15", "TOA-47", "TOA-48", "GLM-08", "TKI-19"}


@each_vendor
def test_every_linked_requirement_exists(name: str) -> None:
    linked = {id for sentence in sentences(name) for id in (*sentence.decided_by, *sentence.inferred)}
    assert linked <= catalogue().keys()


@each_vendor
def test_a_level_that_a_quote_gives_belongs_to_a_sentence(name: str) -> None:
    linked = {id for sentence in sentences(name) for id in (*sentence.decided_by, *sentence.inferred)}
    quoting = {id for id, override in profile(name).levels.items() if '"' in override.because}
    # TOKI's overview is none of the documents.
    assert quoting - {"models.list-shape"} <= linked


@each_vendor
def test_quotes_are_short_and_decide_nothing_twice(name: str) -> None:
    assert len(profile(name).pages) == (2 if name == "toapis" else 1)
    decided = Counter(quote for one in sentences(name) if one.decided_by for quote in one.quotes)
    assert set(decided.values()) == {1}
    for quote in decided:
        assert quote.text == quote.text.strip()
        assert len(quote.text) <= 110
        assert quote.text.count("\n") <= 3


def test_toapis_is_quoted_in_both_languages() -> None:
    only = {one.id: one.quotes[0].document for one in sentences("toapis") if len(one.quotes) == 1}
    # The two pages print different examples.
    assert only == {"TOA-02": "en", "TOA-03": "zh"}


def test_an_example_is_quoted_by_what_it_asks() -> None:
    for name, id, number in (
        ("toapis", "TOA-02", 0),
        ("toapis", "TOA-03", 1),
        ("tokmodel", "TKM-32", 0),
        ("toki", "TKI-22", 0),
    ):
        (sentence,) = (one for one in sentences(name) if one.id == id)
        question = profile(name).examples[number].body["messages"][-1]["content"]
        assert sentence.quotes[0].text == f'"content": "{question}"'
        assert "examples.documented-example-works" in sentence.decided_by


def test_how_sentences_are_read() -> None:
    found = parse(SMALL.encode(), "a.yaml")
    assert found.pages == (
        Document("en", "A page", "https://a.example/en"),
        Document("zh", "The same", "https://a.example/zh"),
    )
    assert found.sentences == (
        Sentence(
            "A-01",
            "range",
            (Quote("en", 3, "temperature\nnumber"), Quote("zh", 4, "温度")),
            decided_by=("a.b", "c.d"),
            inferred=("e.f",),
            note="says nothing of other values",
        ),
        Sentence("A-02", "doc", (Quote("en", 9, "See also"),), undecidable="about the documents"),
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("A-02", "A-01", "a.yaml:16:9: the sentence 'A-01' is there twice"),
        (
            "en: {line: 9",
            "fr: {line: 9",
            "a.yaml:19:7: unknown document 'fr'",
        ),
        ("line: 9", "line: 0", "a.yaml:19:18: line must be a line number, from 1, not 0"),
        ("    undecidable: about the documents\n", "", "a.yaml:16:5: sentences[1] lacks 'decided_by'"),
        (
            "    undecidable:",
            "    decided_by: [a.b]\n    undecidable:",
            "a.yaml:20:17: decided_by must be left out where undecidable says why nothing decides it; "
            "there are 1",
        ),
        ("c.d", "a.b", "a.yaml:13:17: decided_by must be a list of requirement ids, each once; one is there"),
        ("type: doc", "type: rumour", "a.yaml:17:11: type must be one of endpoint, auth, request-param,"),
        ("id: A-02", "id: a2", "a.yaml:16:9: id must be an id such as ABC-01, not 'a2'"),
    ],
    ids=by_value,
)
def test_what_is_wrong_with_a_sentence_is_named(old: str, new: str, message: str) -> None:
    assert SMALL.count(old) == 1
    with pytest.raises(ProvidersError) as caught:
        parse(SMALL.replace(old, new).encode(), "a.yaml")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
