"""Every format that is read: found by what it looks like, without a finding where nothing is wrong."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from conformance.judging.verdict import Verdict
from conformance.recordings.collecting import Account, Collection
from conformance.recordings.entry import Entry, Unreadable
from conformance.recordings.formats import mitmproxy
from conformance.recordings.reading import read
from tests.ids import by_value
from tests.recordings import layouts
from tests.recordings.judging import BAD, DATA, answer, asked, having, judged, judgements, pair, pairs
from tests.recordings.test_data import FINDINGS, HIDDEN

FORMATS = Path(__file__).parent / "formats"
MIN = Path(__file__).parent / "min"

LACKING = {
    "body.json": "an answer alone: its request and URL are missing",
    "pairs_no_url.jsonl": "a request with its response, of which the URL is missing",
    "tapes.json": "tapes by name: the array or lines that the exchanges stand in are missing",
}
"""Files that are no recording, and what they lack."""

READ = sorted(path.name for path in FORMATS.iterdir() if path.name not in LACKING)


def account(path: Path) -> Account:
    collection = Collection()
    collection.add(path)
    return collection.account


def recorded(name: str) -> list[Any]:
    """The pairs of a recording of the embedded provider."""
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


@pytest.mark.parametrize("name", READ)
def test_a_recording_in_each_format_is_read(name: str) -> None:
    collection = Collection()
    collection.add(FORMATS / name)
    assert "1 exchange to judge" in collection.account.words
    ((target, found),) = judgements(collection).items()
    assert target.provider.name == ("<batch>" if "batch" in name else "api.openai.com")
    assert having(found, *BAD) == set()
    assert found["usage.total-is-sum"].verdict is Verdict.PASS


@pytest.mark.parametrize("name", LACKING)
def test_what_a_file_lacks_is_said_and_how_to_give_it(name: str) -> None:
    (said,) = (str(one) for one in account(FORMATS / name).named)
    assert said.startswith(f"{name}: not read: it looks like {LACKING[name]}")
    assert said.endswith(
        'write each exchange as a line {"url": …, "request": {…}, "status": 200, "headers": {…}, "body": …}'
    )


@pytest.mark.parametrize("name", layouts.LAYOUTS)
def test_nothing_is_found_in_a_recording_of_the_embedded_provider(name: str, tmp_path: Path) -> None:
    found = judged(layouts.written(tmp_path, name, recorded("pairs.jsonl")))
    assert having(found, *BAD) == set()
    assert having(found, Verdict.INCONCLUSIVE) >= HIDDEN
    assert found["usage.total-is-sum"].verdict is Verdict.PASS
    assert found["stream.choices-present"].verdict is Verdict.PASS


@pytest.mark.parametrize("name", layouts.LAYOUTS)
def test_its_defects_are_found_in_each_format(name: str, tmp_path: Path) -> None:
    assert having(judged(layouts.written(tmp_path, name, recorded("faulty-pairs.jsonl"))), *BAD) == FINDINGS


def test_a_single_exchange_is_read(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(layouts.single([pair(asked(), answer())]))
    assert account(tmp_path / "one.json").words == "1 file, 1 entry: 1 exchange to judge"


def test_headers_that_are_keyed_by_an_object_of_python_are_read() -> None:
    found = [one for one in read(MIN / "istr.yaml", "istr.yaml") if isinstance(one, Entry)]
    assert [one.request_headers for one in found] == [(("Accept", "application/json"),)]


PLACEHOLDERS = {
    "<OLLAMA_API_BASE>/chat/completions": "<OLLAMA_API_BASE>",
    "{{baseUrl}}/v1/chat/completions": "{{baseUrl}}",
    "${API_BASE}/v1/chat/completions?x=1": "${API_BASE}",
    "https://<RESOURCE>.openai.azure.com/openai/v1/chat/completions": "<resource>.openai.azure.com",
    "https://[REDACTED]/v1/chat/completions": "[REDACTED]",
    "https://user:pass@api.example:8443/deep/v2/chat/completions": "api.example:8443",
}


@pytest.mark.parametrize("url", PLACEHOLDERS)
def test_what_stands_for_a_base_url_is_the_host(url: str, tmp_path: Path) -> None:
    collection = Collection()
    collection.add(pairs(tmp_path, pair(asked(), answer(), url=url)))
    (target,) = judgements(collection)
    assert target.provider.name == PLACEHOLDERS[url]


def test_the_handed_placeholder_is_read() -> None:
    found = judged(MIN / "placeholder.yml")
    assert having(found, Verdict.FAIL) >= {"envelope.object-constant", "usage.total-is-sum"}


def test_one_host_is_one_provider_whatever_the_path(tmp_path: Path) -> None:
    urls = [f"https://api.example{path}/chat/completions" for path in ("", "/v1", "/openai/v1", "/v1")]
    lines = [pair(asked(seed=number), answer(), url=url) for number, url in enumerate(urls)]
    collection = Collection()
    collection.add(pairs(tmp_path, *lines))
    (target,) = judgements(collection)
    assert (target.provider.name, target.provider.base_url) == ("api.example", "https://api.example/v1")


def test_a_source_is_quoted_by_findings(tmp_path: Path) -> None:
    wrong = {**answer(), "object": "text_completion"}
    source = "https://example.org/\ncassettes/1.yaml"
    found = judged(pairs(tmp_path, pair(asked(), wrong, source=source)))["envelope.object-constant"]
    assert "first: pairs.jsonl:1 (https://example.org/ cassettes/1.yaml)" in found.message


def test_a_body_of_wiremock_is_read_beside_its_mapping_and_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "__files").mkdir()
    (tmp_path / "__files" / "body.json").write_text(json.dumps(answer()))
    (tmp_path / "secret.json").write_text(json.dumps(answer()))
    for name, file in (("a", "body.json"), ("b", "../secret.json"), ("c", "gone.json")):
        mapping = json.loads(layouts.wiremock([pair(asked(), "", url="https://x/v1/chat/completions")]))[
            "mappings"
        ][0]
        del mapping["response"]["body"]
        mapping["response"]["bodyFileName"] = file
        (tmp_path / "mappings" / f"{name}.json").write_text(json.dumps(mapping))
    found = account(tmp_path / "mappings")
    assert "1 exchange to judge, 2 that could not be used" in found.words
    assert [one.why for one in found.named] == [
        "its body is in __files/../secret.json, which is not here",
        "its body is in __files/gone.json, which is not here",
    ]


def test_an_erlang_term_is_unpacked(tmp_path: Path) -> None:
    cassette = json.loads(layouts.exvcr([pair(asked(), answer())]))
    term = b"\x83m\x00\x00\x00\x05" + json.dumps(answer()).encode()
    cassette[0]["response"] |= {"binary": True, "body": layouts.base64_text(term)}
    (tmp_path / "a.json").write_text(json.dumps(cassette))
    assert having(judged(tmp_path / "a.json"), *BAD) == set()


def test_what_has_to_do_with_chat_is_counted_apart_from_what_has_not(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "x"}')
    (tmp_path / "array.json").write_text('[{"name": "x"}, {"name": "y"}]')
    (tmp_path / "notes.yaml").write_text("- a\n- b\n")
    (tmp_path / "body.json").write_text(json.dumps(answer()))
    pairs(tmp_path, pair(asked(), answer()), pair(None, {}, url="https://x.example/v1/files"))
    found = account(tmp_path)
    assert (
        "1 exchange to judge, 1 of other kinds, 1 that could not be used, 3 files of other formats"
        in found.words
    )
    assert [one.place for one in found.named] == ["body.json"]


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ('data: {"id": "c"}\n\n', "the events of a stream"),
        ("> POST /v1/chat/completions\n< HTTP/2 200\n", "the text of an HTTP exchange"),
        ('{"model": "m", "messages": []}', "a request alone"),
        ('{"custom_id": "a", "method": "POST", "url": "/v1/chat/completions"}', "the input of a batch"),
        ('{"resourceSpans": []}', "traces of OpenTelemetry"),
        ("\x00\x01chat/completions", "a binary file"),
        ("[1, 2]", "an array of other things"),
    ],
    ids=["stream", "curl", "request", "batch", "traces", "binary", "array"],
)
def test_a_file_of_no_format_is_said_to_look_like_something(text: str, looks: str, tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text(text)
    (said,) = account(tmp_path / "file.txt").named
    assert looks in said.why
    assert "\n" not in said.why


def test_a_small_compressed_file_that_is_huge_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.recordings.reading._MOST_UNPACKED", 2**21)
    (tmp_path / "bomb.json.gz").write_bytes(gzip.compress(b'{"a": "' + b" " * 2**22))
    (said,) = account(tmp_path / "bomb.json.gz").named
    assert "more than" in said.why


def test_a_body_that_unpacks_into_too_much_is_named(tmp_path: Path) -> None:
    line = pair(asked(), "{" + " " * 2**25)
    (tmp_path / "a.har").write_text(layouts.polly([line], layouts.base64_text))
    (said,) = account(tmp_path / "a.har").named
    assert said.why == "a body of more than 16 MiB"


@pytest.mark.parametrize("cut", [3, 40, 400, -5], ids=by_value)
def test_a_flow_that_is_cut_off_or_damaged_is_named(tmp_path: Path, cut: int) -> None:
    raw = layouts.mitmproxy([pair(asked(), answer(), headers={})])
    (tmp_path / "a.mitm").write_bytes(raw + raw[:cut])
    first, second = read(tmp_path / "a.mitm", "a.mitm")
    assert isinstance(first, Entry)
    assert isinstance(second, Unreadable)


def test_flows_are_told_from_texts_that_begin_with_a_number() -> None:
    assert not mitmproxy.begins(b"12: 30 request\n")


@pytest.mark.parametrize("cut", [20, 60, -10])
def test_a_trace_that_is_cut_off_is_named(tmp_path: Path, cut: int) -> None:
    text = layouts.httprr([pair(asked(), answer(), headers={})]).encode()
    (tmp_path / "a.httprr").write_bytes(text[:cut])
    (said,) = read(tmp_path / "a.httprr", "a.httprr")
    assert isinstance(said, Unreadable)
