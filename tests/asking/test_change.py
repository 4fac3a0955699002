"""The changes by which one probe is made out of another."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.asking import change
from conformance.asking.change import (
    after,
    copies,
    costing,
    credential,
    cut_after,
    either,
    escaped,
    header,
    one_after_another,
    optional,
    path,
    raw,
    setting,
    stream,
    to_be_refused,
    without,
)
from conformance.asking.probe import Change, Credential, Expects, Probe
from conformance.contracts.chat.probes.ask import ask
from conformance.contracts.chat.probes.change import (
    at_most,
    max_tokens,
    n,
    stop,
    stream_usage,
    temperature,
    top_p,
)
from conformance.contracts.chat.probes.named import COUNT, NATO, OK, PHRASE
from tests.ids import by_value


@pytest.mark.parametrize(
    ("changed", "members", "label"),
    [
        (setting(seed=7, user="x"), {"seed": 7, "user": "x"}, 'seed=7 user="x"'),
        (setting(stop=None), {"stop": None}, "stop=null"),
        (stop("a"), {"stop": "a"}, 'stop="a"'),
        (stop("a", "b"), {"stop": ["a", "b"]}, 'stop=["a","b"]'),
        (temperature(0.5), {"temperature": 0.5}, "temperature=0.5"),
        (top_p(1), {"top_p": 1}, "top_p=1"),
        (max_tokens(5), {"max_tokens": 5}, "max_tokens=5"),
        (n(3), {"n": 3}, "n=3"),
        (stream, {"stream": True}, "stream"),
        (stream_usage, {"stream_options": {"include_usage": True}}, "include_usage"),
    ],
    ids=by_value,
)
def test_a_change_sets_members_keeps_the_others_and_names_itself(
    changed: Change, members: dict[str, Any], label: str
) -> None:
    probe = PHRASE | changed
    assert probe.members == {**PHRASE.members, **members}
    assert probe.name == f"phrase {label}"


def test_a_change_leaves_the_probe_itself_alone() -> None:
    before = (COUNT.key, COUNT.name, dict(COUNT.members))
    _ = COUNT | stream | without("messages") | to_be_refused
    assert (COUNT.key, COUNT.name, dict(COUNT.members)) == before


def test_changes_of_different_members_commute_where_the_members_were_there() -> None:
    assert (COUNT | max_tokens(5) | temperature(1)) == (COUNT | temperature(1) | max_tokens(5))


def test_what_a_change_sets_is_what_the_probe_is_about() -> None:
    steady = ask("steady", "x", temperature=0, max_tokens=9, seed=1)
    assert steady.inert == {"temperature", "max_tokens"}
    assert (steady | max_tokens(5)).inert == {"temperature"}
    assert (steady | temperature(1)).inert == {"max_tokens"}
    assert (steady | stream | stop("y")).inert == steady.inert
    assert (steady | at_most(5)).members == (steady | max_tokens(5)).members
    assert (steady | at_most(5)).inert == steady.inert
    assert (steady | raw("as it stands", '{"temperature":0}')).inert == set()


def test_what_is_left_out_is_gone() -> None:
    probe = COUNT | without("model", "temperature")
    assert probe.members.keys() == {"messages", "max_tokens"}
    assert probe.name == "count without model, temperature"


@pytest.mark.parametrize(
    ("probe", "tokens"),
    [
        (COUNT | max_tokens(5), 5),
        (COUNT | max_tokens(500), 39),
        (ask("no estimate", "x") | max_tokens(7), 7),
        (COUNT | max_tokens(0), 39),
        (COUNT | max_tokens("5"), 39),
        (COUNT | max_tokens(8) | n(3), 24),
        (COUNT | n(1.5), 39),
        (COUNT | costing(9), 9),
        (COUNT | to_be_refused, 0),
        (COUNT | either, 39),
    ],
    ids=by_value,
)
def test_what_an_answer_is_expected_to_cost(probe: Probe, tokens: int) -> None:
    assert probe.completion_tokens == tokens


def test_what_a_probe_is_made_to_get() -> None:
    assert COUNT.expects is Expects.ANSWER
    assert (COUNT | to_be_refused).expects is Expects.REFUSAL
    assert (COUNT | either).expects is Expects.EITHER


def test_features_add_up_and_are_claims() -> None:
    probe = OK | optional("vision") | optional("text-parts", "vision")
    assert probe.features == {"vision", "text-parts"}
    assert probe.claims == {"max_tokens", "vision", "text-parts"}


def test_a_raw_body_is_sent_as_it_stands() -> None:
    probe = OK | raw("broken", '{"model":')
    assert (probe.body, probe.name) == ('{"model":', "ok broken")


def test_escaping_changes_the_bytes_but_not_the_meaning() -> None:
    probe = ask("u", "é你👩")
    other = probe | escaped
    assert other.members == probe.members
    assert other.body is not None
    assert other.body.isascii()
    assert other != probe


def test_a_header_replaces_one_of_the_same_name() -> None:
    probe = OK | header("Accept", "a") | header("X", "b") | header("accept", "c")
    assert probe.headers == (("X", "b"), ("accept", "c"))
    assert probe.name == "ok Accept: a X: b accept: c"


def test_other_ways_to_send() -> None:
    assert (OK | credential(Credential.NONE)).credential is Credential.NONE
    assert (OK | credential(Credential.NONE)).name == "ok key: none"
    elsewhere = OK | path("elsewhere", "/x", "PUT")
    assert (elsewhere.path, elsewhere.method, elsewhere.name) == ("/x", "PUT", "ok elsewhere")
    assert (OK | cut_after(2)).cut_after == 2
    assert (OK | cut_after(2)).name == "ok cut after 2 events"
    assert (OK | after(NATO)).after is NATO
    assert (OK | after(NATO)).name == "ok after nato"


def test_copies_are_numbered_from_one() -> None:
    assert [probe.copy for probe in copies(3, OK)] == [1, 2, 3]


def test_copies_that_wait_for_one_another() -> None:
    first, second, third = one_after_another(3, OK)
    assert (first.after, second.after, third.after) == (None, first, second)
    assert [probe.copy for probe in (first, second, third)] == [1, 2, 3]
    assert second.name == "ok #2"


def test_every_public_change_is_tested_here() -> None:
    offered = {
        name for name, value in vars(change).items() if getattr(value, "__module__", "") == change.__name__
    }
    assert offered <= globals().keys()
