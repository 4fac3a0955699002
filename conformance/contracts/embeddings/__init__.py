"""Embeddings: POST /embeddings."""
