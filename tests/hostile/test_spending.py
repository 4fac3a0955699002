"""Ceilings hold, and whoever ignores limits is stopped, whatever a server says that it has used."""

from __future__ import annotations

import pytest

from conformance.asking.budget import Budget
from conformance.asking.spent import Doubt
from conformance.contracts.chat.reading.meter import THOUGHT_SLACK, VISIBLE_SLACK
from conformance.contracts.chat.reading.usage import sent, used
from conformance.proof.asking import everything
from conformance.report.results.charged import charged
from tests.hostile.spending import ABSURD, KINDS, LONG, Kind, Spent, spend

PIECE = 2**12
"""Bytes that are read at once. An event of ten tokens has more of them."""

ENDLESS = [kind for kind in KINDS if kind.endless]
FINITE = [kind for kind in KINDS if not kind.endless]


def reported(spent: Spent) -> tuple[int, int]:
    """The figure of the report, which is that of the ceilings."""
    return charged(spent.exchanges)[:2]


@pytest.mark.parametrize("kind", FINITE, ids=str)
def test_what_an_answer_uses_is_charged_and_ends_the_run(kind: Kind) -> None:
    spent = spend(kind, Budget(max_tokens=100_000))
    assert len(spent.exchanges) == everything("openai").requests
    assert spent.budget.requests == 1
    assert spent.budget.tokens >= spent.wrote == LONG
    assert reported(spent) == (spent.budget.prompt_tokens, spent.budget.completion_tokens)
    beyond = spent.budget.completion_tokens - sent(spent.exchanges[0].request).allowed
    assert spent.reasons == {f"the provider ignores limits: it wrote {beyond} tokens more than allowed"}


@pytest.mark.parametrize("kind", ENDLESS, ids=str)
def test_a_stream_without_an_end_is_cut_wherever_its_text_stands(kind: Kind) -> None:
    ceiling = 30_000
    spent = spend(kind, Budget(max_tokens=ceiling))
    ran_away = [one for one in spent.exchanges if one.last.failure and one.last.failure.kind == "runaway"]
    assert len(ran_away) >= 3
    assert reported(spent) == (spent.budget.prompt_tokens, spent.budget.completion_tokens)
    most = 0
    for one in ran_away:
        probe = sent(one.request)
        cost = used(probe, one.last)
        assert cost.doubt is Doubt.LOST or kind.usage is not None
        assert cost.completion <= 4 * probe.allowed + max(VISIBLE_SLACK, THOUGHT_SLACK) + PIECE
        most = max(most, cost.completion)
    # The ceiling is passed by nothing but what was under way: eight streams.
    assert spent.budget.tokens <= ceiling + 8 * most


@pytest.mark.parametrize("kind", ABSURD, ids=str)
def test_a_number_that_cannot_be_neither_ends_a_run_nor_lets_it_go_on_for_ever(kind: Kind) -> None:
    whole = spend(kind, Budget())
    assert whole.reasons == set()
    assert reported(whole) == (whole.budget.prompt_tokens, whole.budget.completion_tokens)
    assert charged(whole.exchanges)[2].doubts[Doubt.ABSURD] > 100
    plan = everything("openai")
    prompts, answers = plan.tokens_at_most
    # Some answers are to requests that allow none.
    assert prompts < whole.budget.tokens <= prompts + answers + whole.wrote
    bounded = spend(kind, Budget(max_tokens=9000))
    assert bounded.reasons == {"it could pass the ceiling of 9000 tokens (--max-tokens)"}
    # It is passed by what was under way: answers of seven tokens to requests that allow fewer.
    assert 7000 < bounded.budget.tokens <= 9000 + 8 * kind.tokens
