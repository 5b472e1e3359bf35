"""One way through the whole product: an event over HTTP, the queue, what a rep does, a conversion, the report."""

import base64
import csv
import io
import json
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from outreach.models import Outcome, QueueItem, Touch
from outreach.outcomes import record
from plgcrm import pipeline
from plgcrm.common.cache import forget_all
from signals.ingest.keys import ensure_source
from signals.models import Event
from tests.cast import client_of
from tests.factories import Desk, make_desk

KEY = "wk_flow"
NOBODYS = {
    "Fired": "0",
    "Worked": "0",
    "Worked in time": "0",
    "Meetings": "0",
    "Won": "0",
    "Currency": "",
    "Amount won": "",
}


@pytest.fixture
def desk(db: None) -> Desk:
    """An installation that has just begun: a source, the shipped plays, reps, and nobody known."""
    forget_all()
    ensure_source("Boards", KEY)
    return make_desk(timezone.now())


def post_events(*messages: dict[str, Any]) -> None:
    """As a client library sends them: over HTTP, with the write key."""
    key = base64.b64encode(f"{KEY}:".encode()).decode()
    body = json.dumps({"batch": list(messages)})
    response = Client().post(
        "/v1/batch", body, content_type="application/json", headers={"Authorization": f"Basic {key}"}
    )
    assert (response.status_code, response.json()) == (200, {"success": True})


def track(event: str, message_id: str, **properties: Any) -> dict[str, Any]:
    return {"type": "track", "messageId": message_id, "userId": "u1", "event": event, "properties": properties}


def line(client: Client, play: str) -> dict[str, str]:
    """A play's line of the report, as its download has it."""
    forget_all()
    text = client.get("/reports/plays/?days=7&format=csv").content.decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text))
    return next({name: row[name] for name in NOBODYS} for row in rows if row["Play"] == play)


ADA = {"email": "ada@lumenworks.com", "name": "Ada Lane"}
ASKED = (
    {"type": "identify", "messageId": "1", "userId": "u1", "traits": ADA},
    {"type": "group", "messageId": "2", "userId": "u1", "groupId": "w1", "traits": {"name": "Lumen Works"}},
    track("Demo Requested", "3", message="Could you show this to our whole team?"),
)  # fmt: skip
SUBSCRIBED = track("Subscription Started", "4", mrr=3060, currency="EUR", plan="business")


def test_from_a_posted_event_to_the_line_of_the_report(desk: Desk) -> None:
    manager = client_of(desk.mona)
    assert line(manager, "Inbound hand-raisers") == NOBODYS

    post_events(*ASKED)
    assert pipeline.advance_once()["fired"] == 1

    item = QueueItem.objects.select_related("rep").get()
    assert item.rep is not None
    rep = client_of(item.rep)
    page = rep.get("/queue/").content.decode()
    assert "Lumen Works" in page
    assert "Could you show this to our whole team?" in page
    assert line(manager, "Inbound hand-raisers") == NOBODYS | {"Fired": "1"}

    send_message(rep, item)
    worked = NOBODYS | {"Fired": "1", "Worked": "1", "Worked in time": "1"}
    assert line(manager, "Inbound hand-raisers") == worked

    assert rep.post(f"/queue/{item.pk}/outcome/", {"kind": "meeting"}).status_code == 302
    assert line(manager, "Inbound hand-raisers") == worked | {"Meetings": "1"}

    post_events(SUBSCRIBED)
    assert pipeline.advance_once()["credited"] == 1
    told = NOBODYS | {
        "Fired": "1", "Worked": "1", "Worked in time": "1", "Meetings": "1", "Won": "1",
        "Currency": "EUR", "Amount won": "3060.00",
    }  # fmt: skip
    assert line(manager, "Inbound hand-raisers") == told
    assert ">€3,060</a>" in manager.get("/reports/plays/").content.decode()
    behind = manager.get("/reports/plays/rows/?what=won&play=hand-raisers").content.decode()
    assert "Lumen Works" in behind
    assert "its item was last touched on" in behind

    post_events(*ASKED, SUBSCRIBED)  # all of it once more, as a client does that heard no answer
    pipeline.advance_once()
    assert line(manager, "Inbound hand-raisers") == told
    assert (Event.objects.count(), QueueItem.objects.count()) == (4, 1)


class Fields(HTMLParser):
    """What a browser would send of the message's form, as the page has filled it in."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._inside, self._text = False, ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._inside = given.get("id") == "message-form"
        self._text = str(given["name"]) if self._inside and tag == "textarea" else ""
        if self._inside and tag == "input":
            self.found[str(given["name"])] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._text:
            self.found[self._text] = self.found.get(self._text, "") + data


def send_message(rep: Client, item: QueueItem) -> None:
    """The message as the page offers it, sent by the rep's own mail program and logged."""
    fields = Fields(rep.get(f"/queue/{item.pk}/").content.decode()).found
    assert rep.post(f"/queue/{item.pk}/sent/", fields).status_code == 302
    touch = Touch.objects.get(item=item)
    assert (touch.channel, touch.person and touch.person.email) == ("email", "ada@lumenworks.com")
    assert touch.body == fields["body"].rstrip()
    assert "Could you show this to our whole team?" in touch.body


def test_a_conversion_that_nobody_worked_for_stands_beside_the_plays(desk: Desk) -> None:
    post_events(*ASKED[:2], SUBSCRIBED)
    pipeline.advance_once()
    assert line(client_of(desk.mona), "Self-serve") == NOBODYS | {
        "Won": "1", "Currency": "EUR", "Amount won": "3060.00",
    }  # fmt: skip


def test_a_conversion_before_anybody_knows_the_company_is_credited_later(desk: Desk) -> None:
    post_events(SUBSCRIBED)
    pipeline.advance_once()
    assert not Outcome.objects.exists()
    post_events(*ASKED[:2])
    record.ROUNDS.look_at_all()
    pipeline.advance_once()
    assert Outcome.objects.get().account.name == "Lumen Works"
