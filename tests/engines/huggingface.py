"""The tiny model as Hugging Face's libraries find it in their cache, made from its GGUF file."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.engines.process import EngineError

MODEL = "conformance/tiny"
REVISION = "0" * 40

TENSORS = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
"""What GGUF calls a layer's tensors, and what Llama calls them in safetensors files."""

CONTROL = 3
"""GGUF's type of a token that is never text. Of those that the user defines, the tool tags are text."""
USER_DEFINED = 4

TOOL_CALLS = {
    "defaults": {"role": "assistant"},
    "start_anchor": "<|im_start|>assistant\n",
    "fields": {
        "tool_calls": {
            "open_pattern": r"\s*<tool_call>",
            "close": "</tool_call>",
            "repeats": True,
            "content": "json",
            "transform": {"type": "function", "function": "{content}"},
        },
        "content": {"close_pattern": r"\s*<\|im_end\|>", "content": "text"},
    },
}
"""How transformers is told to read tool calls in what the model writes."""


def write(source: Path, cache: Path) -> None:
    """Writes the model of a GGUF file into a cache folder (HF_HOME), as if it had been downloaded.

    Raises EngineError where the libraries of the extra `engines` are missing.
    """
    try:
        gguf = importlib.import_module("gguf")
        save_file = importlib.import_module("safetensors.numpy").save_file
    except ModuleNotFoundError as missing:
        raise EngineError(f"{missing.name} is not installed: pip install -e '.[engines]'") from None
    reader = gguf.GGUFReader(source)
    field = {name: value.contents() for name, value in reader.fields.items()}
    repository = cache / "hub" / f"models--{MODEL.replace('/', '--')}"
    folder = repository / "snapshots" / REVISION
    folder.mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(REVISION)
    heads = field["llama.attention.head_count"]
    weights = {
        name: _unrotated(value, heads) if name.endswith(("q_proj.weight", "k_proj.weight")) else value
        for name, value in _named(gguf, reader)
    }
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    index = {"metadata": {}, "weight_map": dict.fromkeys(weights, "model.safetensors")}
    for name, content in (
        ("model.safetensors.index.json", index),
        ("config.json", _configuration(field)),
        ("generation_config.json", {"eos_token_id": field["tokenizer.ggml.eos_token_id"], "do_sample": True}),
        ("tokenizer.json", _tokenizer(field)),
        ("tokenizer_config.json", _tokenizer_configuration(field)),
    ):
        (folder / name).write_text(json.dumps(content, indent=1), encoding="utf-8")


def _named(gguf: Any, reader: Any) -> Iterator[tuple[str, Any]]:
    """The tensors as 32-bit floats, by their names in safetensors files."""
    whole = {"token_embd": "model.embed_tokens", "output_norm": "model.norm"}
    for tensor in reader.tensors:
        stem = tensor.name.removesuffix(".weight")
        value = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype("float32")
        if stem in whole:
            yield f"{whole[stem]}.weight", value
        else:
            _, layer, kind = stem.split(".")
            yield f"model.layers.{layer}.{TENSORS[kind]}.weight", value


def _unrotated(value: Any, heads: int) -> Any:
    """GGUF turns neighbouring channels of a head together, safetensors' Llama the halves of it."""
    rows, columns = value.shape
    pairs = value.reshape(heads, rows // heads // 2, 2, columns)
    return pairs.swapaxes(1, 2).reshape(rows, columns).copy()


def _configuration(field: dict[str, Any]) -> dict[str, Any]:
    heads = field["llama.attention.head_count"]
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "dtype": "float32",
        "hidden_size": field["llama.embedding_length"],
        "num_hidden_layers": field["llama.block_count"],
        "num_attention_heads": heads,
        "num_key_value_heads": heads,
        "head_dim": field["llama.embedding_length"] // heads,
        "intermediate_size": field["llama.feed_forward_length"],
        "max_position_embeddings": field["llama.context_length"],
        "rope_theta": field["llama.rope.freq_base"],
        "rms_norm_eps": field["llama.attention.layer_norm_rms_epsilon"],
        "vocab_size": len(field["tokenizer.ggml.tokens"]),
        "hidden_act": "silu",
        "tie_word_embeddings": True,
        "bos_token_id": field["tokenizer.ggml.bos_token_id"],
        "eos_token_id": field["tokenizer.ggml.eos_token_id"],
    }


def _tokenizer(field: dict[str, Any]) -> dict[str, Any]:
    """Byte-level BPE, with the pre-tokenizer of GPT-2."""
    tokens, kinds = field["tokenizer.ggml.tokens"], field["tokenizer.ggml.token_type"]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": True}
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return {
        "version": "1.0",
        "added_tokens": [
            {"id": number, "content": tokens[number], "special": kind == CONTROL, **plain}
            for number, kind in enumerate(kinds)
            if kind in (CONTROL, USER_DEFINED)
        ],
        "normalizer": None,
        "pre_tokenizer": byte_level,
        "post_processor": None,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "vocab": {token: number for number, token in enumerate(tokens)},
            "merges": [merge.split(" ") for merge in field["tokenizer.ggml.merges"]],
        },
    }


def _tokenizer_configuration(field: dict[str, Any]) -> dict[str, Any]:
    tokens = field["tokenizer.ggml.tokens"]
    end = tokens[field["tokenizer.ggml.eos_token_id"]]
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": tokens[field["tokenizer.ggml.bos_token_id"]],
        "eos_token": end,
        "pad_token": end,
        "clean_up_tokenization_spaces": False,
        "model_max_length": field["llama.context_length"],
        "chat_template": field["tokenizer.chat_template"],
        "response_template": TOOL_CALLS,
        "tool_parser_type": "json_tools",  # MLX: JSON between <tool_call> and </tool_call>
    }
