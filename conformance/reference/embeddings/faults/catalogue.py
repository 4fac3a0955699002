"""The modules that hold faults of embeddings."""

from __future__ import annotations

from conformance.reference.embeddings.faults import counting, encoding, listing, numbers, refusing

MODULES = (listing, numbers, encoding, refusing, counting)
