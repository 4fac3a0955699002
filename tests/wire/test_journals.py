from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from conformance.wire.journal import Journal, Writer, read
from conformance.wire.journals import join
from tests.report.making import exchange, target, user

ACME, BOLT = target(), target("bolt", "bolt-mini")


def _journal(path: Path, started: str, at: str) -> Journal:
    body = b"data: \xff\n\n"
    where = ACME if at == "acme" else BOLT
    with Writer(path, started, [(where.at, f"https://{at}.example")]) as writer:
        for id in ("x001", "x002"):
            writer.write(exchange(id, "COUNT", user("Count."), body, at=where))
    return read(path)


def _called(id: str, number: int) -> str:
    return f"{number}-{id}"


def test_a_joined_journal_has_the_exchanges_of_all_under_other_names(tmp_path: Path) -> None:
    one = _journal(tmp_path / "one", "2026-11-20T10:38:12+00:00", "acme")
    two = _journal(tmp_path / "two", "2026-11-19T10:38:12+00:00", "bolt")
    join([one, two], tmp_path / "both", _called)
    both = read(tmp_path / "both")
    assert (both.started, both.targets, both.damaged) == (two.started, (*one.targets, *two.targets), ())
    assert [each.id for each in both.exchanges] == ["1-x001", "1-x002", "2-x001", "2-x002"]
    assert [replace(each, id=each.id[2:]) for each in both.exchanges] == [*one.exchanges, *two.exchanges]


def test_a_single_journal_stays_as_it_is(tmp_path: Path) -> None:
    one = _journal(tmp_path / "one", "2026-11-20T10:38:12+00:00", "acme")
    join([one], tmp_path / "same", _called)
    assert read(tmp_path / "same") == one
