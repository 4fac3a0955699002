"""From a probe to the request that goes out, and the credential that goes with it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.asking.change import credential, header
from conformance.asking.probe import MODEL, NONCE, Credential, Probe, fetch
from conformance.asking.request import WRONG_KEY, authorization, render
from conformance.contracts.chat.probes.ask import ask
from conformance.contracts.chat.probes.named import COUNT
from conformance.provider.model import Provider, Target
from conformance.wire.record import Request
from tests.contracts.chat.cases.recorded import BASE, SILENT
from tests.ids import by_value


def rendered(probe: Probe, model: str = "m", **fields: Any) -> Request:
    return render(probe, Target(Provider("p", BASE, (model,), SILENT, **fields), model), BASE, "word")


def test_a_question_says_that_it_is_json_and_a_fetch_has_no_body() -> None:
    asked, fetched = rendered(COUNT), rendered(fetch("models", "/models"))
    assert (asked.method, asked.url) == ("POST", f"{BASE}/chat/completions")
    assert ("Content-Type", "application/json") in asked.headers
    assert (fetched.method, fetched.url, fetched.body) == ("GET", f"{BASE}/models", "")
    assert "content-type" not in {name.lower() for name, _ in fetched.headers}


def test_the_suite_names_itself_and_no_credential_is_part_of_the_record() -> None:
    headers = {name.lower(): value for name, value in rendered(COUNT).headers}
    assert "openai-conformance/" in headers["user-agent"]
    assert headers.keys() == {"accept", "user-agent", "accept-encoding", "content-type"}


@pytest.mark.parametrize("model", ["m", 'a"b\\c', "org/model:free", "模型", "{nonce", "a b"], ids=by_value)
def test_the_model_is_filled_in_whatever_its_name(model: str) -> None:
    assert json.loads(rendered(COUNT, model).body)["model"] == model
    path = rendered(fetch("one", f"/models/{MODEL}"), model).url
    assert path.removeprefix(f"{BASE}/models/").isascii()
    assert "/" not in path.removeprefix(f"{BASE}/models/")
    assert " " not in path


def test_the_nonce_is_filled_in_everywhere() -> None:
    assert "no-such-word" in rendered(ask("q", f"no-such-{NONCE}")).body
    assert rendered(fetch("none", f"/models/{NONCE}")).url.endswith("/models/word")


def test_a_header_of_the_probe_beats_one_of_the_entry_and_that_one_of_the_suite() -> None:
    entry = {"ACCEPT": "entry", "X-Team": "entry"}
    assert dict(rendered(COUNT, headers=entry).headers)["X-Team"] == "entry"
    found = rendered(COUNT | header("x-team", "probe"), headers=entry).headers
    assert [value for name, value in found if name.lower() == "x-team"] == ["probe"]


def test_a_private_header_is_recorded_by_its_variable_and_goes_only_where_the_key_goes() -> None:
    entry = {"X-Gate": "${GATE_KEY}", "X-Team": "us"}
    assert dict(rendered(COUNT, headers=entry).headers)["X-Gate"] == "${GATE_KEY}"
    without = dict(rendered(COUNT | credential(Credential.NONE), headers=entry).headers)
    assert "X-Gate" not in without
    assert without["X-Team"] == "us"


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        (Credential.VALID, "sk-1", "Bearer sk-1"),
        (Credential.VALID, None, None),
        (Credential.NONE, "sk-1", None),
        (Credential.WRONG, "sk-1", f"Bearer {WRONG_KEY}"),
        (Credential.WRONG, None, f"Bearer {WRONG_KEY}"),
        (Credential.SCHEME, "sk-1", "Basic Y29uZm9ybWFuY2U6cHJvYmU="),
    ],
    ids=by_value,
)
def test_the_credential(kind: Credential, key: str | None, value: str | None) -> None:
    assert authorization(kind, key) == value


def test_an_empty_bearer_token_can_be_sent() -> None:
    value = authorization(Credential.EMPTY, "sk-1")
    assert value is not None
    assert value.strip() == value == "Bearer"
