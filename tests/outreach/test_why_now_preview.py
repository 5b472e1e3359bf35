"""The lines of a play read for real accounts, saved or not."""

from typing import Any

from django.test import Client

from signals.models import Moment
from tests.factories import Desk, make_company, make_item, make_person


def sentences(client: Client, lines: str, **asked: Any) -> str:
    return client.post("/admin/outreach/play/sentences/", {"why_now_lines": lines} | asked).content.decode()


def test_the_lines_are_read_for_the_next_items_of_the_play(admin: Client, desk: Desk) -> None:
    company = make_company("Halvorsen", now=desk.now, people=9)
    make_item(company, desk.plays["expansion"], now=desk.now, rep=desk.rita)
    lines = '{{ tickets_7 }} tickets.\n{{ people_active_30 | counted: "person", "people" }} active.'
    page = sentences(admin, lines, object=desk.plays["expansion"].pk)
    assert "Halvorsen" in page
    assert '<strong dir="auto">9 people active.</strong> (line 2)' in page
    assert "Line 1 passed over: tickets_7 is unknown." in page


def test_the_lines_are_read_for_an_account_that_is_searched_for(admin: Client, desk: Desk) -> None:
    make_company("Halvorsen", now=desk.now, people=9)
    make_company("Tarn <b>", now=desk.now, people=4)
    page = sentences(admin, "{{ people_active_30 }} active.", try_on="Tarn")
    assert "Tarn &lt;b&gt;" in page
    assert "4 active." in page
    assert "Halvorsen" not in page
    assert "No such account" in sentences(admin, "Fine.", try_on="nobody here")
    assert "no line is true for it" in sentences(admin, "{{ tickets_7 }}.", try_on="Tarn")


def test_what_cannot_be_read_is_said_in_the_preview(admin: Client, shipped: None) -> None:
    assert "Line 1: there is no variable “phase_of_moon”." in sentences(admin, "{{ phase_of_moon }}")
    assert "Enter at least one line." in sentences(admin, " ")
    assert "No account has been measured yet." in sentences(admin, "Fine.")


def test_a_request_is_read_with_its_words(admin: Client, desk: Desk) -> None:
    play = desk.plays["hand-raisers"]
    company = make_company("Halvorsen", now=desk.now)
    item = make_item(company, play, now=desk.now, rep=desk.rita, person=make_person(company, "Ada Lane"))
    Moment.objects.filter(pk=item.decision.moment_id).update(facts={"text": "SSO?"})
    page = sentences(admin, "{{ person.name }} wrote “{{ words }}”.", object=play.pk, on_hand_raise="on")
    assert "Ada Lane wrote “SSO?”." in page
    assert "no line is true for it" in sentences(admin, "{{ person.name }} wrote.", object=play.pk)
