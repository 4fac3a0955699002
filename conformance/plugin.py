"""The pytest plugin: options, one item for each requirement and target, verdicts as outcomes.

It is loaded in every pytest run of an environment where this package is installed, so it imports nothing
heavy, and does nothing unless a provider or a journal is named or the case files are run.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance import CONTRACTS

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from conformance.running.item import CaseItem
    from conformance.running.session import Conformance

PACKAGES = Path(__file__).parent / "contracts"

GARBAGE = 20_000
"""New objects after which Python looks for garbage."""

SESSION: pytest.StashKey[Conformance] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    _explain_only_cases(pluginmanager)
    group = parser.getgroup("conformance", "conformance of OpenAI-compatible providers")
    add = group.addoption
    add(
        "--provider",
        action="append",
        default=[],
        metavar="NAME",
        help="entry of providers.yaml to test; repeat it for several; 'all': every one whose key is set",
    )
    add(
        "--contract",
        action="append",
        choices=CONTRACTS,
        default=[],
        help="test this contract only; repeat it for several (default: all that the entry names)",
    )
    add("--model", metavar="ID", help="test this model instead of those that providers.yaml lists")
    if not _is_taken(pluginmanager):
        add(
            "--base-url",
            metavar="URL",
            help="test what answers at this address, with --model ID and the key in OPENAI_API_KEY; no file",
        )
    add(
        "--providers-file",
        metavar="FILE",
        help="where the providers are described (default: providers.yaml here, or at pytest's rootdir)",
    )
    add(
        "--plan",
        action="store_true",
        help="print what would be sent, with requests, tokens and cost (estimates), and send nothing",
    )
    add("--max-requests", type=int, metavar="N", help="send at most N requests, retries included")
    add(
        "--max-cost",
        type=float,
        metavar="USD",
        help="stop before the run has cost so many US dollars, at the prices in providers.yaml",
    )
    add("--max-tokens", type=int, metavar="N", help="stop before the run has used N tokens, prompts included")
    add(
        "--max-time",
        metavar="TIME",
        default="60m",
        help="end the run after so long: 60m (default), 90s, 1h30m; a number alone is minutes",
    )
    add(
        "--tier",
        choices=("quick", "core", "full"),
        help="how much to ask: about 8 requests that decide the most, about 40, or all (default)",
    )
    add(
        "--repeat",
        type=int,
        metavar="N",
        default=1,
        help="ask what is selected N times over, and say of each finding in how many (see also -k)",
    )
    add("--concurrency", type=int, metavar="N", help="requests under way at once, for each provider")
    add(
        "--replay",
        metavar="JOURNAL",
        help="judge a recorded run again: its journal.jsonl or its folder; sends nothing, needs no key",
    )
    add(
        "--resume",
        metavar="RUN",
        help="go on with a run that ended early, its folder or journal.jsonl: only what is missing is sent",
    )
    add(
        "--fault",
        action="append",
        default=[],
        metavar="NAME",
        help="give the embedded provider a defect, to see the suite find it; see `conformance faults`",
    )
    add(
        "--variant",
        action="append",
        default=[],
        metavar="NAME",
        help="let the embedded provider do something unusual and legal; see `conformance variants`",
    )
    add(
        "--report-dir",
        metavar="DIR",
        help="write the files of the run into DIR (default: a new folder under reports/)",
    )
    add(
        "--lang",
        choices=["en", "zh"],
        default="en",
        help="the language of report.html: English or Chinese (default: en)",
    )


def _is_taken(pluginmanager: pytest.PytestPluginManager) -> bool:
    """Whether pytest-base-url is installed, whose option of that name is as good: two are a crash."""
    alone = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD") or pluginmanager.is_blocked("base_url")
    return not alone and find_spec("pytest_base_url") is not None


def _is_addressed(option: argparse.Namespace) -> bool:
    """Whether an address is named to be tested: alone it may be for other plugins that have the option."""
    own = find_spec("pytest_base_url") is None
    return bool(getattr(option, "base_url", None)) and bool(own or option.model)


def _explain_only_cases(pluginmanager: pytest.PytestPluginManager) -> None:
    """Has pytest explain the assertions of cases, and not those of all modules of an installed plugin.

    It compiles what it explains anew, and where Python may write no bytecode, in every run.
    """
    for name in CONTRACTS:
        pytest.register_assert_rewrite(f"conformance.contracts.{name}.cases")
    getattr(pluginmanager.rewrite_hook, "_must_rewrite", set()).discard("conformance")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """`pytest --provider NAME` runs the cases; the cases alone test the embedded provider."""
    known = early_config.known_args_namespace
    chosen = known.provider or known.replay or known.resume or known.plan or _is_addressed(known)
    paths = [Path(str(arg).partition("::")[0]).absolute() for arg in known.file_or_dir]
    if chosen and not paths:
        args += sorted(map(str, PACKAGES.glob("*/cases")))
    elif not chosen and any(PACKAGES in path.parents for path in paths):
        args.append("--provider=reference")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "requirement(id, area, level, provider, contract, model): what an item judges; "
        "select with -m 'requirement(level=\"MUST\")'",
    )
    chosen = any(config.getoption(name) for name in ("provider", "replay", "resume", "plan"))
    if chosen or _is_addressed(config.option):
        _spare_the_collector()
        from conformance.running.session import Conformance

        session = config.stash[SESSION] = Conformance.of(config)
        tested = {target.contract for target in session.run.targets}
        config.args[:] = [arg for arg in config.args if not _is_of_another(arg, tested)] or config.args
        if not config.option.collectonly:
            from conformance.running.run_log import RunLog

            config.pluginmanager.register(RunLog(session.run))


def _spare_the_collector() -> None:
    """Has Python look for garbage less often: nearly all that a run makes stays until its end."""
    if not _is_within_a_test() and gc.get_threshold()[0] < GARBAGE:
        gc.set_threshold(GARBAGE, 20, 100)


def _leave_what_is_there() -> None:
    """Has Python look through nothing once more at the end, as it would do several times."""
    if not _is_within_a_test():
        gc.freeze()


def _is_within_a_test() -> bool:
    """Whether the process goes on, because it is that of a test that runs pytest."""
    return "PYTEST_CURRENT_TEST" in os.environ


def _is_of_another(arg: str, tested: Container[str]) -> bool:
    """Whether the cases there are of a contract that nobody is tested by."""
    path = Path(arg)
    contract = path.relative_to(PACKAGES).parts[0] if PACKAGES in path.parents else ""
    return contract in CONTRACTS and contract not in tested


def pytest_report_header(config: pytest.Config) -> list[str]:
    session = config.stash.get(SESSION, None)
    return session.header() if session else []


@pytest.hookimpl(tryfirst=True)
def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Directory | None:
    session = parent.config.stash.get(SESSION, None)
    return session.folder(parent, path) if session is not None and path.parents[1:2] == (PACKAGES,) else None


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> Iterable[CaseItem] | None:
    session = collector.config.stash.get(SESSION, None)
    if session is None or not name.startswith("test_"):
        return None
    return session.items(collector, obj)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    conformance = config.stash.get(SESSION, None)
    if conformance is not None:
        config.hook.pytest_deselected(items=conformance.narrow(items))


def pytest_collection_finish(session: pytest.Session) -> None:
    conformance = session.config.stash.get(SESSION, None)
    if conformance is not None:
        conformance.select(session.items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    conformance = session.config.stash.get(SESSION, None)
    if conformance is None or session.config.option.collectonly:
        return None
    if session.config.getoption("plan"):
        return True
    if not session.testsfailed or session.config.option.continue_on_collection_errors:
        conformance.exchange()
        session.items[:] = conformance.worth_showing(session.items)
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    conformance = item.config.stash.get(SESSION, None)
    if conformance is not None:
        conformance.decorate(item, report)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: Any, config: pytest.Config) -> tuple[str, str, str] | None:
    conformance = config.stash.get(SESSION, None)
    hushed = conformance is not None and conformance.hushed
    return ("error", "", "") if hushed and report.when == "setup" and report.failed else None


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> Iterator[None]:
    conformance = session.config.stash.get(SESSION, None)
    if conformance is None:
        return (yield)
    conformance.finish(session)
    failed: OSError | None = None
    try:
        return (yield)
    except OSError as error:  # pytest's own files have no place: that must not cost the summary
        failed = error
    finally:
        conformance.ending.put_files(session, failed)
        if exitstatus == pytest.ExitCode.INTERNAL_ERROR:  # pytest has no summary then
            reporter = session.config.pluginmanager.get_plugin("terminalreporter")
            if reporter is not None:
                conformance.summarise(reporter, exitstatus)
        _spare_hypothesis(session.config)
        _leave_what_is_there()


def _spare_hypothesis(config: pytest.Config) -> None:
    """Keeps its plugin from importing all of Hypothesis, to sum up that no test has used it."""
    plugin = config.pluginmanager.get_plugin("hypothesispytest")
    if plugin is not None and "hypothesis" not in sys.modules:
        config.pluginmanager.unregister(plugin)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    conformance = config.stash.get(SESSION, None)
    if conformance is not None:
        conformance.summarise(terminalreporter, exitstatus)
