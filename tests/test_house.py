"""The house: what each room may import, and that only contracts know a contract."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import conformance
from tests.ids import by_value

PACKAGE = Path(conformance.__file__).parent

CORE = ("wire", "provider", "asking", "judging", "running")
"""The rooms that know a contract by its protocol only."""

WORDS = re.compile(r"\b(chat|choices|completions)\b", re.IGNORECASE)

BELOW = {
    "wire": set(),
    "provider": {"wire", "contracts"},
    "asking": {"wire", "provider", "contracts"},
    "judging": {"wire", "provider", "asking", "contracts"},
    "recordings": {"wire", "provider", "asking", "contracts", "judging", "running"},
    "report": {"wire", "provider", "asking", "contracts", "judging"},
    "identity": {"wire", "provider", "asking", "contracts", "running", "report", "reference"},
}
"""What each room may import beside itself. `contracts` stands for the protocol and the names."""


def modules(room: str) -> list[Path]:
    return sorted((PACKAGE / room).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """The modules of the package that a file imports, without the package's name."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module is not None and not node.level:
            names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
        elif isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        yield from (name.removeprefix("conformance.") for name in names if name.startswith("conformance."))


@pytest.mark.parametrize(
    "path", [path for room in CORE for path in modules(room)], ids=lambda path: path.stem
)
def test_the_core_has_no_word_of_a_contract(path: Path) -> None:
    assert WORDS.findall(path.read_text("utf-8")) == []


@pytest.mark.parametrize("room", [*CORE, "report", "recordings", "cli"], ids=by_value)
def test_only_contracts_import_a_contract(room: str) -> None:
    packages = {f"contracts.{name}" for name in ("host", *conformance.CONTRACTS)}
    hits = {
        (path.name, name)
        for path in modules(room)
        for name in imported(path)
        if any(name == one or name.startswith(f"{one}.") for one in packages)
    }
    assert hits == set()


@pytest.mark.parametrize("room", BELOW)
def test_imports_point_one_way(room: str) -> None:
    hits = {
        (path.name, name)
        for path in modules(room)
        for name in imported(path)
        if (head := name.partition(".")[0]) != room and (PACKAGE / head).is_dir() and head not in BELOW[room]
    }
    assert hits == set()


def test_no_module_is_long() -> None:
    lengths = {
        path.relative_to(PACKAGE).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in PACKAGE.rglob("*.py")
    }
    assert {name: length for name, length in lengths.items() if length > 400} == {}
