"""The embedded provider: a strict OpenAI-compatible server with a small deterministic model."""
