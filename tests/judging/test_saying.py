"""What a case says of its exchanges becomes a verdict, a message and the evidence for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from conformance.contracts.chat.probes.named import COUNT, COUNT_USAGE
from conformance.contracts.chat.reading.view import View
from conformance.judging.requirement import MAY, MUST, SHOULD, probes, probes_for
from conformance.judging.saying import assume, concerns, needs, note
from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.provider.model import Claims, LevelOverride
from tests.contracts.chat.cases.recorded import SILENT, attempt, claiming, exchange, judgement, verdict
from tests.ids import by_value
from tests.judging.making import ANSWER, SEEDED, beside, broken, case_of, holds, judged, returns, warns


def assumes(view: View) -> None:
    assume(False, "the control says nothing")


def notes(view: View) -> None:
    note("odd")


def is_not_concerned(view: View) -> None:
    concerns(False, "there is none")


def needs_another(view: View) -> None:
    needs("other.holds", False, "the other does not")


@pytest.mark.parametrize(
    ("function", "message", "verdicts"),
    [
        (returns, "", "pass pass pass"),
        (broken, "the text is '1 2 3'", "fail warn note"),
        (warns, "harmful", "warn warn note"),
        (notes, "odd", "note note note"),
        (assumes, "the control says nothing", "inconclusive inconclusive inconclusive"),
        (needs_another, "the other does not", "inconclusive inconclusive inconclusive"),
        (is_not_concerned, "there is none", "not-applicable not-applicable not-applicable"),
    ],
    ids=by_value,
)
def test_what_a_case_says_is_never_raised_above_its_level(
    function: Callable[..., None], message: str, verdicts: str
) -> None:
    for level, expected in zip(Level, verdicts.split(), strict=True):
        found = judged(function, level)
        assert (found.verdict, found.message, found.level) == (expected, message, level)


def test_a_need_names_the_other_requirement() -> None:
    assert judged(needs_another).see == "other.holds"


def test_a_need_for_oneself_is_the_finding() -> None:
    found = judged(needs_another, id="other.holds")
    assert (found.verdict, found.see) == (Verdict.FAIL, None)


def test_an_assertion_without_words_still_has_a_message() -> None:
    def silent(view: View) -> None:
        raise AssertionError

    assert judged(silent).message == "the check does not hold"


def test_the_explanation_that_pytest_adds_stands_in_only_where_there_is_no_message() -> None:
    def explained(view: View) -> None:
        raise AssertionError("5 is too many\nassert 5 < 3\n  +  where")

    def bare(view: View) -> None:
        raise AssertionError("assert 5 < 3")

    assert judged(explained).message == "5 is too many"
    assert judged(bare).message == "assert 5 < 3"


def test_an_exception_that_nobody_foresaw_is_an_error_of_the_suite_without_a_traceback() -> None:
    def stumbles(view: View) -> None:
        raise KeyError("x" * 1000)

    found = judged(stumbles)
    assert found.verdict is Verdict.ERROR
    assert found.message.startswith("the check itself failed: KeyError")
    assert len(found.message) == 300
    assert "Traceback" not in found.message


def test_a_case_that_asks_for_the_claims_gets_them() -> None:
    def reads(view: View, claims: Claims) -> None:
        assert claims.documents("seed"), "not documented"

    case = case_of(reads)
    recorded = exchange(SEEDED, attempt(200, ANSWER))
    assert verdict(case, recorded) is Verdict.FAIL
    assert verdict(case, recorded, claims=claiming(seed=True)) is Verdict.PASS


def test_the_level_follows_the_claims_and_an_override_beats_both() -> None:
    case = case_of(broken, MAY, claim="seed", claimed=MUST)
    recorded = exchange(SEEDED, attempt(200, ANSWER))
    documented = claiming(seed=True)
    overridden = replace(documented, levels={"area.it-holds": LevelOverride(SHOULD, "statistical")})
    assert [
        (found.level, found.verdict)
        for found in (judgement(case, recorded, claims=one) for one in (SILENT, documented, overridden))
    ] == [(MAY, Verdict.WARN), (MUST, Verdict.FAIL), (SHOULD, Verdict.WARN)]


def test_what_the_documents_only_imply_binds_as_a_recommendation() -> None:
    implied, stated = claiming(seed={"implied": True}), claiming(seed=True)
    levels = [
        case_of(holds, MAY, claim="seed", claimed=claimed).level(claims)
        for claimed in (MUST, SHOULD)
        for claims in (stated, implied)
    ]
    assert levels == [MUST, SHOULD, SHOULD, SHOULD]
    assert case_of(holds, MUST, claim="seed").level(implied) is MUST


# -- evidence -------------------------------------------------------------------------------------------


def test_a_finding_names_its_exchanges_and_a_pass_only_what_was_consulted() -> None:
    recorded = exchange(SEEDED, attempt(200, ANSWER))
    assert judged(holds, MUST, recorded).consulted == (recorded.id,)
    assert judged(holds, MUST, recorded).offending == ()
    assert judged(broken, MUST, recorded).offending == (recorded.id,)
    assert judged(assumes, MUST, recorded).offending == ()


def test_a_sample_comes_as_a_tuple_and_what_is_sent_may_follow_the_claims() -> None:
    def wanted(claims: Claims) -> dict[str, Any]:
        return {"control": COUNT, "sample": (SEEDED, COUNT_USAGE) if claims.documents("seed") else (SEEDED,)}

    def two(control: View, sample: tuple[View, ...]) -> None:
        assert len(sample) == 2, f"{len(sample)}"

    case = case_of(two, on=probes_for(wanted))
    every = [exchange(probe, attempt(200, ANSWER)) for probe in (COUNT, SEEDED, COUNT_USAGE)]
    assert judgement(case, *every).message == "1"
    found = judgement(case, *every, claims=claiming(seed=True))
    assert (found.verdict, found.consulted) == (Verdict.PASS, tuple(one.id for one in every))


# -- what a provider sends is hostile ---------------------------------------------------------------------

HOSTILE = "\x1b[2J\u202e\ud800\r\nHTTP\x00"


def test_a_message_is_one_line_that_no_terminal_obeys_and_every_file_can_hold() -> None:
    def quotes(view: View) -> None:
        raise AssertionError(f"{HOSTILE}\nassert {HOSTILE}")

    refusal = exchange(SEEDED, attempt(400, {"error": {"message": HOSTILE}}))
    for found in (judged(quotes), judged(holds, MUST, refusal)):
        assert found.message.isprintable()
        assert r"\x1b[2J\u202e\ud800" in found.message


def test_of_what_is_compared_only_the_one_exchange_that_is_no_control_is_named() -> None:
    probes_of_it = {"control": COUNT, "view": SEEDED, "other": COUNT_USAGE}
    every = {name: exchange(probe, attempt(200, ANSWER)) for name, probe in probes_of_it.items()}

    def pair(control: View, view: View) -> None:
        raise AssertionError("bad")

    def three(control: View, view: View, other: View) -> None:
        raise AssertionError("bad")

    def sample(views: tuple[View, ...]) -> None:
        raise AssertionError("bad")

    two = case_of(pair, on=beside({"view": SEEDED}, {"control": COUNT}))
    assert judgement(two, *every.values()).offending == (every["view"].id,)
    assert judgement(two, every["control"]).verdict is Verdict.FAIL
    assert judgement(two, every["control"]).offending == ()
    judged = (every["view"].id, every["other"].id)
    more = case_of(three, on=beside({"view": SEEDED, "other": COUNT_USAGE}, {"control": COUNT}))
    assert judgement(more, *every.values()).offending == judged
    assert judgement(case_of(sample, on=probes(views=(SEEDED,))), *every.values()).offending == judged[:1]


@pytest.mark.parametrize("status", [200, 299])
def test_what_works_though_the_documents_exclude_it_is_a_note_where_it_was_used_and_served(
    status: int,
) -> None:
    excluded = claiming(seed=False, n=False)
    used = case_of(returns, id="sampling.seed-repeats", claim="seed")
    unused = case_of(returns, id="choices.n-answers", claim="n")
    recorded = exchange(SEEDED, attempt(status, ANSWER))
    assert verdict(used, recorded, claims=excluded) is Verdict.NOTE
    assert verdict(unused, recorded, claims=excluded) is Verdict.PASS
    for other in (None, 199, 300, 400):
        refused = exchange(SEEDED, attempt(other, ANSWER))
        assert verdict(used, refused, claims=excluded) is Verdict.PASS
    assert judged(returns, claim="seed").message == ""
