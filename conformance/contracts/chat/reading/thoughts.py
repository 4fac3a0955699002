"""How models mark their thoughts in a text, where no server reads the marks."""

from __future__ import annotations

import re

THOUGHT_TAG = re.compile(
    r"</?(?:\w+:)?(?:think(?:ing)?|thoughts?|reasoning|reflection|scratchpad)>|\[/?THINK\]|◁/?think▷"
    r"|<\|(?:(?:begin|end)_of_thought|START_THINKING|END_THINKING|begin_of_box)\|>"
    r"|<\|channel\|?>\s*(?:analysis|thought)",
    re.IGNORECASE,
)
"""Those of DeepSeek, Qwen, MiniMax, Seed, Mistral, Kimi, Cohere, gpt-oss, Gemma. No probe asks for one."""
