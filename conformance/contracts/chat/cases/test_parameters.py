"""Request parameters that no other area is about: accepted where documented, and refused where senseless."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from conformance.asking.change import costing, either, setting, to_be_refused
from conformance.asking.probe import Probe
from conformance.contracts.chat.cases.refusing import are_refused
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.named import COUNT, NATO_STOPPED, NEXT, OK, question
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.reasoning import reasons
from conformance.contracts.chat.sources import METHOD, OPENAI
from conformance.judging.requirement import MAY, MUST, SHOULD, Wanted, probes_for, requirement
from conformance.judging.saying import assume, concerns, needs, note, warn
from conformance.provider.model import Claims

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
    return claims.documents(name) and not claims.detail(name, "model_dependent")


def with_all(label: str, values: Mapping[str, Any]) -> tuple[Probe, ...]:
    """One request with all these parameters; none where there are none."""
    probe = OK | setting(**values) | either
    # Their values would make the name too long to read.
    return (OK.changed(f"{label}: {', '.join(values)}", body=probe.body) | either,) if values else ()


def harmless(claims: Claims) -> Wanted:
    """What is documented in one request, what is not mentioned in another."""
    documented = {name: value for name, value in OWN.items() if promised(claims, name)}
    silent = {name: value for name, value in {**OWN, **USUAL}.items() if name not in claims.claims}
    return {
        "control": COUNT,
        "documented": with_all("with defaults", documented),
        "silent": with_all("with undocumented defaults", silent),
    }


def nulls(claims: Claims) -> Wanted:
    """Every documented parameter that may be null, in one request."""
    names = [name for name in NULLABLE if promised(claims, name)]
    names = [name for name in names if "null" in claims.detail(name, "types", ("null",))]
    return {"control": COUNT, "answers": with_all("with nulls", dict.fromkeys(names))}


def wrong(claims: Claims, values: Mapping[str, Any]) -> Wanted:
    """One request for each of the values whose parameter is documented."""
    chosen = {name: value for name, value in values.items() if promised(claims, name)}
    refused = (OK | setting(**{name: value}) | to_be_refused for name, value in chosen.items())
    return {"control": COUNT, "answers": tuple(refused)}


def refusal_of(view: View) -> tuple[str, ...]:
    """The parameters of the request that its refusal names; where `param` names one, that one."""
    names = [name for name in view.request if name not in ("model", "messages", "max_tokens")]
    body = view.document.value
    error = body.get("error") if isinstance(body, dict) else None
    members = error if isinstance(error, dict) else {}
    param = re.split(r"[.\[]", str(members.get("param")))[0]
    if param in names:
        return (param,)
    said = re.findall(r"\w+", str(members.get("message", view.last.body[:2000]))[:2000])
    return tuple(name for name in names if name in said)


def named(names: Iterable[str]) -> str:
    """The names as they stand in a message, at most five of them."""
    return ", ".join(f"`{name}`" for name in list(names)[:5]) or "none of them by name"


def note_what_is_left_to_the_model(refused: View, control: View, claims: Claims) -> None:
    """What the documents let a model that reasons refuse is no fault of one that does."""
    blamed = refusal_of(refused)
    if blamed and reasons(control) and all(claims.detail(name, "unless_reasoning") for name in blamed):
        note(f"refused, as a model that reasons may: {named(blamed)}: {refused.refusal_in_words}")


@requirement(
    ACCEPTED,
    MUST,
    source=(OPENAI.parameters, METHOD.practice),
    hurts="Clients that always send what is documented, if only at its default, get no answer.",
)
@probes_for(harmless)
def test_defaults_are_accepted(
    control: View, documented: tuple[View, ...], silent: tuple[View, ...], claims: Claims
) -> None:
    """Documented parameters are accepted at their default, or at a value that changes nothing."""
    concerns(documented or silent, "the documents mention all of them, none for every model")
    assume(control.served, "a request without them is not served either")
    for answer in documented:
        blamed = refusal_of(answer) if not answer.served else ()
        if blamed and all(claims.detail(name, "implied") for name in blamed):
            warn(f"refused: {named(blamed)}: {answer.refusal_in_words}")
        if not answer.served:
            note_what_is_left_to_the_model(answer, control, claims)
        assert answer.served, f"refused: {named(blamed)}: {answer.refusal_in_words}"
        assert answer.choices
    for answer in silent:
        if not answer.served:
            note(f"refused at the default: {named(refusal_of(answer))}: {answer.refusal_in_words}")


@requirement(
    "parameters.null-is-unset",
    SHOULD,
    source=(OPENAI.parameters, METHOD.practice),
    hurts="Clients that send null for what was not set, as openai-python does for None, get no answer.",
)
@probes_for(nulls)
def test_null_means_unset(control: View, answers: tuple[View, ...], claims: Claims) -> None:
    """Parameters that may be null are accepted as null, as if they were left out."""
    concerns(answers, "no parameter is documented that may be null")
    assume(control.served, "a request without them is not served either")
    for answer in answers:
        if not answer.served:
            note_what_is_left_to_the_model(answer, control, claims)
        refused = () if answer.served else refusal_of(answer)
        assert answer.served, f"null is refused: {named(refused)}: {answer.refusal_in_words}"
        assert len(answer.choices) == 1, f"with `n: null` there are {len(answer.choices)} choices"


@requirement(
    "parameters.wrong-types-refused",
    SHOULD,
    source=OPENAI.parameters,
    hurts="A bug in a client is answered as if the parameter were not there.",
)
@probes_for(lambda claims: {**wrong(claims, OF_WRONG_TYPE), "stopped": NATO_STOPPED})
def test_wrong_types_are_refused(control: View, answers: tuple[View, ...], stopped: View) -> None:
    """A documented parameter whose value is of another type than documented is refused."""
    concerns(answers, "no parameter of these is documented")
    assume(control.served, "a valid request is not served either")
    heeded = not stopped.served or NEXT not in stopped.text
    needs("stop.string-stops", heeded, "not even a valid stop string is heeded")
    are_refused(*answers)


@requirement("parameters.out-of-range-refused", SHOULD, source=OPENAI.parameters)
@probes_for(lambda claims: wrong(claims, OUT_OF_RANGE))
def test_values_out_of_range_are_refused(control: View, answers: tuple[View, ...]) -> None:
    """A documented logit_bias beyond 100, and a service_tier that does not exist, are refused."""
    concerns(answers, "no parameter of these is documented")
    assume(control.served, "a valid request is not served either")
    are_refused(*answers)


@requirement(
    "parameters.service-tier-named", MAY, source=OPENAI.service_tier, claim="service_tier", claimed=SHOULD
)
@probes_for(lambda claims: {"answers": harmless(claims)["documented"]})
def test_service_tier_is_named(answers: tuple[View, ...]) -> None:
    """Where service_tier is documented and sent, the answer names the tier that served it."""
    asked = [view for view in answers if "service_tier" in view.request]
    concerns(asked, "service_tier is not documented for every model")
    for answer in asked:
        needs(ACCEPTED, answer.served, f"the request is refused: {answer.refusal_in_words}")
        assert answer.choices
        tier = answer.json.get("service_tier")
        assert tier is not None, "the answer has no service_tier"
        assert tier in TIERS, f"service_tier is {json.dumps(tier)[:40]}, which is none of the documented"


@requirement(
    "parameters.functions-still-work",
    MAY,
    source=OPENAI.functions,
    claim="functions",
    claimed=SHOULD,
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
            warn("the function is called in `tool_calls`, where clients of `functions` do not look")
        assert isinstance(call, dict), f"no function_call, but the text {answer.text[:40]!r}"
        assert call.get("name") == FUNCTION["name"], f"the function called is {call.get('name')!r:.40}"
        kind = type(call.get("arguments")).__name__
        assert kind == "str", f"the arguments are {kind}, not text"
