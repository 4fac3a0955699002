"""A server that misbehaves at one question is accused of just that, and the rest is judged as ever."""

from __future__ import annotations

import pytest

from conformance.asking.retry import ATTEMPTS, STALE
from conformance.judging.verdict import Verdict
from tests.hostile.catalogue import CATALOGUE
from tests.hostile.misbehaviour import Misbehaviour
from tests.hostile.once import once

UNKNOWN = (Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE, Verdict.PASS)


@pytest.mark.parametrize("one", CATALOGUE.values(), ids=str)
def test_nothing_is_found_but_what_is_wrong_and_little_is_kept(
    one: Misbehaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: 0.0)  # the wait before a request is sent again
    outcome = once(one)
    assert outcome.violated.keys() == one.found, outcome.violated
    for name in outcome.undecided:
        judgement = outcome.judged[name]
        assert judgement.verdict in UNKNOWN, name
        assert outcome.exchange.id in judgement.consulted, name
    for judgement in outcome.judged.values():
        assert "the check itself failed" not in judgement.message, judgement
        assert judgement.message.isprintable()
        assert len(judgement.message) <= 600

    attempts = outcome.exchange.attempts
    assert sum(one.failure is None or one.failure.kind != STALE for one in attempts) <= ATTEMPTS
    for attempt in attempts:
        assert len(attempt.body) <= 1.5 * 2**20
        if attempt.failure is not None:
            assert attempt.failure.message.isprintable()
            assert len(attempt.failure.message) <= 300
