"""Arithmetic on token counts."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable

import pytest

from conformance.contracts.chat import counting
from conformance.contracts.chat.probes import prompts
from conformance.reference.tokens import count

ANSWERS = (
    prompts.COUNTED,
    "\n".join(prompts.NATO_WORDS),
    "Alfa\nBravo\nCharlie\nDelta\nEcho\n",
    prompts.UNICODE,
    "Velvet thunder whispers beneath marmalade",
)
PROMPTS = (
    prompts.COUNT,
    prompts.NATO,
    prompts.PHRASE,
    *(prompts.UNIT * times for times in (1, 2, 4)),
    prompts.ECHO + prompts.UNICODE,
)


def words_and_marks(text: str) -> int:
    """A tokenizer that makes a token of every word, digit and mark."""
    return len(re.findall(r" ?[^\W\d]+|\d|[^\w\s]|\s", text))


def ideographs(text: str) -> int:
    return len(re.findall("[\u3040-\u30ff\u4e00-\u9fff]", text))


TOKENIZERS = pytest.mark.parametrize("tokenize", [count, words_and_marks, len], ids=range(3))
FORMULAS = pytest.mark.parametrize(
    "formula",
    [
        lambda text: len(text) // 4,
        lambda text: math.ceil(len(text) / 4),
        lambda text: round(len(text) / 3.5 + 1e-9),
        lambda text: len(text.encode()) // 3,
        lambda text: len(text) // 4 + 1,
        lambda text: math.ceil(len(text.split()) / 0.75),
        lambda text: len(text.split()),
        lambda text: math.floor(1.37 * len(text.split())),
        lambda text: len(re.findall(r"\w+|[^\w\s]", text)),
        lambda text: math.ceil(len(text.encode("utf-16-le")) / 2 / 4),
        lambda text: math.ceil(0.29 * len(text)),
        lambda text: math.ceil(len(json.dumps(text)) / 4),
        lambda text: len(json.dumps(text, ensure_ascii=False)) // 3,
        lambda text: math.ceil(ideographs(text) + (len(text) - ideographs(text)) / 4),
        lambda text: round(0.6 * ideographs(text) + 0.3 * (len(text) - ideographs(text)) + 1e-9),
    ],
    ids=range(15),
)


@pytest.mark.parametrize(("each", "beside"), [(10, 8), (1, 0), (11, 500)])
def test_a_line_is_found_in_exact_counts(each: int, beside: int) -> None:
    assert counting.line(beside + each, beside + 2 * each, beside + 4 * each) == (each, beside)


def test_a_line_evens_out_what_is_off_by_one() -> None:
    each, beside = counting.line(18, 29, 48)
    assert each == pytest.approx(10, abs=0.1)
    assert beside == pytest.approx(8, abs=1)


@TOKENIZERS
def test_no_formula_fits_a_tokenizer(tokenize: Callable[[str], int]) -> None:
    assert counting.formula_for_answers([(text, tokenize(text)) for text in ANSWERS]) is None
    assert counting.formula_for_prompts([(text, tokenize(text) + 7) for text in PROMPTS]) is None


@FORMULAS
def test_a_formula_is_found_in_the_counts_of_answers(formula: Callable[[str], int]) -> None:
    assert counting.formula_for_answers([(text, formula(text)) for text in ANSWERS])


@FORMULAS
@pytest.mark.parametrize("constant", [0, 3, 8])
def test_a_formula_is_found_in_the_counts_of_prompts(formula: Callable[[str], int], constant: int) -> None:
    assert counting.formula_for_prompts([(text, formula(text) + constant) for text in PROMPTS])


def test_what_is_added_to_the_text_of_a_prompt_does_not_hide_the_formula() -> None:
    counted = [(text, (len(text) + 33) // 4) for text in PROMPTS]
    assert counting.formula_for_prompts(counted) == "characters / 4, and a constant"


def test_a_single_count_that_is_off_is_no_formula() -> None:
    counted = [(text, len(text) // 4) for text in ANSWERS]
    assert counting.formula_for_answers(counted) == "characters / 4, rounded down"
    text, tokens = counted[0]
    assert counting.formula_for_answers([(text, tokens + 2), *counted[1:]]) is None
