"""The list that carries the embeddings."""

from __future__ import annotations

import re
from typing import Any

from conformance.contracts.embeddings.reading.schema import violations
from conformance.contracts.embeddings.reading.view import View
from conformance.contracts.embeddings.selecting import every_answer
from conformance.contracts.embeddings.sources import METHOD, OPENAI, RFC
from conformance.contracts.model_ids import extends, same_model
from conformance.judging.requirement import MUST, SHOULD, requirement
from conformance.judging.saying import needs, visible, warn, wrong

OWNED = re.compile(r"^\$\.data\[\d+\]\.(index|embedding)$")
"""Paths whose violations other requirements report."""


def indexes(answer: View) -> list[Any]:
    """What the entries have as `index`, in the order in which they stand there."""
    return [one.get("index") for one in answer.entries]


def complete(answer: View) -> bool:
    """Whether the indexes are the integers from 0, each once, in whatever order."""
    found = indexes(answer)
    return all(type(index) is int for index in found) and set(found) == set(range(len(found)))


@requirement(
    "embeddings.one-json-object",
    MUST,
    source=(OPENAI.create, OPENAI.answer, RFC.json_names),
    hurts="Nothing works: clients cannot read the answer.",
)
@every_answer
def test_answer_is_one_json_object(answer: View) -> None:
    """A request is answered with status 200 and exactly one JSON object, without an error in it."""
    assert answer.status == 200, wrong(
        "the answer has status {status}", answer.at_status(), status=answer.status
    )
    visible(answer.json)
    trailing = [fault for fault in answer.document.faults if fault.kind == "trailing-data"]
    assert not trailing, wrong(
        "something follows the JSON object: {fault}",
        answer.at_byte(trailing[0].offset),
        fault=trailing[0].message,
    )


@requirement(
    "embeddings.matches-schema",
    MUST,
    source=OPENAI.answer,
    hurts="Typed clients fail to decode the answer, and others find nothing where they look.",
)
@every_answer
def test_answer_matches_the_schema(answer: View) -> None:
    """The answer has object `list`, a model, and data: an array of objects `embedding`."""
    found = [one for one in violations(answer.json) if not OWNED.match(one.path)]
    assert not found, wrong(
        "{violation}", answer.at(found[0].path.removeprefix("$")), violation=str(found[0])
    )


@requirement(
    "embeddings.model-named",
    MUST,
    source=OPENAI.model,
    hurts="Vectors of different models cannot be compared, and nobody sees that another one gave them.",
)
@every_answer
def test_model_names_the_requested(answer: View) -> None:
    """`model` names the requested model: the same id, or a version or prefix of it."""
    requested, named = str(answer.request.get("model")), answer.json.get("model")
    needs("embeddings.matches-schema", isinstance(named, str), "`model` is no string")
    if not same_model(requested, str(named)):
        shown = {"requested": requested[:60], "named": str(named)[:60]}
        where = answer.at("model")
        if extends(requested, str(named)):
            warn("{requested!r} was asked for, {named!r} is named: perhaps another model", where, **shown)
        wrong("{requested!r} was asked for, {named!r} is named", where, **shown)


@requirement(
    "embeddings.index-complete",
    MUST,
    source=OPENAI.index,
    hurts="Clients that sort by `index` give texts the vectors of others, and no search tells.",
)
@every_answer
def test_each_input_has_its_index(answer: View) -> None:
    """The entries have the integers from 0 on as `index`, each once."""
    assert complete(answer), wrong("the indexes are {found}", answer.at("data"), found=indexes(answer))


@requirement(
    "embeddings.in-order",
    SHOULD,
    source=(OPENAI.index, METHOD.practice),
    hurts="Most clients do not look at `index`, and give texts the vectors of others.",
)
@every_answer
def test_embeddings_are_in_order(answer: View) -> None:
    """`index` of each entry is its position in the list: the entries are in the order of the inputs."""
    found = indexes(answer)
    needs("embeddings.index-complete", complete(answer), "the indexes are {found}", found=found)
    in_order = found == list(range(len(found)))
    assert in_order, wrong("the indexes are {found}", answer.at("data"), found=found)
