"""Who is in the tests, and how they come to a page: one cast for all of them."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import Group, User
from django.test import Client
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from outreach.models import Rep, Team

PASSWORD = "a long enough password"


@dataclass(frozen=True, slots=True)
class Part:
    role: str | None
    team: str | None = None
    zone: str = "UTC"


CAST = {
    "rita": Part("rep", "sales", "Europe/Berlin"),  # the accounts and items are hers
    "tom": Part("rep", "sales"),  # her teammate
    "olga": Part("rep", "customer-success"),  # of another team
    "mona": Part("manager"),
    "ada": Part("admin"),
    "rolf": Part("read-only"),
    "nick": Part(None),  # may log in and nothing else
}


def play_part(name: str) -> User:
    """One of the cast, made once."""
    part, known = CAST[name], User.objects.filter(username=name).first()
    rep = {"time_zone": part.zone} if part.team else {}
    return known or make_user(name, part.role, part.team, **rep)


def make_user(name: str, role: str | None = None, team: str | None = None, **rep: Any) -> User:
    """Anybody else; with a team, a rep of it."""
    email = f"{name}@boards.example"
    user = User.objects.create(username=name, email=email, password=_hashed(), first_name=name.title())
    if role:
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    if team:
        Rep.objects.create(user=user, team=Team.objects.get(slug=team), **rep)
    return user


@cache
def _hashed() -> str:
    """One round: tests log in often, and nobody attacks them."""
    return PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1)


def client_of(user: User | None) -> Client:
    """Logged in; nobody's is a stranger's."""
    client = Client()
    if user:
        client.force_login(user)
    return client


def api_client_of(user: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {Token.objects.get_or_create(user=user)[0].key}")
    return client


def text_of(client: Client, address: str, **headers: Any) -> str:
    """The page, which must be there."""
    response = client.get(address, **headers)
    assert response.status_code == 200
    return response.content.decode()
