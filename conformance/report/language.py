"""The two languages of report.html: the words of its interface, and the sentences of the catalogue.

The words stand side by side in words.yaml, and those that only one contract needs in its words/report.yaml.
What the catalogue says of a requirement is English; its Chinese is in the contract's words/zh/AREA.yaml, each
sentence beside the English that it translates, so that a sentence which has changed since then is shown in
English rather than in a translation of something else. What judges say of a provider is a sentence with
gaps (`wire.message`); messages.yaml has those that are translated, each under the English one. Quotes, ids
and what a provider sent are in no language but their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from conformance import CONTRACTS
from conformance.wire.message import Message

LANGUAGES: Mapping[str, str] = {"en": "en", "zh": "zh-Hans"}
"""What `--lang` may say, and the language tag of the page."""

ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Wording:
    """How a report speaks.

    `words` is the interface by key; `sentences` are the catalogue's, and `messages` those of judges, by their
    English.
    """

    language: str
    words: Mapping[str, str | Mapping[str, str]]
    sentences: Mapping[tuple[str, str], str]
    messages: Mapping[str, str]

    @property
    def tag(self) -> str:
        """The language tag (BCP 47) of the page."""
        return LANGUAGES[self.language]

    def __call__(self, key: str, **values: object) -> str:
        """The words of that key with their gaps filled. `n` decides between one and several."""
        return self.template(key, values.get("n")).format(**values)

    def template(self, key: str, n: object = None) -> str:
        """The words of that key with their gaps."""
        found = self.words[key]
        if isinstance(found, str):
            return found
        return found["one" if n == 1 else "other"]

    def sentence(self, requirement: str, english: str) -> str:
        """A statement or an impact of that requirement; as it is where there is no translation of it."""
        return self.sentences.get((requirement, english), english)

    def told(self, message: Message) -> str | None:
        """What a judge said, in this language; None where not all of it is translated."""
        return message.told(self.messages) if message.known(self.messages) else None


@cache
def wording(language: str = ENGLISH) -> Wording:
    """The wording of a language. Raises KeyError where there is none."""
    words = {key: value[language] for key, value in _interface().items()}
    if language == ENGLISH:
        return Wording(language, words, {}, {})
    messages = {english: other[language] for english, other in read_data("messages.yaml").items()}
    return Wording(language, words, _sentences(language), messages)


def _interface() -> Mapping[str, Mapping[str, Any]]:
    """The words by key: those of every report, and those of each contract."""
    found = dict(read_data("words.yaml"))
    for folder in _folders():
        own = folder.joinpath("report.yaml")
        found |= _read(own) if own.is_file() else {}
    return found


def _sentences(language: str) -> Mapping[tuple[str, str], str]:
    found = {}
    for folder in _folders():
        for file in folder.joinpath(language).iterdir():
            for requirement, sentences in _read(file).items():
                for sentence in sentences:
                    found[requirement, sentence[ENGLISH]] = sentence[language]
    return found


def _folders() -> Iterator[Traversable]:
    """The folder of each contract that holds its words, and that of what holds for all."""
    for name in ("host", *CONTRACTS):
        yield resources.files("conformance.contracts").joinpath(name, "words")


def read_data(name: str) -> Any:
    """A data file of this package."""
    return _read(resources.files("conformance.report").joinpath(name))


def _read(file: Traversable) -> Any:
    from conformance.wire import own_yaml

    return own_yaml.load(file.read_text("utf-8"))
