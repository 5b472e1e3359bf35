"""What a rep did: an email, a call, a note, with the facts it spoke of as they were; and drafts until then.

A touch of an item goes with a change of the item in one transaction, so that undoing the change undoes the touch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from accounts.models import Account, Person
from outreach import own_state
from outreach.messages.fact_marks import FactMark, blocker_of, marked
from outreach.models import Draft, Persona, QueueItem, QueueItemChange, Touch
from outreach.queue import actions

LONGEST_SUBJECT, LONGEST_BODY = 300, 10_000
_FITTING = {Touch.Channel.EMAIL: QueueItem.Disposition.WROTE, Touch.Channel.CALL: QueueItem.Disposition.CALLED}


class TouchError(actions.QueueError):
    """It cannot be said or logged like this; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Words:
    """What was said to whom; `facts` are those that the page showed, of which the text may have kept some."""

    channel: str
    person_id: int = 0
    subject: str = ""
    body: str = ""
    facts: Sequence[FactMark] = field(default_factory=list)


@transaction.atomic
def log_touch(
    account: Account, words: Words, *, acting_user: User, now: datetime, item: QueueItem | None = None
) -> Touch:
    """Refused for an excluded person, and for an email with a gap or without a recipient."""
    person = _person_of(account, words.person_id)
    _refuse_unfit(words, person)
    touch = Touch.objects.create(
        account=account,
        person=person,
        item=item,
        play_id=item.play_id if item else None,
        user=acting_user,
        channel=words.channel,
        subject=words.subject[:LONGEST_SUBJECT],
        body=words.body[:LONGEST_BODY],
        facts=_facts_in(words),
        at=now,
    )
    own_state.changed([account.pk])
    if item:
        actions.mark_worked(item.pk)
    return touch


@transaction.atomic
def log_and_finish(item: QueueItem, words: Words, *, acting_user: User, now: datetime) -> QueueItemChange:
    """Log an email or a call, and close the item with the disposition that fits."""
    disposition = _FITTING.get(Touch.Channel(words.channel))
    if disposition is None:
        raise TouchError("A note does not close an item: choose an email or a call.")
    # First, for it takes the lock: a touch of an item that somebody else holds is refused whole.
    change = actions.finish_item(item, disposition=disposition, acting_user=acting_user, now=now)
    log_touch(item.account, words, acting_user=acting_user, now=now, item=item)
    return change


@transaction.atomic
def log_and_stay(item: QueueItem, words: Words, *, acting_user: User, now: datetime) -> QueueItemChange:
    """Log it and leave the item where it is."""
    change = actions.log_line(item, words.channel, acting_user=acting_user, now=now)
    log_touch(item.account, words, acting_user=acting_user, now=now, item=item)
    return change


@transaction.atomic
def save_draft(item: QueueItem, words: Words, persona: str, *, acting_user: User, now: datetime) -> Draft:
    """Keep what a rep is writing: one draft an item, the newest counts."""
    _writable(item, acting_user)
    if persona not in Persona.values:
        raise TouchError("Choose a persona.")
    person = _person_of(item.account, words.person_id)
    values = {
        "person": person,
        "persona": persona,
        "subject": words.subject[:LONGEST_SUBJECT],
        "body": words.body[:LONGEST_BODY],
        "facts": [fact.to_json() for fact in words.facts],
        "user": acting_user,
        "changed_at": now,
    }
    return Draft.objects.update_or_create(item=item, defaults=values)[0]


@transaction.atomic
def drop_draft(item: QueueItem, *, acting_user: User) -> None:
    """Back to the template."""
    _writable(item, acting_user)
    Draft.objects.filter(item=item).delete()


def _writable(item: QueueItem, acting_user: User) -> None:
    row = actions.held_for(item, acting_user)
    if row.state not in QueueItem.LIVE:
        raise TouchError(f"This item is already {row.state}: it no longer takes a message.")


def _person_of(account: Account, person_id: int) -> Person | None:
    """A whole person of the account; nobody writes to somebody else's people by naming an id."""
    if not person_id:
        return None
    # Also people who act in the account for another company, such as a contractor, and those who have left it.
    here = Q(account=account) | Q(acts_as__account=account) | Q(acts_as__past_links__account=account)
    theirs = Person.objects.filter(here, merged_into=None, pk=person_id)
    person = theirs.distinct().first()
    if person is None:
        raise TouchError(f"That person is not at {account.name}: choose someone else.")
    return person


def _refuse_unfit(words: Words, person: Person | None) -> None:
    # A note reaches nobody: also about somebody excluded something may be written down.
    if words.channel != Touch.Channel.NOTE and person and person.excluded_by:
        raise TouchError(f"{person} is excluded ({person.excluded_by}): do not email or call them.")
    if words.channel == Touch.Channel.EMAIL:
        if person is None:
            raise TouchError("Choose a person.")
        if error := blocker_of(words.subject, words.body):
            raise TouchError(error)
    if words.channel == Touch.Channel.NOTE and not words.body.strip():
        raise TouchError("The note is empty.")


def _facts_in(words: Words) -> dict[str, dict[str, object]]:
    """Of the facts shown, those that the text still says."""
    # A rep may have struck a fact out: it was not said then, and the history must not claim it.
    pieces = [*marked(words.subject, words.facts), *marked(words.body, words.facts)]
    return {piece.fact.name: piece.fact.to_json() for piece in pieces if piece.fact}
