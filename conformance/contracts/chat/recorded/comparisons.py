"""Which recorded exchanges decide a requirement that is otherwise decided by requests made for it.

Production traffic has no controls. But some requests show by themselves what such a requirement is about (a
stream that was asked for usage), and some happen to be each other's control: the same prompt streamed and
not, the same prompt twice. A case is bound to these as to its own probes.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

from conformance.contracts.chat.reading.asked import (
    at_the_server,
    calls,
    ends_with_usage,
    has_calls,
    limited,
    only_text,
    plain,
    served,
    wants_usage,
)
from conformance.contracts.chat.reading.placing import refused_for_its_place
from conformance.contracts.chat.reading.view import View
from conformance.contracts.recorded import originals
from conformance.judging.recording import Binding
from conformance.wire.record import Unseen
from conformance.wire.strict_json import is_integer

A_DAY = 86400
"""Seconds within which a model's name is taken to mean the same model."""

FREE = frozenset(
    {"frequency_penalty", "logit_bias", "logprobs", "max_completion_tokens", "max_tokens", "metadata", "n"}
    | {"presence_penalty", "seed", "stop", "store", "stream", "stream_options", "temperature", "top_logprobs"}
    | {"top_p", "user"}
)
"""Parameters that do not change the prompt."""

HALF_A_PAIR = re.compile("[\ud800-\udfff]")
"""What is left of a character in a text that was cut within it."""

Find = Callable[[Sequence[View]], Iterable[Binding]]


def alone(
    name: str, chosen: Callable[[View], bool], views: Sequence[View], *, also: tuple[str, ...] = ()
) -> Iterator[Binding]:
    """Each exchange for itself, under that name and others."""
    for view in views:
        if chosen(view):
            yield dict.fromkeys((name, *also), view)


def among_none(
    name: str, chosen: Callable[[View], bool], views: Sequence[View], *, also: tuple[str, ...] = ()
) -> Iterator[Binding]:
    """Each exchange for itself, where the case looks at others of its kind, too."""
    for binding in alone(name, chosen, views, also=also):
        yield {**binding, "others": ()}


def twins(views: Sequence[View], *ignored: str) -> Iterator[list[View]]:
    """Answers to requests that differ in nothing but these members, and were made within a day.

    One answer that was kept twice is one, and one that is not that of its request is none.
    """
    groups: dict[str, list[View]] = defaultdict(list)
    for view in originals([view for view in views if Unseen.REQUEST not in view.exchange.unseen]):
        if served(view):
            left = {name: value for name, value in view.request.items() if name not in ignored}
            groups[json.dumps(left, sort_keys=True)].append(view)
    for group in groups.values():
        if len(group) > 1:
            yield [view for view in group if abs(created(view) - created(group[0])) <= A_DAY]


def created(view: View) -> int:
    """When the answer says that it was made."""
    value = next((item.get("created") for item in view.objects), 0)
    return value if isinstance(value, int) else 0


def named(view: View) -> Any:
    """The model that answered."""
    return next((item.get("model") for item in view.objects), None)


def both_ways(views: Sequence[View], *, usage: bool = False) -> Iterator[tuple[View, list[View]]]:
    """The same request not streamed, and as streams."""
    for group in twins(views, "stream", "stream_options"):
        whole = [view for view in group if not view.streamed]
        streams = [view for view in group if view.streamed and (wants_usage(view) or not usage)]
        if whole and streams and named(whole[0]) == named(streams[0]):
            yield whole[0], streams


def steady(view: View) -> bool:
    """The temperature is 0: at any other, two answers differ by chance."""
    return view.request.get("temperature") == 0


def respaced_a_little(view: View, streamed: View) -> bool:
    """The texts differ in a blank here and there, which a model writes or leaves out by chance."""
    words, seen = view.text.split(), streamed.text.split()
    letters = "".join(words)
    return letters == "".join(seen) and 12 * abs(len(words) - len(seen)) < len(letters)


def streamed_and_not(views: Sequence[View]) -> Iterator[Binding]:
    for view, streams in both_ways(views):
        if steady(view):
            yield {"plain": view, "streamed": streams[0], "again": streams[-1]}


def model_when_streamed(views: Sequence[View]) -> Iterator[Binding]:
    for group in twins(views, "stream", "stream_options"):
        whole = [view for view in group if not view.streamed]
        streams = [view for view in group if view.streamed]
        if whole and streams:
            yield {"plain": whole[0], "streamed": streams[0]}


def same_text(views: Sequence[View]) -> Iterator[Binding]:
    for view, streams in both_ways(views):
        if not steady(view) and respaced_a_little(view, streams[0]):
            continue
        # Where a second stream proves nothing, the plain answer stands for it: no stream that agrees.
        again = streams[1] if len(streams) > 1 and steady(view) else view
        yield {"plain": view, "cut": view, "whole": (), "streamed": streams[0], "again": again, "pieces": ()}


def same_usage(views: Sequence[View]) -> Iterator[Binding]:
    for view, streams in both_ways(views, usage=True):
        if not at_the_server(view):
            yield {"plain": view, "streamed": streams[0], "cut": view}


def same_prompt(views: Sequence[View]) -> Iterator[Binding]:
    for group in twins(views, *FREE):
        alike = [view for view in group if named(view) == named(group[0]) and not at_the_server(view)]
        if len(alike) > 1:
            yield {"answers": tuple(alike)}


def within_limit(views: Sequence[View]) -> Iterator[Binding]:
    for view in views:
        if limited(view) and view.has_usage:
            yield {"answers": (view,)}


def seeded(views: Sequence[View]) -> Iterator[Binding]:
    for group in twins(views, "seed"):
        whole = [view for view in group if not view.streamed]
        without = [view for view in whole if view.request.get("seed") is None]
        seeds = {view.request.get("seed") for view in whole} - {None}
        for seed in seeds:
            same = [view for view in whole if view.request.get("seed") == seed]
            if len(without) > 2 and len(same) > 1:
                yield {"default": tuple(without[:4]), "seeded": tuple(same[:2])}


def json_mode(view: View) -> bool:
    """A JSON object was asked for, and the answer ended by itself with a text."""
    wanted = view.request.get("response_format")
    return (
        isinstance(wanted, dict)
        and wanted.get("type") == "json_object"
        and served(view)
        and view.choices[0].finish_reason == "stop"
        and not calls(view)
    )


def calls_streamed(view: View) -> bool:
    return view.streamed and has_calls(view)


def call_ids(views: Sequence[View]) -> Iterator[Binding]:
    calling = tuple(originals([view for view in views if calls(view)]))
    if len(calling) > 1:
        yield {"answers": calling}


def forbidden(view: View) -> bool:
    return view.request.get("tool_choice") == "none" and calls(view)


def one_at_a_time(view: View) -> bool:
    return view.request.get("parallel_tool_calls") is False and calls(view)


def several(view: View) -> bool:
    return plain(view) and is_integer(view.request.get("n")) and view.request["n"] > 1


def weighed(view: View) -> bool:
    return plain(view) and view.request.get("logprobs") is True and bool(view.text)


def weighed_with_others(view: View) -> bool:
    return weighed(view) and is_integer(view.request.get("top_logprobs")) and view.request["top_logprobs"] > 0


def text_with_usage(view: View) -> bool:
    return wants_usage(view) and only_text(view) and bool(view.text)


def refused_stream(view: View) -> bool:
    status = view.last.status or 0
    return view.exchange.request.method == "POST" and view.streamed and 400 <= status < 500 and status != 429


def late_system_refused(view: View) -> bool:
    """A system message that is not the first message is refused, and the refusal says that it is for that."""
    turns = view.request.get("messages")
    later = turns[1:] if isinstance(turns, list) else []
    late = any(isinstance(turn, dict) and turn.get("role") in ("system", "developer") for turn in later)
    return late and view.last.status in (400, 422) and refused_for_its_place(view)


def half_a_pair_crashes(view: View) -> bool:
    """A request with half a surrogate pair in its text is a server error."""
    return (
        view.last.status == 500
        and HALF_A_PAIR.search(json.dumps(view.request, ensure_ascii=False)) is not None
    )


def model_list(view: View) -> bool:
    request = view.exchange.request
    return request.method == "GET" and request.address.endswith("/models") and view.last.status == 200


def one_model(view: View) -> bool:
    request = view.exchange.request
    return request.method == "GET" and not request.address.endswith("/models") and view.last.status == 200


DECIDED: Mapping[str, Find] = MappingProxyType(
    {
        "choices.n-answers": partial(alone, "answer", several, also=("single", "cold")),
        "envelope.model-same-when-streamed": model_when_streamed,
        "envelope.nullable-members-present": partial(alone, "answer", plain),
        "logprobs.as-many-as-asked": partial(alone, "answer", weighed_with_others),
        "logprobs.shape": partial(alone, "answer", weighed),
        "messages.every-system-message-read": partial(
            alone, "several", late_system_refused, also=("able", "system", "told", "twice", "parts")
        ),
        "messages.half-character-no-crash": partial(alone, "half", half_a_pair_crashes, also=("mistake",)),
        "models.list-shape": partial(alone, "models", model_list),
        "models.retrieve": partial(alone, "model", one_model),
        "sampling.seed-repeats": seeded,
        "sdk.model-retrieves": partial(alone, "model", one_model),
        "sdk.models-list-parses": partial(alone, "models", model_list),
        "sdk.usage-accumulates": partial(alone, "answer", ends_with_usage),
        "stream.deltas-agree-with-usage": partial(alone, "answer", text_with_usage),
        "stream.refusal-is-http-error": partial(alone, "answer", refused_stream),
        "stream.same-text-as-not-streamed": same_text,
        "stream.same-usage-as-not-streamed": same_usage,
        "stream.truncation-visible": streamed_and_not,
        "stream.usage-chunk-last": partial(alone, "answer", wants_usage),
        "stream.usage-valid": partial(alone, "answer", wants_usage),
        "structured.json-object": partial(alone, "answer", json_mode),
        "tools.call-shape": partial(among_none, "auto", has_calls, also=("named", "required")),
        "tools.choice-none": partial(alone, "none", forbidden, also=("auto",)),
        "tools.ids-unique": call_ids,
        "tools.parallel-calls-distinct": partial(alone, "plain", calls_streamed, also=("streamed",)),
        "tools.parallel-calls-switched-off": partial(alone, "single", one_at_a_time, also=("auto",)),
        "tools.streamed-deltas": partial(among_none, "plain", calls_streamed, also=("streamed",)),
        "usage.same-prompt-same-count": same_prompt,
        "usage.within-limit": within_limit,
    }
)
"""How recorded exchanges decide a requirement, by its id."""
