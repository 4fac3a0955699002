"""The vocabulary that the tiny model is trained with."""

from __future__ import annotations

import random
from functools import cache
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from conformance.contracts.chat.probes import prompts
from tests.engines import chats
from tests.engines.bytepair import Vocabulary, learn, printable, words


@cache
def vocabulary() -> Vocabulary:
    """It is learnt once it is needed."""
    return Vocabulary(("<|a|>", "<|b|>"), learn([prompts.COUNT, prompts.NATO, prompts.LONG_ANSWER], 60))


@given(st.text())
def test_every_text_comes_back(text: str) -> None:
    assert vocabulary().decode(vocabulary().encode(text)) == text


@given(st.text())
def test_pieces_are_the_whole_text(text: str) -> None:
    assert "".join(words(text)) == text


def test_pieces_are_those_of_gpt_2() -> None:
    assert words("It's  10½ é\u0301a!? \n x") == [
        "It",
        "'s",
        " ",
        " 10½",
        " é",
        "\u0301",
        "a",
        "!?",
        " \n",
        " x",
    ]


def test_the_most_frequent_pair_is_merged_first() -> None:
    assert learn(["abab", "abab", "bc"], 2) == [(b"a", b"b"), (b"ab", b"ab")]


def test_frequent_words_become_one_token() -> None:
    (token,) = Vocabulary(("<|a|>",), learn(["count count count"], 5)).encode(" count")
    assert token >= 256


def test_only_special_tokens_are_recognised_as_such() -> None:
    assert vocabulary().encode("<|b|><|a|>") == [1, 0]
    assert len(vocabulary().encode("<|c|>")) == len("<|c|>")


def test_characters_outside_ascii_stay_bytes() -> None:
    assert len(Vocabulary(("<|a|>",), learn(["你好 你好 你好 aa"], 1)).encode("你好")) == 6


def test_tokens_are_stored_as_printable_characters() -> None:
    assert printable(b" a\n") == "Ġa\u010a"
    assert len({printable(bytes([byte])) for byte in range(256)}) == 256


def test_chats_end_with_the_assistant_and_roles_alternate() -> None:
    rng = random.Random(1)
    for _ in range(300):
        _, chat = chats.chat(rng)
        roles = [message["role"] for message in chat.messages]
        assert roles[-1] == "assistant"
        assert all((one, other) != ("user", "user") for one, other in pairwise(roles))
