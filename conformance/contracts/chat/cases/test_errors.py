"""Errors: invalid requests are refused, with a 4xx status and an error object that clients can read."""

from __future__ import annotations

from functools import partial

from conformance.contracts.chat.probes.invalid import (
    AFTER_A_REFUSAL,
    EMPTY_MESSAGES,
    EMPTY_MESSAGES_STREAMED,
    EMPTY_MODEL,
    MALFORMED_JSON,
    NO_CONTENT,
    NO_MESSAGES,
    NO_MODEL,
    NO_ROLE,
    NUMBER_MESSAGE,
    NUMBER_MODEL,
    RESULT_OF_ANOTHER_CALL,
    TEXT_MESSAGES,
    TEXT_STREAM,
    TOOL_WITHOUT_CALL,
    UNKNOWN_MODEL,
    UNKNOWN_ROLE,
)
from conformance.contracts.chat.probes.named import COUNT
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.selecting import every_refusal
from conformance.contracts.chat.sources import METHOD, OPENAI, RFC
from conformance.contracts.host.refusing import all_refused, members
from conformance.judging.requirement import MAY, MUST, SHOULD, controls, probes, requirement
from conformance.judging.saying import assume, needs, wrong
from conformance.wire.strict_json import is_integer

error_requirement = partial(requirement, source=OPENAI.error_object)


ABOUT_THE_MODEL = frozenset({400, 403, 404, 422})


ABOUT_THE_BODY = frozenset({400, 422})


@error_requirement(
    "errors.messages-invalid-refused",
    MUST,
    source=(OPENAI.messages, RFC.bad_request),
    hurts="A bug in a client is answered, and billed, instead of being noticed.",
)
@probes(missing=NO_MESSAGES, text=TEXT_MESSAGES, empty=EMPTY_MESSAGES, number=NUMBER_MESSAGE)
def test_invalid_messages_are_refused(missing: View, text: View, empty: View, number: View) -> None:
    """A request whose messages are missing, no array, empty or not objects is refused with 4xx."""
    all_refused(missing, text, empty, number)


@error_requirement("errors.message-malformed-refused", SHOULD, source=(OPENAI.messages, RFC.bad_request))
@probes(without_role=NO_ROLE, unknown_role=UNKNOWN_ROLE, without_content=NO_CONTENT)
def test_malformed_messages_are_refused(
    without_role: View, unknown_role: View, without_content: View
) -> None:
    """A message without role, without content or with an unknown role is refused with 4xx."""
    all_refused(without_role, unknown_role, without_content)


@error_requirement("errors.documented-status", SHOULD, source=(OPENAI.errors, RFC.bad_request))
@probes(
    models=(NO_MODEL, NUMBER_MODEL, EMPTY_MODEL, UNKNOWN_MODEL),
    bodies=(
        NO_MESSAGES,
        TEXT_MESSAGES,
        EMPTY_MESSAGES,
        EMPTY_MESSAGES_STREAMED,
        NUMBER_MESSAGE,
        NO_ROLE,
        UNKNOWN_ROLE,
        NO_CONTENT,
        TOOL_WITHOUT_CALL,
        RESULT_OF_ANOTHER_CALL,
        MALFORMED_JSON,
        TEXT_STREAM,
    ),
)
def test_invalid_requests_are_refused_with_400(models: tuple[View, ...], bodies: tuple[View, ...]) -> None:
    """An invalid request is refused with 400 or 422; one for a missing model with 403 or 404 too."""
    cases = [(view, ABOUT_THE_MODEL) for view in models] + [(view, ABOUT_THE_BODY) for view in bodies]
    refused = [(view, right) for view, right in cases if 400 <= (view.last.status or 0) < 500]
    judged = [(view, right) for view, right in refused if view.status != 429]
    assume(judged, "none of the invalid requests was refused")
    others = [view for view, right in judged if view.status not in right]
    assert not others, wrong(
        "{count} of {all} refusals have another status: {others}",
        *(view.at_status() for view in others),
        count=len(others),
        all=len(judged),
        others="; ".join(f"`{view.probe}` HTTP {view.status}" for view in others)[:200],
    )


@error_requirement(
    "errors.service-alive-after-refusals",
    MUST,
    source=METHOD.practice,
    hurts="One client's mistake is the outage of all.",
)
@controls(able=COUNT, refused=NUMBER_MESSAGE)
@probes(next=AFTER_A_REFUSAL)
def test_service_is_alive_after_refusals(able: View, refused: View, next: View) -> None:
    """After an invalid request was refused, the next valid one is served."""
    assume(able.served, "valid requests are not served anyway")
    needs("errors.messages-invalid-refused", not refused.served, "the invalid request was not refused")
    assert next.served, wrong(
        "after a refusal, a valid request gets {refusal}", next.at_status(), refusal=next.refusal_in_words
    )


@error_requirement("errors.not-billed", MAY, source=METHOD.practice)
@every_refusal
def test_refusals_carry_nothing_to_bill(refusal: View) -> None:
    """A refusal carries no choices, and no usage that counts tokens."""
    usage = members(refusal).get("usage")
    counted = (
        [name for name, value in usage.items() if is_integer(value) and value]
        if isinstance(usage, dict)
        else []
    )
    status = refusal.status
    assert not counted, wrong(
        "HTTP {status} counts tokens: {counted}",
        *(refusal.at(f"usage.{name}") for name in counted[:3]),
        status=status,
        counted=", ".join(counted)[:80],
    )
    assert not members(refusal).get("choices"), wrong(
        "HTTP {status} carries choices", refusal.at("choices"), status=status
    )
