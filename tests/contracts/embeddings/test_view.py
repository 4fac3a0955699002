"""What a view of embeddings shows, and whom it points at where it cannot."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.contracts.embeddings.probes.named import BATCH, TEXT, TOKEN_ARRAYS, TOKENS
from conformance.contracts.embeddings.reading.view import View
from conformance.contracts.hidden import Blocked, CannotSee
from conformance.contracts.view import Refused
from tests.contracts.chat.cases.recorded import attempt
from tests.contracts.embeddings.answers import exchange, listed, of, refused

A, B = [1.0, 0.0], [0.0, 1.0]

PROPERTIES = ("legible", "encoding", "inputs", "json", "entries", "vectors", "vector", "usage")


def blocked(view: View, name: str) -> str:
    with pytest.raises(Blocked) as found:
        getattr(view, name)
    return found.value.requirement


def test_the_inputs_of_a_request() -> None:
    counts = [of({}, probe).inputs for probe in (TEXT, BATCH, TOKENS, TOKEN_ARRAYS)]
    assert counts == [1, 3, 1, 2]


def test_vectors_come_by_their_index() -> None:
    body = listed(A, B, A)
    body["data"] = [body["data"][1], body["data"][0], body["data"][2]]
    assert [list(one.numbers) for one in of(body, BATCH).vectors] == [A, B, A]


@pytest.mark.parametrize(
    "indexes", [[0, 0, 0], [1, 2, 3], ["0", "1", "2"], [None, 0, 1], [True, 0, 2]], ids=str
)
def test_where_the_indexes_are_wrong_vectors_come_as_they_stand(indexes: list[Any]) -> None:
    body = listed(A, B, B)
    for entry, index in zip(body["data"], indexes, strict=True):
        entry["index"] = index
    assert [list(one.numbers) for one in of(body, BATCH).vectors] == [A, B, B]


@pytest.mark.parametrize(
    ("body", "name", "owner"),
    [
        pytest.param([], "json", "embeddings.one-json-object", id="an array"),
        pytest.param(b"<html>", "json", "embeddings.one-json-object", id="a page"),
        pytest.param({"error": {"message": "no"}}, "json", "embeddings.one-json-object", id="an error"),
        pytest.param({"data": {}}, "entries", "embeddings.matches-schema", id="data an object"),
        pytest.param({"data": [A]}, "vectors", "embeddings.matches-schema", id="bare vectors"),
        pytest.param(listed(), "vectors", "vectors.one-for-each-input", id="no entry"),
        pytest.param(listed(A, A), "vectors", "vectors.one-for-each-input", id="an entry too many"),
        pytest.param(listed(A, prompt=-1), "usage", "counts.present-and-integer", id="a negative count"),
        pytest.param(listed(A, prompt=True), "usage", "counts.present-and-integer", id="a boolean count"),
        pytest.param(listed(A, usage=None), "usage", "counts.present-and-integer", id="no usage"),
    ],
)
def test_what_cannot_be_seen_names_who_owns_it(body: Any, name: str, owner: str) -> None:
    assert blocked(of(body), name) == owner


def test_a_refusal_is_no_answer() -> None:
    with pytest.raises(Refused):
        View(refused(TEXT)).vectors  # noqa: B018 - to look at it is what is tried


NAMES = "object data model usage error index embedding prompt_tokens total_tokens".split()  # noqa: SIM905
scalars = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=5)
shapes = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=12,
)


@given(shapes)
def test_no_shape_of_an_answer_breaks_a_view(body: Any) -> None:
    text = json.dumps(body).encode("utf-8", "surrogatepass")
    for probe in (TEXT, BATCH):
        view = View(exchange(probe, attempt(200, text)))
        for name in PROPERTIES:
            with contextlib.suppress(CannotSee):
                getattr(view, name)


def test_the_list_of_properties_is_complete() -> None:
    own = {name for name in vars(View) if not name.startswith("_")}
    assert own == set(PROPERTIES)
