"""Rows of warehouse tables, as RudderStack and Segment write them, turned back into messages. Pure."""

from collections.abc import Mapping
from typing import Any

from signals.rules.message_types import NUMBERS

IDS = ("user_id", "anonymous_id")
COLUMNS = {
    "id": "messageId",
    "message_id": "messageId",
    "user_id": "userId",
    "anonymous_id": "anonymousId",
    "previous_id": "previousId",
    "group_id": "groupId",
    "timestamp": "timestamp",
    "original_timestamp": "originalTimestamp",
    "sent_at": "sentAt",
    "received_at": "receivedAt",
}
GROUPS = ("context_group_id", "context_groupid", "group_id")
TRAITS = "context_traits_"
OF_A_PAGE = frozenset({"url", "path", "referrer", "search"})
# What the loader adds to each row, and says nothing of the event.
OF_THE_LOADER = frozenset({"type", "event", "event_text", "uuid", "uuid_ts", "loaded_at", "channel", "_timestamp"})


def message_of_row(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """The message that a row of tracks, identifies, groups, pages, screens or aliases was; None for any other row."""
    cells = {name.lower(): value for name, value in row.items() if value is not None}
    if "userId" in row or "anonymousId" in row or not any(name in cells for name in IDS):
        return None
    kind = _kind(cells)
    message: dict[str, Any] = {"type": kind}
    message |= {field: cells[name] for name, field in COLUMNS.items() if name in cells}
    if kind == "track":
        message["event"] = cells.get("event_text") or cells.get("event")
    if kind in ("page", "screen"):
        message["name"] = cells.get("name")
    if kind != "group" and (group := next((cells[name] for name in GROUPS if name in cells), None)):
        message["context"] = {"groupId": group}
    if kind != "identify" and (email := cells.get(f"{TRAITS}email")):
        message["context"] = {**message.get("context", {}), "traits": {"email": email}}
    message["traits" if kind in ("identify", "group") else "properties"] = _said(cells, of_person=kind == "identify")
    return message


def _kind(cells: Mapping[str, Any]) -> str:
    """By the columns that only one of the tables has."""
    if isinstance(cells.get("type"), str) and cells["type"].lower() in NUMBERS:
        return str(cells["type"]).lower()
    if "event" in cells or "event_text" in cells:
        return "track"
    if "previous_id" in cells:
        return "alias"
    if "group_id" in cells:
        return "group"
    return "page" if OF_A_PAGE & cells.keys() and "email" not in cells else "identify"


def _said(cells: Mapping[str, Any], *, of_person: bool) -> dict[str, Any]:
    """Traits and properties stand in columns of their own, the context in columns that say so."""
    own = {name: value for name, value in cells.items() if name not in COLUMNS and name not in OF_THE_LOADER}
    plain = {name: value for name, value in own.items() if not name.startswith("context_")}
    if not of_person:
        return plain
    return {name.removeprefix(TRAITS): value for name, value in own.items() if name.startswith(TRAITS)} | plain
