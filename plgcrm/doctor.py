"""What is configured, what works, and for each thing that does not, what to do."""

import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import django
import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Min
from redis.backoff import NoBackoff
from redis.retry import Retry

from accounts.models import DirtyMark
from plgcrm.health import pending_migrations
from signals.ingest import partitions
from signals.ingest.keys import browser_sources, sent_by_pages

OLDEST_POSTGRES = 15
LATE = timedelta(minutes=1)


@dataclass(frozen=True)
class Finding:
    subject: str
    text: str
    advice: str = ""  # what to do; empty where all is well

    @property
    def fine(self) -> bool:
        return not self.advice


def examine(now: datetime) -> Iterator[Finding]:
    """Each finding as it is made. Without a database the rest of the questions make no sense."""
    yield from (versions(), secret_key(), debug(), address())
    yield broker()
    answer = database()
    yield answer
    if answer.fine:
        yield from _about_tables(now)


def _about_tables(now: datetime) -> Iterator[Finding]:
    answer = migrations()
    yield answer
    if answer.fine:
        yield from (months_ahead(now), default_partition(), scoring(now), sources())


def versions() -> Finding:
    return Finding("versions", f"Python {platform.python_version()}, Django {django.__version__}")


def secret_key() -> Finding:
    if len(settings.SECRET_KEY) >= 32 and not settings.SECRET_KEY.startswith("insecure"):
        return Finding("secret key", "set")
    return Finding("secret key", "missing, short or the development one", "Set SECRET_KEY to 50 random characters.")


def debug() -> Finding:
    if not settings.DEBUG:
        return Finding("debug", "off")
    return Finding("debug", "on: errors show secrets to everybody", "Unset DEBUG, unless this is your own machine.")


def address() -> Finding:
    site = urlsplit(settings.SITE_URL)
    if site.hostname not in settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS:
        return Finding("address", settings.SITE_URL, f"Add {site.hostname} to ALLOWED_HOSTS.")
    if site.scheme == "https" and not settings.SESSION_COOKIE_SECURE:
        return Finding("address", settings.SITE_URL, "Set HTTPS=on, so that cookies travel encrypted only.")
    return Finding("address", settings.SITE_URL)


def broker() -> Finding:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=3, retry=Retry(NoBackoff(), 0)) as client:
            server = client.info("server")
    except redis.RedisError as error:
        return Finding("redis", f"no answer: {error}", "Start Redis or Valkey, or correct REDIS_URL.")
    version = server.get("valkey_version") or server["redis_version"]
    return Finding("redis", f"{server.get('server_name', 'redis')} {version} at {_place(settings.REDIS_URL)}")


def _place(url: str) -> str:
    """Without the password."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}"


def database() -> Finding:
    place = "{HOST}:{PORT}/{NAME}".format(**settings.DATABASES["default"])
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        return Finding("postgres", f"no answer at {place}: {error}", "Start Postgres, or correct DATABASE_URL.")
    major = connection.cursor().connection.info.server_version // 10_000
    advice = "" if major >= OLDEST_POSTGRES else f"Use Postgres {OLDEST_POSTGRES} or newer."
    return Finding("postgres", f"version {major} at {place}", advice)


def migrations() -> Finding:
    pending = pending_migrations()
    if not pending:
        return Finding("migrations", "all applied")
    return Finding("migrations", f"{len(pending)} pending, first {pending[0]}", "Run: manage.py migrate")


def months_ahead(now: datetime) -> Finding:
    ahead = [month for month in partitions.months() if month > partitions.month_of(now)]
    text = f"events have a partition for each of the next {len(ahead)} months"
    advice = "" if ahead else "Run beat and a worker: upkeep creates them."
    return Finding("partitions", text, advice)


def default_partition() -> Finding:
    count = partitions.default_rows()
    advice = "Upkeep moves them when it makes their month; check that beat and a worker are running." if count else ""
    return Finding("default partition", f"{count} events" if count else "empty", advice)


def scoring(now: datetime) -> Finding:
    oldest = DirtyMark.objects.aggregate(oldest=Min("at"))["oldest"]
    if oldest is None:
        return Finding("scoring", "nothing is waiting")
    advice = "Check that beat and a worker are running, and read the worker's log." if now - oldest > LATE else ""
    return Finding("scoring", f"the oldest change has waited {(now - oldest).total_seconds():.0f} s", advice)


def sources() -> Finding:
    open_keys = [source.name for source in sent_by_pages()]
    browsers = len(browser_sources())
    if not open_keys:
        return Finding("sources", f"{browsers} of browsers, and no page sends with a server's key")
    advice = "Make it a browser source in the admin, and give your server a source of its own."
    return Finding("sources", f"pages send with the key of {', '.join(open_keys)}, which is a server's", advice)


def report(say: Callable[[str], None]) -> bool:
    """Say each finding; whether all is well."""
    everything_fine = True
    for finding in examine(datetime.now(UTC)):
        say(f"{'ok ' if finding.fine else 'BAD'}  {finding.subject:<18} {finding.text}")
        if not finding.fine:
            say(f"     {'':<18} -> {finding.advice}")
            everything_fine = False
    return everything_fine
