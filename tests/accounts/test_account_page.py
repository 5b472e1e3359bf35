"""The page of one account: why it is (not) on the queue, its history, its usage, its timeline."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Attribute, AttributeKey, Person, Workspace
from outreach.models import Outcome, Touch
from outreach.pages.timeline import Cursor
from outreach.queue.actions import claim_item, undo_change
from plgcrm.common.cache import forget_all
from signals.models import Moment, Signal, SignalDefinition, Usage
from signals.scoring.live import live
from tests.cast import text_of
from tests.factories import Desk, hold_back, make_company, make_item, make_person, make_usage
from tests.query_counts import expected_queries

PART = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "timeline"}


@pytest.fixture
def acme(desk: Desk) -> Account:
    return make_company("Acme", now=desk.now, points=80)


def happens(person: Person, slug: str, *, days: int, count: int = 1) -> None:
    definition = SignalDefinition.objects.get(signal__slug=slug, state="current")
    day = timezone.now().date() - timedelta(days=days)
    Usage.objects.create(actor=person.acts_as.get(), definition=definition, day=day, count=count)


def person_of(account: Account, place: int = 0) -> Person:
    return Person.objects.get(name=f"Person {place} of {account.name}")


# --- Why it is not on the queue -----------------------------------------------------------------------------


def test_a_guard_is_named_with_when_it_is_rechecked(desk: Desk, as_rita: Client, acme: Account) -> None:
    held = hold_back(acme, desk.plays["expansion"], now=desk.now, guard="cool_down", reason="Contacted on 1 March.")
    held.recheck_at = datetime(2031, 12, 4, 9, tzinfo=UTC)
    held.save()
    text = text_of(as_rita, f"/accounts/{acme.pk}/")
    assert "held back by cool-down" in text
    assert "Will be re-checked 4 Dec 2031 10:00." in text  # Rita is in Berlin


def test_where_no_trigger_is_true_the_nearest_play_says_what_it_lacks(as_rita: Client, acme: Account) -> None:
    text = text_of(as_rita, f"/accounts/{acme.pk}/")
    assert "No play’s trigger is true yet." in text
    assert "missing:" in text


def test_a_play_whose_item_was_closed_says_when_it_fires_again(desk: Desk, as_rita: Client, acme: Account) -> None:
    play = desk.plays["expansion"]
    make_item(acme, play, now=desk.now, state="done", disposition="met", closed_at=desk.now)
    assert play.trigger
    acme.state.triggers = {play.trigger.slug: desk.now.isoformat()}
    acme.state.save()
    text = text_of(as_rita, f"/accounts/{acme.pk}/")
    assert "Its item was done on" in text
    assert "No guard is holding it back." in text


# --- Parts that load by themselves --------------------------------------------------------------------------


def test_points_over_time_are_a_part_and_a_page(as_rita: Client, acme: Account) -> None:
    address = f"/accounts/{acme.pk}/history/"
    assert f'hx-get="{address}"' in text_of(as_rita, f"/accounts/{acme.pk}/")
    whole, part = text_of(as_rita, address), text_of(as_rita, address, HTTP_HX_REQUEST="true")
    assert ("<html" in whole, "<html" in part) == (True, False)
    assert "Points over time" in part


def test_points_over_time_are_told_by_either_clock(as_rita: Client, acme: Account) -> None:
    address = f"/accounts/{acme.pk}/history/"
    known, happened = text_of(as_rita, address), text_of(as_rita, f"{address}?clock=happened")
    assert f'<a href="{address}" hx-get="{address}" aria-current="true">As we knew it</a>' in known
    assert f'<a href="{address}?clock=happened" hx-get="{address}?clock=happened">As it happened</a>' in known
    assert 'aria-current="true">As it happened</a>' in happened
    assert 'aria-current="true">As we knew it</a>' in text_of(as_rita, f"{address}?clock=nonsense")


def test_usage_is_shown_by_signal_with_its_numbers(as_rita: Client, acme: Account) -> None:
    happens(person_of(acme), "hit-limit", days=3, count=4)
    happens(person_of(acme), "hit-limit", days=5, count=2)
    text = text_of(as_rita, f"/accounts/{acme.pk}/usage/")
    name = Signal.objects.get(slug="hit-limit").name
    assert f"{name}</a> <small>6</small>" in text
    assert "6 times on 2 days, 4 a day at most." in text
    assert f"/accounts/{acme.pk}/evidence/?measure=count%3Ahit-limit%3A90d" in text


def test_parts_and_people_ask_few_queries(desk: Desk, as_rita: Client, acme: Account) -> None:
    pages = {
        "account usage": f"/accounts/{acme.pk}/usage/",
        "account history": f"/accounts/{acme.pk}/history/",
        "person": f"/people/{person_of(acme).pk}/",
    }
    for name, address in pages.items():
        forget_all()
        live()  # the models are read once a change, not once a page
        with expected_queries(name):
            as_rita.get(address)


# --- Timeline -----------------------------------------------------------------------------------------------


def touch(account: Account, **given: Any) -> Touch:
    values = {"channel": "email", "subject": "Room for your team", "body": "Hello", "at": timezone.now()}
    return Touch.objects.create(account=account, **values | given)


def test_touches_and_outcomes_stand_in_the_timeline(desk: Desk, as_rita: Client, acme: Account) -> None:
    touch(acme, user=desk.tom, person=person_of(acme))
    Outcome.objects.create(
        account=acme, kind="won", amount=Decimal(1200), currency="USD", credit="By hand", user=desk.tom, at=desk.now
    )
    text = text_of(as_rita, f"/accounts/{acme.pk}/")
    assert "Room for your team" in text
    assert "<b>Won</b> $1,200" in text


def test_what_was_undone_is_not_told(desk: Desk, as_rita: Client, acme: Account) -> None:
    touch(acme, user=desk.tom, undone_at=desk.now)
    Outcome.objects.create(account=acme, kind="meeting", credit="Undone credit", at=desk.now, undone_at=desk.now)
    item = make_item(acme, desk.plays["expansion"], now=desk.now, rep=desk.tom)
    undo_change(claim_item(item, acting_user=desk.tom, now=desk.now), acting_user=desk.tom, now=desk.now)
    text = text_of(as_rita, f"/accounts/{acme.pk}/")
    assert [words in text for words in ("Room for your team", "Undone credit", "claimed it")] == [False] * 3


def test_a_request_is_found_through_its_actor(desk: Desk, as_rita: Client, acme: Account) -> None:
    actor = person_of(acme).acts_as.get()
    signal = Signal.objects.get(slug="demo-requested")
    Moment.objects.create(
        kind="hand", cause="h1", actor=actor, signal=signal, at=desk.now, facts={"text": "SSO for <b>200</b>"}
    )
    text = text_of(as_rita, f"/accounts/{acme.pk}/")
    assert "Request" in text
    assert "SSO for &lt;b&gt;200" in text


def test_a_conversion_that_is_an_outcome_is_told_once(desk: Desk, as_rita: Client, acme: Account) -> None:
    actor = person_of(acme).acts_as.get()
    moment = Moment.objects.create(
        kind="conversion", cause="c1", actor=actor, at=desk.now, facts={"name": "Subscribed", "amount": 90}
    )
    assert "Converted" in text_of(as_rita, f"/accounts/{acme.pk}/")
    Outcome.objects.create(account=acme, kind="won", credit="Expansion, 3 days before", moment=moment, at=desk.now)
    text = text_of(as_rita, f"/accounts/{acme.pk}/")
    assert ("Converted" in text, "Expansion, 3 days before" in text) == (False, True)


def test_the_timeline_is_filtered_by_kind(desk: Desk, as_rita: Client, acme: Account) -> None:
    touch(acme, user=desk.tom)
    happens(person_of(acme), "hit-limit", days=3)
    done = text_of(as_rita, f"/accounts/{acme.pk}/?kind=done", **PART)
    product = text_of(as_rita, f"/accounts/{acme.pk}/?kind=product", **PART)
    assert ("Room for your team" in done, "Hit" in done, "<html" in done) == (True, False, False)
    assert ("Room for your team" in product, "Hit" in product) == (False, True)


def test_the_timeline_is_filtered_by_person(desk: Desk, as_rita: Client, acme: Account) -> None:
    happens(person_of(acme, 0), "hit-limit", days=3, count=7)
    happens(person_of(acme, 1), "viewed-pricing", days=3, count=8)
    touch(acme, user=desk.tom, subject="To nobody of them")
    text = text_of(as_rita, f"/accounts/{acme.pk}/?person={person_of(acme, 1).pk}", **PART)
    assert ["× 7" in text, "× 8" in text, "To nobody of them" in text] == [False, True, False]


def test_older_goes_on_without_losing_what_happened_at_the_same_time(
    desk: Desk, as_rita: Client, acme: Account
) -> None:
    for number in range(95):
        touch(acme, user=desk.tom, subject=f"Subject {number:03}", at=desk.now)
    seen: list[str] = []
    query = "?kind=done"
    while query:
        text = text_of(as_rita, f"/accounts/{acme.pk}/{query}", **PART)
        seen += [f"Subject {number:03}" for number in range(95) if f"Subject {number:03}" in text]
        older = text.rpartition(">Older<")[0].rpartition('href="')[2].partition("#")[0] if ">Older<" in text else ""
        query = older.partition("/accounts/")[2].partition("/")[2].replace("&amp;", "&")
    assert sorted(seen) == [f"Subject {number:03}" for number in range(95)]
    assert len(seen) == len(set(seen))


def test_signals_older_than_the_page_looks_are_on_the_next(desk: Desk, as_rita: Client, acme: Account) -> None:
    person = person_of(acme)
    happens(person, "hit-limit", days=200, count=9)
    person.acts_as.update(first_at=desk.now - timedelta(days=201))
    first = text_of(as_rita, f"/accounts/{acme.pk}/?kind=product", **PART)
    assert ("× 9" in first, ">Older<" in first) == (False, True)
    text = first
    for _ in range(3):
        if "× 9" in text:
            break
        older = text.rpartition(">Older<")[0].rpartition('href="')[2].partition("#")[0].replace("&amp;", "&")
        text = text_of(as_rita, older, **PART)
    assert "× 9" in text


@pytest.mark.parametrize("query", ["?kind=x", "?after=x", "?after=9999-99", "?person=x", "?after=%00~~", "?kind=%00"])
def test_a_broken_address_shows_the_whole_timeline(as_rita: Client, acme: Account, query: str) -> None:
    happens(person_of(acme), "hit-limit", days=1, count=9)
    assert "× 9" in text_of(as_rita, f"/accounts/{acme.pk}/{query}")


def test_a_cursor_survives_the_address() -> None:
    cursor = Cursor(datetime(2026, 3, 1, 12, 30, 1, 5, tzinfo=UTC), "done", "t7")
    assert Cursor.parse(str(cursor)) == cursor


# --- Workspaces and attributes ------------------------------------------------------------------------------


def say(workspace: Workspace, key: str, text: str, *, origin: int = 1, days: int = 0) -> None:
    at = timezone.now() - timedelta(days=days)
    name, _ = AttributeKey.objects.get_or_create(name=key)
    Attribute.objects.create(
        subject_kind=2, subject_id=workspace.pk, key=name, origin=origin, day=at.date(), at=at, text=text
    )


def test_workspaces_stand_side_by_side(as_rita: Client, acme: Account) -> None:
    first = acme.workspaces.get()
    second = Workspace.objects.create(source_id=1, external_id="field-service", name="Field service", account=acme)
    for workspace, plan, used in ((first, "team", "47"), (second, "free", "3")):
        for key, text in (("plan", plan), ("seats", "50"), ("seats_used", used), ("mrr", "990"), ("currency", "EUR")):
            say(workspace, key, text)
    text = text_of(as_rita, f"/accounts/{acme.pk}/")
    for words in (
        "2 workspaces",
        "Field service",
        "Team</td>",
        '<b class="soon" title="94 % used">47 of 50</b>',
        "€990",
    ):
        assert words in text
    assert "3 of 50" in text


def test_the_most_trusted_origin_wins_and_the_page_says_which(as_rita: Client, acme: Account) -> None:
    workspace = acme.workspaces.get()
    say(workspace, "company_size", "120", origin=1, days=1)
    say(workspace, "company_size", "410", origin=2, days=9)
    say(workspace, "company_size", "90", origin=2, days=20)
    text = text_of(as_rita, f"/accounts/{acme.pk}/")
    assert "410<br><small" in text.replace("\n", "")
    assert "product says 120, yesterday" in text
    assert "CRM, 9 days ago" in text
    assert ">90<" not in text


def test_a_trait_that_is_no_number_breaks_nothing(as_rita: Client, acme: Account) -> None:
    for key in ("mrr", "seats", "seats_used", "boards_limit"):
        say(acme.workspaces.get(), key, "<script>nan")
    text = text_of(as_rita, f"/accounts/{acme.pk}/")
    assert "<script>nan" not in text


def test_people_lead_to_their_pages(desk: Desk, as_rita: Client, acme: Account) -> None:
    for number in range(12):
        make_person(acme, f"Colleague {number}", f"c{number}@acme.example")
    text = text_of(as_rita, f"/accounts/{acme.pk}/")
    assert f'href="/people/{person_of(acme).pk}/"' in text
    assert "7 more" in text


def test_evidence_of_one_person_counts_only_theirs(desk: Desk, as_rita: Client, acme: Account) -> None:
    one = person_of(acme, 1)
    make_usage(make_person(acme, "Other", "o@acme.example"), acme, None, now=desk.now, days=range(3))
    text = text_of(as_rita, f"/accounts/{acme.pk}/evidence/?measure=count:activity:30d&person={one.pk}")
    assert "by <b>1 person</b>" in text
    assert "<b>20 events</b>" in text  # two a day, on ten days
