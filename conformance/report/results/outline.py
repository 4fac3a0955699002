"""The outline of a run: who got which verdict, without the evidence.

Whatever looks at runs over time reads this much of results.json and nothing else, because it reads hundreds
of them, and the whole file takes thirty times as long to check.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from conformance import DEFAULT
from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.report.file import parsed, refuse
from conformance.wire.record import TargetId

_LEVELS = {level.value: level for level in Level}
_VERDICTS = {verdict.value: verdict for verdict in Verdict}


@dataclass(frozen=True, slots=True)
class Obligation:
    """What a requirement demands. Verdicts on it can be compared only where this is the same."""

    level: Level
    statement: str
    claim: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """The verdict on one requirement.

    `expected`: an entry in providers.yaml says that it fails. `known`: it may be called a known failure, for
    the entry has not expired, and it still fails.
    """

    level: Level
    verdict: Verdict
    message: str
    expected: bool
    known: bool

    @property
    def decided(self) -> bool:
        """Whether the verdict says anything about the target."""
        return not self.verdict.undecided

    @property
    def red(self) -> bool:
        """Whether it fails, and nobody expected that."""
        return self.verdict is Verdict.FAIL and not self.known


@dataclass(frozen=True, slots=True)
class Outline:
    """A run. `targets` has the judgements of each target by requirement, both in the order of the file.

    `unreachable` and `untested` say why nothing at all could be tested at a target; its verdicts say nothing.
    """

    catalogue: str
    started: datetime
    incomplete_because: str | None
    requirements: Mapping[str, Obligation]
    targets: Mapping[TargetId, Mapping[str, Row]]
    unreachable: Mapping[TargetId, str]
    untested: Mapping[TargetId, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def closed(self) -> Mapping[TargetId, str]:
        """The targets at which nothing could be tested, and why."""
        return {**self.unreachable, **self.untested}

    def tested(self, name: TargetId) -> Mapping[str, Row]:
        """The judgements that say something of the target: none where nothing could be tested."""
        return _NOTHING if name in self.closed else self.targets.get(name, _NOTHING)

    def row(self, name: TargetId, requirement: str) -> Row | None:
        """The judgement; None where that target was not tested by that requirement."""
        return self.tested(name).get(requirement)


_NOTHING: Mapping[str, Row] = MappingProxyType({})


def read(path: Path) -> Outline:
    """Reads the outline of a results.json. Raises ResultsError as `stored.read` does."""
    value = parsed(path)
    place = "suite"
    try:
        requirements = {id: _obligation(one) for id, one in value["suite"]["requirements"].items()}
        catalogue = _text(value["suite"]["catalogue"])
        place = "started"
        started = _time(value["started"])
        place = "incomplete_because"
        incomplete_because = _text_or_none(value["incomplete_because"])
        targets: dict[TargetId, dict[str, Row]] = {}
        unreachable, untested = {}, {}
        for number, one in enumerate(value["targets"]):
            place = f"targets[{number}]"
            name = _at(one)
            if name in targets:
                refuse(path, place, f"is {name} a second time")
            targets[name] = {}
            if (why := _text_or_none(one["unreachable"])) is not None:
                unreachable[name] = why
            if (why := _text_or_none(one.get("untested"))) is not None:
                untested[name] = why
        for number, one in enumerate(value["judgements"]):
            place = f"judgements[{number}]"
            rows, id = targets[_at(one)], one["requirement"]
            if id in rows:
                refuse(path, place, f"judges {id!r} a second time")
            if id not in requirements:
                refuse(path, place, f"judges {id!r}, which suite.requirements does not have")
            rows[id] = _row(one)
    except (KeyError, TypeError, ValueError, AttributeError):
        refuse(path, place, "is not as this version writes it")
    return Outline(catalogue, started, incomplete_because, requirements, targets, unreachable, untested)


def _at(value: Any) -> TargetId:
    """The target of a row; files of the format before know one contract."""
    return TargetId(_text(value["provider"]), _text(value.get("contract", DEFAULT)), _text(value["model"]))


def _obligation(value: Any) -> Obligation:
    return Obligation(Level(value["level"]), _text(value["statement"]), _text_or_none(value["claim"]))


def _row(value: Any) -> Row:
    return Row(
        _LEVELS[value["level"]],
        _VERDICTS[value["verdict"]],
        _text(value["message"]),
        expected=value["expected"] is not None,
        known=value["expected"] is not None and value["stale"] is None,
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value)


def _time(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    return moment
