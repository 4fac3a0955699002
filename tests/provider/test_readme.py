"""What README says an entry can have, and how documents are put into words, is what is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance.provider.load import parse

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
ENTRY = "  acme:\n    base_url: https://api.acme.example/v1\n    api_key: ${ACME_API_KEY}\n    models: [m]\n"

(TABLE,) = re.findall(r"\| documented \| written \|.*?\n\n", README, re.DOTALL)
CELLS = [row.split(" | ")[1] for row in TABLE.strip().splitlines()[2:]]
WRITTEN = [one for cell in CELLS for one in re.findall(r"`(\w+: .*?)`", cell) if not one.startswith("mode")]
BLOCKS = [one for one in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL) if "providers:" not in one]


@pytest.mark.parametrize("written", WRITTEN)
def test_the_words_for_what_documents_say(written: str) -> None:
    claims = f"    claims: {{profile: openai, but: {{{written}}}}}\n"
    assert parse(f"providers:\n{ENTRY}{claims}".encode(), "README.md").entries["acme"].claims


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split()[0])
def test_the_members_of_an_entry(block: str) -> None:
    rest = "" if block.startswith("    claims:") else "    claims: openai\n"
    text = f"providers:\n{ENTRY}{rest}{block}"
    assert parse(text.encode(), "README.md").entries["acme"].claims
