"""Which items a user sees and may change; what a role means is said in `accounts.access`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from accounts.access import (
    ADMIN,
    CHANGING,
    LEADING,
    ROLES,
    SEEING_ALL,
    AnyUser,
    View,
    ask_to_log_in,
    display_name,
    remember_role,
)
from accounts.models import Account, Person
from outreach.models import Outcome, QueueItem, QueueItemChange
from plgcrm.common.sql import queries, records

SQL = queries("outreach/sql/access.sql")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: role, team and time zone, read once a request."""

    id: int
    name: str
    role: str | None
    team: int | None = None
    zone: str = "UTC"
    capacity: int = 0
    is_rep: bool = False  # works a queue, whatever the role

    @property
    def sees_all(self) -> bool:
        return self.role in SEEING_ALL

    @property
    def may_change(self) -> bool:
        return self.role in CHANGING

    @property
    def leads(self) -> bool:
        """May assign and move the work of others."""
        return self.role in LEADING

    @property
    def is_admin(self) -> bool:
        return self.role == ADMIN


def viewer_of(user: AnyUser) -> Viewer:
    """Who looks, read once a request; a Viewer without a role for strangers and for those who were switched off."""
    if not user.is_authenticated or not user.is_active:
        return Viewer(0, "", None)
    # Kept on the user object, which lives as long as the request: a changed role counts from the next one.
    if not hasattr(user, "_viewer"):
        user._viewer = _read_viewer(user)  # type: ignore[attr-defined]
        remember_role(user, user._viewer.role)  # type: ignore[attr-defined]
    found: Viewer = user._viewer  # type: ignore[attr-defined]
    return found


def _read_viewer(user: User) -> Viewer:
    [row] = records(SQL["viewer"], {"user": user.pk})
    # The first of ROLES counts: who is in two groups has the stronger role.
    return Viewer(
        id=user.pk,
        name=display_name(user),
        role=ADMIN if user.is_superuser else next((name for name in ROLES if name in row["groups"]), None),
        team=row["team"],
        zone=row["zone"] or "UTC",
        capacity=row["capacity"] or 0,
        is_rep=row["team"] is not None,
    )


def desk(view: View) -> View:
    """A page for everybody with a role, in the viewer's time zone; the view gets the Viewer."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return ask_to_log_in(request)
        viewer = viewer_of(request.user)
        if viewer.role is None:
            raise PermissionDenied
        with timezone.override(_zone(viewer.zone)):
            return view(request, viewer, *args, **kwargs)

    return guarded


def desk_change(view: View) -> View:
    """A POST that changes something: never for those who may only read."""

    @wraps(view)
    def guarded(request: HttpRequest, viewer: Viewer, *args: Any, **kwargs: Any) -> HttpResponse:
        if not viewer.may_change:
            raise PermissionDenied("read-only")
        return view(request, viewer, *args, **kwargs)

    return desk(guarded)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    # Zones go out of the database of time zones; a page in UTC is better than none.
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def visible_items(viewer: Viewer) -> QuerySet[QueueItem]:
    """A rep: own items, those they hold, and the unassigned ones of their team. Others with a role: all."""
    if viewer.role is None:
        return QueueItem.objects.none()
    if viewer.sees_all:
        return QueueItem.objects.all()
    own = Q(rep=viewer.id) | Q(claimed_by=viewer.id)
    # Who is in no team shares no pool of unassigned items.
    if viewer.team is not None:
        own |= Q(rep=None, play__team=viewer.team)
    return QueueItem.objects.filter(own)


def visible_item(viewer: Viewer, item_id: int) -> QueueItem:
    """The item, or 404: who may not see it does not learn that it exists."""
    return _found(visible_items(viewer).filter(pk=item_id).first)


def taken_by(viewer: Viewer, item_id: int) -> str:
    """The teammate who claimed an item that the viewer saw unassigned a moment ago; "" when it is not that."""
    if viewer.sees_all or viewer.team is None:
        return ""
    # Only items of the own team, which the viewer could have seen: of others nothing is told.
    held = QueueItem.objects.filter(pk=item_id, play__team=viewer.team, state=QueueItem.State.CLAIMED)
    item = held.exclude(Q(rep=viewer.id) | Q(claimed_by=viewer.id)).select_related("claimed_by").first()
    return display_name(item.claimed_by) if item and item.claimed_by else ""


def queue_workers() -> QuerySet[User]:
    """Users who work a queue, whatever their role: those who can be given items and accounts."""
    return User.objects.filter(is_active=True, rep__isnull=False)


def visible_accounts(viewer: Viewer) -> QuerySet[Account]:
    """Everybody at the desk may look up every account: one company, one history."""
    return Account.objects.all() if viewer.role else Account.objects.none()


def visible_account(viewer: Viewer, account_id: int) -> Account:
    """The account, or what it was joined to; else 404."""
    found = _found(visible_accounts(viewer).select_related("joined_into").filter(pk=account_id).first)
    return found.joined_into or found


def _found(first: Callable[[], T | None]) -> T:
    found = first()
    if found is None:
        raise Http404
    return found


def visible_change(viewer: Viewer, change_id: int) -> QueueItemChange:
    """One's own change of an item, whoever has the item by now."""
    own = QueueItemChange.objects.filter(pk=change_id, user=viewer.id)
    return _found(own.first if viewer.role else own.none().first)


def changeable_outcome(viewer: Viewer, outcome_id: int) -> Outcome:
    """One that the viewer logged; of managers and admins any. Else 404."""
    outcomes = Outcome.objects.filter(pk=outcome_id)
    if not viewer.leads:
        outcomes = outcomes.filter(user=viewer.id) if viewer.may_change else outcomes.none()
    return _found(outcomes.first)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose numbers a report counts: everybody's, one team's or one rep's."""

    rep: int = 0
    team: int = 0


def report_scope(viewer: Viewer, *, rep: int, team: bool) -> Scope:
    """Who sees all may ask for any rep. A rep sees the own numbers, or those of the whole own team."""
    if viewer.sees_all:
        return Scope(rep=rep)
    # A rep without a team who asks for one sees the own numbers, not everybody's.
    if team and viewer.team is not None:
        return Scope(team=viewer.team)
    return Scope(rep=viewer.id)


def visible_person(viewer: Viewer, person_id: int) -> Person:
    """The row as it came in; `merged_into_id` leads to the one that stands for the whole person."""
    return _found(visible_people(viewer).filter(pk=person_id).first)


def visible_people(viewer: Viewer) -> QuerySet[Person]:
    """Everybody at the desk may look up every person, as with accounts."""
    return Person.objects.all() if viewer.role else Person.objects.none()


def managers_page(view: View) -> View:
    """A page for those who answer for others' work: managers, admins, and read-only users who may look."""

    @wraps(view)
    def guarded(request: HttpRequest, viewer: Viewer, *args: Any, **kwargs: Any) -> HttpResponse:
        if not viewer.sees_all:
            raise PermissionDenied
        return view(request, viewer, *args, **kwargs)

    return desk(guarded)


def managers_change(view: View) -> View:
    """A POST that moves others' work: managers and admins."""

    @wraps(view)
    def guarded(request: HttpRequest, viewer: Viewer, *args: Any, **kwargs: Any) -> HttpResponse:
        if not viewer.leads:
            raise PermissionDenied
        return view(request, viewer, *args, **kwargs)

    return desk(guarded)
