"""What keeps a case from judging: requests that were not answered, and requests that were refused."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.asking.change import optional, path, setting
from conformance.asking.probe import Probe
from conformance.contracts.chat.contract import CONTRACT
from conformance.contracts.chat.probes.named import COUNT, COUNT_STREAM
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.selecting import all_answers, every_answer, every_plain_answer
from conformance.judging.judge import Judge
from conformance.judging.recording import Recording
from conformance.judging.requirement import MUST, SHOULD, Case, probes
from conformance.judging.verdict import Judgement, Verdict
from conformance.provider.model import Claims
from conformance.wire.message import Message
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.recorded import SILENT, attempt, claiming, exchange, judgement, verdict
from tests.ids import by_value
from tests.judging.making import ANSWER, NO, SEEDED, SERVED, STREAM, case_of, holds, judged, returns, warns

BASIC = CONTRACT.basic


def test_a_request_that_was_not_sent_is_an_error() -> None:
    found = judged(holds, MUST, exchange(SEEDED, attempt(None, failure="not-asked")))
    assert (found.verdict, found.message) == (Verdict.ERROR, "it was not-asked")


@pytest.mark.parametrize("status", [429, 502, 503, 504], ids=by_value)
def test_not_now_after_all_attempts_is_an_error(status: int) -> None:
    found = judged(holds, MUST, exchange(SEEDED, attempt(status), attempt(status)))
    assert (found.verdict, found.message) == (Verdict.ERROR, f"HTTP {status} after 2 attempts")


def test_an_answer_that_does_not_end_in_time_is_an_error() -> None:
    assert (
        judged(holds, MUST, exchange(SEEDED, attempt(200, ANSWER, failure="silence"))).verdict
        is Verdict.ERROR
    )


def test_an_exchange_that_the_journal_does_not_have_is_no_verdict() -> None:
    found = judged(holds, MUST, exchange(COUNT, attempt(200, ANSWER)))
    assert (found.verdict, found.consulted) == (Verdict.INCONCLUSIVE, ())
    assert "no exchange" in found.message


def test_what_is_hidden_by_another_violation_says_by_which() -> None:
    found = judged(holds, MUST, exchange(SEEDED, attempt(200, b"<html>")))
    assert (found.verdict, found.see) == (Verdict.INCONCLUSIVE, "envelope.one-json-object")


def test_the_violation_itself_is_the_finding_of_its_own_requirement() -> None:
    found = judged(holds, SHOULD, exchange(SEEDED, attempt(200, b"<html>")), id="envelope.one-json-object")
    assert (found.verdict, found.see) == (Verdict.WARN, None)
    assert "not a JSON object" in found.message


# -- refusals -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 422, 500])
def test_a_refusal_that_concerns_no_claim_is_left_to_the_basic_requirement(status: int) -> None:
    listed = SEEDED | path("read", "/models", "GET")
    for claim in (None, "top_p"):
        for probe in (SEEDED, listed):
            case = case_of(holds, claim=claim, on=probes(view=probe))
            found = judgement(case, exchange(probe, attempt(status, NO)))
            assert (found.verdict, found.see) == (Verdict.INCONCLUSIVE, BASIC)


@pytest.mark.parametrize("status", [400, 500])
def test_a_refusal_of_the_plainest_request_is_the_finding_of_the_basic_requirement(status: int) -> None:
    case = case_of(holds, MUST, id=BASIC, on=every_plain_answer)
    found = judgement(case, exchange(COUNT, attempt(status, NO)))
    assert (found.verdict, found.see) == (Verdict.FAIL, None)
    assert "seed is not supported" in found.message


def test_a_claim_is_not_to_blame_where_the_request_is_refused_without_it_too() -> None:
    case, refused = case_of(holds, claim="seed"), exchange(SEEDED, attempt(400, NO))
    without = exchange(COUNT, attempt(400, NO))
    found = judgement(case, refused, without, claims=claiming(seed=True))
    assert (found.verdict, found.see) == (Verdict.INCONCLUSIVE, BASIC)
    served = exchange(COUNT, attempt(200, ANSWER))
    assert verdict(case, refused, served, claims=claiming(seed=True)) is Verdict.FAIL
    assert verdict(case, refused, without, served, claims=claiming(seed=True)) is Verdict.FAIL
    for unasked in (attempt(None, failure="not-asked"), attempt(429), attempt(503)):
        unknown = exchange(COUNT, unasked)
        assert verdict(case, refused, unknown, claims=claiming(seed=True)) is Verdict.INCONCLUSIVE
    assert verdict(case, refused, claims=claiming(seed=True)) is Verdict.INCONCLUSIVE


TOPPED = COUNT | setting(top_p=1)
OTHERWISE = COUNT | setting(seed=8)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({TOPPED: 200}, Verdict.FAIL),
        ({TOPPED: 400}, Verdict.INCONCLUSIVE),
        ({TOPPED: 400, COUNT: 200}, Verdict.INCONCLUSIVE),
        ({OTHERWISE | setting(top_p=1): 200}, Verdict.FAIL),
        ({OTHERWISE | setting(top_p=1): 400}, Verdict.INCONCLUSIVE),
        ({COUNT: 200}, Verdict.FAIL),
        ({COUNT: 400}, Verdict.INCONCLUSIVE),
        ({COUNT: 200, TOPPED | setting(n=1): 400}, Verdict.INCONCLUSIVE),
        ({COUNT: 200, TOPPED | setting(n=1): 200}, Verdict.FAIL),
    ],
    ids=[
        "served without it",
        "refused without it",
        "refused without it, though less is served",
        "served with another value",
        "refused with any value",
        "only less was sent, and served",
        "only less was sent, and refused",
        "the rest is refused elsewhere",
        "the rest is served elsewhere",
    ],
)
@pytest.mark.parametrize("status", [400, 403, 404, 422, 500], ids=by_value)
def test_a_refusal_is_held_against_a_parameter_where_the_same_request_without_it_is_served(
    others: dict[Probe, int], expected: Verdict, status: int
) -> None:
    case = case_of(holds, claim="seed", on=probes(view=SEEDED | setting(top_p=1)))
    refused = exchange(SEEDED | setting(top_p=1), attempt(status, {"error": {"message": "no"}}))
    known = [exchange(probe, attempt(code, ANSWER if code == 200 else NO)) for probe, code in others.items()]
    assert verdict(case, refused, *known, claims=claiming(seed=True)) is expected


@pytest.mark.parametrize(
    ("status", "message"),
    [(401, "no"), (402, "no"), (403, "insufficient balance"), (400, "API key expired")],
    ids=by_value,
)
def test_a_refusal_for_the_account_is_held_against_no_parameter(status: int, message: str) -> None:
    refused = exchange(SEEDED, attempt(status, {"error": {"message": message}}))
    found = judgement(case_of(holds, claim="seed"), refused, SERVED, claims=claiming(seed=True))
    assert found.verdict is Verdict.ERROR
    assert found.message.startswith("this request is refused for the account, not for itself: HTTP")


def test_a_claim_is_not_to_blame_where_the_error_names_another_that_is_refused_elsewhere() -> None:
    case = case_of(holds, claim="seed", on=probes(view=SEEDED | setting(top_p=1)))
    named = {"error": {"message": "no", "param": "top_p"}}
    refused = exchange(SEEDED | setting(top_p=1), attempt(400, named))
    elsewhere = exchange(COUNT | setting(top_p=1, n=1), attempt(400, named))
    assert verdict(case, refused, elsewhere, SERVED, claims=claiming(seed=True)) is Verdict.INCONCLUSIVE
    assert verdict(case, refused, SERVED, claims=claiming(seed=True)) is Verdict.INCONCLUSIVE
    with_it = exchange(COUNT | setting(top_p=1), attempt(200, ANSWER))
    assert verdict(case, refused, with_it, SERVED, claims=claiming(seed=True)) is Verdict.FAIL
    itself = exchange(SEEDED | setting(top_p=1), attempt(400, {"error": {"message": "no", "param": "seed"}}))
    assert verdict(case, itself, elsewhere, SERVED, claims=claiming(seed=True)) is Verdict.FAIL
    assert verdict(case, itself, elsewhere, claims=claiming(seed=True)) is Verdict.INCONCLUSIVE


def test_a_feature_that_is_no_parameter_is_blamed_by_its_name() -> None:
    parts = SEEDED | optional("text-parts")
    case = case_of(holds, SHOULD, claim="text-parts", on=probes(view=parts))
    recorded = exchange(parts, attempt(400, NO))
    assert verdict(case, recorded, SERVED) is Verdict.UNSUPPORTED
    assert verdict(case, recorded, SERVED, claims=claiming(text_parts=True)) is Verdict.WARN


BASIS = case_of(holds, MUST, id="area.accepted", claim="seed")
EFFECT = case_of(holds, MUST, id="area.effective", claim="seed", basis="area.accepted")
CLAIMED = claiming(seed=True)


def both(recorded: Exchange, basis: Case = BASIS, claims: Claims = CLAIMED) -> tuple[Judgement, Judgement]:
    judge = Judge(
        claims, Recording.of([recorded, SERVED]), {basis.requirement.id: basis, "area.effective": EFFECT}
    )
    return judge.judge(EFFECT), judge.judge(basis)


@pytest.mark.parametrize("status", [400, 500])
def test_a_refusal_is_one_finding_the_one_of_the_basis(status: int) -> None:
    effect, basis = both(exchange(SEEDED, attempt(status, NO)))
    assert (basis.verdict, basis.see) == (Verdict.FAIL, None)
    assert (effect.verdict, effect.see) == (Verdict.INCONCLUSIVE, "area.accepted")


def test_where_a_refusal_is_no_finding_there_is_nothing_to_share() -> None:
    effect, basis = both(exchange(SEEDED, attempt(400, NO)), claims=SILENT)
    assert (effect.verdict, basis.verdict) == (Verdict.UNSUPPORTED, Verdict.UNSUPPORTED)
    assert effect.message == "the provider refuses `seed`: HTTP 400: seed is not supported"


def test_a_basis_that_was_not_refused_takes_nothing_over() -> None:
    effect, basis = both(
        exchange(SEEDED, attempt(400, NO)), case_of(returns, id="area.accepted", claim="seed")
    )
    assert (basis.verdict, effect.verdict) == (Verdict.PASS, Verdict.FAIL)


def test_a_basis_that_is_not_part_of_the_run_takes_nothing_over() -> None:
    case = case_of(holds, claim="seed", basis="area.absent")
    assert verdict(case, exchange(SEEDED, attempt(400, NO)), SERVED, claims=CLAIMED) is Verdict.FAIL


def test_a_refusal_is_the_finding_of_the_basis_through_all_that_rest_on_each_other() -> None:
    known = [
        BASIS,
        case_of(holds, id="area.effective", claim="seed", basis="area.accepted"),
        case_of(holds, id="area.repeated", claim="seed", basis="area.effective"),
    ]
    recording = Recording.of([exchange(SEEDED, attempt(400, NO)), SERVED])
    judge = Judge(CLAIMED, recording, {case.requirement.id: case for case in known})
    assert [judge.judge(case).see for case in known[::-1]] == ["area.effective", "area.accepted", None]


def test_what_was_judged_before_is_not_judged_again_and_hides_no_refusal() -> None:
    before = Judgement("area.accepted", MUST, Verdict.FAIL, Message("no text"))
    recording = Recording.of([exchange(SEEDED, attempt(400, NO)), SERVED])
    judge = Judge(CLAIMED, recording, {"area.accepted": BASIS}, [before])
    assert judge.judge(BASIS) is before
    assert judge.judge(EFFECT).verdict is Verdict.FAIL


@pytest.mark.parametrize("on", [every_answer, all_answers])
def test_a_basis_that_fails_for_another_reason_hides_no_refusal(on: Any) -> None:
    def bad(answers: object) -> None:
        raise AssertionError("bad")

    basis = case_of(bad, id="area.accepted", claim="seed", on=on)
    recording = Recording.of([exchange(SEEDED, attempt(400, NO)), exchange(COUNT, attempt(200, ANSWER))])
    judge = Judge(CLAIMED, recording, {"area.accepted": basis})
    assert (judge.judge(basis).verdict, judge.judge(EFFECT).verdict) == (Verdict.FAIL, Verdict.FAIL)


@pytest.mark.parametrize(("status", "see"), [(200, None), (400, BASIC)])
def test_a_request_that_was_not_served_points_at_the_plainest_unless_that_was(
    status: int, see: str | None
) -> None:
    basic = case_of(holds, id=BASIC, on=probes(view=COUNT))
    recording = Recording.of([exchange(SEEDED, attempt(400, NO)), exchange(COUNT, attempt(status, ANSWER))])
    found = Judge(SILENT, recording, {BASIC: basic}).judge(case_of(holds))
    assert (found.verdict, found.see) == (Verdict.INCONCLUSIVE, see)


def test_what_was_asked_of_an_exchange_is_known_where_the_journal_does_not_have_it() -> None:
    def looks(view: View) -> None:
        assert view.request["seed"] == 7
        assert view.text

    found = judged(looks, MUST, exchange(COUNT, attempt(200, ANSWER)))
    assert found.verdict is Verdict.INCONCLUSIVE


# -- purity ---------------------------------------------------------------------------------------------


def test_the_same_recording_gives_the_same_judgements_in_any_order() -> None:
    recorded = [
        exchange(COUNT, attempt(200, ANSWER)),
        exchange(SEEDED, attempt(400, NO)),
        exchange(COUNT_STREAM, attempt(200, STREAM)),
    ]
    cases = [BASIS, EFFECT, case_of(lambda answer: None, id="a.b", on=every_answer), case_of(warns, id="a.c")]
    known = {case.requirement.id: case for case in cases}

    def found(exchanges: list[Exchange], order: list[Case]) -> set[Judgement]:
        judge = Judge(CLAIMED, Recording.of(exchanges), known)
        return {judge.judge(case) for case in order}

    first = found(recorded, cases)
    assert first == found(recorded[::-1], cases[::-1])
    assert len(first) == 4


def test_a_case_is_run_once_however_often_it_is_judged() -> None:
    runs: list[str] = []
    case = case_of(lambda view: runs.append(view.id))
    judge = Judge(SILENT, Recording.of([exchange(SEEDED, attempt(200, ANSWER))]), {})
    assert judge.judge(case) == judge.judge(case)
    assert len(runs) == 1
