"""A conformance suite for providers of OpenAI-compatible APIs."""

__version__ = "0.1.0"

CATALOGUE = "2026.2"
"""Version of the set of requirements. Verdicts are comparable only within one catalogue version."""

CONTRACTS = ("chat", "embeddings")
"""The contracts that the suite knows, in the order in which reports show them: packages of `contracts`."""

DEFAULT = CONTRACTS[0]
"""The contract of an entry that names none, and of files that were written before there were several."""
