"""The accounts list: filters, saved views, people found, and giving many accounts to a rep."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Account, Assignment, SavedView
from accounts.ownership import OwnershipUndoError, assign, assign_many, undo_assign_many
from accounts.saved_views import SavedViewError, delete_view, rename_view, save_view
from plgcrm.common.cache import forget_all
from tests.cast import client_of, text_of
from tests.factories import Desk, make_company, make_desk, make_item, make_person, make_score
from tests.query_counts import expected_queries

PART = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "found"}


def owned(account: Account, rep: Any) -> Assignment:
    return Assignment.objects.create(account=account, rep=rep, started_at=timezone.now() - timedelta(days=3))


def owner_of(account: Account) -> str | None:
    plays = Assignment.objects.filter(account=account, ended_at=None).first()
    return plays.rep.username if plays else None


def shown(text: str, *names: str) -> list[bool]:
    return [f">{name}</b>" in text for name in names]


# --- Filters ------------------------------------------------------------------------------------------------


@pytest.fixture
def three(desk: Desk) -> list[Account]:
    """Rita's, which is on the queue; Tom's; nobody's."""
    made = [make_company(name, now=desk.now, people=1) for name in ("Ritas", "Toms", "Free")]
    owned(made[0], desk.rita)
    owned(made[1], desk.tom)
    make_item(made[0], desk.plays["expansion"], now=desk.now, rep=desk.rita)
    return made


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("owner=me", [True, False, False]),
        ("owner=none", [False, False, True]),
        ("queue=yes", [True, False, False]),
        ("owner=me&queue=yes&tier=inside", [True, False, False]),
        ("owner=none&queue=yes", [False, False, False]),
        ("owner=nonsense", [True, True, True]),
    ],
)
def test_accounts_are_filtered(desk: Desk, three: list[Account], query: str, expected: list[bool]) -> None:
    text = text_of(client_of(desk.rita), f"/accounts/?{query}")
    assert shown(text, "Ritas", "Toms", "Free") == expected


def test_an_account_that_a_rep_has_given_away_is_theirs_no_more(desk: Desk, three: list[Account]) -> None:
    Assignment.objects.filter(account=three[0]).update(ended_at=desk.now)
    client = client_of(desk.rita)
    names = ("Ritas", "Toms", "Free")
    assert shown(text_of(client, "/accounts/?owner=me"), *names) == [False, False, False]
    assert shown(text_of(client, "/accounts/?owner=none"), *names) == [True, False, True]


@pytest.mark.parametrize("few", [0, 1000])
def test_an_account_whose_items_are_closed_is_not_on_the_queue(
    desk: Desk, three: list[Account], monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    make_item(three[1], desk.plays["expansion"], now=desk.now, rep=desk.tom, state="expired", closed_at=desk.now)
    monkeypatch.setattr("outreach.pages.account_list.FEW", few)
    text = text_of(client_of(desk.rita), "/accounts/?queue=yes")
    assert shown(text, "Ritas", "Toms", "Free") == [True, False, False]


def test_the_list_shows_accounts_by_their_own_score_in_the_model(desk: Desk, three: list[Account]) -> None:
    make_score(three[0], 95, now=desk.now, kind="eqa")
    text = text_of(client_of(desk.rita), "/accounts/?model=eqa")
    assert shown(text, "Ritas", "Toms", "Free") == [True, False, False]


def test_a_manager_filters_by_any_rep(desk: Desk, three: list[Account]) -> None:
    text = text_of(client_of(desk.mona), f"/accounts/?owner={desk.tom.pk}")
    assert shown(text, "Ritas", "Toms", "Free") == [False, True, False]


def test_many_on_the_queue_are_found_in_the_order_of_points(
    desk: Desk, three: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outreach.pages.account_list.FEW", 0)
    text = text_of(client_of(desk.rita), "/accounts/?queue=yes")
    assert shown(text, "Ritas", "Toms", "Free") == [True, False, False]


def test_filters_stay_on_the_next_page(desk: Desk) -> None:
    for number in range(32):
        owned(make_company(f"Company {number:02}", now=desk.now, points=50, people=0), desk.rita)
    text = text_of(client_of(desk.rita), "/accounts/?owner=me")
    assert 'href="?owner=me&amp;after=50_' in text


def test_people_are_found_with_their_account(desk: Desk) -> None:
    company = make_company("Keplinger", now=desk.now)
    vega = make_person(company, "Marisol Vega", "vega@kep.example")
    for search in ("marisol", "vega@k", "Vega"):
        text = text_of(client_of(desk.rita), f"/accounts/?q={search}", **PART)
        assert f'href="/people/{vega.pk}/">Marisol Vega</a>' in text


def test_who_was_merged_is_not_found_twice(desk: Desk) -> None:
    company = make_company("Keplinger", now=desk.now)
    vega = make_person(company, "Marisol Vega", "vega@kep.example")
    part = make_person(company, "Marisol Vega", "")
    part.merged_into = vega
    part.save()
    assert text_of(client_of(desk.rita), "/accounts/?q=marisol").count("Marisol Vega</a>") == 1


def test_search_as_one_types_asks_no_more_than_it_shows(desk: Desk) -> None:
    make_company("Acme", now=desk.now)
    client = client_of(desk.rita)
    forget_all()
    with expected_queries("accounts search part"):
        client.get("/accounts/?q=acme", **PART)  # type: ignore[arg-type]


# --- Saved views --------------------------------------------------------------------------------------------


def test_filters_are_saved_renamed_and_deleted(desk: Desk) -> None:
    client = client_of(desk.rita)
    client.post("/accounts/views/", {"name": "Mine", "query": "owner=me&queue=yes&evil=1"})
    view = SavedView.objects.get()
    assert (view.user, view.query, view.shared) == (desk.rita, "owner=me&queue=yes", False)
    assert 'aria-current="true">Mine' in text_of(client, f"/accounts/?{view.query}")
    client.post(f"/accounts/views/{view.pk}/rename/", {"name": "My list", "query": view.query})
    assert SavedView.objects.get().name == "My list"
    client.post(f"/accounts/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()


def test_saving_again_writes_over_the_old_filters(desk: Desk) -> None:
    for query in ("owner=me", "owner=none"):
        save_view("Mine", query, shared=False, acting_user=desk.rita)
    assert SavedView.objects.get().query == "owner=none"


def test_a_view_of_ones_own_is_nobody_elses(desk: Desk) -> None:
    view = save_view("Secret", "owner=me", shared=False, acting_user=desk.rita)
    client = client_of(desk.tom)
    assert "Secret" not in text_of(client, "/accounts/")
    assert client.post(f"/accounts/views/{view.pk}/delete/").status_code == 404
    assert client.post(f"/accounts/views/{view.pk}/rename/", {"name": "Taken"}).status_code == 404
    assert SavedView.objects.get().name == "Secret"


def test_shared_views_are_seen_by_all_and_changed_by_those_who_lead(desk: Desk) -> None:
    view = save_view("Waiting for a rep", "owner=none", shared=True, acting_user=desk.mona)
    assert "Waiting for a rep" in text_of(client_of(desk.rita), "/accounts/")
    with pytest.raises(SavedViewError):
        rename_view(view, "Mine now", acting_user=desk.rita)
    with pytest.raises(SavedViewError):
        delete_view(view, acting_user=desk.rita)
    with pytest.raises(SavedViewError):
        save_view("Another", "owner=none", shared=True, acting_user=desk.rita)
    delete_view(view, acting_user=desk.ada)
    assert not SavedView.objects.exists()


def test_two_views_cannot_be_told_apart_by_nothing(desk: Desk) -> None:
    first = save_view("One", "owner=me", shared=False, acting_user=desk.rita)
    save_view("Two", "owner=none", shared=False, acting_user=desk.rita)
    with pytest.raises(SavedViewError, match="There is already a view called “Two”"):
        rename_view(first, "Two", acting_user=desk.rita)


def test_who_only_reads_saves_nothing(desk: Desk) -> None:
    response = client_of(desk.rolf).post("/accounts/views/", {"name": "X", "query": "owner=none"})
    assert (response.status_code, SavedView.objects.count()) == (403, 0)


@pytest.mark.parametrize("name", ["", "x" * 61])
def test_a_view_needs_a_name(desk: Desk, name: str) -> None:
    client_of(desk.rita).post("/accounts/views/", {"name": name, "query": "owner=me"})
    assert not SavedView.objects.exists()


# --- Giving accounts to a rep -------------------------------------------------------------------------------


def test_a_manager_sees_who_gets_what_before_anything_changes(desk: Desk, three: list[Account]) -> None:
    chosen = {"account": [each.pk for each in three], "rep": desk.tom.pk}
    response = client_of(desk.mona).post("/accounts/assign/preview/", chosen)
    text = response.content.decode()
    assert "Assign 2 accounts to" in text
    assert "1 account already belongs to them" in text
    assert f'value="{three[0].pk}:{desk.rita.pk}"' in text
    assert [owner_of(each) for each in three] == ["rita", "tom", None]


def test_many_are_assigned_at_once_and_undone(desk: Desk, three: list[Account]) -> None:
    before = list(Assignment.objects.order_by("pk").values())
    client = client_of(desk.mona)
    chosen = {"account": [f"{three[0].pk}:{desk.rita.pk}", f"{three[2].pk}:0"], "rep": desk.tom.pk, "query": "owner=me"}
    response = client.post("/accounts/assign/", chosen)
    assert response["Location"] == "/accounts/?owner=me"
    assert [owner_of(each) for each in three] == ["tom", "tom", "tom"]
    page = text_of(client, "/accounts/")
    assert "2 accounts assigned to Tom." in page
    client.post(undo_in(page))
    assert list(Assignment.objects.order_by("pk").values()) == before


def undo_in(page: str) -> str:
    return next(part.partition('"')[0] for part in page.split('action="') if "/undo/" in part.partition('"')[0])


def test_an_account_that_was_taken_meanwhile_is_left_alone_and_named(desk: Desk, three: list[Account]) -> None:
    ritas, toms, free = three
    assign(free, desk.olga, acting_user=desk.ada, reason="", now=desk.now)
    given = assign_many(
        {ritas.pk: desk.rita.pk, free.pk: None, toms.pk: desk.tom.pk},
        desk.tom,
        acting_user=desk.mona,
        reason="",
        now=timezone.now(),
    )
    assert given.done == ["Ritas"]
    assert given.skipped == ["Toms was already theirs.", "Free has gone to Olga since."]
    assert [owner_of(each) for each in three] == ["tom", "tom", "olga"]


def test_undo_is_for_ten_seconds_and_for_ones_own(desk: Desk, three: list[Account]) -> None:
    now = timezone.now()
    given = assign_many({three[2].pk: None}, desk.tom, acting_user=desk.mona, reason="", now=now)
    with pytest.raises(OwnershipUndoError, match="10 seconds"):
        undo_assign_many(given.batch, acting_user=desk.mona, now=now + timedelta(seconds=11))
    with pytest.raises(OwnershipUndoError, match="nothing left to undo"):
        undo_assign_many(given.batch, acting_user=desk.ada, now=now)
    assert owner_of(three[2]) == "tom"


def test_undo_leaves_what_was_assigned_again(desk: Desk, three: list[Account]) -> None:
    now = timezone.now()
    seen: dict[int, int | None] = {three[0].pk: desk.rita.pk, three[2].pk: None}
    given = assign_many(seen, desk.tom, acting_user=desk.mona, reason="", now=now)
    assign(three[2], desk.olga, acting_user=desk.ada, reason="", now=now + timedelta(seconds=1))
    assert undo_assign_many(given.batch, acting_user=desk.mona, now=now + timedelta(seconds=2)) == 1
    assert [owner_of(each) for each in three] == ["rita", "tom", "olga"]


@pytest.mark.parametrize("who", ["rita", "rolf"])
def test_reps_and_readers_assign_nothing(desk: Desk, three: list[Account], who: str) -> None:
    client = client_of(getattr(desk, who))
    chosen = {"account": [f"{three[2].pk}:0"], "rep": desk.rita.pk}
    for address in ("/accounts/assign/preview/", "/accounts/assign/", "/accounts/assign/1/undo/"):
        assert client.post(address, chosen).status_code == 403
    assert owner_of(three[2]) is None
    assert 'id="assign"' not in text_of(client, "/accounts/")


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"account": ["x"]},
        {"account": ["1:2:3"]},
        {"account": ["9" * 40]},
        {"account": ["1"], "rep": "x"},
    ],
)
def test_nonsense_is_refused_in_words(desk: Desk, chosen: dict[str, Any]) -> None:
    client = client_of(desk.mona)
    assert client.post("/accounts/assign/", chosen).status_code == 302
    assert 'class="notice error"' in text_of(client, "/accounts/")
    assert not Assignment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_batches_at_once_give_each_account_one_owner() -> None:
    now = timezone.now()
    desk = make_desk(now)
    made = [make_company(f"Company {number}", now=now, people=0, points=None) for number in range(12)]
    together, given = Barrier(2), []

    def run(rep: Any) -> None:
        together.wait()
        given.append(
            assign_many({each.pk: None for each in made}, rep, acting_user=desk.mona, reason="", now=timezone.now())
        )
        connection.close()

    threads = [Thread(target=run, args=[rep]) for rep in (desk.rita, desk.tom)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(each.done) for each in given) == [0, 12]
    assert Assignment.objects.filter(ended_at=None).count() == 12
