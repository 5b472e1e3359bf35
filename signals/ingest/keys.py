"""Write keys: 160 random bits, stored as a hash, shown once."""

import hashlib
import secrets
from datetime import datetime

from django.db.models import QuerySet

from plgcrm.common.cache import Remembered
from signals.models import Source, WriteKey


def digest_of(key: str) -> str:
    """What is stored in place of a write key, and what a key sent by a client is looked up by."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


_BROWSERS = Remembered[frozenset[int]](seconds=5)
_NOTED = Remembered[bool](seconds=600)  # sources whose calls came from a page


def browser_sources() -> frozenset[int]:
    """The sources whose key stands in every page; a change reaches every process within a few seconds."""
    return _BROWSERS.get(_read_browsers)


def _read_browsers() -> frozenset[int]:
    return frozenset(Source.objects.filter(kind=Source.Kind.BROWSER).values_list("pk", flat=True))


def forget_kinds() -> None:
    """An admin has changed one just now."""
    _BROWSERS.forget()


def note_origin(source_id: int, now: datetime) -> None:
    """A page has sent to this source: where an admin called it a server's, that is told to them."""
    if not _NOTED.holds(source_id):
        Source.objects.filter(pk=source_id, kind=Source.Kind.SERVER).update(origin_seen_at=now)
        _NOTED.keep(answer=True, key=source_id)


def sent_by_pages() -> QuerySet[Source]:
    """Sources called a server's that pages send to: their key is no secret."""
    return Source.objects.filter(kind=Source.Kind.SERVER, origin_seen_at__isnull=False).order_by("name")


def issue_key(source: Source) -> str:
    """A new key of this source. The only time anybody sees it whole."""
    return _store(source, f"wk_{secrets.token_hex(20)}")


def _store(source: Source, key: str) -> str:
    WriteKey.objects.create(source=source, digest=digest_of(key), hint=key[:8])
    return key


def revoke_key(key: WriteKey, now: datetime) -> None:
    """No event comes in by this key from a few seconds later on. Safe to repeat."""
    if key.revoked_at is None:
        key.revoked_at = now
        key.save(update_fields=["revoked_at"])


def ensure_source(name: str, write_key: str | None = None) -> Source:
    """The source of this name, made where missing, accepting `write_key` where one is given."""
    source, _ = Source.objects.get_or_create(name=name)
    if write_key and not WriteKey.objects.filter(digest=digest_of(write_key)).exists():
        _store(source, write_key)
    return source
