"""Outcome: said by reps, told by events, credited once, taken back."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from threading import Barrier, Thread
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Actor, Person
from outreach.models import Outcome, QueueItem, Touch
from outreach.outcomes import record
from outreach.outcomes.record import OutcomeError, credit_conversions, log_outcome, undo_outcome
from outreach.plays import decide
from outreach.plays.context import histories
from outreach.queue.actions import dismiss_item, finish_item, mark_worked, undo_change
from outreach.rules.credit import SELF_SERVE
from signals.models import Moment, Signal
from tests.clock import T0
from tests.factories import make_account, make_item, make_person
from tests.outreach.conftest import BecomeTrue, RaiseHand, later, play_of
from tests.query_counts import counted_queries

Convert = Callable[..., Moment]
NEXT_DAY = later(days=1)
BELONGS = "Only an opportunity or a won deal has an amount."
NEGATIVE = "Enter an amount of zero or more."
LETTERS = "Use a three-letter currency code, such as USD."
_numbers = count(1)
EUR = {"amount": Decimal("1200.50"), "currency": "EUR"}


@pytest.fixture
def convert(shipped: None) -> Convert:
    """Somebody of an account, or of none, converts."""

    def happen(account: Account | None, at: datetime = NEXT_DAY, **facts: Any) -> Moment:
        person = make_person(account)
        actor = Actor.objects.create(profile=person, first_at=at, person=person, account=account)
        cause, signal = f"conversion {next(_numbers)}", Signal.objects.get(slug="subscribed")
        told = {"name": "Subscription Started", **facts}
        kind = Moment.Kind.CONVERTED
        return Moment.objects.create(kind=kind, cause=cause, actor=actor, signal=signal, at=at, facts=told)

    return happen


def only() -> Outcome:
    return Outcome.objects.get()


def note(about: QueueItem | Account, kind: str, user: User, *, at: datetime = NEXT_DAY, **more: Any) -> Outcome:
    return log_outcome(about, kind=kind, acting_user=user, now=at, **more)


# --- Conversions ------------------------------------------------------------------------------------------


def test_a_conversion_is_credited_to_the_item_worked_before_it(item: QueueItem, rita: User, convert: Convert) -> None:
    finish_item(item, disposition="wrote", acting_user=rita, now=T0)
    moment = convert(item.account, amount=3060, currency="EUR")
    assert credit_conversions(later(days=1)) == 1
    found = only()
    assert (found.kind, found.play, found.item, found.moment, found.user) == ("won", item.play, item, moment, None)
    assert (found.amount, found.currency, found.at, found.account) == (3060, "EUR", moment.at, item.account)
    assert found.credit == ("“Inbound hand-raisers”: its item was last closed as done on 11 Mar, the day before.")


@pytest.mark.parametrize("end", ["open", "dismissed"])
def test_an_item_that_was_not_worked_earns_nothing(item: QueueItem, rita: User, convert: Convert, end: str) -> None:
    if end == "dismissed":
        dismiss_item(item, reason="bad-timing", acting_user=rita, now=T0)
    convert(item.account, amount=90, currency="USD")
    credit_conversions(later(days=1))
    assert (only().play, only().item, only().credit) == (None, None, SELF_SERVE)


def test_a_touch_counts_and_one_that_was_undone_does_not(item: QueueItem, rita: User, convert: Convert) -> None:
    touch = Touch.objects.create(
        account=item.account, item=item, play=item.play, user=rita, channel="email", at=later(hours=1)
    )
    convert(item.account)
    credit_conversions(later(days=1))
    assert only().item == item
    assert only().credit == "“Inbound hand-raisers”: its item was last touched on 11 Mar, the day before."
    Outcome.objects.all().delete()
    Touch.objects.filter(pk=touch.pk).update(undone_at=later(hours=1))
    credit_conversions(later(days=1))
    assert only().item is None


def test_a_late_conversion_sees_the_work_as_it_was_at_its_own_time(
    item: QueueItem, rita: User, convert: Convert
) -> None:
    finish_item(item, disposition="wrote", acting_user=rita, now=later(days=2))
    convert(item.account, at=later(days=1))
    credit_conversions(later(days=3))
    assert only().play is None


def test_work_of_another_account_earns_nothing(item: QueueItem, rita: User, convert: Convert) -> None:
    finish_item(item, disposition="wrote", acting_user=rita, now=T0)
    convert(make_account("Other"))
    credit_conversions(later(days=1))
    assert only().play is None


def test_a_conversion_counts_once_however_often_one_looks(item: QueueItem, convert: Convert) -> None:
    convert(item.account)
    assert [credit_conversions(later(days=1)) for _ in range(3)] == [1, 0, 0]
    assert Outcome.objects.count() == 1


def test_a_round_with_nothing_to_credit_asks_once(acme: Account) -> None:
    credit_conversions(NEXT_DAY)
    with counted_queries() as asked:
        assert credit_conversions(NEXT_DAY) == 0
    assert len(asked) == 1


def test_a_conversion_of_nobodys_waits_until_the_account_is_known(acme: Account, convert: Convert) -> None:
    moment = convert(None, amount=45, currency="USD")
    assert credit_conversions(later(days=1)) == 0
    Moment.objects.update(noticed_at=later(days=-300))  # long ago: only a thorough look finds it
    Actor.objects.filter(pk=moment.actor_id).update(account=acme)
    assert credit_conversions(later(days=30)) == 0
    record.ROUNDS.look_at_all()
    assert credit_conversions(later(days=30)) == 1
    assert (only().account, only().at) == (acme, moment.at)


def test_who_is_excluded_does_not_count_and_does_when_let_in_again(acme: Account, convert: Convert) -> None:
    moment = convert(acme)
    person = Person.objects.get(acts_as=moment.actor_id)
    credit_conversions(later(days=1))
    for excluded_by, expected in (("Own people", 0), ("", 1)):
        Person.objects.filter(pk=person.pk).update(excluded_by=excluded_by)
        record.ROUNDS.look_at_all()
        credit_conversions(later(days=1))
        assert Outcome.objects.count() == expected


def test_excluding_somebody_drops_their_conversions_and_no_others(acme: Account, convert: Convert) -> None:
    excluded, kept = convert(acme), convert(acme)
    credit_conversions(NEXT_DAY)
    row = Outcome.objects.get(moment=kept)
    Person.objects.filter(acts_as=excluded.actor_id).update(excluded_by="Own people")
    record.ROUNDS.look_at_all()
    credit_conversions(NEXT_DAY)
    assert only() == row


def test_an_outcome_that_was_undone_stays_as_undone_when_its_person_is_excluded(
    acme: Account, convert: Convert, mona: User
) -> None:
    moment = convert(acme)
    credit_conversions(NEXT_DAY)
    undo_outcome(only(), acting_user=mona, now=NEXT_DAY)
    Person.objects.filter(acts_as=moment.actor_id).update(excluded_by="Own people")
    record.ROUNDS.look_at_all()
    credit_conversions(NEXT_DAY)
    assert only().undone_by == mona


def test_only_a_touch_that_stands_makes_its_own_item_worked(item: QueueItem, acme: Account, rita: User) -> None:
    other = make_item(acme, play_of("expansion"), now=T0, rep=rita)
    said = {"account": acme, "user": rita, "channel": "email", "at": T0}
    Touch.objects.create(item=item, play=item.play, undone_at=NEXT_DAY, **said)
    Touch.objects.create(item=other, play=other.play, **said)
    mark_worked(item.pk)
    assert not QueueItem.objects.filter(worked_at__isnull=False).exists()


def test_an_outcome_follows_its_workspace_to_another_account_and_keeps_its_credit(
    item: QueueItem, rita: User, convert: Convert
) -> None:
    finish_item(item, disposition="wrote", acting_user=rita, now=T0)
    moment, other = convert(item.account), make_account("Parent company")
    credit_conversions(later(days=1))
    Actor.objects.filter(pk=moment.actor_id).update(account=other)
    record.ROUNDS.look_at_all()
    credit_conversions(later(days=1))
    assert (only().account, only().item) == (other, item)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, (None, "")),
        ({"amount": 0, "currency": "USD"}, (Decimal(0), "USD")),
        ({"amount": 12.345, "currency": "GBP"}, (Decimal("12.34"), "GBP")),
        ({"amount": 999_999_999_999.999, "currency": "JPY"}, (Decimal("999999999999.99"), "JPY")),
    ],
)
def test_the_amount_is_what_the_event_says(
    acme: Account, convert: Convert, facts: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    convert(acme, **facts)
    credit_conversions(later(days=1))
    assert (only().amount, only().currency) == expected


def test_more_than_one_batch_is_found_by_the_next_call(acme: Account, convert: Convert) -> None:
    for _ in range(5):
        convert(acme)
    Moment.objects.update(noticed_at=later(days=-300))
    assert [credit_conversions(later(days=1), limit=2) for _ in range(3)] == [2, 2, 1]


@pytest.mark.parametrize("days", [(3, 2), (2, 2)])
def test_the_oldest_conversion_is_credited_first_and_of_equals_the_first_noticed(
    acme: Account, convert: Convert, days: tuple[int, int]
) -> None:
    moments = [convert(acme, at=later(days=each)) for each in days]
    assert credit_conversions(later(days=4), limit=1) == 1
    assert only().moment == min(moments, key=lambda moment: (moment.at, moment.pk))


@pytest.mark.parametrize("how", ["touched", "closed"])
def test_of_two_items_worked_at_the_same_instant_the_newer_is_credited(
    item: QueueItem, rita: User, convert: Convert, how: str
) -> None:
    newer = make_item(item.account, play_of("expansion"), now=T0, rep=rita)
    for one in (newer, item):
        if how == "closed":
            finish_item(one, disposition="other", acting_user=rita, now=later(hours=1))
        else:
            Touch.objects.create(account=one.account, item=one, play=one.play, channel="call", at=later(hours=1))
    convert(item.account)
    credit_conversions(NEXT_DAY)
    assert only().item == newer


def test_an_item_worked_at_the_very_instant_of_a_conversion_earns_nothing(
    item: QueueItem, rita: User, convert: Convert
) -> None:
    Touch.objects.create(account=item.account, item=item, play=item.play, channel="call", at=NEXT_DAY)
    finish_item(item, disposition="other", acting_user=rita, now=NEXT_DAY)
    convert(item.account)
    credit_conversions(later(days=2))
    assert only().item is None


def test_a_touch_without_an_item_earns_nothing_and_hides_nothing(item: QueueItem, convert: Convert) -> None:
    Touch.objects.create(account=item.account, item=item, play=item.play, channel="call", at=T0)
    Touch.objects.create(account=item.account, channel="call", at=later(hours=1))
    convert(item.account)
    credit_conversions(NEXT_DAY)
    assert only().item == item


@pytest.mark.parametrize("after", [NEXT_DAY, later(days=2)])
@pytest.mark.parametrize("how", ["touched", "closed"])
def test_the_last_work_before_a_conversion_counts_whatever_came_earlier_or_later(
    item: QueueItem, rita: User, convert: Convert, how: str, after: datetime
) -> None:
    others = [make_item(item.account, play_of(slug), now=T0, rep=rita) for slug in ("expansion", "sales-assist")]
    for one, at in ((others[0], later(hours=-1)), (item, T0), (others[1], after)):
        if how == "closed":
            finish_item(one, disposition="other", acting_user=rita, now=at)
        else:
            Touch.objects.create(account=one.account, item=one, play=one.play, channel="call", at=at)
    convert(item.account)
    credit_conversions(later(days=3))
    assert only().item == item


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_credit_each_conversion_once(acme: Account, convert: Convert) -> None:
    for _ in range(20):
        convert(acme, amount=1, currency="EUR")
    barrier, done = Barrier(2), []

    def work() -> None:
        barrier.wait()
        done.append(credit_conversions(later(days=1)))
        connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert credit_conversions(later(days=1)) + sum(done) == 20
    assert Outcome.objects.count() == 20


# --- Said by reps -----------------------------------------------------------------------------------------


def test_what_is_logged_on_an_item_is_its_plays(item: QueueItem, rita: User) -> None:
    found = note(item, "won", rita, **EUR)
    assert (found.play, found.item, found.user, found.at) == (item.play, item, rita, later(days=1))
    assert (found.amount, found.currency) == (Decimal("1200.50"), "EUR")
    assert found.credit == "“Inbound hand-raisers”: logged on its item."


def test_what_is_logged_on_an_account_follows_the_rule(item: QueueItem, rita: User) -> None:
    assert note(item.account, "opportunity", rita).play is None
    finish_item(item, disposition="wrote", acting_user=rita, now=later(days=1))
    assert note(item.account, "meeting", rita, at=later(days=2)).item == item


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "party"}, "Choose an outcome."),
        ({"kind": "won"}, "A won deal needs an amount and a currency."),
        ({"kind": "meeting", **EUR}, BELONGS),
        ({"kind": "lost", **EUR}, BELONGS),
        (
            {"kind": "opportunity", "amount": Decimal(5)},
            "Enter the amount together with its currency, such as 1200 and EUR.",
        ),
        ({"kind": "won", "amount": Decimal("-0.01"), "currency": "EUR"}, NEGATIVE),
        ({"kind": "won", "amount": Decimal(10) ** 12, "currency": "EUR"}, NEGATIVE),
        ({"kind": "won", "amount": Decimal("NaN"), "currency": "EUR"}, NEGATIVE),
        ({"kind": "won", "amount": Decimal(1), "currency": "€"}, LETTERS),
        ({"kind": "won", "amount": Decimal(1), "currency": "€€€"}, LETTERS),
        ({"kind": "won", "amount": Decimal(1), "currency": "EURO"}, LETTERS),
        ({"kind": "won", "amount": Decimal(1), "currency": "E1R"}, LETTERS),
        ({"kind": "won", "amount": Decimal(1), "currency": "eur"}, LETTERS),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    item: QueueItem, rita: User, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(OutcomeError) as refused:
        log_outcome(item, acting_user=rita, now=T0, **given)
    assert (str(refused.value), Outcome.objects.count()) == (words, 0)


@pytest.mark.parametrize("amount", [Decimal(0), record.LARGEST_AMOUNT])
def test_a_deal_may_be_worth_nothing_or_as_much_as_there_is_room_for(
    item: QueueItem, rita: User, amount: Decimal
) -> None:
    assert note(item, "won", rita, amount=amount, currency="EUR").amount == amount


def test_what_is_refused_as_logged_before_names_who_logged_it(item: QueueItem, rita: User, tom: User) -> None:
    first = note(item, "lost", tom)
    for change, name in (({"first_name": ""}, "tom"), (None, "someone")):
        if change:
            User.objects.filter(pk=tom.pk).update(**change)
        else:
            Outcome.objects.filter(pk=first.pk).update(user=None)
        with pytest.raises(OutcomeError, match=f"Already logged: lost, by {name} on 12 Mar."):
            note(item, "lost", rita)


def test_who_noted_it_before_is_read_together_with_what_was_noted(item: QueueItem, rita: User, tom: User) -> None:
    note(item, "lost", tom)
    with CaptureQueriesContext(connection) as asked, pytest.raises(OutcomeError):
        note(item, "lost", rita)
    assert [query["sql"] for query in asked.captured_queries if query["sql"].startswith('SELECT "auth_user"')] == []


def test_what_the_product_told_of_an_item_does_not_stop_a_rep(item: QueueItem, rita: User, convert: Convert) -> None:
    finish_item(item, disposition="wrote", acting_user=rita, now=T0)
    convert(item.account, at=later(hours=1), amount=90, currency="USD")
    credit_conversions(later(hours=1))
    assert note(item, "won", rita, **EUR).item == item
    undo_outcome(Outcome.objects.get(moment=None), acting_user=rita, now=NEXT_DAY)
    assert note(item.account, "won", rita, **EUR).item == item


def test_the_same_of_an_account_is_logged_once_for_the_item_it_is_credited_to(item: QueueItem, rita: User) -> None:
    finish_item(item, disposition="wrote", acting_user=rita, now=T0)
    note(item.account, "meeting", rita)
    with pytest.raises(OutcomeError, match="Already logged: meeting"):
        note(item.account, "meeting", rita, at=later(days=5))


def test_what_is_logged_on_an_item_does_not_stop_what_the_account_did_by_itself(item: QueueItem, rita: User) -> None:
    note(item, "meeting", rita)
    assert note(item.account, "meeting", rita, at=later(days=1, seconds=1)).item is None


def test_within_one_moment_only_the_very_same_of_an_account_is_a_second_click(acme: Account, rita: User) -> None:
    note(acme, "opportunity", rita, **EUR)
    others: list[tuple[Account, str, dict[str, Any]]] = [
        (make_account(), "opportunity", EUR),
        (acme, "meeting", {}),
        (acme, "lost", {}),
        (acme, "opportunity", EUR | {"amount": Decimal(5)}),
        (acme, "opportunity", EUR | {"currency": "USD"}),
    ]
    for about, kind, more in others:
        assert note(about, kind, rita, **more).pk
    for first in Outcome.objects.filter(account=acme, kind="meeting"):
        undo_outcome(first, acting_user=rita, now=NEXT_DAY)
    assert note(acme, "meeting", rita).pk
    assert Outcome.objects.count() == 7


def test_rows_are_locked_so_that_others_may_still_point_at_them(item: QueueItem, rita: User) -> None:
    with CaptureQueriesContext(connection) as asked:
        undo_outcome(note(item, "meeting", rita), acting_user=rita, now=NEXT_DAY)
    locks = [query["sql"] for query in asked.captured_queries if " UPDATE" in query["sql"].partition(" FOR ")[2]]
    assert (len(locks), [sql for sql in locks if " FOR UPDATE" in sql]) == (2, [])


def test_the_same_is_logged_once_an_item(item: QueueItem, rita: User, tom: User) -> None:
    first = note(item, "won", rita, **EUR)
    with pytest.raises(OutcomeError, match="Already logged: won, by Rita on 12 Mar"):
        note(item, "won", tom, amount=Decimal(1), currency="USD")
    undo_outcome(first, acting_user=rita, now=later(days=1))
    assert note(item, "won", tom, amount=Decimal(1), currency="USD").user == tom


def test_two_clicks_on_an_account_note_it_once(acme: Account, rita: User) -> None:
    note(acme, "won", rita, **EUR)
    with pytest.raises(OutcomeError, match="Already logged"):
        note(acme, "won", rita, at=later(days=1, seconds=2), **EUR)
    assert note(acme, "won", rita, at=later(days=2), **EUR).pk
    assert Outcome.objects.count() == 2


def test_what_was_undone_stays_as_undone_and_only_once(item: QueueItem, rita: User, mona: User) -> None:
    noted = note(item, "meeting", rita)
    undo_outcome(noted, acting_user=mona, now=later(days=9))
    assert (only().undone_at, only().undone_by) == (later(days=9), mona)
    with pytest.raises(OutcomeError, match=r"^This outcome has already been undone\.$"):
        undo_outcome(noted, acting_user=rita, now=later(days=9))


def test_a_conversion_that_a_manager_took_back_is_not_credited_again(
    acme: Account, convert: Convert, mona: User
) -> None:
    convert(acme)
    credit_conversions(later(days=1))
    undo_outcome(only(), acting_user=mona, now=later(days=2))
    record.ROUNDS.look_at_all()
    assert credit_conversions(later(days=2)) == 0


# --- One deal, told twice ---------------------------------------------------------------------------------


def test_a_deal_logged_and_then_from_the_product_counts_once(item: QueueItem, rita: User, convert: Convert) -> None:
    said = note(item, "won", rita, **EUR)
    moment = convert(item.account, at=later(days=3), amount=1200.5, currency="EUR")
    credit_conversions(later(days=3))
    told = Outcome.objects.get(undone_at=None)
    assert (told.moment, told.play, told.item, told.user) == (moment, item.play, item, rita)
    assert told.credit == f"From the product, already logged. {said.credit}"
    words = f"Already counted, from the product. {said.credit}"
    said.refresh_from_db()
    assert (said.undone_at, said.credit) == (later(days=3), words)


@pytest.mark.parametrize("days", [(3, 2), (2, 2)])
def test_of_two_deals_told_at_once_the_earlier_takes_over_what_was_noted(
    item: QueueItem, rita: User, convert: Convert, days: tuple[int, int]
) -> None:
    note(item, "won", rita, **EUR)
    moments = [convert(item.account, at=later(days=each), amount=1200.5, currency="EUR") for each in days]
    credit_conversions(later(days=4))
    assert Outcome.objects.get(user=rita, undone_at=None).moment == min(moments, key=lambda one: (one.at, one.pk))


def test_what_is_taken_over_says_so_on_both_rows(item: QueueItem, rita: User, convert: Convert) -> None:
    noted = note(item, "won", rita, **EUR).credit
    convert(item.account, at=later(days=31), amount=1200.5, currency="EUR")  # thirty days after the note
    convert(item.account, at=later(days=31), amount=5, currency="EUR")
    credit_conversions(later(days=31))
    credits = {row.credit for row in Outcome.objects.all()}
    assert len(credits) == 3
    assert sum(words.endswith(noted) and words != noted for words in credits) == 2


def test_a_note_that_was_taken_back_is_not_taken_over(item: QueueItem, rita: User, convert: Convert) -> None:
    undo_outcome(note(item, "won", rita, **EUR), acting_user=rita, now=NEXT_DAY)
    convert(item.account, at=later(days=3), amount=1200.5, currency="EUR")
    credit_conversions(later(days=3))
    assert Outcome.objects.get(undone_at=None).user is None


def test_a_note_about_another_account_is_not_taken_over(item: QueueItem, rita: User, convert: Convert) -> None:
    note(item, "won", rita, **EUR)
    convert(make_account(), amount=1200.5, currency="EUR")
    credit_conversions(later(days=3))
    assert Outcome.objects.filter(undone_at=None).count() == 2


@pytest.mark.parametrize(("days", "amount", "currency"), [(32, 1200.5, "EUR"), (3, 1200, "EUR"), (3, 1200.5, "USD")])
def test_another_deal_is_another_deal(
    item: QueueItem, rita: User, convert: Convert, days: int, amount: float, currency: str
) -> None:
    note(item, "won", rita, **EUR)
    convert(item.account, at=later(days=days), amount=amount, currency=currency)
    credit_conversions(later(days=days))
    assert Outcome.objects.filter(undone_at=None).count() == 2


def test_an_opportunity_of_the_same_amount_stands_beside_the_deal_that_an_event_tells(
    item: QueueItem, rita: User, convert: Convert
) -> None:
    said = note(item, "opportunity", rita, **EUR)
    convert(item.account, at=later(days=3), amount=1200.5, currency="EUR")
    credit_conversions(later(days=3))
    said.refresh_from_db()
    assert said.undone_at is None


def test_only_this_accounts_deal_as_it_stands_refuses_a_note(item: QueueItem, rita: User, convert: Convert) -> None:
    convert(make_account(), amount=1200.5, currency="EUR")
    convert(item.account, amount=1200.5, currency="EUR")
    credit_conversions(NEXT_DAY)
    undo_outcome(Outcome.objects.get(account=item.account), acting_user=rita, now=NEXT_DAY)
    assert note(item, "won", rita, at=later(days=2), **EUR).pk


@pytest.mark.parametrize(
    ("days", "amount", "currency", "refused"),
    [
        (1, 1200.5, "EUR", True),
        (-28, 1200.5, "EUR", True),
        (-29, 1200.5, "EUR", False),  # 31 days before the note
        (3, 1200.5, "EUR", False),  # a day after it
        (1, 1200, "EUR", False),
        (1, 1200.5, "USD", False),
    ],
)
def test_a_rep_may_log_any_deal_but_the_one_the_product_told_of_in_thirty_days(
    item: QueueItem, rita: User, convert: Convert, days: int, amount: float, currency: str, refused: bool
) -> None:
    convert(item.account, at=later(days=days), amount=amount, currency=currency)
    credit_conversions(later(days=3))
    with pytest.raises(OutcomeError) if refused else nullcontext():
        note(item, "won", rita, at=later(days=2), **EUR)
    assert Outcome.objects.filter(moment=None).count() == (0 if refused else 1)


def test_a_deal_from_the_product_cannot_be_logged_again(item: QueueItem, rita: User, convert: Convert) -> None:
    convert(item.account, amount=1200.5, currency="EUR")
    credit_conversions(later(days=1))
    with pytest.raises(OutcomeError, match="The product already reported this deal on 12 Mar"):
        note(item, "won", rita, at=later(days=2), **EUR)


# --- Closing an item --------------------------------------------------------------------------------------


def test_meeting_agreed_notes_a_meeting_and_undo_takes_it_back(item: QueueItem, rita: User) -> None:
    change = finish_item(item, disposition="met", acting_user=rita, now=T0)
    assert (only().kind, only().item, only().user, only().at) == ("meeting", item, rita, T0)
    undo_change(change, acting_user=rita, now=later(seconds=5))
    assert (only().undone_at, only().undone_by) == (later(seconds=5), rita)


@pytest.mark.parametrize("disposition", ["wrote", "called", "answered", "no-answer", "other"])
def test_other_dispositions_note_nothing(item: QueueItem, rita: User, disposition: str) -> None:
    finish_item(item, disposition=disposition, acting_user=rita, now=T0)
    assert not Outcome.objects.exists()


def test_a_meeting_logged_before_is_not_logged_again_by_closing(item: QueueItem, rita: User) -> None:
    note(item, "meeting", rita, at=T0)
    change = finish_item(item, disposition="met", acting_user=rita, now=later(hours=1))
    undo_change(change, acting_user=rita, now=later(hours=1, seconds=5))
    assert only().undone_at is None


def test_a_meeting_is_logged_beside_the_other_outcomes_of_the_item(item: QueueItem, rita: User) -> None:
    note(item, "opportunity", rita, at=T0)
    undo_outcome(note(item, "meeting", rita, at=T0), acting_user=rita, now=T0)
    finish_item(item, disposition="met", acting_user=rita, now=later(hours=1))
    found = Outcome.objects.get(kind="meeting", undone_at=None)
    assert (found.at, found.credit) == (later(hours=1), "“Inbound hand-raisers”: logged on its item.")


def test_undoing_a_closing_takes_back_its_own_meeting_alone(
    item: QueueItem, rita: User, tom: User, raise_hand: RaiseHand
) -> None:
    other = make_account(owner=rita)
    raise_hand(make_person(other))
    decide.decide(T0)
    finish_item(QueueItem.objects.get(account=other), disposition="met", acting_user=rita, now=T0)
    note(item, "opportunity", tom, at=T0)
    change = finish_item(item, disposition="met", acting_user=rita, now=T0)
    undo_change(change, acting_user=rita, now=later(seconds=5))
    assert set(Outcome.objects.filter(undone_at=None).values_list("account", "kind")) == {
        (other.pk, "meeting"), (item.account_id, "opportunity"),
    }  # fmt: skip


def test_undoing_a_closing_leaves_what_was_undone_before_as_it_is(item: QueueItem, rita: User, mona: User) -> None:
    change = finish_item(item, disposition="met", acting_user=rita, now=T0)
    undo_outcome(only(), acting_user=mona, now=later(seconds=2))
    undo_change(change, acting_user=rita, now=later(seconds=5))
    assert (only().undone_at, only().undone_by) == (later(seconds=2), mona)


def test_undoing_a_closing_leaves_what_the_product_told_at_the_same_instant(
    item: QueueItem, rita: User, convert: Convert
) -> None:
    change = finish_item(item, disposition="wrote", acting_user=rita, now=T0)
    convert(item.account, at=T0)
    credit_conversions(T0)
    Outcome.objects.update(item=item, play=item.play, user=rita)  # a rep had noted the deal before
    undo_change(change, acting_user=rita, now=later(seconds=5))
    assert only().undone_at is None


def test_undoing_a_closing_drops_only_what_was_credited_to_it_since(
    item: QueueItem, rita: User, mona: User, convert: Convert
) -> None:
    Touch.objects.create(
        account=item.account, item=item, play=item.play, user=rita, channel="email", at=later(hours=-2)
    )
    convert(item.account, at=later(hours=-1))  # credited to the touch, before the closing
    change = finish_item(item, disposition="wrote", acting_user=rita, now=T0)
    convert(item.account, at=later(seconds=1))
    credit_conversions(later(seconds=1))
    undo_outcome(Outcome.objects.get(at=later(seconds=1)), acting_user=mona, now=later(seconds=2))
    note(item, "opportunity", rita, at=later(seconds=2))
    convert(make_account(), at=later(seconds=3))
    convert(item.account, at=later(seconds=4))
    credit_conversions(later(seconds=4))
    before = set(Outcome.objects.values_list("at", flat=True))
    undo_change(change, acting_user=rita, now=later(seconds=5))
    assert before - set(Outcome.objects.values_list("at", flat=True)) == {later(seconds=4)}


def test_a_refused_closing_notes_nothing(item: QueueItem, rita: User, tom: User) -> None:
    finish_item(item, disposition="wrote", acting_user=rita, now=T0)
    with pytest.raises(Exception, match="already done"), transaction.atomic():
        finish_item(item, disposition="met", acting_user=rita, now=later(hours=1))
    assert not Outcome.objects.exists()


def test_what_was_credited_to_a_closing_that_is_undone_is_credited_again(
    item: QueueItem, rita: User, convert: Convert
) -> None:
    change = finish_item(item, disposition="wrote", acting_user=rita, now=T0)
    convert(item.account, at=later(seconds=2))
    credit_conversions(later(seconds=3))
    undo_change(change, acting_user=rita, now=later(seconds=5))
    assert credit_conversions(later(seconds=6)) == 1
    assert only().play is None


# --- What the queue learns from it ------------------------------------------------------------------------


def test_history_counts_items_that_led_to_a_meeting_or_more_once_each(item: QueueItem, rita: User) -> None:
    finish_item(item, disposition="wrote", acting_user=rita, now=T0)
    play = item.play_id
    assert (histories([play], now=T0)[play].closed, histories([play], now=T0)[play].met) == (1, 0)
    for kind, more in (("meeting", {}), ("won", EUR)):
        note(item, kind, rita, **more)
    assert histories([play], now=later(days=1))[play].met == 1
    for each in Outcome.objects.all():
        undo_outcome(each, acting_user=rita, now=later(days=1))
    assert histories([play], now=later(days=1))[play].met == 0


def test_lost_alone_is_no_success(item: QueueItem, rita: User) -> None:
    finish_item(item, disposition="wrote", acting_user=rita, now=T0)
    note(item, "lost", rita)
    assert histories([item.play_id], now=later(days=1))[item.play_id].met == 0


def test_the_worker_credits_within_its_turn(
    item: QueueItem, rita: User, convert: Convert, become_true: BecomeTrue
) -> None:
    from plgcrm.pipeline import advance_once

    finish_item(item, disposition="wrote", acting_user=rita, now=T0)
    convert(item.account, at=T0 + timedelta(days=2))
    assert advance_once()["credited"] == 1
