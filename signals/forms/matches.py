"""Which events a signal means, as a form: alternatives, each with kinds, event names, a source and properties."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from plgcrm.common.text import is_short_number
from signals.forms import typed
from signals.forms.rule import Posted
from signals.rules.doubts import Doubt
from signals.rules.matching import MatchError, parse_matches

OPERATORS = {
    "=": "is",
    "!=": "is not",
    "one_of": "is one of",
    "contains": "contains",
    "exists": "is present",
    ">=": "at least",
    "<=": "at most",
    ">": "more than",
    "<": "less than",
}
MOST = 50


@dataclass(slots=True)
class WhereFields:
    property: str = ""
    op: str = "="
    value: str = ""
    value_offers: list[str] = field(default_factory=list, compare=False)


@dataclass(slots=True)
class MatchFields:
    kinds: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    source: str = ""
    where: list[WhereFields] = field(default_factory=list)
    error: str = ""
    doubts: list[Doubt] = field(default_factory=list)
    property_offers: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Matches:
    any: list[MatchFields] = field(default_factory=list)
    error: str = ""


def from_json(value: Any) -> Matches:
    parts = value.get("any", []) if isinstance(value, dict) else []
    return Matches([_match_from_json(part) for part in parts])


def _match_from_json(part: dict[str, Any]) -> MatchFields:
    where = [
        WhereFields(str(row.get("property", "")), str(row.get("op", "=")), typed.shown(row.get("value")))
        for row in part.get("where") or []
    ]
    return MatchFields(
        list(part.get("kinds") or []), list(part.get("names") or []), typed.shown(part.get("source")), where
    )


def to_json(draft: Matches) -> dict[str, Any]:
    return {"any": [match_json(match) for match in draft.any]}


def match_json(match: MatchFields) -> dict[str, Any]:
    names = [name.strip() for name in match.names if name.strip()]
    return {
        "kinds": match.kinds or None,
        "names": names or None,
        "source": typed.number(match.source) if match.source else None,
        "where": [_where_json(row) for row in match.where if row.property.strip() or row.value.strip()],
    }


def _where_json(row: WhereFields) -> dict[str, Any]:
    plain: dict[str, Any] = {"property": row.property.strip(), "op": row.op}
    if row.op == "exists":
        return plain
    if row.op == "one_of":
        return plain | {"value": [typed.number(word) for word in typed.words(row.value)]}
    return plain | {"value": row.value.strip() if row.op == "contains" else typed.number(row.value)}


def from_post(data: Posted, prefix: str) -> Matches:
    """`<prefix>:match` lists the alternatives, `<prefix>:<index>:where` the rows of each."""
    places = [str(place) for place in data.getlist(f"{prefix}:match")[:MOST]]
    return Matches([_posted_match(data, f"{prefix}:{place}") for place in places])


def _posted_match(data: Posted, prefix: str) -> MatchFields:
    rows = [str(place) for place in data.getlist(f"{prefix}:where")[:MOST]]
    return MatchFields(
        [str(kind) for kind in data.getlist(f"{prefix}:kinds")],
        [str(name) for name in data.getlist(f"{prefix}:names") if str(name).strip()],
        str(data.get(f"{prefix}:source", "")),
        [_posted_where(data, f"{prefix}:{row}") for row in rows],
    )


def _posted_where(data: Posted, prefix: str) -> WhereFields:
    return WhereFields(
        str(data.get(f"{prefix}:property", "")),
        str(data.get(f"{prefix}:op", "=")),
        str(data.get(f"{prefix}:value", "")),
    )


# What the buttons do


def changed(draft: Matches, action: str) -> Matches:
    """After a button: `add-match`, `remove-match 0`, `add-name 0`, `add-where 0`, `remove-where 0.1`, or
    `say 0 name 1 Paid` to take what was probably meant."""
    verb, _, place = action.partition(" ")
    first, _, second = place.partition(".")
    if verb == "say":
        _say(draft, *place.split(" ", 3))
    elif verb == "add-match":
        draft.any.append(MatchFields(["track"]))
    elif verb in CHANGES and is_short_number(first) and int(first) < len(draft.any):
        CHANGES[verb](draft, int(first), int(second) if is_short_number(second) else -1)
    return draft


def _say(draft: Matches, index: str = "", field: str = "", row: str = "", value: str = "") -> None:
    if not is_short_number(index) or not is_short_number(row) or int(index) >= len(draft.any):
        return
    match = draft.any[int(index)]
    if field == "name" and int(row) < len(match.names):
        match.names[int(row)] = value
    elif field in ("property", "value") and int(row) < len(match.where):
        setattr(match.where[int(row)], field, value)


def _remove_match(draft: Matches, index: int, row: int) -> None:
    del draft.any[index]


def _add_where(draft: Matches, index: int, row: int) -> None:
    draft.any[index].where.append(WhereFields())


def _remove_where(draft: Matches, index: int, row: int) -> None:
    del draft.any[index].where[row : row + 1]


def _redraw(draft: Matches, index: int, row: int) -> None:
    """There is always one empty name to type into: drawing again gives the next one."""


CHANGES: dict[str, Callable[[Matches, int, int], None]] = {
    "remove-match": _remove_match,
    "add-where": _add_where,
    "remove-where": _remove_where,
    "add-name": _redraw,
}


# Checking and reading


def checked(draft: Matches) -> bool:
    """Whether the draft can be counted; where it cannot, the alternatives say why."""
    for match in draft.any:
        match.error = _refusal({"any": [match_json(match)]})
    draft.error = "" if draft.any else "Add at least one event."
    return not errors(draft)


def _refusal(definition: dict[str, Any]) -> str:
    try:
        parse_matches(definition)
    except MatchError as error:
        return str(error).removeprefix("any[0].")
    return ""


def errors(draft: Matches) -> list[str]:
    return [error for error in (draft.error, *(match.error for match in draft.any)) if error]


def described(draft: Matches, sources: Mapping[int, str] | None = None) -> str:
    """In words: track “Limit Hit” where limit is seats; or page “Pricing”."""
    return "; or ".join(_described(match, sources or {}) for match in draft.any) or "nothing yet"


def _described(match: MatchFields, sources: Mapping[int, str]) -> str:
    kinds = " or ".join(match.kinds or ["track, page or screen"])
    names = " or ".join(f"“{name}”" for name in match.names) or "with any name"
    source = (
        match.source
        and f" from {sources.get(int(match.source), match.source) if match.source.isdigit() else match.source}"
    )
    where = " and ".join(f"{row.property} {OPERATORS.get(row.op, row.op)} {row.value}".strip() for row in match.where)
    return f"{kinds} {names}{source}{' where ' + where if where else ''}"
