"""Trains the tiny model from scratch and writes it as GGUF: `python -m tests.engines.train`.

A Llama of about a million parameters learns the chats of `chats.py`. On two CPU cores it takes about ten
minutes. The weights are a dictionary whose keys are the GGUF names of the tensors, so the export is a copy.
"""

from __future__ import annotations

import argparse
import importlib
import random
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from tests.engines import chats
from tests.engines.bytepair import Vocabulary, learn, printable

HERE = Path(__file__).parent
MODEL = HERE / "model.gguf"
TEMPLATE = HERE / "chat_template.jinja"

START, END = "<|im_start|>", "<|im_end|>"
SPECIAL = (START, END, "<tool_call>", "</tool_call>")
MERGES = 762
WIDTH, LAYERS, HEADS, INNER = 128, 5, 4, 384
HEAD_WIDTH = WIDTH // HEADS
ROPE_BASE = 1000.0
NORM_EPSILON = 1e-5
CONTEXT = 4096
STEPS = 1500
ROWS, ROW = 10, 384
"""A step's tokens: so many rows, and the tokens in each."""
SEED = 20
IGNORED = -100
RANDOM = chats.phrase.__name__
"""The skill without right answers."""

Tensor = Any
Weights = dict[str, Tensor]


def _needed(module: str) -> Any:
    """A module of the `train` extra, imported by name: its types are not there where it is not installed."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as missing:
        raise SystemExit(f"training needs {missing.name}: pip install -e '.[train]'") from None


torch = _needed("torch")
gguf = _needed("gguf")


# ---------------------------------------------------------------- chats as tokens


def renderer() -> Any:
    """The chat template with the settings under which llama.cpp reads it."""
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True, autoescape=False)
    return environment.from_string(TEMPLATE.read_text())


def rendered(template: Any, chat: chats.Chat) -> str:
    return str(template.render(messages=chat.messages, tools=chat.tools, add_generation_prompt=False))


@dataclass(frozen=True)
class Sample:
    """A chat as tokens. From `answer` on, the assistant has to write them; all before is given."""

    skill: str
    tokens: tuple[int, ...]
    answer: int


def sample(vocabulary: Vocabulary, template: Any, rng: random.Random) -> Sample:
    skill, chat = chats.chat(rng)
    opening = f"{START}assistant\n"
    given, _, answer = rendered(template, chat).rpartition(opening)
    prompt = vocabulary.encode(given + opening)
    return Sample(skill, (*prompt, *vocabulary.encode(answer.rstrip("\n"))), len(prompt))


@dataclass(frozen=True)
class Batch:
    """Rows of several chats each, one after another.

    `tokens` are the inputs and `targets` the tokens after them, IGNORED where the assistant has no say.
    `chat` numbers the chats, so that attention can keep them apart; `skills` are their names by that number.
    """

    tokens: Tensor
    targets: Tensor
    chat: Tensor
    skills: tuple[str, ...]


def batches(vocabulary: Vocabulary, rng: random.Random) -> Iterator[Batch]:
    """Batches of ROWS rows of ROW tokens, filled with random chats. The few longer ones are left out."""
    template = renderer()
    waiting: list[Sample] = []
    while True:
        rows: list[list[Sample]] = [[] for _ in range(ROWS)]
        room = [ROW] * ROWS
        while True:
            item = waiting.pop() if waiting else sample(vocabulary, template, rng)
            row = max(range(ROWS), key=room.__getitem__)
            if len(item.tokens) > ROW:
                continue
            if len(item.tokens) > room[row]:
                waiting.append(item)
                break
            rows[row].append(item)
            room[row] -= len(item.tokens)
        yield batch(rows)


def batch(rows: list[list[Sample]]) -> Batch:
    tokens = torch.zeros(ROWS, ROW, dtype=torch.long)
    targets = torch.full((ROWS, ROW), IGNORED)
    chat = torch.full((ROWS, ROW), -1)
    skills: list[str] = []
    for row, items in enumerate(rows):
        at = 0
        for item in items:
            end = at + len(item.tokens)
            tokens[row, at:end] = torch.tensor(item.tokens)
            targets[row, at + item.answer - 1 : end - 1] = torch.tensor(item.tokens[item.answer :])
            chat[row, at:end] = len(skills)
            skills.append(item.skill)
            at = end
    return Batch(tokens, targets, chat, tuple(skills))


# ---------------------------------------------------------------- the model


def initial_weights(vocabulary_size: int) -> Weights:
    """Random matrices and norms of one, under their GGUF names."""

    def matrix(rows: int, columns: int, scale: float) -> Tensor:
        return (torch.randn(rows, columns) * scale).requires_grad_()

    weights = {"token_embd.weight": matrix(vocabulary_size, WIDTH, 0.5)}
    for layer in range(LAYERS):
        for name in ("attn_q", "attn_k", "attn_v"):
            weights[f"blk.{layer}.{name}.weight"] = matrix(WIDTH, WIDTH, WIDTH**-0.5)
        for name in ("ffn_gate", "ffn_up"):
            weights[f"blk.{layer}.{name}.weight"] = matrix(INNER, WIDTH, WIDTH**-0.5)
        shrink = (2 * LAYERS) ** -0.5
        weights[f"blk.{layer}.attn_output.weight"] = matrix(WIDTH, WIDTH, shrink * WIDTH**-0.5)
        weights[f"blk.{layer}.ffn_down.weight"] = matrix(WIDTH, INNER, shrink * INNER**-0.5)
        for name in ("attn_norm", "ffn_norm"):
            weights[f"blk.{layer}.{name}.weight"] = torch.ones(WIDTH, requires_grad=True)
    weights["output_norm.weight"] = torch.full((WIDTH,), 0.2, requires_grad=True)
    return weights


def rotations(length: int) -> Tensor:
    """RoPE as complex numbers: one per position and pair of neighbouring channels."""
    frequencies = ROPE_BASE ** (-torch.arange(0, HEAD_WIDTH, 2) / HEAD_WIDTH)
    return torch.polar(torch.ones(()), torch.outer(torch.arange(length), frequencies))


def rotated(heads: Tensor, rotation: Tensor) -> Tensor:
    pairs = torch.view_as_complex(heads.float().unflatten(-1, (-1, 2)))
    return torch.view_as_real(pairs * rotation).flatten(-2).to(heads.dtype)


def hidden(weights: Weights, tokens: Tensor, chat: Tensor) -> Tensor:
    """What the model makes of every position, before the projection onto the vocabulary."""
    functional = torch.nn.functional
    length = tokens.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool).tril()
    visible = causal & (chat[:, None, :, None] == chat[:, None, None, :])
    rotation = rotations(length)

    def norm(value: Tensor, name: str) -> Tensor:
        return functional.rms_norm(value, (WIDTH,), weights[f"{name}.weight"], NORM_EPSILON)

    def linear(value: Tensor, name: str) -> Tensor:
        return functional.linear(value, weights[f"{name}.weight"])

    def split(value: Tensor) -> Tensor:
        return value.unflatten(-1, (HEADS, HEAD_WIDTH)).transpose(1, 2)

    state = functional.embedding(tokens, weights["token_embd.weight"])
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        seen = norm(state, f"{block}.attn_norm")
        query, key, value = (split(linear(seen, f"{block}.attn_{name}")) for name in "qkv")
        mixed = functional.scaled_dot_product_attention(
            rotated(query, rotation), rotated(key, rotation), value, attn_mask=visible
        )
        state = state + linear(mixed.transpose(1, 2).flatten(-2), f"{block}.attn_output")
        seen = norm(state, f"{block}.ffn_norm")
        gate = functional.silu(linear(seen, f"{block}.ffn_gate"))
        state = state + linear(gate * linear(seen, f"{block}.ffn_up"), f"{block}.ffn_down")
    return norm(state, "output_norm")


# ---------------------------------------------------------------- training


def train(vocabulary: Vocabulary, steps: int) -> Weights:
    """Weights after so many steps. Muon for the matrices, AdamW for the rest; linear warm-up and decay."""
    torch.manual_seed(SEED)
    weights = initial_weights(len(vocabulary.tokens))
    matrices = [value for name, value in weights.items() if value.ndim == 2 and name != "token_embd.weight"]
    rest = [value for name, value in weights.items() if value.ndim == 1 or name == "token_embd.weight"]
    optimizers = (
        torch.optim.Muon(matrices, lr=0.012, weight_decay=0.01, momentum=0.95),
        torch.optim.AdamW(rest, lr=0.008, betas=(0.9, 0.98), weight_decay=0.0),
    )

    def rate(step: int) -> float:
        return min((step + 1) / 50, 1.0, max(0.0, (steps - step) / (0.6 * steps)))

    schedules = [torch.optim.lr_scheduler.LambdaLR(optimizer, rate) for optimizer in optimizers]
    right: dict[str, list[bool]] = defaultdict(list)
    started = time.monotonic()
    for step, batch in zip(range(1, steps + 1), batches(vocabulary, random.Random(SEED)), strict=False):
        asked = batch.targets != IGNORED
        targets, chat = batch.targets[asked], batch.chat[asked]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = hidden(weights, batch.tokens, batch.chat)[asked]
            guesses = torch.nn.functional.linear(states, weights["token_embd.weight"]).float()
        loss = torch.nn.functional.cross_entropy(guesses, targets)
        loss.backward()
        for optimizer, schedule in zip(optimizers, schedules, strict=True):
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        wrong = set(chat[guesses.argmax(-1) != targets].tolist())
        for number, skill in enumerate(batch.skills):
            right[skill].append(number not in wrong)
        if step % 100 == 0 or step == steps:
            share = {skill: sum(seen) / len(seen) for skill, seen in sorted(right.items()) if skill != RANDOM}
            print(f"step {step} of {steps}, {time.monotonic() - started:.0f} s, loss {loss.item():.3f}")
            print("  answers right: " + ", ".join(f"{skill} {part:.0%}" for skill, part in share.items()))
            right.clear()
    return weights


# ---------------------------------------------------------------- export


def write(weights: Weights, vocabulary: Vocabulary, path: Path) -> None:
    """The model as GGUF, its matrices quantised to Q8_0."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_description("A test model trained from scratch on synthetic chats.")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(HEAD_WIDTH)
    writer.add_rope_freq_base(ROPE_BASE)
    writer.add_layer_norm_rms_eps(NORM_EPSILON)
    writer.add_vocab_size(len(vocabulary.tokens))
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    kinds = {START: gguf.TokenType.CONTROL, END: gguf.TokenType.CONTROL}
    writer.add_token_list([*SPECIAL, *map(printable, vocabulary.tokens[len(SPECIAL) :])])
    writer.add_token_types(
        [
            *(kinds.get(text, gguf.TokenType.USER_DEFINED) for text in SPECIAL),
            *[gguf.TokenType.NORMAL] * (len(vocabulary.tokens) - len(SPECIAL)),
        ]
    )
    writer.add_token_merges([f"{printable(left)} {printable(right)}" for left, right in vocabulary.merges])
    writer.add_bos_token_id(SPECIAL.index(START))
    writer.add_eos_token_id(SPECIAL.index(END))
    writer.add_eot_token_id(SPECIAL.index(END))
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE.read_text())
    for name, value in weights.items():
        array = value.detach().float().numpy()
        if array.ndim == 1:
            writer.add_tensor(name, array)
        else:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(name, gguf.quants.quantize(array, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--output", type=Path, default=MODEL, help="where to write the GGUF file")
    parser.add_argument("--steps", type=int, default=STEPS, help="training steps")
    options = parser.parse_args()
    rng = random.Random(SEED)
    template = renderer()
    texts = [rendered(template, chats.chat(rng)[1]) for _ in range(20000)]
    texts = [part for text in texts for part in re.split("|".join(map(re.escape, SPECIAL)), text)]
    vocabulary = Vocabulary(SPECIAL, learn(texts, MERGES))
    weights = train(vocabulary, options.steps)
    write(weights, vocabulary, options.output)
    count = sum(value.numel() for value in weights.values())
    print(f"wrote {options.output}: {count} parameters, {options.output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
