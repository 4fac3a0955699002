from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from conformance.judging.verdict import Verdict
from conformance.provider.level import Level
from conformance.report.page.html import render
from conformance.report.results.build import build
from conformance.report.results.results import Results
from conformance.report.results.stored import read, write
from conformance.wire.record import Failure
from tests.report.hostile import NASTY, hostile
from tests.report.making import STARTED, entry, exchange, judged, stream, target, user
from tests.report.sample import ENTRIES, many, sample
from tests.report.seen import Page, check_nothing_loads


@pytest.fixture(
    params=[sample(), sample(both=False), many(1), many(30), replace(sample(), targets=(), judgements=())],
    ids=["two", "one", "unreachable", "thirty", "none"],
)
def results(request: pytest.FixtureRequest) -> Results:
    found: Results = request.param
    return found


def test_the_page_is_well_formed_and_its_links_lead_somewhere(results: Results) -> None:
    page = Page(render(results))
    ids = page.every("id")
    assert [one for one, count in Counter(ids).items() if count > 1] == []
    inner = [href[1:] for href in page.every("href") if href.startswith("#")]
    assert set(inner) <= set(ids)
    assert "findings" in inner


def test_the_page_is_accessible_in_form(results: Results) -> None:
    page = Page(render(results))
    assert page.tags[0] == ("html", {"lang": "en"})
    assert page.count("h1") == 1
    headings = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(headings))
    assert all("scope" in attrs for tag, attrs in page.tags if tag == "th")
    assert set(page.every("aria-labelledby")) <= set(page.every("id"))


def test_nothing_on_the_page_runs_but_its_script_and_nothing_loads(results: Results) -> None:
    check_nothing_loads(render(results))


def test_the_same_results_give_the_same_bytes(results: Results, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write(results, path)
    assert render(read(path)) == render(results)


@pytest.mark.parametrize("nasty", NASTY)
def test_hostile_text_stays_text(nasty: str) -> None:
    text = render(hostile(nasty))
    page, honest = Page(text), Page(render(sample()))
    names = {tag for tag, _ in page.tags}
    assert names <= {tag for tag, _ in honest.tags} | {"br"}
    assert not [key for _, attrs in page.tags for key in attrs if key.startswith("on") or key == "style"]
    assert all(href.startswith(("#", "https://", "http://")) for href in page.every("href"))
    assert text.count("<style>") == text.count("</style>") == 1
    assert text.count("<script>") == text.count("</script>") == 1
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]", text)
    assert "49" not in text or "{{ 7 * 7 }}" not in nasty
    text.encode()


def test_huge_answers_do_not_make_a_huge_page() -> None:
    huge = "<b>\u202e" * 500_000
    at = target()
    one = exchange("x1", huge, user("Count."), huge.encode(), failure=Failure("incomplete", huge))
    long = replace(one.last, headers=((huge, huge), *((f"x-{n}", huge) for n in range(1000))))
    row = judged("stop.not-in-output", Level.MUST, Verdict.FAIL, huge, ("x1",), ("x1",), said=huge * 2)
    results = build(
        version="0.1.0",
        catalogue="2026.1",
        entries=ENTRIES,
        targets=[at],
        judgements=[(at, row)],
        exchanges=[replace(one, attempts=(long,))],
        started=STARTED,
        finished=STARTED,
        unreachable={at.at: huge},
    )
    text = render(results)
    Page(text)
    assert len(text.encode()) < 150_000
    assert f"{len(huge):,} characters" in text
    assert f"body of {len(huge.encode()):,} bytes" in text


def test_the_first_screen_says_who_when_what_and_how_much() -> None:
    text = Page(render(sample(both=False))).text
    first = text.partition("Skip to the findings")[2].partition("Streaming and latency")[0]
    for words in (
        "2026-11-20 10:38 UTC",
        "acme acme-large-2026",
        "5 MUST requirements fail, 2 SHOULD requirements warn, 2 could not be asked, 2 could not be decided.",
        "Incomplete. 2 requirements could not be asked",
        "Can I use it with the official SDK? ? Not known",
        "Is its billing right? ✕ No total_tokens is 90, but 32 + 50 = 82",
        "What breaks? ✕ 5 of 20 MUST requirements In the areas stream , usage , stop , errors , envelope",
        "https://api.acme.example/v1",
        "Acme Cloud, Chat Completions",
        "1 min 34 s",
        "11 in 12 attempts",
        "1 kept, 1 broken, 3 not decidable",
        "201 + 996 (138 + 148 stated)",
        "$0.0155",
        "0.80 s / 1.31 s",
        "✕ fail 5 0 0",
        "✓ pass 15 1 0",
        "in all 20 5 8",
        "Clients that wait for [DONE] hang until their timeout. MUST the stream of 20 events ends",
        "5 more findings",
    ):
        assert words in first
    assert "%" not in first
    stated = "the provider states 138 + 148: 1 answer states none, 1 answer counts reasoning beside"
    assert stated in text.partition("Streaming and latency")[2]


def test_a_complete_run_says_how_much_was_judged() -> None:
    results = sample(both=False)
    passed = tuple(row for row in results.judgements if row.verdict is not Verdict.ERROR)
    text = Page(render(replace(results, incomplete_because=None, judgements=passed))).text
    assert "Complete: 31 of 33 requirements judged." in text
    assert "Not selected 2" in text
    assert "Incomplete" not in text


def test_a_finding_tells_the_whole_story() -> None:
    text = Page(render(sample(both=False))).text
    story = text.partition("stop.not-in-output The returned text")[2].partition("Judge again")
    for words in (
        'the answer ends with the stop sequence "Foxtrot"',
        "$.choices[0].message.content · bytes 193 to 199",
        "Who is hurt Agents that cut tool output at a marker see the marker itself.",
        "OpenAI API reference, create chat completion, stop",
        "will not contain the stop sequence.",
        "Maximum 4 stop sequences",
        "Why MUST Acme Cloud, Chat Completions documents stop",
        'broke it NATO stop "Foxtrot" 200 · 0.80 s · 35 + 20 tokens',
        "compared NATO 200 · 1.31 s · 35 + 75 tokens",
        "curl -sSi https://api.acme.example/v1/chat/completions",
        "Authorization: Bearer $KEY",
        '"stop":"Foxtrot"',
        "Came back HTTP 200 first byte after 0.40 s, last after 0.80 s",
        "x-request-id: req_03",
        '"content":"Alfa Bravo Charlie Delta Echo Foxtrot "}',
    ):
        assert words in story[0]
    line = """pytest --replay=journal.jsonl -m 'requirement(id="stop.not-in-output")'"""
    assert story[2].removeprefix(" (in the folder of this report)").strip().startswith(line)


def test_known_and_outdated_expectations_are_told_apart() -> None:
    text = Page(render(sample(both=False))).text
    assert "✕ fail MUST known envelope.created-now-in-seconds" in text
    assert "Known their clock is ahead , until 2027-01-31 · https://acme.example/42" in text
    assert "limits.max-tokens-bounds : providers.yaml:14: it is expected to fail, but no longer does" in text


def test_evidence_stands_on_the_page_once_and_only_where_it_is_needed() -> None:
    text = render(sample(both=False))
    page = Page(text)
    assert text.count('"stop":"Foxtrot"') == 1
    shown = [one for one in page.every("id") if one.startswith("exchange-")]
    assert len(shown) == len(set(shown)) == 8
    # a09 was refused and a10 never answered: no finding rests on them.
    assert "COUNT n=3" not in text
    assert "PHRASE seed 7" not in text


def test_an_exchange_is_shown_where_it_broke_something_rather_than_where_it_was_compared() -> None:
    page = render(sample(both=False))
    tail = page.partition('id="stop.tail-not-billed"')[2].partition("</article>")[0]
    assert tail.count("shown at") == 2
    assert 'shown at <span class="id">stop.not-in-output</span>' in tail


def test_exchanges_that_were_judged_together_are_not_each_called_broken() -> None:
    text = Page(render(sample(both=False))).text
    story = text.partition("A temperature outside")[2].partition("Judge again")[0]
    assert "observed OK temperature 2.1" in story
    assert "observed OK temperature -0.1" in story
    assert "broke it" not in story


def test_names_in_the_suites_own_sentences_are_set_as_code() -> None:
    results = sample(both=False)
    row = next(row for row in results.judgements if row.verdict is Verdict.FAIL)
    rows = (replace(row, level_because="it documents `<b>` and a ` alone"),)
    assert "it documents <code>&lt;b&gt;</code> and a ` alone" in render(replace(results, judgements=rows))


def test_errors_with_one_cause_are_one_entry() -> None:
    text = Page(render(many(1))).text
    reasons = text.partition("No verdict on these: the run is incomplete.")[2]
    assert reasons.lstrip().startswith("the endpoint cannot be reached: no connection in time · see")
    assert "33 requirements" in reasons[:150]
    assert text.count("the endpoint cannot be reached") == 1
    assert "Not reached: no connection in time" in text
    assert "Failures 0 Nothing could be judged." in text


def test_the_matrix_has_every_requirement_and_target_and_links_to_the_evidence() -> None:
    text = render(sample())
    row = text.partition('<tr id="matrix-stop.not-in-output"')[2].partition("</tr>")[0]
    assert 'href="#stop.not-in-output--1"' in row
    assert Page(f"<table><tr{row}</tr></table>").text.endswith("MUST ✕ fail ✓ pass")
    assert text.count('<tr id="matrix-') == 33
    undecided = text.partition('<tr id="matrix-stream.usage-chunk-last"')[2].partition("</tr>")[0]
    anchor = re.findall('href="#(inconclusive-[0-9]+)"', undecided)[0]
    reason = text.partition(f'id="{anchor}"')[2].partition("</li>")[0]
    assert 'href="#matrix-stream.done-once-and-last"' in reason


def test_a_level_that_differs_at_one_target_is_shown_in_its_cell() -> None:
    results = sample()
    rows = tuple(
        replace(row, level=Level.SHOULD)
        if (row.provider, row.requirement) == ("bolt", "stop.not-in-output")
        else row
        for row in results.judgements
    )
    text = render(replace(results, judgements=rows))
    row = text.partition('<tr id="matrix-stop.not-in-output"')[2].partition("</tr>")[0]
    assert Page(f"<table><tr{row}</tr></table>").text.endswith("MUST ✕ fail ✓ pass SHOULD")


def test_thirty_targets_have_a_row_each_and_a_bounded_page() -> None:
    text = render(many(30))
    page = Page(text)
    assert "30 targets" in page.text
    assert "Failures at 10 of 30 targets, warnings at 10 of 30 targets, 1 could not be reached." in page.text
    assert "10 of 30 targets" in page.text.partition("What does the most harm")[2]
    assert len(text.encode()) < 1_000_000


def _rendered(size: int) -> str:
    """The page of 150 requirements, a third of them findings, and 110 exchanges with bodies of that size."""
    at = target()
    entries = [
        entry(f"area-{n % 15}.requirement-{n}", Level.MUST, f"Requirement {n} holds in every case." * 2)
        for n in range(150)
    ]
    exchanges = [
        exchange(
            f"x{n:03}",
            f"PROBE {n}",
            user("Count from 1 to 20.", temperature=0, n=n),
            stream(["word"] * (size // 150)),
            content_type="text/event-stream",
        )
        for n in range(110)
    ]
    judgements = [
        judged(
            one.id,
            Level.MUST,
            Verdict.FAIL if n % 3 == 0 else Verdict.PASS,
            "something is not as it should be " * 4,
            at=tuple(f"x{(n + k) % 110:03}" for k in range(4)),
            consulted=tuple(f"x{k:03}" for k in range(110)),
        )
        for n, one in enumerate(entries)
    ]
    return render(
        build(
            version="0.1.0",
            catalogue="2026.1",
            entries=entries,
            targets=[at],
            judgements=[(at, row) for row in judgements],
            exchanges=exchanges,
            started=STARTED,
            finished=STARTED + timedelta(seconds=60),
        )
    )


@pytest.mark.parametrize("size", [600, 50_000])
def test_a_full_run_of_one_target_stays_below_700_kilobytes(size: int) -> None:
    text = _rendered(size)
    page = Page(text)
    assert len(text.encode()) < 700_000
    if size > 600:  # what finds no room is left to results.json
        assert re.search(r"PROBE \d+ 200 · 0\.80 s · x\d+ in results\.json", page.text)
        assert "107 more exchanges, named in results.json" in page.text


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_colour_has_enough_contrast(scheme: str) -> None:
    style = render(sample()).partition("<style>")[2].partition("</style>")[0]
    block = style.partition("prefers-color-scheme: dark" if scheme == "dark" else ":root")[2].partition("}")[
        0
    ]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
    pairs = [(text, ground) for text in ("ink", "muted", "link") for ground in ("bg", "soft", "warn-bg")]
    for verdict in Verdict:
        pairs += [(verdict.value, ground) for ground in ("bg", "soft", "warn-bg", f"{verdict}-bg")]
    for text, ground in pairs:
        light, dark = sorted((_luminance(colours[text]), _luminance(colours[ground])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, f"{text} on {ground}"


def test_the_promises_stand_between_the_findings_and_the_matrix() -> None:
    text = render(sample(both=False))
    assert [text.index(f'id="{name}"') for name in ("warnings", "promises", "matrix")] == sorted(
        text.index(f'id="{name}"') for name in ("warnings", "promises", "matrix")
    )
    assert '<a href="#promises">1 kept, 1 broken, 3 not decidable</a>' in text
    assert '<q lang="zh"><bdi>不返回停止序列</bdi></q>' in text
    assert '<a class="id fail" href="#stop.not-in-output--1">' in text
    assert "1 sentence more not decidable, because nothing was asked" in text


@pytest.mark.parametrize("both", [True, False])
def test_what_was_adapted_to_a_model_is_on_the_page(both: bool) -> None:
    results = sample(both=both)
    assert "dapted to the model: " not in Page(render(results)).text
    first, *others = results.targets
    words = ("temperature left out", "limit <b>raised</b>")
    exchanges = {key: replace(one, adapted=words[:1]) for key, one in results.exchanges.items()}
    adapted = replace(results, targets=(replace(first, traits=words), *others), exchanges=exchanges)
    text = " ".join(Page(render(adapted)).text.split())
    assert "temperature left out, limit <b>raised</b>" in text
    assert "Sent adapted to the model: temperature left out" in text


def test_documents_without_sentences_have_no_promises_on_the_page() -> None:
    results = sample(both=False)
    bare = replace(results, targets=tuple(replace(one, promises=()) for one in results.targets))
    page = Page(render(bare))
    assert "promises" not in page.every("id")
    assert "What the documents promise" not in page.text
    assert "kept" not in page.text.partition("What does the most harm")[0]
