"""The engines that have to be installed first, and how each is started on a free port of 127.0.0.1."""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from conformance.asking.asking import Access
from tests.engines import huggingface, llamacpp
from tests.engines.installing import installed
from tests.engines.process import HEAVY_READY_WITHIN_S, announced

HERE = Path(__file__).parent
GATEWAYS = ("litellm", "portkey")
ENGINES = (*GATEWAYS, "transformers", "mlx")
"""Gateways stand in front of llama.cpp; the others run the model themselves."""


@dataclass(frozen=True)
class Place:
    """Where an engine runs: its installation, a folder of its own, its port, and what stands behind it."""

    home: Path
    work: Path
    port: int
    upstream: str
    key: str


@contextmanager
def serving(name: str) -> Iterator[Access]:
    """How to reach an engine, which runs until the block ends. Raises EngineError if it cannot be started."""
    home = installed(name)
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f"{name}-")))
        upstream = stack.enter_context(llamacpp.engine()) if name in GATEWAYS else ""
        place = Place(home, work, _free_port(), upstream, f"sk-{secrets.token_hex(16)}")
        if name not in GATEWAYS:
            huggingface.write(llamacpp.MODEL, work)
        command, environment = _COMMANDS[name](place)
        url = f"http://127.0.0.1:{place.port}/v1"
        stack.enter_context(
            announced(
                ["tests.engines.process", f"{url}/models", *command],
                {**_plain_environment(place), **environment},
                within=HEAVY_READY_WITHIN_S,
            )
        )
        yield Access(
            url,
            place.key if name == "litellm" else None,
            (("x-portkey-custom-host", upstream),) if name == "portkey" else (),
        )


def _litellm(place: Place) -> tuple[list[str], Mapping[str, str]]:
    program = str(place.home / "bin" / "litellm")
    command = [program, "--config", str(HERE / "litellm.yaml"), "--telemetry", "False"]
    return [*command, "--host", "127.0.0.1", "--port", str(place.port)], {
        "CONFORMANCE_UPSTREAM": place.upstream,
        "LITELLM_MASTER_KEY": place.key,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }


def _portkey(place: Place) -> tuple[list[str], Mapping[str, str]]:
    program = place.home / "node_modules" / "@portkey-ai" / "gateway" / "build" / "start-server.js"
    # It has no option for the address, and would listen on all of them.
    loopback = HERE / "loopback.cjs"
    return ["node", "--require", str(loopback), str(program), "--headless", f"--port={place.port}"], {}


def _transformers(place: Place) -> tuple[list[str], Mapping[str, str]]:
    program = str(place.home / "bin" / "transformers")
    command = [program, "serve", huggingface.MODEL, "--device", "cpu", "--host", "127.0.0.1"]
    return [*command, "--port", str(place.port)], _hugging_face(place)


def _mlx(place: Place) -> tuple[list[str], Mapping[str, str]]:
    program = str(place.home / "bin" / "mlx_lm.server")
    command = [program, "--model", huggingface.MODEL, "--temp", "1.0", "--host", "127.0.0.1"]
    return [*command, "--port", str(place.port)], _hugging_face(place)


_COMMANDS = {"litellm": _litellm, "portkey": _portkey, "transformers": _transformers, "mlx": _mlx}


def _hugging_face(place: Place) -> Mapping[str, str]:
    return {"HF_HOME": str(place.work), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}


def _plain_environment(place: Place) -> dict[str, str]:
    """What any program needs, and nothing of what whoever runs the tests may have set for others."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    return {**kept, "HOME": str(place.work), "NO_PROXY": "127.0.0.1"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
