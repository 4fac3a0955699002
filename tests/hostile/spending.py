"""Servers that use more tokens than they say, or say it in a way that is easily missed."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.asking.asking import Access, Work, ask_all
from conformance.asking.budget import Budget
from conformance.asking.plan import Plan
from conformance.proof.asking import everything
from conformance.proof.direct import KEY
from conformance.provider.model import Price
from conformance.wire.record import Exchange
from tests.hostile.catalogue import PATIENT
from tests.hostile.misbehaviour import completion, head, whole
from tests.raw_server import Script, raw_server

SSE = "text/event-stream"
LONG = 30_000
WORDS = " word" * 10


def usage(prompt: Any, written: Any, total: Any, **more: Any) -> dict[str, Any]:
    return {"prompt_tokens": prompt, "completion_tokens": written, "total_tokens": total, **more}


@dataclass(frozen=True)
class Kind:
    """A server: the tokens of each of its answers, what it states of them, and the text that it writes.

    Streams say and state the same, or repeat the event `endless` for ever, which has ten tokens.
    """

    name: str
    tokens: int
    usage: Any = None
    text: str = "badger-29-cedar"
    endless: bytes = b""

    def __str__(self) -> str:
        return self.name

    def answer(self, streamed: bool, writes: Callable[[int], None]) -> Script:
        """The response. `writes` is told how many tokens come next."""
        stated = {} if self.usage is None else {"usage": self.usage}
        if streamed:
            yield head("Connection: close", media=SSE)
        while streamed and self.endless:
            writes(100)
            yield self.endless * 10
        writes(self.tokens)
        if streamed:
            yield chunk(choices=[{"index": 0, "delta": {"content": self.text}, "finish_reason": None}])
            yield chunk(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}], **stated)
            yield b"data: [DONE]\n\n"
        else:
            message = {"role": "assistant", "content": self.text, "refusal": None}
            choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
            yield whole(completion(choices=[choice], **stated))


def endless(name: str, data: bytes, stated: Any = None) -> Kind:
    """Streams without an end, of this event."""
    return Kind(name, 7, stated, endless=data)


def chunk(**members: Any) -> bytes:
    return (
        b"data: " + json.dumps({"id": "c", "object": "chat.completion.chunk", **members}).encode() + b"\n\n"
    )


SPOKEN = chunk(choices=[{"index": 0, "delta": {"content": WORDS}}])
BESIDE = {"completion_tokens_details": {"reasoning_tokens": LONG}}
ZEROS = usage(0, 0, 0)
LITTLE = usage(20, 5, 25)
KINDS = (
    Kind("reasoning-beside", LONG, usage(20, 7, LONG + 27, **BESIDE)),
    Kind("reasoning-beside-without-total", LONG, {"completion_tokens": 7, **BESIDE}),
    Kind("reasoning-in-the-total-alone", LONG, usage(20, 7, LONG + 27)),
    Kind("floats", LONG, usage(20.0, float(LONG), LONG + 20.0)),
    Kind("digits-in-quotes", LONG, usage("20", str(LONG), str(LONG + 20))),
    Kind("a-small-count", LONG, LITTLE, " word" * LONG),
    Kind("zeros", LONG, ZEROS, " word" * LONG),
    Kind("a-small-count-in-quotes", LONG, usage("20", "5", "25"), " word" * LONG),
    endless("endless-zeros", chunk(choices=[{"index": 0, "delta": {"content": WORDS}}], usage=ZEROS), ZEROS),
    endless("endless-text", chunk(choices=[{"index": 0, "text": WORDS}])),
    endless("endless-message", chunk(choices=[{"index": 0, "message": {"content": WORDS}}])),
    endless("endless-thoughts", chunk(choices=[{"index": 0, "delta": {"thinking": WORDS}}])),
    endless("endless-unknown-member", chunk(choices=[], output=WORDS)),
    endless("endless-unknown-member-of-a-choice", chunk(choices=[{"index": 0, "output": [WORDS]}])),
    endless("endless-labels", chunk(choices=[], id=WORDS * 9)),
    endless("endless-log-probabilities", chunk(choices=[{"logprobs": {"content": [{"token": WORDS}]}}])),
    endless("endless-without-blank-lines", SPOKEN.replace(b"\n\n", b"\n")),
    endless("endless-carriage-returns", SPOKEN.replace(b"\n", b"\r")),
)
"""What is known of services, and what they could do: https://github.com/vercel/ai/pull/12425 (xAI),
https://github.com/router-for-me/CLIProxyAPI/issues/5733 (a gateway to Gemini),
https://github.com/philschmid/easyllm/issues/40 (floats),
https://github.com/tenstorrent/tt-inference-server/pull/3554 (zeros)."""

ABSURD = tuple(
    Kind(f"absurd-{name}", 7, usage(number, number, number))
    for name, number in {"10^9": 10**9, "10^12": 10**12, "1e300": 1e300, "in-quotes": "9" * 18}.items()
)
"""Counts that cannot be: https://github.com/neuralmagic/deepsparse/pull/1496 counted something else, too."""


@dataclass
class Spent:
    """What a run of everything came to: what the server wrote, and what the run thinks of it."""

    budget: Budget
    wrote: int = 0
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def reasons(self) -> set[str]:
        """Why something was not asked."""
        return {
            one.last.failure.message
            for one in self.exchanges
            if one.last.failure is not None and one.last.failure.kind == "not-asked"
        }


def spend(kind: Kind, budget: Budget, concurrency: int = 8) -> Spent:
    """Asks the server everything, within what the budget allows."""
    spent, lock, plan = Spent(budget), threading.Lock(), everything("openai")

    def writes(tokens: int) -> None:
        with lock:
            spent.wrote += tokens

    def script(request: bytes) -> Iterator[Any]:
        if request.startswith(b"POST"):
            yield from kind.answer(b'"stream":true' in request, writes)
        else:
            yield whole(b'{"object":"list","data":[]}')

    limits = replace(PATIENT, concurrency=concurrency)
    provider = replace(plan.target.provider, limits=limits, price=Price(1.0, 1.0))
    with raw_server(script) as server:
        here = Plan(replace(plan.target, provider=provider), plan.probes)
        work = Work(here, Access(server.base_url, KEY), here.ids())
        asyncio.run(ask_all([work], "0123456789ab", spent.exchanges.append, lambda *_: None, budget=budget))
    return spent
