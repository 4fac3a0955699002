"""Whatever number a provider sends where a number belongs, no case fails by itself, and a report is written.

The members are those of a whole run against the embedded provider, and the cases those of the catalogue: what
is added to either is tested here too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.asking.asking import Access, Work
from conformance.asking.sending import Sending
from conformance.contracts.view import View
from conformance.judging.catalogue import catalogue
from conformance.judging.verdict import Judgement
from conformance.proof.asking import carried_out, everything, recorded
from conformance.proof.direct import BASE_URL, KEY, Direct
from conformance.proof.judging import judgements
from conformance.running.run import Run
from conformance.wire import journal
from conformance.wire.record import Attempt, Exchange, Request
from conformance.wire.strict_json import LARGEST
from tests.ids import by_value
from tests.report.valid import validate

NUMBERS = {
    "10^310": f"1{'0' * 310}",
    "-10^310": f"-1{'0' * 310}",
    "largest": str(LARGEST),
    "-largest": str(-LARGEST),
    "1e308": "1e308",
    "-1e308": "-1e308",
    "1e999": "1e999",
    "10^5000": f"1{'0' * 5000}",
    "2^63": str(2**63),
    "-2^63": str(-(2**63)),
    "NaN": "NaN",
    "Infinity": "Infinity",
    "-Infinity": "-Infinity",
    "-0.0": "-0.0",
    "1.5": "1.5",
    "0": "0",
    "-1": "-1",
    "tiny": "5e-324",
}
"""As they stand in JSON, or in what some write for it."""

Member = tuple[str, ...]
"""Where a number stands; `[]` is every element of an array."""

NOT_SENT_HERE: tuple[Member, ...] = (
    ("usage", "input_tokens"),
    ("usage", "output_tokens"),
    ("usage", "reasoning_tokens"),
    ("error", "code"),
    ("error", "param"),
    ("choices", "[]", "finish_reason"),
)
"""Members that other services send, and some that are no numbers at the embedded provider."""

_MARK = "\x01here\x01"


@cache
def flawless() -> tuple[Exchange, ...]:
    """The run that is spoilt."""
    return tuple(recorded())


@cache
def members() -> tuple[Member, ...]:
    """Every place in it where a number stands, and some more."""
    documents = (document for one in flawless() for document in View(one).documents)
    return (*sorted({place for one in documents for place in _numeric(one.value)}), *NOT_SENT_HERE)


def _numeric(value: Any) -> Iterator[Member]:
    if isinstance(value, dict):
        yield from ((name, *rest) for name, item in value.items() for rest in _numeric(item))
    elif isinstance(value, list):
        yield from (("[]", *rest) for item in value for rest in _numeric(item))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield ()


def put(value: Any, place: Member, number: object) -> Any:
    """The value with that number at the place, where what should hold it is there."""
    if not place:
        return number
    if place[0] == "[]":
        return [put(item, place[1:], number) for item in value] if isinstance(value, list) else value
    if not isinstance(value, dict) or (len(place) > 1 and place[0] not in value):
        return value
    return {**value, place[0]: put(value.get(place[0]), place[1:], number)}


def spoilt(text: str, numbers: Mapping[Member, str]) -> str:
    """A JSON text, or a stream of such, with these numbers; other text as it is."""
    if text.startswith("data: {"):
        return "\n".join("data: " + spoilt(line[6:], numbers) if line else "" for line in text.split("\n"))
    try:
        value = json.loads(text)
    except ValueError:
        return text
    marks = [f"{_MARK}{at}" for at, _ in enumerate(numbers)]
    for mark, place in zip(marks, numbers, strict=True):
        value = put(value, place, mark)
    found = json.dumps(value, ensure_ascii=False)
    for mark, number in zip(marks, numbers.values(), strict=True):
        found = found.replace(json.dumps(mark, ensure_ascii=False), number)
    return found


def attempt(one: Attempt, numbers: Mapping[Member, str]) -> Attempt:
    """An attempt whose pieces are spoilt; each is a whole JSON text, or an event."""
    chunks = tuple((at, spoilt(data.decode(), numbers).encode()) for at, data in one.chunks)
    return replace(one, chunks=chunks)


def run(numbers: Iterable[Mapping[Member, str]]) -> list[Exchange]:
    """The run with these numbers, each exchange with the next of them."""
    return [
        replace(one, attempts=tuple(attempt(made, spoils) for made in one.attempts))
        for one, spoils in zip(flawless(), cycle(numbers), strict=False)
    ]


def crashes(judged: Mapping[str, Judgement]) -> dict[str, str]:
    """The cases that failed by themselves."""
    return {name: one.message for name, one in judged.items() if "the check itself failed" in one.message}


@pytest.mark.parametrize("number", NUMBERS)
def test_what_is_sent_for_spoiling_is_spoilt(number: str) -> None:
    """The mark is put where it belongs, in an answer and in a stream."""
    created, index = ("created",), ("choices", "[]", "index")
    text = spoilt('{"created": 1, "choices": [{"index": 0}, {"index": 1}]}', {created: NUMBERS[number]})
    assert f'"created": {NUMBERS[number]}, ' in text
    text = spoilt('data: {"choices": [{"index": 0}]}\n\n', {index: NUMBERS[number]})
    assert text == f'data: {{"choices": [{{"index": {NUMBERS[number]}}}]}}\n\n'


ALIKE = {name: [NUMBERS[name]] for name in ("10^310", "largest", "-largest")}
MIXED = {
    f"mixed, from {list(NUMBERS)[start]} on": [*NUMBERS.values()][start:] + [*NUMBERS.values()][:start]
    for start in (0, 9)
}


@pytest.mark.parametrize("numbers", (ALIKE | MIXED).values(), ids=ALIKE | MIXED)
def test_no_case_fails_over_one_member(numbers: list[str]) -> None:
    """Each member alone: the same number in every answer, or another one in each."""
    found = {}
    for member in members():
        if wrong := crashes(judgements(run([{member: number} for number in numbers]))):
            found[".".join(member)] = wrong
    assert found == {}


@settings(max_examples=10)
@given(st.data())
def test_no_case_fails_over_several_members(data: st.DataObject) -> None:
    """All members at once, each with any of the numbers or as it was."""
    numbers = st.sampled_from([*NUMBERS.values(), ""])
    drawn = {member: data.draw(numbers, ".".join(member)) for member in members()}
    assert crashes(judgements(run([{member: number for member, number in drawn.items() if number}]))) == {}


class Spoiling(Direct):
    """The embedded provider, each of its answers with the next of these numbers in every member."""

    def __init__(self, numbers: Iterable[str], headers: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self._numbers = cycle(numbers)
        self._spoiling = headers

    async def send(self, request: Request, how: Sending) -> Attempt:
        """The attempt that this request comes to."""
        made = attempt(await super().send(request, how), dict.fromkeys(members(), next(self._numbers)))
        return replace(made, headers=(*self._spoiling, *made.headers))


@pytest.mark.parametrize("number", ["10^310", "largest", "NaN", "-0.0", "-1"], ids=by_value)
def test_a_run_that_is_asked_by_such_a_provider_is_reported(tmp_path: Path, number: str) -> None:
    """From the first request to the report: what is asked, counted, judged, written and read again."""
    text = NUMBERS[number]
    headers = ("Retry-After", "retry-after-ms", "Date", "Age", "openai-processing-ms", "Content-Length")
    wanted = everything("openai")
    provider = Spoiling([text], tuple((name, text) for name in headers))
    exchanges = carried_out(Work(wanted, Access(BASE_URL, KEY), wanted.ids()), provider.send)
    with journal.Writer(
        tmp_path / "journal.jsonl", "2026-01-01T00:00:00+00:00", [(wanted.target.at, "c")]
    ) as file:
        for one in exchanges:
            file.write(one)
    finished = Run([wanted.target], tmp_path, lambda _: Access(""))
    finished.exchanges = list(journal.read(tmp_path / "journal.jsonl").exchanges)
    assert finished.exchanges == exchanges
    finished.selected = {wanted.target: list(catalogue().values())}
    finished.write_reports()
    results = (tmp_path / "results.json").read_text(encoding="utf-8")
    assert "the check itself failed" not in results
    value = json.loads(results, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    validate(value)
