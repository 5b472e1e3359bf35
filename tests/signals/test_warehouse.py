"""Rows of warehouse tables are imported without a map."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from signals.ingest.warehouse import message_of_row
from signals.models import Event, FailedEvent

TIMES = {
    "original_timestamp": "2026-01-02T08:00:00.000Z",
    "sent_at": "2026-01-02 08:00:01 UTC",
    "received_at": "2026-01-02 08:00:02.123 UTC",
    "timestamp": "2026-01-02 08:00:01.120 UTC",
}
LOADED = {
    "uuid_ts": "2026-01-02 09:00:00",
    "loaded_at": "2026-01-02 09:00:00",
    "context_ip": "1.2.3.4",
    "channel": "web",
}
WHO = {"id": "m-1", "anonymous_id": "a-1", "user_id": "u-1"}
COMMON = {"messageId": "m-1", "anonymousId": "a-1", "userId": "u-1"}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            {
                "event": "item_created",
                "event_text": "Item Created",
                "board": "Plan",
                "context_group_id": "w-1",
                "size": None,
            },
            {"type": "track", "event": "Item Created", "properties": {"board": "Plan"}, "context": {"groupId": "w-1"}},
        ),
        ({"event": "Made"}, {"type": "track", "event": "Made", "properties": {}}),
        (
            {"email": "ann@alpha-one.com", "context_traits_plan": "pro"},
            {"type": "identify", "traits": {"email": "ann@alpha-one.com", "plan": "pro"}},
        ),
        ({"group_id": "w-1", "name": "Engine"}, {"type": "group", "groupId": "w-1", "traits": {"name": "Engine"}}),
        (
            {"name": "Pricing", "url": "https://x.example"},
            {"type": "page", "name": "Pricing", "properties": {"name": "Pricing", "url": "https://x.example"}},
        ),
        ({"previous_id": "old"}, {"type": "alias", "previousId": "old", "properties": {}}),
    ],
)
@pytest.mark.parametrize("letters", [str.lower, str.upper])
def test_a_row_is_the_message_that_it_was(row: dict[str, Any], expected: dict[str, Any], letters: Any) -> None:
    cells = {letters(name): value for name, value in {**WHO, **TIMES, **LOADED, **row}.items()}
    message = message_of_row(cells) or {}
    times = {name: message.pop(name) for name in ("timestamp", "originalTimestamp", "sentAt", "receivedAt")}
    assert message == COMMON | expected
    assert times["receivedAt"] == TIMES["received_at"]


@pytest.mark.parametrize("row", [{"userId": "u", "user_id": "u", "type": "track"}, {"event": "Made"}, {}])
def test_what_is_no_row_of_a_table_stays_as_it_is(row: dict[str, Any]) -> None:
    assert message_of_row(row) is None


@pytest.mark.django_db
@pytest.mark.usefixtures("source")
def test_a_table_is_imported_without_a_map_and_once(tmp_path: Path) -> None:
    rows = [
        {**WHO, **TIMES, **LOADED, "id": "i-1", "email": "ann@alpha-one.com"},
        {**WHO, **TIMES, **LOADED, "event": "item_created", "event_text": "Item Created"},
    ]
    for name in ("one", "two"):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n" * len(name))
        call_command("import_events", str(tmp_path / f"{name}.jsonl"), "--source", "Web app", stdout=StringIO())
    events = Event.objects.order_by("message_id")
    assert [(e.message_id, e.timestamp.isoformat()[:19]) for e in events] == [
        ("i-1", "2026-01-02T08:00:01"),
        ("m-1", "2026-01-02T08:00:01"),
    ]
    assert not FailedEvent.objects.exists()
