"""The catalogue of variants: every one is told, sourced and found by its name."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.reference.call import Call, Frame, Reply
from conformance.reference.faults import FAULTS
from conformance.reference.variants import VARIANTS, UnknownVariantError, named, parts
from tests.reference.asking import server


def test_there_are_many() -> None:
    assert len(VARIANTS) >= 150


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_says_what_it_is_and_what_allows_it(name: str) -> None:
    variant = VARIANTS[name]
    assert variant.summary.endswith(".")
    assert "\n" not in variant.summary
    assert variant.sources
    assert variant.parts
    assert all(part.aims == () for part in variant.parts)


def test_names_and_summaries_are_not_those_of_faults() -> None:
    assert VARIANTS.keys().isdisjoint(FAULTS)
    summaries = [variant.summary for variant in VARIANTS.values()]
    assert len(set(summaries)) == len(summaries)


def test_variants_work_on_each_other_in_the_order_of_the_catalogue() -> None:
    one, other = named(["lines-end-with-crlf", "members-reversed"])
    assert (one.name, other.name) == ("members-reversed", "lines-end-with-crlf")
    assert parts([one, other]) == (*one.parts, *other.parts)


def test_an_unknown_name_is_met_with_the_nearest() -> None:
    with pytest.raises(UnknownVariantError, match=r"unknown variant 'gzipp', did you mean 'gzip'\?"):
        named(["gzipp"])
    with pytest.raises(UnknownVariantError, match="`conformance variants` lists them"):
        named(["?"])


def chunks(*variants: str) -> list[list[dict[str, Any]]]:
    """Those of two streams of a service with these variants."""
    with server(*parts(named(variants))) as client:
        return [
            [event for event in client.ask("Hello", stream=True).events() if "choices" in event]
            for _ in range(2)
        ]


@pytest.mark.parametrize("form", [name for name, one in VARIANTS.items() if "id" in one.aspects])
def test_a_fingerprint_changes_with_each_answer_whatever_the_form_of_ids(form: str) -> None:
    found = [{one["system_fingerprint"] for one in each} for each in chunks(form, "fingerprint-changing")]
    assert [len(each) for each in found] == [1, 1]
    assert found[0] != found[1]


@pytest.mark.parametrize("other", ["finish-with-the-last-text", "deltas-with-empty-content"])
def test_a_delta_that_is_split_or_follows_does_not_end_the_choice_again(other: str) -> None:
    both = ("finish-with-the-last-text", "deltas-of-one-character", other)
    (found, _) = chunks(*dict.fromkeys(both))
    assert [choice["finish_reason"] for one in found for choice in one["choices"]][:-1].count("stop") == 0
    assert found[-1]["choices"][0]["finish_reason"] == "stop"


def test_headers_are_found_again_by_variants_whatever_their_case() -> None:
    with server(*parts(named(["header-names-in-capitals", "request-id-absent", "charset-stated"]))) as client:
        got = client.ask("Hello")
    assert "x-request-id" not in got.headers
    assert got.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("time", [name for name, one in VARIANTS.items() if "time" in one.aspects])
def test_pieces_stay_pieces_whenever_they_arrive(time: str) -> None:
    frames = [Frame(b"data: {}\n\n", 0.01)] * 20
    reply: Reply = Reply(200, (), frames, streamed=True)
    call = Call("POST", "/v1/chat/completions", ())
    for part in parts(named([time, "bytes-one-by-one"])):
        reply = part.apply(reply, call)
    assert {len(frame.data) for frame in reply.frames} == {1}
