from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.report.across import history_page
from conformance.report.across.history import history
from conformance.report.across.history_page import render
from conformance.report.results.outline import Obligation, Outline, Row
from conformance.wire.record import TargetId
from tests.report.hostile import NASTY, hostile
from tests.report.making import STARTED
from tests.report.runs import BOLT, NONE, SUM, outline, run
from tests.report.seen import Page, check_form, check_nothing_loads

FAIL = Verdict.FAIL


def made(count: int, requirements: int, targets: int = 1, change: float = 0.5) -> list[Outline]:
    """Runs in which verdicts change at random."""
    chance = random.Random(7)
    ids = [f"area.requirement-number-{number}" for number in range(requirements)]
    obligations = {id: Obligation(Level.MUST, "It holds.", None) for id in ids}
    found = []
    for number in range(count):
        rows = {
            TargetId(f"vendor{at}", "chat", "m"): {
                id: Row(
                    Level.MUST,
                    chance.choice(list(Verdict)) if chance.random() < change else Verdict.PASS,
                    "it is so",
                    expected=False,
                    known=False,
                )
                for id in ids
            }
            for at in range(targets)
        }
        started = STARTED.replace(year=2020 + number // 300, day=1 + number % 28, hour=number // 28 % 24)
        found.append(Outline("2026.1", started, None, obligations, rows, {}))
    return found


def test_the_page_is_well_formed_accessible_and_loads_nothing(tmp_path: Path) -> None:
    runs = [
        outline(run({SUM: FAIL}, catalogue="2025.9"), tmp_path / "a"),
        outline(run({SUM: Verdict.ERROR}, (BOLT, NONE), day=1), tmp_path / "b"),
        outline(run(at=BOLT, day=2), tmp_path / "c"),
    ]
    for language, tag in (("en", "en"), ("zh", "zh-Hans")):
        text = render(history(runs), language)
        page = Page(text)
        check_form(page)
        check_nothing_loads(text)
        assert page.tags[0] == ("html", {"lang": tag})
    english = Page(render(history(runs))).text
    assert "3 runs of 2 targets." in english
    assert "2025.9 from 2026-11-20, 2026.1 from 2026-11-21." in english
    assert "not in the latest run" in english
    assert f"MUST {SUM}" in english


def test_what_never_changed_is_folded_away_and_named(tmp_path: Path) -> None:
    runs = [outline(run({SUM: FAIL}, day=day), tmp_path / str(day)) for day in range(3)]
    text = Page(render(history(runs))).text
    assert "✕ fail always" in text
    assert "✓ pass 3 requirements, whenever they could be decided" in text
    quiet = [outline(run(day=day), tmp_path / f"quiet{day}") for day in range(2)]
    assert "Nothing ever changed and nothing is violated." in Page(render(history(quiet))).text


def test_the_counts_say_how_they_changed(tmp_path: Path) -> None:
    runs = [
        outline(run(), tmp_path / "a"),
        outline(run(dict.fromkeys((SUM, "stop.not-in-output"), FAIL), day=1), tmp_path / "b"),
    ]
    assert "2 +2 0 0 2 -2 2026-11-21 10:38" in Page(render(history(runs))).text


def test_a_day_out_of_reach_interrupts_the_line_of_counts(tmp_path: Path) -> None:
    everything = dict.fromkeys([one.id for one in run().suite.requirements], Verdict.ERROR)
    runs = [
        outline(run({SUM: FAIL} if day != 1 else everything, day=day), tmp_path / str(day))
        for day in range(3)
    ]
    assert 'd="M0 0H1M2 0H3"' in render(history(runs))


def test_two_hundred_runs_stay_small() -> None:
    found = history(made(200, 200, targets=3, change=0.02))
    assert len(render(found).encode()) < 1_000_000


def test_a_page_is_bounded_however_much_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_page, "DRAWN", 20_000)
    text = render(history(made(60, 100)))
    drawn = sum(map(len, re.findall(r'<svg class="strip".*?</svg>', text)))
    assert drawn < 30_000
    undrawn = text.count("not drawn</span>")
    assert undrawn > 0
    assert f"{undrawn} strips are not drawn, to keep the page small." in text


@pytest.mark.parametrize("nasty", NASTY)
def test_hostile_text_is_inert(nasty: str, tmp_path: Path) -> None:
    text = render(history([outline(hostile(nasty), tmp_path)]))
    check_nothing_loads(text)
    assert all(href.startswith("#") for href in Page(text).every("href"))
    assert not re.search("[\x00-\x08\x1b\u202e\u2066\u200b\ufeff\ud800]", text)
