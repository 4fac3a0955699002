"""What a request of anybody asks for, and whether its answer shows what came of it.

These tell which recorded exchanges a requirement can be judged on, though nobody made them for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.contracts.chat.reading.choices import raw_choices
from conformance.contracts.chat.reading.view import View
from conformance.contracts.hidden import CannotSee

_SEARCHING = frozenset({"web_search_options", "plugins", "search_parameters", "web_search", "search"})
"""Members of requests that make a service look something up."""

_HEARD = frozenset({"audio", "modalities", "prediction"})
"""Members of requests whose answers have tokens that are not in the text."""


def served(view: View) -> bool:
    """A chat completion that was answered with a 2xx status, and whose answer can be read."""
    if view.exchange.request.method != "POST" or not view.last.succeeded:
        return False
    try:
        return bool(view.choices)
    except CannotSee:
        return False


def plain(view: View) -> bool:
    """Served, and not streamed."""
    return served(view) and not view.streamed


def wants_usage(view: View) -> bool:
    """A stream with include_usage."""
    options = view.request.get("stream_options")
    return (
        served(view) and view.streamed and isinstance(options, dict) and options.get("include_usage") is True
    )


def ends_with_usage(view: View) -> bool:
    """A stream whose last chunk has the usage; what moderation found comes after it."""
    return wants_usage(view) and "moderation" not in view.request


def only_text(view: View) -> bool:
    """Nothing but text was to be answered, once."""
    other = {"tools", "functions", "audio", "modalities", "web_search_options", "prediction"}
    return not other & view.request.keys() and view.request.get("n") in (None, 1)


def calls(view: View) -> bool:
    """The answer calls tools, as far as can be read."""
    try:
        return has_calls(view) and bool(view.tool_calls)
    except CannotSee:
        return False


def has_calls(view: View) -> bool:
    """The answer has tool calls of some shape, and nothing but functions was offered."""
    tools = view.request.get("tools")
    functions = isinstance(tools, list) and all(is_function(tool) for tool in tools)
    if not tools or not functions or not served(view):
        return False
    if not view.streamed:
        return bool(view.choices[0].message.get("tool_calls"))
    return any(choice["delta"].get("tool_calls") for chunk in view.chunks for choice in raw_choices(chunk))


def is_function(tool: Any) -> bool:
    function = tool.get("function") if isinstance(tool, dict) else None
    return isinstance(function, dict) and isinstance(function.get("name"), str)


def at_the_server(view: View) -> bool:
    """Tools may have run at the server, whose results are a hidden part of the prompt."""
    model, tools = str(view.request.get("model")), view.request.get("tools")
    searches = "search" in model or ":online" in model or not _SEARCHING.isdisjoint(view.request)
    custom = isinstance(tools, list) and not all(is_function(tool) for tool in tools)
    return (
        searches
        or custom
        or any(item.get("citations") or item.get("search_results") for item in view.objects)
    )


def ended(view: View) -> bool:
    """The only answer was not cut, filtered or refused, and does not begin with thoughts."""
    if not served(view) or view.request.get("n") not in (None, 1):
        return False
    reason = view.choices[0].finish_reason
    refused = any(piece.get("refusal") for piece in view.pieces)
    return reason not in ("length", "content_filter") and not refused and not view.thinks_aloud


def stop_strings(view: View) -> tuple[str, ...]:
    """The stop sequences of a request."""
    given = view.request.get("stop")
    strings = given if isinstance(given, list) else [given]
    return tuple(one for one in strings if isinstance(one, str) and one)


def stopped(view: View) -> bool:
    """A request with stop sequences, no more than may be sent, was answered with text."""
    strings = stop_strings(view)
    kept = view.request.get("include_stop_str_in_output")
    return 0 < len(strings) <= 4 and not kept and served(view) and bool(view.text) and not view.thinks_aloud


def limited(view: View) -> bool:
    """A limit was given, and one answer was to be kept within it, all of whose tokens are its own."""
    return (
        served(view)
        and (view.limit or 0) > 0
        and view.request.get("n") in (None, 1)
        and _HEARD.isdisjoint(view.request)
        and not at_the_server(view)
    )


def schema_of(view: View) -> Mapping[str, Any] | None:
    """The schema that the text has to match, where a request has one that is strict."""
    wanted = view.request.get("response_format")
    if not isinstance(wanted, dict) or wanted.get("type") != "json_schema":
        return None
    described = wanted.get("json_schema")
    if not isinstance(described, dict) or described.get("strict") is not True:
        return None
    schema = described.get("schema")
    return schema if isinstance(schema, dict) else None


def held_to_a_schema(view: View) -> bool:
    """The answer to a request with a strict schema ended by itself, with a text."""
    return schema_of(view) is not None and ended(view) and not calls(view) and bool(view.text.strip())


def offers(view: View) -> bool:
    """Functions were offered, and nothing else."""
    tools = view.request.get("tools")
    return isinstance(tools, list) and bool(tools) and all(is_function(tool) for tool in tools)


def has_to_call(view: View) -> bool:
    """A tool had to be called, any of those that were offered."""
    return view.request.get("tool_choice") == "required" and offers(view) and ended(view)


def named_tool(view: View) -> str | None:
    """The function that a request names in tool_choice."""
    choice = view.request.get("tool_choice")
    function = choice.get("function") if isinstance(choice, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    return name if isinstance(name, str) else None


def has_to_call_one(view: View) -> bool:
    """A certain tool had to be called, which was offered."""
    name = named_tool(view)
    tools = view.request.get("tools")
    return offers(view) and ended(view) and name in [tool["function"]["name"] for tool in tools or ()]


def claims_calls(view: View) -> bool:
    """finish_reason says that tools were called, where functions were offered."""
    return offers(view) and served(view) and view.choices[0].finish_reason == "tool_calls"
