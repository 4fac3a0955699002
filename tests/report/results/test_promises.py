"""Which sentences are kept, broken, or not decidable, and the table of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.provider.model import Document, Quote, Sentence
from conformance.report.language import wording
from conformance.report.page.page import page
from conformance.report.page.promise_table import LOOKS
from conformance.report.results.promises import Promise, PromiseStatus, in_counts, promises
from conformance.report.results.results import JudgementResult, Results
from conformance.report.results.stored import schema
from conformance.wire.message import Message
from tests.ids import by_value
from tests.report.making import SENTENCES
from tests.report.sample import many, sample

BROKEN, UNDECIDED, KEPT = PromiseStatus
SENTENCE = Sentence("A-01", "range", (Quote("en", 1, "Range: 0 to 2"),), decided_by=("a.one", "a.two"))


def row(requirement: str, verdict: str, message: str = "", level: Level = Level.MUST) -> JudgementResult:
    return JudgementResult(
        provider="acme",
        contract="chat",
        model="m",
        requirement=requirement,
        level=level,
        level_because="",
        verdict=Verdict(verdict),
        message=message,
        reason=Message(message),
        findings=(),
        see=None,
        sources=(),
        exchanges=(),
        offending=(),
        expected=None,
        stale=None,
    )


def became(sentence: Sentence, **verdicts: str) -> Promise:
    """What becomes of a sentence; the message of `a.one` is "one"."""
    (found,) = promises([sentence], [row(f"a.{name}", verdict, name) for name, verdict in verdicts.items()])
    return found


@pytest.mark.parametrize(
    ("one", "two", "status", "because"),
    [
        ("pass", "pass", KEPT, ""),
        ("pass", "note", KEPT, "two"),
        ("pass", "not-applicable", KEPT, ""),
        ("fail", "pass", BROKEN, "one"),
        ("warn", "pass", BROKEN, "one"),
        ("warn", "fail", BROKEN, "two; one"),
        ("fail", "inconclusive", BROKEN, "one"),
        ("fail", "error", BROKEN, "one"),
        ("pass", "inconclusive", UNDECIDED, "two"),
        ("note", "unsupported", UNDECIDED, "two"),
        ("inconclusive", "error", UNDECIDED, "two; one"),
        ("not-applicable", "inconclusive", UNDECIDED, "two"),
        ("not-applicable", "not-applicable", UNDECIDED, "one; two"),
    ],
    ids=by_value,
)
def test_the_verdicts_decide(one: str, two: str, status: PromiseStatus, because: str) -> None:
    found = became(SENTENCE, one=one, two=two)
    assert (found.status, found.because) == (status, because)


def test_the_level_makes_no_difference() -> None:
    for level in Level:
        (found,) = promises([SENTENCE], [row("a.one", "warn", "", level), row("a.two", "pass", "", level)])
        assert found.status is BROKEN
        assert found.because == "a.one: warn"


def test_what_was_not_selected_decides_nothing() -> None:
    some, none = became(SENTENCE, one="inconclusive"), became(SENTENCE)
    assert (some.status, some.because) == (UNDECIDED, "one; not selected in this run: 1 of 2 requirements")
    assert (none.status, none.because) == (UNDECIDED, "not selected in this run")
    assert became(SENTENCE, one="pass").status is UNDECIDED
    assert became(SENTENCE, two="fail").status is BROKEN


@pytest.mark.parametrize("verdict", ["fail", "warn", "note"])
def test_a_violated_inference_is_a_remark(verdict: str) -> None:
    sentence = replace(SENTENCE, decided_by=("a.one",), inferred=("a.two",))
    found = became(sentence, one="pass", two=verdict)
    assert (found.status, found.because) == (KEPT, "two")
    assert became(sentence, one="inconclusive", two=verdict).because == "one"
    assert became(sentence, one="pass", two="inconclusive").because == ""
    assert became(sentence, one="pass").because == ""


def test_what_nothing_decides_has_its_reason() -> None:
    sentence = replace(SENTENCE, decided_by=(), undecidable="about the documents")
    found = became(sentence, one="fail")
    assert (found.status, found.because, found.requirements) == (UNDECIDED, "about the documents", ())


def test_reasons_are_told_once_and_no_more_than_two() -> None:
    sentence = replace(SENTENCE, decided_by=("a.a", "a.b", "a.c", "a.d"))
    rows = [
        row("a.a", "warn", "x"),
        row("a.b", "fail", "y"),
        row("a.c", "warn", "x"),
        row("a.d", "warn", "z"),
    ]
    (found,) = promises([sentence], rows)
    assert found.because == "y; x; and 1 more reason"


def test_counts_in_words() -> None:
    found = [became(SENTENCE, one="pass", two="pass")] * 2 + [became(SENTENCE)]
    assert in_counts(found, wording()) == "2 kept, 1 not decidable"
    assert in_counts([became(SENTENCE, one="fail")], wording()) == "1 broken"


def test_a_run_has_the_promises_of_each_target() -> None:
    flawed, clean = sample().targets
    statuses = [one.status for one in flawed.promises]
    assert statuses == [BROKEN, KEPT, UNDECIDED, UNDECIDED, UNDECIDED]
    assert [one.status for one in clean.promises] == [KEPT] * 4 + [UNDECIDED]
    assert [one.quotes for one in flawed.promises] == [one.quotes for one in SENTENCES]
    assert [one.because for one in flawed.promises] == [
        'the answer ends with the stop sequence "Foxtrot"',
        "the stream of 20 events ends without data: [DONE]",
        "the provider refuses n: 400",
        "no response within 60 s",
        "about the documents",
    ]


def test_the_schema_names_every_status() -> None:
    assert schema()["$defs"]["promise"]["properties"]["status"]["enum"] == list(PromiseStatus)
    assert list(LOOKS) == list(PromiseStatus)


def test_the_table_has_the_broken_first_and_what_was_not_asked_apart() -> None:
    (table,) = page(sample(both=False), wording()).promises
    ids = {status: [one.promise.id for one in rows] for status, rows in table.groups}
    assert list(ids) == [BROKEN, UNDECIDED, KEPT]
    assert ids == {BROKEN: ["ACM-01"], UNDECIDED: ["ACM-03", "ACM-05"], KEPT: ["ACM-02"]}
    assert [one.promise.id for one in table.unasked] == ["ACM-04"]
    assert (table.size, table.counts) == (5, "1 kept, 1 broken, 3 not decidable")


def test_the_table_leads_to_the_finding_or_the_row_of_what_decided() -> None:
    (table,) = page(sample(both=False), wording()).promises
    (broken,) = table.groups[0][1]
    assert [(one.id, one.verdict, one.anchor) for one in broken.deciders] == [
        ("stop.not-in-output", "fail", "stop.not-in-output--1"),
        ("stop.string-stops", "pass", "matrix-stop.string-stops"),
    ]
    (kept,) = table.groups[2][1]
    assert [one.anchor for one in kept.inferred] == ["stream.done-once-and-last--1"]


def test_what_was_not_selected_leads_nowhere() -> None:
    results = sample(both=False)
    rest = tuple(one for one in results.judgements if one.requirement == "stop.string-stops")
    (table,) = page(replace(results, judgements=rest), wording()).promises
    deciders = [one for _, rows in table.groups for row in rows for one in row.deciders]
    assert [(one.id, one.verdict, one.anchor) for one in deciders if one.verdict is None] == [
        ("stop.not-in-output", None, "")
    ]


def test_documents_with_the_same_sentences_stand_side_by_side() -> None:
    (table,) = page(sample(both=False), wording()).promises
    assert [[one.key for one in documents] for documents in table.columns] == [["en"], ["zh"]]
    (broken,) = table.groups[0][1]
    assert [[place.quote.line for place in cell] for cell in broken.cells] == [[12], [12]]
    only_chinese = table.groups[1][1][0]
    assert [len(cell) for cell in only_chinese.cells] == [0, 1]


def with_sentences(*quotes: tuple[Quote, ...]) -> Results:
    """The sample of one target, with documents `a` and `b`, and these sentences."""
    results = sample(both=False)
    (target,) = results.targets
    documents = (Document("a", "A", "https://a.example"), Document("b", "B", "https://b.example"))
    made = tuple(replace(target.promises[4], quotes=one) for one in quotes)
    claims = replace(target.claims, documents=documents)
    return replace(results, targets=(replace(target, claims=claims, promises=made),))


def test_documents_with_sentences_of_their_own_share_a_column() -> None:
    (table,) = page(with_sentences((Quote("a", 1, "x"),), (Quote("b", 2, "y"),)), wording()).promises
    assert [[one.key for one in documents] for documents in table.columns] == [["a", "b"]]
    assert [[place.quote.text for cell in row.cells for place in cell] for row in table.groups[0][1]] == [
        ["x"],
        ["y"],
    ]


def test_a_quote_leads_to_its_words() -> None:
    quote = Quote("a", 1, 'a–b, "c" #1 & 100% well-known\nsecond line')
    (table,) = page(with_sentences((quote,)), wording()).promises
    (place,) = table.groups[0][1][0].cells[0]
    assert place.url == (
        "https://a.example#:~:text=a%E2%80%93b%2C%20%22c%22%20%231%20%26%20100%25%20well%2Dknown"
    )


def test_targets_without_sentences_have_no_table() -> None:
    results = sample()
    bare = replace(results, targets=tuple(replace(one, promises=()) for one in results.targets))
    assert page(bare, wording()).promises == ()


def test_each_target_has_its_own_table() -> None:
    tables = page(many(3), wording()).promises
    assert [one.name for one in tables] == ["vendor1", "vendor2", "vendor3"]
    assert [one.anchor for one in tables] == ["promises-1", "promises-2", "promises-3"]
    # The last one could not be reached.
    assert len(tables[2].unasked) == 4
