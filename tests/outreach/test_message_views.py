"""The message over HTTP, with and without HTMX: switching, drafting, logging, refusing."""

import re
from html import unescape

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from accounts.models import Person
from outreach.models import Draft, MessageTemplate, QueueItem, Touch
from tests.cast import client_of, text_of
from tests.factories import Desk, make_company, make_desk, make_item, make_person
from tests.query_counts import expected_queries

ITEM = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "item"}
FOOT = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "foot"}
FIELDS = re.compile(
    r'<(?:input type="hidden"|textarea) name="(\w+)"(?: value="([^"]*)"[^>]*>|[^>]*>([^<]*)</textarea>)'
)


@pytest.fixture
def desk(db: None) -> Desk:
    return make_desk(timezone.now(), companies=3)


def form_of(client: Client, item: QueueItem) -> dict[str, str]:
    """What a browser would send of the message as the page shows it."""
    page = text_of(client, f"/queue/{item.pk}/").partition('id="message-form"')[2].partition("</form>")[0]
    return {name: unescape(value or text) for name, value, text in FIELDS.findall(page)}


def test_the_message_stands_beside_the_reason_with_its_facts_as_links(desk: Desk, as_rita: Client) -> None:
    text = text_of(as_rita, f"/queue/{desk.items[0].pk}/")
    fact = r'<a class="fact" href="/accounts/\d+/evidence/\?measure=people[^"]*" title="[^"]*up to date[^"]*">'
    assert re.search(fact + "three people</a>", text)
    assert re.search(r"\d facts?, (all )?up to date", text)


def test_the_message_asks_no_query_of_its_own(desk: Desk, as_rita: Client) -> None:
    Draft.objects.create(item=desk.items[0], persona="user", changed_at=desk.now)
    with expected_queries("queue"):
        as_rita.get("/queue/")


def test_an_email_that_was_sent_is_logged_and_the_next_item_opens(desk: Desk, as_rita: Client) -> None:
    item = desk.items[0]
    form = form_of(as_rita, item)
    response = as_rita.post(f"/queue/{item.pk}/sent/", form)
    assert response["Location"] == f"/queue/{desk.items[1].pk}/"
    touch = Touch.objects.get()
    assert (touch.channel, touch.item, touch.user, touch.body) == ("email", item, desk.rita, form["body"].strip())
    assert {fact["text"] for fact in touch.facts.values()} == {"three people"}
    item.refresh_from_db()
    assert (item.state, item.disposition) == ("done", "wrote")


def test_logging_by_htmx_draws_the_next_item_and_offers_undo(desk: Desk, as_rita: Client) -> None:
    item, following, _ = desk.items
    response = as_rita.post(f"/queue/{item.pk}/sent/", form_of(as_rita, item), **ITEM)  # type: ignore[arg-type]
    text = response.content.decode()
    assert (f'data-item="{following.pk}"' in text, "Company 00. Email logged." in text) == (True, True)
    as_rita.post(f"/queue/changes/{item.changes.get().pk}/undo/")
    item.refresh_from_db()
    assert (item.state, Touch.objects.get().undone_at is not None) == ("open", True)


def test_the_facts_are_kept_as_they_were_shown(desk: Desk, as_rita: Client) -> None:
    item = desk.items[0]
    form = form_of(as_rita, item)
    item.account.state.measures["people:activity:30d"] = 99
    item.account.state.save()
    as_rita.post(f"/queue/{item.pk}/sent/", form)
    assert Touch.objects.get().facts["people_active_30_words"]["values"] == {"people:activity:30d": 3}


def test_facts_that_nobody_showed_are_not_believed(desk: Desk, as_rita: Client) -> None:
    item = desk.items[0]
    forged = signing.dumps([{"name": "x", "text": "Hi", "reads": "", "values": {}, "beside": ["", ""]}], salt="mine")
    as_rita.post(f"/queue/{item.pk}/sent/", form_of(as_rita, item) | {"facts": forged})
    assert Touch.objects.get().facts == {}


def test_what_is_typed_is_kept_and_its_facts_stay_marked(desk: Desk, as_rita: Client) -> None:
    item = desk.items[0]
    form = form_of(as_rita, item) | {"body": "Dear all,\r\nI see three people."}
    text = as_rita.post(f"/queue/{item.pk}/draft/", form, **FOOT).content.decode()  # type: ignore[arg-type]
    assert ('id="foot"' in text, 'id="said"' in text, "your draft, saved" in text, "<textarea name=\"body" in text) == (
        True, True, True, False,
    )  # fmt: skip
    assert re.search('class="fact"[^>]*>three people</a>', text)
    assert Draft.objects.get().body == "Dear all,\nI see three people."
    assert form_of(as_rita, item)["body"] == "Dear all,\nI see three people."


def test_a_draft_without_javascript_is_saved_by_a_button(desk: Desk, as_rita: Client) -> None:
    item = desk.items[0]
    response = as_rita.post(f"/queue/{item.pk}/draft/?play=expansion", form_of(as_rita, item) | {"body": "Mine"})
    assert response["Location"] == f"/queue/{item.pk}/?play=expansion"
    assert Draft.objects.get().body == "Mine"


def test_back_to_the_template(desk: Desk, as_rita: Client) -> None:
    item = desk.items[0]
    before = form_of(as_rita, item)
    as_rita.post(f"/queue/{item.pk}/draft/", before | {"body": "Mine"})
    text = as_rita.post(f"/queue/{item.pk}/draft/", before | {"drop": "1"}, **FOOT).content.decode()  # type: ignore[arg-type]
    assert (Draft.objects.exists(), 'id="message"' in text, "template, just filled in" in text) == (False, True, True)
    assert form_of(as_rita, item)["body"] == before["body"]


def test_a_text_with_a_gap_is_refused_and_not_lost(desk: Desk, as_rita: Client) -> None:
    item = desk.items[0]
    form = form_of(as_rita, item) | {"body": "You have ⟦seats⟧."}
    response = as_rita.post(f"/queue/{item.pk}/sent/", form, **ITEM)  # type: ignore[arg-type]
    assert (response.status_code, "Missing: seats." in response.content.decode()) == (409, True)
    assert (Touch.objects.exists(), Draft.objects.get().body) == (False, "You have ⟦seats⟧.")
    item.refresh_from_db()
    assert item.state == "open"
    page = text_of(as_rita, f"/queue/{item.pk}/")
    assert '<mark class="gap" title="Missing: reword this part">⟦seats⟧</mark>' in page
    assert 'aria-disabled="true"' in page
    assert "mailto:" not in page.partition('id="foot"')[2].partition("</section>")[0]


def test_switching_the_person_draws_the_message_alone(desk: Desk, as_rita: Client) -> None:
    item = desk.items[0]
    other = make_person(item.account, "Priya Raman", "p@halvorsen.example", "CFO")
    address = f"/queue/{item.pk}/message/?to={other.pk}&persona="
    text = text_of(as_rita, address, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="message")
    assert ("Hi Priya," in text, "to a buyer" in text, 'id="send"' in text, "item-head" in text) == (
        True, True, True, False,
    )  # fmt: skip
    plain = as_rita.get(address)
    assert plain["Location"] == f"/queue/{item.pk}/?to={other.pk}&persona="
    assert "Hi Priya," in text_of(as_rita, plain["Location"])


@pytest.mark.parametrize(
    "query", ["to=x&persona=y", "to=-1", "to=99999999999999&persona=%00", "persona=king", "to=&persona="]
)
def test_nonsense_in_the_address_breaks_nothing(desk: Desk, as_rita: Client, query: str) -> None:
    item = desk.items[0]
    assert as_rita.get(f"/queue/{item.pk}/?{query}").status_code == 200
    assert as_rita.get(f"/queue/{item.pk}/message/?{query}", HTTP_HX_REQUEST="true").status_code == 200


@pytest.mark.parametrize(
    "field", [{"person": "x"}, {"persona": "king"}, {"subject": "s" * 301}, {"body": "b" * 10_001}]
)
@pytest.mark.parametrize("verb", ["draft", "sent"])
def test_a_form_that_is_not_ours_is_refused_in_words(
    desk: Desk, as_rita: Client, verb: str, field: dict[str, str]
) -> None:
    item = desk.items[0]
    response = as_rita.post(f"/queue/{item.pk}/{verb}/", form_of(as_rita, item) | field, **ITEM)  # type: ignore[arg-type]
    assert (response.status_code, "notice error" in response.content.decode()) == (422, True)
    assert (Draft.objects.exists(), Touch.objects.exists()) == (False, False)


def test_a_call_is_logged_and_the_next_opens(desk: Desk, as_rita: Client) -> None:
    item = desk.items[0]
    response = as_rita.post(f"/queue/{item.pk}/called/", {"person": "", "said": "Left a message"})
    assert response["Location"] == f"/queue/{desk.items[1].pk}/"
    assert (Touch.objects.get().channel, Touch.objects.get().body) == ("call", "Left a message")
    item.refresh_from_db()
    assert item.disposition == "called"


def test_a_note_stays_on_the_item(desk: Desk, as_rita: Client) -> None:
    item = desk.items[0]
    response = as_rita.post(f"/queue/{item.pk}/log/", {"channel": "note", "said": "Back on Monday"})
    assert response["Location"] == f"/queue/{item.pk}/"
    assert (Touch.objects.get().channel, item.changes.get().verb) == ("note", "note")
    refused = as_rita.post(f"/queue/{item.pk}/log/", {"channel": "note", "said": " "}, **ITEM)  # type: ignore[arg-type]
    assert (refused.status_code, "The note is empty." in refused.content.decode()) == (409, True)


@pytest.mark.parametrize("verb", ["draft", "sent", "called", "log"])
def test_a_reader_writes_nothing_and_an_outsider_finds_nothing(desk: Desk, verb: str) -> None:
    item = desk.items[0]
    said = {"persona": "user", "subject": "Hi", "body": "Hello", "channel": "note", "said": "x"}
    codes = [client_of(user).post(f"/queue/{item.pk}/{verb}/", said).status_code for user in (desk.rolf, desk.olga)]
    assert codes == [403, 404]
    assert client_of(desk.rita).get(f"/queue/{item.pk}/{verb}/").status_code == 405
    assert client_of(desk.olga).get(f"/queue/{item.pk}/message/", HTTP_HX_REQUEST="true").status_code == 404
    assert (Draft.objects.exists(), Touch.objects.exists(), item.changes.exists()) == (False, False, False)


def test_a_reader_sees_the_message_and_no_way_to_send_it(desk: Desk) -> None:
    text = text_of(client_of(desk.rolf), f"/queue/{desk.items[0].pk}/")
    assert ('id="said"' in text, 'id="message-form"' in text, 'id="send"' in text) == (True, False, False)


def test_a_closed_item_has_no_message(desk: Desk, as_rita: Client) -> None:
    as_rita.post(f"/queue/{desk.items[0].pk}/done/", {"disposition": "other"})
    assert 'id="message"' not in text_of(as_rita, f"/queue/{desk.items[0].pk}/")


def test_hostile_text_is_text_everywhere_in_the_message(desk: Desk, as_rita: Client) -> None:
    hostile = '<img src=x onerror=alert(1)>" hx-get="/evil'
    company = make_company(hostile, now=desk.now)
    Person.objects.filter(account=company).update(name=hostile, title=hostile)
    item = make_item(company, desk.plays["expansion"], now=desk.now, rep=desk.rita)
    MessageTemplate.objects.update(
        subject="{{ account.name }}", body="{{ person.name }} {{ account.name }} {{ people_active_30 }}" + hostile
    )
    text = text_of(as_rita, f"/queue/{item.pk}/")
    assert ("<img" in text, ' hx-get="/evil' in text, "&lt;img" in text) == (False, False, True)
