from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.report.page.streaming import charts, waits
from conformance.report.results.arrivals import Arrival
from conformance.report.results.results import Results
from tests.report.sample import many, sample


def _with(arrivals: tuple[Arrival, ...], tokens: int | None = 11) -> Results:
    results = sample(both=False)
    one = results.exchanges["a04"]
    response = replace(one.response, arrivals=arrivals)
    changed = replace(one, response=response, completion_tokens=tokens)
    others = {
        key: replace(e, response=replace(e.response, arrivals=())) for key, e in results.exchanges.items()
    }
    return replace(results, exchanges={**others, "a04": changed})


def test_a_stream_has_its_first_text_its_longest_gap_and_its_rate() -> None:
    (chart,) = charts(_with(((0.2, 50, 0), (0.5, 100, 1), (0.6, 100, 3), (1.5, 25, 1), (2.0, 400, 0))))
    (stream,) = chart.streams
    assert chart.until == 2.0
    assert (stream.first, stream.gap, stream.pieces) == (0.5, (0.6, 1.5), 5)
    assert stream.rate == pytest.approx(10 / 1.0)
    assert [tick.at for tick in stream.ticks] == [0.1, 0.25, 0.3, 0.75, 1.0]
    assert max(tick.size for tick in stream.ticks) == 1.0


@pytest.mark.parametrize("tokens", [None, 0, 1])
def test_there_is_no_rate_without_tokens(tokens: int | None) -> None:
    (chart,) = charts(_with(((0.1, 9, 1), (0.9, 9, 1)), tokens))
    assert chart.streams[0].rate is None


def test_a_stream_that_comes_at_once_has_no_gap_and_no_rate() -> None:
    (chart,) = charts(_with(((0.9, 900, 20),)))
    assert (chart.streams[0].gap, chart.streams[0].rate, chart.streams[0].first) == (None, None, 0.9)


def test_a_stream_without_text_has_no_first_text() -> None:
    (chart,) = charts(_with(((0.0, 9, 0),)))
    assert (chart.streams[0].first, chart.streams[0].gap) == (None, None)


def test_targets_without_streams_have_no_chart() -> None:
    assert charts(_with(())) == ()


def test_the_slowest_probe_comes_first_with_a_time_for_each_target() -> None:
    found = waits(sample())
    assert found.rows[0].probe == "NATO"
    assert found.rows[0].seconds == (1.31, 1.31)
    assert found.until == 1.31
    assert not [row for row in found.rows if row.probe == "PHRASE seed 7"], "it was never answered"


def test_of_many_targets_only_the_slowest_probes_are_told() -> None:
    assert len(waits(many(30)).rows) <= 10
