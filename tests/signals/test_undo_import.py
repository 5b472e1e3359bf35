"""An import that is undone leaves what would be there had it never come, whatever came before, between and after."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Account, Actor, FactBefore, GroupCall, Identity, PastLink, Person
from outreach.models import Touch
from plgcrm.common.cache import forget_all
from plgcrm.common.sql import rows
from signals.imports import undo
from signals.ingest import receive
from signals.ingest.wire import parse
from signals.models import Event, ImportedMessage, ImportRun, Moment, SignalDefinition, ValueUsage
from tests.conftest import T0, add_signal, identify, track
from tests.factories import Desk
from tests.signals.test_any_order import messages

LIVE = ""
Message = dict[str, Any]


@dataclass
class History:
    """Batches in the order they come, each live or of an import; and the imports in the order they are undone."""

    batches: list[tuple[str, list[Message]]]
    undone: list[str]
    restarts: set[int] = field(default_factory=set)  # before these batches the process has just begun


@st.composite
def histories(draw: Any) -> History:
    made = draw(st.lists(messages(), min_size=2, max_size=10))
    hours = draw(st.lists(st.integers(1, 72), min_size=len(made), max_size=len(made), unique=True))
    for place, (message, hour) in enumerate(zip(made, hours, strict=True)):
        message |= {"messageId": f"m{place}", "timestamp": (T0 - timedelta(hours=hour)).isoformat()}
    whose = draw(st.lists(st.sampled_from([LIVE, "A", "B"]), min_size=len(made), max_size=len(made)))
    batches = [(who, [message]) for who, message in zip(whose, made, strict=True)]
    for _, [message] in draw(st.lists(st.sampled_from(batches), max_size=3)):  # some come twice, perhaps from elsewhere
        batches.insert(draw(st.integers(0, len(batches))), (draw(st.sampled_from([LIVE, "A", "B"])), [message]))
    restarts = draw(st.sets(st.integers(0, len(batches))))
    return History(batches, draw(st.permutations(["A", "B"])), restarts)


def take(source: receive.SourceRef, batch: list[Message], run: int | None) -> None:
    receive.receive(source, parse(json.dumps({"batch": batch}).encode(), None, T0), T0, run=run)


def undone(run: ImportRun) -> None:
    undo.undo(undo.start(run.pk, acting_user=None, now=timezone.now()), further=lambda: None)


def new_run(source: receive.SourceRef, name: str) -> ImportRun:
    return ImportRun.objects.create(source_id=source.id, file_name=name, digest=name)


# --- What is there, without the numbers of rows ----------------------------------------------------------------


def label(row: int | None) -> tuple[str, ...]:
    """One person row by its own ids."""
    found = Identity.objects.filter(person=row).exclude(kind=Identity.Kind.EMAIL) if row else Identity.objects.none()
    return tuple(sorted(f"{one.kind}:{one.value}" for one in found))


def whole(row: int) -> tuple[Any, ...]:
    person = Person.objects.get(pk=row)
    head = person.merged_into_id or person.pk
    return tuple(sorted(label(p.pk) for p in Person.objects.filter(pk=head) | Person.objects.filter(merged_into=head)))


def state() -> dict[str, list[Any]]:
    """Everything that is known of anybody, and what is counted."""
    usage = rows(
        "SELECT a.profile_id, w.external_id, d.signal_id, u.day, u.count FROM signals_usage u"
        " JOIN signals_signaldefinition d ON d.id = u.definition_id JOIN accounts_actor a ON a.id = u.actor_id"
        " LEFT JOIN accounts_workspace w ON w.id = a.workspace_id"
    )
    said = rows(
        "SELECT a.subject_kind, a.subject_id, w.external_id, k.name, a.day, a.at, a.text FROM accounts_attribute a"
        " JOIN accounts_attributekey k ON k.id = a.key_id"
        " LEFT JOIN accounts_workspace w ON a.subject_kind = 2 AND w.id = a.subject_id"
    )
    events = rows("SELECT e.message_id, a.profile_id FROM signals_event e JOIN accounts_actor a ON a.id = e.actor_id")
    workspaces = rows(
        "SELECT w.external_id, w.name, c.domain, c.name FROM accounts_workspace w"
        " LEFT JOIN accounts_account c ON c.id = w.account_id"
    )
    links = PastLink.objects.select_related("actor__workspace", "account")
    calls = GroupCall.objects.select_related("actor__workspace")
    return {
        "events": sorted((m, label(p)) for m, p in events),
        "usage": sorted((label(p), str(w), s, day, n) for p, w, s, day, n in usage),
        "attributes": sorted(
            (kind, label(of) if kind == 1 else str(w), k, day, at, text) for kind, of, w, k, day, at, text in said
        ),
        "workspaces": sorted(map(str, workspaces)),
        "identities": sorted(
            (i.kind, i.value, label(i.person_id) if i.kind != 3 else (), label(i.claimed_by_id), str(i.claimed_at))
            for i in Identity.objects.all()
        ),
        "people": sorted(
            (whole(p.pk), p.email, p.title, str(p.account and (p.account.domain, p.account.name)))
            for p in Person.objects.filter(merged_into=None)
        ),
        "links": sorted(
            (label(x.actor.profile_id), str(x.actor.workspace), str(x.account), str(x.from_day), x.until_day)
            for x in links
        ),
        "calls": sorted((label(x.actor.profile_id), str(x.actor.workspace), x.day, x.at) for x in calls),
        "actors": sorted(
            (label(a.profile_id), str(a.workspace), a.first_at, str(a.grouped_at), str(a.account and a.account.domain))
            for a in Actor.objects.select_related("workspace", "account")
        ),
    }


def difference(found: dict[str, list[Any]], wanted: dict[str, list[Any]]) -> dict[str, Any]:
    """What is there and should not be, and what should be there."""
    differing = [name for name in wanted if found[name] != wanted[name]]
    return {
        name: (
            [one for one in found[name] if one not in wanted[name]],
            [one for one in wanted[name] if one not in found[name]],
        )
        for name in differing
    }


def end_states(source: receive.SourceRef, history: History) -> list[dict[str, list[Any]]]:
    """With each import undone, one after the other, and once more after the live batches came again."""
    forget_all()
    with transaction.atomic():
        runs = {name: new_run(source, name) for name in "AB"}
        for place, (who, batch) in enumerate(history.batches):
            if place in history.restarts:
                forget_all()
            take(source, batch, runs[who].pk if who else None)
        found = []
        for name in history.undone:
            undone(runs[name])
            found.append(state())
        assert not FactBefore.objects.exists()
        assert not ImportedMessage.objects.exists()
        transaction.set_rollback(True)
    forget_all()
    return found


def without(source: receive.SourceRef, history: History, gone: list[str]) -> dict[str, list[Any]]:
    """Had these imports never come."""
    forget_all()
    with transaction.atomic():
        runs = {name: new_run(source, name) for name in "AB" if name not in gone}
        for who, batch in history.batches:
            if who not in gone:
                take(source, batch, runs[who].pk if who else None)
        found = state()
        transaction.set_rollback(True)
    forget_all()
    return found


@pytest.mark.django_db
@given(history=histories())
@settings(
    max_examples=30,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # making a history smaller would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_an_import_undone_is_an_import_that_never_came(source: receive.SourceRef, history: History) -> None:
    first, second = end_states(source, history)
    assert difference(first, without(source, history, history.undone[:1])) == {}
    assert difference(second, without(source, history, history.undone)) == {}


@pytest.mark.django_db
@pytest.mark.parametrize("again", [[], [("A", "ann@acme.com")], [("B", "ann@acme.com")], [("B", "ann+y@acme.com")]])
@pytest.mark.parametrize("order", ["AB", "BA"])
def test_what_follows_for_the_tags_of_an_address_is_undone_with_it(
    source: receive.SourceRef, again: list[tuple[str, str]], order: str
) -> None:
    said = [("A", "ann@acme.com"), ("", "ann+x@acme.com"), *again]
    batches = [
        (run, [track("u1", days=5 - place) | {"context": {"traits": {"email": email}}}])
        for place, (run, email) in enumerate(said)
    ]
    history = History(batches, list(order), set())
    first, second = end_states(source, history)
    assert difference(first, without(source, history, history.undone[:1])) == {}
    assert difference(second, without(source, history, history.undone)) == {}


@pytest.mark.django_db
def test_the_numbers_of_properties_are_those_of_the_events_that_remain(source: receive.SourceRef) -> None:
    add_signal("invoice-paid", {"any": [{"kinds": ["track"], "names": ["Invoice Paid"]}]})
    SignalDefinition.objects.filter(signal__slug="invoice-paid").update(values={"amount": {"paths": ["amount"]}})
    forget_all()
    run = new_run(source, "A")
    paid = [track("u1", "Invoice Paid", days=1 + hour / 24, properties={"amount": 10 * hour}) for hour in (1, 2, 3)]
    for message, who in zip(paid, (None, run.pk, None), strict=True):
        take(source, [message], who)
    undone(run)
    [kept] = ValueUsage.objects.all()
    assert (kept.events, kept.total, kept.largest, kept.last) == (2, 40, 30.0, 10.0)


@pytest.mark.django_db
def test_requests_of_an_import_go_with_it_unless_somebody_has_worked_on_the_account(
    source: receive.SourceRef, desk: Desk
) -> None:
    add_signal("demo", {"any": [{"kinds": ["track"], "names": ["Demo Asked"]}]}, category="asks", raises_hand=True)
    forget_all()
    run = new_run(source, "A")
    for name in ("acme", "beta"):
        told = identify(name, f"ann@{name}.com")
        take(source, [told, track(name, "Demo Asked")], run.pk)
    acme = Account.objects.get(domain="acme.com")
    Touch.objects.create(account=acme, user=desk.rita, channel="call", at=desk.now)
    undone(run)
    assert [account.domain for account in Account.objects.all()] == ["acme.com"]
    assert Moment.objects.count() == 1


@pytest.mark.django_db
def test_a_process_that_remembers_who_is_gone_stores_nothing_under_them(source: receive.SourceRef) -> None:
    run = new_run(source, "A")
    take(source, [track("u1")], run.pk)
    take(source, [track("u1")], None)  # this process knows the actor now
    live = Event.objects.latest("pk")
    other = ImportedMessage.objects.create(source_id=source.id, message_id=live.message_id, run_id=run.pk)
    assert other.run_id == run.pk  # as if it had come by the import alone
    undone(run)
    assert not Actor.objects.exists()
    take(source, [track("u1")], None)
    assert Event.objects.get().actor_id == Actor.objects.get().pk
