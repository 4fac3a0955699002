"""What the model understands and says, without a server."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from conformance.contracts.chat.probes import prompts
from conformance.reference.chat.mind import language
from conformance.reference.chat.mind.answering import Choice, think
from conformance.reference.chat.mind.plan import BACKGROUND
from conformance.reference.chat.request import ChatRequest, Message, ToolChoice
from conformance.reference.tokens import count, token_id, tokenize
from tests.ids import by_value

COLD = ChatRequest("reference", (), temperature=0)


def answer(*turns: str | Message, seed: int = 1, request: ChatRequest = COLD, **changes: Any) -> Choice:
    """The first choice in answer to a conversation; a string is a user message."""
    messages = tuple(Message("user", turn) if isinstance(turn, str) else turn for turn in turns)
    return think(replace(request, messages=messages, **changes), seed)[0]


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        (prompts.COUNT, prompts.COUNTED),
        ("Count from 3 to 1.", "3 2 1"),
        ("Count from 9 to 11, one number per line.", "9\n10\n11"),
        (prompts.NATO, "\n".join(prompts.NATO_WORDS)),
        (prompts.OK, "OK"),
        ("Please say hello.", "hello"),
        (prompts.REPEAT, " ".join(["echo"] * 40)),
        ("Say BANANA 3 times", "BANANA BANANA BANANA"),
        (prompts.ECHO + prompts.UNICODE, prompts.UNICODE),
        (prompts.ECHO + " two\n\nlines \n", " two\n\nlines \n"),
        (prompts.ECHO + "What is my name?", "What is my name?"),
        ("Repeat exactly: alpha bravo", "alpha bravo"),
        (prompts.QUESTION, "The capital of France is Paris."),
        (prompts.PINEAPPLE, "PINEAPPLE"),
    ],
    ids=by_value,
)
def test_certain_answers(prompt: str, text: str) -> None:
    said = answer(prompt)
    assert (said.text, said.finish_reason, said.spent) == (text, "stop", count(text))


@pytest.mark.parametrize(
    "prompt",
    [
        "Hello, please introduce yourself",
        "Introduce TOKI in one sentence",
        "What is machine learning?",
        "Hm.",
        "",
    ],
    ids=by_value,
)
def test_a_sensible_answer_to_anything(prompt: str) -> None:
    said = answer(prompt)
    assert said.text.endswith((".", "?"))
    assert said.finish_reason == "stop"


def test_chinese_is_answered_in_chinese() -> None:
    assert "你好" in answer("你好,请介绍一下你自己").text


def test_an_essay_has_the_length_that_was_asked_for() -> None:
    assert len(answer(prompts.LONG_ANSWER).text.split()) == pytest.approx(500, rel=0.1)


class TestRecall:
    history = (
        prompts.SECRET_USER_TURN,
        Message("assistant", prompts.SECRET_ASSISTANT_TURN),
    )

    def test_what_the_user_said(self) -> None:
        assert answer(*self.history, prompts.SECRET_QUESTION_USER).text == "saffron"

    def test_what_the_assistant_said(self) -> None:
        assert answer(*self.history, prompts.SECRET_QUESTION_ASSISTANT).text == "marigold"

    def test_nothing_without_history(self) -> None:
        assert "not know" in answer(prompts.SECRET_QUESTION_USER).text

    @pytest.mark.parametrize(("first", "last"), [("lemon", "cobalt"), ("cobalt", "lemon")])
    def test_the_last_word_wins(self, first: str, last: str) -> None:
        said = answer(
            prompts.CHANGED_FIRST.format(word=first),
            Message("assistant", prompts.CHANGED_ACKNOWLEDGED),
            prompts.CHANGED_THEN.format(word=last),
            Message("assistant", prompts.CHANGED_ACKNOWLEDGED),
            prompts.CHANGED_QUESTION,
        )
        assert said.text == last

    def test_a_needle_in_a_long_prompt(self) -> None:
        hay = prompts.UNIT * 200
        assert answer(f"The magic number is 48213. {hay}What is the magic number?").text == "48213"


@pytest.mark.parametrize("role", ["system", "developer"])
def test_instructions_are_obeyed(role: str) -> None:
    assert answer(Message(role, prompts.PINEAPPLE), prompts.QUESTION).text == "PINEAPPLE"


def test_a_harmless_system_message_changes_nothing() -> None:
    polite = Message("system", "You are a helpful assistant.")
    assert answer(polite, prompts.QUESTION).text == answer(prompts.QUESTION).text


class TestSampling:
    def phrases(self, seeds: int = 40, **changes: Any) -> list[str]:
        return [answer(prompts.PHRASE, seed=seed, **changes).text for seed in range(seeds)]

    def test_zero_temperature_is_constant(self) -> None:
        assert len(set(self.phrases(temperature=0))) == 1

    @pytest.mark.parametrize("temperature", [1.0, 1.5, 2.0])
    def test_heat_gives_variety(self, temperature: float) -> None:
        assert len(set(self.phrases(temperature=temperature))) == 40

    def test_more_heat_gives_more_variety(self) -> None:
        words = [len(set(" ".join(self.phrases(temperature=t)).split())) for t in (0.01, 0.2, 1.0)]
        assert words == sorted(set(words))

    @pytest.mark.parametrize("top_p", [0, 0.01])
    def test_a_narrow_nucleus_is_the_likeliest(self, top_p: float) -> None:
        assert set(self.phrases(temperature=1, top_p=top_p)) == set(self.phrases(temperature=0))

    def test_a_wide_nucleus_is_not(self) -> None:
        assert len(set(self.phrases(temperature=1, top_p=0.9))) > 30

    def test_the_phrase_has_five_words(self) -> None:
        assert all(len(text.split()) == 5 for text in self.phrases(temperature=1))

    def test_choices_differ_and_the_seed_repeats_them(self) -> None:
        request = ChatRequest("reference", (Message("user", prompts.PHRASE),), n=5)
        texts = [choice.text for choice in think(request, 7)]
        assert len(set(texts)) == 5
        assert [choice.text for choice in think(request, 7)] == texts
        assert [choice.text for choice in think(request, 8)] != texts

    def test_random_numbers_are_random(self) -> None:
        found = {answer("Write a random 12-digit number.", temperature=1, seed=s).text for s in range(20)}
        assert len(found) == 20
        assert all(re.fullmatch(r"\d{12}", text) for text in found)

    def test_vocabulary_is_one_piece_each(self) -> None:
        assert all(len(tokenize(piece)) == 1 for slot in language.phrase() for piece in slot)
        assert all(len(tokenize(piece)) == 1 for piece in BACKGROUND)


class TestPenalties:
    def times(self, **changes: Any) -> int:
        return answer(prompts.REPEAT, **changes).text.split().count("echo")

    def test_without_penalty_all_forty(self) -> None:
        assert self.times() == 40

    @pytest.mark.parametrize(
        "penalty", [{"frequency_penalty": 2}, {"frequency_penalty": 0.5}, {"presence_penalty": 2}]
    )
    def test_a_penalty_ends_the_repetition(self, penalty: dict[str, float]) -> None:
        assert 2 <= self.times(**penalty) <= 20

    def test_a_negative_penalty_does_not(self) -> None:
        assert self.times(frequency_penalty=-2, presence_penalty=-2) == 40

    def test_a_frequency_penalty_beats_heat(self) -> None:
        assert max(self.times(temperature=1, seed=s, frequency_penalty=2) for s in range(20)) <= 20


class TestBias:
    def test_a_forbidden_token_is_not_said(self) -> None:
        assert "OK" not in answer(prompts.OK, logit_bias={token_id("OK"): -100}).text

    def test_a_wanted_token_is_said(self) -> None:
        assert answer(prompts.OK, logit_bias={token_id(" the"): 100}).text.startswith(" the")

    def test_a_bias_on_another_token_does_nothing(self) -> None:
        assert answer(prompts.OK, logit_bias={token_id("zebra"): -100}).text == "OK"

    def test_a_bias_brings_about_what_is_never_said(self) -> None:
        assert answer(prompts.OK, logit_bias={900: 100}, max_tokens=2).text == "<900><900>"
        assert answer(prompts.OK, logit_bias={900: 1}).text == "OK"


class TestLimits:
    @pytest.mark.parametrize("limit", [1, 5, 16, 38], ids=by_value)
    def test_exactly_so_many_tokens(self, limit: int) -> None:
        said = answer(prompts.COUNT, max_tokens=limit)
        assert (said.spent, said.finish_reason, len(said.tokens)) == (limit, "length", limit)
        assert prompts.COUNTED.startswith(said.text)

    def test_a_limit_beyond_the_end_does_nothing(self) -> None:
        assert answer(prompts.COUNT, max_tokens=40) == answer(prompts.COUNT)


class TestStop:
    whole = "\n".join(prompts.NATO_WORDS)

    @pytest.mark.parametrize(
        "stop",
        [
            ("Foxtrot",),
            ("@@1", "@@2", "@@3", "Foxtrot"),
            ("Echo\nFoxtrot",),
            ("trot",),
            ("Golf", "o\nFox"),
            ("\n",),
        ],
        ids=by_value,
    )
    def test_the_text_is_cut_before_it(self, stop: tuple[str, ...]) -> None:
        said = answer(prompts.NATO, stop=stop)
        assert said.text == self.whole[: min(self.whole.find(s) for s in stop if s in self.whole)]
        assert said.finish_reason == "stop"
        assert len(said.tokens) <= said.spent < answer(prompts.NATO).spent

    def test_at_the_first_token(self) -> None:
        said = answer(prompts.NATO, stop=("Alfa",))
        assert (said.text, said.finish_reason, said.spent) == ("", "stop", 1)

    @pytest.mark.parametrize("stop", ["Foxtrot-ZZZ", "foxtrot", "Zulu\n"])
    def test_a_partial_match_does_nothing(self, stop: str) -> None:
        assert answer(prompts.NATO, stop=(stop,)) == answer(prompts.NATO)


class TestLogprobs:
    @pytest.mark.parametrize("alternatives", [0, 1, 5, 20], ids=by_value)
    def test_exactly_as_many_alternatives_as_asked_for(self, alternatives: int) -> None:
        said = answer(prompts.COUNT, logprobs=True, top_logprobs=alternatives)
        assert all(len(token.top) == alternatives for token in said.tokens)

    def test_they_are_probabilities_in_order(self) -> None:
        for token in answer(prompts.PHRASE, temperature=1, logprobs=True, top_logprobs=20).tokens:
            values = [logprob for _, logprob in token.top]
            assert values == sorted(values, reverse=True)
            assert max(token.logprob, *values) <= 0
            assert sum(2.718281828**value for value in values) <= 1.000001

    def test_the_token_has_the_probability_of_its_alternative(self) -> None:
        for token in answer(prompts.COUNT, logprobs=True, top_logprobs=2).tokens:
            assert token.top[0] == (token.text, token.logprob)

    def test_they_concatenate_to_a_text_that_was_cut(self) -> None:
        said = answer(prompts.NATO, stop=("rot",), logprobs=True)
        assert said.text.endswith("Foxt")


class TestJson:
    def test_a_person(self) -> None:
        schema = {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}
        said = answer(
            prompts.PERSON_JSON, format="json_schema", schema={**schema, "required": ["name", "age"]}
        )
        assert json.loads(said.text) == {"name": "Alice", "age": 30}

    def test_a_person_without_schema(self) -> None:
        assert json.loads(answer(prompts.PERSON_JSON, format="json_object").text) == {
            "name": "Alice",
            "age": 30,
        }

    def test_an_object_whatever_was_asked(self) -> None:
        assert isinstance(json.loads(answer("A poem, not JSON!", format="json_object").text), dict)

    def test_prose_where_json_was_not_demanded(self) -> None:
        with pytest.raises(ValueError):
            json.loads(answer(prompts.PERSON_JSON).text)


def test_a_tool_choice_of_none_is_the_default_without_tools() -> None:
    assert answer(prompts.WEATHER, tool_choice=ToolChoice("auto")).calls == ()
