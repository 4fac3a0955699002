"""The embedded provider's embeddings: a strict endpoint with a small deterministic model."""
