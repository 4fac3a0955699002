"""What a recording and the claims of a provider are made into: the table, and every way around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from conformance.exchange.record import Exchange
from conformance.exchange.view import View
from conformance.judging import BASIC, Judge, Observation, Recording, verdict_on
from conformance.probe.change import optional, setting, to_be_refused
from conformance.probe.named import COUNT, COUNT_STREAM, COUNT_USAGE
from conformance.probe.probe import Probe
from conformance.provider.model import Claims, ClaimState, LevelOverride
from conformance.requirement import (
    MAY,
    MUST,
    SHOULD,
    Case,
    all_answers,
    assume,
    concerns,
    every_answer,
    every_plain_answer,
    every_refusal,
    every_stream,
    needs,
    note,
    probes,
    probes_for,
    requirement,
    warn,
)
from conformance.source import OPENAI
from conformance.verdict import Judgement, Level, Verdict
from tests.cases.recorded import SILENT, attempt, claiming, exchange, judgement, verdict

HONOURED, REFUSED, IGNORED, CRASHED = Observation
DOCUMENTED, UNDOCUMENTED, EXCLUDED = ClaimState

SEEDED = COUNT | setting(seed=7)

ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_767_225_600,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "1 2 3"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8},
}
STREAM = b'data: {"choices": [{"index": 0, "delta": {"content": "1"}, "finish_reason": "stop"}]}\n\n'
NO = {"error": {"message": "seed is not supported", "type": "invalid_request_error", "param": None}}


def case_of(
    function: Callable[..., None],
    level: Level = MUST,
    *,
    id: str = "area.it-holds",
    on: Any = None,
    **fields: Any,
) -> Case:
    """A case about one exchange, or about those that `on` picks."""
    function.__doc__ = "It holds."
    draft = (on or probes(view=SEEDED))(function)
    return requirement(id, level, source=OPENAI.seed, **fields)(draft)


def holds(view: View) -> None:
    assert view.text


def broken(view: View) -> None:
    assert not view.text, f"the text is {view.text!r}"


def judged(
    function: Callable[..., None], level: Level = MUST, *exchanges: Exchange, **fields: Any
) -> Judgement:
    """What becomes of a case on the answer that is right in everything, or on these exchanges."""
    return judgement(
        case_of(function, level, **fields), *(exchanges or (exchange(SEEDED, attempt(200, ANSWER)),))
    )


# -- the table ------------------------------------------------------------------------------------------

CELLS = [
    # claim, whether a refusal is foreseen, what was seen: verdict for MUST, SHOULD, MAY
    (DOCUMENTED, False, HONOURED, "pass pass pass"),
    (DOCUMENTED, False, REFUSED, "fail warn note"),
    (DOCUMENTED, False, IGNORED, "fail warn note"),
    (DOCUMENTED, False, CRASHED, "fail fail fail"),
    # "Support depends on the model": a clean refusal breaks no promise, and to ignore it is tolerable.
    (DOCUMENTED, True, HONOURED, "pass pass pass"),
    (DOCUMENTED, True, REFUSED, "unsupported unsupported unsupported"),
    (DOCUMENTED, True, IGNORED, "warn warn note"),
    (DOCUMENTED, True, CRASHED, "fail fail fail"),
    (UNDOCUMENTED, False, HONOURED, "pass pass pass"),
    (UNDOCUMENTED, False, REFUSED, "unsupported unsupported unsupported"),
    # The level is that for silent documents, so MUST stays a failure; silence about MAY is no licence to
    # take a parameter and ignore it.
    (UNDOCUMENTED, False, IGNORED, "fail warn warn"),
    (UNDOCUMENTED, False, CRASHED, "fail fail fail"),
    (EXCLUDED, False, HONOURED, "note note note"),
    (EXCLUDED, False, REFUSED, "pass pass pass"),
    (EXCLUDED, False, IGNORED, "warn warn warn"),
    (EXCLUDED, False, CRASHED, "fail fail fail"),
    # "It is refused" is a promise of its own.
    (EXCLUDED, True, HONOURED, "note note note"),
    (EXCLUDED, True, REFUSED, "pass pass pass"),
    (EXCLUDED, True, IGNORED, "fail fail fail"),
    (EXCLUDED, True, CRASHED, "fail fail fail"),
    # Requirements that depend on no claim.
    (None, False, HONOURED, "pass pass pass"),
    (None, False, REFUSED, "fail warn note"),
    (None, False, IGNORED, "fail warn note"),
    (None, False, CRASHED, "fail fail fail"),
]

TABLE = [
    pytest.param(
        state, may_refuse, seen, level, Verdict(expected), id=f"{state} {may_refuse} {seen.name} {level}"
    )
    for state, may_refuse, seen, row in CELLS
    for level, expected in zip(Level, row.split(), strict=True)
]

STATED: dict[tuple[ClaimState, bool], dict[str, Any]] = {
    (DOCUMENTED, False): {"seed": True},
    (DOCUMENTED, True): {"seed": {"model_dependent": True}},
    (UNDOCUMENTED, False): {},
    (EXCLUDED, False): {"seed": False},
    (EXCLUDED, True): {"seed": {"supported": False, "refused": True}},
}

DONE = {
    HONOURED: (200, ANSWER),
    REFUSED: (400, NO),
    IGNORED: (200, ANSWER),
    CRASHED: (500, b"Internal Server Error"),
}


@pytest.mark.parametrize(("state", "may_refuse", "seen", "level", "expected"), TABLE)
def test_the_table(
    state: ClaimState | None, may_refuse: bool, seen: Observation, level: Level, expected: Verdict
) -> None:
    assert verdict_on(seen, state, level, may_refuse=may_refuse) is expected


@pytest.mark.parametrize(
    ("state", "may_refuse", "seen", "level", "expected"),
    [cell for cell in TABLE if cell.values[0] is not None],
)
def test_a_case_that_rests_on_a_claim_is_judged_by_the_table(
    state: ClaimState, may_refuse: bool, seen: Observation, level: Level, expected: Verdict
) -> None:
    case = case_of(broken if seen is IGNORED else holds, level, claim="seed")
    recorded = exchange(SEEDED, attempt(*DONE[seen]))
    assert verdict(case, recorded, claims=claiming(**STATED[state, may_refuse])) is expected


# -- what a case says -----------------------------------------------------------------------------------


def assumes(view: View) -> None:
    assume(False, "the control says nothing")


def warns(view: View) -> None:
    warn("harmful")


def notes(view: View) -> None:
    note("odd")


def is_not_concerned(view: View) -> None:
    concerns(False, "there is none")


def needs_another(view: View) -> None:
    needs("other.holds", False, "the other does not")


def returns(view: View) -> None:
    return


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
    assert len(found.message) <= 300
    assert "Traceback" not in found.message + found.detail


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


# -- what keeps a case from judging ---------------------------------------------------------------------


def test_a_request_that_was_not_sent_is_an_error() -> None:
    found = judged(holds, MUST, exchange(SEEDED, attempt(None, failure="not-asked")))
    assert (found.verdict, found.message) == (Verdict.ERROR, "it was not-asked")


@pytest.mark.parametrize("status", [429, 502, 503, 504])
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
    for claim in (None, "top_p"):
        found = judged(holds, MUST, exchange(SEEDED, attempt(status, NO)), claim=claim)
        assert (found.verdict, found.see) == (Verdict.INCONCLUSIVE, BASIC)


@pytest.mark.parametrize("status", [400, 500])
def test_a_refusal_of_the_plainest_request_is_the_finding_of_the_basic_requirement(status: int) -> None:
    case = case_of(holds, MUST, id=BASIC, on=every_plain_answer)
    found = judgement(case, exchange(COUNT, attempt(status, NO)))
    assert (found.verdict, found.see) == (Verdict.FAIL, None)
    assert "seed is not supported" in found.message


def test_a_feature_that_is_no_parameter_is_blamed_by_its_name() -> None:
    parts = SEEDED | optional("text-parts")
    case = case_of(holds, SHOULD, claim="text-parts", on=probes(view=parts))
    recorded = exchange(parts, attempt(400, NO))
    assert verdict(case, recorded) is Verdict.UNSUPPORTED
    assert verdict(case, recorded, claims=claiming(text_parts=True)) is Verdict.WARN


BASIS = case_of(holds, MUST, id="area.accepted", claim="seed")
EFFECT = case_of(holds, MUST, id="area.effective", claim="seed", basis="area.accepted")
CLAIMED = claiming(seed=True)


def both(recorded: Exchange, basis: Case = BASIS, claims: Claims = CLAIMED) -> tuple[Judgement, Judgement]:
    judge = Judge(claims, Recording.of([recorded]), {basis.requirement.id: basis, "area.effective": EFFECT})
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
    assert verdict(case, exchange(SEEDED, attempt(400, NO)), claims=CLAIMED) is Verdict.FAIL


# -- every exchange -------------------------------------------------------------------------------------


def test_a_failure_outweighs_a_warning_and_says_where_and_how_often() -> None:
    def picky(answer: View) -> None:
        if answer.probe == COUNT.name:
            warn("tolerable")
        assert answer.probe == "?", f"bad {answer.probe}"

    every = [exchange(probe, attempt(200, ANSWER)) for probe in (COUNT, SEEDED, COUNT | setting(top_p=1))]
    found = judgement(case_of(picky, on=every_plain_answer), *every)
    assert found.verdict is Verdict.FAIL
    assert found.message == ("bad count seed=7 (2 of 3 answers that were not streamed, first: count seed=7)")
    assert found.detail.splitlines() == [f"{one.id} {one.probe}: bad {one.probe}" for one in every[1:]]
    assert found.offending == tuple(one.id for one in every[1:])
    assert found.consulted == tuple(one.id for one in every)


def test_a_warning_is_found_among_passes() -> None:
    def picky(answer: View) -> None:
        if answer.probe == COUNT.name:
            warn("tolerable")

    every = [exchange(probe, attempt(200, ANSWER)) for probe in (SEEDED, COUNT)]
    assert judgement(case_of(picky, on=every_answer), *every).verdict is Verdict.WARN


def test_one_answer_that_passes_outweighs_one_that_cannot_be_seen() -> None:
    every = [exchange(COUNT, attempt(200, b"<html>")), exchange(SEEDED, attempt(200, ANSWER))]
    found = judgement(case_of(holds_of_answer, on=every_answer), *every)
    assert (found.verdict, found.see, found.offending) == (Verdict.PASS, None, ())


def holds_of_answer(answer: View) -> None:
    assert answer.text


def test_where_no_answer_can_be_seen_there_is_no_verdict() -> None:
    found = judgement(case_of(holds_of_answer, on=every_answer), exchange(COUNT, attempt(200, b"<html>")))
    assert (found.verdict, found.see) == (Verdict.INCONCLUSIVE, "envelope.one-json-object")


def test_where_no_exchange_is_concerned_it_is_not_applicable() -> None:
    def cases(answer: View) -> None:
        concerns(False, "no logprobs")

    every = [exchange(COUNT, attempt(200, ANSWER)), exchange(SEEDED, attempt(200, ANSWER))]
    assert judgement(case_of(cases, on=every_answer), *every).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("recorded", "expected", "message"),
    [
        ((), Verdict.INCONCLUSIVE, "this run has no stream"),
        ((exchange(COUNT, attempt(200, ANSWER)),), Verdict.INCONCLUSIVE, "this run has no stream"),
        ((exchange(COUNT_STREAM, attempt(None, failure="connect")),), Verdict.ERROR, "it was connect"),
        ((exchange(COUNT_STREAM, attempt(429)),), Verdict.ERROR, "HTTP 429 after 1 attempts"),
        (
            (exchange(COUNT_STREAM, attempt(400, NO)),),
            Verdict.INCONCLUSIVE,
            "the request was not served: HTTP 400: seed is not supported",
        ),
    ],
)
def test_where_nothing_was_selected_the_reason_is_what_became_of_the_requests(
    recorded: tuple[Exchange, ...], expected: Verdict, message: str
) -> None:
    found = judgement(case_of(holds_of_answer, on=every_stream), *recorded)
    assert (found.verdict, found.message, found.consulted) == (expected, message, ())


def test_all_answers_come_together_in_the_order_of_sending() -> None:
    def together(answers: tuple[View, ...]) -> None:
        raise AssertionError(" ".join(view.probe for view in answers))

    late, early = (
        replace(exchange(COUNT, attempt(200, ANSWER)), id="x1000"),
        exchange(SEEDED, attempt(200, ANSWER)),
    )
    found = judgement(case_of(together, on=all_answers), late, replace(early, id="x999"))
    assert (found.message, found.consulted) == ("count seed=7 count", ("x999", "x1000"))


@pytest.mark.parametrize(
    ("probe", "status", "body", "chosen"),
    [
        (COUNT, 200, ANSWER, "answer plain success response"),
        (COUNT_STREAM, 200, STREAM, "answer stream success response"),
        (COUNT, 200, NO, "success response"),
        (COUNT, 201, b"", "answer plain success response"),
        (COUNT, 400, NO, "response refusal"),
        (COUNT | to_be_refused, 500, b"", "response refusal"),
        (COUNT, 500, b"", "response"),
        (COUNT, 302, b"", "response"),
    ],
)
def test_which_exchanges_a_case_gets(probe: Probe, status: int, body: Any, chosen: str) -> None:
    from conformance import requirement as module

    selectors = {
        "answer": module.every_answer,
        "plain": module.every_plain_answer,
        "stream": module.every_stream,
        "success": module.every_success,
        "response": module.every_response,
        "refusal": every_refusal,
    }
    recorded = exchange(probe, attempt(status, body))
    got = [
        name
        for name, on in selectors.items()
        if judgement(case_of(lambda view: None, on=on), recorded).consulted
    ]
    assert got == chosen.split()


def test_an_exchange_without_a_response_is_nobodys() -> None:
    recorded = exchange(COUNT, attempt(None, failure="connect"))
    assert judgement(case_of(lambda view: None, on=every_refusal), recorded).consulted == ()


# -- purity ---------------------------------------------------------------------------------------------


def test_the_same_recording_gives_the_same_judgements_in_any_order() -> None:
    recorded = [
        exchange(COUNT, attempt(200, ANSWER)),
        exchange(SEEDED, attempt(400, NO)),
        exchange(COUNT_STREAM, attempt(200, STREAM)),
    ]
    cases = [BASIS, EFFECT, case_of(holds_of_answer, id="a.b", on=every_answer), case_of(warns, id="a.c")]
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


# -- what a provider sends is hostile ---------------------------------------------------------------------

HOSTILE = "\x1b[2J\u202e\ud800\r\nHTTP\x00"


def test_a_message_is_one_line_that_no_terminal_obeys_and_every_file_can_hold() -> None:
    def quotes(view: View) -> None:
        raise AssertionError(f"{HOSTILE}\nassert {HOSTILE}")

    refusal = exchange(SEEDED, attempt(400, {"error": {"message": HOSTILE}}))
    for found in (judged(quotes), judged(holds, MUST, refusal)):
        assert found.message.isprintable()
        assert all(line.isprintable() for line in found.detail.split("\n"))
        assert r"\x1b[2J\u202e\ud800" in found.message
