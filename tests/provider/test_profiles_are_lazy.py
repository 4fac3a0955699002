"""Profiles are read where they are named: many of them do not slow the start."""

from __future__ import annotations

import subprocess
import sys

from conformance.provider.claims import profiles

READING = """
import conformance.provider.claims as claims
from conformance.provider.load import parse
read = []
real = claims.parse
claims.parse = lambda data, file, contract="chat": (read.append(file), real(data, file, contract))[1]
entries = "".join(
    f"  {name}: {{base_url: 'https://{name}.example/v1', models: m, claims: {name}}}\\n"
    for name in claims.profiles()
)
found = parse(("providers:\\n" + entries).encode(), "p.yaml")
found.entries["groq"]
print(len(claims.profiles()), read)
"""


def test_only_the_profile_that_is_named_is_read() -> None:
    done = subprocess.run([sys.executable, "-c", READING], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"{len(profiles())} ['groq.yaml']"
