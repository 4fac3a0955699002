"""A hundred providers in one process: how long it takes, and how much memory. Run as a process of its own.

    python -m tests.benchmarks.crowd URL PROVIDERS REQUESTS

asks each provider so many requests, eight at once, all at the same server, and prints
the wall time, the CPU time and the growth of the resident memory, in seconds and MiB.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
from pathlib import Path

from conformance.asking.asking import Access, Work, ask_all
from conformance.asking.change import copies
from conformance.asking.plan import Plan
from conformance.contracts.chat.probes.named import COUNT
from conformance.provider.claims import profile
from conformance.provider.model import Provider, Target
from conformance.wire import journal
from conformance.wire.record import Exchange


def peak() -> float:
    """The most resident memory so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(url: str, providers: int, requests: int) -> None:
    claims, probes = profile("openai"), copies(requests, COUNT)
    # Every address that begins with 127 is this machine, so each provider has a host of its own.
    urls = [url.replace("127.0.0.1", f"127.0.{n // 200}.{n % 200 + 1}") for n in range(providers)]
    targets = [Target(Provider(f"p{n}", at, ("m",), claims), "m") for n, at in enumerate(urls)]
    plans = [Plan(target, probes) for target in targets]
    works = [
        Work(one, Access(one.target.provider.base_url), one.ids(1 + n * requests))
        for n, one in enumerate(plans)
    ]
    found: list[Exchange] = []
    before, wall, cpu = peak(), time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        names = [(target.at, target.provider.base_url) for target in targets]
        with journal.Writer(Path(folder) / "j", "2026-01-01T00:00:00+00:00", names) as writer:

            def record(exchange: Exchange) -> None:
                found.append(exchange)
                writer.write(exchange)

            asyncio.run(ask_all(works, "nonce", record, lambda *_: None))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    served = sum(one.last.status == 200 for one in found)
    print(wall, cpu, peak() - before, served)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
