"""What the SDK made of a response in an earlier run is what it would make of it now, or it is asked again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from conformance.contracts import kept
from conformance.contracts.chat import sdk as chat
from conformance.contracts.embeddings import sdk as embeddings
from conformance.contracts.kept import MOST, MOST_OF_ONE, Kept, kept_in
from conformance.wire.record import Attempt
from tests.wire.recordings import HELLO, calling, choice, completion, message, response, stream

Use = Callable[[Attempt], Any]


RESPONSES = {
    "an answer": (chat.create, response(completion())),
    "two choices": (chat.create, response(completion(choices=[choice(), choice(index=1)]))),
    "no usage": (chat.create, response(completion(usage=None))),
    "odd usage": (chat.create, response(completion(usage={"prompt_tokens": "1", "total_tokens": 1.5}))),
    "odd members": (chat.create, response(message(content=[], role=7))),
    "half a surrogate": (chat.create, response(message(content="\ud83d"))),
    "no JSON": (chat.create, response(b"<html>")),
    "a refusal": (chat.create, response(b'{"error": {"message": "no"}}', status=400)),
    "a stream": (chat.iterate, stream(HELLO)),
    "calls in a stream": (chat.accumulate, calling({"name": "f", "arguments": "{}"})),
    "models": (chat.list_models, response({"object": "list", "data": [{"id": "m"}, {"id": 5}]})),
    "a model": (chat.retrieve_model, response({"id": "m"})),
    "vectors": (embeddings.create, response({"data": [{"embedding": [0.5]}, {"embedding": "x"}]})),
}


def given(attempt: Attempt) -> tuple[Any, ...]:
    return attempt, {}


@pytest.mark.parametrize(("use", "attempt"), RESPONSES.values(), ids=RESPONSES)
def test_what_is_kept_is_what_was_made_of_it(use: Use, attempt: Attempt) -> None:
    first, replayed = Kept({}), use(attempt)
    assert first.result(use, given(attempt), lambda: replayed) == replayed
    assert first.fresh
    again = Kept(json.loads(json.dumps(first.texts)))
    assert again.result(use, given(attempt), pytest.fail) == replayed
    assert not again.fresh


def test_another_response_or_another_use_is_replayed() -> None:
    store, attempt = Kept({}), response(completion())
    store.result(chat.create, given(attempt), lambda: chat.Seen(result="first"))
    for use, others in (
        (chat.create, given(response(completion(id="other")))),
        (chat.create, (attempt, {"strict": True})),
        (chat.iterate, given(attempt)),
    ):
        assert store.result(use, others, lambda: chat.Seen(result="new")).result == "new"


def test_another_version_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    store, attempt = Kept({}), given(response(completion()))
    store.result(chat.create, attempt, lambda: chat.Seen(result="old"))
    later = Kept(store.texts)
    monkeypatch.setattr(kept, "_stated", lambda use: ("another version",))
    assert later.result(chat.create, attempt, lambda: chat.Seen(result="new")).result == "new"


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", "[1, 2, 3, 4, 5, 6]", "[null, 7, 0, null, null, []]", "9" * 5000],
    ids=["empty", "an object", "an array", "null", "numbers", "a wrong type", "a long number"],
)
def test_what_does_not_fit_is_replayed(text: str) -> None:
    store, attempt = Kept({}), given(response(completion()))
    store.result(chat.create, attempt, lambda: chat.Seen(result="right"))
    (name,) = store.texts
    again = Kept({name: text})
    assert again.result(chat.create, attempt, lambda: chat.Seen(result="right")).result == "right"


def test_little_is_kept() -> None:
    store, attempt = Kept({str(number): "old" for number in range(2 * MOST)}), given(response(completion()))
    store.result(chat.create, attempt, lambda: chat.Seen(result="x" * MOST_OF_ONE))
    assert not store.fresh
    store.result(chat.create, attempt, lambda: chat.Seen(result="new"))
    assert len(store.texts) == MOST
    assert "new" in next(iter(store.texts.values()))


def test_nothing_is_kept_unless_somebody_says_where() -> None:
    attempt, store = response(completion(id="chatcmpl-kept")), Kept({})
    with kept_in(store):
        chat.create(attempt)
    assert len(store.texts) == 2  # as it is, and validated strictly
    chat.create(response(completion(id="chatcmpl-not-kept")))
    assert len(store.texts) == 2
