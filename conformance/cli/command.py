"""What the modules of commands share."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
    """Where a module adds its commands: what `add_subparsers` returns."""


class MistakeError(Exception):
    """The user got something wrong; the message says what, in one line, and how to put it right."""

    code = 2


class InputError(MistakeError):
    """A mistake in what was given, with the code that pytest has for one."""

    code = 4
