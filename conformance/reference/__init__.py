"""The embedded provider: a strict OpenAI-compatible server with a small deterministic model.

`app(config)` is the ASGI application, `serving()` runs it in the background, `run_forever()` in the
foreground; `persona(name)` is a service that it can play. They are imported when they are first asked for,
because the web framework takes time to load.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.reference.chat.personas import named as persona
    from conformance.reference.running import run_forever, serving
    from conformance.reference.server import app
    from conformance.reference.service import Config

__all__ = ["Config", "app", "persona", "run_forever", "serving"]

_HOMES = {
    "Config": ("service", "Config"),
    "app": ("server", "app"),
    "persona": ("chat.personas", "named"),
    "run_forever": ("running", "run_forever"),
    "serving": ("running", "serving"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(import_module(f"{__name__}.{module}"), attribute)
