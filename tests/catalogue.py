"""Writes tests/catalogue.txt: what each requirement of this version of the catalogue demands.

python -m tests.catalogue
"""

from __future__ import annotations

from pathlib import Path

from conformance import CATALOGUE
from conformance.judging.catalogue import every_requirement

SNAPSHOT = Path(__file__).with_name("catalogue.txt")


def snapshot() -> str:
    """A line for each requirement, by id: level (/ that where the claim is documented), claim, statement."""
    lines = [f"catalogue {CATALOGUE}"]
    for id, case in sorted(every_requirement().items()):
        one = case.requirement
        level = one.level if one.claimed is None else f"{one.level}/{one.claimed}"
        lines.append(f"{id} | {level} | {one.claim or '-'} | {one.statement}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    SNAPSHOT.write_text(snapshot(), encoding="utf-8")
