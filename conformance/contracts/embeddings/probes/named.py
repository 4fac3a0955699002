"""The requests that have to be served. All of them are about two sentences, or five tokens."""

from __future__ import annotations

from conformance.asking.change import setting
from conformance.asking.probe import Probe
from conformance.contracts.embeddings.probes.ask import ask
from conformance.provider.model import Claims

SENTENCE = "The cat sleeps on the warm windowsill."
OTHER_SENTENCE = "Quarterly revenue grew by eleven percent"
"""About something else, and with another end: it differs for a model that looks at the last token alone."""

TEXT = ask("text", SENTENCE)
"""The plainest request: what every other answer is compared with."""

TEXT_AGAIN = TEXT.changed("again", copy=1, after=TEXT)
"""Whether a service gives the same numbers twice decides how exactly others are compared."""

BASE64 = TEXT | setting(encoding_format="base64")
"""What the official SDKs for Python and Node send, unless they are told otherwise."""

BATCH = ask("batch", [SENTENCE, OTHER_SENTENCE, SENTENCE], encoding_format="float")
"""The first input again as the third: same inputs, and different ones, in one request."""

OTHER = ask("other text", [OTHER_SENTENCE], user="conformance")
"""The second input of the batch by itself, in an array of one."""

_OF_TOKENS = frozenset({"token-input"})

TOKENS = ask("tokens", [200, 300, 400], features=_OF_TOKENS)
"""One input. Every vocabulary has tokens of these numbers, and none of them is a special one."""

TOKEN_ARRAYS = ask("token arrays", [[200, 300, 400], [500, 600]], features=_OF_TOKENS)

WIDTH = 256
"""Models whose vectors can be shortened have this width among those that their documents list."""


def shorter(claims: Claims) -> Probe:
    """Asks for a vector of fewer numbers: of WIDTH, or of the fewest that the documents list."""
    listed = [one for one in claims.detail("dimensions", "values", ()) if type(one) is int]
    return TEXT | setting(dimensions=min(listed, default=WIDTH))
