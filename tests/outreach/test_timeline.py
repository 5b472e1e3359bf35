"""What stands in the timeline of an account, of a person, and of a person within an account; page by page."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from time import tzset
from typing import Any

import pytest
from django.contrib.auth.models import User

from accounts.models import Account, Actor, Person, Workspace
from outreach.models import Outcome, PlayDecision, QueueItemChange, Touch
from outreach.pages.timeline import (
    GLANCE,
    PAGE,
    Cursor,
    Mark,
    TimelineEntry,
    Whose,
    account_marks,
    end_of_day,
    newest_of,
    timeline_entries,
    timeline_of,
)
from signals.models import Moment, Signal, SignalDefinition, Trigger, Usage
from tests.clock import T0
from tests.factories import hold_back, make_item, make_person
from tests.outreach.conftest import later, play_of

NEWEST = Cursor(later(days=1))
TODAY = T0.date()


@pytest.fixture
def ada(acme: Account) -> Person:
    return make_person(acme, "Ada Lane", "ada@acme.example")


@pytest.fixture
def actor(ada: Person) -> Actor:
    return acting(ada)


def acting(person: Person, account: Account | None = None, workspace: Workspace | None = None) -> Actor:
    where = account or person.account
    return Actor.objects.create(profile=person, person=person, account=where, workspace=workspace, first_at=T0)


def entries(whose: Account | Person, *branches: str, **given: Any) -> list[TimelineEntry]:
    of = Whose(account=whose.pk) if isinstance(whose, Account) else Whose(person=whose.pk)
    return timeline_entries(of, **{"after": NEWEST, "limit": 50, "days": 90, "branches": branches} | given)


def told(whose: Account | Person, *branches: str, **given: Any) -> list[str]:
    return [entry.what for entry in entries(whose, *branches, **given)]


def happened(cause: str, at: datetime = T0, kind: str = "trigger", **given: Any) -> Moment:
    return Moment.objects.create(kind=kind, cause=cause, at=at, **given)


def make_workspace(account: Account, number: str, name: str = "") -> Workspace:
    made = Workspace.objects.create(source_id=1, external_id=number, name=name, account=account)
    Workspace.objects.filter(pk=made.pk).update(created_at=T0)
    return made


def used(actor: Actor, slug: str, *, days: int = 1, count: int = 1, state: str = "current") -> SignalDefinition:
    signal = Signal.objects.get(slug=slug)
    given = {"matches": {}, "since_version": 1}
    definition, _ = SignalDefinition.objects.get_or_create(signal=signal, state=state, defaults=given)
    Usage.objects.create(actor=actor, definition=definition, day=TODAY - timedelta(days=days), count=count)
    return definition


# --- Moments ------------------------------------------------------------------------------------------------


def test_a_moment_is_told_by_its_kind(shipped: None, acme: Account, ada: Person, actor: Actor) -> None:
    signal, trigger = Signal.objects.get(slug="demo-requested"), Trigger.objects.get(slug="outgrowing")
    facts = {"model": "pql", "to": "hot", "from": "warm", "points": 81}
    tier = happened("a", later(minutes=5), "tier", account=acme, facts=facts)
    became = happened("b", later(minutes=4), "trigger", account=acme, trigger=trigger)
    hand = happened("c", later(minutes=3), "hand", actor=actor, signal=signal, facts={"text": "SSO?", "name": "No"})
    wordless = happened("d", later(minutes=2), "hand", actor=actor, signal=signal)
    paid = {"name": "Subscribed", "amount": 90.5, "currency": "EUR"}
    sold = happened("e", later(minutes=1), "conversion", actor=actor, facts=paid)
    bare = happened("f", T0, "conversion", actor=actor)
    found = [(one.ref, one.sub, one.person, one.what, one.more, one.number, one.at) for one in entries(acme, "moment")]
    assert found == [
        (str(tier.pk), "tier", "", "PQL hot", "81 points, was warm", 0, tier.at),
        (str(became.pk), "trigger", "", trigger.name, "", 0, became.at),
        (str(hand.pk), "hand", "Ada Lane", signal.name, "SSO?", 0, hand.at),
        (str(wordless.pk), "hand", "Ada Lane", signal.name, "", 0, wordless.at),
        (str(sold.pk), "conversion", "Ada Lane", "Subscribed", "EUR", 90.5, sold.at),
        (str(bare.pk), "conversion", "Ada Lane", "f", "", None, bare.at),
    ]
    first = entries(acme, "moment")[2]
    assert (first.kind, first.who, first.person_id) == ("moment", "", ada.pk)


def test_a_moment_is_the_accounts_once_and_a_persons_by_who_acted(acme: Account, beta: Account, actor: Actor) -> None:
    happened("both", later(minutes=2), account=acme, actor=actor)
    happened("their account", later(minutes=1), account=acme)
    elsewhere = acting(make_person(beta))
    happened("beta", T0, actor=elsewhere)
    happened("given to beta", T0, account=beta, actor=actor)
    assert told(acme, "moment") == ["both", "their account"]
    assert told(actor.person, "moment") == ["both", "given to beta"]
    assert told(elsewhere.person, "moment") == ["beta"]


def test_a_person_within_an_account_is_what_they_did_there(acme: Account, beta: Account, ada: Person) -> None:
    for number, account in enumerate((acme, beta)):
        workspace = make_workspace(account, account.name)
        happened(account.name, later(minutes=number), actor=acting(ada, account, workspace))
    happened("of the account alone", account=beta)
    whose = Whose(beta.pk, ada.pk)
    found = timeline_entries(whose, after=NEWEST, limit=9, days=9, branches=("moment",))
    assert [one.what for one in found] == ["Beta"]


def test_a_conversion_that_stands_as_an_outcome_is_told_as_that(acme: Account, actor: Actor) -> None:
    credited, undone = (happened(cause, kind="conversion", actor=actor) for cause in ("credited", "undone"))
    for moment, undone_at in ((credited, None), (undone, T0)):
        Outcome.objects.create(account=acme, kind="won", credit="-", moment=moment, at=T0, undone_at=undone_at)
    assert told(acme, "moment") == ["undone"]


def test_what_is_no_conversion_is_told_beside_its_outcome(acme: Account, actor: Actor) -> None:
    moment = happened("asked", actor=actor)
    Outcome.objects.create(account=acme, kind="won", credit="-", moment=moment, at=T0)
    assert told(acme, "moment") == ["asked"]


# --- Plays, what we did, outcomes ---------------------------------------------------------------------------


def test_a_decision_is_told_with_its_reason_and_whom_its_item_is_about(
    shipped: None, acme: Account, beta: Account, ada: Person
) -> None:
    item = make_item(acme, play_of("expansion"), now=T0, person=ada)
    held = hold_back(acme, play_of("consolidation"), now=later(hours=-1), guard="no_account", reason="Not yet.")
    hold_back(acme, play_of("expansion"), now=T0, guard="x", reason="Over.")
    PlayDecision.objects.filter(reason="Over.").update(state="over")
    make_item(beta, play_of("expansion"), now=T0)
    found = [(one.ref, one.kind, one.sub, one.what, one.more, one.person_id, one.at) for one in entries(acme, "play")]
    assert found == [
        (str(item.decision_id), "play", "fired", item.play.name, "It became true.", ada.pk, T0),
        (str(held.pk), "play", "held", play_of("consolidation").name, "Not yet.", None, later(hours=-1)),
    ]  # fmt: skip
    assert [one.ref for one in entries(ada, "play")] == [str(item.decision_id)]
    for account, refs in ((acme, [str(item.decision_id)]), (beta, [])):
        within = timeline_entries(Whose(account.pk, ada.pk), after=NEWEST, limit=9, days=9, branches=("play",))
        assert [one.ref for one in within] == refs


def test_what_reps_did_is_told_with_who_did_it(
    shipped: None, acme: Account, beta: Account, ada: Person, rita: User
) -> None:
    item = make_item(acme, play_of("expansion"), now=T0, person=ada)
    change = QueueItemChange.objects.create(
        item=item, verb="claim", user=rita, before={}, note="Mine", at=later(minutes=2)
    )
    woken = QueueItemChange.objects.create(item=item, verb="wake", before={}, at=later(minutes=1))
    about = {"channel": "email", "at": T0, "subject": "Hello", "body": "x" * 301}
    touch = Touch.objects.create(account=acme, user=rita, person=ada, **about)
    ours = Touch.objects.create(account=acme, channel="call", at=later(minutes=-1))
    make_item(beta, play_of("expansion"), now=T0).changes.create(verb="claim", before={}, at=T0)
    Touch.objects.create(account=beta, **about)
    found = [
        (one.ref, one.sub, one.who, one.person, one.what, one.more, one.number, one.at) for one in entries(acme, "done")
    ]
    assert found == [
        (str(change.pk), "claim", "Rita", "Ada Lane", item.play.name, "Mine", 0, later(minutes=2)),
        (str(woken.pk), "wake", "", "Ada Lane", item.play.name, "", 0, later(minutes=1)),
        (f"t{touch.pk}", "email", "Rita", "Ada Lane", "Hello", "x" * 300, 0, T0),
        (f"t{ours.pk}", "call", "", "", "", "", 0, later(minutes=-1)),
    ]
    assert [one.ref for one in entries(ada, "done")] == [str(change.pk), str(woken.pk), f"t{touch.pk}"]


def test_a_touch_is_told_once_and_what_was_undone_is_not(shipped: None, acme: Account) -> None:
    item = make_item(acme, play_of("expansion"), now=T0)
    for verb in ("email", "call", "note"):
        QueueItemChange.objects.create(item=item, verb=verb, before={}, at=T0)
    QueueItemChange.objects.create(item=item, verb="claim", before={}, at=T0, undone_at=T0)
    Touch.objects.create(account=acme, channel="call", subject="Undone", at=T0, undone_at=T0)
    assert entries(acme, "done") == []


def test_an_outcome_is_told_with_its_amount_and_its_credit(
    shipped: None, acme: Account, beta: Account, ada: Person, actor: Actor, rita: User
) -> None:
    moment = happened("paid", kind="conversion", actor=actor)
    item = make_item(acme, play_of("expansion"), now=T0, person=ada)
    won = Outcome.objects.create(
        account=acme, kind="won", amount=Decimal("12.5"), currency="USD", credit="Expansion", moment=moment, at=T0
    )
    met = Outcome.objects.create(
        account=acme, item=item, play=item.play, kind="meeting", credit="By hand", user=rita, at=later(hours=-1)
    )
    colleague = make_person(acme)
    theirs = make_item(acme, play_of("consolidation"), now=T0, person=colleague)
    sold = happened("sold", kind="conversion", actor=acting(colleague))
    for more in ({"moment": sold}, {"item": theirs, "play": theirs.play}):
        Outcome.objects.create(account=acme, kind="lost", credit="A colleague", at=later(hours=-9), **more)
    other = Outcome.objects.create(account=acme, kind="lost", credit="None", at=later(hours=-2))
    Outcome.objects.create(account=acme, kind="lost", credit="Undone", at=T0, undone_at=T0)
    Outcome.objects.create(account=beta, kind="lost", credit="Beta", at=T0)
    found = [
        (one.ref, one.sub, one.who, one.person, one.what, one.more, one.number, one.at)
        for one in entries(acme, "outcome", limit=3)
    ]
    assert found == [
        (str(won.pk), "won", "", "Ada Lane", "USD", "Expansion", 12.5, T0),
        (str(met.pk), "meeting", "Rita", "", "", "By hand", None, later(hours=-1)),
        (str(other.pk), "lost", "", "", "", "None", None, later(hours=-2)),
    ]
    assert [one.ref for one in entries(ada, "outcome")] == [str(won.pk), str(met.pk)]
    whose = Whose(beta.pk, ada.pk)
    assert timeline_entries(whose, after=NEWEST, limit=9, days=9, branches=("outcome",)) == []


# --- What they did in the product ---------------------------------------------------------------------------


def test_a_workspace_is_told_since_somebody_did_something_there(acme: Account, ada: Person, beta: Account) -> None:
    old, bare = make_workspace(acme, "w1", "Field service"), make_workspace(acme, "w2")
    make_workspace(beta, "w3")
    for person, days in ((ada, 30), (make_person(acme), 20)):
        Actor.objects.filter(pk=acting(person, workspace=old).pk).update(first_at=later(days=-days))
    found = [(one.ref, one.kind, one.sub, one.what, one.person_id, one.at) for one in entries(acme, "workspace")]
    assert found == [
        (f"w{bare.pk}", "product", "workspace", "w2", None, T0),
        (f"w{old.pk}", "product", "workspace", "Field service", None, later(days=-30)),
    ]
    assert entries(ada, "workspace") == []
    whose = Whose(acme.pk, ada.pk)
    assert timeline_entries(whose, after=NEWEST, limit=9, days=9, branches=("workspace",)) == []


def test_signals_are_added_up_by_person_and_day_and_told_at_noon(
    shipped: None, acme: Account, beta: Account, ada: Person, actor: Actor
) -> None:
    workspace = make_workspace(acme, "w1")
    definition = used(actor, "hit-limit", count=2)
    used(acting(ada, workspace=workspace), "hit-limit", count=3)
    used(actor, "viewed-pricing", days=2)
    used(acting(make_person(beta)), "hit-limit", count=5)
    found = [(one.ref, one.kind, one.sub, one.what, one.more, one.number, one.at) for one in entries(acme, "signal")]
    assert found[0] == (
        f"s{ada.pk}:{definition.pk}",
        "product",
        "signal",
        definition.signal.name,
        "hit-limit",
        5,
        datetime(2026, 3, 10, 12, tzinfo=UTC),
    )
    assert [(one.more, one.number, one.person) for one in entries(ada, "signal")] == [
        ("hit-limit", 5, "Ada Lane"), ("viewed-pricing", 1, "Ada Lane"),
    ]  # fmt: skip
    assert len(found) == 2


def test_only_telling_signals_are_told_as_they_are_counted_now(shipped: None, acme: Account, actor: Actor) -> None:
    used(actor, "activity")
    used(actor, "hit-limit", state="retired")
    assert entries(acme, "signal") == []


def test_signals_are_told_of_so_many_days_the_last_among_them(shipped: None, acme: Account, actor: Actor) -> None:
    for days in (0, 1, 2, 3):
        used(actor, "hit-limit", days=days, count=days + 1)
    after = Cursor(datetime(2026, 3, 10, 12, tzinfo=UTC), "product", "")
    assert [one.number for one in entries(acme, "signal", after=after, days=2)] == [2, 3]


def test_a_person_without_a_name_is_called_by_their_address(shipped: None, acme: Account) -> None:
    for name, email in (("", "bo@acme.example"), ("", "")):
        used(acting(make_person(acme, name, email)), "hit-limit")
    assert sorted(one.person for one in entries(acme, "signal")) == ["", "bo@acme.example"]


# --- Pages --------------------------------------------------------------------------------------------------


def test_the_newest_come_first_and_what_happened_at_once_by_kind_and_number(shipped: None, acme: Account) -> None:
    make_workspace(acme, "w1")
    touches = [Touch.objects.create(account=acme, channel="call", subject=str(n), at=T0) for n in range(3)]
    happened("moment", account=acme)
    happened("newest", later(seconds=1), account=acme)
    outcome = Outcome.objects.create(account=acme, kind="lost", credit="-", at=T0)
    refs = sorted(f"t{touch.pk}" for touch in touches)
    every = entries(acme, "moment", "done", "outcome", "workspace", "play", "signal")
    assert [one.kind for one in every] == ["moment", "done", "done", "done", "moment", "outcome", "product"]
    assert [one.ref for one in every[1:4]] == refs
    second = every[2].cursor
    assert second == Cursor(T0, "done", refs[1])
    behind = entries(acme, "moment", "done", "outcome", "workspace", after=second)
    assert [one.ref for one in behind][0::2] == [refs[2], str(outcome.pk)]
    assert [one.kind for one in entries(acme, "done", "moment", after=Cursor(T0, "done", refs[2]))] == ["moment"]


def test_a_page_begins_behind_a_time_without_what_happened_then(acme: Account) -> None:
    happened("then", account=acme)
    happened("before", later(seconds=-1), account=acme)
    assert told(acme, "moment", after=Cursor(T0)) == ["before"]


def happens(branch: str, account: Account, at: datetime, number: int) -> None:
    """One more entry of a branch; signals are told at noon."""
    match branch:
        case "moment":
            happened(str(number), at, account=account)
        case "play":
            hold_back(account, play_of("expansion"), now=at, guard="x", reason="Held.")
        case "done":
            Touch.objects.create(account=account, channel="call", at=at)
        case "outcome":
            Outcome.objects.create(account=account, kind="lost", credit="-", at=at)
        case "workspace":
            Workspace.objects.filter(pk=make_workspace(account, str(number)).pk).update(created_at=at)
        case "signal":
            slug = "hit-limit" if number % 2 else "viewed-pricing"
            used(Actor.objects.get(account=account), slug, days=(TODAY - at.date()).days)


@pytest.mark.parametrize("branch", ["moment", "play", "done", "outcome", "workspace", "signal"])
def test_what_is_behind_a_row_is_older_or_stands_below_it(
    shipped: None, acme: Account, actor: Actor, branch: str
) -> None:
    first, second, third = (datetime(2026, 3, day, 12, tzinfo=UTC) for day in (8, 9, 10))
    for number, at in enumerate((third, second, second, first)):
        happens(branch, acme, at, number)
    below = {kind: [one.at for one in entries(acme, branch, after=Cursor(second, kind))] for kind in ("a", "z", "")}
    assert below == {"a": [second, second, first], "z": [first], "": [first]}
    assert [one.at for one in entries(acme, branch, after=Cursor(third - timedelta(hours=1), "a"), limit=1)] == [second]
    rows = entries(acme, branch)
    assert rows[1].ref < rows[2].ref
    pages = [entries(acme, branch, after=row.cursor, limit=1) for row in rows]
    assert pages == [[row] for row in rows[1:]] + [[]]


def test_of_each_branch_so_many_are_read_its_newest(shipped: None, acme: Account) -> None:
    for number in range(4):
        happened(f"moment {number}", later(seconds=number), account=acme)
        Touch.objects.create(account=acme, channel="call", subject=f"call {number}", at=later(seconds=number))
    assert told(acme, "moment", "done", limit=2) == ["call 3", "moment 3", "call 2", "moment 2"]


@pytest.mark.parametrize("branch", ["moment", "play", "done", "outcome", "workspace", "signal"])
def test_a_branch_that_is_not_asked_for_is_not_told(shipped: None, acme: Account, actor: Actor, branch: str) -> None:
    kinds = {"workspace": "product", "signal": "product"}
    moment = happened("moment", account=acme)
    PlayDecision.objects.create(
        play=play_of("expansion"), moment=moment, account=acme, state="fired", reason="-", decided_at=T0
    )
    Touch.objects.create(account=acme, channel="call", at=T0)
    Outcome.objects.create(account=acme, kind="lost", credit="-", at=T0)
    make_workspace(acme, "w1")
    used(actor, "hit-limit")
    assert [one.kind for one in entries(acme, branch)] == [kinds.get(branch, branch)]


def test_a_glance_is_the_newest_twelve_of_today_and_before(shipped: None, acme: Account) -> None:
    for number in range(GLANCE + 1):
        happened(f"moment {number:02}", later(minutes=number), account=acme)
        Touch.objects.create(account=acme, channel="call", subject="call", at=later(minutes=-1))
    happened("tomorrow", later(days=1), account=acme)
    assert [one.what for one in newest_of(acme.pk, now=T0)] == [f"moment {number:02}" for number in range(12, 0, -1)]


def test_a_glance_looks_thirty_days_back(shipped: None, acme: Account, actor: Actor) -> None:
    for days in (29, 30):
        used(actor, "hit-limit", days=days, count=days)
    assert [one.number for one in newest_of(acme.pk, now=T0)] == [29]


def test_a_page_is_forty_lines_and_says_where_the_next_begins(acme: Account) -> None:
    for number in range(PAGE + 1):
        happened(f"moment {number:02}", later(seconds=number), account=acme)
    page = timeline_of(Whose(acme.pk), kind="moments", after=NEWEST, began=None)
    assert (len(page.rows), page.rows[-1].what, page.older) == (PAGE, "moment 01", page.rows[-1].cursor)
    assert page.marks[0] == Mark(later(seconds=PAGE), "trigger", "moment 40")
    last = timeline_of(Whose(acme.pk), kind="moments", after=page.older, began=None)
    assert ([row.what for row in last.rows], last.older) == (["moment 00"], None)


def test_the_marks_of_a_page_reach_one_moment_behind_it(acme: Account) -> None:
    for number in range(PAGE + 3):
        happened(f"moment {number:02}", later(seconds=number), account=acme)
    page = timeline_of(Whose(acme.pk), kind="moments", after=NEWEST, began=None)
    assert (len(page.rows), page.marks[-1].name, page.older) == (PAGE, "moment 02", page.rows[-1].cursor)


def test_a_full_page_is_all_there_is_where_nothing_follows(acme: Account) -> None:
    for number in range(PAGE):
        happened(f"moment {number:02}", later(seconds=number), account=acme)
    page = timeline_of(Whose(acme.pk), kind="moments", after=NEWEST, began=None)
    assert (len(page.rows), len(page.marks), page.older) == (PAGE, PAGE, None)


def test_only_moments_are_marks(shipped: None, acme: Account) -> None:
    happened("moment", account=acme)
    Touch.objects.create(account=acme, channel="call", subject="call", at=T0)
    page = timeline_of(Whose(acme.pk), kind="anything", after=NEWEST, began=None)
    assert [row.what for row in page.rows] == ["call", "moment"]
    assert page.marks == [Mark(T0, "trigger", "moment")]


@pytest.mark.parametrize(
    ("kind", "began", "goes_on"),
    [("product", -1, True), ("", -1, True), ("product", 0, False), ("product", None, False), ("done", -1, False)],
)
def test_where_signals_may_reach_further_back_than_a_page_looks_it_goes_on_there(
    acme: Account, kind: str, began: int | None, goes_on: bool
) -> None:
    looked = datetime(2025, 12, 13, tzinfo=UTC)  # 90 days with tomorrow, where NEWEST stands
    since = None if began is None else looked + timedelta(microseconds=began)
    page = timeline_of(Whose(acme.pk), kind=kind, after=NEWEST, began=since)
    assert page.older == (Cursor(looked) if goes_on else None)


def test_marks_are_the_moments_of_the_days_of_a_chart(shipped: None, acme: Account) -> None:
    for days in (0, 1, 2):
        happened(f"{days} days ago", later(days=-days), account=acme)
    Touch.objects.create(account=acme, channel="call", at=T0)
    late = happened("later today", later(hours=13), account=acme)
    found = account_marks(acme.pk, since=TODAY - timedelta(days=1), now=T0)
    assert [mark.name for mark in found] == ["later today", "0 days ago", "1 days ago"]
    assert (found[0].at, found[0].kind) == (late.at, "trigger")


def test_marks_are_at_most_sixty(acme: Account) -> None:
    for number in range(61):
        happened(f"moment {number}", later(seconds=-number), account=acme)
    assert len(account_marks(acme.pk, since=date(2026, 1, 1), now=T0)) == 60


# --- Cursors ------------------------------------------------------------------------------------------------


def test_the_newest_begin_at_the_end_of_the_day_in_utc() -> None:
    zone = datetime.fromisoformat("2026-03-11T23:30:00-05:00")
    assert end_of_day(zone) == Cursor(datetime(2026, 3, 12, 23, 59, 59, 999999, UTC))


def test_a_cursor_says_its_time_in_utc() -> None:
    at = datetime.fromisoformat("2026-03-11T12:00:00+02:00")
    assert str(Cursor(at, "done", "t7")) == "2026-03-11T10:00:00+00:00~done~t7"
    assert str(Cursor(T0)) == "2026-03-11T10:00:00+00:00~~"


def test_the_zone_of_the_server_makes_no_difference(
    shipped: None, acme: Account, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    used(actor, "hit-limit", days=2)
    happened("late", datetime(2026, 3, 10, 20, tzinfo=UTC), account=acme)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    tzset()
    try:
        late = datetime(2026, 3, 10, 20, tzinfo=UTC)
        assert str(Cursor(late)) == "2026-03-10T20:00:00+00:00~~"
        assert end_of_day(late).at == datetime(2026, 3, 10, 23, 59, 59, 999999, UTC)
        assert len(entries(acme, "signal", after=Cursor(late), days=2)) == 1
        assert account_marks(acme.pk, since=TODAY, now=T0) == []
    finally:
        monkeypatch.undo()
        tzset()


@pytest.mark.parametrize(
    ("text", "cursor"),
    [
        ("2026-03-11T10:00:00+00:00~done~t7", Cursor(T0, "done", "t7")),
        ("2026-03-11T10:00:00 00:00~do\0ne~s1:2~x", Cursor(T0, "done", "s1:2~x")),  # as an address spoils it
        ("2026-03-11T10:00:00+00:00", Cursor(T0)),
        (f"2026-03-11T10:00:00+00:00~{'k' * 30}~{'r' * 70}", Cursor(T0, "k" * 20, "r" * 60)),
        ("1971-01-01T00:00:00+00:00~~", Cursor(datetime(1971, 1, 1, tzinfo=UTC))),
        ("1970-12-31T00:00:00+00:00~~", None),
        ("2026-03-11T10:00:00~done~t7", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_cursor_from_an_address_is_whole_or_none(text: str, cursor: Cursor | None) -> None:
    assert Cursor.parse(text) == cursor
