"""A probe: one request, described as a value, that any number of requirements may want the answer to.

Probes compose: `COUNT | stream | max_tokens(5)` is a new probe that differs from COUNT in these two things
and says so in its name. Two probes that would send the same bytes are the same probe, whoever declared them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol

MODEL = "{model}"
"""Stands for the target's model id, in a body and in a path."""

NONCE = "{nonce}"
"""Stands for a random word that is fresh in every run."""

Change = Callable[["Probe"], "Probe"]
"""Turns one probe into another; the right-hand side of `|`."""


class Costs(Protocol):
    """What a request costs in tokens, by the members of its body. Only its contract knows."""

    def prompt(self, members: Mapping[str, Any]) -> int:
        """What the prompt costs, roughly, if the request is served."""
        ...

    def prompt_at_most(self, members: Mapping[str, Any]) -> int:
        """What the prompt can cost, whatever the tokenizer."""
        ...

    def allowed(self, members: Mapping[str, Any]) -> int:
        """The tokens that the request allows an answer, over everything it asks for."""
        ...


class _Nothing:
    """The costs of a request that no model has to answer."""

    def prompt(self, members: Mapping[str, Any]) -> int:
        del members
        return 0

    prompt_at_most = allowed = prompt


NOTHING: Costs = _Nothing()


class Credential(StrEnum):
    """What goes into the Authorization header."""

    VALID = "valid"
    NONE = "none"
    WRONG = "wrong"
    SCHEME = "scheme"
    EMPTY = "empty"


TURN = "~"
"""What stands in a key before the number of the time that it is asked, but for the first."""


class Expects(StrEnum):
    """What a probe is made to get. A refusal that was asked for is never retried.

    NOTHING: it is asked aside, to say why others are not served, and judged by nothing.
    """

    ANSWER = "answer"
    REFUSAL = "refusal"
    EITHER = "either"
    NOTHING = "nothing"


@dataclass(frozen=True, eq=False)
class Probe:
    """A request as a value.

    `body` is JSON text (None: no body), sent as it stands once MODEL and NONCE are filled in. `claims` names
    the documented parameters and features that the request exercises: its members but for those that are
    `given`, because every request of the kind has them. `inert` names the members that are there for
    steadiness or to bound cost, and are not what the probe is about: a model that does not bear them is
    asked without. `completion_tokens` is what an answer is expected to cost, for the plan. `copy` tells
    samples of the same request apart, and `turn` the times that it is asked at all. `cut_after` hangs up
    after so many events. `after` is a probe whose exchange must have ended first.
    """

    name: str
    body: str | None = None
    method: str = "POST"
    path: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    credential: Credential = Credential.VALID
    expects: Expects = Expects.ANSWER
    features: frozenset[str] = frozenset()
    completion_tokens: int = 0
    inert: frozenset[str] = frozenset()
    copy: int = 0
    turn: int = 1
    cut_after: int | None = None
    after: Probe | None = None
    costs: Costs = NOTHING
    given: frozenset[str] = frozenset({"model"})

    def __or__(self, change: Change) -> Probe:
        return change(self)

    @cached_property
    def key(self) -> str:
        """The identity of the probe: a digest of everything that decides what is sent."""
        parts = (
            self.method,
            self.path,
            self.body,
            self.headers,
            self.credential,
            self.copy,
            self.cut_after,
            self.after.key if self.after else None,
        )
        digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
        return digest if self.turn == 1 else f"{digest}{TURN}{self.turn}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Probe) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)

    @cached_property
    def members(self) -> Mapping[str, Any]:
        """The members of the body, or nothing where the body is no JSON object."""
        try:
            value = json.loads(self.body or "")
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    @cached_property
    def claims(self) -> frozenset[str]:
        """Names of the documented parameters and features that the request exercises."""
        return self.features | (self.members.keys() - self.given)

    @property
    def streamed(self) -> bool:
        """Whether the answer is asked for as a stream."""
        return self.members.get("stream") is True

    @cached_property
    def prompt_tokens(self) -> int:
        """What the prompt costs, roughly, if the request is served."""
        return self.costs.prompt(self.members)

    @cached_property
    def prompt_at_most(self) -> int:
        """What the prompt can cost, whatever the tokenizer."""
        return self.costs.prompt_at_most(self.members)

    @cached_property
    def allowed(self) -> int:
        """The completion tokens that the request allows."""
        return self.costs.allowed(self.members)

    def changed(self, label: str, **fields: Any) -> Probe:
        """The same probe with other fields, and the label added to its name."""
        return replace(self, name=f"{self.name} {label}".strip(), **fields)


def compact(value: Any) -> str:
    """JSON text as it is sent: compact, with characters outside ASCII as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def fetch(name: str, path: str) -> Probe:
    """A GET request."""
    return Probe(name, method="GET", path=path)
