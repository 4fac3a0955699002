"""What the first exchange shows of a model, and how requests are adapted to it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.asking.budget import Budget
from conformance.asking.change import escaped, stream, to_be_refused
from conformance.asking.probe import Probe
from conformance.asking.sending import Sending
from conformance.contracts.chat.probes.ask import ask
from conformance.contracts.chat.probes.change import at_most, max_tokens, temperature
from conformance.contracts.chat.probes.named import COUNT, OK
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.traits import LEAST, ROOM, Traits, learn, learn_limit, recalled
from conformance.wire.record import Attempt, Request
from tests.asking.wire import FINE, Wire, carry_out
from tests.contracts.chat.cases.recorded import attempt, exchange
from tests.ids import by_value

FIXED = {"message": "Only the default (1) value is supported.", "param": "temperature"}
RENAMED = {"message": "'max_tokens' is not supported. Use 'max_completion_tokens' instead.", "param": None}
OUT_OF_ROOM = {"message": "Could not finish: max_tokens or model output limit was reached.", "param": None}


def refusal(error: Any, status: int = 400) -> Attempt:
    return attempt(status, {"error": error})


def answer(content: str | None, finish_reason: str = "stop", **usage: Any) -> Attempt:
    message = {"role": "assistant", "content": content, **usage.pop("message", {})}
    counts = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5, **usage}
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    return attempt(200, {"id": "c", "object": "chat.completion", "choices": [choice], "usage": counts})


@pytest.mark.parametrize(
    ("first", "learnt"),
    [
        (refusal(FIXED), Traits(fixed_temperature=True)),
        (refusal(FIXED, 422), Traits(fixed_temperature=True)),
        (refusal({"message": "Temperature must be 1."}), Traits(fixed_temperature=True)),
        (attempt(422, {"detail": "temperature: must be 1"}), Traits(fixed_temperature=True)),
        (refusal(RENAMED), Traits(completion_limit_only=True)),
        (refusal(OUT_OF_ROOM), Traits(thinks=True)),
        (refusal({"message": "Please try again with higher max_completion_tokens."}), Traits(thinks=True)),
        (refusal({"message": "The limit of requests was reached, not of max_tokens."}), Traits()),
        (refusal(OUT_OF_ROOM, 422), Traits()),
        (refusal({"message": "max_tokens is too large", "param": "max_tokens"}), Traits()),
        (refusal({"message": "messages must not be empty"}), Traits()),
        (refusal(FIXED, 403), Traits()),
        (refusal(FIXED, 500), Traits()),
        (attempt(400, b"\xff\xfe"), Traits()),
        (answer("1 2 3"), Traits()),
        (answer("", "stop"), Traits()),
        (answer("", "length"), Traits(thinks=True)),
        (answer(None, "length"), Traits(thinks=True)),
        (answer("1 2", completion_tokens_details={"reasoning_tokens": 7}), Traits(thinks=True)),
        (answer("1 2", completion_tokens_details={"reasoning_tokens": 0}), Traits()),
        (answer("1 2", message={"reasoning_content": "Hm."}), Traits(thinks=True)),
        (attempt(200, b"no JSON"), Traits()),
        (attempt(200, {"choices": 5}), Traits()),
    ],
    ids=by_value,
)
def test_what_an_exchange_shows(first: Attempt, learnt: Traits) -> None:
    assert learn(Traits(), View(exchange(COUNT, first))) == learnt


def test_what_was_not_sent_is_not_learnt_about() -> None:
    bare = ask("bare", "x")
    assert learn(Traits(), View(exchange(bare, refusal(FIXED)))) == Traits()
    assert learn(Traits(), View(exchange(bare, refusal(RENAMED)))) == Traits()


def test_nothing_is_taken_back() -> None:
    known = Traits(True, True, True)
    assert learn(known, View(exchange(COUNT, FINE))) == known


ALL = Traits(fixed_temperature=True, completion_limit_only=True, thinks=True)


@pytest.mark.parametrize(
    ("probe", "members"),
    [
        (COUNT, {"max_completion_tokens": ROOM}),
        (COUNT | stream, {"max_completion_tokens": ROOM, "stream": True}),
        (COUNT | at_most(2), {"max_completion_tokens": ROOM}),
        (COUNT | max_tokens(5), {"max_tokens": 5}),
        (COUNT | temperature(0.5), {"temperature": 0.5, "max_completion_tokens": ROOM}),
        (OK | temperature(2.1) | to_be_refused, {"temperature": 2.1, "max_completion_tokens": ROOM}),
        (OK | max_tokens(0) | to_be_refused, {"max_tokens": 0}),
    ],
    ids=by_value,
)
def test_only_what_a_probe_is_not_about_is_adapted(probe: Probe, members: dict[str, Any]) -> None:
    adapted, _ = ALL.adapted(probe)
    shared = {"model": "{model}", "messages": probe.members["messages"]}
    assert dict(adapted.members) == {**shared, **members}


def test_what_was_changed_is_said() -> None:
    assert ALL.adapted(COUNT)[1] == (
        "temperature left out",
        "limit raised to 1024 tokens",
        "max_completion_tokens in place of max_tokens",
    )
    assert ALL.adapted(COUNT | max_tokens(5))[1] == ("temperature left out",)
    assert ALL.adapted(ask("bare", "x")) == (ask("bare", "x"), ())
    assert Traits().adapted(COUNT) == (COUNT, ())


def test_escapes_stay_escapes() -> None:
    probe = ask("é", "é", temperature=0)
    assert "é" in (ALL.adapted(probe)[0].body or "")
    assert r"\u00e9" in (ALL.adapted(probe | escaped)[0].body or "")


class Particular(Wire):
    """Refuses a temperature, and a limit under its old name."""

    async def send(self, request: Request, how: Sending) -> Attempt:
        await super().send(request, how)
        body = json.loads(request.body)
        if "temperature" in body:
            return refusal(FIXED)
        return refusal(RENAMED) if "max_tokens" in body else answer("1 2 3")


def test_the_first_exchange_is_had_again_and_the_others_follow() -> None:
    wire = Particular()
    other = ask("other", "other", temperature=0, max_tokens=9) | stream
    hot = ask("hot", "hot", max_tokens=9) | temperature(2)
    first, *rest = carry_out(wire, COUNT, other, hot)
    assert (first.probe, first.key, first.claims) == ("count", COUNT.key, ("max_tokens", "temperature"))
    assert [one.status for one in first.attempts] == [400, 400, 200]
    assert json.loads(first.request.body).keys() == {"model", "messages", "max_completion_tokens"}
    assert first.adapted == ("temperature left out", "max_completion_tokens in place of max_tokens")
    found = {one.probe: one for one in rest}
    assert [one.status for one in found["other stream"].attempts] == [200]
    assert found["other stream"].adapted == first.adapted
    assert [one.status for one in found["hot temperature=2"].attempts] == [400]
    assert found["hot temperature=2"].adapted == ("max_completion_tokens in place of max_tokens",)
    assert len(wire.sent) == 5


class Generous(Wire):
    """Serves no limit below 16 tokens."""

    words = "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16."

    async def send(self, request: Request, how: Sending) -> Attempt:
        await super().send(request, how)
        small = json.loads(request.body).get("max_tokens", 16) < 16
        return refusal({"message": self.words}) if small else answer("OK")


def test_a_limit_that_is_no_matter_is_raised_where_it_is_refused() -> None:
    wire = Generous()
    cheap = [ask(f"cheap {number}", f"{number}", max_tokens=4) for number in range(4)]
    about = COUNT | max_tokens(5)
    found = {one.probe: one for one in carry_out(wire, COUNT, *cheap, about, concurrency=3)}
    assert found["count"].adapted == ()
    assert [one.status for one in found["count max_tokens=5"].attempts] == [400]
    made = [[one.status for one in found[probe.name].attempts] for probe in cheap]
    # Those that were under way when the first was refused are sent again, too; the others are not refused.
    assert made == [[400, 200], [400, 200], [400, 200], [200]]
    assert {found[probe.name].adapted for probe in cheap} == {(f"limit raised to {LEAST} tokens",)}
    assert {json.loads(found[probe.name].request.body)["max_tokens"] for probe in cheap} == {LEAST}


def test_a_refusal_that_a_greater_limit_does_not_change_stands() -> None:
    wire = Wire(lambda name, time: answer("1 2") if name == "first" else refusal(BELOW))
    _, other = carry_out(wire, ask("first", "first", max_tokens=90), ask("other", "other", max_tokens=4))
    assert [one.status for one in other.attempts] == [400, 400]


BELOW = {"message": "max_tokens must be at least 16"}


@pytest.mark.parametrize(
    ("sent", "refused", "learnt"),
    [
        (OK, refusal(BELOW), Traits(no_small_limit=True)),
        (OK, refusal(BELOW, 422), Traits(no_small_limit=True)),
        (OK, refusal({"message": "No.", "param": "max_output_tokens"}), Traits(no_small_limit=True)),
        (
            OK,
            refusal({"message": "Invalid max_completion_tokens: 4 is too small"}),
            Traits(no_small_limit=True),
        ),
        (OK, refusal(OUT_OF_ROOM), Traits(thinks=True)),
        (
            OK,
            refusal({"message": "max_tokens must be greater than or equal to 16"}),
            Traits(no_small_limit=True),
        ),
        (OK, refusal({"message": "The range of max_tokens is [16, 8192]"}), Traits()),
        (
            OK,
            refusal({"message": "Invalid max_tokens, the range is [16, 8192]"}),
            Traits(no_small_limit=True),
        ),
        (OK, refusal(BELOW, 403), Traits()),
        (OK, refusal({"message": "No."}), Traits()),
        (
            OK,
            refusal({"message": "max_tokens is unknown; messages must have at least one"}),
            Traits(no_small_limit=True),
        ),
        (OK, answer("OK"), Traits()),
        (COUNT | max_tokens(5), refusal(BELOW), Traits()),
        (COUNT, refusal(BELOW), Traits()),
        (ask("bare", "x"), refusal(BELOW), Traits()),
    ],
    ids=by_value,
)
def test_what_the_refusal_of_a_limit_shows(sent: Probe, refused: Attempt, learnt: Traits) -> None:
    assert learn_limit(Traits(), sent, View(exchange(sent, refused))) == learnt


def test_what_was_raised_is_recalled() -> None:
    first = View(exchange(COUNT, answer("1 2")))
    for traits in (Traits(), Traits(no_small_limit=True), Traits(thinks=True)):
        assert recalled(first, traits.adapted(OK)[1]) == traits


def test_what_did_not_help_is_forgotten() -> None:
    wire = Wire(lambda name, time: refusal(FIXED))
    first, other = carry_out(wire, COUNT, ask("other", "other", temperature=0))
    assert [len(first.attempts), len(other.attempts)] == [2, 1]
    assert json.loads(other.request.body)["temperature"] == 0
    assert other.adapted == ()


def test_a_served_answer_is_not_asked_for_again() -> None:
    wire = Wire(lambda name, time: answer("1 2", completion_tokens_details={"reasoning_tokens": 7}))
    first, other = carry_out(wire, COUNT, ask("other", "other", temperature=0, max_tokens=9))
    assert (len(first.attempts), first.adapted, json.loads(first.request.body)["max_tokens"]) == (1, (), 120)
    assert other.adapted == ("limit raised to 1024 tokens",)


def test_the_budget_counts_what_is_asked_again() -> None:
    wire = Particular()
    found = carry_out(wire, COUNT, ask("other", "other"), budget=Budget(max_requests=2))
    assert len(wire.sent) == 2
    assert [one.status for one in found[0].attempts] == [400, 400]
    assert found[0].adapted == ("temperature left out",)
