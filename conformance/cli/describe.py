"""The catalogue in words: as a provider sees it, and one requirement with all that is known of it."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from conformance.asking.probe import Credential, Expects, Probe
from conformance.contracts.known import noticed_by
from conformance.contracts.parameters import exercised_by
from conformance.judging.catalogue import test_id
from conformance.judging.requirement import Case, Every
from conformance.judging.source import Source
from conformance.provider.claims import profile, profiles
from conformance.provider.level import Level
from conformance.provider.model import OLD, Claims, days_since
from conformance.reference.faults import FAULTS

WIDTH = 110
BODY = 1000
"""Characters of a request body that are shown: those with images are longer."""

_LABEL = 12


def listing(cases: Sequence[Case], claims: Claims) -> str:
    """The requirements in lines of level, id and statement, grouped by area, and how many there are."""
    widest = max((len(case.requirement.id) for case in cases), default=0)
    lines: list[str] = []
    area = ""
    for case in cases:
        requirement = case.requirement
        if requirement.area != area:
            area = requirement.area
            lines += ["", area] if lines else [area]
        level = case.level(claims)
        lines.append(f"  {level:<6}  {requirement.id:<{widest}}  {requirement.statement}")
    count = Counter(case.level(claims) for case in cases)
    levels = ", ".join(f"{count[level]} {level}" for level in Level if count[level])
    noun = "requirement" if len(cases) == 1 else "requirements"
    summary = f"{len(cases)} {noun}{f': {levels}' if levels else ''}; levels by: {claims.title}"
    return "\n".join([*lines, *([""] if lines else []), summary])


def as_data(cases: Iterable[Case], claims: Claims) -> list[dict[str, Any]]:
    """The requirements as plain values for JSON."""
    return [_data(case, claims) for case in cases]


def _data(case: Case, claims: Claims) -> dict[str, Any]:
    requirement = case.requirement
    claim = requirement.claim
    return {
        "id": requirement.id,
        "area": requirement.area,
        "level": case.level(claims).value,
        "because": claims.why(requirement.id, claim),
        "statement": requirement.statement,
        "claim": claim,
        "claimed": None if claim is None else claims.state(claim).value,
        "sources": [{"title": one.title, "url": one.url, "quote": one.quote} for one in requirement.sources],
        "judged_on": case.subject.title if isinstance(case.subject, Every) else "its own probes",
        "probes": [_probe(one) for one in case.probes(claims)],
        "test": test_id(case),
    }


def _probe(probe: Probe) -> dict[str, Any]:
    return {"name": probe.name, "method": probe.method, "path": probe.path, "body": probe.body}


def explanation(case: Case, claims: Claims, today: date) -> str:
    """Everything that is known of a requirement, for a terminal."""
    requirement = case.requirement
    about = {
        "Level": [
            f"{case.level(claims)}: {claims.why(requirement.id, requirement.claim)}",
            *_age(case, claims, today),
            *_other_levels(case),
        ],
        "Who is hurt": [requirement.hurts] if requirement.hurts else [],
        "Source": [line for one in requirement.sources for line in _source(one)],
        "Parameter": [
            f"{name}: {', '.join(aspects)}" for name, aspects in exercised_by(requirement.id).items()
        ],
        "Rests on": [f"{requirement.basis}, which owns a refusal"] if requirement.basis else [],
        "Asked": list(_asked(case, claims)),
        "Judged by": [test_id(case), *_code(case)],
        "Proven with": [
            f"{fault.name}: {fault.summary}" for fault in FAULTS.values() if requirement.id in fault.aims
        ],
        "Broken by": [
            f"{one.what}: {', '.join(one.seen_in)} ({', '.join(one.sources)})"
            for one in noticed_by(requirement.id)
            if one.seen_in
        ],
    }
    head = [requirement.id, *textwrap.wrap(requirement.statement, WIDTH), ""]
    return "\n".join([*head, *(line for label, said in about.items() for line in _block(label, said))])


def _age(case: Case, claims: Claims, today: date) -> Iterator[str]:
    """How old the words are that bind it."""
    claim = case.requirement.claim
    quotation = None if claim is None else claims.quotation(claim)
    days = days_since(claims.read if quotation is None else quotation.read, today)
    if days is not None:
        old = ": the documents may have changed since, read them again" if days > OLD else ""
        what = "the documents were" if quotation is None else "what the documents say of it was"
        yield f"{what} read {days} days ago{old}"


def _other_levels(case: Case) -> Iterator[str]:
    """The levels where the documents say something else, and where a profile makes an exception."""
    requirement = case.requirement
    if requirement.claimed is not None:
        silent, claimed = requirement.level, requirement.claimed
        yield f"{silent} where the documents are silent, {claimed} where they promise it"
    for name in profiles():
        override = profile(name).levels.get(requirement.id)
        if override is not None:
            yield f"{override.level} by the profile {name}: {override.because}"


def _source(source: Source) -> Iterator[str]:
    yield source.title
    yield source.url
    if source.quote:
        yield f"“{source.quote}”"


def _asked(case: Case, claims: Claims) -> Iterator[str]:
    """The probes, each with what is sent; samples of one request together."""
    subject = case.subject
    if isinstance(subject, Every):
        yield f"nothing of its own: every {subject.title} of the run is judged; alone, it sends"
        wanted: Mapping[str, Probe | tuple[Probe, ...]] = {"": subject.probes(claims)}
    else:
        wanted = subject.wanted(claims)
    controls = case.controls(claims)
    for name, probes in wanted.items():
        samples: dict[tuple[object, ...], list[Probe]] = {}
        for probe in (probes,) if isinstance(probes, Probe) else probes:
            samples.setdefault((probe.method, probe.path, probe.body, *_unusual(probe)), []).append(probe)
        for same in samples.values():
            label = f"{name}{' (to compare with)' if name in controls else ''}: " if name else ""
            times = f" ({len(same)} times)" if len(same) > 1 else ""
            yield f"{label}{same[0].name}{times}"
            yield "    " + "; ".join([f"{same[0].method} {same[0].path}", *_unusual(same[0])])
            if same[0].body is not None:
                yield f"    {_short(same[0].body)}"
    if not case.probes(claims):
        yield "nothing: the documents do not mention what it is about"


def _unusual(probe: Probe) -> Iterator[str]:
    """What else is particular about a request."""
    for name, value in probe.headers:
        yield f"{name}: {value}"
    if probe.credential is not Credential.VALID:
        yield f"key: {probe.credential}"
    if probe.expects is not Expects.ANSWER:
        yield "to be refused" if probe.expects is Expects.REFUSAL else "to be served or refused"
    if probe.cut_after is not None:
        yield f"hung up after {probe.cut_after} events"
    if probe.after is not None:
        yield f"sent after {probe.after.name}"


def _short(text: str) -> str:
    return text if len(text) <= BODY else f"{text[:BODY]}… ({len(text):,} characters)"


def _code(case: Case) -> Iterator[str]:
    """The lines of the function, without its decorators and its docstring, which is the statement."""
    lines = textwrap.dedent(inspect.getsource(case.function)).splitlines()
    (function,) = ast.parse("\n".join(lines)).body
    assert isinstance(function, ast.FunctionDef)
    docstring = function.body[0]
    end = docstring.end_lineno or docstring.lineno
    for line in (*lines[function.lineno - 1 : docstring.lineno - 1], *lines[end:]):
        yield f"    {line}"


def _block(label: str, said: Sequence[str]) -> Iterator[str]:
    """A label, and lines beside it. What is indented is code, and is not wrapped."""
    for number, text in enumerate(said):
        indented = text.startswith(" ")
        wrapped = [text] if indented or text.startswith("https://") else textwrap.wrap(text, WIDTH - _LABEL)
        for place, line in enumerate(wrapped):
            first = label if number == place == 0 else ""
            yield f"{first:<{_LABEL}}{line}".rstrip()


def to_json(value: object) -> str:
    """JSON for people and programs."""
    return json.dumps(value, ensure_ascii=False, indent=1)
