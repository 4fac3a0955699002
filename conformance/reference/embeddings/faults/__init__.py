"""Faults of embeddings: named defects that the embedded provider can be told to have."""
