"""Faults in sampling: temperature, top_p, seed, penalties, and several choices."""

from __future__ import annotations

from conformance.reference.call import Call, JsonObject, Reply
from conformance.reference.change import crash, without
from conformance.reference.chat.faults.accounting import recounted
from conformance.reference.chat.faults.change import each_part, is_whole_answer
from conformance.reference.chat.faults.fault import on_answer, on_body, on_choice, on_events, on_usage
from conformance.reference.chat.mind.answering import Choice
from conformance.reference.chat.stream import Event
from conformance.reference.check import invalid, is_number
from conformance.reference.fault import on_refusal, on_reply
from conformance.reference.refusal import Refusal

PENALTIES = ("frequency_penalty", "presence_penalty")


@on_body("sampling.temperature-range-accepted")
def hot_refused(body: JsonObject, _: Call) -> JsonObject:
    """A temperature above 1 is refused."""
    return _refusing(body, "temperature", above=1)


@on_body("sampling.temperature-range-accepted")
def zero_temperature_refused(body: JsonObject, _: Call) -> JsonObject:
    """Temperature 0 is refused."""
    if body.get("temperature") == 0:
        raise invalid("temperature", "it must be greater than 0")
    return body


@on_body("sampling.temperature-out-of-range-refused")
def temperature_clamped(body: JsonObject, _: Call) -> JsonObject:
    """A temperature out of range is moved into it."""
    return _clamped(body, "temperature", 0, 2)


@on_refusal("sampling.temperature-wrong-type-refused")
def wrong_temperature_ignored(refusal: Refusal, call: Call) -> Refusal | None:
    """A temperature that is no number is ignored."""
    wrong = refusal.param == "temperature" and not is_number(call.json().get("temperature"))
    return None if wrong else refusal


@on_body("sampling.temperature-varies-output")
def temperature_ignored(body: JsonObject, _: Call) -> JsonObject:
    """Whatever the temperature, the likeliest answer is given."""
    valid = is_number(body.get("temperature", 0)) and 0 <= body.get("temperature", 0) <= 2
    return {**body, "temperature": 0} if valid else body


@on_body("sampling.temperature-zero-steady")
def zero_temperature_dropped(body: JsonObject, _: Call) -> JsonObject:
    """Temperature 0 is taken as not set."""
    return without(body, "temperature") if body.get("temperature") == 0 else body


@on_choice("sampling.answers-not-replayed")
def answers_replayed(choice: Choice, call: Call) -> Choice:
    """A request that was answered before gets the same answer again."""
    known: Choice = call.memory.setdefault(f"{choice.index} {call.body!r}", choice)
    return known


@on_reply("sampling.answers-not-replayed", "envelope.id-unique")
def responses_replayed(reply: Reply, call: Call) -> Reply:
    """A request that was answered before gets the whole response again, with its id."""
    if not is_whole_answer(reply, call):
        return reply
    known: Reply = call.memory.setdefault(f"replayed {call.body!r}", reply)
    return known


@on_body("sampling.temperature-default-not-zero")
def cold_by_default(body: JsonObject, _: Call) -> JsonObject:
    """Without a temperature the likeliest answer is given."""
    return {**body, "temperature": 0} if body.get("temperature") is None else body


@on_body("sampling.top-p-range-accepted")
def full_nucleus_refused(body: JsonObject, _: Call) -> JsonObject:
    """top_p 1 is refused."""
    if body.get("top_p") == 1:
        raise invalid("top_p", "it must be less than 1")
    return body


@on_body("sampling.top-p-out-of-range-refused")
def nucleus_clamped(body: JsonObject, _: Call) -> JsonObject:
    """A top_p out of range is moved into it."""
    return _clamped(body, "top_p", 0, 1)


@on_body("sampling.top-p-zero-no-crash")
def empty_nucleus_crashes(body: JsonObject, _: Call) -> JsonObject:
    """top_p 0 is a crash."""
    if body.get("top_p") == 0:
        raise crash()
    return body


@on_body("sampling.top-p-narrows-output")
def nucleus_ignored(body: JsonObject, _: Call) -> JsonObject:
    """top_p is ignored."""
    valid = is_number(body.get("top_p")) and 0 <= body["top_p"] <= 1
    return without(body, "top_p") if valid else body


@on_body("sampling.temperature-with-top-p")
def both_samplers_refused(body: JsonObject, _: Call) -> JsonObject:
    """temperature and top_p may not be set together."""
    if body.get("temperature") is not None and body.get("top_p") is not None:
        raise invalid("top_p", "it cannot be combined with 'temperature'")
    return body


@on_body("sampling.seed-repeats")
def seed_ignored(body: JsonObject, _: Call) -> JsonObject:
    """`seed` is ignored."""
    return without(body, "seed")


@on_body("sampling.seed-repeats")
def seed_refused(body: JsonObject, _: Call) -> JsonObject:
    """`seed` is refused."""
    if body.get("seed") is not None:
        raise Refusal("Extra inputs are not permitted.", param="seed")
    return body


@on_body("sampling.logit-bias-selects")
def logit_bias_ignored(body: JsonObject, _: Call) -> JsonObject:
    """`logit_bias` is ignored where it is valid."""
    biases = body.get("logit_bias")
    valid = isinstance(biases, dict) and all(is_number(b) and abs(b) <= 100 for b in biases.values())
    return without(body, "logit_bias") if valid else body


@on_body("sampling.logit-bias-selects")
def logit_bias_refused(body: JsonObject, _: Call) -> JsonObject:
    """A `logit_bias` is refused, unless it is empty."""
    if body.get("logit_bias"):
        raise Refusal("Extra inputs are not permitted.", param="logit_bias")
    return body


@on_body("sampling.logit-bias-selects", "errors.client-mistake-never-5xx")
def logit_bias_crashes(body: JsonObject, _: Call) -> JsonObject:
    """A `logit_bias` is a crash, unless it is empty."""
    if body.get("logit_bias"):
        raise crash()
    return body


@on_body("sampling.null-is-unset")
def null_sampler_refused(body: JsonObject, _: Call) -> JsonObject:
    """temperature and top_p may not be null."""
    for name in ("temperature", "top_p"):
        if name in body and body[name] is None:
            raise invalid(name, "null is not allowed")
    return body


@on_body("choices.n-answers")
def n_ignored(body: JsonObject, _: Call) -> JsonObject:
    """`n` is ignored where it is valid: there is one choice."""
    return {**body, "n": 1} if isinstance(body.get("n"), int) and body["n"] > 1 else body


@on_body("choices.n-answers")
def n_refused(body: JsonObject, _: Call) -> JsonObject:
    """An n above 1 is refused."""
    return _refusing(body, "n", above=1)


@on_body("choices.n-answers")
def n_needs_heat(body: JsonObject, _: Call) -> JsonObject:
    """An n above 1 is refused at temperature 0."""
    return _refusing(body, "n", above=1) if body.get("temperature") == 0 else body


@on_answer("choices.independent", "tools.ids-unique")
def choices_copied(answer: JsonObject, _: Call) -> JsonObject:
    """All choices are copies of the first one."""
    first = answer["choices"][0]
    return {**answer, "choices": [{**first, "index": i} for i in range(len(answer["choices"]))]}


@on_answer("choices.all-billed")
def one_choice_billed(answer: JsonObject, _: Call) -> JsonObject:
    """Of several choices only one is counted."""
    usage = answer["usage"]
    share = usage["completion_tokens"] // len(answer["choices"])
    return {**answer, "usage": recounted(usage, completion=share)}


@on_usage("choices.prompt-billed-once")
def prompt_billed_per_choice(usage: JsonObject, call: Call) -> JsonObject:
    """The prompt is billed once for each choice."""
    return recounted(usage, prompt=usage["prompt_tokens"] * (call.json().get("n") or 1))


@on_events(
    "choices.streamed-separately",
    "stream.role-once-first",
    "stream.finish-reason-once",
    "sdk.role-accumulates",
    "sdk.tool-calls-accumulate",
)
def streamed_choices_merged(events: list[Event], _: Call) -> list[Event]:
    """In streams all choices have the index 0."""
    return each_part(events, lambda part: {**part, "index": 0})


@on_events("choices.streamed-separately")
def one_choice_streamed(events: list[Event], _: Call) -> list[Event]:
    """Only the first choice is streamed."""
    return [
        e for e in events if not isinstance(e.data, dict) or all(c["index"] == 0 for c in e.data["choices"])
    ]


@on_refusal("choices.invalid-n-refused")
def wrong_n_ignored(refusal: Refusal, _: Call) -> Refusal | None:
    """An n that is no positive integer is ignored."""
    return None if refusal.param == "n" else refusal


@on_body("penalties.range-accepted")
def negative_penalties_refused(body: JsonObject, _: Call) -> JsonObject:
    """Penalties below 0 are refused."""
    for name in PENALTIES:
        if is_number(body.get(name)) and -2 <= body[name] < 0:
            raise invalid(name, "it must not be negative")
    return body


@on_body("penalties.out-of-range-refused")
def penalties_clamped(body: JsonObject, _: Call) -> JsonObject:
    """Penalties out of range are moved into it."""
    return _clamped(_clamped(body, "frequency_penalty", -2, 2), "presence_penalty", -2, 2)


@on_body("penalties.frequency-reduces-repetition")
def frequency_penalty_ignored(body: JsonObject, _: Call) -> JsonObject:
    """frequency_penalty is ignored where it is valid."""
    return _ignored(body, "frequency_penalty")


@on_body("penalties.presence-reduces-repetition")
def presence_penalty_ignored(body: JsonObject, _: Call) -> JsonObject:
    """presence_penalty is ignored where it is valid."""
    return _ignored(body, "presence_penalty")


@on_body("penalties.frequency-reduces-repetition", "penalties.presence-reduces-repetition")
def penalties_turned_round(body: JsonObject, _: Call) -> JsonObject:
    """Penalties have the wrong sign."""
    return {k: -v if k in PENALTIES and is_number(v) else v for k, v in body.items()}


def _ignored(body: JsonObject, name: str) -> JsonObject:
    return without(body, name) if is_number(body.get(name)) and -2 <= body[name] <= 2 else body


def _clamped(body: JsonObject, name: str, low: float, high: float) -> JsonObject:
    return {**body, name: min(high, max(low, body[name]))} if is_number(body.get(name)) else body


def _refusing(body: JsonObject, name: str, above: float) -> JsonObject:
    if is_number(body.get(name)) and body[name] > above:
        raise invalid(name, f"it must not exceed {above}")
    return body
