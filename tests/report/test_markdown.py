from __future__ import annotations

import re
from dataclasses import replace

import pytest

from conformance.judging.verdict import Verdict
from conformance.report.markdown import BROKEN, FINDINGS, render
from conformance.report.results.results import Results
from tests.report.hostile import NASTY, hostile
from tests.report.references import REFERENCES, linked
from tests.report.sample import many, sample


def test_the_summary_of_one_target() -> None:
    text = render(sample(both=False))
    assert text.startswith(
        "# OpenAI compatibility: acme\n\n"
        "5 MUST requirements fail, 2 SHOULD requirements warn, 2 could not be asked, "
        "2 could not be decided.\n\n"
        "> **Incomplete.** 2 requirements could not be asked: no response within 60 s\n\n"
        "| target | MUST | SHOULD | MAY | requests | tokens | cost |\n"
        "| --- | --- | --- | --- | ---: | ---: | ---: |\n"
        "| acme | ✕ 5 fail, ✓ 15 pass | ▲ 2 warn, ? 2 inconclusive, ✓ 1 pass | "
        "! 2 error, ○ 2 unsupported, i 2 note, – 2 not-applicable | 11 | "
        "201 + 996 (138 + 148 stated) | \\$0.0155 |\n\n"
        "- ✕ **fail** MUST `stream.done-once-and-last`: the stream of 20"
    )
    assert "(known): created is 179517\u200b1093, 81 s ahead" in text
    assert "- ! **error** 2 requirements could not be asked: no response within 60 s\n" in text
    assert "- `limits.max-tokens-bounds`: providers.yaml:14: it is expected to fail" in text


def test_findings_name_their_target_where_there_are_several() -> None:
    text = render(sample())
    assert "# OpenAI compatibility: acme, bolt\n" in text
    assert "`stop.tail-not-billed` at bolt: 74 completion tokens with stop\n" in text


def test_the_errors_stand_between_failures_and_warnings() -> None:
    verdicts = re.findall(r"\*\*(fail|error|warn)\*\*", render(sample()))
    assert verdicts == ["fail"] * 5 + ["error"] + ["warn"] * 3


def test_the_promises_are_counted_and_the_broken_ones_quoted() -> None:
    assert (
        "\n\n- Of 5 sentences in the documents: 1 kept, 1 broken, 3 not decidable.\n"
        "- ✕ **broken** `ACM-01` “The stop sequence is not returned” (en:12) / “不返回停止序列” (zh:12): "
        'the answer ends with the stop sequence "Foxtrot"\n\nRun of'
    ) in render(sample(both=False))
    text = render(sample())
    assert "- Of 5 sentences in the documents at bolt: 4 kept, 1 not decidable.\n" in text
    assert text.count("**broken** `ACM-01` at acme ") == 1


def test_many_broken_promises_are_cut_and_counted() -> None:
    text = render(many(70))
    assert text.count("**broken**") == BROKEN
    assert re.search(r"(?m)^- and \d+ more broken in report\.html$", text)


def test_a_clean_run_is_short() -> None:
    results = sample(both=False)
    passed = tuple(row for row in results.judgements if row.verdict is Verdict.PASS and row.stale is None)
    targets = tuple(replace(one, promises=()) for one in results.targets)
    text = render(replace(results, judgements=passed, targets=targets, incomplete_because=None))
    assert "No requirement that was tested is violated." in text
    assert "\n- " not in text
    assert "Incomplete" not in text


def test_what_was_adapted_to_a_model_is_said() -> None:
    results = sample()
    assert "adapted" not in render(results)
    acme, *others = results.targets
    text = render(replace(results, targets=(replace(acme, traits=("a left out", "b in *place*")), *others)))
    assert "\n- Requests were adapted to the model at acme: a left out, b in \\*place\\*.\n" in text


def test_no_target_is_said_so() -> None:
    text = render(replace(sample(), targets=(), judgements=()))
    assert text.startswith("# OpenAI compatibility: 0 targets\n\nNo target was tested.\n")
    assert "|" not in text


def test_many_findings_are_cut_and_counted() -> None:
    text = render(many(60))
    assert text.startswith("# OpenAI compatibility: 60 targets\n")
    lines = re.findall(r"(?m)^- [✕!▲] \*\*(?:fail|error|warn)", text)
    assert len(lines) == FINDINGS
    assert re.search(r"(?m)^- and \d+ more in report\.html$", text)


@pytest.mark.parametrize("nasty", NASTY)
def test_hostile_text_stays_text(nasty: str) -> None:
    text = render(hostile(nasty))
    assert not re.search(r"(?<!\\)<", text)
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069\ufeff]", text)
    assert not re.search(r"(?<!\\)[\[\]]", text)
    assert "://" not in text
    assert not re.search(r"@(?!\u200b)", text)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 4
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {8}
    assert len(re.findall(r"(?m)^#", text)) == 1
    assert len(text) < 60_000
    text.encode()


@pytest.mark.parametrize("reference", REFERENCES, ids=range(len(REFERENCES)))
def test_nothing_that_a_provider_sent_is_a_reference(reference: str) -> None:
    assert linked(render(sample())) == []
    text = render(hostile(reference))
    assert linked(text) == []
    assert len(re.findall(r"(?m)^#", text)) == 1
    assert not re.search(r"(?m)^[ >-]*(?:[-*+]|\d+[.)]) \\?\[", text)


@pytest.mark.parametrize("results", [sample(), many(5)])
def test_the_same_results_give_the_same_text(results: Results) -> None:
    assert render(results) == render(results)
