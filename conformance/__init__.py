"""A conformance suite for OpenAI-compatible chat-completions providers."""

__version__ = "0.1.0"

CATALOGUE = "2026.1"
"""Version of the set of requirements. Verdicts are comparable only within one catalogue version."""
