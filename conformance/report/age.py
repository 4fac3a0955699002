"""How old the documents are that a target was judged against, in words."""

from __future__ import annotations

from datetime import date

from conformance.provider.model import OLD
from conformance.report.language import Wording
from conformance.report.results.results import ClaimsReference


def age(claims: ClaimsReference, today: date, say: Wording) -> str:
    """When they were read, how long ago that was, and whether it is too long; empty where nobody said it."""
    days = claims.age(today)
    if days is None:
        return ""
    told = say("claims.read", day=claims.read, n=days)
    return f"{told}{say('colon')}{say('claims.old')}" if days > OLD else told
