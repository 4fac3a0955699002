"""A run, and the same for pytest."""
