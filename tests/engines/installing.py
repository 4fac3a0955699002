"""Each heavy engine has an environment of its own: their dependencies contradict ours and each other's.

LiteLLM, for one, wants an openai-python older than the one that this suite is built on. The environments are
in the user's cache folder; a file in them says what was asked for, so that a changed version is noticed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import venv
from pathlib import Path

from tests.engines.process import EngineError

REQUIREMENTS = Path(__file__).parent / "requirements"
STAMP = "installed-from"


def folder(name: str) -> Path:
    """Where the environment of an engine is, or would be."""
    cache = os.environ.get("XDG_CACHE_HOME")
    base = Path(cache) if cache else Path.home() / ".cache"
    return base / "openai-conformance" / "engines" / name


def installed(name: str) -> Path:
    """The environment of an engine. Raises EngineError if it is missing or of other versions."""
    home, wanted = folder(name), _requirements(name).read_text()
    stamp = home / STAMP
    if not stamp.is_file() or stamp.read_text() != wanted:
        raise EngineError(f"{name} is not installed as it should be: python -m tests.engines install {name}")
    return home


def install(name: str) -> Path:
    """Makes the environment of an engine anew, from its file in `requirements`. Raises EngineError."""
    home, wanted = folder(name), _requirements(name)
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    if wanted.suffix == ".json":
        shutil.copy(wanted, home / "package.json")
        command = ["npm", "install", "--prefix", str(home), "--ignore-scripts", "--no-audit", "--no-fund"]
    else:
        venv.create(home, with_pip=True)
        command = [str(home / "bin" / "pip"), "install", "--quiet", "--requirement", str(wanted)]
    try:
        subprocess.run(command, check=True)
    except FileNotFoundError:
        raise EngineError(f"{name} needs {command[0]}, which is not installed") from None
    except subprocess.CalledProcessError as error:
        raise EngineError(
            f"{name} could not be installed: {command[0]} ended with {error.returncode}"
        ) from None
    (home / STAMP).write_text(wanted.read_text())
    return home


def _requirements(name: str) -> Path:
    return next(REQUIREMENTS.glob(f"{name}.*"))
