"""The page of one person."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Attribute, AttributeKey, Identity, Person
from outreach.models import Touch
from signals.models import Score
from tests.accounts.test_account_page import happens, person_of
from tests.cast import client_of, play_part, text_of
from tests.factories import Desk, make_company, make_person, make_score


@pytest.fixture
def acme(desk: Desk) -> Account:
    return make_company("Acme", now=desk.now, points=80)


def test_a_person_says_who_where_and_why(desk: Desk, as_rita: Client, acme: Account) -> None:
    person = person_of(acme)
    Identity.objects.create(source_id=1, kind=Identity.Kind.USER, value="usr_77", person=person)
    text = text_of(as_rita, f"/people/{person.pk}/")
    for words in ("Person 0 of Acme", "usr_77", "champion", "Most active person there, on 20 of the last 30 days."):
        assert words in text
    assert f'href="/accounts/{acme.pk}/"' in text


def test_a_person_is_known_by_the_ids_of_all_rows_that_were_merged(as_rita: Client, acme: Account) -> None:
    person = person_of(acme)
    part = Person.objects.create(name="As it came in", merged_into=person)
    for row, value in ((person, "usr_77"), (part, "usr_78")):
        Identity.objects.create(source_id=1, kind=Identity.Kind.USER, value=value, person=row)
    text = text_of(as_rita, f"/people/{person.pk}/")
    assert ("usr_77" in text, "usr_78" in text) == (True, True)


@pytest.mark.parametrize(
    ("title", "part", "why"),
    [
        ("VP Sales", "possible buyer", "Likely decision-maker, by title: VP Sales."),
        ("Engineer", "user", "Not active in the last 30 days."),
    ],
)
def test_the_part_says_its_reason(as_rita: Client, acme: Account, title: str, part: str, why: str) -> None:
    person = make_person(acme, "Vera", "vera@acme.example", title=title)
    text = text_of(as_rita, f"/people/{person.pk}/")
    assert (f">{part}</span>" in text, why in text) == (True, True)


def test_who_was_merged_is_found_under_the_whole_person(as_rita: Client, acme: Account) -> None:
    whole = person_of(acme)
    part = Person.objects.create(name="As it came in", merged_into=whole)
    response = as_rita.get(f"/people/{part.pk}/")
    assert (response.status_code, response["Location"]) == (302, f"/people/{whole.pk}/")


def test_who_is_excluded_says_by_what(as_rita: Client, acme: Account) -> None:
    robot = make_person(acme, "Robot", "robot@ci.example")
    Person.objects.filter(pk=robot.pk).update(excluded_by="*@ci.*")
    assert 'Excluded by “<span dir="auto">*@ci.*</span>”' in text_of(as_rita, f"/people/{robot.pk}/")


def test_a_score_of_a_person_opens_to_their_events(desk: Desk, as_rita: Client, acme: Account) -> None:
    person = person_of(acme)
    score = make_score(make_company("Other", now=desk.now, points=None), 40, now=desk.now)
    Score.objects.filter(pk=score.pk).update(account=None, person=person)
    text = text_of(as_rita, f"/people/{person.pk}/")
    assert "40 points" in text
    assert f"/accounts/{acme.pk}/evidence/?measure=count%3Areached-first-value%3A90d&amp;person={person.pk}" in text


def test_the_timeline_is_theirs_alone(desk: Desk, as_rita: Client, acme: Account) -> None:
    one, other = person_of(acme, 0), person_of(acme, 1)
    happens(one, "hit-limit", days=2, count=7)
    happens(other, "hit-limit", days=2, count=8)
    Touch.objects.create(account=acme, person=one, user=desk.tom, channel="call", subject="For them", at=desk.now)
    Touch.objects.create(account=acme, person=other, user=desk.tom, channel="call", subject="Not them", at=desk.now)
    text = text_of(as_rita, f"/people/{one.pk}/", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="timeline")
    assert [words in text for words in ("× 7", "× 8", "For them", "Not them")] == [True, False, True, False]


def test_usage_is_theirs_alone(as_rita: Client, acme: Account) -> None:
    happens(person_of(acme, 0), "hit-limit", days=2, count=7)
    happens(person_of(acme, 1), "hit-limit", days=2, count=8)
    text = text_of(as_rita, f"/people/{person_of(acme, 0).pk}/")
    assert "7 times on 1 day, 7 a day at most." in text


def test_attributes_say_their_source_and_age(as_rita: Client, acme: Account) -> None:
    person, now = person_of(acme), timezone.now()
    key, _ = AttributeKey.objects.get_or_create(name="department")
    for origin, text in ((1, "Sales"), (3, "Finance")):
        Attribute.objects.create(
            subject_kind=1, subject_id=person.pk, key=key, origin=origin, day=now.date(), at=now, text=text
        )
    text = text_of(as_rita, f"/people/{person.pk}/")
    assert "by hand, today" in text
    assert "product says Sales, today" in text


def test_a_person_without_account_or_anything_breaks_nothing(as_rita: Client) -> None:
    person = Person.objects.create(email="someone@free.example", email_kind="free")
    text = text_of(as_rita, f"/people/{person.pk}/")
    assert "none: a free email address says nothing about the company" in text
    assert "Nothing in the last 90 days." in text


def test_hostile_names_are_text(as_rita: Client, acme: Account) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    person = make_person(acme, hostile, "x@acme.example", title=hostile)
    for address in (f"/people/{person.pk}/", f"/accounts/{acme.pk}/"):
        assert "<img" not in text_of(as_rita, address)


def test_who_has_no_role_sees_no_person(desk: Desk, acme: Account) -> None:
    nobody = client_of(play_part("nick"))
    assert nobody.get(f"/people/{person_of(acme).pk}/").status_code == 403
    assert client_of(desk.rolf).get(f"/people/{person_of(acme).pk}/").status_code == 200
    assert client_of(desk.rita).get("/people/999999999/").status_code == 404
