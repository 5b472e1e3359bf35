"""API tokens: one a person, issued and revoked by an admin, shown whole once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from rest_framework.authtoken.models import Token

from accounts.access import display_name, role

SHOWN = 6  # signs of a token that tell it from another and open nothing


@dataclass(frozen=True, slots=True)
class TokenRow:
    user_id: int
    name: str
    role: str  # "" where the API refuses it
    begins: str
    created: datetime


def token_rows() -> Sequence[TokenRow]:
    """The API tokens, newest first, each by its beginning only."""
    tokens = Token.objects.select_related("user").prefetch_related("user__groups").order_by("-created")
    return [
        TokenRow(
            token.user_id,
            display_name(token.user),
            role(token.user) or "",
            token.key[:SHOWN],
            token.created,
        )
        for token in tokens
    ]


def people_without_token() -> Sequence[User]:
    """Who may call the API and has nothing to call it with."""
    people = User.objects.filter(is_active=True, auth_token=None).prefetch_related("groups")
    return [user for user in people.order_by("first_name", "last_name", "username") if role(user)]


@transaction.atomic
def issue_token(user: User) -> str:
    """A new token in place of the former one, which is refused from now on."""
    Token.objects.filter(user=user).delete()
    return str(Token.objects.create(user=user).key)


def revoke_token(user: User) -> bool:
    """Nothing is let in by it from now on. Safe to repeat."""
    gone, _ = Token.objects.filter(user=user).delete()
    return bool(gone)
