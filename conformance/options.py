"""From the command line to the values of a run. Whatever the user got wrong raises pytest.UsageError."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conformance import run as runs
from conformance.exchange import journal
from conformance.exchange.asking import Access
from conformance.exchange.budget import Budget
from conformance.provider.model import Provider, Target

if TYPE_CHECKING:
    from conformance.reference.faults.fault import Fault


def targets(
    config: pytest.Config, replayed: journal.Journal | None, *, sends: bool
) -> tuple[tuple[Target, ...], tuple[str, ...]]:
    """Whom to test, and why some of `all` are left out. Without `sends`, no key is looked for."""
    from conformance.provider.load import find, load
    from conformance.provider.select import select

    here = config.invocation_params.dir
    chosen = config.getoption("providers_file")
    providers = load(here / chosen) if chosen else find(list(dict.fromkeys([here, config.rootpath])))
    if providers.overrides:
        from conformance.catalogue import catalogue

        providers.check_requirements(catalogue())
    names = config.getoption("provider")
    if replayed is not None:
        if names:
            raise pytest.UsageError("--replay names its providers itself; leave --provider out")
        return tuple(
            target
            for provider, model, _ in replayed.targets
            for target in select(providers, [provider], model).targets
        ), ()
    limit = config.getoption("concurrency")
    if limit is not None and limit < 1:
        raise pytest.UsageError("--concurrency must be at least 1")
    found = select(providers, names, config.getoption("model"), os.environ if sends else None)
    chosen_ones = found.targets if limit is None else tuple(_limited(t, limit) for t in found.targets)
    return chosen_ones, found.skipped


def _limited(target: Target, limit: int) -> Target:
    limits = replace(target.provider.limits, concurrency=limit)
    return replace(target, provider=replace(target.provider, limits=limits))


def recorded(config: pytest.Config) -> journal.Journal | None:
    """The journal that is to be judged again, if one is named."""
    chosen = config.getoption("replay")
    if not chosen:
        return None
    path = config.invocation_params.dir / chosen
    return journal.read(path / runs.JOURNAL if path.is_dir() else path)


def access(provider: Provider) -> Access:
    """How to reach a provider, with its key from the environment."""
    from conformance.provider.secrets import key_of, private_headers

    if provider.embedded:
        return Access("")
    key = key_of(provider, os.environ)
    private = tuple((name, value.reveal()) for name, value in private_headers(provider, os.environ))
    return Access(provider.base_url, key.reveal() if key else None, private)


def faults(config: pytest.Config, targets: Iterable[Target]) -> tuple[Fault, ...]:
    """The defects that the embedded provider is to have."""
    names = config.getoption("fault")
    if not names:
        return ()
    from conformance.reference.faults.catalogue import UnknownFaultError, named

    if not any(target.provider.embedded for target in targets):
        raise pytest.UsageError(
            "--fault is for the embedded provider: pytest --provider reference --fault NAME"
        )
    try:
        return named(names)
    except UnknownFaultError as error:
        raise pytest.UsageError(str(error)) from None


def budget(config: pytest.Config, targets: Iterable[Target]) -> Budget:
    """The ceilings on what the run may spend."""
    requests, dollars = config.getoption("max_requests"), config.getoption("max_cost")
    tokens = config.getoption("max_tokens")
    if tokens is not None and tokens < 1:
        raise pytest.UsageError("--max-tokens must be at least 1")
    if requests is not None and requests < 1:
        raise pytest.UsageError("--max-requests must be at least 1")
    if dollars is not None and (dollars < 0 or math.isnan(dollars)):
        raise pytest.UsageError("--max-cost must be a number of US dollars, 0 or more")
    providers = {target.provider.name: target.provider for target in targets}.values()
    unpriced = [each.name for each in providers if each.price is None and not each.embedded]
    if dollars is not None and unpriced:
        raise pytest.UsageError(
            f"--max-cost needs the price of {', '.join(unpriced)}: write it into the provider's entry, as in "
            "price: {prompt: 3.0, completion: 15.0}, US dollars per million tokens"
        )
    return Budget(requests, dollars, tokens)
