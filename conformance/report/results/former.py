"""results.json as it was before findings were values: what a judgement said of its exchanges was text.

Each line of `detail` was about one exchange, `x012 count seed=7: the id is empty`; `offending` named them
all. A file may have been edited, so what is not as it should be is left for the schema to refuse.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance import DEFAULT
from conformance.report.file import FORMAT


def raised(value: Mapping[str, Any]) -> dict[str, Any]:
    """The value of a file of the format before, as this version would have written it."""
    rows = value.get("judgements")
    judgements = list(map(_judgement, rows)) if isinstance(rows, list) else rows
    targets, exchanges = value.get("targets"), value.get("exchanges")
    return {
        **value,
        "format": FORMAT,
        "targets": list(map(_of_the_one_contract, targets)) if isinstance(targets, list) else targets,
        "judgements": judgements,
        "exchanges": {id: _of_the_one_contract(one) for id, one in exchanges.items()}
        if isinstance(exchanges, dict)
        else exchanges,
    }


def _of_the_one_contract(row: Any) -> Any:
    """The row with the contract that there was only one of."""
    return {"contract": DEFAULT, **row} if isinstance(row, dict) else row


def _judgement(row: Any) -> Any:
    if not isinstance(row, dict) or not {"message", "detail", "offending"} <= row.keys():
        return row
    kept = {name: value for name, value in _of_the_one_contract(row).items() if name != "detail"}
    return {**kept, "reason": _message(row["message"]), "findings": _findings(row)}


def _findings(row: Mapping[str, Any]) -> Any:
    """A finding for each exchange that has a line of its own, and one for those that have none."""
    detail, offending = row["detail"], row["offending"]
    if not isinstance(offending, list):
        return []
    if not isinstance(detail, str):
        return detail
    told = dict(line.partition(" ")[::2] for line in detail.split("\n"))
    found = [
        _finding(told[name].partition(": ")[2] or told[name], name) for name in offending if name in told
    ]
    rest = [name for name in offending if name not in told]
    return [*found, _finding(row["message"], *rest)] if rest else found


def _finding(message: Any, *exchanges: Any) -> dict[str, Any]:
    places = [{"exchange": name} for name in exchanges]
    return {"message": message, "reason": _message(message), "places": places}


def _message(text: Any) -> dict[str, Any]:
    return {"id": text, "parameters": {}}
