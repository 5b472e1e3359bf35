"""In the sample company every sentence is true: each fact equals a query on the raw events."""

from datetime import UTC
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from outreach.models import Play, QueueItem, Rep, Team
from plgcrm.common.sql import rows
from plgcrm.demo.companies.boards.pack import PACK as BOARDS
from plgcrm.demo.companies.load import load_sample
from plgcrm.demo.prepare import say_what_things_mean
from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.models import Configuration

WINDOW = """
    e.timestamp >= (%(day)s::date - %(days)s + 1)::timestamp AT TIME ZONE 'UTC'
    AND e.timestamp < (%(day)s::date + 1)::timestamp AT TIME ZONE 'UTC'
"""
EVENTS = f"""
    SELECT e.*, a.person_id, n.name AS event FROM signals_event e
    JOIN accounts_actor a ON a.id = e.actor_id
    LEFT JOIN signals_eventname n ON n.id = e.name_id
    WHERE a.account_id = %(account)s AND e.kind IN (1, 2, 3) AND {WINDOW}
"""
# The events that the facts of the shipped sentences mean, written down a second time.
NAMED = {
    "limit_hits_30": (30, ["Limit Hit"]),
    "pricing_views_30": (30, ["Pricing"]),
    "premium_tries_30": (30, ["Premium Feature Tried"]),
    "items_30": (30, ["Item Created"]),
    "invites_30": (30, ["Invite Sent"]),
    "imports_started_14": (14, ["Import Started"]),
    "imports_failed_14": (14, ["Import Failed"]),
    "tickets_7": (7, ["Ticket Opened"]),
    "first_values": (400, ["Onboarding Completed"]),
    "integrations": (400, ["Integration Connected"]),
    "policy_views_30": (30, ["Terms", "Privacy", "Security"]),
}
FEATURES = [
    "Timeline Viewed",
    "Automation Created",
    "Dashboard Opened",
    "Form Published",
    "Doc Edited",
    "Calendar Viewed",
]
SAID = {"words", "asked", "person.name", "to_whom"}
LATEST = """
    SELECT DISTINCT ON (w.id) (e.payload -> 'traits' ->> %(trait)s)
    FROM signals_event e JOIN accounts_actor a ON a.id = e.actor_id
    JOIN accounts_workspace w ON w.id = a.workspace_id
    WHERE w.account_id = %(account)s AND e.kind = 5 AND e.payload -> 'traits' ->> %(trait)s IS NOT NULL
    ORDER BY w.id, e.timestamp DESC
"""


# The earliest that somebody there said; who never did is counted from their first event.
SIGNED_UP = """
    SELECT min((e.payload -> 'traits' ->> 'createdAt')::timestamptz AT TIME ZONE 'UTC')
    FROM signals_event e JOIN accounts_actor a ON a.id = e.actor_id
    WHERE a.account_id = %s AND e.kind = 4
"""


def ask(select: str, item: QueueItem, days: int, **more: Any) -> Any:
    params = {"account": item.account_id, "day": item.facts_as_of.astimezone(UTC).date(), "days": days, **more}
    return rows(f"WITH e AS ({EVENTS}) SELECT {select}", params)[0][0]


def latest(item: QueueItem, trait: str) -> list[float]:
    return [float(value) for (value,) in rows(LATEST, {"account": item.account_id, "trait": trait})]


def fullest(item: QueueItem, used: str, limit: str) -> float:
    query = LATEST.replace("(e.payload -> 'traits' ->> %(trait)s)\n", "w.id, (e.payload -> 'traits' ->> %(trait)s)\n")
    by_trait = [dict(rows(query, {"account": item.account_id, "trait": trait})) for trait in (used, limit)]
    return max(float(by_trait[0][w]) / float(by_trait[1][w]) for w in by_trait[0].keys() & by_trait[1].keys())


def fullest_or_none(item: QueueItem, limit: str) -> Any:
    try:
        return fullest(item, *LIMITS[limit])
    except ValueError:  # no workspace says both
        return None


def by_query(name: str, item: QueueItem) -> Any:
    """The fact, counted from raw events alone."""
    if name in NAMED:
        days, events = NAMED[name]
        return ask("count(*) FROM e WHERE event = ANY(%(events)s)", item, days, events=events)
    if name == "people_active_30":
        return ask("count(DISTINCT person_id) FROM e", item, 30)
    if name == "people_before_30":
        early = "count(DISTINCT person_id) FROM e WHERE timestamp < (%(day)s::date - 29)::timestamp AT TIME ZONE 'UTC'"
        return ask(early, item, 60)
    if name == "growth_30":
        now, before = by_query("people_active_30", item), by_query("people_before_30", item)
        return (now - before) / max(before, 3)
    if name == "features_30":
        return ask("count(DISTINCT event) FROM e WHERE event = ANY(%(events)s)", item, 30, events=FEATURES)
    if name == "commercial_tickets_7":
        topics = "payload -> 'properties' ->> 'topic' IN ('plan', 'limits', 'security')"
        return ask(f"count(*) FROM e WHERE event = 'Ticket Opened' AND {topics}", item, 7)
    return by_state(name, item)


SUMMED = {"seats_used": "seats_used", "seats": "seats", "boards_used": "boards_used", "boards": "boards_limit",
          "monthly_revenue": "mrr"}  # fmt: skip
LIMITS = {"seats": ("seats_used", "seats"), "boards": ("boards_used", "boards_limit")}


def by_state(name: str, item: QueueItem) -> Any:
    if name == "workspaces":
        return rows("SELECT count(*) FROM accounts_workspace WHERE account_id = %s", [item.account_id])[0][0]
    if name == "age_days":
        [(told,)] = rows(SIGNED_UP, [item.account_id])
        return (item.facts_as_of.astimezone(UTC).date() - told.date()).days
    if name in SUMMED:
        return sum(latest(item, SUMMED[name]))
    if name.endswith("_share") or name == "fullest_limit":
        return share_of_limit(name, item)
    values = {value for (value,) in rows(LATEST, {"account": item.account_id, "trait": name.removesuffix("_kind")})}
    return {{"free": "free", "trial": "trial"}.get(plan, "paid") for plan in values} if name == "plan_kind" else values


def share_of_limit(name: str, item: QueueItem) -> Any:
    if name.removesuffix("_share") in LIMITS:
        return fullest(item, *LIMITS[name.removesuffix("_share")])
    shares = {limit: share for limit in LIMITS if (share := fullest_or_none(item, limit)) is not None}
    best = max(shares, key=lambda limit: shares[limit])
    return {best} if name == "fullest_limit" else shares[best]


@pytest.fixture
def sample(db: None, still: None) -> None:
    Configuration.objects.get_or_create(pk=1)
    ensure_shipped_configuration()
    say_what_things_mean(BOARDS)
    for i, team in enumerate(Team.objects.all()):
        Rep.objects.create(user=User.objects.create(username=f"rep{i}"), team=team, capacity=500)
    load_sample(BOARDS, now=timezone.now(), companies=250, quiet=True)


def test_every_sentence_of_the_sample_equals_a_query_on_its_events(sample: None) -> None:
    items = QueueItem.objects.filter(state__in=QueueItem.LIVE).select_related("play")
    assert {item.play.slug for item in items} == set(Play.objects.values_list("slug", flat=True))
    wrong, compared = [], 0
    for item in items:
        for name in item.facts.keys() - SAID:
            told, counted = item.facts[name]["value"], by_query(name, item)
            compared += 1
            same = told in counted if isinstance(counted, set) else told == pytest.approx(counted)
            if not same:
                wrong.append((item.account_id, name, told, counted))
    assert wrong == []
    assert compared > 2 * len(items)
    assert all(item.why_now for item in items)
