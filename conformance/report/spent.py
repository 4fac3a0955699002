"""What was spent, and what the provider states instead."""

from __future__ import annotations

from conformance.report import show
from conformance.report.language import Wording
from conformance.report.results.results import TargetResult


def differs(target: TargetResult, say: Wording) -> str:
    """What the provider states instead of what is charged, and why that is not believed; or nothing."""
    stated, charged = target.stated, (target.prompt_tokens, target.completion_tokens)
    if stated is None:
        return ""
    if (stated.prompt_tokens, stated.completion_tokens) == charged and not stated.doubts:
        return ""
    figures = {"prompt": f"{stated.prompt_tokens:,}", "completion": f"{stated.completion_tokens:,}"}
    why = [say(f"spent.{doubt}", n=count) for doubt, count in stated.doubts.items()]
    return say("spent.states", **figures) + (say("colon") + say("comma").join(why) if why else "")


def spent(target: TargetResult, say: Wording) -> str:
    """Tokens and cost, as a run counts them."""
    figures = {"prompt": f"{target.prompt_tokens:,}", "completion": f"{target.completion_tokens:,}"}
    price = "" if target.cost is None else say("comma") + show.money(target.cost)
    return say("exchange.tokens", **figures) + price
