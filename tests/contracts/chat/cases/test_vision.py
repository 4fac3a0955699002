"""The verdicts on images, on answers made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.asking.probe import Probe
from conformance.contracts.chat.cases import test_vision as vision
from conformance.contracts.chat.probes.invalid import AFTER_A_REFUSAL
from conformance.contracts.chat.probes.named import AT_ONCE, COUNT, COUNT_CUT
from conformance.judging.verdict import Verdict
from conformance.reference.chat.images import see
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.completions import completion, refused, said
from tests.contracts.chat.cases.recorded import attempt, claiming, exchange, verdict
from tests.ids import by_value

BLIND = said(AFTER_A_REFUSAL, "I see no image.")
SEEN = said(vision.IMAGE, "It is Yellow.", prompt=90)
OVERLOOKED = said(vision.IMAGE, "I see no image.")
CRASHED = exchange(vision.IMAGE, attempt(500, {"error": {"message": "no"}}))
REFUSED = refused(vision.IMAGE)
CONFUSED = said(vision.IMAGE, "It is turquoise.", prompt=90)
ABLE = said(AT_ONCE, "Saffron.")
COUNTED = (said(COUNT, "1 2"), said(COUNT_CUT[-1], "1"))


def test_the_image_is_what_it_is_said_to_be() -> None:
    url = vision.IMAGE.members["messages"][0]["content"][1]["image_url"]["url"]
    picture = see(url)
    assert (picture.width, picture.height, picture.colour) == (64, 64, vision.COLOUR)


@pytest.mark.parametrize(
    ("claim", "blind", "image", "expected"),
    [
        (True, BLIND, SEEN, Verdict.PASS),
        (True, BLIND, OVERLOOKED, Verdict.WARN),
        (True, BLIND, REFUSED, Verdict.WARN),
        (True, BLIND, CRASHED, Verdict.FAIL),
        (True, said(AFTER_A_REFUSAL, "Yellow?"), SEEN, Verdict.INCONCLUSIVE),
        (True, BLIND, said(vision.IMAGE, ""), Verdict.INCONCLUSIVE),
        ({"model_dependent": True}, BLIND, REFUSED, Verdict.UNSUPPORTED),
        ({"model_dependent": True}, BLIND, OVERLOOKED, Verdict.WARN),
        (None, BLIND, REFUSED, Verdict.UNSUPPORTED),
        (None, BLIND, OVERLOOKED, Verdict.WARN),
        (False, BLIND, REFUSED, Verdict.NOT_APPLICABLE),
    ],
    ids=by_value,
)
def test_understood(claim: Any, blind: Exchange, image: Exchange, expected: Verdict) -> None:
    case, claims = vision.test_image_is_understood, claiming(vision=claim)
    assert verdict(case, ABLE, blind, image, claims=claims) is expected


def test_a_model_that_finds_nothing_need_not_find_a_colour() -> None:
    case, claims = vision.test_image_is_understood, claiming(vision=True)
    assert verdict(case, ABLE, BLIND, CONFUSED, claims=claims) is Verdict.WARN
    assert verdict(case, said(AT_ONCE, "Hm?"), BLIND, CONFUSED, claims=claims) is Verdict.INCONCLUSIVE
    assert verdict(case, said(AT_ONCE, "Hm?"), BLIND, OVERLOOKED, claims=claims) is Verdict.WARN
    hardly = said(vision.IMAGE, "It is turquoise.", prompt=11)
    assert verdict(case, said(AT_ONCE, "Hm?"), BLIND, hardly, claims=claims) is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("probe", [vision.IMAGE, AFTER_A_REFUSAL])
def test_an_image_is_seen_whatever_is_billed(probe: Probe) -> None:
    body = completion("It is yellow." if probe is vision.IMAGE else "No.") | {"usage": None}
    pair = {BLIND.probe: BLIND, SEEN.probe: SEEN, probe.name: exchange(probe, attempt(200, body))}
    case, claims = vision.test_image_is_understood, claiming(vision=True)
    assert verdict(case, ABLE, *pair.values(), claims=claims) is Verdict.PASS


@pytest.mark.parametrize(
    ("claim", "image", "expected"),
    [
        (True, REFUSED, Verdict.NOT_APPLICABLE),
        (None, REFUSED, Verdict.NOT_APPLICABLE),
        (False, REFUSED, Verdict.PASS),
        (False, OVERLOOKED, Verdict.WARN),
        (False, SEEN, Verdict.NOTE),
        (False, CRASHED, Verdict.FAIL),
        ({"supported": False, "refused": True}, OVERLOOKED, Verdict.FAIL),
    ],
    ids=by_value,
)
def test_refused_by_a_text_model(claim: Any, image: Exchange, expected: Verdict) -> None:
    case = vision.test_image_is_refused_by_a_text_model
    assert verdict(case, BLIND, image, claims=claiming(vision=claim)) is expected


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (SEEN, Verdict.PASS),
        (said(vision.IMAGE, "Yellow", prompt=11), Verdict.PASS),
        (said(vision.IMAGE, "Yellow"), Verdict.NOTE),
        (OVERLOOKED, Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_counted(image: Exchange, expected: Verdict) -> None:
    claims = claiming(vision=True)
    assert verdict(vision.test_image_is_counted, *COUNTED, BLIND, image, claims=claims) is expected


def test_an_image_adds_to_however_little() -> None:
    case, claims = vision.test_image_is_counted, claiming(vision=True)
    for least, expected in ((1, Verdict.PASS), (0, Verdict.INCONCLUSIVE)):
        blind = said(AFTER_A_REFUSAL, "No.", prompt=least)
        assert verdict(case, *COUNTED, blind, SEEN, claims=claims) is expected


@pytest.mark.parametrize(
    ("image", "malformed", "expected"),
    [
        (SEEN, refused(vision.MALFORMED), Verdict.PASS),
        (SEEN, said(vision.MALFORMED, "Blue"), Verdict.NOTE),
        (SEEN, exchange(vision.MALFORMED, attempt(500)), Verdict.INCONCLUSIVE),
        (OVERLOOKED, said(vision.MALFORMED, "Blue"), Verdict.INCONCLUSIVE),
    ],
    ids=by_value,
)
def test_malformed(image: Exchange, malformed: Exchange, expected: Verdict) -> None:
    case = vision.test_malformed_image_is_refused
    assert verdict(case, image, malformed, claims=claiming(vision=True)) is expected
