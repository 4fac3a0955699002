"""How an answer with embeddings is read."""
