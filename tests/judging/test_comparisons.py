"""Recordings of others: several comparisons for one requirement, or nothing that shows what it takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from conformance.asking.change import setting
from conformance.contracts.chat.probes.named import COUNT
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.selecting import every_answer
from conformance.judging.judge import Judge
from conformance.judging.recording import Binding, Recording
from conformance.judging.requirement import Case
from conformance.judging.saying import Inconclusive, assume, concerns, needs, note, warn
from conformance.judging.verdict import Judgement, Verdict
from conformance.provider.model import Claims
from tests.contracts.chat.cases.recorded import SILENT, attempt, claiming, exchange
from tests.judging.making import ANSWER, NO, SEEDED, SERVED, beside, case_of, holds, told

CONTROL, *ASKED = (COUNT | setting(seed=seed) for seed in range(4))


@dataclass(frozen=True)
class Compared(Recording):
    """A recording in which each answer is compared with the control, unless it says otherwise."""

    reason: str = ""
    names: str = "control view"
    doubts: dict[str, str] = field(default_factory=dict)

    def bound(self, case: Case, claims: Claims) -> Sequence[Binding]:
        if self.reason:
            raise Inconclusive(self.reason)
        control, *others = self.views.values()
        return [
            {name: control if name == "control" else view for name in self.names.split()} for view in others
        ]

    def selected(self, case: Case) -> Sequence[View]:
        raise Inconclusive(self.reason)

    def doubt(self, case: Case) -> str | None:
        return self.doubts.get(case.requirement.id)


COMPARED = beside({"view": SEEDED}, {"control": CONTROL})
RECORDED = [exchange(probe, attempt(200, ANSWER)) for probe in (CONTROL, *ASKED)]
C, X, Y, Z = (one.id for one in RECORDED)


def judged(said: dict[str, Callable[[], object]]) -> Judgement:
    """What becomes of a case that says this of the exchanges with these ids, and nothing of the others."""

    def case(control: View, view: View) -> None:
        said.get(view.id, lambda: None)()

    recording = Compared(Recording.of(RECORDED).views)
    return Judge(SILENT, recording, {}).judge(case_of(case, on=COMPARED))


def fails(why: str) -> Callable[[], None]:
    def fail() -> None:
        raise AssertionError(why)

    return fail


def test_the_heaviest_finding_stands_for_all_and_says_how_many_comparisons_have_it() -> None:
    found = judged({X: lambda: warn("tolerable"), Y: fails("bad"), Z: fails("worse")})
    assert found.verdict is Verdict.FAIL
    assert found.message == "bad (2 of 3 comparisons, first: count seed=2)"
    assert told(found) == [((Y,), "bad"), ((Z,), "worse")]
    assert (found.offending, found.consulted) == ((Y, Z), (C, X, Y, Z))


@pytest.mark.parametrize(
    ("names", "first"),
    [
        ("control view", "count seed=1"),
        ("view control", "count seed=1"),
        ("control", "count seed=0"),
    ],
)
def test_a_comparison_is_named_by_what_is_no_control_in_it(names: str, first: str) -> None:
    def case(**views: View) -> None:
        raise AssertionError("bad")

    found = Judge(SILENT, Compared(Recording.of(RECORDED).views, names=names), {}).judge(
        case_of(case, on=COMPARED)
    )
    assert found.message == f"bad (3 of 3 comparisons, first: {first})"


def test_of_several_that_are_no_control_the_last_one_names_the_comparison() -> None:
    def case(**views: View | tuple[View, ...]) -> None:
        raise AssertionError("bad")

    class Sampled(Compared):
        def bound(self, case: Case, claims: Claims) -> Sequence[Binding]:
            control, *others = self.views.values()
            return [{"sample": tuple(others), "control": control}] * 2

    found = Judge(SILENT, Sampled(Recording.of(RECORDED).views), {}).judge(case_of(case, on=COMPARED))
    assert found.message == "bad (2 of 2 comparisons, first: count seed=3)"


def test_the_only_finding_is_about_the_exchange_that_it_names() -> None:
    found = judged({Y: lambda: note("odd")})
    assert (found.verdict, found.message) == (Verdict.NOTE, "odd (1 of 3 comparisons, first: count seed=2)")
    assert (told(found), found.offending) == ([((Y,), "odd")], (Y,))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({X: lambda: assume(False, "x"), Z: lambda: concerns(False, "z")}, (Verdict.PASS, "", None)),
        (
            {
                X: lambda: concerns(False, "x"),
                Y: lambda: needs("other.holds", False, "y"),
                Z: lambda: assume(False, "z"),
            },
            (Verdict.INCONCLUSIVE, "y", "other.holds"),
        ),
        ({id: lambda: concerns(False, "none") for id in (X, Y, Z)}, (Verdict.NOT_APPLICABLE, "none", None)),
    ],
)
def test_without_a_finding_the_first_of_the_most_telling_stands_for_all(
    said: dict[str, Callable[[], object]], expected: tuple[Verdict, str, str | None]
) -> None:
    found = judged(said)
    assert (found.verdict, found.message, found.see) == expected
    assert (found.offending, found.consulted) == ((), (C, X, Y, Z))


def test_a_refusal_in_a_comparison_is_the_finding_of_the_basis_all_the_same() -> None:
    def effect(control: View, view: View) -> None:
        assert view.text

    claims = claiming(seed=True)
    refused = [exchange(probe, attempt(400, NO)) for probe in (SEEDED, *ASKED)]
    recording = Compared(Recording.of([SERVED, *refused]).views)
    basis = case_of(effect, on=COMPARED, id="area.accepted", claim="seed")
    resting = case_of(effect, on=COMPARED, id="area.effective", claim="seed", basis="area.accepted")
    judge = Judge(claims, recording, {"area.accepted": basis})
    assert judge.judge(basis).verdict is Verdict.FAIL
    found = judge.judge(resting)
    assert (found.verdict, found.see) == (Verdict.INCONCLUSIVE, "area.accepted")


@pytest.mark.parametrize("case", [case_of(holds), case_of(lambda answer: None, on=every_answer)])
def test_a_recording_that_shows_nothing_of_it_says_why(case: Case) -> None:
    found = Judge(SILENT, Compared({}, reason="nobody asked"), {}).judge(case)
    assert (found.verdict, found.message) == (Verdict.INCONCLUSIVE, "nobody asked")
    assert (found.offending, found.consulted) == ((), ())


def test_a_pass_is_doubted_where_a_recording_proves_nothing_and_a_finding_is_not() -> None:
    recording = Compared(Recording.of(RECORDED[:2]).views, doubts={"area.it-holds": "parsed"})
    judge = Judge(SILENT, recording, {})
    passes = judge.judge(case_of(lambda control, view: None, on=COMPARED))
    assert (passes.verdict, passes.message) == (Verdict.INCONCLUSIVE, "parsed")

    def bad(control: View, view: View) -> None:
        raise AssertionError("bad")

    found = Judge(SILENT, recording, {}).judge(case_of(bad, on=COMPARED))
    assert (found.verdict, found.message, found.offending) == (Verdict.FAIL, "bad", (X,))
