"""Log probabilities, and that their own requirement is to blame where they cannot be read."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contracts.chat.reading.logprobs import Weighed, Written
from conformance.contracts.chat.reading.view import View
from conformance.contracts.hidden import Blocked
from tests.contracts.chat.answers import answer, choice
from tests.ids import by_value


def token(text: Any = "1", logprob: Any = -0.5, **members: Any) -> dict[str, Any]:
    return {"token": text, "logprob": logprob, **members}


def weighed(logprobs: Any) -> View:
    return answer({**choice("1"), "logprobs": logprobs})


def test_log_probabilities() -> None:
    top = [token(), token("2", -3), token("3", -999_999)]
    assert weighed({"content": [token(top_logprobs=top)]}).logprobs == (
        Written(Weighed("1", -0.5), (Weighed("1", -0.5), Weighed("2", -3.0), Weighed("3", -999_999.0))),
    )
    assert weighed({"content": []}).logprobs == ()


@pytest.mark.parametrize(
    "logprobs",
    [
        None,
        [],
        {"content": None},
        {"tokens": ["1"], "token_logprobs": [-0.5]},
        {"content": [1]},
        {"content": [token(top_logprobs=None)]},
        {"content": [token(None, top_logprobs=[])]},
        {"content": [token("1", "-0.5", top_logprobs=[])]},
        {"content": [token("1", True, top_logprobs=[])]},
        {"content": [token("1", -1_000_000, top_logprobs=[])]},
        {"content": [token("1", -(10**400), top_logprobs=[])]},
        {"content": [token("1", float("nan"), top_logprobs=[])]},
        {"content": [token(top_logprobs=[{"token": "1"}])]},
    ],
    ids=by_value,
)
def test_malformed_log_probabilities(logprobs: Any) -> None:
    with pytest.raises(Blocked) as blocked:
        _ = weighed(logprobs).logprobs
    assert blocked.value.requirement == "logprobs.shape"
