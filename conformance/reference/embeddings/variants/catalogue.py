"""The modules that hold variants of embeddings."""

from __future__ import annotations

from conformance.reference.embeddings.variants import lacking, listing, numbers

MODULES = (numbers, listing, lacking)
"""In the order in which variants are applied: each works on what those before it have made."""
