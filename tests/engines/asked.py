"""The suite at a real engine, and at the recording of one."""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from conformance.asking.asking import Access
from conformance.judging.catalogue import catalogue
from conformance.judging.requirement import Case
from conformance.judging.verdict import Judgement
from conformance.provider.load import load
from conformance.provider.model import Provider, Target
from conformance.running.run import Run
from conformance.wire import journal
from tests.engines.findings import recorded
from tests.engines.process import ROOT

HERE = Path(__file__).parent
RECORDINGS = HERE / "recordings"


def provider(name: str) -> Provider:
    """The entry of an engine: llama.cpp is in the project's file, the heavy ones are in one of their own."""
    file = ROOT / "providers.yaml" if name == "llamacpp" else HERE / "providers.yaml"
    return load(file).entries[name]


def ask(name: str, access: Access, folder: Path) -> Run:
    """A run of everything, with its files in a folder."""
    entry = provider(name)
    # A gateway's address of what stands behind it is no secret, and goes with every request.
    headers = {**entry.headers, **dict(access.private)}
    reached = replace(entry, base_url=access.base_url, headers=headers)
    target = Target(reached, entry.models[0], entry.claims.contract)
    run = Run([target], folder, lambda _: replace(access, private=()))
    run.selected = {target: _asked(name, target.contract)}
    run.exchange(lambda *_: None)
    return run


def _asked(name: str, contract: str) -> list[Case]:
    left_out = recorded(name).left_out
    return [case for case in catalogue(contract).values() if case.requirement.id not in left_out]


def judgements(run: Run) -> Mapping[str, Judgement]:
    """Every judgement, by requirement."""
    return {judgement.requirement: judgement for _, judgement in run.judgements()}


def recording(name: str) -> Path:
    """Where the journal of an engine is kept."""
    return RECORDINGS / f"{name}.jsonl.gz"


def replayed(name: str) -> Run:
    """The recording of an engine, judged by the checks of today."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "journal.jsonl"
        plain.write_bytes(gzip.decompress(recording(name).read_bytes()))
        kept = journal.read(plain)
    entry = provider(name)
    target = Target(entry, entry.models[0], entry.claims.contract)
    run = Run([target], Path(), lambda _: Access(""), replayed=kept)
    run.selected = {target: _asked(name, target.contract)}
    run.exchange(lambda *_: None)
    return run
