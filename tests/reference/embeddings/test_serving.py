"""The embedded provider's embeddings: strict rules, a steady model, counts that can be checked by hand."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest

from conformance.reference import serving
from conformance.reference.embeddings.mind import WIDTH, embedded, pieces_of
from tests.reference.asking import KEY, Client, Got


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with serving(KEY) as url:
        yield Client(url)


def ask(client: Client, **members: Any) -> Got:
    body = {"model": "reference", "input": "Hello", **members}
    return client.send("POST", "/embeddings", json.dumps(body).encode(), _headers(client))


def _headers(client: Client) -> dict[str, str]:
    return {"Content-Type": "application/json", "Authorization": f"Bearer {client.key}"}


def test_an_answer(client: Client) -> None:
    got = ask(client, input=["Hello", "Bye"])
    assert got.status == 200
    body = got.json()
    assert {name: value for name, value in body.items() if name != "data"} == {
        "object": "list",
        "model": "reference",
        "usage": {"prompt_tokens": 2, "total_tokens": 2},
    }
    assert [(one["object"], one["index"]) for one in body["data"]] == [("embedding", 0), ("embedding", 1)]
    assert [len(one["embedding"]) for one in body["data"]] == [WIDTH, WIDTH]


@pytest.mark.parametrize(
    ("members", "param"),
    [
        pytest.param({"input": ""}, "input", id="an empty text"),
        pytest.param({"input": []}, "input", id="an empty array"),
        pytest.param({"input": ["a", ""]}, "input", id="an empty text among others"),
        pytest.param({"input": ["a", 1]}, "input", id="a text and a token"),
        pytest.param({"input": [1.5]}, "input", id="a fraction"),
        pytest.param({"input": [-1]}, "input", id="a negative token"),
        pytest.param({"input": [[]]}, "input", id="no tokens"),
        pytest.param({"input": [["a"]]}, "input", id="texts in an array of arrays"),
        pytest.param({"input": None}, "input", id="null"),
        pytest.param({"input": {"text": "a"}}, "input", id="an object"),
        pytest.param({"input": ["a"] * 2049}, "input", id="too many texts"),
        pytest.param({"input": "word " * 9000}, "input", id="too long a text"),
        pytest.param({"encoding_format": "hex"}, "encoding_format", id="an unknown encoding"),
        pytest.param({"dimensions": 0}, "dimensions", id="no dimensions"),
        pytest.param({"dimensions": WIDTH + 1}, "dimensions", id="too many dimensions"),
        pytest.param({"dimensions": 8.0}, "dimensions", id="dimensions as a fraction"),
        pytest.param({"user": 7}, "user", id="a user that is a number"),
        pytest.param({"temperature": 0}, "temperature", id="an unknown parameter"),
        pytest.param({"model": "reference-text"}, "model", id="a model that only chats"),
        pytest.param({"model": None}, "model", id="no model"),
    ],
)
def test_what_is_refused(client: Client, members: dict[str, Any], param: str) -> None:
    got = ask(client, **members)
    assert got.status == (404 if members.get("model") else 400)
    assert got.error["param"] == param


@pytest.mark.parametrize(
    ("given", "tokens"),
    [
        pytest.param("Hello, you", 3, id="a text"),
        pytest.param([7, 8, 9, 10], 4, id="tokens"),
        pytest.param([[7, 8], [9]], 3, id="arrays of tokens"),
        pytest.param(["Hello"] * 2048, 2048, id="as many texts as there may be"),
    ],
)
def test_what_is_counted(client: Client, given: Any, tokens: int) -> None:
    got = ask(client, input=given, dimensions=4)
    assert got.usage == {"prompt_tokens": tokens, "total_tokens": tokens}


def test_a_key_is_asked_for(client: Client) -> None:
    got = client.send("POST", "/embeddings", b"{}", {"Content-Type": "application/json"})
    assert got.status == 401
    assert client.send("GET", "/embeddings", headers=_headers(client)).status == 405


def test_texts_that_share_words_are_near_each_other() -> None:
    cat, kitten, revenue = map(
        embedded, map(pieces_of, ("the cat sleeps", "the small cat sleeps", "quarterly revenue"))
    )
    near, far = (sum(a * b for a, b in zip(cat, other, strict=True)) for other in (kitten, revenue))
    assert near > 0.5 > abs(far)


def test_a_shortened_vector_points_where_the_first_numbers_do() -> None:
    pieces = pieces_of("the cat sleeps")
    long, short = embedded(pieces), embedded(pieces, 16)
    scale = math.hypot(*long[:16])
    assert short == pytest.approx([one / scale for one in long[:16]], abs=1e-6)
    assert math.hypot(*short) == pytest.approx(1, abs=1e-6)
