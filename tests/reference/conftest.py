"""What the tests of the embedded provider share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.reference.asking import Client, server


@pytest.fixture(scope="session")
def client() -> Iterator[Client]:
    """A client of a server without faults that takes no time."""
    with server() as client:
        yield client
