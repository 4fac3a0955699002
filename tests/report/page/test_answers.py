from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.report.page.answers import answers
from conformance.report.page.clients import clients, fit
from conformance.report.results.results import JudgementResult
from tests.ids import by_value
from tests.report.sample import sample

RESULTS = sample(both=False)
TARGET = RESULTS.targets[0]
PATTERN = RESULTS.judgements[0]
PASSING = {
    "sdk.create-reads-the-answer": Verdict.PASS,
    "sdk.stream-iterates": Verdict.PASS,
    "sdk.stream-helper-works": Verdict.PASS,
    "usage.total-is-sum": Verdict.PASS,
    "choices.all-billed": Verdict.PASS,
    "stop.not-in-output": Verdict.PASS,
    "errors.type-present": Verdict.INCONCLUSIVE,
}
SHOULD = {"errors.type-present", "usage.plausible-for-text"}


def _rows(**verdicts: Verdict) -> Mapping[str, JudgementResult]:
    given = {**PASSING, **{name.replace("__", ".").replace("_", "-"): one for name, one in verdicts.items()}}
    return {
        id: replace(
            PATTERN,
            requirement=id,
            verdict=verdict,
            level=Level.SHOULD if id in SHOULD else Level.MUST,
            expected=None,
        )
        for id, verdict in given.items()
    }


def _said(**verdicts: Verdict) -> list[tuple[str, Verdict]]:
    return [(one.said, one.verdict) for one in answers(TARGET, _rows(**verdicts))]


def test_where_everything_passes_the_answers_are_good() -> None:
    assert _said() == [("yes", Verdict.PASS), ("yes", Verdict.PASS), ("nothing", Verdict.PASS)]


@pytest.mark.parametrize(
    ("verdicts", "sdk", "billing", "breaks"),
    [
        ({"sdk__create_reads_the_answer": Verdict.FAIL}, "no", "yes", "binding"),
        ({"sdk__stream_iterates": Verdict.FAIL}, "not-streamed", "yes", "binding"),
        ({"sdk__stream_helper_works": Verdict.FAIL}, "partly", "yes", "binding"),
        ({"sdk__create_reads_the_answer": Verdict.INCONCLUSIVE}, "unknown", "yes", "nothing"),
        ({"usage__total_is_sum": Verdict.FAIL}, "yes", "no", "binding"),
        ({"choices__all_billed": Verdict.WARN}, "yes", "doubtful", "warned"),
        ({"errors__type_present": Verdict.FAIL}, "yes", "yes", "failing"),
    ],
    ids=by_value,
)
def test_each_answer_is_about_its_own_requirements(
    verdicts: dict[str, Verdict], sdk: str, billing: str, breaks: str
) -> None:
    assert [said for said, _ in _said(**verdicts)] == [sdk, billing, breaks]


@pytest.mark.parametrize(
    ("read", "validated", "said"),
    [
        (Verdict.PASS, Verdict.PASS, "yes"),
        (Verdict.PASS, Verdict.FAIL, "partly"),
        (Verdict.FAIL, Verdict.INCONCLUSIVE, "no"),
        (Verdict.INCONCLUSIVE, Verdict.PASS, "unknown"),
    ],
    ids=["read", "not valid", "not read", "undecided"],
)
def test_the_sdk_is_answered_for_embeddings_too(read: Verdict, validated: Verdict, said: str) -> None:
    rows = _rows(sdk__embeddings_read=read, sdk__embeddings_validate=validated, sdk__models_list_parses=read)
    asked = {id: row for id, row in rows.items() if "embeddings" in id or "models" in id}
    assert answers(TARGET, asked)[0].said == said


def test_what_was_not_reached_is_not_judged() -> None:
    found = answers(replace(TARGET, unreachable="no connection"), _rows())
    assert [(one.said, one.verdict) for one in found] == [("unreached", Verdict.ERROR)] * 3


def test_where_nothing_was_decided_nothing_is_said() -> None:
    assert [one.said for one in answers(TARGET, {})] == ["unknown"] * 3


def test_an_answer_says_what_does_not_work_and_how_much() -> None:
    sdk, _, breaks = answers(TARGET, _rows(sdk__stream_helper_works=Verdict.FAIL))
    assert [one.rule.words["en"] for one in sdk.uses] == ["`.stream()`"]
    assert (breaks.n, breaks.of, breaks.areas) == (1, 6, ("sdk",))
    assert breaks.worst is not None
    assert breaks.worst.requirement == "sdk.stream-helper-works"


def test_a_client_that_was_not_run_is_at_risk_but_never_called_broken() -> None:
    rows = _rows(stream__finish_reason_once=Verdict.FAIL)
    node = next(one for one in clients() if one.name == "openai-node")
    found = fit(node, rows)
    assert found.verdict is Verdict.WARN
    assert [one.rule.requirements for one in found.against] == [("stream.finish-reason-once",)]


def test_a_client_is_unknown_where_none_of_its_rules_could_be_looked_at() -> None:
    azure = next(one for one in clients() if one.name == "Azure SDK for .NET")
    assert fit(azure, _rows()).verdict is Verdict.INCONCLUSIVE
    assert fit(azure, _rows(stream__done_once_and_last=Verdict.PASS)).verdict is Verdict.PASS


def test_openai_python_is_proven_and_comes_first() -> None:
    python = clients()[0]
    assert (python.name, python.proven) == ("openai-python", True)
    assert fit(python, _rows(sdk__stream_iterates=Verdict.FAIL)).verdict is Verdict.FAIL
