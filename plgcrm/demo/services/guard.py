"""What keeps the embedded services out of production."""

import ipaddress
import os
from urllib.parse import urlsplit

HOST = "127.0.0.1"
FLAG = "PLGCRM_EMBEDDED"  # set in every process that talks to an embedded service


class EmbeddedRefusedError(RuntimeError):
    """Somebody tried to put an embedded service behind a public address."""


def refuse_production() -> None:
    """Raise when this process uses embedded services and serves more than this machine."""
    if os.environ.get(FLAG) == "1":
        refuse_public_address()


def refuse_public_address() -> None:
    for host in _served_hosts():
        if not _is_loopback(host):
            raise EmbeddedRefusedError(
                f"The embedded Postgres and Valkey serve the demo and the tests only, not {host!r}. "
                "For production set DATABASE_URL and REDIS_URL: see docs/howto/run-in-production.md."
            )


def _served_hosts() -> list[str]:
    site = urlsplit(os.environ.get("SITE_URL", f"http://{HOST}")).hostname or "an address without a host"
    allowed = os.environ.get("ALLOWED_HOSTS", HOST).split(",")
    return [site, *(host.strip() for host in allowed if host.strip())]


def _is_loopback(host: str) -> bool:
    if host in {"localhost", "testserver"} or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
