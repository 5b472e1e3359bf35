"""Message templates in the admin: refused with the line, read on a real account, listed with values."""

import pytest
from django.test import Client

from outreach.models import MessageTemplate, Persona, Play
from tests.cast import client_of
from tests.factories import Desk, make_company, make_item

BASE = "/admin/outreach/messagetemplate/"


def template(desk: Desk) -> MessageTemplate:
    return MessageTemplate.objects.get(play=desk.plays["expansion"], persona="champion")


def posted(desk: Desk, **values: str) -> dict[str, str]:
    row = template(desk)
    return {"play": str(row.play_id), "persona": "champion", "subject": row.subject, "body": row.body} | values


def test_every_shipped_template_saves_as_it_is(desk: Desk, as_ada: Client) -> None:
    rows = list(MessageTemplate.objects.all())
    assert len(rows) == len(Play.objects.all()) * len(Persona.values) > 0
    for row in rows:
        data = {"play": row.play_id, "persona": row.persona, "subject": row.subject, "body": row.body}
        assert as_ada.post(f"{BASE}{row.pk}/change/", data).status_code == 302
        again = MessageTemplate.objects.get(pk=row.pk)
        assert (again.subject, again.body) == (row.subject, row.body)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            "Hi\r\n{{ people_activ_30 }}",
            "Line 2: there is no variable “people_activ_30”. Did you mean people_active_30",
        ),
        ("{% for x in y %}{% endfor %}", "Line 1: there is no tag “for”"),
        ("{{ plan | shout }}", "Line 1: there is no filter “shout”"),
        ("{% if plan > 3 %}x{% endif %}", "not supported between"),
    ],
)
def test_a_mistake_is_refused_with_its_line(desk: Desk, as_ada: Client, body: str, words: str) -> None:
    row = template(desk)
    page = as_ada.post(f"{BASE}{row.pk}/change/", posted(desk, body=body)).content.decode()
    assert words in page
    assert template(desk).body == row.body


def test_the_list_says_which_texts_are_ones_own(desk: Desk, as_ada: Client) -> None:
    assert "your own" not in as_ada.get(BASE).content.decode()
    MessageTemplate.objects.filter(pk=template(desk).pk).update(body="Ours")
    assert as_ada.get(BASE).content.decode().count("your own") == 1


def test_a_text_is_read_on_the_plays_next_item_before_it_is_saved(desk: Desk, as_ada: Client) -> None:
    make_item(make_company("Halvorsen Robotics", now=desk.now), desk.plays["expansion"], now=desk.now)
    page = as_ada.post(f"{BASE}preview/", posted(desk, body="{{ people_active_30_words }} at {{ account.name }}"))
    text = page.content.decode()
    assert ">three people</a> at Halvorsen Robotics" in text
    assert "Person 0 of Halvorsen Robotics" in text


def test_a_text_is_read_on_the_account_that_is_searched_for(desk: Desk, as_ada: Client) -> None:
    make_company("Halvorsen Robotics", now=desk.now)
    make_company("Brightwater Legal", now=desk.now, people=1)
    text = as_ada.post(f"{BASE}preview/", posted(desk, try_on="brightw")).content.decode()
    assert ("Brightwater Legal" in text, "Halvorsen" in text) == (True, False)
    assert "No such account" in as_ada.post(f"{BASE}preview/", posted(desk, try_on="zzzz")).content.decode()


def test_the_preview_names_gaps_and_mistakes(desk: Desk, as_ada: Client) -> None:
    make_company("Halvorsen Robotics", now=desk.now)
    gap = as_ada.post(f"{BASE}preview/", posted(desk, body="{{ seats_words }}")).content.decode()
    assert "Missing for this account: how full the seats are" in gap
    mistake = as_ada.post(f"{BASE}preview/", posted(desk, body="{{ nope }}")).content.decode()
    assert "Line 1: there is no variable “nope”" in mistake


def test_every_variable_is_listed_with_its_value(desk: Desk, as_ada: Client) -> None:
    make_company("Halvorsen Robotics", now=desk.now)
    text = as_ada.post(f"{BASE}values/", posted(desk)).content.decode()
    assert '<td dir="auto">three people</td>' in text
    assert "limit_words" in text


def test_nonsense_breaks_no_preview(desk: Desk, as_ada: Client) -> None:
    for data in ({}, {"play": "x", "persona": "king", "try_on": "\0%_"}, {"play": "99999"}):
        assert as_ada.post(f"{BASE}preview/", data).status_code == 200
        assert as_ada.post(f"{BASE}values/", data).status_code == 200


def test_only_admins_write_templates(desk: Desk) -> None:
    for user in (desk.rita, desk.mona, desk.rolf):
        assert client_of(user).get(BASE).status_code in (302, 403)
        assert client_of(user).post(f"{BASE}preview/", {}).status_code in (302, 403)


def test_a_play_names_what_its_reps_write(desk: Desk, as_ada: Client) -> None:
    page = as_ada.get(f"/admin/outreach/play/{desk.plays['expansion'].pk}/change/").content.decode()
    assert page.count("/admin/outreach/messagetemplate/") >= 4
