"""A run that ended early is resumed: what is recorded stays, and only what is missing is asked."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from conformance.asking.asking import Access
from conformance.judging.requirement import Case
from conformance.proof.direct import BASE_URL, KEY
from conformance.provider.model import Target
from conformance.running.folder import JOURNAL
from conformance.running.run import Run
from conformance.wire import journal
from conformance.wire.record import Attempt, Exchange, Failure
from tests.running.asked import CASES, SOME, TARGET, Asked


def content(exchanges: Iterable[Exchange]) -> list[tuple[object, ...]]:
    """What does not depend on when it was asked."""
    return sorted((one.id, one.probe, one.request, one.last.status, one.adapted) for one in exchanges)


@pytest.mark.parametrize("persona", ["reference", "reasoning"])
def test_wherever_a_run_is_cut_off_it_becomes_the_same(asked: Asked, persona: str) -> None:
    asked.persona = persona
    whole = asked.run()
    everything, requests = (asked.folder / JOURNAL).read_bytes(), len(whole.exchanges)
    header = everything.index(b"\n") + 1
    chance = random.Random(persona)
    for where in (header, len(everything), *(chance.randrange(header, len(everything)) for _ in range(12))):
        (asked.folder / JOURNAL).write_bytes(everything)
        asked.cut(where)
        left = len(journal.read(asked.folder / JOURNAL).exchanges)
        again = asked.run(resume=True)
        assert content(again.exchanges) == content(whole.exchanges)
        assert again.judgements() == whole.judgements()
        assert again.started == whole.started
        # Only what is missing is sent: each once, but for a first request that teaches what the model is.
        assert len(asked.sent) - (requests - left) in ((0,) if persona == "reference" or left else (0, 1, 2))
        read = journal.read(asked.folder / JOURNAL)
        assert content(read.exchanges) == content(whole.exchanges)
        assert read.damaged == ()
        assert read.nonce == journal.read(asked.folder / JOURNAL).nonce != ""


def test_what_could_not_be_asked_is_asked_again(asked: Asked) -> None:
    whole = content(asked.run().exchanges)
    silent = Attempt(1.0, 1.0, None, "", (), (), Failure("timeout-first-byte", "no response"))
    busy = Attempt(1.0, 1.0, 429, "HTTP/1.1", (), ())
    late = Attempt(1.0, 120.0, 200, "HTTP/1.1", (), ((1.0, b"data: {"),), Failure("timeout", "not finished"))
    lost: Sequence[Attempt] = (silent, busy, late)
    ids = [id for id, *_ in whole[-3:]]
    asked.rewrite(lambda one: replace(one, attempts=(lost[ids.index(one.id)],)) if one.id in ids else one)
    assert content(asked.run(resume=True).exchanges) == whole
    assert len(asked.sent) == 3


def test_a_key_that_was_refused_may_be_put_right(asked: Asked) -> None:
    asked.answer = lambda _, attempt: replace(attempt, status=401)
    refused = asked.run()
    assert len(asked.sent) == 1
    asked.answer = lambda _, attempt: attempt
    again = asked.run(resume=True)
    assert len(asked.sent) == len(again.exchanges) == len(refused.exchanges)
    assert {one.last.failure for one in again.exchanges} == {None}


def test_the_plan_of_today_decides_what_is_wanted(asked: Asked) -> None:
    before = asked.run()
    more = [*SOME[1:], CASES["usage.total-is-sum"], CASES["choices.all-billed"]]
    after = asked.run(more, resume=True)
    wanted = {probe.key for probe in after.plans()[0].probes}
    assert {one.key for one in after.exchanges} == wanted
    known = {one.key for one in before.exchanges}
    assert len(asked.sent) == len(wanted - known)
    assert wanted - known
    assert known - wanted
    assert len({one.id for one in after.exchanges}) == len(wanted)
    kept = journal.read(asked.folder / JOURNAL).exchanges
    assert {one.key for one in kept} == wanted | known
    assert len({one.id for one in kept}) == len(kept)


@pytest.mark.parametrize(
    "chosen", [SOME[:1], SOME[1:], [CASES["usage.total-is-sum"]]], ids=["one", "two", "other"]
)
def test_whatever_is_wanted_nothing_recorded_is_dropped(asked: Asked, chosen: list[Case]) -> None:
    whole = asked.run()
    before = (asked.folder / JOURNAL).read_bytes()
    part = asked.run(chosen, resume=True)
    assert (asked.folder / JOURNAL).read_bytes().startswith(before)
    assert part.left_alone == len(whole.exchanges) - sum(one in whole.exchanges for one in part.exchanges)
    again = asked.run(resume=True)
    assert asked.sent == []
    assert content(again.exchanges) == content(whole.exchanges)
    assert again.judgements() == whole.judgements()


def test_a_run_that_is_gone_on_with_in_part_and_killed_is_made_whole(asked: Asked) -> None:
    whole = asked.run()
    everything, requests = (asked.folder / JOURNAL).read_bytes(), len(whole.exchanges)
    asked.cut(len(everything) // 2)
    asked.run(SOME[:1], resume=True)
    asked.cut((asked.folder / JOURNAL).stat().st_size - 5)
    again = asked.run(resume=True)
    assert {one.key for one in again.exchanges} == {one.key for one in whole.exchanges}
    kept = journal.read(asked.folder / JOURNAL)
    assert (kept.damaged, len(kept.exchanges)) == ((), requests)
    assert len({one.id for one in kept.exchanges}) == requests


def test_what_is_planned_is_what_is_missing(asked: Asked) -> None:
    whole = asked.run()
    asked.cut((asked.folder / JOURNAL).stat().st_size // 2)
    recorded = journal.read(asked.folder / JOURNAL)
    run = Run([TARGET], asked.folder, lambda _: Access(BASE_URL, KEY), resumed=recorded)
    run.selected = {TARGET: SOME}
    assert run.to_send()[0].requests == len(whole.exchanges) - len(recorded.exchanges)
    assert run.plans()[0].requests == len(whole.exchanges)


def test_another_model_has_recorded_nothing(asked: Asked) -> None:
    asked.run()
    other = Target(replace(TARGET.provider, name="q"), "reference")
    run = asked.run(resume=True, target=other)
    assert len(asked.sent) == len(run.exchanges)
