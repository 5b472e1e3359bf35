"""Whether anything was written: exact counters after each request, and a checksum of every row."""

from urllib.parse import urlsplit

from django.db import connection
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

from plgcrm.common.sql import rows
from tests.access.table import IN, NO, NONE, OK, WAY

COUNTED = "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_xact_user_tables"
REFUSED = {401: IN, 403: NO, 404: NONE, 405: WAY, 415: WAY}


def rows_written() -> int:
    """Rows that this transaction has inserted, changed or deleted so far, rolled back or not."""
    return int(rows(COUNTED)[0][0])


def checksum() -> str:
    """Of every row of every table: whatever is written without our noticing changes it."""
    tables = sorted(connection.introspection.table_names())
    each = " UNION ALL ".join(
        f"SELECT '{name}', hashtextextended(t::text, 0)::numeric FROM \"{name}\" t" for name in tables
    )
    return str(rows(f"SELECT count(*) || ' ' || sum(h) FROM ({each}) AS all_rows (name, h)")[0][0])


def verdict(client: Client, response: HttpResponseBase, doors: dict[str, str]) -> str:
    """What an answer means to whoever asked. Where the admin sends somebody to its own door, they are followed
    there; `doors` remembers where that ended for this client."""
    to = urlsplit(response.headers.get("Location", "")).path
    if to == reverse("account_login"):
        return IN
    if to in (reverse("admin:login"), reverse("admin:index")):
        if to not in doors:
            doors[to] = verdict(client, client.get(to), doors)
        return doors[to]
    assert response.status_code < 500, f"{response.status_code}: {text_of(response)}"
    return REFUSED.get(response.status_code, OK)


def text_of(response: HttpResponseBase) -> str:
    return response.content.decode(errors="replace")[:300] if isinstance(response, HttpResponse) else ""
