"""llama.cpp's own HTTP server with the tiny model, embedded by the wheel `xllamacpp`.

    python -m tests.engines.llamacpp --port 8080

runs it in the foreground and prints its base URL. With `--embeddings` it serves embeddings: the mean of what
the model makes of each token. Whoever sets LLAMACPP_API_KEY makes it ask for that key.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.engines.process import EngineError, announced

MODEL = Path(__file__).parent / "model.gguf"
ALIAS = "tiny"
API_KEY_VARIABLE = "LLAMACPP_API_KEY"
SLOTS = 4
CONTEXT_PER_SLOT = 4096
ERRORS_ONLY = 1


@contextmanager
def engine(*, api_key: str | None = None, embeddings: bool = False) -> Iterator[str]:
    """The base URL (with /v1) of a server in a process of its own, which is gone when the block ends.

    Raises EngineError if it does not get ready.
    """
    environment = {name: value for name, value in os.environ.items() if name != API_KEY_VARIABLE}
    if api_key is not None:
        environment[API_KEY_VARIABLE] = api_key
    arguments = ["--until-stdin-closes", *(["--embeddings"] if embeddings else [])]
    with announced(["tests.engines.llamacpp", *arguments], environment) as base_url:
        yield base_url


def unavailable() -> str:
    """What this machine lacks of what the wheel loads; empty where it lacks nothing."""
    if sys.platform == "linux":
        try:
            ctypes.CDLL("libgomp.so.1")
        except OSError:
            return "llama.cpp needs libgomp, which Debian has in libgomp1"
    return ""


def start(port: int, api_key: str | None, *, embeddings: bool = False, model: Path | None = None) -> Any:
    """The server, in threads of this process for as long as the object lives. Port 0 means any free one.

    Raises EngineError if the wheel or the model is missing, or the server refuses to start.
    """
    try:
        xllamacpp: Any = importlib.import_module("xllamacpp")
    except ModuleNotFoundError:
        raise EngineError("xllamacpp is not installed: pip install -e '.[test]'") from None
    except ImportError as error:
        raise EngineError(unavailable() or f"xllamacpp cannot be loaded: {error}") from None
    model = model or MODEL
    if not model.is_file():
        raise EngineError(f"{model} is missing: make it with python -m tests.engines.train")
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model)
    parameters.model_alias = {ALIAS}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = port
    parameters.api_keys = [api_key] if api_key else []
    parameters.n_parallel = SLOTS
    parameters.n_ctx = SLOTS * CONTEXT_PER_SLOT
    parameters.cpuparams.n_threads = 1
    parameters.use_jinja = True
    parameters.ui = False
    parameters.verbosity = ERRORS_ONLY
    if embeddings:
        parameters.embedding = True
        parameters.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    try:
        return xllamacpp.Server(parameters)
    except RuntimeError as error:
        raise EngineError(f"llama.cpp did not start on port {port}: {error}") from None


def main() -> int:
    parser = argparse.ArgumentParser(description="Serve the tiny model with llama.cpp on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0, help="0, the default, is any free port")
    parser.add_argument("--model", type=Path, default=MODEL, help="another GGUF file than the tiny model")
    parser.add_argument("--embeddings", action="store_true", help="serve embeddings")
    parser.add_argument("--until-stdin-closes", action="store_true", help="stop when standard input ends")
    options = parser.parse_args()
    try:
        server = start(
            options.port, os.environ.get(API_KEY_VARIABLE), embeddings=options.embeddings, model=options.model
        )
    except EngineError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{server.listening_address}/v1", flush=True)
    try:
        if options.until_stdin_closes:
            sys.stdin.read()
        else:
            threading.Event().wait()
    except KeyboardInterrupt:
        pass
    # Not by return: the destructor waits for the requests that are still being answered.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
