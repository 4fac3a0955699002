"""Keys: read from the environment when a run begins, and hidden from then on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, NoReturn
from urllib.parse import unquote

from conformance.provider.model import Provider
from conformance.wire.redact.secret import SHORTEST, is_word

USUAL_KEY = "OPENAI_API_KEY"
"""The variable that OpenAI's own libraries read, and what is asked for where no file names another."""

OPTION = "--base-url"
"""Where a provider is named that no file describes."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_UNBRACED = re.compile(r"(?:\w+ )?\$([A-Z_][A-Z0-9_]*)")
_KEY = re.compile(r"[!#-\[\]-~]+")
_PROXY = re.compile(r"^(?:[a-zA-Z0-9+.-]+://)?[^/?#@:]*:([^/?#]*)@")
_HEADER_VALUE = re.compile(r"[ -~]+")


class KeyMissing(ValueError):
    """An environment variable that an entry names is unset, empty or unusable. One line for each."""


class Secret:
    """A text that only `reveal` shows; printing, formatting, pickling and debugging do not."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """The text itself, for the moment at which it is sent."""
        return self.__value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self.__value

    def __hash__(self) -> int:
        return hash(self.__value)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled")


def variable_of(value: str) -> str | None:
    """The variable that a value written as ${VARIABLE} names, or None for any other text."""
    match = _VARIABLE.fullmatch(value)
    return match[1] if match else None


def variables_in(value: Any) -> tuple[str, ...]:
    """The variables that a text names anywhere in it, or the texts in a value; each once."""
    if isinstance(value, str):
        return tuple(dict.fromkeys(_VARIABLE.findall(value)))
    members = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return tuple(dict.fromkeys(name for one in members for name in variables_in(one)))


def unbraced(text: str) -> str | None:
    """The text as it has to be written, where it names a variable without braces."""
    return text.replace("$" + match[1], f"${{{match[1]}}}") if (match := _UNBRACED.fullmatch(text)) else None


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with the values of the variables that it names."""
    return _VARIABLE.sub(lambda match: values.get(match[1], match[0]), text)


def key_of(provider: Provider, environ: Mapping[str, str]) -> Secret | None:
    """The provider's key, without white space around it; None where its entry names no key.

    Raises KeyMissing.
    """
    if provider.key_variable is None:
        return None
    return _secret(provider, provider.key_variable, environ, _KEY, "")


def private_headers(provider: Provider, environ: Mapping[str, str]) -> tuple[tuple[str, Secret], ...]:
    """The headers of the entry that name a variable, resolved. The others are no secret.

    Raises KeyMissing.
    """
    found = []
    for name, value in provider.headers.items():
        purpose = f" for its header {name}"
        values = {
            variable: _secret(provider, variable, environ, _HEADER_VALUE, purpose).reveal()
            for variable in variables_in(value)
        }
        if values:
            found.append((name, Secret(filled(value, values))))
    return tuple(found)


def private_values(provider: Provider, environ: Mapping[str, str]) -> Mapping[str, Secret]:
    """What the variables hold that the entry names in `query` and `extra_body`, by their names.

    Raises KeyMissing.
    """
    named = {
        "query": variables_in(provider.extra.query),
        "extra_body": variables_in(provider.extra.body),
    }
    found, missing = {}, []
    for member, variables in named.items():
        for variable in variables:
            try:
                found[variable] = _secret(provider, variable, environ, _HEADER_VALUE, f" for its {member}")
            except KeyMissing as error:
                missing.append(str(error))
    if missing:
        raise KeyMissing("\n".join(missing))
    return found


def variables(provider: Provider) -> tuple[str, ...]:
    """The environment variables that hold the secrets of the provider, its key first."""
    key = () if provider.key_variable is None else (provider.key_variable,)
    further = (provider.headers, provider.extra.query, provider.extra.body)
    return tuple(dict.fromkeys((*key, *(name for one in further for name in variables_in(one)))))


def proxy_passwords(environ: Mapping[str, str]) -> tuple[Secret, ...]:
    """The passwords in the addresses of proxies, as they stand there and as they are meant."""
    written = [
        match[1]
        for name in environ
        if name.lower().endswith("_proxy")
        for match in _PROXY.finditer(environ[name])
    ]
    return tuple(
        Secret(form)
        for one in written
        for form in dict.fromkeys((one, unquote(one)))
        if len(form) >= SHORTEST
    )


def secrets_of(providers: Iterable[Provider], environ: Mapping[str, str]) -> tuple[str, ...]:
    """Every secret of these providers in the clear, each once, for the redaction of what is written.

    What is unset or unusable is left out: nothing is sent to a provider that lacks it.
    """
    found: set[str] = set()
    for provider in providers:
        with suppress(KeyMissing):
            if key := key_of(provider, environ):
                found.add(key.reveal())
        with suppress(KeyMissing):
            found.update(value.reveal() for _, value in private_headers(provider, environ))
        for variable in variables(provider):
            with suppress(KeyMissing):
                found.add(_secret(provider, variable, environ, _HEADER_VALUE, "").reveal())
    return tuple(sorted(found))


def _secret(
    provider: Provider, variable: str, environ: Mapping[str, str], allowed: re.Pattern[str], purpose: str
) -> Secret:
    secret = Secret(environ.get(variable, "").strip(" \t\r\n"))
    fault = _fault(secret, allowed, short=allowed is _KEY)
    if fault is None:
        return secret
    needs = f"provider '{provider.name}' needs the environment variable {variable}{purpose}"
    if fault:
        raise KeyMissing(f"{needs}, but its value {fault} ({provider.where})")
    raise KeyMissing(f"{needs}: export {variable}=… ({provider.where})")


def _fault(secret: Secret, allowed: re.Pattern[str], *, short: bool) -> str | None:
    """What makes the value unusable, without showing it; empty where there is no value.

    `short`: it may have a few characters, as the keys of servers that take any, and is then no secret.
    """
    if not secret.reveal():
        return ""
    if not allowed.fullmatch(secret.reveal()):
        return "holds a character that a key cannot have, such as a space, a line break or a quotation mark"
    if not short and len(secret.reveal()) < SHORTEST and not is_word(secret.reveal()):
        return f"has fewer than {SHORTEST} characters, too few to be found and removed from reports"
    return None
