"""The people who work at the sample company's desk."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password
from django.contrib.auth.models import Group, User
from rest_framework.authtoken.models import Token

from outreach.models import Rep, Team

DOMAIN = "boards.example"
ROLES = ("rep", "manager", "admin")


@dataclass(frozen=True)
class Colleague:
    username: str
    first_name: str
    last_name: str
    role: str
    time_zone: str = "UTC"


STAFF = (
    Colleague("mara", "Mara", "Lindqvist", "rep", "Europe/Stockholm"),
    Colleague("tomas", "Tomás", "Ibarra", "rep", "Europe/Madrid"),
    Colleague("priya", "Priya", "Raman", "rep", "Asia/Kolkata"),
    Colleague("jonas", "Jonas", "Weber", "rep", "Europe/Berlin"),
    Colleague("aisha", "Aisha", "Bello", "rep", "Europe/London"),
    Colleague("wen", "Wen", "Zhao", "rep", "America/New_York"),
    Colleague("helen", "Helen", "Okafor", "manager", "Europe/London"),
    Colleague("admin", "Ruth", "Castell", "admin"),
)


def shown_logins() -> dict[str, str]:
    """The user name that the demo prints for each role: the first who has it."""
    return {colleague.role: colleague.username for colleague in reversed(STAFF)}


def ensure_staff(password_of: Callable[[str], str], api_token: str) -> None:
    """Everybody is there, with their role, team and password; safe to call at every start."""
    teams = _teams()
    for colleague in STAFF:
        user = _ensure_user(colleague, password_of(colleague.username))
        if colleague.role == "rep":
            Rep.objects.get_or_create(user=user, defaults={"team": next(teams), "time_zone": colleague.time_zone})
        if colleague.role == "admin":
            _ensure_token(user, api_token)
    manager = get_user_model().objects.get(username=shown_logins()["manager"])
    Team.objects.filter(manager=None).update(manager=manager)


def _teams() -> Iterator[Team]:
    """In turn, so that each shipped team has somebody."""
    if not Team.objects.exists():
        Team.objects.create(slug="sales", name="Sales")
    while True:
        yield from Team.objects.order_by("pk")


def _ensure_user(colleague: Colleague, password: str) -> User:
    user, _ = get_user_model().objects.update_or_create(
        username=colleague.username,
        defaults={
            "first_name": colleague.first_name,
            "last_name": colleague.last_name,
            "email": f"{colleague.username}@{DOMAIN}",
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
    if check_password(password, user.password):
        return
    hasher = PBKDF2PasswordHasher()
    user.password = hasher.encode(password, hasher.salt(), iterations=10_000)
    user.save(update_fields=["password"])


def _ensure_token(user: User, key: str) -> None:
    if not Token.objects.filter(user=user, key=key).exists():
        Token.objects.filter(user=user).delete()
        Token.objects.create(user=user, key=key)
