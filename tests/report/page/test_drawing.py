from __future__ import annotations

from conformance.judging.verdict import Verdict
from conformance.report.page.drawing import TALL, steps, strip

FAIL, PASS = Verdict.FAIL, Verdict.PASS


def test_a_strip_is_a_stroke_for_each_unbroken_row() -> None:
    assert strip([PASS, PASS, FAIL, None, PASS]) == [(FAIL, "M2 4h1"), (PASS, "M0 7h2M4 7h1")]
    assert strip([]) == []
    assert strip([None]) == []


def test_trouble_stands_higher() -> None:
    assert set(TALL) == set(Verdict)
    assert TALL[FAIL] > TALL[Verdict.WARN] > TALL[Verdict.ERROR] > TALL[Verdict.INCONCLUSIVE] > TALL[PASS]


def test_a_line_goes_in_steps_and_is_interrupted_by_gaps() -> None:
    assert steps([0, 0, 4, None, 2], 4) == "M0 8H1H2V0H3M4 4H5"
    assert steps([None], 4) == ""
    assert steps([0], 0) == "M0 8H1"
