"""What people call an account: goes before what workspaces and lists say of its name."""

import json
from datetime import datetime
from typing import Any

from accounts.identity.batch import SQL as IDENTITY
from accounts.identity.resolve import MAX_ATTRIBUTE_KEYS
from accounts.models import Account
from plgcrm.common.sql import execute, int4s, queries, rows, scalar, texts

SQL = queries("accounts/sql/corrections.sql")
LISTS = queries("accounts/sql/imports.sql")
NAME = "company_name"


def call_by_hand(account_id: int, name: str, now: datetime) -> dict[str, Any]:
    """Call it so, "" as it would be called without us; what to keep for undo. Runs under advisory.IDENTITY."""
    was = Account.objects.values_list("name", flat=True).get(pk=account_id)
    before = scalar(SQL["drop_names"], {"account": account_id})
    if name:
        rows(IDENTITY["attribute_keys"], [texts([NAME]), MAX_ATTRIBUTE_KEYS])
        execute(SQL["say_name"], {"account": account_id, "name": name, "at": now})
    _rename(account_id)
    return {"set": name, "before": before, "was": was}


def put_name_back(account_id: int, kept: dict[str, Any]) -> None:
    """As it was called before, unless somebody has called it something else since."""
    current = scalar(SQL["drop_names"], {"account": account_id})
    others = current and current[-1]["text"] != kept["set"]
    execute(SQL["put_names"], {"rows": json.dumps(current if others else kept["before"])})
    _rename(account_id)
    if not others and not kept["before"]:
        Account.objects.filter(pk=account_id, workspaces=None).update(name=kept["was"])  # nothing else says a name


def _rename(account_id: int) -> None:
    execute(LISTS["rename_accounts"], {"accounts": int4s([account_id])})
