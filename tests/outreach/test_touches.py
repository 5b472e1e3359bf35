"""Drafts and touches: kept with their facts, refused with reasons, undone together with the item."""

from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User

from accounts.models import Account, Person
from outreach.messages.fact_marks import FactMark
from outreach.models import Draft, QueueItem, QueueItemChange, Touch
from outreach.queue import actions, touches
from outreach.queue.touches import TouchError, Words
from tests.clock import T0
from tests.factories import make_account, make_item, make_person
from tests.outreach.conftest import later, play_of

NINE = FactMark("people_active_30_words", "nine people", "people active in 30 days", {"people:activity:30d": 9})


def words(item: QueueItem, channel: str = "email", **given: Any) -> Words:
    values = {"person_id": item.person_id, "subject": "Hello", "body": "With nine people active.", "facts": [NINE]}
    return Words(channel, **values | given)


def test_an_email_closes_the_item_and_keeps_its_facts_as_spoken(item: QueueItem, rita: User) -> None:
    touches.log_and_finish(item, words(item), acting_user=rita, now=T0)
    touch = Touch.objects.get()
    assert (touch.item, touch.play, touch.person, touch.user) == (item, item.play, item.person, rita)
    assert (touch.channel, touch.subject, touch.body, touch.at) == (
        "email",
        "Hello",
        "With nine people active.",
        T0,
    )
    assert touch.facts["people_active_30_words"]["values"] == {"people:activity:30d": 9}
    item.refresh_from_db()
    assert (item.state, item.disposition) == ("done", "wrote")


def test_a_fact_that_was_taken_out_is_not_kept(item: QueueItem, rita: User) -> None:
    touches.log_and_finish(item, words(item, body="Many people."), acting_user=rita, now=T0)
    assert Touch.objects.get().facts == {}


def test_a_call_closes_the_item_as_called(item: QueueItem, rita: User) -> None:
    touches.log_and_finish(item, words(item, "call", body=""), acting_user=rita, now=T0)
    item.refresh_from_db()
    assert item.disposition == "called"


def test_a_note_closes_nothing(item: QueueItem, rita: User) -> None:
    with pytest.raises(TouchError, match="A note does not close an item"):
        touches.log_and_finish(item, words(item, "note"), acting_user=rita, now=T0)
    touches.log_and_stay(item, words(item, "note", body="Back on Monday"), acting_user=rita, now=T0)
    item.refresh_from_db()
    assert (item.state, Touch.objects.get().body, item.changes.latest("pk").verb) == ("open", "Back on Monday", "note")


@pytest.mark.parametrize(("channel", "worked"), [("note", None), ("email", T0), ("call", T0)])
def test_an_item_is_worked_by_an_email_or_a_call_and_never_by_a_note(
    item: QueueItem, rita: User, channel: str, worked: datetime | None
) -> None:
    other = make_item(item.account, play_of("expansion"), now=T0, rep=rita)
    touches.log_and_stay(item, words(item, channel), acting_user=rita, now=T0)
    touches.log_and_stay(item, words(item, "call"), acting_user=rita, now=later(hours=1))
    for row in (item, other):
        row.refresh_from_db()
    assert (item.worked_at, other.worked_at) == (worked or later(hours=1), None)
    touches.log_and_stay(other, words(other, "note"), acting_user=rita, now=T0)
    other.refresh_from_db()
    assert other.worked_at is None


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"body": "Hi, ⟦how full the seats are⟧."}, "Missing: how full the seats are."),
        ({"subject": "⟦plan"}, "Missing: plan."),
        ({"body": "  "}, "The message is empty"),
        ({"person_id": 0}, "Choose a person"),
        ({"person_id": 2_000_000_000}, "That person is not at Acme"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_changes_nothing(
    item: QueueItem, rita: User, given: dict[str, Any], why: str
) -> None:
    with pytest.raises(TouchError, match=why):
        touches.log_and_finish(item, words(item, **given), acting_user=rita, now=T0)
    item.refresh_from_db()
    assert (item.state, Touch.objects.count(), QueueItemChange.objects.count()) == ("open", 0, 0)


@pytest.mark.parametrize("channel", ["email", "call"])
def test_an_excluded_person_is_neither_written_to_nor_called(item: QueueItem, rita: User, channel: str) -> None:
    Person.objects.filter(pk=item.person_id).update(excluded_by="opted out")
    with pytest.raises(TouchError, match="is excluded"):
        touches.log_and_finish(item, words(item, channel), acting_user=rita, now=T0)
    assert not Touch.objects.exists()


def test_nobody_writes_to_anothers_people_by_naming_an_id(item: QueueItem, rita: User) -> None:
    stranger = make_person(make_account("Other"))
    with pytest.raises(TouchError, match="not at Acme"):
        touches.log_and_finish(item, words(item, person_id=stranger.pk), acting_user=rita, now=T0)


def test_undo_takes_the_touch_back_too(item: QueueItem, rita: User) -> None:
    change = touches.log_and_finish(item, words(item), acting_user=rita, now=T0)
    actions.undo_change(change, acting_user=rita, now=later(seconds=5))
    item.refresh_from_db()
    assert (item.state, Touch.objects.get().undone_at) == ("open", later(seconds=5))


def test_undo_of_a_later_change_leaves_an_earlier_touch(item: QueueItem, rita: User) -> None:
    touches.log_and_stay(item, words(item, "note"), acting_user=rita, now=T0)
    change = actions.claim_item(item, acting_user=rita, now=later(seconds=1))
    actions.undo_change(change, acting_user=rita, now=later(seconds=2))
    assert Touch.objects.get().undone_at is None


def test_undo_of_a_note_leaves_the_item_as_it_is(item: QueueItem, rita: User) -> None:
    actions.claim_item(item, acting_user=rita, now=T0)
    change = touches.log_and_stay(item, words(item, "note"), acting_user=rita, now=later(seconds=1))
    actions.undo_change(change, acting_user=rita, now=later(seconds=2))
    item.refresh_from_db()
    assert (item.state, Touch.objects.get().undone_at is not None) == ("claimed", True)


def test_an_item_that_somebody_else_holds_is_not_written_for(item: QueueItem, rita: User, tom: User) -> None:
    actions.claim_item(item, acting_user=rita, now=T0)
    for run in (touches.log_and_finish, touches.log_and_stay):
        with pytest.raises(actions.AlreadyClaimedError):
            run(item, words(item), acting_user=tom, now=T0)
    with pytest.raises(actions.AlreadyClaimedError):
        touches.save_draft(item, words(item), "user", acting_user=tom, now=T0)
    assert (Touch.objects.count(), Draft.objects.count()) == (0, 0)


def test_a_draft_is_one_an_item_and_the_newest_counts(item: QueueItem, rita: User) -> None:
    touches.save_draft(item, words(item), "user", acting_user=rita, now=T0)
    touches.save_draft(item, words(item, body="Newer ⟦gap⟧"), "buyer", acting_user=rita, now=later(seconds=9))
    draft = Draft.objects.get()
    assert (draft.body, draft.persona, draft.user, draft.changed_at) == ("Newer ⟦gap⟧", "buyer", rita, later(seconds=9))
    assert draft.facts == [NINE.to_json()]
    touches.drop_draft(item, acting_user=rita)
    assert not Draft.objects.exists()


def test_a_closed_item_takes_no_draft_and_no_note(item: QueueItem, rita: User) -> None:
    actions.finish_item(item, disposition="met", acting_user=rita, now=T0)
    with pytest.raises(TouchError, match="already done"):
        touches.save_draft(item, words(item), "user", acting_user=rita, now=T0)
    with pytest.raises(actions.NotPossibleError, match="already done"):
        touches.log_and_stay(item, words(item, "note"), acting_user=rita, now=T0)


def test_a_touch_without_an_item_belongs_to_the_account(acme: Account, rita: User) -> None:
    touch = touches.log_touch(acme, Words("note", body="Met at a fair"), acting_user=rita, now=T0)
    assert (touch.account, touch.item, touch.play, touch.person) == (acme, None, None, None)
