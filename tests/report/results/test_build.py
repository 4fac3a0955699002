from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from conformance.asking.probe import Credential
from conformance.cli.describe import as_data
from conformance.contracts.chat.probes.costs import ALLOWED
from conformance.judging.catalogue import catalogue
from conformance.judging.verdict import Judgement, Verdict
from conformance.provider.claims import profile, profiles
from conformance.provider.level import Level
from conformance.provider.model import Expected, Target
from conformance.report.results.build import BODY, REQUEST_BODY, build, exchange_result
from conformance.report.results.results import JudgementResult, Latency, Results
from conformance.report.text import MESSAGE
from conformance.running.run import entry
from conformance.wire.record import Attempt, Exchange, Failure, TargetId
from tests.ids import by_value
from tests.report.making import STARTED, answer, exchange, judged, stream, target, user
from tests.report.sample import CLEAN, ENTRIES, FLAWED, many, sample

MUST, SHOULD, MAY = Level
DONE = "stream.done-once-and-last"


def _build(
    judgements: Sequence[tuple[Target, Judgement]] = (),
    exchanges: Sequence[Exchange] = (),
    targets: Sequence[Target] = (FLAWED, CLEAN),
    incomplete_because: str | None = None,
    unreachable: dict[TargetId, str] | None = None,
    credentials: dict[str, Credential] | None = None,
) -> Results:
    return build(
        version="0.1.0",
        catalogue="2026.1",
        entries=ENTRIES,
        targets=targets,
        judgements=judgements,
        exchanges=exchanges,
        started=STARTED,
        finished=STARTED + timedelta(seconds=1),
        incomplete_because=incomplete_because,
        unreachable=unreachable or {},
        credentials=credentials or {},
    )


def _row(results: Results, requirement: str) -> JudgementResult:
    return next(row for row in results.judgements if row.requirement == requirement)


def _attempt(body: bytes = b"{}", **fields: Any) -> Attempt:
    made = Attempt(1.0, 0.5, 200, "HTTP/1.1", (), ((0.5, body),))
    return replace(made, **fields)


def test_the_order_of_the_arguments_does_not_matter() -> None:
    judgements = [(at, judged(one.id, one.level, Verdict.PASS)) for at in (FLAWED, CLEAN) for one in ENTRIES]
    exchanges = [exchange(f"{n:02}", "COUNT", user("x"), answer("y", 1, n), at=FLAWED) for n in range(9)]
    expected = _build(judgements, exchanges)
    shuffled = random.Random(1)
    shuffled.shuffle(judgements)
    shuffled.shuffle(exchanges)
    results = _build(judgements, exchanges)
    assert results == expected
    assert list(results.exchanges) == list(expected.exchanges)


def test_counts_are_by_level_and_verdict_worst_first() -> None:
    counts = sample().targets[0].counts
    assert counts == {
        MUST: {Verdict.FAIL: 5, Verdict.PASS: 15},
        SHOULD: {Verdict.WARN: 2, Verdict.INCONCLUSIVE: 2, Verdict.PASS: 1},
        MAY: {Verdict.ERROR: 2, Verdict.UNSUPPORTED: 2, Verdict.NOTE: 2, Verdict.NOT_APPLICABLE: 2},
    }
    assert list(counts[MAY]) == [
        Verdict.ERROR,
        Verdict.UNSUPPORTED,
        Verdict.NOTE,
        Verdict.NOT_APPLICABLE,
    ]


def test_requests_attempts_tokens_cost_and_latency_are_summed_up() -> None:
    at = sample().targets[0]
    assert (at.requests, at.attempts) == (11, 12)
    assert at.stated is not None
    stated = at.stated.prompt_tokens, at.stated.completion_tokens
    assert stated == (32 + 35 + 35 + 12 + 12 + 12, 50 + 75 + 20 + 1 + 1 + 1)
    # Three answers state nothing, of which two did not come to their end; one total is 8 too many.
    assert at.stated.doubts == {"unstated": 1, "beside": 1, "lost": 2}
    assert (at.prompt_tokens, at.completion_tokens) == (138 + 63, 148 + 8 + 40 + 2 * ALLOWED)
    assert at.cost == pytest.approx((201 * 3 + 996 * 15) / 1e6)
    assert at.latency == Latency(median=0.8, p95=1.31, first_byte_median=0.4)


def test_without_a_price_there_is_no_cost_and_without_an_answer_no_latency() -> None:
    free = replace(FLAWED, provider=replace(FLAWED.provider, price=None))
    at = _build(targets=[free]).targets[0]
    assert (at.cost, at.latency, at.requests) == (None, None, 0)


def test_what_was_never_sent_is_no_request() -> None:
    unsent = Attempt(0.0, 0.0, None, "", (), (), Failure("not-asked", "the budget is spent"))
    one = replace(exchange("01", "COUNT", user("x"), b""), attempts=(unsent,))
    results = _build(exchanges=[one], targets=[FLAWED])
    assert (results.targets[0].requests, results.targets[0].attempts) == (0, 0)
    assert results.exchanges["01"].attempts == 0


def test_a_run_with_errors_is_incomplete_and_says_so() -> None:
    error = judged(DONE, MUST, Verdict.ERROR, "no response")
    other = judged("auth.key-required", MUST, Verdict.ERROR, "HTTP 503")
    unasked = "1 requirement could not be asked"
    assert _build([(FLAWED, error)]).incomplete_because == f"{unasked} at 1 target: no response"
    alone = _build([(FLAWED, error)], targets=[FLAWED])
    assert alone.incomplete_because == f"{unasked}: no response"
    both = _build([(FLAWED, error), (CLEAN, other)])
    assert both.incomplete_because == "2 requirements could not be asked at 2 targets"
    assert _build([(FLAWED, error)], incomplete_because="interrupted").incomplete_because == "interrupted"
    results = _build([(CLEAN, error)], unreachable={TargetId("bolt", "chat", "bolt-mini"): "no connection"})
    assert results.incomplete_because == "bolt (bolt-mini) could not be reached: no connection"
    assert not results.complete
    assert _build([(FLAWED, replace(error, verdict=Verdict.INCONCLUSIVE))]).complete


def test_many_unreachable_targets_are_counted_not_listed() -> None:
    targets = [target(f"v{number}") for number in range(9)]
    names = {one.at: "refused" for one in targets}
    because = _build(targets=targets, unreachable=names).incomplete_because
    assert because is not None
    assert because.endswith("; 6 more targets could not be reached")


def test_of_two_judgements_on_the_same_thing_the_later_counts() -> None:
    first = judged(DONE, MUST, Verdict.FAIL)
    results = _build([(FLAWED, first), (FLAWED, replace(first, verdict=Verdict.PASS))])
    assert [row.verdict for row in results.judgements] == [Verdict.PASS]


@pytest.mark.parametrize(
    ("at", "requirement"), [(target("stranger"), DONE), (FLAWED, "stream.never-heard-of")]
)
def test_a_judgement_that_is_not_part_of_the_run_is_refused(at: Target, requirement: str) -> None:
    with pytest.raises(ValueError, match="is not part of this run"):
        _build([(at, judged(requirement, MUST, Verdict.PASS))])


@pytest.mark.parametrize(
    ("requirement", "because"),
    [
        ("stop.fifth-not-dropped-silently", "The page names the maximum of four."),
        ("stop.not-in-output", "Acme Cloud, Chat Completions documents `stop`"),
        ("vision.image-understood", "Acme Cloud, Chat Completions says it does not support `vision`"),
        ("tools.call-shape", "Acme Cloud, Chat Completions does not mention `tools`"),
        ("usage.total-is-sum", "whatever the documents say"),
    ],
    ids=by_value,
)
def test_the_reason_for_a_level_comes_from_the_documents(requirement: str, because: str) -> None:
    assert _row(sample(), requirement).level_because == because


@pytest.mark.parametrize("name", profiles())
def test_a_report_says_the_reason_that_explain_says(name: str) -> None:
    claims, cases = profile(name).of_model(FLAWED.model), catalogue().values()
    at = replace(FLAWED, provider=replace(FLAWED.provider, claims=claims))
    results = build(
        version="0.1.0",
        catalogue="2026.1",
        entries=[entry(case) for case in cases],
        targets=[at],
        judgements=[(at, judged(one.requirement.id, one.level(claims), Verdict.PASS)) for one in cases],
        exchanges=[],
        started=STARTED,
        finished=STARTED,
    )
    reported = {row.requirement: (row.level, row.level_because) for row in results.judgements}
    assert reported == {one["id"]: (one["level"], one["because"]) for one in as_data(cases, claims)}


def _expecting(**fields: Any) -> Target:
    expected = replace(Expected(DONE, "known since March", "https://acme.example/7"), **fields)
    return target(expected=(expected,))


@pytest.mark.parametrize(
    ("at", "verdict", "stale"),
    [
        (_expecting(), Verdict.FAIL, None),
        (_expecting(until=STARTED.date()), Verdict.FAIL, None),
        (_expecting(), Verdict.INCONCLUSIVE, None),
        (_expecting(), Verdict.PASS, "it is expected to fail, but no longer does; remove the entry"),
        (
            _expecting(where="providers.yaml:9"),
            Verdict.NOTE,
            "providers.yaml:9: it is expected to fail, but no longer does; remove the entry",
        ),
        (
            _expecting(until=date(2026, 1, 31)),
            Verdict.FAIL,
            "the entry expired on 2026-01-31; remove it or set a later date",
        ),
    ],
    ids=by_value,
)
def test_a_known_failure_is_known_until_it_is_gone_or_expires(
    at: Target, verdict: Verdict, stale: str | None
) -> None:
    row = _build([(at, judged(DONE, MUST, verdict))], targets=[at]).judgements[0]
    assert row.expected is not None
    assert (row.expected.because, row.expected.link) == ("known since March", "https://acme.example/7")
    assert row.stale == stale


def test_messages_are_bounded_and_visible() -> None:
    huge = "\u202e<script>\n" + "x" * 5_000_000
    row = _build([(FLAWED, judged(DONE, MUST, Verdict.FAIL, huge, ("x1",), said=huge))]).judgements[0]
    assert row.message.startswith("\\u{202e}<script>\\n")
    assert row.message.endswith("(5,000,010 characters)")
    assert len(row.message) < MESSAGE + 40
    assert len(str(row.findings[0].message)) < MESSAGE + 40


def test_a_body_is_cut_with_its_length_stated() -> None:
    one = exchange_result(exchange("01", "COUNT", user("x"), b"{" + b"x" * 99_999))
    assert one.response.length == 100_000
    assert one.response.body == "{" + "x" * (BODY - 1) + f"\n[… {100_000 - BODY:,} bytes left out …]"


def test_a_stream_is_cut_in_the_middle_and_its_events_are_counted() -> None:
    body = stream([str(number) for number in range(1000)])
    one = exchange_result(exchange("01", "COUNT", user("x"), body, content_type="text/event-stream"))
    assert one.response.events == 1001
    assert one.response.body.startswith("data: ")
    assert one.response.body.endswith("data: [DONE]\n\n")
    assert "bytes left out" in one.response.body
    assert len(one.response.body) < BODY + 50


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_events_are_counted_with_any_line_ending(end: bytes) -> None:
    body = b"".join((b": ping", end * 2, b"event: x", end, b"data: 1", end * 2, b"data: 2", end, b"data: 3"))
    one = exchange_result(exchange("01", "COUNT", user("x"), body, content_type="Text/Event-Stream"))
    assert one.response.events == 2


def test_the_request_is_kept_whole_so_that_it_can_be_sent_again() -> None:
    text = 'café "quoted" \\ \n' * 500
    sent = exchange("01", "COUNT", user(text), b"{}")
    assert exchange_result(sent).request.body == sent.request.body
    long = exchange("01", "COUNT", user("é" * REQUEST_BODY), b"{}")
    kept = exchange_result(long).request
    assert kept.length == len(long.request.body.encode()) > len(kept.body.encode())
    assert "bytes left out" in kept.body


def test_secrets_and_cookies_are_not_kept() -> None:
    sent = exchange("01", "COUNT", user("x"), b"{}")
    headers = (("Authorization", "Bearer sk-1"), ("X-Api-Key", "sk-2"), ("Accept", "*/*"))
    result = exchange_result(replace(sent, request=replace(sent.request, headers=headers)))
    assert result.request.headers == (("Accept", "*/*"),)
    assert ("set-cookie", "[not kept]") in result.response.headers


def test_headers_are_bounded() -> None:
    headers = tuple((f"x-{number}", "v" * 10_000) for number in range(500))
    one = exchange("01", "COUNT", user("x"), b"{}")
    kept = exchange_result(replace(one, attempts=(_attempt(headers=headers),))).response.headers
    assert kept[-1] == ("…", "440 more headers")
    assert sum(len(name) + len(value) for name, value in kept) < 40_000


def test_latency_ends_with_the_last_byte_not_with_the_connection() -> None:
    held = _attempt(ended=3.0, failure=Failure("held-open", "still open"))
    one = exchange_result(replace(exchange("01", "COUNT", user("x"), b"{}"), attempts=(held,)))
    assert (one.latency, one.first_byte) == (0.5, 0.5)


def test_adaptations_are_kept_with_the_exchange_and_summed_up_for_the_target() -> None:
    at = target()
    found = [
        replace(exchange("x001", "count", user("?"), answer("1", 1, 1)), adapted=("b", "a")),
        replace(exchange("x002", "nato", user("?"), answer("1", 1, 1)), adapted=("b",)),
        exchange("x003", "ok", user("?"), answer("1", 1, 1)),
    ]
    results = _build(targets=[at], judgements=[], exchanges=found)
    assert results.targets[0].traits == ("a", "b")
    assert [one.adapted for one in results.exchanges.values()] == [("b", "a"), ("b",), ()]


def test_earlier_attempts_are_kept_in_short() -> None:
    busy = _attempt(status=429)
    reset = _attempt(status=None, chunks=(), ended=0.2, failure=Failure("connect", "refused"))
    one = exchange("01", "COUNT", user("x"), b"{}", earlier=(busy, reset))
    result = exchange_result(one)
    assert result.attempts == 3
    assert [(row.status, row.latency, row.failure) for row in result.earlier] == [
        (429, 0.5, None),
        (None, 0.2, "connect"),
    ]


def test_the_credential_is_that_of_the_probe_and_none_without_a_key_variable() -> None:
    keyless = replace(CLEAN, provider=replace(CLEAN.provider, key_variable=None))
    embedded = replace(
        target("self"), provider=replace(target("self").provider, key_variable=None, embedded=True)
    )
    rows = [
        exchange("01", "COUNT", user("x"), b"{}"),
        exchange("02", "WRONG", user("x"), b"{}"),
        exchange("03", "COUNT", user("x"), b"{}", at=keyless),
        exchange("04", "COUNT", user("x"), b"{}", at=embedded),
    ]
    results = _build(
        exchanges=rows, targets=[FLAWED, keyless, embedded], credentials={"WRONG": Credential.WRONG}
    )
    assert [one.request.credential for one in results.exchanges.values()] == [
        "valid",
        "wrong",
        "none",
        "valid",
    ]


def test_thirty_targets_are_told_apart() -> None:
    results = many(30)
    assert len(results.targets) == 30
    assert len(results.judgements) == 30 * len(ENTRIES)
    assert results.targets[-1].unreachable == "no connection in time"
