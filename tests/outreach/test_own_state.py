"""Our own work as measures: what reps do reaches the rules, and each day is remembered as it was."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from accounts.models import Account, Assignment, DirtyMark
from accounts.ownership import assign
from outreach.models import Outcome, Play, QueueItem, Touch
from outreach.outcomes.record import log_outcome, undo_outcome
from outreach.queue.actions import dismiss_item, finish_item, snooze_item, undo_change
from outreach.queue.touches import Words, log_touch
from plgcrm.common.cache import forget_all
from signals.measures.provided import PROVIDERS
from signals.measures.specs import Spec
from signals.measures_load import AccountSelection, day_number
from signals.models import AccountState, Trigger
from signals.rules.describe import describe_rule
from signals.rules.evaluate import seen_values
from signals.rules.tree import parse_rule
from signals.scoring.live import live
from signals.scoring.measure import ScoredDays, measure_accounts
from signals.scoring.run import score_dirty
from signals.scoring.what_if import matching_accounts
from signals.vocabulary.spoken import names_in_rules
from tests.clock import T0
from tests.factories import make_account, make_item, make_person
from tests.outreach.conftest import later, play_of

pytestmark = pytest.mark.django_db
KEPT_SINCE = T0 - timedelta(days=40)


@pytest.fixture(autouse=True)
def set_up_forty_days_ago(rita: User, tom: User) -> None:
    User.objects.update(date_joined=KEPT_SINCE)


def ask(kind: str, op: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"measure": {"kind": kind, **more}, "op": op, "value": value}


def value(account: Account, kind: str, *, at: datetime = T0, **more: Any) -> Any:
    """As of the end of a day."""
    return history(account, Spec(kind, **more), day_number(at), day_number(at))[0]


def history(account: Account, spec: Spec, first: int, last: int) -> list[Any]:
    measured = measure_accounts(AccountSelection.some([account.pk]), [spec], ScoredDays(first, last), live().vocabulary)
    column = measured.columns[spec.key]
    return [seen_values(column.of((slice(None), slice(day, day + 1))))[0] for day in range(last - first + 1)]


def test_an_account_has_an_owner_or_none(acme: Account, rita: User, tom: User) -> None:
    assert (value(acme, "has_owner"), value(acme, "owner")) == (0, "nobody")
    assign(acme, rita, acting_user=rita, reason="", now=later(days=-9))
    assign(acme, tom, acting_user=rita, reason="", now=later(days=-2))
    assert (value(acme, "has_owner"), value(acme, "owner")) == (1, "tom")
    assert value(acme, "owner", at=later(days=-3)) == "rita"
    assert value(acme, "owner", at=later(days=-10)) == "nobody"
    assert value(acme, "has_owner", at=KEPT_SINCE - timedelta(days=1)) is None
    assert value(acme, "owner", at=KEPT_SINCE - timedelta(days=1)) is None


def test_an_item_is_open_until_it_is_closed_and_again_when_that_is_undone(
    acme: Account, rita: User, shipped: None
) -> None:
    play, other = play_of("warm-outbound"), play_of("expansion")
    item = make_item(acme, play, now=later(days=-3), rep=rita)
    assert (value(acme, "open_item"), value(acme, "open_item", play="warm-outbound")) == (1, 1)
    assert value(acme, "open_item", play=other.slug) == 0
    snooze_item(item, until=later(days=4), acting_user=rita, now=later(hours=-2))
    assert value(acme, "open_item") == 1
    change = dismiss_item(item, reason="bad-timing", acting_user=rita, now=T0)
    assert (value(acme, "open_item"), value(acme, "open_item", at=later(days=-1))) == (0, 1)
    undo_change(change, acting_user=rita, now=later(seconds=5))
    assert value(acme, "open_item") == 1


def test_an_opportunity_is_open_until_the_account_is_won_or_lost(acme: Account, rita: User) -> None:
    def log(kind: str, days: int, **more: Any) -> Outcome:
        return log_outcome(acme, kind=kind, acting_user=rita, now=later(days=days), **more)

    assert (value(acme, "open_opportunity"), value(acme, "last_outcome")) == (0, "none")
    log("opportunity", -8)
    log("meeting", -7)
    lost = log("lost", -5)
    log("opportunity", -2)
    days = [later(days=ago) for ago in (-9, -8, -6, -5, -2, 0)]
    assert [value(acme, "open_opportunity", at=at) for at in days] == [0, 1, 1, 0, 1, 1]
    said = ["none", "opportunity", "meeting", "lost", "opportunity", "opportunity"]
    assert [value(acme, "last_outcome", at=at) for at in days] == said
    undo_outcome(lost, acting_user=rita, now=T0)
    assert [value(acme, "open_opportunity", at=at) for at in days] == [0, 1, 1, 1, 2, 2]
    assert value(acme, "last_outcome", at=later(days=-5)) == "meeting"


def test_days_since_the_last_touch_count_emails_and_calls_that_stand(acme: Account, rita: User) -> None:
    assert value(acme, "days_since_touch") is None
    for channel, days in (("call", -9), ("email", -6), ("note", -1)):
        Touch.objects.create(account=acme, user=rita, channel=channel, body="Hello", at=later(days=days))
    Touch.objects.create(account=acme, user=rita, channel="call", at=later(days=-2), undone_at=later(days=-2))
    assert [value(acme, "days_since_touch", at=later(days=days)) for days in (0, -6, -7, -10)] == [6, 0, 2, None]


def test_what_a_rep_does_reaches_a_trigger_with_the_next_scoring(acme: Account, rita: User, shipped: None) -> None:
    rule = {"all": [ask("open_opportunity", "=", 0), ask("has_owner", "=", 0), ask("open_item", "<", 1)]}
    Trigger.objects.create(slug="free", name="Free", rule=rule)
    forget_all()

    def scored() -> bool:
        assert score_dirty(T0).accounts <= 1
        return "free" in AccountState.objects.get(account=acme).triggers

    DirtyMark.objects.create(accounts=[acme.pk])
    assert scored()
    outcome = log_outcome(acme, kind="opportunity", acting_user=rita, now=T0)
    assert not scored()
    undo_outcome(outcome, acting_user=rita, now=T0)
    assert scored()
    item = make_item(acme, play_of("warm-outbound"), now=later(hours=-1), rep=rita)
    change = finish_item(item, disposition="other", acting_user=rita, now=T0)
    assert scored()
    undo_change(change, acting_user=rita, now=T0)
    assert not scored()
    dismiss_item(item, reason="other", acting_user=rita, now=later(seconds=1))
    assert scored()
    assign(acme, rita, acting_user=rita, reason="", now=T0)
    assert not scored()


def test_every_way_to_write_marks_the_account(acme: Account, rita: User, shipped: None) -> None:
    def marked() -> bool:
        found = DirtyMark.objects.filter(accounts__contains=[acme.pk]).exists()
        DirtyMark.objects.all().delete()
        return found

    item = make_item(acme, play_of("warm-outbound"), now=T0, rep=rita)
    DirtyMark.objects.all().delete()
    snooze_item(item, until=later(days=4), acting_user=rita, now=T0)
    assert not marked()  # it is as open as before
    log_touch(acme, Words("call", make_person(acme).pk), acting_user=rita, now=T0)
    assert marked()
    change = finish_item(item, disposition="met", acting_user=rita, now=T0)
    assert marked()
    undo_change(change, acting_user=rita, now=T0)
    assert marked()


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (ask("open_opportunity", "=", 0), "No open opportunity"),
        (ask("open_opportunity", "<", 1), "No open opportunity"),
        (ask("open_opportunity", ">=", 1), "An open opportunity"),
        (ask("open_opportunity", ">=", 2), "At least 2 open opportunities"),
        (ask("open_item", "=", 0, play="warm-outbound"), "No open item of “Warm outbound”"),
        (ask("has_owner", "=", 0), "No owner"),
        (ask("has_owner", ">=", 1), "An owner"),
        (ask("owner", "=", "nobody"), "No owner"),
        (ask("owner", "=", "rita"), "Owner is Rita"),
        (ask("owner", "one_of", ["rita", "tom"]), "Owner one of Rita, Tom"),
        (ask("last_outcome", "=", "none"), "No outcome yet"),
        (ask("last_outcome", "!=", "lost"), "Last outcome is not lost"),
        (ask("days_since_touch", ">", 14), "Last touch more than 14 days ago"),
        (ask("days_since_touch", "<=", 1), "Last touch at most 1 day ago"),
    ],
)
def test_they_read_well(rita: User, tom: User, rule: dict[str, Any], sentence: str) -> None:
    assert describe_rule(parse_rule(rule), names_in_rules()) == sentence


def test_everything_equals_a_naive_count_of_the_rows(rita: User, tom: User, shipped: None) -> None:
    chance = random.Random(7)
    accounts = [make_account() for _ in range(3)]
    for account in accounts:
        happen_at_random(account, [rita, tom], chance)
    first, last = day_number(T0) - 30, day_number(T0)
    for account in accounts:
        for kind in PROVIDERS:
            for play in ("", *(["warm-outbound"] if kind == "open_item" else [])):
                seen = history(account, Spec(kind, play=play or None), first, last)
                naive = [counted(account, kind, play, day) for day in range(first, last + 1)]
                assert seen == naive, (kind, play)


def happen_at_random(account: Account, users: list[User], chance: random.Random) -> None:
    def at() -> datetime:
        return T0 - timedelta(hours=chance.randint(0, 24 * 29))

    turns = sorted({at() for _ in range(4)})
    for begin, end in zip(turns, [*turns[1:], None], strict=True):
        Assignment.objects.create(account=account, rep=chance.choice(users), started_at=begin, ended_at=end)
    for play in Play.objects.exclude(trigger=None):
        begin, end = sorted((at(), at()))
        closed = {"state": "done", "disposition": "other", "closed_at": end} if chance.random() < 0.7 else {}
        make_item(account, play, now=begin, **closed)
    for _ in range(6):
        undone = {"undone_at": T0} if chance.random() < 0.3 else {}
        kind = chance.choice(["meeting", "opportunity", "opportunity", "won", "lost"])
        Outcome.objects.create(account=account, kind=kind, credit="-", at=at(), **undone)
        Touch.objects.create(account=account, channel=chance.choice(["email", "call"]), at=at(), **undone)


def counted(account: Account, kind: str, play: str, day: int) -> Any:
    """Row by row, of one account as of the end of one day."""

    def by(moment: datetime | None) -> bool:
        return moment is not None and day_number(moment) <= day

    if kind in ("has_owner", "owner"):
        owned = [one for one in account.assignments.all() if by(one.started_at) and not by(one.ended_at)]
        return len(owned) if kind == "has_owner" else owned[-1].rep.username if owned else "nobody"
    if kind == "open_item":
        items = QueueItem.objects.filter(account=account, play__slug=play) if play else account.queue_items.all()
        return sum(by(item.created_at) and not by(item.closed_at) for item in items)
    if kind == "days_since_touch":
        days = [day - day_number(touch.at) for touch in account.touches.filter(undone_at=None) if by(touch.at)]
        return min(days, default=None)
    outcomes = [one for one in account.outcomes.filter(undone_at=None).order_by("at", "kind") if by(one.at)]
    if kind == "last_outcome":
        return outcomes[-1].kind if outcomes else "none"
    ends = [one.at for one in outcomes if one.kind in ("won", "lost")]
    return sum(one.kind == "opportunity" and not any(end >= one.at for end in ends) for one in outcomes)


def test_a_preview_reads_them_too(acme: Account, beta: Account, rita: User) -> None:
    log_outcome(acme, kind="opportunity", acting_user=rita, now=T0)
    assert matching_accounts(ask("open_opportunity", "=", 0), now=T0, limit=5).accounts == [beta.pk]
    assert matching_accounts(ask("open_opportunity", ">=", 1), now=T0, limit=5).accounts == [acme.pk]
