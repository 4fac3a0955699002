"""Names: the rows of tables of tests have some, and a class has one of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import conformance

PACKAGE = Path(conformance.__file__).parent

TESTS = Path(__file__).parent


def _without_names(tree: ast.Module) -> Iterator[int]:
    """The lines of tables with more than three rows, some of which have no name."""
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and ast.unparse(call.func).endswith("mark.parametrize")):
            continue
        rows = call.args[1] if len(call.args) > 1 else None
        if not isinstance(rows, ast.List | ast.Tuple) or any(one.arg == "ids" for one in call.keywords):
            continue
        if sum(not _is_named(row) for row in rows.elts) > 3:
            yield call.lineno


def _is_named(row: ast.expr) -> bool:
    return isinstance(row, ast.Call) and any(one.arg == "id" for one in row.keywords)


def test_the_rows_of_a_table_of_tests_have_names() -> None:
    found = {
        f"{path.relative_to(TESTS)}:{line}"
        for path in sorted(TESTS.rglob("*.py"))
        for line in _without_names(ast.parse(path.read_text("utf-8")))
    }
    assert found == set(), "name the rows: ids=[…], pytest.param(…, id=…), or ids=by_value (tests/ids.py)"


APART = frozenset({"Claim", "Company", "Ending", "Journal", "Said", "Secret", "Seen", "Text", "Verdict"})
"""Names of classes of rooms that never meet: no new ones, please."""


def test_a_class_has_a_name_of_its_own() -> None:
    """But for what every contract has, and what the embedded provider has on its side of the wire."""
    rooms: dict[str, list[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                rooms.setdefault(node.name, []).append(path.relative_to(PACKAGE).parts[0])
    several = {name: [room for room in found if room != "reference"] for name, found in rooms.items()}
    once = {name for name, found in several.items() if len(found) < 2 or set(found) == {"contracts"}}
    assert several.keys() - once <= APART
