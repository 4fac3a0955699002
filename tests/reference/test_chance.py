"""Seeds: what is drawn from one is the same in every run, and different for each request."""

from __future__ import annotations

from conformance.contracts.chat.probes import prompts
from conformance.reference import serving
from conformance.reference.chance import Chances
from tests.reference.asking import KEY, Client


def drawn(chances: Chances, body: bytes) -> float:
    return chances.of("POST", "/v1/chat/completions", body).random()


def test_a_seed_gives_the_same_numbers_for_the_same_requests_in_any_order() -> None:
    one, other = Chances(7), Chances(7)
    first, again, different = drawn(one, b"a"), drawn(one, b"a"), drawn(one, b"b")
    assert len({first, again, different}) == 3
    assert (drawn(other, b"b"), drawn(other, b"a"), drawn(other, b"a")) == (different, first, again)


def test_another_seed_gives_other_numbers() -> None:
    assert drawn(Chances(7), b"a") != drawn(Chances(8), b"a")


def test_without_a_seed_all_is_chance() -> None:
    assert drawn(Chances(), b"a") != drawn(Chances(), b"a")


def test_servers_with_one_seed_answer_alike() -> None:
    def answers() -> list[tuple[str, str]]:
        with serving(KEY, seed=3, pace=0) as url:
            got = [Client(url, key=KEY).ask(prompts.PHRASE) for _ in range(2)]
        return [(one.text, one.json()["id"]) for one in got]

    first = answers()
    assert first == answers()
    assert len(set(first)) == 2
