"""Secrets are replaced before anything is recorded, so that no later step can leak them.

A server may send a secret back as it is, in part, escaped or encoded, compressed or in pieces. All that
programs do of themselves is undone here; what somebody does on purpose who has the secret already is not.
"""

from conformance.wire.redact.redactor import MARK, UNREAD, Redactor

__all__ = ["MARK", "UNREAD", "Redactor"]
