"""How many requests a browser's key may raise: it stands in every page, so anybody can call in anybody's name.

What is beyond the limit is stored like any other event; only its moment waits for a manager's word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import AddressValueError, IPv6Address, ip_address, ip_network

from django.conf import settings

from plgcrm.common import advisory
from plgcrm.common.sql import execute, queries, records, texts
from signals.ingest.keys import browser_sources
from signals.models import BrowserRequest

SQL = queries("signals/sql/flood.sql")
WINDOW = timedelta(hours=1)
KEPT = timedelta(days=1)  # an address says who somebody is
ONE_HOUSE = 64  # bits: whoever has one IPv6 address has all that begin like it


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a call over HTTP, as far as a limit needs to know."""

    key: int
    address: str | None
    at: datetime


def address_of(connection: str, forwarded: str, *, proxies: int) -> str | None:
    """The address that the outermost of our own proxies saw; what stands before it anybody may have written."""
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    seen = hops[-proxies] if 0 < proxies <= len(hops) else connection
    return _as_counted(seen)


def _as_counted(text: str) -> str | None:
    try:
        address = ip_address(_without_port(text))
    except (ValueError, AddressValueError):
        return None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ip_network((int(address), ONE_HOUSE), strict=False).network_address)
    return str(address)


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text.partition("%")[0]


def too_many(source_id: int, caller: Caller | None, wanted: int) -> int:
    """How many of so many new requests are beyond what this key and address may raise in an hour; notes the others.

    Runs in the transaction that stores them, so that what is rolled back was never counted.
    """
    if caller is None or not wanted or source_id not in browser_sources():
        return 0
    # Without the lock first: a flood must not make everybody's requests wait for one another.
    if _room(caller) <= 0:
        return wanted
    execute("SELECT pg_advisory_xact_lock(%s)", [advisory.REQUESTS])
    passed = min(wanted, max(_room(caller), 0))
    BrowserRequest.objects.bulk_create(
        [BrowserRequest(key_id=caller.key, address=caller.address, at=caller.at) for _ in range(passed)]
    )
    return wanted - passed


def _room(caller: Caller) -> int:
    params = {"key": caller.key, "address": caller.address, "since": caller.at - WINDOW}
    [counted] = records(SQL["let_through"], params)
    room = int(settings.BROWSER_REQUESTS_PER_HOUR) - int(counted["by_key"])
    if caller.address is None:
        return room
    return min(room, int(settings.BROWSER_REQUESTS_PER_ADDRESS) - int(counted["by_address"]))


def hold(caller: Caller, kind: str, causes: Sequence[str]) -> None:
    """Mark the moments of these causes as held, for a manager to release."""
    execute(SQL["hold"], {"key": caller.key, "at": caller.at, "kind": kind, "causes": texts(causes)})


def forget_callers(now: datetime) -> int:
    """Delete the addresses of a day ago; how many requests they raised."""
    return BrowserRequest.objects.filter(at__lt=now - KEPT).delete()[0]
