"""From the command line to the values of a run. Whatever the user got wrong raises pytest.UsageError."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance.asking.budget import Budget
from conformance.asking.duration import seconds
from conformance.asking.plan import Tier
from conformance.provider.model import Provider, Target
from conformance.running.folder import JOURNAL, folder_for
from conformance.wire import journal

A_DAY = 24 * 60 * 60
MOST_TIMES = 100

if TYPE_CHECKING:
    from conformance.asking.asking import Access
    from conformance.provider.load import Providers
    from conformance.reference.fault import Fault
    from conformance.reference.variant import Variant


def sends(config: pytest.Config) -> bool:
    """Whether anything is to be sent; else neither a key nor a proxy is looked for."""
    return not (config.getoption("plan") or config.option.collectonly or config.getoption("replay"))


def targets(
    config: pytest.Config, replayed: journal.Journal | None, *, sends: bool
) -> tuple[tuple[Target, ...], tuple[str, ...]]:
    """What to test, and why some of `all` are left out. Without `sends`, no key is looked for."""
    from conformance.provider.load import find, load
    from conformance.provider.select import Selection, select
    from conformance.running.described import described

    here = config.invocation_params.dir
    chosen, url = config.getoption("providers_file"), config.getoption("base_url", None)
    if url and not config.getoption("replay"):
        providers = _at(url, config, replayed)
    else:
        providers = load(here / chosen) if chosen else find(list(dict.fromkeys([here, config.rootpath])))
    if providers.overrides:
        from conformance.judging.catalogue import every_requirement

        providers.check_requirements(every_requirement())
    names = config.getoption("provider") or ([*providers.entries] if url else [])
    environ = os.environ if sends else None
    limit = config.getoption("concurrency")
    if limit is not None and limit < 1:
        raise pytest.UsageError("--concurrency must be at least 1")
    if replayed is not None:
        option = "--replay" if config.getoption("replay") else "--resume"
        if config.getoption("provider") or config.getoption("model") or config.getoption("contract"):
            raise pytest.UsageError(
                f"{option} names its providers, contracts and models itself; "
                "leave --provider, --contract and --model out"
            )
        if option == "--replay":
            providers = described(providers, replayed, chosen=bool(chosen))
        asked = [
            (target, url)
            for at, url in replayed.targets
            for target in select(providers, [at.provider], at.model, environ, [at.contract]).targets
        ]
        if option == "--resume":
            _check_that_nobody_moved(asked)
        found = Selection(tuple(target for target, _ in asked), ())
    else:
        found = select(providers, names, config.getoption("model"), environ, config.getoption("contract"))
    unusual = [one for one in variants(config) if one.documents]
    asked_for = (_stating(target, unusual) for target in found.targets)
    return tuple(t if limit is None else _limited(t, limit) for t in asked_for), found.skipped


def _at(url: str, config: pytest.Config, resumed: journal.Journal | None) -> Providers:
    """The one provider at an address; of a run that is resumed, its model is known."""
    from conformance.provider.direct import at

    if config.getoption("provider") or config.getoption("providers_file"):
        raise pytest.UsageError("--base-url needs no file: leave --provider and --providers-file out")
    model = config.getoption("model") if resumed is None else resumed.targets[0][0].model
    known = [one.contract for one, _ in resumed.targets] if resumed is not None else []
    return at(url, model, os.environ if sends(config) else None, config.getoption("contract") or known)


def _stating(target: Target, unusual: Iterable[Variant]) -> Target:
    """The target, whose documents state what those of a service with these variants do, if it is embedded."""
    for one in unusual if target.provider.embedded else ():
        from conformance.provider.travelling import stating
        from conformance.reference.variants import contract_of

        stated = stating(target.provider, contract_of(one.name), one.documents)
        target = replace(target, provider=stated)
    return target


def _check_that_nobody_moved(asked: Iterable[tuple[Target, str]]) -> None:
    for target, url in asked:
        if not target.provider.embedded and target.provider.base_url != url:
            raise pytest.UsageError(
                f"the run asked {target} at {url}, and its base_url is now {target.provider.base_url}: "
                "what two endpoints say is not one run; start a new one"
            )


def _limited(target: Target, limit: int) -> Target:
    limits = replace(target.provider.limits, concurrency=limit)
    return replace(target, provider=replace(target.provider, limits=limits))


def recorded(config: pytest.Config) -> journal.Journal | None:
    """The journal that is to be judged again or resumed, if one is named."""
    replayed, resumed = config.getoption("replay"), config.getoption("resume")
    if replayed and resumed:
        raise pytest.UsageError("--replay sends nothing, and --resume what is missing: choose one")
    return journal.read(_journal(config, replayed or resumed)) if replayed or resumed else None


def tier(config: pytest.Config, recorded: journal.Journal | None) -> Tier:
    """How much to ask; of what was recorded, how much was."""
    known = list(Tier)
    before = Tier(recorded.tier) if recorded is not None and recorded.tier in known else Tier.FULL
    chosen = Tier(config.getoption("tier") or before)
    if known.index(chosen) > known.index(before):
        raise pytest.UsageError(
            f"the run has only what --tier {before} asks; start a new one for --tier {chosen}"
        )
    return chosen


def folder(config: pytest.Config, targets: Iterable[Target], now: datetime) -> Path:
    """Where the files of the run go: a run that is resumed stays where it is."""
    base, chosen = config.invocation_params.dir, config.getoption("report_dir")
    if chosen:
        return Path(base, chosen)
    if config.getoption("resume"):
        return _journal(config, config.getoption("resume")).parent
    return folder_for(targets, base / "reports", now)


def is_new(config: pytest.Config) -> bool:
    """Whether the folder of the run has a name of our own, and must not be there yet."""
    return not (config.getoption("report_dir") or config.getoption("resume"))


def _journal(config: pytest.Config, named: str) -> Path:
    path = Path(config.invocation_params.dir, named)
    return path / JOURNAL if path.is_dir() else path


def unknown_marks(config: pytest.Config) -> Iterator[str]:
    """What -m asks for and no requirement has, with what there is."""
    from conformance.judging.catalogue import every_requirement
    from conformance.provider.level import Level

    areas = sorted({case.requirement.area for case in every_requirement().values()})
    for name, known in (("level", [*map(str, Level)]), ("area", areas)):
        for value in re.findall(rf"\b{name}\s*=\s*[\"']([^\"']*)[\"']", config.getoption("markexpr") or ""):
            if value not in known:
                yield f"no requirement has the {name} {value!r}; there are {', '.join(known)}"


def access(provider: Provider) -> Access:
    """How to reach a provider, with its key from the environment."""
    from conformance.asking.asking import Access
    from conformance.provider.proxy import proxy_of
    from conformance.provider.secrets import (
        key_of,
        private_headers,
        private_values,
        proxy_passwords,
        variables_in,
    )

    if provider.embedded:
        return Access("")
    key = key_of(provider, os.environ)
    private = tuple((name, value.reveal()) for name, value in private_headers(provider, os.environ))
    values = {name: value.reveal() for name, value in private_values(provider, os.environ).items()}
    values |= {name: os.environ[name].strip() for name in variables_in(provider.headers)}
    passwords = tuple(one.reveal() for one in proxy_passwords(os.environ))
    proxy = proxy_of(provider, os.environ)
    return Access(provider.base_url, key.reveal() if key else None, private, passwords, proxy, values)


def faults(config: pytest.Config, targets: Iterable[Target]) -> tuple[Fault, ...]:
    """What the embedded provider is to do otherwise: what is legal, and then what is not."""
    names, unusual = config.getoption("fault"), variants(config)
    if not names and not unusual:
        return ()
    from conformance.reference.faults import UnknownFaultError, named
    from conformance.reference.variants import parts

    if not any(target.provider.embedded for target in targets):
        option = "--fault" if names else "--variant"
        raise pytest.UsageError(
            f"{option} is for the embedded provider: pytest --provider reference {option} NAME"
        )
    try:
        return (*parts(unusual), *named(names))
    except UnknownFaultError as error:
        raise pytest.UsageError(str(error)) from None


def variants(config: pytest.Config) -> tuple[Variant, ...]:
    """The unusual and legal things that the embedded provider is to do."""
    names = config.getoption("variant")
    if not names:
        return ()
    from conformance.reference.variants import UnknownVariantError, named

    try:
        return named(names)
    except UnknownVariantError as error:
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
    return Budget(requests, dollars, tokens, max_time(config))


def repeat(config: pytest.Config) -> int:
    """How many times everything that is selected is asked."""
    times: int = config.getoption("repeat")
    if config.getoption("replay") and times != 1:
        raise pytest.UsageError("--repeat asks again, and --replay sends nothing: leave one of them out")
    if not 1 <= times <= MOST_TIMES:
        raise pytest.UsageError(f"--repeat={times}: a number of times from 1 to {MOST_TIMES} is wanted")
    return times


def max_time(config: pytest.Config) -> float:
    """The seconds that the run may take."""
    given = config.getoption("max_time")
    found = seconds(given)
    if found is None or not 1 <= found <= A_DAY:
        raise pytest.UsageError(
            f"--max-time={given}: a time from 1s to 24h is wanted, as in 45m, 90s or 1h30m; "
            "a number alone is minutes"
        )
    return found
