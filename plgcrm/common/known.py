"""The second clock: on which day something became known, and reading the database as it was known on a day.

Rows that change keep what they were (`accounts_actorbefore` and its like, written by triggers), and the views of the
schema `as_known` put together of both what stood on a day. docs/adr/0008-reading-as-known.md says why it is done so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

from django.db import transaction
from django.utils import timezone

from plgcrm.common.sql import rows

NEVER_KNOWN = date.min  # for what is taken back: it leaves no trace of what it was
_SCHEMA = "as_known"


def day_known(moment: datetime | None = None) -> date:
    """The day on which what arrives at this moment becomes known (None: now). Nothing else cuts days of knowing."""
    return (moment or timezone.now()).astimezone(UTC).date()


def learning_on(day: date) -> None:
    """What this transaction changes from here on became known on this day; unsaid, it is today by Postgres' clock."""
    rows("SELECT set_config('plgcrm.known_day', %s, true)", [day.isoformat()])


@contextmanager
def as_known_on(day: date) -> Iterator[None]:
    """Read everything as it was known at the end of this day. Nothing may be written meanwhile."""
    with transaction.atomic():
        [(path,)] = rows("SELECT current_setting('search_path')")
        _look_in(f"{_SCHEMA}, {path}", day)
        try:
            yield
        finally:
            # After an error the transaction is rolled back, and the setting with it.
            if not transaction.get_rollback():
                _look_in(path, None)


def _look_in(path: str, day: date | None) -> None:
    settings = "SELECT set_config('search_path', %s, true), set_config('plgcrm.as_known', %s, true)"
    rows(settings, [path, day.isoformat() if day else ""])
