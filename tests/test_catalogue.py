"""The catalogue as a whole: every case is well declared, cheap to run, and survives what a provider sends."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import conformance
from conformance import CONTRACTS
from conformance.asking.plan import plan
from conformance.asking.probe import Probe
from conformance.judging.catalogue import by_id, cases_of, catalogue, every_requirement, modules, test_id
from conformance.judging.requirement import Case
from conformance.provider.claims import profile, profiles, vocabulary
from conformance.provider.level import Level
from conformance.provider.load import embedded
from conformance.provider.model import Target
from tests.catalogue import SNAPSHOT, snapshot

PACKAGE = Path(conformance.__file__).parent
CASES = every_requirement()
MOST_REQUESTS = {"chat": 190, "embeddings": 40}
MOST_TOKENS = 20_000

test_id.__test__ = False  # type: ignore[attr-defined] # it makes a pytest id, and is no test

MODULES = {module.__name__: module for contract in CONTRACTS for module in modules(contract)}

each_case = pytest.mark.parametrize(
    ("contract", "case"),
    [
        pytest.param(contract, case, id=f"{contract} {id}")
        for contract in CONTRACTS
        for id, case in catalogue(contract).items()
    ],
)
each_module = pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
each_profile = pytest.mark.parametrize(
    ("contract", "name"), [(contract, name) for contract in CONTRACTS for name in profiles(contract)]
)


def wanted(contract: str, name: str) -> Iterator[Probe]:
    """Every probe that some case wants of a provider with this profile, as each case declares it."""
    claims = profile(name, contract)
    for case in catalogue(contract).values():
        for probe in case.probes(claims):
            if probe.after is not None:
                yield probe.after
            yield probe


def test_the_catalogue_is_what_its_version_says_it_is() -> None:
    written, now = SNAPSHOT.read_text(encoding="utf-8").splitlines(), snapshot().splitlines()
    changed = sorted(set(written) ^ set(now))
    assert written == now, (
        "the catalogue is not the one in tests/catalogue.txt. If that version has been released, raise "
        "conformance.CATALOGUE: verdicts are compared within a version. Then `python -m tests.catalogue`.\n"
        + "\n".join(changed)
    )


def test_no_id_is_given_twice() -> None:
    ids = [case.requirement.id for module in MODULES.values() for case in cases_of(module)]
    assert sorted(ids) == sorted(set(ids))


def test_a_must_says_in_a_sentence_whom_a_violation_hurts() -> None:
    requirements = [case.requirement for case in CASES.values()]
    assert [one.id for one in requirements if one.level is Level.MUST and not one.hurts] == []
    assert [one.hurts for one in requirements if not re.fullmatch(r"(\S.*\.)?", one.hurts)] == []


@each_module
def test_every_test_function_of_a_module_is_a_case_of_its_area(module: ModuleType) -> None:
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    names = [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    cases = cases_of(module)
    assert [name for name in names if name.startswith("test_")] == [case.function.__name__ for case in cases]
    # A large area has further files: test_stream, test_stream_chunks.
    assert {case.requirement.area for case in cases} == {
        module.__name__.rpartition("test_")[2].partition("_")[0]
    }


@each_case
def test_a_case_is_well_declared(contract: str, case: Case) -> None:
    requirement = case.requirement
    assert re.fullmatch(r"[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*", requirement.id)
    statement = requirement.statement
    assert statement.endswith("."), "the statement is a sentence"
    assert not re.search(r"[.!?] +[A-Z]", statement), "the statement is one sentence"
    assert len(statement) <= 160
    assert requirement.sources
    assert all(source.title and source.url.startswith("https://") for source in requirement.sources)
    assert requirement.claim is None or requirement.claim in vocabulary(contract)
    if requirement.claimed is not None:
        assert requirement.claim, "`claimed` is the level where `claim` is documented, and there is none"
        assert requirement.claimed is not requirement.level, "`claimed` says nothing that `level` does not"
    if requirement.basis is not None:
        basis = CASES[requirement.basis].requirement
        assert requirement.claim, "a basis is about the refusal of `claim`, and there is none"
        assert basis.claim, "a basis owns a claim"
        chain = [requirement.id, basis.id]
        while basis.basis is not None:
            assert basis.basis not in chain, "what rests on a requirement is not its basis"
            basis = CASES[basis.basis].requirement
            chain.append(basis.id)


@each_case
def test_a_case_names_the_parameters_of_its_function(contract: str, case: Case) -> None:
    from conformance.judging.requirement import Named

    if isinstance(case.subject, Named):
        names = set(case.function.__code__.co_varnames[: case.function.__code__.co_argcount]) - {"claims"}
        claims = [profile(name, contract) for name in profiles(contract)]
        assert {frozenset(case.subject.wanted(one)) for one in claims} == {frozenset(names)}


def test_what_a_reader_or_a_case_refers_to_exists() -> None:
    areas = "|".join(sorted({case.requirement.area for case in CASES.values()}))
    files = [*(PACKAGE / "contracts").rglob("*.py"), *(PACKAGE / "judging").glob("*.py")]
    named = {
        node.value: file.name
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(rf"({areas})\.[a-z0-9]+(-[a-z0-9]+)+", node.value)
    }
    assert len(named) > 100
    assert {id: file for id, file in named.items() if id not in CASES} == {}


def test_no_case_knows_a_vendor() -> None:
    vendors = re.compile(r"toapis|tokmodel|\btoki|\bglm|deepseek|llama\.?cpp|vllm|ollama", re.IGNORECASE)
    hits = {
        file.name: vendors.findall(text)
        for file in (PACKAGE / "contracts").glob("*/cases/*.py")
        if vendors.search(text := file.read_text(encoding="utf-8"))
    }
    assert hits == {}


@each_profile
def test_no_two_probes_share_a_name(contract: str, name: str) -> None:
    keys = defaultdict(set)
    for probe in wanted(contract, name):
        keys[probe.name].add(probe.key)
    assert {probe: found for probe, found in keys.items() if len(found) > 1} == {}


@each_profile
def test_the_same_request_is_meant_in_the_same_way_by_all(contract: str, name: str) -> None:
    meant = defaultdict(set)
    for probe in wanted(contract, name):
        meant[probe.key].add((probe.expects, probe.features, probe.completion_tokens, probe.inert))
    assert [found for found in meant.values() if len(found) > 1] == []


@each_profile
def test_a_run_of_everything_is_cheap(contract: str, name: str) -> None:
    target = Target(embedded(), "m", contract)
    (one,) = plan({target: wanted(contract, name)})
    assert one.requests <= MOST_REQUESTS[contract]
    assert one.prompt_tokens + one.completion_tokens <= MOST_TOKENS


def test_a_case_is_found_where_its_id_says() -> None:
    case = CASES["stop.string-stops"]
    file = "conformance/contracts/chat/cases/test_stop.py"
    assert test_id(case) == f"{file}::test_generation_ends_at_a_stop_string"


def test_a_catalogue_of_some_cases() -> None:
    case = CASES["stop.string-stops"]
    assert by_id([case]) == {"stop.string-stops": case}
