"""Why nothing could be tested, in one sentence: what happened, in the server's own words, and what helps.

The sentence names the variable that holds the key, and the place in providers.yaml, never the key. Some
questions help to say it (which models are there, does /v1 answer), and are asked aside, once: judged by
nothing, and recorded as what they are.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from conformance import DEFAULT
from conformance.asking.kinds import Kind
from conformance.asking.obstacle import Obstacle, obstacle
from conformance.asking.probe import Credential, Probe, fetch
from conformance.contracts import contract_of
from conformance.provider.model import Provider
from conformance.provider.secrets import OPTION, USUAL_KEY, variables
from conformance.wire import bounded
from conformance.wire.excerpt import printable
from conformance.wire.record import Exchange
from conformance.wire.said import asks_for_a_human

LISTED = 8
"""Models that are named of those that a server lists."""

_NAME = 60
_ADDRESS = 120
_VERSION = re.compile(r"v\d+\w*")
_MODELS = fetch("the list of models", "/models")

_NO_API = frozenset(
    {Kind.PATH, Kind.PAGE, Kind.REDIRECT, Kind.WALL, Kind.NOBODY, Kind.SLOW, Kind.BUSY, Kind.OTHER}
)
"""What an address answers where the endpoint is not."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A question that helps to say what is wrong, and the base URL at which it is asked."""

    name: str
    probe: Probe
    base_url: str


def asides(found: Obstacle, plain: Probe, base_url: str) -> Iterator[Aside]:
    """What to ask about an obstacle, the plain request of the contract being given."""
    if found.kind is Kind.MODEL:
        yield Aside("models", _MODELS, base_url)
    elif found.kind in (Kind.PATH, Kind.PAGE) and not _has_version(base_url):
        yield Aside("v1", replace(plain, name=f"{plain.name}, behind /v1"), f"{base_url}/v1")
    elif found.kind is Kind.HTTP:
        # Without a key: nobody said that it may be sent in the clear.
        keyless = replace(_MODELS, credential=Credential.NONE)
        yield Aside("http", keyless, f"http:{base_url.partition(':')[2]}")


def _has_version(base_url: str) -> bool:
    return any(_VERSION.fullmatch(part) for part in urlsplit(base_url).path.split("/"))


def sentence(provider: Provider | None, first: Exchange, others: Sequence[Exchange] = ()) -> str | None:
    """Why nothing could be tested, from the exchange that shows it, and from what was asked aside.

    Without a provider, where only a recording is left, no variable and no place can be named.
    """
    found = obstacle(first.last)
    if found is None:
        return None
    said = {one.id.rpartition("-")[2]: one for one in others}
    return printable(_TEXTS[found.kind](_Case(provider, first, found, said)))


@dataclass(frozen=True, slots=True)
class _Case:
    """What a sentence is made of."""

    provider: Provider | None
    first: Exchange
    found: Obstacle
    aside: Mapping[str, Exchange]

    def at(self, *names: str) -> str:
        """The place of a member in providers.yaml, in brackets."""
        places = self.provider.places if self.provider is not None else {}
        found = next((places[name] for name in names if name in places), "")
        return f" ({found})" if found else ""

    @property
    def said(self) -> str:
        """Status and words."""
        return f"HTTP {self.first.last.status} {self.found.said.quoted}".strip()

    @property
    def failure(self) -> str:
        """What the connection came to."""
        failure = self.first.last.failure
        return failure.message if failure is not None else "there was no response"

    @property
    def url(self) -> str:
        """What was asked."""
        return _cut(self.first.request.address, _ADDRESS) + self.at("base_url")

    @property
    def endpoint(self) -> str:
        """The end of that, which is the contract's."""
        return contract_of(self.first).endpoint

    @property
    def base(self) -> str:
        """The rest, which is the user's."""
        return self.first.request.address.removesuffix(self.endpoint)

    @property
    def variables(self) -> tuple[str, ...]:
        """What holds the key, and whatever else is secret."""
        return variables(self.provider) if self.provider is not None else ()

    @property
    def key(self) -> str:
        """The key, by what holds it and where that is named."""
        held = " and ".join(self.variables)
        return f"the key in {held}{self.at('api_key', 'headers')}" if held else "the key"


def _key(case: _Case) -> str:
    keyless = case.provider is not None and bool(case.provider.places) and not case.variables
    if keyless:
        named = case.provider is not None and case.provider.places.get("base_url") == OPTION
        entry = f"add api_key: ${{VARIABLE}} to its entry{case.at('base_url')}"
        fix = f"export one as {USUAL_KEY}" if named else entry
        return f"the provider asks for a key, and is sent none: {case.said}; {fix}"
    fix = f"export a valid key as {case.variables[0]}" if case.variables else "use a valid one"
    return f"the provider refuses {case.key}: {case.said}; {fix}"


def _expired(case: _Case) -> str:
    return f"{case.key} has expired: {case.said}; export a new one"


def _credit(case: _Case) -> str:
    return f"the account of {case.key} has no credit: {case.said}; top it up, or use another key"


def _quota(case: _Case) -> str:
    fix = "raise it, wait until it is renewed, or use another key"
    return f"the quota of {case.key} is used up: {case.said}; {fix}"


def _forbidden(case: _Case) -> str:
    return f"the provider refuses access: {case.said}; check what {case.key} may use"


def _place(case: _Case) -> str:
    return f"the provider does not serve the place that requests come from: {case.said}; use another network"


def _model(case: _Case) -> str:
    model, contract = case.first.model, case.first.contract or DEFAULT
    listed = _listed(case.aside.get("models"))
    if model in listed:
        what = f"it lists it, so {case.key} may not be allowed to use it"
    elif listed:
        what = f"it lists {_named(model, listed)}"
    else:
        what = "correct models, or choose one with --model ID"
    at = case.at(f"contracts.{contract}.models", "models")
    return f"the server does not know model '{_cut(model, _NAME)}'{at}: {case.said}; {what}"


def _listed(models: Exchange | None) -> list[str]:
    """The ids in a list of models, however it is made."""
    value = bounded.read(models.last.body) if models is not None and models.last.succeeded else None
    cards = value.get("data", value.get("models")) if isinstance(value, dict) else value
    cards = cards if isinstance(cards, list) else []
    found = (one.get("id", one.get("name")) if isinstance(one, dict) else one for one in cards)
    return [one for one in found if isinstance(one, str) and one]


def _named(model: str, listed: Sequence[str]) -> str:
    """The first of them, those that are spelt most alike ahead."""
    alike = difflib.get_close_matches(model[:_NAME], listed[:1000], LISTED, 0.5)
    ordered = list(dict.fromkeys([*alike, *listed]))
    shown = ", ".join(_cut(one, _NAME) for one in ordered[:LISTED])
    return f"{shown} and {len(ordered) - LISTED} more" if len(ordered) > LISTED else shown


def _path(case: _Case) -> str:
    return f"{case.url} does not exist: {case.said}; {_elsewhere(case)}"


def _page(case: _Case) -> str:
    return f"{case.url} answers with a web page: {case.said}; {_elsewhere(case)}"


def _elsewhere(case: _Case) -> str:
    """Where the API may be instead."""
    tried = case.aside.get("v1")
    found = obstacle(tried.last) if tried is not None else None
    absent = tried is None or bounded.read(tried.last.body) is bounded.MISSING
    if tried is None or absent or (found is not None and found.kind in _NO_API):
        return "check base_url (OpenAI's ends in /v1)"
    return f"did you mean {_cut(tried.request.address.removesuffix(case.endpoint), _ADDRESS)}? That answers"


def _redirect(case: _Case) -> str:
    location, status = case.first.last.header("location") or "", case.first.last.status
    if not location:
        return f"{case.url} redirects (HTTP {status}), and does not say where; check base_url"
    to = _address(urljoin(case.first.request.url, location))
    base = to.removesuffix(case.endpoint)
    fix = "check base_url" if base == to else f"write base_url: {_cut(base, _ADDRESS)}"
    where = f"{_cut(to, _ADDRESS)} (HTTP {status})"
    return f"{case.url} redirects to {where}, and redirects are not followed; {fix}"


def _address(url: str) -> str:
    """An address that somebody else chose, without what may be secret in it."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that is none"
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def _wall(case: _Case) -> str:
    asked = asks_for_a_human(case.first.last)
    page = "a page that asks for a human" if asked else "a web page that lets no program in"
    fix = "ask the provider to let programs in, or use another network"
    return f"{page} stands before {case.url}: {case.said}; {fix}"


def _proxy(case: _Case) -> str:
    fix = "write them into its address: http://USER:PASSWORD@HOST"
    return f"a proxy asks for a user and a password ({case.said}); {fix}"


def _http(case: _Case) -> str:
    tried, url = case.aside.get("http"), _cut(f"http:{case.base.partition(':')[2]}", _ADDRESS)
    if tried is not None and tried.last.status is not None:
        return f"the port speaks http{case.at('base_url')}: write {url}"
    return f"the port does not speak TLS{case.at('base_url')}: {case.failure}; if it speaks http, write {url}"


def _https(case: _Case) -> str:
    url = _cut(f"https:{case.base.partition(':')[2]}", _ADDRESS)
    return f"the port speaks https{case.at('base_url')}: {case.said}; write {url}"


def _nobody(case: _Case) -> str:
    return f"{case.failure}{case.at('base_url')}"


def _slow(case: _Case) -> str:
    longer = "if it needs longer, raise limits in its entry of providers.yaml"
    return f"the plainest request gets no whole answer: {case.failure}; {longer}"


def _busy(case: _Case) -> str:
    times = len(case.first.attempts)
    after = f" after {times} attempts" if times > 1 else ""
    return f"the plainest request gets {case.said}{after}; try again later"


def _other(case: _Case) -> str:
    return f"the plainest request gets {case.said}"


_TEXTS = {
    Kind.KEY: _key,
    Kind.EXPIRED: _expired,
    Kind.CREDIT: _credit,
    Kind.QUOTA: _quota,
    Kind.FORBIDDEN: _forbidden,
    Kind.PLACE: _place,
    Kind.MODEL: _model,
    Kind.PATH: _path,
    Kind.PAGE: _page,
    Kind.REDIRECT: _redirect,
    Kind.WALL: _wall,
    Kind.PROXY: _proxy,
    Kind.HTTP: _http,
    Kind.HTTPS: _https,
    Kind.NOBODY: _nobody,
    Kind.SLOW: _slow,
    Kind.BUSY: _busy,
    Kind.OTHER: _other,
}


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
