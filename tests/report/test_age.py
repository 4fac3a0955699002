"""How old the documents are is said in reports and by `explain`, and that they are too old."""

from __future__ import annotations

from datetime import date

import pytest

from conformance.cli.describe import explanation
from conformance.judging.catalogue import catalogue
from conformance.provider.claims import differing, profile
from conformance.report.age import age
from conformance.report.language import wording
from conformance.report.results.results import ClaimsReference

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        pytest.param(None, "", id="nobody said when"),
        pytest.param("2026-11-29", "read on 2026-11-29, 1 day before this run", id="yesterday"),
        pytest.param("2026-06-03", "read on 2026-06-03, 180 days before this run", id="180 days"),
        pytest.param(
            "2026-06-02",
            "read on 2026-06-02, 181 days before this run: they may have changed since, read them again",
            id="more than 180 days",
        ),
    ],
)
def test_a_report_says_how_old_the_documents_are(read: str | None, expected: str) -> None:
    assert age(ClaimsReference("a", "A", "https://a.example", (), read), TODAY, wording()) == expected


def test_explain_shows_the_quote_and_how_old_it_is() -> None:
    quoted = {
        "ignored": True,
        "quote": "It is ignored",
        "url": "https://acme.example/docs",
        "read": "2026-05-01",
    }
    claims = differing(profile("openai"), {"logit_bias": quoted}, {})
    told = " ".join(explanation(catalogue()["sampling.logit-bias-selects"], claims, TODAY).split())
    assert "“It is ignored” (https://acme.example/docs, read on 2026-05-01)" in told
    assert "was read 213 days ago: the documents may have changed since, read them again" in told
