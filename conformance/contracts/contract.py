"""What the core asks of a contract: the seam between what every service has and what one contract says.

A contract is a package: its probes, how its answers are read, its cases, and the data that goes with them
(claims profiles, schemas, words, known deviations). The core knows it by this protocol only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any, Protocol

from conformance.asking.probe import Probe
from conformance.asking.spent import Used
from conformance.contracts.billing import Rule
from conformance.contracts.view import View
from conformance.provider.model import Claims
from conformance.wire.record import Attempt, Exchange, Failure, Request


class Traits(Protocol):
    """What is known of a model, as far as requests have to be adapted to it. Replaced, never changed."""

    def adapted(self, probe: Probe) -> tuple[Probe, tuple[str, ...]]:
        """The probe as this model can be sent it, and what was changed, in words."""
        ...

    def after_the_first(self, exchange: Exchange) -> Traits:
        """What is known once the first exchange has ended as well."""
        ...

    def after(self, probe: Probe, exchange: Exchange) -> Traits:
        """What is known once any other exchange has ended as well."""
        ...

    def recalled(self, first: Exchange, adapted: Collection[str]) -> Traits:
        """What was known in a run that had this first exchange, and adapted its requests in these ways."""
        ...


class Meter(Protocol):
    """Counts what a model writes while its answer arrives."""

    @property
    def written(self) -> int:
        """Tokens so far, by a rule of thumb."""
        ...

    def feed(self, data: bytes) -> None:
        """Takes the next bytes of a stream."""
        ...

    def runaway(self, allowed: int) -> Failure | None:
        """Why a stream is not read to its end that was allowed so many tokens, or None."""
        ...


class Ending(Protocol):
    """Tells, while a stream arrives, whether it is over, though the connection is still open."""

    @property
    def done(self) -> bool:
        """Whether it is."""
        ...

    def feed(self, data: bytes) -> bool:
        """Takes the next bytes; returns `done`."""
        ...


class Contract(Protocol):
    """One way of talking to a model: an endpoint, what is sent to it, and what its answers mean."""

    @property
    def name(self) -> str:
        """Its name in files and on the command line, and that of its package."""
        ...

    @property
    def title(self) -> str:
        """What people call it."""
        ...

    @property
    def endpoint(self) -> str:
        """The path of its endpoint, behind the base URL."""
        ...

    @property
    def basic(self) -> str:
        """The requirement behind every other: the plainest request gets an answer."""
        ...

    # -- what every contract has to have a request for, in its own form -----------------------------------

    @property
    def plain(self) -> Probe:
        """The cheapest request that has to be served: the base of requests that should be refused."""
        ...

    @property
    def control(self) -> Probe:
        """The plainest request with a certain answer."""
        ...

    @property
    def streamed(self) -> Probe:
        """The same as a stream; the control itself where nothing streams."""
        ...

    @property
    def mistyped(self) -> Probe:
        """A request whose input is of a wrong type: to be refused."""
        ...

    @property
    def empty(self) -> Probe:
        """A request whose input is empty: to be refused."""
        ...

    @property
    def empty_streamed(self) -> Probe:
        """The same for a stream; `empty` itself where nothing streams."""
        ...

    # -- reading ------------------------------------------------------------------------------------------

    def view(self, exchange: Exchange) -> View:
        """The exchange, read as an answer of this contract."""
        ...

    def modules(self) -> Iterable[ModuleType]:
        """The modules that hold its cases, by name."""
        ...

    # -- asking -------------------------------------------------------------------------------------------

    @property
    def unknown(self) -> Traits:
        """What is known of a model that has not answered yet."""
        ...

    @property
    def bounds(self) -> str:
        """What the most that a plan can cost rests on: a sentence or two for people."""
        ...

    def thinking_at_most(self, probes: Iterable[Probe]) -> int | None:
        """The tokens that the requests allow a model that thinks; None where models of the kind do not."""
        ...

    def weight(self, probe: Probe) -> int:
        """How much the request asks of a model: the lightest is sent before all others."""
        ...

    def says_something(self, exchange: Exchange) -> bool:
        """Whether the request was served with an answer that shows what it was sent for."""
        ...

    def meter(self) -> Meter:
        """What counts the tokens of a stream."""
        ...

    def ending(self) -> Ending:
        """What notices the end of a stream."""
        ...

    def interrupted(self, attempt: Attempt) -> bool:
        """Whether it is a stream that ends without saying that it is finished, or has failed."""
        ...

    def used(self, request: Request, attempt: Attempt, adapted: Collection[str]) -> Used:
        """What an attempt costs, where the request was adapted to the model in these ways."""
        ...

    def stated(self, body: bytes) -> tuple[int | None, int | None]:
        """The tokens of prompt and answer that the answer states; None where it states none."""
        ...

    # -- judging ------------------------------------------------------------------------------------------

    def may_refuse(self, claims: Claims, claim: str, refusal: View, recorded: Iterable[View]) -> str:
        """Why the documents let it refuse the claim: "as a model that reasons may". Empty: they do not."""
        ...

    def is_in_mode(self, mode: str, recorded: Iterable[View]) -> bool:
        """Whether the model is in a mode that documents speak of: `thinking` or `non-thinking`."""
        ...

    def no_room(self, refusal: View, recorded: Iterable[View]) -> bool:
        """Whether a request was refused because its limit left no room for an answer."""
        ...

    def cut_short(
        self, views: Iterable[View], bounded: Collection[str], recorded: Iterable[View]
    ) -> View | None:
        """The first of the views whose answer was cut by a limit that is there only to bound cost.

        `bounded` are the keys of their probes. Nothing that is compared with such an answer says anything.
        """
        ...

    def compared(
        self, requirement: str, views: Sequence[View]
    ) -> Iterable[Mapping[str, View | tuple[View, ...]]]:
        """Exchanges that were recorded for other purposes, and decide the requirement as its probes would."""
        ...

    def hidden(self, requirement: str, exchange: Exchange) -> str | None:
        """Why an exchange that others recorded does not show what the requirement is about, or None."""
        ...

    def unproven(self, requirement: str) -> str | None:
        """Why a requirement that is not violated in a recording may be violated all the same, or None."""
        ...

    def exercised(self, members: Mapping[str, Any]) -> Collection[str]:
        """The parameters and features that a request makes use of, by the names that claims have."""
        ...

    def cut_off(self, body: bytes, members: Mapping[str, Any], status: int) -> str:
        """How it shows that a recording ends before the answer does; empty where it does not."""
        ...

    # -- reporting ----------------------------------------------------------------------------------------

    def tells(self, data: str) -> bool:
        """Whether an event of a stream has something for whoever reads along."""
        ...

    @property
    def billing(self) -> Sequence[Rule]:
        """What the contract can show of a bill, a row each."""
        ...

    @property
    def gaps(self) -> Mapping[str, object]:
        """What the words of these rows leave open."""
        ...
