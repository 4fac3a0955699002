from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from conformance.judging.verdict import Verdict
from conformance.report.show import SYMBOL, money, names, plural, seconds, size, when
from tests.ids import by_value
from tests.report.sample import sample


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0.00 s"),
        (0.834, "0.83 s"),
        (12.34, "12.3 s"),
        (60.0, "1 min"),
        (94.2, "1 min 34 s"),
        (3725.0, "62 min 5 s"),
    ],
    ids=by_value,
)
def test_times(value: float | None, text: str) -> None:
    assert seconds(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "no price given"), (0.0, "$0.00"), (0.0026, "$0.0026"), (1.5, "$1.50"), (1234.5, "$1,234.50")],
    ids=by_value,
)
def test_money(value: float | None, text: str) -> None:
    assert money(value) == text


def test_counts_and_sizes() -> None:
    assert [plural(0, "request"), plural(1, "request"), plural(2040, "request")] == [
        "0 requests",
        "1 request",
        "2,040 requests",
    ]
    assert [size(1), size(4096)] == ["1 byte", "4,096 bytes"]


def test_a_moment_is_told_in_utc() -> None:
    assert when(datetime(2026, 11, 20, 10, 38, tzinfo=UTC)) == "2026-11-20 10:38 UTC"
    east = timezone(timedelta(hours=8))
    assert when(datetime(2026, 11, 20, 7, 0, tzinfo=east)) == "2026-11-19 23:00 UTC"


def test_every_verdict_has_a_shape_of_its_own_and_a_meaning() -> None:
    assert set(SYMBOL) == set(Verdict)
    assert len(set(SYMBOL.values())) == len(Verdict)


def test_a_model_is_named_only_where_the_provider_has_several() -> None:
    results = sample()
    assert list(names(results).values()) == ["acme", "bolt"]
    second = replace(results.targets[0], model="acme-small")
    both = replace(results, targets=(*results.targets, second))
    assert list(names(both).values()) == ["acme/acme-large-2026", "bolt", "acme/acme-small"]
