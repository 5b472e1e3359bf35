"""What each role sees and may change, asked of the access functions themselves; tests/access asks every address."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from accounts.access import AnyUser, ask_to_log_in, may_change, open_to, remember_role, role, sees_all
from outreach import access
from outreach.access import Scope, Viewer, viewer_of
from outreach.models import Outcome, QueueItem, Rep
from outreach.queue.actions import claim_item, finish_item, snooze_item
from outreach.queue.list import QueueFilters, arrived, listed_items, opened_item
from tests.cast import make_user, play_part
from tests.factories import Desk, make_company, make_item, make_person
from tests.query_counts import counted_queries

ROLES = {"rita": "rep", "mona": "manager", "ada": "admin", "rolf": "read-only", "nobody": None}


def fresh(user: User) -> User:
    """As the next request reads the user: nothing remembered."""
    return User.objects.get(pk=user.pk)


@pytest.fixture
def cast(desk: Desk) -> dict[str, User]:
    nobody = play_part("nick")
    return {"rita": desk.rita, "mona": desk.mona, "ada": desk.ada, "rolf": desk.rolf, "nobody": nobody}


# --- Roles ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ROLES)
def test_the_role_is_the_group(cast: dict[str, User], name: str) -> None:
    user = fresh(cast[name])
    assert (role(user), viewer_of(user).role) == (ROLES[name], ROLES[name])


def test_who_may_change_and_who_sees_all(cast: dict[str, User]) -> None:
    changing = [name for name, user in cast.items() if may_change(fresh(user))]
    seeing = [name for name, user in cast.items() if sees_all(fresh(user))]
    assert changing == ["rita", "mona", "ada"]
    assert seeing == ["mona", "ada", "rolf"]
    viewers = {name: viewer_of(fresh(user)) for name, user in cast.items()}
    assert [name for name, one in viewers.items() if one.may_change] == changing
    assert [name for name, one in viewers.items() if one.sees_all] == seeing
    assert [name for name, one in viewers.items() if one.leads] == ["mona", "ada"]
    assert [name for name, one in viewers.items() if one.is_admin] == ["ada"]


def test_of_several_groups_the_one_that_may_most_counts(desk: Desk) -> None:
    for group in ("read-only", "rep", "manager"):
        desk.tom.groups.add(Group.objects.get(name=group))
    assert (role(fresh(desk.tom)), viewer_of(fresh(desk.tom)).role) == ("manager", "manager")


def test_a_superuser_is_an_admin_whatever_the_groups(desk: Desk) -> None:
    User.objects.filter(pk=desk.rita.pk).update(is_superuser=True)
    user = fresh(desk.rita)
    assert (role(user), viewer_of(user).role) == ("admin", "admin")


def test_who_was_switched_off_may_nothing(desk: Desk) -> None:
    User.objects.filter(pk=desk.ada.pk).update(is_active=False, is_superuser=True)
    assert (role(fresh(desk.ada)), viewer_of(fresh(desk.ada))) == (None, Viewer(0, "", None))
    assert (role(AnonymousUser()), viewer_of(AnonymousUser())) == (None, Viewer(0, "", None))


def test_a_role_is_read_once_a_request(desk: Desk) -> None:
    user, other = fresh(desk.rita), fresh(desk.tom)
    remember_role(other, "manager")
    with counted_queries() as asked:
        assert [role(user), role(user), role(other)] == ["rep", "rep", "manager"]
    assert len(asked) == 1


def test_the_viewer_is_read_once_with_team_zone_and_capacity(desk: Desk) -> None:
    Rep.objects.filter(user=desk.rita).update(capacity=7)
    user = fresh(desk.rita)
    with counted_queries() as asked:
        found, role_of = viewer_of(user), role(user)
    assert len(asked) == 1
    team = Rep.objects.get(user=user).team_id
    assert found == Viewer(user.pk, "Rita", "rep", team, "Europe/Berlin", 7, is_rep=True)
    assert (viewer_of(user) is found, role_of) == (True, "rep")


def test_who_works_no_queue_has_no_team_and_sees_utc(desk: Desk) -> None:
    User.objects.filter(pk=desk.mona.pk).update(first_name="")
    assert viewer_of(fresh(desk.mona)) == Viewer(desk.mona.pk, "mona", "manager", None, "UTC", 0, is_rep=False)


# --- Doors ------------------------------------------------------------------------------------------------


def asked(user: AnyUser, path: str = "/queue/?play=x", *, method: str = "GET", current: str = "") -> HttpRequest:
    headers = {"HX-Request": "true", "HX-Current-URL": current} if current else {}
    request = RequestFactory().generic(method, path, headers=headers)
    request.user = user
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    return request


def test_a_stranger_logs_in_first_and_comes_back_to_what_was_asked() -> None:
    answer = ask_to_log_in(asked(AnonymousUser()))
    assert (answer.status_code, answer["Location"]) == (302, "/session/login/?next=/queue/%3Fplay%3Dx")
    assert ask_to_log_in(asked(AnonymousUser(), method="POST"))["Location"] == "/session/login/?next=/"


def test_htmx_sends_the_whole_page_to_the_log_in_and_back_to_itself() -> None:
    answer = ask_to_log_in(asked(AnonymousUser(), current="http://testserver/queue/7/"))
    assert answer["HX-Redirect"] == "/session/login/?next=/queue/7/"
    answer = ask_to_log_in(asked(AnonymousUser(), current="http://elsewhere.example/queue/7/"))
    assert answer["HX-Redirect"] == "/session/login/?next=/"


def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Says what it was called with."""
    zone = timezone.get_current_timezone_name()
    return HttpResponse(f"{request.path} {[one for one in args if not isinstance(one, Viewer)]} {kwargs} {zone}")


DOORS: dict[str, tuple[Callable[..., Any], list[str]]] = {
    "open_to": (open_to("manager", "admin"), ["mona", "ada"]),
    "desk": (access.desk, ["rita", "mona", "ada", "rolf"]),
    "desk_change": (access.desk_change, ["rita", "mona", "ada"]),
    "managers_page": (access.managers_page, ["mona", "ada", "rolf"]),
    "managers_change": (access.managers_change, ["mona", "ada"]),
}


@pytest.mark.parametrize("door", DOORS)
def test_each_door_opens_to_these_alone(cast: dict[str, User], door: str) -> None:
    guard, expected = DOORS[door]
    view, inside = guard(page), []
    for name, user in cast.items():
        try:
            assert view(asked(fresh(user)), 7, kind="x").content.decode().startswith("/queue/ [7] {'kind': 'x'}")
            inside.append(name)
        except PermissionDenied:
            pass
    assert inside == expected
    assert view.__name__ == "page"
    assert view(asked(AnonymousUser()))["Location"].startswith("/session/login/")


def test_a_page_of_the_desk_is_in_the_viewers_time_zone(desk: Desk) -> None:
    assert access.desk(page)(asked(fresh(desk.rita))).content.endswith(b"Europe/Berlin")
    for unknown in ("Mars/Olympus", "../etc"):
        Rep.objects.filter(user=desk.rita).update(time_zone=unknown)
        assert access.desk(page)(asked(fresh(desk.rita))).content.endswith(b"UTC")


def test_a_reader_is_told_that_reading_is_all_their_role_may(desk: Desk, items: dict[str, QueueItem]) -> None:
    client = Client()
    client.force_login(desk.rolf)
    refused = client.post(f"/queue/{items['free'].pk}/claim/")
    assert (refused.status_code, "You have read-only access" in refused.content.decode()) == (403, True)


def test_a_page_gets_the_viewer(desk: Desk) -> None:
    seen: list[Viewer] = []

    def view(request: HttpRequest, viewer: Viewer) -> HttpResponse:
        seen.append(viewer)
        return HttpResponse()

    for guard in (access.desk, access.desk_change, access.managers_page, access.managers_change):
        guard(view)(asked(fresh(desk.mona)))
    assert seen == [viewer_of(fresh(desk.mona))] * 4


# --- Rows -------------------------------------------------------------------------------------------------


@pytest.fixture
def items(desk: Desk) -> dict[str, QueueItem]:
    """Rita's; Tom's; nobody's of the team's play; nobody's of another team's."""
    plays, who = desk.plays, {"ritas": desk.rita, "toms": desk.tom, "free": None, "others": None}
    slugs = {"others": "expansion"}
    return {
        name: make_item(
            make_company(name, now=desk.now, people=0), plays[slugs.get(name, "hand-raisers")], now=desk.now, rep=rep
        )
        for name, rep in who.items()
    }


def names_of(user: User, items: dict[str, QueueItem]) -> list[str]:
    seen = set(access.visible_items(viewer_of(fresh(user))).values_list("pk", flat=True))
    return [name for name, item in items.items() if item.pk in seen]


def test_a_rep_sees_own_items_and_the_unassigned_of_the_team(desk: Desk, items: dict[str, QueueItem]) -> None:
    assert names_of(desk.rita, items) == ["ritas", "free"]
    assert names_of(desk.olga, items) == ["others"]
    assert [names_of(user, items) for user in (desk.mona, desk.ada, desk.rolf)] == [list(items)] * 3


def test_a_rep_sees_what_they_hold_of_another(desk: Desk, items: dict[str, QueueItem]) -> None:
    QueueItem.objects.filter(pk=items["toms"].pk).update(state="claimed", claimed_by=desk.rita, claimed_at=desk.now)
    assert names_of(desk.rita, items) == ["ritas", "toms", "free"]


def test_a_rep_without_a_team_sees_own_items_alone(desk: Desk, items: dict[str, QueueItem]) -> None:
    Rep.objects.filter(user=desk.rita).delete()
    assert names_of(desk.rita, items) == ["ritas"]


def opened_names(user: User, items: dict[str, QueueItem]) -> list[str]:
    """Those that the queue's own SQL opens."""
    opened = []
    for name, item in items.items():
        with suppress(Http404):
            opened_item(viewer_of(fresh(user)), item.pk, today=date(2026, 3, 18))
            opened.append(name)
    return opened


def test_the_condition_in_sql_is_the_one_of_the_orm(cast: dict[str, User], desk: Desk, items: dict[str, Any]) -> None:
    everybody = [*cast.values(), desk.tom, desk.olga]
    for user in everybody:
        seen, viewer = names_of(user, items), viewer_of(fresh(user))
        assert opened_names(user, items) == seen
        if viewer.role:
            assert {row.id for row in listed_items(viewer, QueueFilters())} == {items[name].pk for name in seen}
            assert arrived(viewer, QueueFilters(), newest=0) == len(seen)
    QueueItem.objects.filter(pk=items["toms"].pk).update(state="claimed", claimed_by=desk.rita, claimed_at=desk.now)
    assert [opened_names(user, items) for user in everybody] == [names_of(user, items) for user in everybody]


def test_without_a_role_nothing_is_seen(desk: Desk, items: dict[str, QueueItem]) -> None:
    viewer = viewer_of(fresh(make_user("nick", team="sales")))
    account, person = items["free"].account, make_person(None, "Ann", "ann@x.example")
    change = claim_item(items["free"], acting_user=desk.rita, now=desk.now)
    assert not access.visible_items(viewer).exists()
    assert not access.visible_accounts(viewer).exists()
    assert not access.visible_people(viewer).exists()
    for find, row in (
        (access.visible_item, items["free"]),
        (access.visible_account, account),
        (access.visible_person, person),
        (access.visible_change, change),
    ):
        with pytest.raises(Http404):
            find(viewer, row.pk)


def test_one_row_is_found_by_its_id_or_is_not_there(desk: Desk, items: dict[str, QueueItem]) -> None:
    viewer, person = viewer_of(fresh(desk.rita)), make_person(None, "Ann", "ann@x.example")
    assert access.visible_item(viewer, items["free"].pk) == items["free"]
    assert access.visible_account(viewer, items["toms"].account_id) == items["toms"].account
    assert access.visible_person(viewer, person.pk) == person
    with pytest.raises(Http404):
        access.visible_item(viewer, items["toms"].pk)
    for find in (access.visible_item, access.visible_account, access.visible_person):
        with pytest.raises(Http404):
            find(viewer, 10**6)


def test_who_was_quicker_is_named_to_teammates_alone(desk: Desk, items: dict[str, QueueItem]) -> None:
    claim_item(items["free"], acting_user=desk.tom, now=desk.now)
    told = {user: access.taken_by(viewer_of(fresh(user)), items["free"].pk) for user in (desk.rita, desk.olga)}
    assert told == {desk.rita: "Tom", desk.olga: ""}
    assert [access.taken_by(viewer_of(fresh(user)), items["free"].pk) for user in (desk.tom, desk.mona)] == ["", ""]
    assert access.taken_by(viewer_of(fresh(desk.rita)), items["toms"].pk) == ""  # his, and not claimed
    User.objects.filter(pk=desk.tom.pk).update(first_name="")
    rita = viewer_of(fresh(desk.rita))
    with counted_queries() as asked:
        assert access.taken_by(rita, items["free"].pk) == "tom"
    assert len(asked) == 1
    finish_item(items["free"], disposition="called", acting_user=desk.tom, now=desk.now)
    assert access.taken_by(rita, items["free"].pk) == ""


def test_nobody_was_quicker_where_it_is_ones_own(desk: Desk, items: dict[str, QueueItem]) -> None:
    held = {"state": "claimed", "claimed_by": desk.tom, "claimed_at": desk.now}
    QueueItem.objects.filter(pk=items["ritas"].pk).update(**held)
    assert access.taken_by(viewer_of(fresh(desk.rita)), items["ritas"].pk) == ""
    QueueItem.objects.filter(pk=items["toms"].pk).update(**held | {"claimed_by": desk.rita})
    assert access.taken_by(viewer_of(fresh(desk.rita)), items["toms"].pk) == ""


def test_a_manager_with_a_queue_sees_the_item_instead_of_a_name(desk: Desk, items: dict[str, QueueItem]) -> None:
    Rep.objects.create(user=desk.mona, team=Rep.objects.get(user=desk.rita).team)
    claim_item(items["free"], acting_user=desk.tom, now=desk.now)
    assert access.taken_by(viewer_of(fresh(desk.mona)), items["free"].pk) == ""


def test_a_change_is_found_by_whoever_made_it(desk: Desk, items: dict[str, QueueItem]) -> None:
    until = desk.now + timedelta(days=1)
    change = snooze_item(items["ritas"], until=until, acting_user=desk.rita, now=desk.now)
    other = snooze_item(items["toms"], until=until, acting_user=desk.tom, now=desk.now)
    assert access.visible_change(viewer_of(fresh(desk.rita)), change.pk) == change
    desk.tom.groups.clear()
    for viewer, row in ((desk.rita, other), (desk.mona, change), (desk.ada, other), (desk.tom, other)):
        with pytest.raises(Http404):
            access.visible_change(viewer_of(fresh(viewer)), row.pk)


def test_an_outcome_is_changed_by_who_logged_it_and_by_who_leads(cast: dict[str, User], desk: Desk) -> None:
    account = make_company("Acme", now=desk.now, people=0)
    outcomes = {
        user: Outcome.objects.create(account=account, kind="meeting", user=user, at=desk.now, credit="By itself.")
        for user in (desk.rita, desk.tom, desk.rolf)
    }

    def may(user: User, outcome: Outcome) -> bool:
        try:
            return access.changeable_outcome(viewer_of(fresh(user)), outcome.pk) == outcome
        except Http404:
            return False

    changing = {name: [may(user, outcome) for outcome in outcomes.values()] for name, user in cast.items()}
    assert changing == {
        "rita": [True, False, False],
        "mona": [True, True, True],
        "ada": [True, True, True],
        "rolf": [False, False, False],
        "nobody": [False, False, False],
    }
    with pytest.raises(Http404):
        access.changeable_outcome(viewer_of(fresh(desk.ada)), 10**6)


def test_a_report_counts_as_much_as_the_viewer_may_see(desk: Desk) -> None:
    rita, mona = viewer_of(fresh(desk.rita)), viewer_of(fresh(desk.mona))
    assert access.report_scope(mona, rep=0, team=False) == Scope()
    assert access.report_scope(mona, rep=desk.tom.pk, team=True) == Scope(rep=desk.tom.pk)
    assert access.report_scope(rita, rep=desk.tom.pk, team=False) == Scope(rep=rita.id)
    assert access.report_scope(rita, rep=0, team=True) == Scope(team=rita.team or -1)
    Rep.objects.filter(user=desk.rita).delete()
    assert access.report_scope(viewer_of(fresh(desk.rita)), rep=0, team=True) == Scope(rep=rita.id)
