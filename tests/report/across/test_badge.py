from __future__ import annotations

from pathlib import Path

import pytest

from conformance.judging.verdict import Verdict
from conformance.provider.model import Expected
from conformance.report.across.badge import badge
from conformance.report.results.results import Results
from tests.ids import by_value
from tests.report.making import target
from tests.report.runs import BOLT, NONE, SEED, STOP, SUM, TAIL, outline, run
from tests.report.sample import many

FAIL, WARN, ERROR = Verdict.FAIL, Verdict.WARN, Verdict.ERROR
KNOWN = target(expected=(Expected(SUM, "known"),))


@pytest.mark.parametrize(
    ("results", "message", "color"),
    [
        (run(), "4 hold", "brightgreen"),
        (run({SUM: Verdict.NOTE}), "4 hold", "brightgreen"),
        (run({TAIL: WARN}), "3 hold, 1 warning", "yellowgreen"),
        (run({SUM: FAIL, TAIL: WARN}), "1 of 4 fail", "red"),
        (run({SUM: FAIL, STOP: Verdict.INCONCLUSIVE}), "1 of 3 fail", "red"),
        (run({SUM: FAIL}, at=KNOWN), "1 known failure", "orange"),
        (run({SUM: FAIL, TAIL: ERROR}), "1 of 3 fail", "red"),
        (run({TAIL: ERROR}), "incomplete", "lightgrey"),
        (run(dict.fromkeys((SUM, STOP, TAIL, SEED), ERROR)), "not reached", "lightgrey"),
        (run(dict.fromkeys((SUM, STOP, TAIL, SEED), Verdict.INCONCLUSIVE)), "undecided", "lightgrey"),
        (run({}, (BOLT, {SUM: FAIL})), "fails at 1 of 2 targets", "red"),
        (run({}, (BOLT, NONE)), "8 hold", "brightgreen"),
        (many(6), "fails at 2 of 6 targets", "red"),
    ],
    ids=by_value,
)
def test_what_a_badge_says(results: Results, message: str, color: str, tmp_path: Path) -> None:
    assert badge(outline(results, tmp_path)) == {
        "schemaVersion": 1,
        "label": "OpenAI compatibility",
        "message": message,
        "color": color,
    }


def test_a_provider_has_a_badge_of_its_own(tmp_path: Path) -> None:
    found = outline(run({}, (BOLT, {SUM: FAIL})), tmp_path)
    assert badge(found, "acme")["message"] == "4 hold"
    assert badge(found, "bolt")["message"] == "1 of 4 fail"
    assert badge(found, "bolt")["label"] == "bolt: OpenAI compatibility"
    with pytest.raises(LookupError):
        badge(found, "carl")
