"""The difference between runs, written for a terminal, for Markdown and for machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from conformance.report.across.difference import Change, Changed, Difference
from conformance.report.results.outline import Row
from conformance.report.show import plural, when
from conformance.report.text import MESSAGE, code, line, plain
from conformance.wire.record import TargetId

SHOWN = 100
"""Lines under one heading. What a whole target was judged by can be hundreds."""

_MESSAGE = 200


def as_text(found: Difference, *, strict: bool = False) -> str:
    """For a terminal; nothing in it is obeyed by one."""
    lines = [*_lines(found, lambda text: line(text, _MESSAGE), _whole, _terminal_row, "{}:")]
    return "\n".join([*lines, _verdict(found, strict=strict)]) + "\n"


def as_markdown(found: Difference, *, strict: bool = False) -> str:
    """For a job summary or a comment; nothing in it is markup or notifies anybody."""
    title = f"# Changes in OpenAI compatibility\n\n**{_verdict(found, strict=strict)}**\n\n"
    return (
        title
        + "\n".join(_lines(found, plain, partial(plain, limit=MESSAGE), _markdown_row, "\n## {}\n"))
        + "\n"
    )


def as_data(found: Difference, *, strict: bool = False) -> dict[str, Any]:
    """As plain values for JSON."""
    definitions = found.definitions
    return {
        "old": found.old.started.isoformat(),
        "new": found.new.started.isoformat(),
        "regressions": len(found.regressions(strict=strict)),
        "catalogue": {
            "old": definitions.old,
            "new": definitions.new,
            "added": [*definitions.added],
            "removed": [*definitions.removed],
            "altered": [*definitions.altered],
        },
        "targets": {
            "vanished": [_target(name) for name in found.vanished],
            "new": [_target(name) for name in found.appeared],
            "not_tested": [{**_target(name), "because": why} for name, why in found.new.closed.items()],
        },
        "changes": [
            {
                "change": one.change.value,
                "regression": one.is_regression(strict=strict),
                **_target(one.at),
                "requirement": one.requirement,
                "level": one.level.value,
                "before": one.before and one.before.verdict.value,
                "after": one.after and one.after.verdict.value,
                "message": one.after.message if one.after else "",
            }
            for one in found.changes
        ],
    }


def _whole(text: str) -> str:
    return line(text, MESSAGE)


def _target(name: TargetId) -> Mapping[str, str]:
    return name._asdict()


def _verdict(found: Difference, *, strict: bool) -> str:
    worse = len(found.regressions(strict=strict))
    return plural(worse, "regression") if worse else "no regression"


def _lines(
    found: Difference,
    safe: Callable[[str], str],
    whole: Callable[[str], str],
    row: Callable[[Changed, bool], str],
    heading: str,
) -> Iterator[str]:
    yield f"{when(found.old.started)} → {when(found.new.started)}"
    yield from _untested(found, whole)
    if found.new.incomplete_because is not None and not found.new.closed:
        yield f"incomplete: {safe(found.new.incomplete_because)}"
    yield from _definitions(found, safe)
    for words, names in (("target vanished", found.vanished), ("new target", found.appeared)):
        yield from (f"{words}: {safe(str(name))}" for name in names)
    many = len(found.new.targets) > 1
    for change in Change:
        changes = found.of(change)
        if changes:
            yield heading.format(f"{change} ({len(changes)})")
        yield from (row(one, many) for one in changes[:SHOWN])
        if len(changes) > SHOWN:
            yield f"… and {len(changes) - SHOWN} more"
    if not found.changes and len(found.new.closed) < len(found.new.targets):
        yield "no verdict changed"


def _untested(found: Difference, whole: Callable[[str], str]) -> Iterator[str]:
    """The targets of the new run at which nothing could be tested: nothing of them is compared."""
    for name, why in found.new.closed.items():
        words = "not tested" if name in found.new.untested else "could not be reached"
        yield f"{whole(str(name))}: {words}: {whole(why)}"


def _definitions(found: Difference, safe: Callable[[str], str]) -> Iterator[str]:
    definitions = found.definitions
    if not definitions:
        return
    if definitions.old != definitions.new:
        yield f"catalogue {safe(definitions.old)} → {safe(definitions.new)}; not compared is what follows"
    else:
        yield f"not the same catalogue, though both say {safe(definitions.new)}; not compared is what follows"
    for words in ("added", "removed", "altered"):
        ids: tuple[str, ...] = getattr(definitions, words)
        if ids:
            more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
            yield f"{words}: {', '.join(map(safe, ids[:SHOWN]))}{more}"


def _terminal_row(one: Changed, many: bool) -> str:
    at = f" at {line(str(one.at), _MESSAGE)}" if many else ""
    message = f": {line(one.after.message, _MESSAGE)}" if one.after and one.after.message else ""
    return f"  {one.level.value:<6}  {line(one.requirement, 100)}{at}  {_from_to(one)}{message}"


def _markdown_row(one: Changed, many: bool) -> str:
    at = f" at {plain(str(one.at))}" if many else ""
    message = f": {plain(one.after.message)}" if one.after and one.after.message else ""
    return f"- {one.level.value} {code(one.requirement)}{at} {_from_to(one)}{message}"


def _from_to(one: Changed) -> str:
    if one.after is None:
        return f"was {_said(one.before)}"
    return f"{_said(one.before)} → {_said(one.after)}" if one.before else _said(one.after)


def _said(row: Row | None) -> str:
    assert row is not None
    return f"{row.verdict} (known)" if row.known else row.verdict.value
