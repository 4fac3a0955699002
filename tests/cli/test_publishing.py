from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.cli import main
from tests.report.runs import run, saved


def test_a_badge_is_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(saved(run(), tmp_path))
    assert main(["badge", folder]) == 0
    assert json.loads(capsys.readouterr().out)["message"] == "4 hold"
    assert main(["badge", folder, "--provider", "acme"]) == 0
    assert json.loads(capsys.readouterr().out)["label"].startswith("acme")
    assert main(["badge", folder, "--provider", "acne"]) == 2
    assert capsys.readouterr().err.endswith("has no provider 'acne', did you mean 'acme'?\n")
    assert main(["badge", str(tmp_path / "none")]) == 2
    assert "name the results.json of a run" in capsys.readouterr().err
