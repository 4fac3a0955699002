"""Gathers recorded exchanges into targets, within bounds, and keeps account of everything else."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from conformance import CONTRACTS, DEFAULT
from conformance.judging.requirement import Case
from conformance.provider.model import Claims, Offer, Provider, Target
from conformance.recordings.address import name_of
from conformance.recordings.entry import NO_HOST, Entry, Journalled, Unreadable
from conformance.recordings.known import Probes
from conformance.recordings.normal import Recorded, recorded
from conformance.recordings.reading import Read, files, read
from conformance.wire.record import NO_MODEL, UNASKED, Exchange

MOST = 10_000
"""Exchanges that are judged at most, unless the user says otherwise."""

MOST_BYTES = 64 * 2**20
"""Bytes of requests and bodies that are kept at most; what is read from them takes many times as much."""

MOST_LISTS = 20
"""Answers about models that are kept of one service."""

NAMED = 50
"""Entries that could not be read and are named; the others are counted."""


def plural(number: int, noun: str, many: str = "") -> str:
    """A number and what it counts."""
    return f"{number:,} {noun if number == 1 else many or f'{noun}s'}"


@dataclass
class Account:
    """What became of every entry."""

    files: int = 0
    foreign: int = 0
    entries: int = 0
    others: int = 0
    copies: int = 0
    beyond: int = 0
    unread: int = 0
    named: list[Unreadable] = field(default_factory=list)

    @property
    def shortfall(self) -> str | None:
        """Why not all of the recording was judged, or None."""
        parts = [f"{plural(self.unread, 'entry', 'entries')} could not be used"] if self.unread else []
        parts += [f"{self.beyond:,} exchanges are more than are judged at once"] if self.beyond else []
        return "; ".join(parts) or None

    @property
    def words(self) -> str:
        """One line on what was read."""
        judged = self.entries - self.others - self.copies - self.unread - self.beyond
        parts = [f"{plural(judged, 'exchange')} to judge"]
        parts += [f"{self.others:,} of other kinds"] if self.others else []
        parts += [f"{plural(self.copies, 'copy', 'copies')}"] if self.copies else []
        parts += [f"{self.unread:,} that could not be used"] if self.unread else []
        parts += [f"{self.beyond:,} beyond the limit"] if self.beyond else []
        parts += [f"{plural(self.foreign, 'file')} of other formats"] if self.foreign else []
        read = f"{plural(self.files - self.foreign, 'file')}, {plural(self.entries, 'entry', 'entries')}"
        return f"{read}: {', '.join(parts)}"

    def leave_out(self, one: Unreadable) -> None:
        """Takes note of an entry that cannot be read."""
        self.unread += 1
        if len(self.named) < NAMED:
            self.named.append(one)


@dataclass
class Collection:
    """The exchanges of each contract and about models, and an account of the rest."""

    most: int = MOST
    account: Account = field(default_factory=Account)
    _asked: list[Recorded] = field(default_factory=list)
    _models: dict[str, list[Recorded]] = field(default_factory=lambda: defaultdict(list))
    _digests: set[bytes] = field(default_factory=set)
    _bytes: int = 0

    def add(self, named: Path) -> None:
        """Reads a file, or the recordings in a folder."""
        for path in files(named):
            label = path.name if path == named else path.relative_to(named).as_posix()
            self.account.files += 1
            for one in read(path, label):
                if isinstance(one, Unreadable) and one.foreign and path != named and not one.chat:
                    self.account.foreign += 1
                else:
                    self._take(one)

    def _take(self, one: Read) -> None:
        self.account.entries += 1
        found = _recorded(one)
        if isinstance(found, Unreadable):
            self.account.leave_out(found)
        elif not isinstance(found, Recorded):
            self.account.others += 1
        elif found.digest in self._digests:
            self.account.copies += 1
        else:
            self._keep(found)

    def _keep(self, found: Recorded) -> None:
        size = len(found.exchange.request.body) + sum(len(one.body) for one in found.exchange.attempts)
        if len(self._asked) >= self.most or self._bytes + size > MOST_BYTES:
            self.account.beyond += 1
            return
        kept = self._asked if found.contract else self._models[found.base]
        if not found.contract and len(kept) >= MOST_LISTS:
            self.account.beyond += 1
            return
        self._digests.add(found.digest)
        self._bytes += size
        kept.append(found)

    def targets(
        self, claims: Mapping[str, Claims], cases: Mapping[str, Sequence[Case]]
    ) -> Iterator[tuple[Target, list[Exchange]]]:
        """Each target with its exchanges, in the order in which they were found.

        `claims` and `cases` are those of each contract.
        """
        hosts: dict[str, _Host] = defaultdict(_Host)
        for one in self._asked:
            hosts[name_of(one.base)].asked[one.contract].append(one)
        for base, lists in self._models.items():
            # Many services have a path that ends in /models; these have other endpoints beside it.
            # Where no host was recorded, nobody knows whose models they are.
            known = not base.startswith(NO_HOST)
            if known and (name_of(base) in hosts or base.endswith("/v1")):
                hosts[name_of(base)].lists += lists
            else:
                self.account.others += len(lists)
        probes = {name: Probes(cases[name], claims[name]) for name in claims}
        number = 0
        for name, host in hosts.items():
            models = host.models()
            first, *further = (Offer(tuple(named), claims[one]) for one, named in models.items())
            base = host.base()
            provider = Provider(name, base, first.models, first.claims, further=tuple(further))
            for target in (Target(provider, model, one) for one, named in models.items() for model in named):
                placed: list[tuple[Exchange, str]] = []
                for found in (*models[target.contract][target.model], *host.lists):
                    number += 1
                    # One answer about models is an exchange of each model: its id has to be its own there.
                    mine = replace(found.exchange, id=f"x{number:04d}", provider=name, model=target.model)
                    placed.append((replace(mine, contract=target.contract), found.base))
                yield target, _told_apart(probes[target.contract].recognised(placed))


@dataclass
class _Host:
    """What was recorded of one host, whatever the paths before its endpoints."""

    asked: dict[str, list[Recorded]] = field(default_factory=lambda: defaultdict(list))
    lists: list[Recorded] = field(default_factory=list)

    def models(self) -> dict[str, dict[str, list[Recorded]]]:
        """The exchanges of each contract and model; of the first contract where only models were listed."""
        contracts = self.asked or {DEFAULT: []}
        return {name: _by_model(contracts[name]) for name in sorted(contracts, key=CONTRACTS.index)}

    def base(self) -> str:
        """The base URL that most requests were sent to."""
        every = [one for ones in self.asked.values() for one in ones] or self.lists
        return Counter(one.base for one in every).most_common(1)[0][0]


def _told_apart(exchanges: Iterable[Exchange]) -> list[Exchange]:
    """The exchanges with a key each: of several answers to one probe the first stands for it."""
    seen: set[str] = set()
    found = []
    for one in exchanges:
        found.append(replace(one, key=f"{one.key} {one.id}") if one.key in seen else one)
        seen.add(one.key)
    return found


def _recorded(one: Read) -> Recorded | object:
    if isinstance(one, Entry):
        return recorded(one)
    if isinstance(one, Journalled):
        return _journalled(one)
    return one


def _journalled(one: Journalled) -> Recorded | Unreadable:
    """An exchange of a journal is one already; what was never sent is none."""
    exchange = one.exchange
    failure = exchange.last.failure
    if exchange.last.status is None and (failure is None or failure.kind in UNASKED):
        return Unreadable(one.place, "it was not sent")
    told = f"{exchange.id} {exchange.key} {exchange.last.started}".encode() + exchange.last.body
    contract = exchange.contract or DEFAULT
    return Recorded(exchange, one.base, contract, hashlib.sha256(told).digest())


def _by_model(ones: Sequence[Recorded]) -> dict[str, list[Recorded]]:
    """The exchanges of each model that answered. Requests for others are mistakes made with the first."""
    answered = Counter(one.exchange.model for one in ones if one.exchange.last.succeeded)
    every = answered or Counter(one.exchange.model for one in ones) or Counter([NO_MODEL])
    usual = every.most_common(1)[0][0]
    found: dict[str, list[Recorded]] = {model: [] for model in every}
    for one in ones:
        found[one.exchange.model if one.exchange.model in every else usual].append(one)
    return found
