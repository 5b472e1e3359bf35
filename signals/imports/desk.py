"""What imports ask of those who work here. The wiring connects it: signals imports nothing of outreach."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet


def _nobody() -> QuerySet[User]:
    return User.objects.none()


def _none(accounts: Collection[int]) -> set[int]:
    return set()


@dataclass(slots=True)
class _Desk:
    owners: Callable[[], QuerySet[User]] = _nobody
    worked: Callable[[Collection[int]], set[int]] = _none


_desk = _Desk()


def connect(*, owners: Callable[[], QuerySet[User]], worked: Callable[[Collection[int]], set[int]]) -> None:
    """Say who may own an account, and on which of some accounts somebody has worked."""
    _desk.owners, _desk.worked = owners, worked


def owners_by_name() -> dict[str, Any]:
    """Who may own an account, by user name and by email address in lower case."""
    found: dict[str, Any] = {}
    for user in _desk.owners():
        found |= {name.lower(): user for name in (user.email, user.get_username()) if name}
    return found


def worked_on(accounts: Collection[int]) -> set[int]:
    """The accounts that somebody has worked on: they stay when the import that brought them is undone."""
    return _desk.worked(accounts) if accounts else set()
