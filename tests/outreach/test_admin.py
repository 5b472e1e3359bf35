"""Plays and the people who work here, in the admin."""

import re
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from accounts.access import role
from accounts.models import Account
from outreach.models import Play, Rep, Team
from signals.models import Trigger


def play_data(play: Play, **values: Any) -> dict[str, Any]:
    names = ("name", "goal", "position", "guards", "cool_down_days", "persona", "sla_minutes")
    data = {name: getattr(play, name) for name in (*names, "prior_rate", "why_now_lines")}
    data |= {"team": play.team_id, "trigger": play.trigger_id or "", "active": "on"}
    return {name: value for name, value in (data | values).items() if value is not None}


def play_page(client: Client, play: Play, data: dict[str, Any]) -> str:
    return client.post(f"/admin/outreach/play/{play.pk}/change/", data).content.decode()


def test_every_shipped_play_saves_as_it_is(admin: Client, shipped: None) -> None:
    plays = list(Play.objects.all())
    assert len(plays) == 6
    for play in plays:
        data = play_data(play, on_hand_raise="on" if play.on_hand_raise else None)
        assert play_page(admin, play, data | {"confirmed": "1"}) == ""
        stored = Play.objects.get(pk=play.pk)
        assert play_data(stored) | {"why_now_lines": ""} == play_data(play) | {"why_now_lines": ""}
        assert (stored.why_now_lines, stored.slug) == (play.why_now_lines.strip(), play.slug)


def test_a_play_needs_one_thing_that_fires_it(admin: Client, shipped: None) -> None:
    play = Play.objects.exclude(trigger=None).first()
    assert play is not None
    assert "Choose what fires it" in play_page(admin, play, play_data(play, trigger=""))
    assert "has no trigger" in play_page(admin, play, play_data(play, on_hand_raise="on"))


def test_a_fact_that_does_not_exist_is_refused_by_name(admin: Client, shipped: None) -> None:
    play = Play.objects.exclude(trigger=None).first()
    assert play is not None
    page = play_page(admin, play, play_data(play, why_now_lines="{{ phase_of_moon }} today."))
    assert "phase_of_moon" in page
    assert play.why_now_lines == Play.objects.get(pk=play.pk).why_now_lines


def test_a_play_says_by_name_whom_it_would_fire_for(admin: Client, shipped: None) -> None:
    Account.objects.create(name="Elm & Sons", domain="elm.com")
    play = Play.objects.exclude(trigger=None).order_by("pk")[0]
    Trigger.objects.filter(pk=play.trigger_id).update(rule={"measure": {"kind": "workspaces"}, "op": ">=", "value": 1})
    data = {"trigger": play.trigger_id, "would:do": "who false 1"}
    page = admin.post("/admin/outreach/play/would-fire/", data).content.decode()
    assert "it would fire today for 0 accounts" in page
    assert 'Elm &amp; Sons</a> <span class="saw">0 workspaces (needs at least 1)' in page


def test_a_play_says_for_how_many_it_would_fire_today(admin: Client, shipped: None) -> None:
    play = Play.objects.exclude(trigger=None).first()
    assert play is not None
    page = admin.post("/admin/outreach/play/would-fire/", {"trigger": play.trigger_id}).content.decode()
    assert "it would fire today for 0 accounts" in page
    page = admin.post("/admin/outreach/play/would-fire/", {"on_hand_raise": "on"}).content.decode()
    assert "0 requests in the last 7 days" in page


def person_data(**values: Any) -> dict[str, Any]:
    team = Team.objects.get_or_create(slug="sales", defaults={"name": "Sales"})[0]
    data = {"name": "Mia van Dam", "email": "Mia@Boards.example", "role": "rep", "is_active": "on", "team": team.pk}
    return data | {"capacity": "12", "time_zone": "Europe/Berlin", "taking_items": "on"} | values


def test_a_rep_is_added_with_a_password_that_works_once_shown(admin: Client, db: None) -> None:
    page = admin.post("/admin/auth/user/add/", person_data()).content.decode()
    password = re.findall(r'class="secret" data-copy><code>([^<]+)<', page)[0]
    mia = User.objects.get(email="mia@boards.example")
    assert (mia.get_full_name(), role(mia), mia.check_password(password)) == ("Mia van Dam", "rep", True)
    rep = Rep.objects.get(user=mia)
    assert (rep.team.slug, rep.capacity, rep.time_zone) == ("sales", 12, "Europe/Berlin")


def test_a_rep_without_a_team_is_refused(admin: Client, db: None) -> None:
    assert "A rep needs a team." in admin.post("/admin/auth/user/add/", person_data(team="")).content.decode()
    assert User.objects.count() == 1


def test_an_address_belongs_to_one_person(admin: Client, db: None) -> None:
    page = admin.post("/admin/auth/user/add/", person_data(email="ADA@boards.example")).content.decode()
    assert "Another user already has this address." in page
    assert User.objects.count() == 1


def test_a_role_is_changed_and_the_former_one_goes(admin: Client, db: None) -> None:
    admin.post("/admin/auth/user/add/", person_data())
    mia = User.objects.get(email="mia@boards.example")
    admin.post(f"/admin/auth/user/{mia.pk}/change/", person_data(role="read-only", team=""))
    assert list(User.objects.get(pk=mia.pk).groups.values_list("name", flat=True)) == ["read-only"]
    assert not Rep.objects.exists()


def test_the_last_admin_stays(admin: Client, db: None) -> None:
    me = User.objects.get()
    page = admin.post(f"/admin/auth/user/{me.pk}/change/", person_data(email=me.email, role="rep")).content.decode()
    assert "This is the last admin" in page
    assert role(User.objects.get()) == "admin"


def test_a_new_password_replaces_the_former_one(admin: Client, db: None) -> None:
    admin.post("/admin/auth/user/add/", person_data())
    mia = User.objects.get(email="mia@boards.example")
    former = mia.password
    assert admin.get(f"/admin/auth/user/{mia.pk}/new-password/").status_code == 302
    admin.post(f"/admin/auth/user/{mia.pk}/new-password/")
    mia.refresh_from_db()
    assert mia.password != former


def test_nobody_is_deleted(admin: Client, db: None) -> None:
    assert admin.post(f"/admin/auth/user/{User.objects.get().pk}/delete/", {"post": "yes"}).status_code == 403
