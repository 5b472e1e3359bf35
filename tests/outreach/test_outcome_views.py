"""Outcome, noted and taken back over HTTP, with and without HTMX."""

import pytest
from django.test import Client
from django.utils import timezone

from outreach.models import Outcome, QueueItem
from tests.cast import client_of
from tests.factories import Desk, make_desk

PART = {"HX-Request": "true", "HX-Target": "outcome"}
WON = {"kind": "won", "amount": "1,200.50", "currency": "eur"}


@pytest.fixture
def desk(db: None) -> Desk:
    return make_desk(timezone.now(), companies=1)


def address(desk: Desk) -> str:
    return f"/queue/{desk.items[0].pk}/outcome/"


def only() -> Outcome:
    return Outcome.objects.get()


def test_without_javascript_it_goes_back_to_the_page_and_says_so(desk: Desk, as_rita: Client) -> None:
    response = as_rita.post(address(desk), WON, follow=True)
    assert response.redirect_chain == [(f"/queue/{desk.items[0].pk}/", 302)]
    text = response.content.decode()
    assert "Logged: won." in text
    assert f'action="/outcomes/{only().pk}/undo/?item={desk.items[0].pk}"' in text
    assert "<b>Won, €1,200</b>" in text
    assert (str(only().amount), only().currency, only().user) == ("1200.50", "EUR", desk.rita)


def test_with_htmx_the_card_comes_back_with_a_notice(desk: Desk, as_rita: Client) -> None:
    text = as_rita.post(address(desk), WON, headers=PART).content.decode()
    assert text.count('id="outcome"') == 1
    assert 'id="notices" hx-swap-oob="innerHTML"' in text
    assert 'data-key="u"' in text
    assert "<html" not in text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "Choose an outcome."),
        ({"kind": "won"}, "A won deal needs an amount and a currency."),
        ({"kind": "won", "amount": "12,5", "currency": "EUR"}, "Use the format 1200.50."),
        ({"kind": "won", "amount": "NaN", "currency": "EUR"}, "Use the format 1200.50."),
        ({"kind": "won", "amount": "1e400", "currency": "EUR"}, "below one trillion"),
        ({"kind": "won", "amount": "1.234", "currency": "EUR"}, "at most two decimal places"),
        ({"kind": "won", "amount": "5", "currency": "euro"}, "three-letter"),
        ({"kind": "meeting", "amount": "5", "currency": "EUR"}, "Only an opportunity or a won deal"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_logged(
    desk: Desk, as_rita: Client, body: dict[str, str], words: str
) -> None:
    response = as_rita.post(address(desk), body, headers=PART)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Outcome.objects.exists()


def test_what_was_typed_stays_after_a_refusal(desk: Desk, as_rita: Client) -> None:
    body = {"kind": "won", "amount": "12<5", "currency": "EUR"}
    text = as_rita.post(address(desk), body, headers=PART).content.decode()
    assert '<option value="won" selected>' in text
    assert 'value="12&lt;5"' in text


def test_a_currency_that_the_page_offered_says_nothing_without_an_amount(desk: Desk, as_rita: Client) -> None:
    assert as_rita.post(address(desk), {"kind": "meeting", "amount": "", "currency": "USD"}).status_code == 302
    assert (only().kind, only().amount, only().currency) == ("meeting", None, "")


def test_it_is_logged_on_an_account_too(desk: Desk, as_rita: Client) -> None:
    account = desk.items[0].account_id
    response = as_rita.post(f"/accounts/{account}/outcome/", {"kind": "opportunity"}, follow=True)
    assert response.redirect_chain == [(f"/accounts/{account}/", 302)]
    assert (only().play, only().account_id) == (None, account)
    assert "Self-serve: no item of this account was worked" in response.content.decode()


def test_taking_back_redraws_the_card_and_keeps_the_row(desk: Desk, as_rita: Client) -> None:
    as_rita.post(address(desk), WON)
    text = as_rita.post(f"/outcomes/{only().pk}/undo/?item={desk.items[0].pk}", headers=PART).content.decode()
    assert "Undone: won." in text
    assert "No outcome yet" in text
    assert only().undone_by == desk.rita


def test_taking_back_twice_says_so(desk: Desk, as_rita: Client) -> None:
    as_rita.post(address(desk), WON)
    as_rita.post(f"/outcomes/{only().pk}/undo/")
    response = as_rita.post(f"/outcomes/{only().pk}/undo/", headers=PART)
    assert (response.status_code, "already been undone" in response.content.decode()) == (409, True)


@pytest.mark.parametrize(
    ("who", "status"), [("rita", 302), ("tom", 404), ("olga", 404), ("mona", 302), ("ada", 302), ("rolf", 403)]
)
def test_who_may_undo_what_rita_logged(desk: Desk, as_rita: Client, who: str, status: int) -> None:
    as_rita.post(address(desk), WON)
    response = client_of(getattr(desk, who)).post(f"/outcomes/{only().pk}/undo/")
    assert response.status_code == status
    assert (only().undone_at is not None) == (status == 302)


@pytest.mark.parametrize(("who", "status"), [("tom", 404), ("rolf", 403), ("mona", 302)])
def test_who_may_log_on_ritas_item(desk: Desk, who: str, status: int) -> None:
    assert client_of(getattr(desk, who)).post(address(desk), WON).status_code == status
    assert Outcome.objects.count() == (status == 302)


def test_getting_notes_nothing(desk: Desk, as_rita: Client) -> None:
    assert as_rita.get(address(desk)).status_code == 405


def test_who_may_only_read_sees_no_form(desk: Desk) -> None:
    text = client_of(desk.rolf).get(f"/accounts/{desk.items[0].account_id}/").content.decode()
    assert "Outcome" in text
    assert "Log it" not in text


def test_done_with_a_meeting_shows_in_the_card_and_undo_takes_it_back(desk: Desk, as_rita: Client) -> None:
    item = desk.items[0]
    as_rita.post(f"/queue/{item.pk}/done/", {"disposition": "met"})
    assert "<b>Meeting</b>" in as_rita.get(f"/queue/{item.pk}/").content.decode()
    as_rita.post(f"/queue/changes/{item.changes.get(verb='finish').pk}/undo/")
    assert only().undone_at is not None
    assert QueueItem.objects.get().state == "open"
