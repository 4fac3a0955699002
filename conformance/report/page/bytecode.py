"""Templates that are compiled once: their bytecode lies where Python keeps that of modules.

To compile the templates of a page takes longer than to fill them in. As with modules, none is kept where
Python is told to write no bytecode, or may not; what is cut off, or of another template or version, is
compiled again.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from conformance.wire import files

TEMPLATES = Path(__file__).parents[1] / "templates"


class Bytecode(BytecodeCache):
    """In `__pycache__` beside the templates, or wherever PYTHONPYCACHEPREFIX says."""

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """The name of the template."""
        del filename
        return name

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fills the bucket, if there is something to fill it with."""
        try:
            with place(bucket.key).open("rb") as stream:
                bucket.load_bytecode(stream)
        except Exception:  # of whatever else a file can hold in its place
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps what is in the bucket."""
        if not sys.dont_write_bytecode:
            with suppress(OSError, NotImplementedError):
                path = place(bucket.key)
                path.parent.mkdir(parents=True, exist_ok=True)
                files.replace(path, bucket.bytecode_to_string())


def place(name: str) -> Path:
    """Where the bytecode of a template is. Raises NotImplementedError where this Python keeps none."""
    return Path(cache_from_source(str(TEMPLATES / name)))
