"""Any order, repetition and delay of the same events ends in the same state (design 16.2)."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Actor, Identity, PastLink, Person
from plgcrm.common.cache import forget_all
from plgcrm.common.sql import queries, rows
from signals.ingest import receive
from signals.ingest.wire import parse
from signals.models import ScoringModel, ScoringModelVersion
from signals.scoring import run
from tests.conftest import T0

STAYS = queries("accounts/sql/links.sql")["stays"]
USERS = ["u1", "u2", "bo@acme.com"]
VISITORS = ["a1", "a2"]
WORKSPACES = ["w1", "w2"]
ADDRESSES = ["ann@acme.com", "ann+x@acme.com", "bo@acme.com", "cy@other.com", "di@gmail.com"]


@st.composite
def sent_along(draw: Any, message: dict[str, Any]) -> dict[str, Any]:
    """The address that an app sends along of somebody who is logged in."""
    if "userId" not in message or draw(st.booleans()):
        return {}
    return {"context": {**message.get("context", {}), "traits": {"email": draw(st.sampled_from(ADDRESSES))}}}


@st.composite
def grouped(draw: Any) -> dict[str, Any]:
    """What a group call says beside who: a workspace, its seats, and sometimes its website."""
    traits: dict[str, Any] = {"seats": draw(st.integers(1, 9))}
    if draw(st.booleans()):
        traits["website"] = draw(st.sampled_from(["acme.com", "other.com", "third.com", "wix.com"]))
    return {"groupId": draw(st.sampled_from(WORKSPACES)), "traits": traits}


@st.composite
def messages(draw: Any) -> dict[str, Any]:
    kind = draw(st.sampled_from(["track", "track", "identify", "group", "alias", "page"]))
    user = draw(st.sampled_from(USERS))
    message: dict[str, Any] = {"type": kind, "userId": user}
    if kind in {"track", "identify", "page"} and draw(st.booleans()):
        message["anonymousId"] = draw(st.sampled_from(VISITORS))
        if kind != "identify" and draw(st.booleans()):
            del message["userId"]
    if kind == "track":
        message["event"] = draw(st.sampled_from(["Item Created", "Limit Hit"]))
        if draw(st.booleans()):
            message["context"] = {"groupId": draw(st.sampled_from(WORKSPACES))}
    if kind == "identify":
        message["traits"] = {"email": draw(st.sampled_from(ADDRESSES)), "title": draw(st.sampled_from(["CTO", "Dev"]))}
    if kind == "group":
        message |= draw(grouped())
    if kind == "alias":
        return message | {"previousId": draw(st.sampled_from([*VISITORS, *USERS]))}
    return message | draw(sent_along(message))


@st.composite
def histories(draw: Any) -> tuple[list[dict[str, Any]], list[list[dict[str, Any]]]]:
    """The same messages in the order they happened, and in batches of any order with repetitions."""
    made = draw(st.lists(messages(), min_size=2, max_size=14))
    hours = draw(st.lists(st.integers(1, 24 * 60), min_size=len(made), max_size=len(made), unique=True))
    for i, (message, hour) in enumerate(zip(made, hours, strict=True)):
        message |= {"messageId": f"m{i}", "timestamp": (T0 - timedelta(hours=hour)).isoformat()}
    in_order = sorted(made, key=lambda m: m["timestamp"])
    repeated = draw(st.lists(st.sampled_from(made), max_size=5))
    mixed = draw(st.permutations([*made, *repeated]))
    cut = draw(st.integers(1, len(mixed)))
    return in_order, [mixed[:cut], mixed[cut:]]


def take(source: receive.SourceRef, batch: list[dict[str, Any]]) -> None:
    receive.receive(source, parse(json.dumps({"batch": batch}).encode(), None, T0), T0)


def label(person: int) -> tuple[str, ...]:
    """A person by the ids and addresses it answers to, whatever its row number is."""
    leaves = Person.objects.filter(pk=person) | Person.objects.filter(merged_into=person)
    return tuple(sorted(Identity.objects.filter(person__in=leaves).exclude(kind=3).values_list("value", flat=True)))


def state() -> dict[str, Any]:
    usage = rows(
        "SELECT c.domain, a.person_id, w.external_id, d.signal_id, u.day, sum(u.count)::int FROM signals_usage u"
        f" JOIN signals_signaldefinition d ON d.id = u.definition_id JOIN ({STAYS}) a ON a.id = u.actor_id"
        " AND u.day >= a.begins AND u.day < a.ends"
        " LEFT JOIN accounts_account c ON c.id = a.account_id LEFT JOIN accounts_workspace w ON w.id = a.workspace_id"
        " GROUP BY 1, 2, 3, 4, 5"
    )
    scores = rows(
        "SELECT c.domain, s.points, s.tier, s.breakdown FROM signals_score s JOIN accounts_account c"
        " ON c.id = s.account_id"
        # A company that its last person left stays as an empty row, where another order never made it.
        f" WHERE EXISTS (SELECT 1 FROM ({STAYS}) a WHERE a.account_id = c.id) ORDER BY 1"
    )
    workspaces = rows(
        "SELECT w.external_id, c.domain, w.past_companies::text"
        " FROM accounts_workspace w LEFT JOIN accounts_account c ON c.id = w.account_id"
    )
    links = PastLink.objects.select_related("actor__workspace", "account")
    people = Person.objects.filter(merged_into=None, acts_as__isnull=False).distinct()
    return {
        "usage": sorted((str(d), label(p), str(w), s, day, n) for d, p, w, s, day, n in usage),
        "scores": [(d, points, tier, str(b)) for d, points, tier, b in scores],
        "workspaces": sorted(map(str, workspaces)),
        "people": sorted(
            (label(p.pk), p.email, p.title, str(p.account and p.account.domain), str(p.company_since)) for p in people
        ),
        "links": sorted(
            (label(x.actor.person_id), str(x.actor.workspace), str(x.account), str(x.from_day), x.until_day)
            for x in links
        ),
        "first": sorted((label(a.person_id), a.first_at) for a in Actor.objects.all()),
    }


def end_state(source: receive.SourceRef, batches: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """Where these batches lead; everything is rolled back afterwards."""
    forget_all()
    with transaction.atomic():
        for batch in batches:
            take(source, batch)
            run.score_dirty(T0)
        found = state()
        transaction.set_rollback(True)
    forget_all()
    return found


@pytest.fixture
def model(source: receive.SourceRef) -> None:
    rule = {"measure": {"kind": "people", "days": 30}, "op": ">=", "value": 2}
    busy = {"measure": {"kind": "count", "days": 40}, "op": ">=", "value": 3}
    seats = {"measure": {"kind": "attribute", "key": "seats", "agg": "sum"}, "op": ">=", "value": 5}
    criteria = [
        {"slug": slug, "name": slug, "rule": each, "points": points}
        for slug, each, points in (("people", rule, 40), ("busy", busy, 25), ("seats", seats, 10))
    ]
    ScoringModelVersion.objects.create(
        scoring_model=ScoringModel.objects.create(kind="pql", name="PQL"),
        number=1,
        state="live",
        published_at=T0,
        criteria=[c | {"group": None, "cap": None, "half_life": None, "person": False} for c in criteria],
        tiers=[{"slug": "nurture", "name": "Nurture", "from": 0}, {"slug": "inside", "name": "Inside", "from": 65}],
    )


@pytest.mark.django_db
@given(history=histories())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_any_order_repetition_and_delay_ends_the_same(
    source: receive.SourceRef, model: None, history: tuple[list[dict[str, Any]], list[list[dict[str, Any]]]]
) -> None:
    in_order, mixed = history
    assert end_state(source, mixed) == end_state(source, [[message] for message in in_order])
