"""Saved views of the accounts list. One's own are one's own; shared ones belong to those who lead."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from accounts.access import leads, may_change
from accounts.models import SavedView

MOST = 40  # of one person


class SavedViewError(Exception):
    """It cannot be done; the message says why in words for the person who tried."""


def views_of(user: Any) -> QuerySet[SavedView]:
    """Those a person may use: the shared ones, then their own."""
    return SavedView.objects.filter(Q(shared=True) | Q(user=user))


def may_share(user: Any) -> bool:
    """Whether somebody makes and changes the views that everybody sees."""
    return leads(user)


def may_edit(view: SavedView, user: Any) -> bool:
    """Whether somebody renames or deletes this view: their own, or a shared one where they may share."""
    return may_share(user) if view.shared else view.user_id == user.pk and may_change(user)


@transaction.atomic
def save_view(name: str, query: str, *, shared: bool, acting_user: Any) -> SavedView:
    """Keep filters under a name; over those that stood under it before."""
    if shared and not may_share(acting_user):
        raise SavedViewError("Only managers and admins can share views.")
    current = SavedView.objects.select_for_update().filter(name=name, shared=shared)
    view = (current if shared else current.filter(user=acting_user)).first()
    if view is None:
        if SavedView.objects.filter(user=acting_user).count() >= MOST:
            raise SavedViewError(f"You already have {MOST} views: delete one first.")
        return _written(SavedView(name=name, query=query, shared=shared, user=acting_user))
    view.query = query
    return _written(view)


@transaction.atomic
def rename_view(view: SavedView, name: str, *, acting_user: Any) -> SavedView:
    """Give the view another name. Raises SavedViewError where they may not, or where the name is taken."""
    view = _editable(view, acting_user)
    view.name = name
    return _written(view)


@transaction.atomic
def delete_view(view: SavedView, *, acting_user: Any) -> None:
    """Remove the view. Raises SavedViewError where they may not."""
    _editable(view, acting_user).delete()


def _editable(view: SavedView, user: Any) -> SavedView:
    """The row, ours until the end of the transaction."""
    row = SavedView.objects.select_for_update().get(pk=view.pk)
    if not may_edit(row, user):
        raise SavedViewError("Only managers and admins can change shared views.")
    return row


def _written(view: SavedView) -> SavedView:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        # saved_view_own_name, saved_view_shared_name
        raise SavedViewError(f"There is already a view called “{view.name}”.") from error
    return view
