"""What the checks say, read in their code: every sentence is written out, and says of what it speaks.

A finding that names no place is about all exchanges together that a check judges. That is legal, but it may
not be meant: so no check of the catalogue leaves it to that.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import conformance
from conformance.wire.message import gaps

ROOT = Path(conformance.__file__).parent
CASES = sorted(ROOT.glob("contracts/*/cases/*.py"))
MODULES = sorted(ROOT.rglob("*.py"))

FINDINGS = {"wrong": 0, "warn": 0, "note": 0, "say": 0}
REASONS = {
    "assume": 1,
    "concerns": 1,
    "needs": 2,
    "Blocked": 1,
    "NotAsked": 0,
    "NotRecorded": 0,
    "Inconclusive": 0,
    "NotApplicable": 0,
    "Malformed": 1,
    "Message.of": 0,
}
"""What takes a sentence, and where in its arguments it stands."""

NEITHER = {"Malformed": {"within", "at"}}
"""Keyword arguments that fill no gap."""


def name_of(call: ast.Call) -> str:
    """The function that is called, with the class of a method that is one of ours."""
    called = call.func
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        return f"{called.value.id}.{called.attr}"
    return called.id if isinstance(called, ast.Name) else ""


def calls(file: Path, *names: str) -> Iterator[ast.Call]:
    """The calls of these functions in a module."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call) and name_of(node) in names:
            yield node


def sentences(said: ast.expr) -> list[str] | None:
    """The sentences that an argument may be: literally, or one of two. None where it is a value."""
    if isinstance(said, ast.IfExp):
        return [*(sentences(said.body) or ()), *(sentences(said.orelse) or ())]
    if isinstance(said, ast.Constant) and isinstance(said.value, str):
        return [said.value]
    if isinstance(said, ast.JoinedStr):
        raise AssertionError(f"an f-string cannot be translated: {ast.unparse(said)}")
    return None


@pytest.mark.parametrize("file", MODULES, ids=[str(file.relative_to(ROOT)) for file in MODULES])
def test_a_sentence_is_written_out_and_each_of_its_gaps_is_filled(file: Path) -> None:
    at = FINDINGS | REASONS if file in CASES else REASONS
    for call in calls(file, *at):
        name = name_of(call)
        filled = {one.arg for one in call.keywords if one.arg} - NEITHER.get(name, set())
        open_ended = any(one.arg is None for one in call.keywords)
        said = sentences(call.args[at[name]]) if len(call.args) > at[name] else None
        if said is None:
            continue
        where = f"{file.relative_to(ROOT)}:{call.lineno}: {said}"
        assert open_ended or frozenset().union(*map(gaps, said)) == filled, where


def test_no_check_leaves_it_open_of_which_exchanges_it_speaks() -> None:
    assert CASES
    assert [place for file in CASES for place in _undeclared(file)] == []


def _undeclared(file: Path) -> Iterator[str]:
    """The findings of a module that name no exchange, and the assertions that are no findings."""
    for call in calls(file, *FINDINGS):
        if len(call.args) < 2:
            yield f"{file.name}:{call.lineno}: {ast.unparse(call)}"
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Assert) and not _says_where(node.msg):
            yield f"{file.name}:{node.lineno}: {ast.unparse(node)}"


def _says_where(message: ast.expr | None) -> bool:
    return isinstance(message, ast.Call) and name_of(message) in {"wrong", "not_refused"}
