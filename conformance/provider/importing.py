"""Claims out of lists that others keep: of models, with what each takes, and the catalog of modelparams.

A file is read as it lies there; nothing is fetched. What it says of anything that claims have no
name for is left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from conformance.provider.mistakes import Mistake, ProvidersError, shown, suggestion
from conformance.wire.excerpt import printable

LARGEST = 64 * 2**20
"""Bytes. The list of OpenRouter has one or two million."""

_FEATURES = {
    "tools": ("tools", "tool-role"),
    "json_mode": ("json-mode",),
    "structured_outputs": ("json-schema",),
    "logprobs": ("logprobs",),
    "function_calling": ("tools", "tool-role"),
    "vision": ("vision",),
}
"""Words of lists of models for what has another name here."""

_SIZES = ("context_length", "max_model_len", "context_window", "max_context_length", "inputTokenLimit")
_RENAMED = {"random_seed": "seed"}
_JSON_TYPES = frozenset(("string", "integer", "number", "boolean", "object", "array"))


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file says of one model: its claims as YAML has them, and in words what these cannot say."""

    model: str
    title: str
    url: str
    claims: Mapping[str, Any]
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """A file that was read: its models by their ids."""

    file: str
    models: Mapping[str, Mapping[str, Any]]


def imported(
    kind: str, files: Sequence[tuple[str, bytes]], model: str | None, known: Sequence[str]
) -> Imported:
    """What the files of that kind say of the model. `known` are the names that claims can have.

    Raises ProvidersError, with the place and the fix.
    """
    listings = [_listing(kind, data, name) for name, data in files]
    first, ids = listings[0], [id for listing in listings for id in listing.models]
    model = ids[0] if model is None and len(ids) == 1 else model
    for listing in listings:
        if model is not None and model in listing.models:
            return _KINDS[kind].claims(model, listing.models[model], known)
    if model is None:
        _fail(first.file, (1, 1), f"lists {len(ids)} models; choose one with --model ID")
    near = suggestion(model, ids) or f"; it lists {', '.join(map(printable, ids[:5]))}"
    return _fail(first.file, (1, 1), f"lists no model {shown(model)}{near}")


def _listing(kind: str, data: bytes, file: str) -> Listing:
    if len(data) > LARGEST:
        _fail(file, (0, 0), f"is larger than {LARGEST // 2**20} MiB")
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        _fail(file, (0, 0), "not UTF-8; save the file as UTF-8")
    try:
        value = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
        why = "ends within its JSON: it was cut off; fetch it again" if cut else f"not JSON: {error.msg}"
        _fail(file, (error.lineno, error.colno), why)
    except (ValueError, RecursionError):
        _fail(file, (1, 1), "not JSON that can be read: a number that is none, or nested too deeply")
    models = dict(_KINDS[kind].models(value))
    if not models:
        _fail(file, (1, 1), _KINDS[kind].otherwise)
    return Listing(file, models)


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _fail(file: str, place: tuple[int, int], message: str) -> NoReturn:
    raise ProvidersError([Mistake(file, *place, message)])


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


# -- lists of models --------------------------------------------------------------------------------------


def _cards(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The models of a list, and of OpenRouter's list of the endpoints of one model."""
    data = value.get("data", value.get("models")) if isinstance(value, dict) else value
    if isinstance(data, dict) and isinstance(data.get("endpoints"), list):
        data = [{"id": data.get("id"), "endpoints": data["endpoints"]}]
    for card in _objects(data):
        if isinstance(card.get("id"), str):
            yield card["id"], card


def _endpoints(card: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(_objects(card.get("endpoints")))


def _of_openrouter(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for id, card in _cards(value):
        if any(isinstance(one.get("supported_parameters"), list) for one in (card, *_endpoints(card))):
            yield id, card


def _of_a_provider(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for id, card in _cards(value):
        if _said(card):
            yield id, card


def _said(card: Mapping[str, Any]) -> list[str]:
    """The parameters and features that a card lists, in any of the ways that services have."""
    found = [
        *_texts(card.get("supported_parameters")),
        *_texts(card.get("supported_sampling_parameters")),
        *_texts(card.get("supported_features")),
    ]
    able = card.get("capabilities")
    if isinstance(able, dict):
        found += [name for name, value in able.items() if value is True]
    return found + _texts(able)


def _listed(model: str, card: Mapping[str, Any], known: Sequence[str]) -> Imported:
    """The claims of a card. What only some endpoints of it have depends on who serves it."""
    endpoints = _endpoints(card) or [card]
    sets = [set(_said(one)) for one in endpoints]
    every, some = set.intersection(*sets), set.union(*sets)
    claims: dict[str, Any] = {}
    for word in sorted(some):
        for name in _FEATURES.get(word, (word,)):
            if name in known:
                claims[name] = {"quote": word} if word in every else {"quote": word, "model_dependent": True}
    if "response_format" in claims:
        claims["json-mode"] = dict(claims["response_format"])
    built = card.get("architecture", card)
    kinds = built.get("input_modalities") if isinstance(built, dict) else None
    if isinstance(kinds, list):
        claims["vision"] = {"quote": "input_modalities: image"} if "image" in kinds else {"unsupported": True}
    defaults = card.get("default_parameters")
    for name, value in defaults.items() if isinstance(defaults, dict) else ():
        if name in claims and isinstance(value, int | float) and not isinstance(value, bool):
            claims[name]["default"] = value
    at = "https://openrouter.ai/api/v1/models"
    return Imported(model, f"the list of models, {model}", at, claims, tuple(_sizes(card, endpoints)))


def _sizes(card: Mapping[str, Any], endpoints: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Context and quantization, for which there is no claim."""
    for name in _SIZES:
        if isinstance(size := card.get(name), int):
            yield f"context: {size:,} tokens"
            break
    for one in (card, *endpoints) if card not in endpoints else endpoints:
        if isinstance(kind := one.get("quantization"), str):
            who = one.get("provider_name")
            yield f"quantization: {kind}" + (f", at {who}" if isinstance(who, str) else "")


# -- modelparams ------------------------------------------------------------------------------------------


def _of_modelparams(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The models that are asked by OpenAI's protocol, as PROVIDER/MODEL."""
    for entry in _objects(value):
        provider, model, surface = (entry.get(name) for name in ("provider", "model", "apiSurface"))
        if not (isinstance(provider, str) and isinstance(model, str) and isinstance(surface, str)):
            continue
        if surface.startswith("openai") and not surface.endswith("responses") and entry.get("params"):
            yield f"{provider}/{model}", entry


def _described(model: str, entry: Mapping[str, Any], known: Sequence[str]) -> Imported:
    claims: dict[str, Any] = {}
    others = []
    for parameter in _objects(entry["params"]):
        path = str(parameter.get("path"))
        name = _RENAMED.get(path, path)
        if name not in known:
            others.append(path)
            continue
        claims[name] = _details(parameter)
        if name != path:
            claims[name]["renamed"] = path
        elif parameter.get("applicability"):
            claims[name]["model_dependent"] = True
    words = [f"parameters of its own: {', '.join(others)}"] if others else []
    if isinstance(status := entry.get("status"), str):
        words.append(f"status: {status}")
    return Imported(model, f"modelparams, {model}", "https://modelparams.dev", claims, tuple(words))


def _details(parameter: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if parameter.get("type") in _JSON_TYPES:
        found["types"] = [parameter["type"]]
    bounds = parameter.get("range")
    ends: Mapping[str, Any] = bounds if isinstance(bounds, dict) else {}
    for end in ("min", "max"):
        if isinstance(ends.get(end), int | float) and not isinstance(ends.get(end), bool):
            found[end] = ends[end]
    if isinstance(parameter.get("default"), str | int | float):
        default = parameter["default"]
        found["default"] = printable(default) if isinstance(default, str) else default
    if (values := _texts(parameter.get("values"))) and len(values) == len(parameter["values"]):
        found["values"] = [*map(printable, values)]
    if isinstance(parameter.get("description"), str):
        found["quote"] = printable(" ".join(parameter["description"].split()))[:200]
    return {name: value for name, value in found.items() if value != ""}


@dataclass(frozen=True, slots=True)
class _Kind:
    models: Callable[[Any], Iterator[tuple[str, Mapping[str, Any]]]]
    claims: Callable[[str, Mapping[str, Any], Sequence[str]], Imported]
    otherwise: str


_KINDS: Mapping[str, _Kind] = {
    "openrouter": _Kind(
        _of_openrouter,
        _listed,
        "has no model with supported_parameters: this is not OpenRouter's list; "
        "fetch https://openrouter.ai/api/v1/models, or import it as `models`",
    ),
    "models": _Kind(
        _of_a_provider,
        _listed,
        "has no model that says what it takes (supported_parameters, supported_features, capabilities): "
        "there is nothing to import",
    ),
    "modelparams": _Kind(
        _of_modelparams,
        _described,
        "is not the catalog of modelparams; it is modelparams/_generated/catalog.json of the package",
    ),
}

KINDS = tuple(_KINDS)
"""The lists that can be imported."""
