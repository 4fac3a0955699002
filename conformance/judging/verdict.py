"""Verdicts, findings, and the judgement: what the suite says of one requirement at one target."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from conformance.provider.level import Level
from conformance.wire.excerpt import printable
from conformance.wire.message import Message
from conformance.wire.place import Place

NOTHING = Message()


class Verdict(StrEnum):
    """What was found. The order of the members is the order of reports: worst first."""

    FAIL = "fail"
    ERROR = "error"
    WARN = "warn"
    INCONCLUSIVE = "inconclusive"
    UNSUPPORTED = "unsupported"
    NOTE = "note"
    PASS = "pass"  # noqa: S105 - a verdict, not a password
    NOT_APPLICABLE = "not-applicable"

    @property
    def severity(self) -> int:
        """Its place in reports: the worst has the first."""
        return _IN_REPORTS[self]

    @property
    def violates(self) -> bool:
        """Whether the requirement was seen not to hold, which is no fault where it is a MAY."""
        return self in (Verdict.FAIL, Verdict.WARN)

    def counts(self, *, strict: bool) -> bool:
        """Whether it counts as a failure; `strict` takes a violated SHOULD for one."""
        return self is Verdict.FAIL or (strict and self is Verdict.WARN)

    @property
    def holds(self) -> bool:
        """Whether the requirement was seen to hold, with or without a remark."""
        return self in (Verdict.PASS, Verdict.NOTE)

    @property
    def decides(self) -> bool:
        """Whether the requirement was seen to hold, or not to hold."""
        return self.violates or self.holds

    @property
    def undecided(self) -> bool:
        """Whether something kept the requirement from being decided."""
        return self in (Verdict.ERROR, Verdict.INCONCLUSIVE)


_IN_REPORTS = {verdict: place for place, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a judge found: in words, and where.

    The places are those that it is about: each in itself, or all of them together, such as two answers that
    contradict each other. None where a case does not say of what it speaks: of all that it judges together.
    """

    message: Message
    places: tuple[Place, ...] = ()

    @property
    def exchanges(self) -> tuple[str, ...]:
        """The exchanges that it is about; one that was not recorded has no id."""
        return tuple(dict.fromkeys(place.exchange for place in self.places if place.exchange))


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one requirement at one target, with the evidence for it.

    `reason` is one line for people. `findings` are what it rests on, where something was found: at most
    `judge.MOST` of them; `offending` are all the exchanges that they are about, and `consulted` those
    that were looked at, the controls included. `see` is the requirement that keeps this one from being
    decided. `refusal`: it is about the request being refused, rather than about its effect.
    """

    requirement: str
    level: Level
    verdict: Verdict
    reason: Message = NOTHING
    findings: tuple[Finding, ...] = ()
    offending: tuple[str, ...] = ()
    consulted: tuple[str, ...] = ()
    see: str | None = None
    refusal: bool = False

    @property
    def message(self) -> str:
        """The reason in words, in one line that no terminal obeys."""
        return printable(str(self.reason))
