"""Templates are compiled once, and again where what is kept cannot be used."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from jinja2 import DictLoader, Environment

from conformance.report.page.bytecode import Bytecode, place

NAME = "hello.html.j2"


class Counting(Environment):
    """Knows how many templates it has compiled."""

    compiled = 0

    def _generate(self, *args: Any, **kw: Any) -> str:
        self.compiled += 1
        return super()._generate(*args, **kw)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Python is told to keep its bytecode."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    return tmp_path


def compiled(text: str = "Hello {{ name }}") -> int:
    """How many templates have to be compiled for a page."""
    made = Counting(loader=DictLoader({NAME: text}), bytecode_cache=Bytecode())
    assert made.get_template(NAME).render(name="World") == text.replace("{{ name }}", "World")
    return made.compiled


def test_a_template_is_compiled_once() -> None:
    assert [compiled(), compiled(), compiled()] == [1, 0, 0]


def test_a_template_that_was_changed_is_compiled_again() -> None:
    assert [compiled(), compiled("Bye {{ name }}"), compiled("Bye {{ name }}")] == [1, 1, 0]


@pytest.mark.parametrize("kept", [b"", b"\x00", b"no bytecode at all"])
def test_what_cannot_be_read_is_made_again(kept: bytes) -> None:
    compiled()
    place(NAME).write_bytes(kept)
    assert [compiled(), compiled()] == [1, 0]


def test_what_is_cut_off_is_made_again() -> None:
    compiled()
    whole = place(NAME).read_bytes()
    for length in range(0, len(whole), 7):
        place(NAME).write_bytes(whole[:length])
        assert compiled() == 1


def test_nothing_is_kept_where_python_keeps_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert [compiled(), compiled()] == [1, 1]
    assert list(folder.iterdir()) == []


def test_a_place_that_cannot_be_written_to_costs_only_time(folder: Path) -> None:
    place(NAME).parent.parent.mkdir(parents=True)
    place(NAME).parent.write_text("no folder")
    assert [compiled(), compiled()] == [1, 1]
