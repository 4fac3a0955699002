"""The values that providers.yaml and the claims profiles turn into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any

from conformance import DEFAULT
from conformance.provider.level import Level
from conformance.wire.record import TargetId


class ClaimState(StrEnum):
    """What a provider's documents say about one parameter or feature.

    EXCLUDED: that it is not supported, and not what becomes of a request that has it.
    """

    DOCUMENTED = "documented"
    UNDOCUMENTED = "not documented"
    EXCLUDED = "documented as unsupported"
    REFUSED = "documented as refused"
    IGNORED = "documented as accepted and ignored"


STATES: Mapping[str, ClaimState] = MappingProxyType(
    {
        "unsupported": ClaimState.EXCLUDED,
        "refused": ClaimState.REFUSED,
        "ignored": ClaimState.IGNORED,
    }
)
"""The words that profiles have for what is not honoured."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One parameter or feature that the documents speak of.

    `details` holds what they say beyond yes or no: min, max, default, values, ignored, refused, capped …
    """

    supported: bool
    details: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def state(self) -> ClaimState:
        """What the documents say becomes of it."""
        if self.supported:
            return ClaimState.DOCUMENTED
        words = (state for word, state in STATES.items() if self.details.get(word))
        return next(words, ClaimState.EXCLUDED)

    @property
    def otherwise(self) -> Claim:
        """What holds of other models, or in another mode, than those that it is documented for."""
        word = self.details.get("only_with", {}).get("otherwise", "unsupported")
        kept = {name: said for name, said in self.details.items() if name not in ("values", "default")}
        return Claim(False, MappingProxyType({**kept, word: True}))


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words of the documents about a claim, where they stand, and the day on which they were read there."""

    text: str
    url: str
    read: date

    def __str__(self) -> str:
        return f"\u201c{self.text}\u201d ({self.url}, read on {self.read})"


@dataclass(frozen=True, slots=True)
class LevelOverride:
    """A level that the documents of one provider raise or lower, and the reason."""

    level: Level
    because: str


@dataclass(frozen=True, slots=True)
class Example:
    """A request printed in the provider's documents, to be sent as it stands (but for the key).

    `expect` is a word that the printed answer makes certain; `members` the JSON paths and types of the
    printed answer, for example {"usage.prompt_tokens": "integer"}.
    """

    name: str
    body: Mapping[str, Any]
    expect: str = ""
    members: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Document:
    """A document that sentences are quoted from. `key`, the language tag of its text, is its short name."""

    key: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a document, verbatim, and the line on which they begin in the document saved as plain text."""

    document: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the documents that promises something, with a quote from each document that has it.

    A violation of a requirement in `decided_by` breaks the promise; one of `inferred`, which follows from the
    sentence only by inference, does not. Where nothing decides it, `undecidable` is the reason. `note` says
    where the documents contradict themselves, and how that is judged.
    """

    id: str
    type: str
    quotes: tuple[Quote, ...]
    decided_by: tuple[str, ...] = ()
    inferred: tuple[str, ...] = ()
    undecidable: str = ""
    note: str = ""


_SAYS = {
    ClaimState.DOCUMENTED: "documents",
    ClaimState.UNDOCUMENTED: "does not mention",
    ClaimState.EXCLUDED: "says it does not support",
    ClaimState.REFUSED: "says it refuses",
    ClaimState.IGNORED: "says it accepts and ignores",
}

OLD = 180
"""Days after which documents are to be read again."""


def days_since(read: date | None, today: date) -> int | None:
    """How old what was read is; None where nobody said when."""
    return None if read is None else max((today - read).days, 0)


@dataclass(frozen=True, slots=True)
class Claims:
    """Everything a provider's documents promise of one contract, as data.

    `pages` are the documents of the sentences. `read` is the day on which the documents were read. `omitted`
    are parameters that no request to this provider may have, so that nothing can be said of them.
    """

    profile: str
    title: str
    url: str
    claims: Mapping[str, Claim]
    levels: Mapping[str, LevelOverride]
    examples: tuple[Example, ...] = ()
    pages: tuple[Document, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    contract: str = DEFAULT
    read: date | None = None
    omitted: frozenset[str] = frozenset()

    def state(self, name: str) -> ClaimState:
        """What the documents say of the parameter or feature."""
        claim = self.claims.get(name)
        return ClaimState.UNDOCUMENTED if claim is None else claim.state

    def excludes(self, name: str) -> bool:
        """Whether the documents say that it is not supported, or refused."""
        return self.state(name) in (ClaimState.EXCLUDED, ClaimState.REFUSED)

    def of_model(self, model: str) -> Claims:
        """What the documents promise of one model, where they promise something with certain models only."""
        changed = {
            name: claim.otherwise
            for name, claim in self.claims.items()
            if (patterns := claim.details.get("only_with", {}).get("model")) is not None
            and not any(fnmatchcase(model, pattern) for pattern in patterns)
        }
        return replace(self, claims=MappingProxyType({**self.claims, **changed})) if changed else self

    @property
    def renamed(self) -> Mapping[str, str]:
        """What parameters are called here that OpenAI calls otherwise."""
        known = ((name, claim.details.get("renamed")) for name, claim in self.claims.items())
        return {name: called for name, called in known if called is not None}

    def quotation(self, name: str) -> Quotation | None:
        """The words of the documents about the claim, where the profile has them."""
        text, day = self.detail(name, "quote"), self.detail(name, "read")
        read = date.fromisoformat(day) if day else self.read
        return Quotation(text, self.detail(name, "url", self.url), read) if text and read else None

    def documents(self, name: str) -> bool:
        """Whether the documents say that the parameter or feature is supported."""
        return self.state(name) is ClaimState.DOCUMENTED

    def detail(self, name: str, key: str, default: Any = None) -> Any:
        """A detail of a claim, such as the maximum of `stop`, or the default."""
        claim = self.claims.get(name)
        return default if claim is None else claim.details.get(key, default)

    def why(self, requirement: str, claim: str | None) -> str:
        """Why a requirement that is about this claim, or about none, binds the provider as it does."""
        if requirement in self.levels:
            return self.levels[requirement].because
        if claim is None:
            return "whatever the documents say"
        if self.detail(claim, "implied"):
            said = f"{self.title} only implies `{claim}`"
        else:
            said = f"{self.title} {_SAYS[self.state(claim)]} `{claim}`"
        quotation = self.quotation(claim)
        return said if quotation is None else f"{said}: {quotation}"


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard the provider may be asked, and how long it may take. Times are in seconds."""

    concurrency: int = 8
    rpm: int | None = None
    timeout: float = 120.0
    connect: float = 10.0
    first_byte: float = 60.0
    silence: float = 30.0


@dataclass(frozen=True, slots=True)
class Extra:
    """What every request to a provider has beyond what it is made for, and what none has.

    Values may name variables, as in `Bearer ${TOKEN}`. They are filled in where they are sent, and recorded
    as they are written. `omit` are members of the body that are there for steadiness or to bound cost.
    """

    query: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    omit: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens."""

    prompt: float
    completion: float


@dataclass(frozen=True, slots=True)
class Expected:
    """A known failure. It does not turn a run red until it passes again or expires.

    One that fails `sometimes` may pass as well.
    """

    requirement: str
    because: str
    link: str = ""
    until: date | None = None
    where: str = ""
    sometimes: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What a provider sells by one contract: its models, and what the documents promise of them."""

    models: tuple[str, ...]
    claims: Claims


@dataclass(frozen=True, slots=True)
class Provider:
    """An entry of providers.yaml. `key_variable` names the environment variable; the key is never here.

    `models` and `claims` are those of the contract that the entry is about, `further` those of others.
    `persona` says which service the embedded provider plays. `entry` is what stands in the file, and `places`
    are the file and line of its members.
    """

    name: str
    base_url: str
    models: tuple[str, ...]
    claims: Claims
    key_variable: str | None = None
    embedded: bool = False
    persona: str = "reference"
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    extra: Extra = field(default_factory=Extra)
    limits: Limits = field(default_factory=Limits)
    price: Price | None = None
    expected: tuple[Expected, ...] = ()
    where: str = ""
    further: tuple[Offer, ...] = ()
    entry: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), compare=False, repr=False)
    places: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def offers(self) -> tuple[Offer, ...]:
        """What it sells, contract by contract."""
        return (Offer(self.models, self.claims), *self.further)


@dataclass(frozen=True, slots=True)
class Target:
    """What a verdict is about: one model at one provider, asked by one contract."""

    provider: Provider
    model: str
    contract: str = DEFAULT

    @property
    def at(self) -> TargetId:
        """What tells it from all others."""
        return TargetId(self.provider.name, self.contract, self.model)

    @property
    def offer(self) -> Offer:
        """What of the provider it belongs to."""
        return next(one for one in self.provider.offers if one.claims.contract == self.contract)

    @property
    def claims(self) -> Claims:
        """What the documents promise of it."""
        return self.offer.claims.of_model(self.model)

    def __hash__(self) -> int:
        return hash(self.at)

    def __str__(self) -> str:
        model = "" if len(self.offer.models) == 1 else f"/{self.model}"
        contract = "" if self.contract == self.provider.claims.contract else f" ({self.contract})"
        return f"{self.provider.name}{model}{contract}"
