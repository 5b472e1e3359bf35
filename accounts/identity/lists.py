"""Accounts as a list describes them: made where missing, with what it says of them, and undone with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.identity import journal
from accounts.identity.batch import SQL as IDENTITY
from accounts.identity.resolve import MAX_ATTRIBUTE_KEYS
from accounts.models import Account, Assignment, Attribute
from accounts.ownership import assign
from accounts.rules.traits import Value
from plgcrm.common import advisory
from plgcrm.common.sql import execute, float8s, int4s, queries, rows, texts

SQL = queries("accounts/sql/imports.sql")
ORIGIN = Attribute.Origin.CRM


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """One row of a list: a registered domain, what it says of the company, and the owner it names."""

    domain: str
    said: Mapping[str, Value] = field(default_factory=dict)
    owner: Any = None


@transaction.atomic
def take_list(run: int, listed: Sequence[ListedAccount], *, acting_user: Any, reason: str, at: datetime) -> int:
    """Make or find each account, and keep what the list says of it; how many were made. Safe to repeat."""
    rows(IDENTITY["lock"], [advisory.IDENTITY])
    by_domain = {one.domain: one for one in listed}  # of two rows about one company the later counts
    found = rows(SQL["listed_accounts"], [texts(sorted(by_domain))])
    accounts = {domain: id_ for id_, domain, _ in found}
    made = [id_ for id_, _, is_new in found if is_new]
    journal.new_accounts(run, made)
    _keep_attributes(run, {accounts[one.domain]: one.said for one in by_domain.values()}, at)
    execute(SQL["rename_accounts"], {"accounts": int4s(sorted(accounts.values()))})
    for one in by_domain.values():
        if one.owner is not None:
            _assign(run, accounts[one.domain], one.owner, acting_user=acting_user, reason=reason, at=at)
    execute(IDENTITY["touch"], [int4s(sorted(accounts.values()))])
    return len(made)


def _keep_attributes(run: int, said: Mapping[int, Mapping[str, Value]], at: datetime) -> None:
    names = sorted({name for values in said.values() for name in values})
    if not names:
        return
    keys = {name: id_ for id_, name in rows(IDENTITY["attribute_keys"], [texts(names), MAX_ATTRIBUTE_KEYS])}
    kept = [
        (account, keys[name], value)
        for account, values in sorted(said.items())
        for name, value in sorted(values.items())
        if name in keys
    ]
    kind = int(Attribute.Subject.ACCOUNT)
    journal.before_attributes(run, [(kind, account, key, int(ORIGIN), at.date()) for account, key, _ in kept])
    params = {
        "origin": int(ORIGIN),
        "at": at,
        "subjects": int4s([account for account, _, _ in kept]),
        "keys": int4s([key for _, key, _ in kept]),
        "numbers": float8s([value.number for _, _, value in kept]),
        "texts": texts([value.text for _, _, value in kept]),
    }
    execute(SQL["set_account_attributes"], params)


def _assign(run: int, account: int, owner: Any, *, acting_user: Any, reason: str, at: datetime) -> None:
    whole = Account.objects.values_list("joined_into", flat=True).get(pk=account) or account
    before = Assignment.objects.filter(account=whole, ended_at=None).first()
    made = assign(Account.objects.get(pk=whole), owner, acting_user=acting_user, reason=reason, now=at)
    if before is None or made.pk != before.pk:
        journal.new_owner(run, whole, made.pk, before.pk if before else None)
