"""What became known later than it happened is kept with the day on which it did, and can be read as it was known."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.identity import joins
from accounts.models import Account, Actor, Attribute, Person, PersonMerge
from plgcrm.common.known import as_known_on, day_known, learning_on
from plgcrm.common.sql import rows
from signals.imports import undo
from signals.ingest import receive
from signals.ingest.wire import parse
from signals.models import CaseUsage, FailedEvent, ImportRun, LateUsage, SignalDefinition, Usage, ValueUsage
from signals.vocabulary import definitions
from tests.conftest import T0, Send, add_signal, alias, group, identify, track

pytestmark = pytest.mark.django_db
TODAY = T0.date()


def day(ago: int) -> date:
    return TODAY - timedelta(days=ago)


def late() -> list[tuple[date, date, int]]:
    """What happened when, and when it became known."""
    return list(LateUsage.objects.order_by("day", "known_on").values_list("day", "known_on", "count"))


def usage(known: date) -> list[tuple[date, int]]:
    """As it was known on a day."""
    with as_known_on(known):
        return rows("SELECT day, count FROM signals_usage ORDER BY day")


def test_usage_of_its_own_day_is_not_late(send: Send) -> None:
    send(track("u1"), track("u1", days=0.4))
    assert (late(), usage(day(1)), usage(TODAY)) == ([], [(TODAY, 2)], [(TODAY, 2)])


def test_late_usage_is_kept_with_the_day_on_which_it_came(send: Send) -> None:
    send(track("u1", days=5), at=T0 - timedelta(days=5))
    send(track("u1", days=5), track("u1", days=5), track("u1", days=3), at=T0 - timedelta(days=2))
    send(track("u1", days=5))
    assert late() == [(day(5), day(2), 2), (day(5), TODAY, 1), (day(3), day(2), 1)]
    assert usage(day(5)) == usage(day(3)) == [(day(5), 1)]
    assert usage(day(2)) == usage(day(1)) == [(day(5), 3), (day(3), 1)]
    assert usage(TODAY) == [(day(5), 4), (day(3), 1)]


def test_a_second_before_midnight_is_late_a_second_after_it(send: Send) -> None:
    midnight = T0.replace(hour=0)
    at = (midnight - timedelta(seconds=1)).isoformat()
    send(track("u1") | {"timestamp": at}, at=midnight - timedelta(seconds=1))
    assert late() == []
    send(track("u1") | {"timestamp": at}, at=midnight)
    assert late() == [(day(1), TODAY, 1)]


def test_what_comes_before_it_happens_is_not_late(send: Send) -> None:
    send(track("u1", days=-0.01), at=T0)
    assert (Usage.objects.count(), late()) == (1, [])


def test_a_repeated_late_event_is_late_once(send: Send) -> None:
    message = track("u1", days=3)
    send(message, message)
    send(message)
    assert late() == [(day(3), TODAY, 1)]


def test_late_usage_is_of_a_later_day_and_of_something() -> None:
    kept = {"actor_id": 1, "definition_id": 1, "day": TODAY}
    for broken in ({"known_on": TODAY, "count": 1}, {"known_on": TODAY + timedelta(days=1), "count": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            LateUsage.objects.create(**kept, **broken)


# --- Imports, and undoing them ----------------------------------------------------------------------------------


def imported(source: receive.SourceRef, name: str, *messages: dict[str, Any], arrived: Any = None) -> ImportRun:

    run = ImportRun.objects.create(source_id=source.id, file_name=name, digest=name)
    parsed = parse(json.dumps({"batch": messages}).encode(), None, T0)
    each = None if arrived is None else [arrived] * len(messages)
    receive.receive(source, parsed, T0, received_each=each, run=run.pk)
    return run


def undone(run: ImportRun) -> None:
    undo.undo(undo.start(run.pk, acting_user=None, now=timezone.now()), further=lambda: None)


def test_an_import_is_known_from_its_own_day_whatever_the_file_says_of_arrival(clock: Any, source: Any) -> None:
    imported(
        source, "a", track("u1", days=40), identify("u1", "ann@acme.com", days=40), arrived=T0 - timedelta(days=40)
    )
    assert late() == [(day(40), TODAY, 1)]
    assert Attribute.objects.get(key__name="email").known_on == Actor.objects.get().known_on == TODAY


def test_undoing_an_import_takes_its_late_usage_and_no_other(clock: Any, source: Any, send: Send) -> None:
    send(track("u1", days=5), at=T0 - timedelta(days=5))
    send(track("u1", days=5), at=T0 - timedelta(days=4))
    first = imported(source, "a", track("u1", days=5), track("u1", days=9))
    second = imported(source, "b", track("u1", days=5))
    assert late() == [(day(9), TODAY, 1), (day(5), day(4), 1), (day(5), TODAY, 2)]
    undone(first)
    assert late() == [(day(5), day(4), 1), (day(5), TODAY, 1)]
    undone(second)
    assert late() == [(day(5), day(4), 1)]


def test_undoing_an_import_forgets_the_values_it_brought_and_keeps_what_others_replaced(
    clock: Any, source: Any, send: Send
) -> None:
    send(group("u1", "w1", days=5, plan="free"), at=T0 - timedelta(days=5))
    before = plans_by_night(5)
    run = imported(source, "a", group("u1", "w1", days=4.9, plan="team"), identify("u1", "ann@acme.com", days=9))
    assert plans_by_night(5)[-1] == "team"
    clock.shift(timedelta(days=2))
    send(group("u1", "w1", days=4.8, plan="gold"), at=T0 + timedelta(days=2))
    assert plans_by_night(5, last=2) == [*["free"] * 5, "team", "team", "gold"]
    undone(run)
    assert plans_by_night(5, last=2) == [*before, "free", "gold"]


# --- What was said, and who is who -------------------------------------------------------------------------------


def plans_by_night(first: int, last: int = 0) -> list[str | None]:
    """The last plan that was known of each night."""
    found = []
    for ago in range(first, -last - 1, -1):
        with as_known_on(day(ago)):
            said = rows(
                "SELECT a.text FROM accounts_attribute a JOIN accounts_attributekey k ON k.id = a.key_id"
                " WHERE k.name = 'plan' ORDER BY a.at DESC LIMIT 1"
            )
        found.append(said[0][0] if said else None)
    return found


def test_a_late_value_is_known_from_the_day_it_came(send: Send) -> None:
    send(group("u1", "w1", days=4, plan="free"), at=T0 - timedelta(days=4))
    send(group("u1", "w1", days=2, plan="team"), at=T0 - timedelta(days=1))
    send(group("u1", "w1", days=1.9, plan="gold"))
    send(group("u1", "w1", days=2.1, plan="before"))
    assert plans_by_night(5) == [None, "free", "free", "free", "team", "gold"]
    assert plans_by_night(-1, last=1) == ["gold"]


def test_values_of_one_day_that_come_on_that_day_leave_nothing_behind(send: Send) -> None:
    send(group("u1", "w1", days=0.3, plan="free"))
    send(group("u1", "w1", days=0.2, plan="team"))
    assert Attribute.objects.get(key__name="plan").known_on is None
    assert rows("SELECT count(*) FROM accounts_attributebefore") == [(0,)]


def actors_by_night(first: int) -> list[list[tuple[str, date]]]:
    """Of each night the companies that had an actor, and since when."""
    found = []
    for ago in range(first, -1, -1):
        with as_known_on(day(ago)):
            found.append(
                rows(
                    "SELECT c.domain, (a.first_at AT TIME ZONE 'UTC')::date FROM accounts_actor a"
                    " JOIN public.accounts_account c ON c.id = a.account_id ORDER BY 1, 2"
                )
            )
    return found


def test_an_account_and_a_first_day_are_known_from_the_day_they_were_told(send: Send) -> None:
    send(track("u1", days=3), at=T0 - timedelta(days=3))
    send(identify("u1", "ann@acme.com", days=3), at=T0 - timedelta(days=2))
    send(track("u1", days=8), at=T0 - timedelta(days=1))
    assert actors_by_night(4) == [[], [], [("acme.com", day(3))], [("acme.com", day(8))], [("acme.com", day(8))]]
    assert Account.objects.get().domain == "acme.com"


def test_a_merge_is_known_from_the_day_it_was_made(send: Send) -> None:
    send(track(anonymous="a1", days=3), track("u1", days=3), at=T0 - timedelta(days=3))
    send(alias("u1", "a1", days=3), at=T0 - timedelta(days=1))
    assert PersonMerge.objects.count() == 1
    people = []
    for ago in (3, 2, 1, 0):
        with as_known_on(day(ago)):
            people.append(rows("SELECT count(DISTINCT person_id)::int FROM accounts_actor")[0][0])
    assert people == [2, 2, 1, 1]


def test_a_join_by_hand_is_known_from_the_day_it_was_made(send: Send) -> None:
    old, new = identify("u1", "ann@old.com", days=3), identify("u2", "bo@new.com", days=3)
    send(old, new, at=T0 - timedelta(days=3))
    ids = [Account.objects.get(domain=domain).pk for domain in ("old.com", "new.com")]
    learning_on(day(1))
    joins.join_accounts(*ids, acting_user=None, now=T0 - timedelta(days=1))
    parts = []
    for ago in (2, 1):
        with as_known_on(day(ago)):
            parts.append(rows("SELECT count(joined_into_id)::int FROM accounts_account")[0][0])
    found = [[domain for domain, _ in night] for night in actors_by_night(3)]
    assert found == [["new.com", "old.com"]] * 2 + [["new.com", "new.com"]] * 2
    assert parts == [0, 1]


def test_reading_as_known_ends_with_its_block(send: Send) -> None:
    send(track("u1", days=3))
    assert usage(day(1)) == []
    assert Usage.objects.count() == Person.objects.count() == 1


def test_every_view_has_the_columns_that_are_read_of_its_table() -> None:
    """Where a table gets a column that measures read, its view needs it too; the queries then fail by name."""
    views = rows("SELECT table_name::text FROM information_schema.views WHERE table_schema = 'as_known' ORDER BY 1")
    assert [name for (name,) in views] == [
        "accounts_account", "accounts_actor", "accounts_attribute", "accounts_pastlink", "accounts_person",
        "accounts_workspace",
        "signals_caseusage", "signals_usage", "signals_valueusage",
    ]  # fmt: skip


# --- Numbers, cases, and counting again ----------------------------------------------------------------------------


@pytest.fixture
def paid(source: Any) -> SignalDefinition:
    """A signal whose amounts and tickets are kept."""
    signal = add_signal("paid", {"any": [{"kinds": ["track"], "names": ["Paid"]}]})
    kept = {"values": {"amount": {"paths": ["amount"]}}, "cases": {"ticket": {"paths": ["ticket"]}}}
    signal.definitions.update(**kept)
    definitions.forget_matcher()
    return signal.definitions.get()


def pay(amount: float, days: float) -> dict[str, Any]:
    return track("u1", "Paid", days=days, properties={"amount": amount, "ticket": "t1"})


def sums_by_night(first: int) -> list[tuple[Any, ...] | None]:
    found = []
    for ago in range(first, -1, -1):
        with as_known_on(day(ago)):
            read = rows("SELECT events, total::int, largest, last FROM signals_valueusage")
            cases = rows("SELECT extract(hour FROM last_at)::int FROM signals_caseusage")
        found.append((*read[0], cases[0][0]) if read else None)
    return found


SUMS = [None, (1, 5, 5.0, 5.0, 10), (1, 5, 5.0, 5.0, 10), (2, 12, 7.0, 7.0, 12), (3, 13, 7.0, 7.0, 12)]


def pay_late(send: Send) -> None:
    send(pay(5, days=3), at=T0 - timedelta(days=3))
    send(pay(7, days=3 - 2 / 24), at=T0 - timedelta(days=1))
    send(pay(1, days=3 + 2 / 24))


def test_numbers_and_cases_are_read_as_they_were_known(paid: SignalDefinition, send: Send) -> None:
    pay_late(send)
    assert sums_by_night(4) == SUMS
    assert (ValueUsage.objects.get().known_on, CaseUsage.objects.get().known_on) == (TODAY, TODAY)


def test_counting_again_keeps_when_each_event_came(paid: SignalDefinition, send: Send) -> None:
    pay_late(send)
    before = late()
    SignalDefinition.objects.filter(pk=paid.pk).update(state="retired")
    new = definitions.define(paid.signal, {"any": [{"kinds": ["track"], "names": ["Paid"]}]})
    kept = {"values": {"amount": {"paths": ["amount"]}}, "cases": {"ticket": {"paths": ["ticket"]}}}
    SignalDefinition.objects.filter(pk=new.pk).update(**kept)
    assert definitions.count_history(new.pk)
    definitions.retire_usage()
    assert (late(), sums_by_night(4)) == (before, SUMS)
    assert SignalDefinition.objects.get(pk=new.pk).first_known_on == day(3)


def test_a_rebuild_of_the_days_gives_the_same_again(paid: SignalDefinition, send: Send) -> None:
    pay_late(send)
    before = late()
    definitions.rebuild_usage(T0 - timedelta(days=9), T0 + timedelta(days=1))
    assert (late(), sums_by_night(4)) == (before, SUMS)


def test_what_a_replay_tells_is_known_from_the_replay_on(clock: Any, source: Any, send: Send) -> None:
    send({"type": "track", "event": "Paid", "messageId": "m", "timestamp": T0.isoformat()})
    failed = FailedEvent.objects.get()
    receive.edit_failed(failed, bytes(failed.payload).decode().replace('"event"', '"userId":"u1","event"'), T0)
    clock.shift(timedelta(days=3))
    receive.replay([failed.pk], timezone.now())
    assert (day_known(), late()) == (day(-3), [(TODAY, day(-3), 1)])
