"""How much of the usage became known on a later day than it happened: kept beside it, to read it as it was known."""

from collections import Counter

from plgcrm.common.sql import dates, execute, int4s, queries

SQL = queries("signals/sql/late_usage.sql")
AT_ONCE = 10_000  # rows a statement

LateKey = tuple[int, int, int, int]  # actor, day since 1970, definition, the later day on which it became known


def add_late_usage(late: Counter[LateKey]) -> None:
    """Add to what is kept. In the caller's transaction, in which the events are counted too."""
    _each_part(SQL["add_late"], late)


def take_late_usage(late: Counter[LateKey]) -> None:
    """Take away what was added before, of events that are gone."""
    for name in ("lock_late", "drop_late", "lower_late"):
        _each_part(SQL[name], late)


def _each_part(statement: str, late: Counter[LateKey]) -> None:
    # Sorted, as usage is: two writers never wait for each other in a circle.
    keys = sorted(late)
    for start in range(0, len(keys), AT_ONCE):
        part = keys[start : start + AT_ONCE]
        params = {
            "actors": int4s([key[0] for key in part]),
            "days": dates([key[1] for key in part]),
            "definitions": int4s([key[2] for key in part]),
            "known": dates([key[3] for key in part]),
            "counts": int4s([late[key] for key in part]),
        }
        execute(statement, params)
