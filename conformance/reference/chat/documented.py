"""Personas made of a claims profile: one that keeps every line, and for each line one that breaks it.

A line is a claim. What is documented is honoured within its range, and what a profile does not mention is
honoured too, which is nobody's fault. To break what is documented is to refuse it, and to break what is said
to be ignored as well; what is said to be refused is ignored instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import SystemRandom
from typing import Any

from conformance.contracts.chat.recorded.recognising import exercised
from conformance.provider.model import Claim, Claims, ClaimState
from conformance.reference.call import Call, JsonObject, Reply, json_reply
from conformance.reference.change import without
from conformance.reference.chat.faults.fault import on_body
from conformance.reference.chat.mind.answering import Mind
from conformance.reference.chat.models import MODELS, Model
from conformance.reference.chat.personas import REFERENCE, Persona
from conformance.reference.fault import Fault, on_reply
from conformance.reference.faults import FAULTS
from conformance.reference.refusal import Refusal

Edit = Callable[[JsonObject], JsonObject]

_OWN_RANGES: Mapping[str, tuple[float, float]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "n": (1, 128),
    "top_logprobs": (0, 20),
}
"""What the embedded provider takes. A wider range is taken as far as that."""

_FORMATS = {"json-mode": "json_object", "json-schema": "json_schema"}

_WITH = {"logprobs": ("top_logprobs",), "tools": ("tool_choice", "parallel_tool_calls")}
"""What makes no sense without another parameter, and is refused there."""

_PAIRS = ({"logprobs", "top_logprobs"}, {"functions", "function_call"})
"""Lines about parameters that are sent together."""

_BROKEN_BY = {
    "model": "unknown-model-served",
    "messages": "unknown-model-served",
    "auth": "no-key-served",
    "auth-all-endpoints": "models-open-to-all",
    "finish-reason": "finish-reason-of-another-dialect",
    "error-code": "error-code-as-number",
}
"""The defect that breaks a line which no request exercises by itself."""


def keeping(claims: Claims, mind: Mind = REFERENCE.mind) -> Persona:
    """The persona that does what every line says."""
    lines = dict(_lines(claims, mind))
    return _persona(claims, mind, [_kept(name, claim) for name, claim in lines.items()])


def breaking(claims: Claims, name: str, mind: Mind = REFERENCE.mind) -> Persona:
    """The persona that does what every line says but one."""
    lines = dict(_lines(claims, mind))
    broken = {other for pair in _PAIRS if name in pair for other in pair} & lines.keys() | {name}
    others = [_kept(other, claim) for other, claim in lines.items() if other not in broken]
    # It comes first: what another line drops could not be refused any more.
    persona = _persona(claims, mind, [*(_broken(one, lines[one]) for one in sorted(broken)), *others])
    return replace(persona, alterations=(*persona.alterations, *_elsewhere(name)))


def _lines(claims: Claims, mind: Mind) -> list[tuple[str, Claim]]:
    mode = "thinking" if mind.thoughts(SystemRandom()) else "non-thinking"
    return [(name, _in_mode(claim, mode)) for name, claim in claims.claims.items()]


def _in_mode(claim: Claim, mode: str) -> Claim:
    return claim if claim.details.get("only_with", {}).get("mode") in (None, mode) else claim.otherwise


def _persona(claims: Claims, mind: Mind, edits: list[Edit]) -> Persona:
    blind = claims.excludes("vision")
    models = {**MODELS, "reference": Model("reference", sees=False)} if blind else MODELS

    @on_body()
    def as_documented(body: JsonObject, _: Call) -> JsonObject:
        for edit in edits:
            body = edit(body)
        return body

    return Persona(f"as {claims.title} has it", mind, models, (as_documented,))


def _kept(name: str, claim: Claim) -> Edit:
    if claim.state is ClaimState.IGNORED:
        return lambda body: _dropped(name, body)
    if not claim.supported:
        return lambda body: _refused(name, claim, body)
    return lambda body: _honoured(name, claim, body)


def _broken(name: str, claim: Claim) -> Edit:
    if claim.state in (ClaimState.EXCLUDED, ClaimState.REFUSED):
        return lambda body: _dropped(name, body)
    if "renamed" in claim.details:
        return lambda body: without(body, name, claim.details["renamed"])
    if claim.details.get("capped"):
        return lambda body: _within(name, claim, body, capped=False)
    if claim.supported and claim.details.get("model_dependent"):
        return lambda body: _dropped(name, body)  # it may be refused, but not ignored
    return lambda body: _refused(name, claim, body)


def defects(name: str) -> tuple[Fault, ...]:
    """The named defects that break a line which no request exercises by itself."""
    return (FAULTS[_BROKEN_BY[name]],) if name in _BROKEN_BY else ()


def _elsewhere(name: str) -> tuple[Fault, ...]:
    """What breaks a line that is not about the body of a request."""
    paths = {"model-list": ("/models",), "models-v1beta": ("/v1beta/models",)}
    if name in paths:
        return (_absent(lambda path: path.endswith(paths[name])),)
    if name == "model-retrieve":
        return (_absent(lambda path: "/models/" in path),)
    return defects(name)


def _absent(is_gone: Callable[[str], bool]) -> Fault:
    @on_reply()
    def gone(reply: Reply, call: Call) -> Reply:
        nothing = {"error": {"message": "Not found.", "type": "not_found", "param": None, "code": None}}
        return json_reply(nothing, 404) if is_gone(call.path) and call.method == "GET" else reply

    return gone


def _exercises(name: str, claim: Claim, body: JsonObject) -> bool:
    """Whether the body asks for it: with another value than none, its default, or those that are allowed."""
    if name == "streaming":
        return body.get("stream") is True
    if name == "message-name":
        return any(isinstance(one, dict) and "name" in one for one in _messages(body))
    if name not in body:
        return name in exercised(body)
    return body[name] not in (None, claim.details.get("default"), *claim.details.get("values", ()))


def _refused(name: str, claim: Claim, body: JsonObject) -> JsonObject:
    if _exercises(name, claim, body):
        fix = " Use 'max_completion_tokens' instead." if name == "max_tokens" else ""
        raise Refusal(f"Unsupported parameter: '{name}'.{fix}", param=name, code="unsupported_parameter")
    return body


def _dropped(name: str, body: JsonObject) -> JsonObject:
    kind = body.get("response_format")
    if name in _FORMATS and isinstance(kind, dict) and kind.get("type") == _FORMATS[name]:
        return without(body, "response_format")
    if name == "message-name":
        bare = [without(one, "name") if isinstance(one, dict) else one for one in _messages(body)]
        return {**body, "messages": bare} if _messages(body) else body
    if name == "vision":
        seen = [_without_images(one) for one in _messages(body)]
        return {**body, "messages": seen} if seen else body
    return without(body, name, *_WITH.get(name, ()))


def _without_images(message: Any) -> Any:
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, list):
        return message
    left = [part for part in content if not (isinstance(part, dict) and part.get("type") == "image_url")]
    return {**message, "content": left}


def _messages(body: JsonObject) -> list[Any]:
    found = body.get("messages")
    return found if isinstance(found, list) else []


def _honoured(name: str, claim: Claim, body: JsonObject) -> JsonObject:
    known = claim.details.get("renamed")
    if known is not None:
        if name in body:
            raise Refusal(f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
        if known in body:
            body = {**without(body, known), name: body[known]}
    default = claim.details.get("default")
    if name in _OWN_RANGES and default is not None and body.get(name) is None:
        body = {**body, name: default}
    return _within(name, claim, body, capped=bool(claim.details.get("capped")))


def _within(name: str, claim: Claim, body: JsonObject, *, capped: bool) -> JsonObject:
    """The body with the value in its range: refused beyond it, or counted as the largest."""
    value = body.get(name)
    if name not in _OWN_RANGES or not isinstance(value, int | float) or isinstance(value, bool):
        return _with_few(name, claim, body)
    low, high = claim.details.get("min"), claim.details.get("max")
    if (low is not None and value < low) or (high is not None and value > high and not capped):
        raise Refusal(f"Invalid value for '{name}': out of range.", param=name, code="invalid_value")
    if high is not None and value > high:
        value = high
    least, most = _OWN_RANGES[name]
    wider = (low is not None and low < least) or (high is not None and high > most)
    return {**body, name: min(max(value, least), most) if wider else value}


def _with_few(name: str, claim: Claim, body: JsonObject) -> JsonObject:
    """The body with as many stop strings as are documented."""
    value, most = body.get(name), claim.details.get("max")
    if name != "stop" or not isinstance(value, list) or most is None or len(value) <= most:
        return body
    if not claim.details.get("capped"):
        raise Refusal(f"Invalid value for 'stop': more than {most}.", param="stop", code="invalid_value")
    return {**body, "stop": value[:most]}
