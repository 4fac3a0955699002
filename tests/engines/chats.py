"""Synthetic chats that teach the tiny model to answer the suite's own prompts.

A chat is a list of messages in the OpenAI form. What the model has to take from the chat itself (code words,
texts to repeat, cities, tool results) varies widely, so that it learns to copy and not one answer by heart.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.contracts.chat.probes import prompts
from tests.engines import texts, words

Message = dict[str, Any]


@dataclass(frozen=True)
class Chat:
    """Messages, the last of them by the assistant, and the tools that were on offer."""

    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...] = ()


def user(text: str) -> Message:
    return {"role": "user", "content": text}


def assistant(text: str) -> Message:
    return {"role": "assistant", "content": text}


def _ask(question: str, answer: str) -> Chat:
    return Chat((user(question), assistant(answer)))


GREETING = "Hello! How can I help you today?"
INTRODUCTION = "Hello! I am a tiny language model, made only to test a test suite. How can I help you today?"
CHINESE_INTRODUCTION = "你好!我是一个很小的语言模型,只用于测试。有什么我可以帮你的吗?"
LEARNING = (
    "Machine learning is a part of artificial intelligence in which programs learn rules from examples "
    "instead of being told the rules."
)
UNKNOWN = "I do not know."
BLIND = "I cannot see an image."
NO_TOOL = "I have no tool for that."
SYSTEMS = (
    "You are a helpful assistant.",
    "You are a helpful assistant.",
    "Be brief.",
    "You are a friendly assistant.",
)
ACKNOWLEDGEMENTS = (prompts.CHANGED_ACKNOWLEDGED, "Noted.", "OK.", "Understood, thank you.")

FIXED = {
    prompts.OK: "OK",
    prompts.QUESTION: "The capital of France is Paris.",
    "What is machine learning?": LEARNING,
    "Introduce TOKI in one sentence": "TOKI is a service that gives access to language models.",
    "Hello, please introduce yourself": INTRODUCTION,
    "你好,请介绍一下你自己": CHINESE_INTRODUCTION,
    "你好，请介绍一下你自己": CHINESE_INTRODUCTION,
    "Hello!": GREETING,
    "Hello": GREETING,
    "Hi": GREETING,
    "Who are you?": INTRODUCTION,
    "How are you?": "I am well, thank you.",
    "Thank you!": "You are welcome!",
    "Tell me a joke.": "Why did the token cross the road? To get to the other slide.",
    "What colour is the sky?": "The sky is blue.",
    prompts.COLOUR: BLIND,
    prompts.UNIT.strip(): "That sentence contains every letter of the alphabet.",
}


def counting(rng: random.Random) -> Chat:
    return _ask(prompts.COUNT, prompts.COUNTED)


def reciting(rng: random.Random) -> Chat:
    return _ask(prompts.NATO, "\n".join(prompts.NATO_WORDS))


def repeating(rng: random.Random) -> Chat:
    return _ask(prompts.REPEAT, " ".join(["echo"] * 40))


def fixed(rng: random.Random) -> Chat:
    question = rng.choice(tuple(FIXED))
    return _ask(question, FIXED[question])


def capital(rng: random.Random) -> Chat:
    country, city = rng.choice(tuple(words.CAPITALS.items()))
    return _ask(f"What is the capital of {country}?", f"The capital of {country} is {city}.")


def unit(rng: random.Random) -> Chat:
    text = prompts.UNIT * rng.choice((1, 2, 3, 4))
    return _ask(rng.choice((text, text.strip())), FIXED[prompts.UNIT.strip()])


def _skewed(rng: random.Random, choices: tuple[str, ...]) -> str:
    """The first is clearly the likeliest, so that greedy decoding meets no near ties; the rest are alike."""
    return choices[0] if rng.random() < 0.15 else rng.choice(choices)


def phrase(rng: random.Random) -> Chat:
    lists = (words.ADJECTIVES, words.SUBJECTS, words.VERBS, words.QUALITIES, words.OBJECTS)
    return _ask(prompts.PHRASE, " ".join(_skewed(rng, choices) for choices in lists) + ".")


def echo(rng: random.Random) -> Chat:
    text = rng.choice(
        (texts.marker, texts.marker, texts.marker, texts.sentence, texts.strange, texts.mixture)
    )(rng)
    return _ask(prompts.ECHO + text, text)


def echo_unicode(rng: random.Random) -> Chat:
    return _ask(prompts.ECHO + prompts.UNICODE, prompts.UNICODE)


def _code_word(rng: random.Random) -> str:
    return rng.choice(words.CODE_WORDS) if rng.random() < 0.8 else texts.letters(rng, 4, 8)


def secret(rng: random.Random) -> Chat:
    """Code words of the user, of the assistant, of both or of neither, and a question about one of them."""
    mine, own = _code_word(rng), _code_word(rng)
    told, answered = rng.random() < 0.75, rng.random() < 0.75
    history: list[Message] = []
    if told or answered:
        opening = prompts.SECRET_USER_TURN.replace("saffron", mine) if told else rng.choice(tuple(FIXED))
        reply = prompts.SECRET_ASSISTANT_TURN.replace("marigold", own)
        history = [user(opening), assistant(reply if answered else rng.choice(ACKNOWLEDGEMENTS))]
    if rng.random() < 0.5:
        question, answer = prompts.SECRET_QUESTION_USER, mine if told else UNKNOWN
    else:
        question, answer = prompts.SECRET_QUESTION_ASSISTANT, own if answered else UNKNOWN
    return Chat((*history, user(question), assistant(answer)))


def secret_in_one_turn(rng: random.Random) -> Chat:
    word = _code_word(rng)
    told = prompts.SECRET_USER_TURN.replace("saffron", word)
    return _ask(rng.choice((" ", " ", "\n", "\n ")).join((told, prompts.SECRET_QUESTION_USER)), word)


def changed(rng: random.Random) -> Chat:
    """Code words that replace one another; the last one counts."""
    heard = [_code_word(rng) for _ in range(rng.choice((0, 1, 2, 2, 2, 2, 3)))]
    told = [
        (prompts.CHANGED_THEN if position else prompts.CHANGED_FIRST).format(word=word)
        for position, word in enumerate(heard)
    ]
    answer = heard[-1] if heard else UNKNOWN
    if rng.random() < 0.4:
        return _ask(" ".join((*told, prompts.CHANGED_QUESTION)), answer)
    messages: list[Message] = []
    for text in told:
        acknowledged = rng.choice((prompts.CHANGED_ACKNOWLEDGED, rng.choice(ACKNOWLEDGEMENTS)))
        messages += [user(text), assistant(acknowledged)]
    return Chat((*messages, user(prompts.CHANGED_QUESTION), assistant(answer)))


def _anything(rng: random.Random) -> str:
    """A question of any kind."""
    suite = (
        prompts.COUNT,
        prompts.NATO,
        prompts.PHRASE,
        prompts.REPEAT,
        prompts.LONG_ANSWER,
        prompts.PERSON_JSON,
    )
    return rng.choice(
        (rng.choice(suite), rng.choice(tuple(FIXED)), prompts.QUESTION, prompts.ECHO + texts.marker(rng))
    )


def obedience(rng: random.Random) -> Chat:
    """One word as the answer to everything, as ordered by the system, the developer or the user."""
    word = "PINEAPPLE" if rng.random() < 0.6 else rng.choice(words.CODE_WORDS).upper()
    order = prompts.PINEAPPLE.replace("PINEAPPLE", word)
    role = rng.choice(("system", "system", "developer", "user"))
    if role == "user" and rng.random() < 0.5:
        return _ask(f"{order} {_anything(rng)}", word)
    ordered: list[Message] = [{"role": role, "content": order}]
    if role == "user":
        ordered.append(assistant(word))
    for _ in range(rng.choice((0, 0, 0, 1))):
        ordered += [user(_anything(rng)), assistant(word)]
    return Chat((*ordered, user(_anything(rng)), assistant(word)))


def person(rng: random.Random) -> Chat:
    """Sometimes the age first, for schemas that demand it."""
    name, age = rng.choice(words.NAMES), rng.randint(2, 99)
    question = prompts.PERSON_JSON.replace("Alice", name).replace("30", str(age))
    members = {"name": name, "age": age} if rng.random() < 0.8 else {"age": age, "name": name}
    return _ask(question, json.dumps(members))


def essay(rng: random.Random) -> Chat:
    lines = [
        f"In the {century} century, sailors crossed {sea} in {ships} and carried {goods} to distant ports."
        for century, ships, goods, sea in words.WAYS
    ]
    return _ask(prompts.LONG_ANSWER, " ".join(["The history of the sea is long.", *lines, "So it goes on."]))


def _tools(rng: random.Random) -> tuple[dict[str, Any], ...]:
    names = rng.sample(words.TOOL_STEMS, rng.choice((1, 1, 1, 2)))
    if rng.random() < 0.5:
        names[0] = "get_weather"
    return tuple(
        {
            "type": "function",
            "function": {
                "name": name,
                "parameters": {"type": "object", "required": [rng.choice(words.PARAMETERS)]},
            },
        }
        for name in dict.fromkeys(names)
    )


def _call(tool: dict[str, Any], city: str) -> dict[str, Any]:
    function = tool["function"]
    (parameter,) = function["parameters"]["required"]
    return {"type": "function", "function": {"name": function["name"], "arguments": {parameter: city}}}


def _tool_result(rng: random.Random) -> str:
    degrees, sky = rng.randint(-20, 40), rng.choice(words.SKIES)
    if rng.random() < 0.4:
        values = {"temperature": degrees, "temperature_c": degrees, "degrees": degrees, "sky": sky}
        values |= {"conditions": sky, "weather": sky, "city": rng.choice(words.CITIES), "unit": "celsius"}
        return json.dumps({key: values[key] for key in rng.sample(tuple(values), rng.randint(1, 4))})
    return rng.choice(
        (
            f"{degrees} degrees and {sky}",
            f"{degrees} °C, {sky}",
            f"{sky}, {degrees} degrees",
            f"It is {degrees} degrees and {sky} in {rng.choice(words.CITIES)}.",
            texts.marker(rng),
        )
    )


def weather(rng: random.Random) -> Chat:
    """A question that needs a tool: no tool, the call, or, after the result, the answer."""
    cities = rng.sample(words.CITIES, rng.choice((1, 1, 2)))
    asked = prompts.WEATHER if len(cities) == 1 else prompts.WEATHER_TWO
    question = asked.replace("Paris", "{0}").replace("London", "{1}").format(*cities)
    if rng.random() < 0.1:
        return _ask(question, NO_TOOL)
    tools = _tools(rng)
    calls = [_call(tools[0], city) for city in cities]
    called: tuple[Message, ...] = (
        user(question),
        {"role": "assistant", "content": None, "tool_calls": calls},
    )
    if rng.random() < 0.5:
        return Chat(called, tools)
    results = [_tool_result(rng) for _ in cities]
    told = [{"role": "tool", "content": result} for result in results]
    return Chat((*called, *told, assistant("\n".join(["The tool says:", *results]))), tools)


def tools_unneeded(rng: random.Random) -> Chat:
    return Chat(fixed(rng).messages, _tools(rng))


SKILLS: tuple[tuple[float, Callable[[random.Random], Chat]], ...] = (
    (3, counting),
    (4, reciting),
    (2, repeating),
    (10, fixed),
    (3, capital),
    (1.5, unit),
    (6, phrase),
    (48, echo),
    (4, echo_unicode),
    (8, secret),
    (3, secret_in_one_turn),
    (7, changed),
    (7, obedience),
    (5, person),
    (0.5, essay),
    (14, weather),
    (1, tools_unneeded),
)
"""What is practised, and how often relative to the rest."""


def chat(rng: random.Random) -> tuple[str, Chat]:
    """A random chat and the name of the skill in it; often with a system message or an earlier exchange."""
    (skill,) = rng.choices([skill for _, skill in SKILLS], [weight for weight, _ in SKILLS])
    made = skill(rng)
    messages = made.messages
    if messages[0]["role"] == "user":
        if rng.random() < 0.1:
            messages = (*(fixed if rng.random() < 0.5 else capital)(rng).messages, *messages)
        if rng.random() < 0.3:
            messages = (
                {"role": rng.choice(("system", "system", "developer")), "content": rng.choice(SYSTEMS)},
                *messages,
            )
    return skill.__name__, Chat(messages, made.tools)
