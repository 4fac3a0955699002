"""Authentication: a valid key is asked for, everywhere and before anything else."""

from __future__ import annotations

from functools import partial

from conformance.asking.change import credential, to_be_refused
from conformance.asking.probe import Credential, fetch
from conformance.contracts.hidden import NotAsked
from conformance.contracts.host.probes import EMPTY_KEY, NO_KEY, WRONG_KEY, WRONG_KEY_AND_BODY, WRONG_SCHEME
from conformance.contracts.host.sources import METHOD, OPENAI
from conformance.contracts.sources import RFC
from conformance.contracts.view import View
from conformance.judging.requirement import MAY, MUST, SHOULD, controls, probes, requirement
from conformance.judging.saying import concerns, needs, warn, wrong
from conformance.provider.model import Claims
from conformance.wire.message import Message
from conformance.wire.record import NOT_NOW

auth_requirement = partial(requirement, source=OPENAI.authentication)

MODELS_WITHOUT_KEY = fetch("models", "/models") | credential(Credential.NONE) | to_be_refused


def keys_are_used(claims: Claims) -> None:
    """The documents do not say that the endpoint is open to everybody."""
    concerns(not claims.excludes("auth"), "the documents say that no key is needed")


def gets_401(view: View, what: str) -> None:
    """The request gets 401; any other 4xx is a refusal too, but SDKs take it for something else."""
    found = {"what": Message(what), "status": view.status}
    if view.status in NOT_NOW:
        raise NotAsked("{what} gets HTTP {status}, which says nothing about the key", **found)
    if view.status != 401 and view.refused:
        warn(
            "{what} gets HTTP {status}, not 401: SDKs do not raise AuthenticationError",
            view.at_status(),
            **found,
        )
    assert view.status == 401, wrong("{what} gets HTTP {status}", view.at_status(), **found)


@auth_requirement(
    "auth.key-required", MUST, hurts="Anybody can use the endpoint, and whoever owns it pays the bill."
)
@probes(open=NO_KEY)
def test_a_key_is_required(open: View, claims: Claims) -> None:
    """A request without an Authorization header gets 401."""
    keys_are_used(claims)
    gets_401(open, "a request without a key")


@auth_requirement(
    "auth.wrong-key-refused",
    MUST,
    hurts="A revoked key still works, and whoever rotates keys learns nothing.",
)
@probes(invalid=WRONG_KEY)
def test_a_wrong_key_is_refused(invalid: View, claims: Claims) -> None:
    """A request with an invalid key gets 401, on which SDKs raise AuthenticationError."""
    keys_are_used(claims)
    gets_401(invalid, "an invalid key")


@auth_requirement("auth.wrong-scheme-refused", SHOULD)
@probes(basic=WRONG_SCHEME, empty=EMPTY_KEY)
def test_a_wrong_scheme_and_an_empty_key_are_refused(basic: View, empty: View, claims: Claims) -> None:
    """A request with the Basic scheme, or with an empty bearer token, gets 401."""
    keys_are_used(claims)
    gets_401(basic, "Authorization: Basic")
    gets_401(empty, "an empty bearer token")


@auth_requirement("auth.challenge-header", MAY, source=RFC.unauthorized)
@probes(open=NO_KEY)
def test_401_says_how_to_authenticate(open: View, claims: Claims) -> None:
    """A 401 carries a WWW-Authenticate header."""
    keys_are_used(claims)
    refused = open.status == 401
    needs("auth.key-required", refused, "a request without a key gets HTTP {status}", status=open.status)
    assert open.header("www-authenticate") is not None, wrong(
        "HTTP 401 without a WWW-Authenticate header", open.at_status()
    )


@auth_requirement(
    "auth.models-need-key",
    SHOULD,
    claim="auth-all-endpoints",
    claimed=MUST,
    hurts="Competitors and scanners see what is served, without an account.",
)
@probes(models=MODELS_WITHOUT_KEY)
def test_the_list_of_models_needs_a_key(models: View, claims: Claims) -> None:
    """The list of models is not given without a key."""
    keys_are_used(claims)
    concerns(
        not claims.excludes("auth-all-endpoints"),
        "the documents say that not every endpoint asks for a key",
    )
    absent = models.status in (404, 405) or (models.served and models.media_type == "text/html")
    concerns(not absent, "there is no list of models")
    assert not models.served, wrong(
        "the list of models is given to anybody, without a key", models.at_status()
    )
    gets_401(models, "the list of models without a key")


@auth_requirement("auth.checked-before-body", MAY, source=METHOD.practice)
@controls(key=WRONG_KEY)
@probes(both=WRONG_KEY_AND_BODY)
def test_the_key_is_checked_before_the_body(key: View, both: View, claims: Claims) -> None:
    """An invalid request with an invalid key gets 401: nothing is said about the body."""
    keys_are_used(claims)
    refused = key.status == 401
    needs("auth.wrong-key-refused", refused, "an invalid key gets HTTP {status}", status=key.status)
    gets_401(both, "an invalid request with an invalid key")
