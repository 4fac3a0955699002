"""What is asked of an embeddings endpoint."""
