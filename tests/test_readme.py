"""The figures of the README are those of the suite, within a tenth."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance.judging.catalogue import catalogue
from conformance.proof.asking import everything
from conformance.provider.claims import profile

README = re.sub(r"\s+", " ", (Path(__file__).parents[1] / "README.md").read_text("utf-8"))

(FIGURES,) = re.findall(
    r"About (\d+) small requests decide about (\d+) requirements .*? and (\d+) more the (\d+) of embeddings",
    README,
)


@pytest.mark.parametrize(
    ("contract", "requests", "requirements"),
    [("chat", FIGURES[0], FIGURES[1]), ("embeddings", FIGURES[2], FIGURES[3])],
)
def test_so_many_requests_decide_so_many_requirements(
    contract: str, requests: str, requirements: str
) -> None:
    assert int(requests) == pytest.approx(everything(profile("openai", contract)).requests, rel=0.1)
    assert int(requirements) == pytest.approx(len(catalogue(contract)), rel=0.1)
