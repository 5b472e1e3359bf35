"""Who sees, makes and changes saved views, and how many there may be."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import SavedView
from accounts.saved_views import (
    MOST,
    SavedViewError,
    delete_view,
    may_edit,
    may_share,
    rename_view,
    save_view,
    views_of,
)
from tests.factories import Desk


def names(desk: Desk, who: str) -> list[str]:
    return [view.name for view in views_of(getattr(desk, who))]


def test_one_sees_the_shared_views_and_ones_own(desk: Desk) -> None:
    save_view("Team", "owner=none", shared=True, acting_user=desk.mona)
    save_view("Mine", "owner=me", shared=False, acting_user=desk.rita)
    save_view("His", "owner=me", shared=False, acting_user=desk.tom)
    assert (names(desk, "rita"), names(desk, "tom"), names(desk, "ada")) == (
        ["Team", "Mine"],
        ["Team", "His"],
        ["Team"],
    )


def test_managers_and_admins_share_and_readers_and_reps_do_not(desk: Desk) -> None:
    assert [may_share(user) for user in (desk.mona, desk.ada, desk.rita, desk.rolf)] == [True, True, False, False]


def test_ones_own_is_edited_by_oneself_and_what_is_shared_by_those_who_lead(desk: Desk) -> None:
    own = save_view("Mine", "owner=me", shared=False, acting_user=desk.rita)
    shared = save_view("Team", "owner=none", shared=True, acting_user=desk.mona)
    readers = SavedView.objects.create(name="Old", query="", user=desk.rolf)
    everybody = (desk.rita, desk.tom, desk.mona, desk.ada, desk.rolf)
    assert [may_edit(own, user) for user in everybody] == [True, False, False, False, False]
    assert [may_edit(shared, user) for user in everybody] == [False, False, True, True, False]
    assert not may_edit(readers, desk.rolf)


def test_a_shared_view_is_written_over_whoever_made_it(desk: Desk) -> None:
    save_view("Team", "owner=none", shared=True, acting_user=desk.mona)
    save_view("Team", "owner=me", shared=True, acting_user=desk.ada)
    view = SavedView.objects.get()
    assert (view.query, view.user, view.shared) == ("owner=me", desk.mona, True)


def test_ones_own_view_and_a_shared_one_may_have_the_same_name(desk: Desk) -> None:
    shared = save_view("Same", "owner=none", shared=True, acting_user=desk.mona)
    own = save_view("Same", "owner=me", shared=False, acting_user=desk.mona)
    toms = save_view("Same", "queue=yes", shared=False, acting_user=desk.tom)
    assert [(view.pk, view.query) for view in SavedView.objects.order_by("pk")] == [
        (shared.pk, "owner=none"), (own.pk, "owner=me"), (toms.pk, "queue=yes"),
    ]  # fmt: skip


def test_one_person_has_forty_views_and_may_still_write_over_one(desk: Desk) -> None:
    for number in range(MOST):
        save_view(f"View {number}", "owner=me", shared=False, acting_user=desk.rita)
    with pytest.raises(SavedViewError, match=r"^You already have 40 views: delete one first\.$"):
        save_view("One more", "owner=me", shared=False, acting_user=desk.rita)
    assert save_view("View 7", "owner=none", shared=False, acting_user=desk.rita).query == "owner=none"
    assert save_view("His", "owner=me", shared=False, acting_user=desk.tom).pk


def test_refusals_say_why_and_change_nothing(desk: Desk) -> None:
    view = save_view("Team", "owner=none", shared=True, acting_user=desk.mona)
    with pytest.raises(SavedViewError, match=r"^Only managers and admins can share views\.$"):
        save_view("Team", "owner=me", shared=True, acting_user=desk.rita)
    changed = r"^Only managers and admins can change shared views\.$"
    with pytest.raises(SavedViewError, match=changed):
        rename_view(view, "Mine", acting_user=desk.rita)
    with pytest.raises(SavedViewError, match=changed):
        delete_view(view, acting_user=desk.rita)
    save_view("Other", "owner=me", shared=True, acting_user=desk.mona)
    with pytest.raises(SavedViewError, match=r"^There is already a view called “Other”\.$"):
        rename_view(view, "Other", acting_user=desk.mona)
    assert [(one.name, one.query) for one in SavedView.objects.all()] == [("Other", "owner=me"), ("Team", "owner=none")]


def test_renaming_gives_the_row_and_deleting_removes_that_row_alone(desk: Desk) -> None:
    view = save_view("One", "owner=me", shared=False, acting_user=desk.rita)
    other = save_view("Two", "owner=me", shared=False, acting_user=desk.rita)
    with CaptureQueriesContext(connection) as asked:
        renamed = rename_view(view, "First", acting_user=desk.rita)
    assert (renamed, renamed.name) == (view, "First")
    assert any("FOR UPDATE" in query["sql"] for query in asked.captured_queries)
    delete_view(view, acting_user=desk.rita)
    assert SavedView.objects.get() == other
