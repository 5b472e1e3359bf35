"""The message of an item: to whom, in whose words, which facts, and what is missing."""

from typing import Any

import pytest

from accounts.models import Person
from outreach.access import Viewer, viewer_of
from outreach.messages.compose import Message, WantedMessage, drafted, message_for, outdated
from outreach.messages.fact_marks import FactMark, marks_in, token_of
from outreach.models import Draft, MessageTemplate, QueueItem
from outreach.pages.account import account_head, account_people
from outreach.plays.contacts import NO_BUYER
from outreach.plays.why_now import fact_keys
from outreach.queue.list import opened_item
from signals.models import AccountState
from tests.factories import Desk, make_company, make_item, make_person


def measured(item: QueueItem, **facts: Any) -> None:
    """What the scorer saw of the account, by the names of facts."""
    keys = fact_keys()
    AccountState.objects.filter(account=item.account).update(measures={keys[k]: v for k, v in facts.items()})


def make(desk: Desk, play: str, *, people: int = 3, **given: Any) -> QueueItem:
    account = make_company("Halvorsen Robotics", now=desk.now, people=people)
    return make_item(account, desk.plays[play], now=desk.now, rep=desk.rita, **given)


def message_of(desk: Desk, item: QueueItem, asked: WantedMessage | None = None) -> Message:
    viewer: Viewer = viewer_of(desk.rita)
    asked = asked or WantedMessage()
    today = desk.now.date()
    opened = opened_item(viewer, item.pk, today=today, to=asked.to)
    people = account_people(item.account_id, today=today, first=opened.person_id)
    return message_for(opened, viewer, account_head(item.account_id, today=today), people.shown, asked)


def template(item: QueueItem, persona: str, body: str, subject: str = "Hello") -> None:
    MessageTemplate.objects.filter(play=item.play, persona=persona).update(subject=subject, body=body)


def spoken(message: Message) -> list[tuple[str, tuple[str, ...]]]:
    return [(fact.text, fact.measures) for fact in message.facts]


def test_the_facts_of_a_message_are_marked_with_their_measures(desk: Desk) -> None:
    item = make(desk, "expansion")
    measured(item, people_active_30=38, seats_used=47, seats=50, seats_share=0.94, workspaces=1, growth_30=0.7)
    message = message_of(desk, item)
    assert "Your team is using 47 of 50 seats, with 38 people active in the last 30 days, up from" in message.body_text
    assert spoken(message)[:2] == [
        ("47 of 50 seats", ("attribute:seats:sum", "attribute:seats_used:sum")),
        ("38 people", ("people:activity:30d",)),
    ]
    assert message.blocker == ""


def test_the_seats_of_several_workspaces_are_never_told_as_one_sum(desk: Desk) -> None:
    item = make(desk, "expansion")
    template(item, "champion", "{{ seats_words }}.")
    measured(item, seats_used=47, seats=50, seats_share=0.94, workspaces=2)
    body = message_of(desk, item, WantedMessage(persona="champion")).body_text
    assert ("fullest workspace" in body, "47" in body, "50" in body) == (True, False, False)


def test_a_fact_that_is_not_known_blocks_and_is_named_in_plain_words(desk: Desk) -> None:
    item = make(desk, "expansion")
    template(item, "champion", "Hi, {{ seats_words }} are used.")
    measured(item, people_active_30=3)
    message = message_of(desk, item, WantedMessage(persona="champion"))
    assert message.body_text == "Hi, ⟦how full the seats are, from 90 % on⟧ are used."
    assert message.blocker.startswith("Missing: how full the seats are, from 90 % on.")
    assert message.mailto == ""


def test_a_name_that_looks_like_a_gap_is_none(desk: Desk) -> None:
    item = make(desk, "expansion")
    item.account.name = "⟦x⟧ Ltd"
    item.account.save()
    template(item, "user", "{{ account.name }}")
    assert message_of(desk, item, WantedMessage(persona="user")).body_text == "x Ltd"


@pytest.mark.parametrize(
    ("title", "role", "persona"),
    [("CFO", "member", "buyer"), ("", "admin", "admin"), ("", "member", "champion"), ("Head of IT", "admin", "buyer")],
)
def test_the_template_is_chosen_by_what_the_person_is(desk: Desk, title: str, role: str, persona: str) -> None:
    item = make(desk, "expansion", people=0)
    person = make_person(item.account, "Tomasz Sobel", "t@halvorsen.example", title)
    Person.objects.filter(pk=person.pk).update(is_product_admin=role == "admin")
    QueueItem.objects.filter(pk=item.pk).update(person=person)
    message = message_of(desk, item)
    assert (message.persona, message.person and message.person.id) == (persona, person.pk)


def test_another_person_or_persona_can_be_asked_for(desk: Desk) -> None:
    item = make(desk, "expansion")
    other = make_person(item.account, "Priya Raman", "p@halvorsen.example")
    assert message_of(desk, item, WantedMessage(to=other.pk)).body_text.startswith("Hi Priya,")
    assert message_of(desk, item, WantedMessage(persona="buyer")).persona == "buyer"


def test_a_stranger_cannot_be_asked_for_by_id(desk: Desk) -> None:
    item = make(desk, "expansion")
    stranger = make_person(make_company("Other", now=desk.now), "Eve", "eve@other.example")
    message = message_of(desk, item, WantedMessage(to=stranger.pk))
    assert message.person is not None
    assert message.person.id != stranger.pk
    assert "Eve" not in message.body_text


def test_where_no_buyer_is_known_the_most_active_is_asked_and_that_is_said(desk: Desk) -> None:
    message = message_of(desk, make(desk, "warm-outbound"))
    assert (message.persona, message.note.startswith(NO_BUYER)) == ("champion", True)
    assert message.blocker == ""


def test_with_nobody_known_it_cannot_be_sent(desk: Desk) -> None:
    message = message_of(desk, make(desk, "warm-outbound", people=0))
    assert (message.person, message.blocker) == (None, f"{NO_BUYER}, or choose someone to write to.")


def test_an_excluded_person_is_not_written_to(desk: Desk) -> None:
    item = make(desk, "expansion")
    person = make_person(item.account, "Ann", "ann@halvorsen.example")
    Person.objects.filter(pk=person.pk).update(excluded_by="opted out")
    message = message_of(desk, item, WantedMessage(to=person.pk))
    assert message.blocker == "Ann is excluded (opted out) and cannot be contacted."
    assert message.mailto == ""


def test_what_somebody_wrote_is_quoted_to_themselves_alone(desk: Desk) -> None:
    said = {"asked": {"value": "Demo"}, "words": {"value": "SSO for 200?"}}
    item = make(desk, "hand-raisers", facts=said)
    requester = make_person(item.account, "Marisol Vega", "m@halvorsen.example")
    other = make_person(item.account, "Priya Raman", "p@halvorsen.example")
    QueueItem.objects.filter(pk=item.pk).update(person=requester)
    assert "Thanks for your message: “SSO for 200?”" in message_of(desk, item).body_text
    to_other = message_of(desk, item, WantedMessage(to=other.pk)).body_text
    assert ("SSO" in to_other, "Marisol" in to_other, "Someone at Halvorsen Robotics" in to_other) == (
        False,
        False,
        True,
    )


def test_a_template_with_a_mistake_says_so_and_does_not_break_the_page(desk: Desk) -> None:
    item = make(desk, "expansion")
    template(item, "user", "{% for x in y %}")
    message = message_of(desk, item, WantedMessage(persona="user"))
    assert message.blocker.startswith("The template has an error that an admin needs to fix. Line 1: there is no tag")
    assert message.body_text == ""


def test_a_mailto_address_is_quoted_whole(desk: Desk) -> None:
    item = make(desk, "expansion")
    person = make_person(item.account, "Eve", "eve@halvorsen.example")
    template(item, "user", "Hi\n{{ account.name }} & co?cc=x", subject="A & b\n{{ account.name }}")
    item.account.name = "x&bcc=evil@x.example\r\nBcc: y"
    item.account.save()
    address = message_of(desk, item, WantedMessage(to=person.pk, persona="user")).mailto
    assert address == (
        "mailto:eve@halvorsen.example?subject=A%20%26%20b%20x%26bcc%3Devil%40x.example%20Bcc%3A%20y"
        "&body=Hi%0D%0Ax%26bcc%3Devil%40x.example%20Bcc%3A%20y%20%26%20co%3Fcc%3Dx"
    )


@pytest.mark.parametrize("email", ["", "eve", "eve@x?bcc=y@z", "a@x,b@y", "a b@x", "<a@x>"])
def test_what_is_no_address_opens_no_email_app(desk: Desk, email: str) -> None:
    item = make(desk, "expansion")
    person = make_person(item.account, "Eve", email)
    address = message_of(desk, item, WantedMessage(to=person.pk)).mailto
    assert address == ""


def test_a_draft_is_shown_with_the_facts_that_still_stand_in_it(desk: Desk) -> None:
    item = make(desk, "expansion")
    measured(item, people_active_30=38, seats_used=47, seats=50, seats_share=0.94, workspaces=1)
    fresh = message_of(desk, item)
    assert fresh.person is not None
    Draft.objects.create(
        item=item, person_id=fresh.person.id, persona=fresh.persona, subject="Short", changed_at=desk.now,
        body="You use 47 of 50 seats. My own words.", facts=[fact.to_json() for fact in fresh.facts],
    )  # fmt: skip
    draft = message_of(desk, item)
    assert (draft.is_draft, draft.subject_text, spoken(draft)) == (True, "Short", spoken(fresh)[:1])
    measured(item, people_active_30=38, seats_used=48, seats=50, seats_share=0.96, workspaces=1)
    assert message_of(desk, item).outdated == [("47 of 50 seats", "48 of 50 seats")]


def fact(text: str, before: str = "", after: str = "", name: str = "n") -> FactMark:
    return FactMark(name, text, "reads", {"people:activity:30d": 9}, (before, after))


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Use one of 9 people here", ["9"]),
        ("Use one of 19 people here", []),
        ("On 9 November", []),
        ("9.5 people", []),
        ("You have 9 people, and 9 people", ["9"]),
    ],
)
def test_a_short_fact_is_recognised_beside_its_neighbour_only(text: str, marked: list[str]) -> None:
    found = drafted("", text, [fact("9", "are", "people")], persona="user", person=None)
    assert [each.text for each in found.facts] == marked
    assert found.body_text == text


def test_facts_are_found_in_their_order() -> None:
    facts = [fact("twelve people", name="a"), fact("47 of 50 seats", name="b")]
    found = drafted("", "47 of 50 seats for twelve people", facts, persona="user", person=None)
    assert [each.name for each in found.facts] == ["a"]


def test_what_reads_otherwise_today_is_outdated() -> None:
    assert outdated([fact("nine")], [fact("ten")]) == [("nine", "ten")]
    assert outdated([fact("nine")], [fact("nine"), fact("ten")]) == []
    assert outdated([fact("nine")], []) == []


def test_the_facts_of_a_page_come_back_only_as_they_were_signed() -> None:
    token = token_of([fact("nine")], 7)
    assert marks_in(token, 7) == [fact("nine")]
    assert (marks_in(token, 8), marks_in(token[:-2] + "xx", 7), marks_in("", 7)) == ([], [], [])
