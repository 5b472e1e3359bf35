"""The people of the sample company's desk, as users with a role, a team and a password."""

from collections.abc import Callable, Iterator

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import PBKDF2PasswordHasher, identify_hasher
from django.contrib.auth.models import Group, User
from rest_framework.authtoken.models import Token

from outreach.models import Rep, Team
from plgcrm.demo.people import DOMAINS, USUAL_COMPANY, StaffMember, staff_of


def ensure_staff(password_of: Callable[[str], str], api_token: str, *, company: str = USUAL_COMPANY) -> None:
    """Everybody is there, with their role, team and password; safe to call at every start."""
    teams = _teams()
    for colleague in staff_of(company):
        user = _ensure_user(colleague, password_of(colleague.username), DOMAINS[company])
        if colleague.role == "rep":
            Rep.objects.get_or_create(user=user, defaults={"team": next(teams), "time_zone": colleague.time_zone})
        if colleague.role == "admin":
            _ensure_token(user, api_token)


def _teams() -> Iterator[Team]:
    """In turn, so that each shipped team has somebody."""
    if not Team.objects.exists():
        Team.objects.create(slug="sales", name="Sales")
    while True:
        yield from Team.objects.order_by("pk")


def _ensure_user(colleague: StaffMember, password: str, domain: str) -> User:
    user, _ = get_user_model().objects.update_or_create(
        username=colleague.username,
        defaults={
            "first_name": colleague.first_name,
            "last_name": colleague.last_name,
            "email": f"{colleague.username}@{domain}",
            "is_staff": colleague.role == "admin",
            "is_superuser": colleague.role == "admin",
            "is_active": True,
        },
    )
    user.groups.set([Group.objects.get_or_create(name=colleague.role)[0]])
    _ensure_password(user, password)
    return user


def _ensure_password(user: User, password: str) -> None:
    """Few rounds suffice for a long random password; Django adds the rest at the first log-in."""
    if user.password and identify_hasher(user.password).verify(password, user.password):
        return
    hasher = PBKDF2PasswordHasher()
    user.password = hasher.encode(password, hasher.salt(), iterations=10_000)
    user.save(update_fields=["password"])


def _ensure_token(user: User, key: str) -> None:
    if not Token.objects.filter(user=user, key=key).exists():
        Token.objects.filter(user=user).delete()
        Token.objects.create(user=user, key=key)
