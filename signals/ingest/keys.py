"""Write keys: 160 random bits, stored as a hash, shown once."""

import hashlib
import secrets
from datetime import datetime

from signals.models import Source, WriteKey


def digest_of(key: str) -> str:
    """What is stored in place of a write key, and what a key sent by a client is looked up by."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


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
