"""Vision: an image reaches the model and is billed, or is refused; it is never silently dropped."""

from __future__ import annotations

from functools import partial
from typing import Any

from conformance.asking.change import costing, to_be_refused
from conformance.asking.probe import Probe
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.invalid import AFTER_A_REFUSAL
from conformance.contracts.chat.probes.named import AT_ONCE, AT_ONCE_WORD, COUNT, COUNT_CUT, question
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import METHOD, OPENAI
from conformance.contracts.host.refusing import are_refused
from conformance.judging.requirement import MAY, SHOULD, controls, probes, requirement
from conformance.judging.saying import assume, concerns, needs, wrong
from conformance.provider.model import Claims

UNDERSTOOD = "vision.image-understood"

vision_requirement = partial(requirement, source=OPENAI.image, claim="vision", basis=UNDERSTOOD)

COLOUR = "yellow"
YELLOW = (
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAATElEQVR42u3PMQkAAAwDsPo33UnoPQjEQNLmtQgICAgICAgICAgICAgI"
    "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgILAcyl+HSEp61MQAAAABJRU5ErkJggg=="
)
"""A PNG of 64 by 64 pixels, all of them #ffff00."""


def picture(data: str) -> dict[str, Any]:
    """A part with an image in base64."""
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}


def shown(name: str, data: str) -> Probe:
    """The question for the colour, with an image in base64."""
    content = [{"type": "text", "text": prompts.COLOUR}, picture(data)]
    return question(name, {"role": "user", "content": content}, feature="vision")


IMAGE = shown("colour", YELLOW)
MALFORMED = shown("colour, malformed image", "@@@ no base64 @@@") | to_be_refused


BLUE = (
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAS0lEQVR42u3PQQkAAAgAsetfWiP4FgYrsGqeExAQEBAQEBAQEBAQEBAQEBAQEBAQ"
    "EBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBA4LMf88OL0EKXAAAAAAElFTkSuQmCC"
)
"""The same in #0000ff."""

SEVERAL = question(
    "colours, two images and no text",
    prompts.TWO_COLOURS,
    {"role": "assistant", "content": "Send them."},
    {"role": "user", "content": [picture(YELLOW), picture(BLUE)]},
    feature="vision",
) | costing(3)


def promised(claims: Claims) -> None:
    """The documents do not say that images are not supported."""
    concerns(not claims.excludes("vision"), "the documents say that there is no vision")


def sees(view: View) -> bool:
    """The colour is named."""
    return COLOUR in view.text.lower()


@vision_requirement(
    UNDERSTOOD,
    MAY,
    claimed=SHOULD,
    basis=None,
    hurts="The model answers as if there were no image, and nobody is told.",
)
@controls(able=AT_ONCE, without=AFTER_A_REFUSAL)
@probes(image=IMAGE)
def test_image_is_understood(able: View, without: View, image: View, claims: Claims) -> None:
    """An image that comes as a data URI is seen by the model."""
    promised(claims)
    assume(not sees(without), "the model says {colour!r} without having seen an image", colour=COLOUR)
    text = image.text.strip()
    assume(text, "there is no visible text")
    if image.has_usage and without.has_usage:
        extra = image.usage.prompt - without.usage.prompt
        assert sees(image) or extra > 0, wrong(
            "the image does not reach the model: {extra:+d} prompt tokens with it",
            image.at("usage.prompt_tokens"),
            extra=extra,
        )
    assume(sees(image) or AT_ONCE_WORD in able.text.lower(), "the model does not find what it is told either")
    assert sees(image), wrong(
        "the colour of an image that is {colour} all over is said to be {text!r}",
        image.at_text(),
        colour=COLOUR,
        text=text[:40],
    )


@vision_requirement("vision.image-counted", MAY, source=METHOD.metamorphic)
@controls(count=COUNT, cut=COUNT_CUT[-1], without=AFTER_A_REFUSAL)
@probes(image=IMAGE)
def test_image_is_counted(count: View, cut: View, without: View, image: View, claims: Claims) -> None:
    """An image adds to prompt_tokens."""
    promised(claims)
    extra = image.usage.prompt - without.usage.prompt
    needs("usage.counts-positive", without.usage.prompt > 0, "not even a text is counted")
    steady = count.usage.prompt == cut.usage.prompt
    needs("usage.same-prompt-same-count", steady, "prompts are not counted steadily")
    needs(UNDERSTOOD, sees(image), "the image may not have reached the model")
    assert extra > 0, wrong(
        "{extra:+d} prompt tokens with the image, though the model has seen it",
        image.at("usage.prompt_tokens"),
        extra=extra,
    )


@vision_requirement(
    "vision.every-image-seen",
    MAY,
    claimed=SHOULD,
    hurts="Of several images the model sees one, and compares it with nothing.",
)
@controls(one=IMAGE, without=AFTER_A_REFUSAL)
@probes(two=SEVERAL)
def test_every_image_is_seen(one: View, without: View, two: View, claims: Claims) -> None:
    """Two images in a message, without any text in it, are both seen."""
    promised(claims)
    needs(UNDERSTOOD, sees(one), "not even a single image is seen")
    text = two.text.strip()
    missing = [colour for colour in (COLOUR, "blue") if colour not in text.lower()]
    if not missing:
        return
    assume(text, "there is no visible text")
    if two.has_usage and one.has_usage and without.has_usage:
        single = one.usage.prompt - without.usage.prompt
        both = two.usage.prompt - without.usage.prompt
        counted = both >= 1.5 * single
        assert counted, wrong(
            "one of two images does not reach the model: {both} prompt tokens for two, {single} for one",
            two.at("usage.prompt_tokens"),
            both=both,
            single=single,
        )
        assume(len(missing) == 1, "both images are counted, but the model says {text!r}", text=text[:40])
    assert len(missing) == 2, wrong(
        "of a yellow and a blue image the {missing} one is not seen: {text!r}",
        two.at_text(),
        missing=missing[0],
        text=text[:40],
    )
    assume(False, "the model sees one image, and of two it says {text!r}", text=text[:40])


@vision_requirement("vision.malformed-image-refused", MAY)
@controls(able=IMAGE)
@probes(malformed=MALFORMED)
def test_malformed_image_is_refused(able: View, malformed: View, claims: Claims) -> None:
    """An image that cannot be decoded is refused."""
    promised(claims)
    needs(UNDERSTOOD, sees(able), "no image is seen")
    are_refused(malformed)


@requirement("vision.refused-by-text-model", MAY, source=OPENAI.image, claim="vision")
@controls(without=AFTER_A_REFUSAL)
@probes(image=IMAGE)
def test_image_is_refused_by_a_text_model(without: View, image: View, claims: Claims) -> None:
    """Where the documents say that there is no vision, an image is refused, not ignored."""
    concerns(claims.excludes("vision"), "the documents do not exclude vision")
    said = image.text.strip()
    seen = sees(image) and not sees(without)
    assert seen, wrong("the image is ignored: the answer is {text!r}", image.at_text(), text=said[:60])
