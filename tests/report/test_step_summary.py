from __future__ import annotations

from pathlib import Path

import pytest

from conformance.report.step_summary import LIMIT, append
from tests.ids import by_value


def test_the_text_comes_after_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "step.md"
    append("# One\n", path)
    append("# Two\n", path)
    assert path.read_text("utf-8") == "# One\n\n# Two\n\n"


@pytest.mark.parametrize(
    "present", [0, 1, LIMIT // 2, LIMIT - 100, LIMIT - 40, LIMIT, LIMIT + 10], ids=by_value
)
def test_the_limit_is_never_passed(present: int, tmp_path: Path) -> None:
    path = tmp_path / "step.md"
    path.write_bytes(b"x" * present)
    append("- 你好 a line\n" * 100_000, path)
    data = path.read_bytes()[present:]
    assert len(data) + present <= max(LIMIT, present)
    text = data.decode()
    assert not text or text.endswith("The rest is in summary.md.\n")
    lines = text.splitlines()[:-2]
    assert set(lines) <= {"- 你好 a line"}
    assert len(lines) * len("- 你好 a line\n".encode()) > LIMIT - present - 200 or present >= LIMIT - 200


def test_a_text_that_fits_exactly_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "step.md"
    append("x" * (LIMIT - 1), path)
    assert path.stat().st_size == LIMIT
    append("more", path)
    assert path.stat().st_size == LIMIT


def test_a_lone_surrogate_is_replaced(tmp_path: Path) -> None:
    append("\ud800", tmp_path / "step.md")
    assert (tmp_path / "step.md").read_bytes() == b"?\n"
