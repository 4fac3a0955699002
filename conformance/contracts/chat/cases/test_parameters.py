"""Request parameters that no other area is about: accepted where documented, and refused where senseless."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from conformance.asking.change import costing, either, setting, to_be_refused
from conformance.asking.probe import Probe
from conformance.contracts import refusal
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.invalid import TEXT_STREAM
from conformance.contracts.chat.probes.named import COUNT, COUNT_USAGE, NATO_STOPPED, NEXT, OK, question
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.reasoning import reasons
from conformance.contracts.chat.sources import METHOD, OPENAI
from conformance.contracts.host.refusing import are_refused
from conformance.judging.requirement import MAY, MUST, SHOULD, Wanted, controls, probes_for, requirement
from conformance.judging.saying import assume, concerns, needs, note, visible, warn, wrong
from conformance.provider.model import Claims, ClaimState
from conformance.wire.message import Message

ACCEPTED = "parameters.defaults-accepted"

OWN: Mapping[str, Any] = {
    "response_format": {"type": "text"},
    "modalities": ["text"],
    "service_tier": "auto",
    "store": False,
    "user": "conformance",
    "safety_identifier": "conformance",
    "prompt_cache_key": "conformance",
    "logit_bias": {},
}
"""Values without an effect on the answer, of parameters whose acceptance no other area looks at."""

UNSEEN: Mapping[str, Any] = {
    "modalities": ["text"],
    "service_tier": "auto",
    "store": False,
    "user": "conformance",
    "safety_identifier": "conformance",
    "prompt_cache_key": "conformance",
    "metadata": {"run": "conformance"},
    "prediction": {"type": "content", "content": "OK"},
    "audio": {"voice": "alloy", "format": "wav"},
    "reasoning_effort": "low",
    "verbosity": "low",
    "web_search_options": {},
    "prompt_cache_options": {},
    "prompt_cache_retention": "in_memory",
}
"""Values of parameters whose effect no area looks for: to ask what becomes of those that documents say are
ignored or refused, where some would have an effect that costs more than it shows."""

USUAL: Mapping[str, Any] = {
    "n": 1,
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "logprobs": False,
}
"""Defaults that many clients send whether they were set or not."""

NULLABLE = (
    "n",
    "stream",
    "stream_options",
    "frequency_penalty",
    "presence_penalty",
    "logit_bias",
    "logprobs",
    "top_logprobs",
    "seed",
    "reasoning_effort",
    "verbosity",
    "modalities",
    "audio",
    "prediction",
    "service_tier",
    "store",
    "metadata",
    "moderation",
    "safety_identifier",
)
"""Documented with null as a value. Other areas ask the same of temperature, top_p and stop; of the limits
nobody does, because an answer without a limit can be long."""

OF_WRONG_TYPE: Mapping[str, Any] = {"stop": 5, "metadata": "text"}
"""One of each family: text or texts, an object. Other areas ask it of the numbers, integers and booleans."""

OUT_OF_RANGE: Mapping[str, Any] = {"logit_bias": {"1": 101}, "service_tier": "no-such-tier"}
"""Other areas ask it of the numbers that stand alone."""

DEPENDENT = {
    "top_logprobs": OK | setting(top_logprobs=2) | to_be_refused,
    "stream_options": OK | setting(stream_options={"include_usage": True}) | to_be_refused,
}
"""Requests with a parameter, and without the other one that it needs."""

TIERS = ("auto", "default", "flex", "scale", "priority", "fast")

FUNCTION = {
    "name": "get_weather",
    "description": "Get the current weather in a city",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string", "description": "The name of the city"}},
        "required": ["city"],
    },
}
FUNCTIONS = (
    question("weather", prompts.WEATHER)
    | setting(functions=[FUNCTION], function_call={"name": FUNCTION["name"]})
    | costing(12)
)


def promised(claims: Claims, name: str) -> bool:
    """The documents say that the parameter is supported, whatever the model."""
    depends = claims.detail(name, "model_dependent") or claims.detail(name, "only_with")
    return claims.documents(name) and not depends


def with_all(label: str, values: Mapping[str, Any]) -> tuple[Probe, ...]:
    """One request with all these parameters; none where there are none."""
    probe = OK | setting(**values) | either
    # Their values would make the name too long to read.
    return (OK.changed(f"{label}: {', '.join(values)}", body=probe.body) | either,) if values else ()


def harmless(claims: Claims) -> Wanted:
    """What is documented in one request, what is not mentioned in another, what is ignored in a third.

    What is refused has a request of its own each.
    """
    state = claims.state
    ignored = {name: value for name, value in UNSEEN.items() if state(name) is ClaimState.IGNORED}
    refused = [{name: value} for name, value in UNSEEN.items() if state(name) is ClaimState.REFUSED]
    documented = {name: value for name, value in OWN.items() if promised(claims, name)}
    silent = {name: value for name, value in {**OWN, **USUAL}.items() if name not in claims.claims}
    return {
        "documented": with_all("with defaults", documented),
        "silent": with_all("with undocumented defaults", silent),
        "ignored": with_all("with what is ignored", ignored),
        "refused": tuple(probe for one in refused for probe in with_all("with what is refused", one)),
    }


def nulls(claims: Claims) -> Wanted:
    """Every documented parameter that may be null, in one request."""
    names = [name for name in NULLABLE if promised(claims, name)]
    names = [name for name in names if "null" in claims.detail(name, "types", ("null",))]
    return {"answers": with_all("with nulls", dict.fromkeys(names))}


def senseless(claims: Claims, values: Mapping[str, Any], **further: Probe) -> Wanted:
    """One request for each of the values whose parameter is documented, and those of their own."""
    alone = {name: OK | setting(**{name: value}) | to_be_refused for name, value in values.items()}
    wanted = {**alone, **further}
    return {"answers": tuple(probe for name, probe in wanted.items() if promised(claims, name))}


def refusal_of(view: View) -> tuple[str, ...]:
    """The parameters of the request that its refusal names; where `param` names one, that one."""
    names = [name for name in view.request if name not in ("model", "messages", "max_tokens")]
    param = view.named_parameter
    if param in names:
        return (param,)
    said = re.findall(r"\w+", (refusal.words(view.document.value) or view.error_text)[:2000])
    return tuple(name for name in names if name in said)


def named(names: Iterable[str]) -> Message:
    """The names as they stand in a message, at most five of them."""
    listed = ", ".join(f"`{name}`" for name in list(names)[:5])
    return Message.of("{names}", names=listed) if listed else Message("none of them by name")


def note_what_is_left_to_the_model(refused: View, control: View, claims: Claims) -> None:
    """What the documents let a model that reasons refuse is no fault of one that does."""
    blamed = refusal_of(refused)
    if blamed and reasons(control) and all(claims.detail(name, "unless_reasoning") for name in blamed):
        note(
            "refused, as a model that reasons may: {names}: {refusal}",
            refused.at_status(),
            names=named(blamed),
            refusal=refused.refusal_in_words,
        )


@requirement(
    ACCEPTED,
    MUST,
    source=(OPENAI.parameters, METHOD.practice),
    hurts="Clients that always send what is documented, if only at its default, get no answer.",
)
@controls(control=COUNT)
@probes_for(harmless)
def test_defaults_are_accepted(
    control: View,
    documented: tuple[View, ...],
    silent: tuple[View, ...],
    ignored: tuple[View, ...],
    refused: tuple[View, ...],
    claims: Claims,
) -> None:
    """Documented parameters are accepted at a value that changes nothing, or refused where that is said."""
    asked = documented or silent or ignored or refused
    concerns(asked, "the documents mention all of them, none for every model")
    assume(control.served, "a request without them is not served either")
    for answer in ignored:
        blamed = refusal_of(answer) if not answer.served else ()
        assert answer.served, wrong(
            "refused, though the documents say that they are ignored: {names}: {refusal}",
            answer.at_status(),
            names=named(blamed),
            refusal=answer.refusal_in_words,
        )
    for answer in refused:
        names = named(name for name in answer.request if name in UNSEEN)
        assert not answer.served, wrong(
            "accepted, though the documents say that it is refused: {names}", answer.at_status(), names=names
        )
    for answer in documented:
        blamed = refusal_of(answer) if not answer.served else ()
        found = {"names": named(blamed), "refusal": answer.refusal_in_words}
        if blamed and all(claims.detail(name, "implied") for name in blamed):
            warn("refused: {names}: {refusal}", answer.at_status(), **found)
        if not answer.served:
            note_what_is_left_to_the_model(answer, control, claims)
        assert answer.served, wrong("refused: {names}: {refusal}", answer.at_status(), **found)
        visible(answer.choices)
    for answer in silent:
        if not answer.served:
            note(
                "refused at the default: {names}: {refusal}",
                answer.at_status(),
                names=named(refusal_of(answer)),
                refusal=answer.refusal_in_words,
            )


@requirement(
    "parameters.null-is-unset",
    SHOULD,
    source=(OPENAI.parameters, METHOD.practice),
    hurts="Clients that send null for what was not set, as openai-python does for None, get no answer.",
)
@controls(control=COUNT)
@probes_for(nulls)
def test_null_means_unset(control: View, answers: tuple[View, ...], claims: Claims) -> None:
    """Parameters that may be null are accepted as null, as if they were left out."""
    concerns(answers, "no parameter is documented that may be null")
    assume(control.served, "a request without them is not served either")
    for answer in answers:
        if not answer.served:
            note_what_is_left_to_the_model(answer, control, claims)
        assert answer.served, wrong(
            "null is refused: {names}: {refusal}",
            answer.at_status(),
            names=named(refusal_of(answer)),
            refusal=answer.refusal_in_words,
        )
        count = len(answer.choices)
        assert count == 1, wrong(
            "with `n: null` there are {count} choices", answer.at("choices"), count=count
        )


@requirement(
    "parameters.wrong-types-refused",
    SHOULD,
    source=OPENAI.parameters,
    hurts="A bug in a client is answered as if the parameter were not there.",
)
@controls(control=COUNT, stopped=NATO_STOPPED)
@probes_for(lambda claims: senseless(claims, OF_WRONG_TYPE, stream=TEXT_STREAM))
def test_wrong_types_are_refused(control: View, stopped: View, answers: tuple[View, ...]) -> None:
    """A documented parameter whose value is of another type than documented is refused."""
    concerns(answers, "no parameter of these is documented")
    assume(control.served, "a valid request is not served either")
    heeded = not stopped.served or NEXT not in stopped.text
    needs("stop.string-stops", heeded, "not even a valid stop string is heeded")
    are_refused(*answers)


@requirement("parameters.out-of-range-refused", SHOULD, source=OPENAI.parameters)
@controls(control=COUNT)
@probes_for(lambda claims: senseless(claims, OUT_OF_RANGE))
def test_values_out_of_range_are_refused(control: View, answers: tuple[View, ...]) -> None:
    """A documented logit_bias beyond 100, and a service_tier that does not exist, are refused."""
    concerns(answers, "no parameter of these is documented")
    assume(control.served, "a valid request is not served either")
    are_refused(*answers)


@requirement(
    "parameters.needed-ones-demanded",
    MAY,
    source=(OPENAI.top_logprobs_needs, OPENAI.stream_options_needs),
    hurts="Whoever forgets the other parameter learns it from an answer that lacks what was asked for.",
)
@controls(control=COUNT, usage=COUNT_USAGE)
@probes_for(lambda claims: senseless(claims, {}, **DEPENDENT))
def test_a_parameter_that_needs_another_is_refused_without_it(
    control: View, usage: View, answers: tuple[View, ...]
) -> None:
    """top_logprobs without logprobs, and stream_options without stream, are refused, if documented."""
    concerns(answers, "no parameter of these is documented")
    assume(control.served, "a valid request is not served either")
    visible(control.choices)
    asks = any("stream_options" in view.request for view in answers) and usage.last.succeeded
    heeded = not asks or usage.usage_members is not None
    needs("stream.usage-chunk-last", heeded, "stream_options is ignored anyway")
    are_refused(*answers)


@requirement("parameters.service-tier-named", MAY, source=OPENAI.service_tier, claim="service_tier")
@probes_for(lambda claims: {"answers": harmless(claims)["documented"]})
def test_service_tier_is_named(answers: tuple[View, ...]) -> None:
    """Where service_tier is documented and sent, the answer names the tier that served it."""
    asked = [view for view in answers if "service_tier" in view.request]
    concerns(asked, "service_tier is not documented for every model")
    for answer in asked:
        refusal = answer.refusal_in_words
        needs(ACCEPTED, answer.served, "the request is refused: {refusal}", refusal=refusal)
        visible(answer.choices)
        tier, where = answer.json.get("service_tier"), answer.at("service_tier")
        assert tier is not None, wrong("the answer has no service_tier", where)
        assert tier in TIERS, wrong(
            "service_tier is {tier}, which is none of the documented", where, tier=json.dumps(tier)[:40]
        )


@requirement(
    "parameters.functions-still-work",
    MAY,
    source=OPENAI.functions,
    claim="functions",
    hurts="Programs written before `tools` stop working.",
)
@probes_for(lambda claims: {"answers": (FUNCTIONS,) if claims.documents("functions") else ()})
def test_functions_still_work(answers: tuple[View, ...]) -> None:
    """A function that is documented and forced under the deprecated name `functions` is called."""
    concerns(answers, "the documents do not mention `functions`, which is deprecated")
    for answer in answers:
        message = answer.choices[0].message
        call = message.get("function_call")
        if call is None and message.get("tool_calls"):
            warn(
                "the function is called in `tool_calls`, where clients of `functions` do not look",
                answer.at("tool_calls", message),
            )
        assert isinstance(call, dict), wrong(
            "no function_call, but the text {text!r}", answer.at_text(), text=answer.text[:40]
        )
        name = call.get("name")
        assert name == FUNCTION["name"], wrong(
            "the function called is {name!r}", answer.at("name", call), name=name
        )
        kind = type(call.get("arguments")).__name__
        assert kind == "str", wrong(
            "the arguments are {kind}, not text", answer.at("arguments", call), kind=kind
        )
