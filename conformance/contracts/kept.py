"""What the official SDK made of responses in earlier runs on this machine, so that it is not asked again.

To import the SDK takes four times as long as to start pytest, and a recorded run that is judged again needs
nothing of it that was not there before. What it makes of a response depends on the response, on the SDK and
the libraries under it, and on how it is used here: all of that is in the name under which a result is kept.
It is a cache and no more: what does not fit is replayed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import fields, is_dataclass
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from conformance.wire import excerpt

LIBRARIES = ("openai", "pydantic", "pydantic-core", "httpx2")
"""The SDK, and what it reads answers with."""

MOST = 2000
"""Results that are kept; those of the latest run first."""

MOST_OF_ONE = 4000
"""Characters of a result that is kept: no answer to a probe comes near."""


class Kept:
    """Results by name, each as a JSON text."""

    def __init__(self, old: Mapping[str, str]) -> None:
        self._old = old
        self._used: dict[str, str] = {}

    @property
    def fresh(self) -> bool:
        """Whether there are results that were not there before."""
        return not self._used.keys() <= self._old.keys()

    @property
    def texts(self) -> dict[str, str]:
        """What was used, and of the rest what there is room for."""
        return dict(list({**self._used, **self._old}.items())[:MOST])

    def result(self, use: Callable[..., Any], given: tuple[Any, ...], replay: Callable[[], Any]) -> Any:
        """What the use comes to with what it is given: as it is kept, or by a replay, which then is."""
        name = _name(use, given)
        with suppress(KeyError, TypeError, ValueError):
            found = _made(_kind(use), json.loads(self._old[name]))
            self._used[name] = self._old[name]
            return found
        result = replay()
        with suppress(ValueError):  # a number of more digits than Python writes
            text = json.dumps(_plain(result))
            if len(text) <= MOST_OF_ONE:
                self._used[name] = text
        return result


_open: list[Kept] = []


@contextmanager
def kept_in(store: Kept) -> Iterator[None]:
    """While it lasts, what is replayed is kept there, and what is there is not replayed."""
    _open.append(store)
    try:
        yield
    finally:
        _open.remove(store)


def result(use: Callable[..., Any], given: tuple[Any, ...], replay: Callable[[], Any]) -> Any:
    """What the use comes to, as it is kept where something is."""
    return _open[-1].result(use, given, replay) if _open else replay()


def _name(use: Callable[..., Any], given: tuple[Any, ...]) -> str:
    return sha256(repr((use.__qualname__, _stated(use), given)).encode()).hexdigest()


@cache
def _stated(use: Callable[..., Any]) -> tuple[str, ...]:
    """The versions of what is used, and the code that uses it."""
    sources = (str(Path(__file__).with_name("sdk.py")), use.__code__.co_filename, excerpt.__file__)
    digests = (sha256(Path(source).read_bytes()).hexdigest() for source in sources)
    return (sys.version, *map(metadata.version, LIBRARIES), *digests)


@cache
def _kind(use: Callable[..., Any]) -> Any:
    return get_type_hints(use)["return"]


@cache
def _members(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _plain(value: Any) -> Any:
    """The value as JSON has it."""
    if is_dataclass(value):
        return [_plain(getattr(value, field.name)) for field in fields(value)]
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _made(kind: Any, value: Any) -> Any:
    """The value that was put into JSON. Raises TypeError or ValueError where it is none of that kind."""
    if get_origin(kind) in (Union, UnionType):
        if value is None and NoneType in get_args(kind):
            return None
        (kind,) = (one for one in get_args(kind) if one is not NoneType)
    if is_dataclass(kind):
        assert isinstance(kind, type)
        members = _members(kind)
        return kind(*(_made(one, each) for one, each in zip(members.values(), _listed(value), strict=True)))
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        kinds = inner[:1] * len(_listed(value)) if inner[1:] == (...,) else inner
        return tuple(_made(one, each) for one, each in zip(kinds, _listed(value), strict=True))
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind}")
    return value


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return value
