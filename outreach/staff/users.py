"""Adding and changing the people who work here: their role, their team, their first password."""

import secrets
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import transaction

from accounts.access import ADMIN, ROLES
from outreach.models import Rep

PASSWORD_BYTES = 15


@transaction.atomic
def save_person(user: User, values: dict[str, Any]) -> User:
    """Store what the form says: name, address, role, and a place in a team where one is given."""
    user.first_name, _, user.last_name = str(values["name"]).partition(" ")
    user.email = user.username = values["email"]
    user.is_active = values["is_active"]
    user.is_staff = values["role"] == ADMIN
    # Nobody becomes one by this form, and who stops being an admin stops being that as well.
    user.is_superuser = user.is_superuser and values["role"] == ADMIN
    if not user.pk:
        user.set_unusable_password()
    user.save()
    _give_role(user, values["role"])
    _give_place(user, values)
    return user


def _give_role(user: User, role: str) -> None:
    """Exactly one of our roles; groups that are not ours stay."""
    user.groups.remove(*Group.objects.filter(name__in=ROLES).exclude(name=role))
    user.groups.add(Group.objects.get_or_create(name=role)[0])


def _give_place(user: User, values: dict[str, Any]) -> None:
    if values.get("team") is None:
        Rep.objects.filter(user=user).delete()
        return
    place = {name: values[name] for name in ("team", "capacity", "time_zone", "taking_items")}
    Rep.objects.update_or_create(user=user, defaults=place)


def new_password(user: User) -> str:
    """A random password in place of the former one. The only time anybody sees it."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    user.set_password(password)
    user.save(update_fields=["password"])
    return password


def is_last_admin(user: User) -> bool:
    """Whether nobody else could open the admin."""
    others = User.objects.filter(is_active=True).exclude(pk=user.pk)
    return not (others.filter(groups__name=ADMIN) | others.filter(is_superuser=True)).exists()
