"""Dates and times as clients send them: ISO 8601 and what passes for it, dates of mail, counts since 1970."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before it, a date is a client's zero
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
LONGEST = 100  # characters of a text that may be a date
# How a sign-up day is usually called; a meaning that an admin gave to a name goes before them.
SIGN_UP_NAMES = [
    "created_at", "created", "created_on", "created_date", "createdat", "creation_date", "date_created",
    "signed_up_at", "signed_up_on", "signed_up", "signup_date", "sign_up_date", "signup_at", "signupdate",
    "registered_at", "registered_on", "registration_date", "date_joined", "joined_at", "member_since", "customer_since",
]  # fmt: skip
MOST_SECONDS = 10**11  # a larger count that fits no unit is no date
_SCALES = (1, 1_000, 1_000_000, 1_000_000_000)
_LOW, _HIGH = EARLIEST.timestamp(), LATEST.timestamp()

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:E[+-]?[0-9]{1,2})?", re.IGNORECASE)
_DOT_NET = re.compile(r"\\?/DATE\((-?[0-9]+)(?:[+-][0-9]{4})?\)\\?/", re.IGNORECASE)
_PACKED = re.compile(r"([0-9]{8})([0-9]{6})")
# A day, a time of day, and whatever says UTC or how far from it.
_PARTS = re.compile(
    r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})[T ,]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?:[.,]([0-9]+))?"
    r"\s*([AP]M)?(?:\s*([+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2})(?: [A-Z]{2,5}(?: M=.*)?)?)?"
    r"\s*(?:(?:Z|UTC|GMT)(?:\+00:?00)?)?(?:\[[\w/+-]+\])?"
)
_JAVASCRIPT = re.compile(r"[A-Z]{3} ([A-Z]{3}) ([0-9]{1,2}) ([0-9]{4}) ([0-9:]{8}) (?:GMT|UTC)?([+-][0-9]{4})?.*")
# The reader of mail dates is patient: without this it takes nearly anything for a date.
_MAIL = re.compile(r"(?:[A-Z]{3,9},? )?(?:[0-9]{1,2}[ -][A-Z]{3}|[A-Z]{3} )")
_NAMED_MONTH = re.compile(r"([A-Z]{3})[A-Z]* ([0-9]{1,2}),? ([0-9]{4}),? ([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)( [AP]M)?")


def read_moment(text: str, number: float | None = None) -> datetime | None:
    """The time that a trait's value says, in UTC; None where it says none, or one that cannot be meant."""
    found = _of_number(number) if number is not None else _of_text(text)
    return found if found is not None and EARLIEST <= found < LATEST else None


def moment_in(value: Any) -> datetime | None:
    """The time that a value of JSON says, in UTC, be it possible or not; None where it cannot be read."""
    if type(value) is str:
        return _of_text(value)
    if isinstance(value, Mapping):
        return _of_object(value)
    return _of_number(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _of_number(number: float) -> datetime | None:
    """Seconds, milliseconds, microseconds or nanoseconds since 1970, whichever it can be."""
    try:
        scale = next((scale for scale in _SCALES if _LOW <= number / scale < _HIGH), None)
        if scale is None and abs(number) >= MOST_SECONDS:
            return None
        return datetime.fromtimestamp(number / (scale or 1), UTC)
    except (OverflowError, ValueError, OSError):  # hundreds of digits, or not a number
        return None


def _of_object(value: Mapping[str, Any]) -> datetime | None:
    """As databases export them: {"$date": ...}, {"_seconds": 1767267000, "_nanoseconds": 0}."""
    inner = next((value[key] for key in ("$date", "$numberLong", "_seconds", "seconds") if key in value), None)
    return None if inner is None or inner is value else moment_in(inner)


def _of_text(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return _of_odd_text(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else _in_utc(found)


def _in_utc(found: datetime) -> datetime | None:
    try:
        return found if found.tzinfo is UTC else found.astimezone(UTC)
    except OverflowError:  # the last hours of the year 9999
        return None


def _of_odd_text(text: str) -> datetime | None:
    """What is not ISO 8601 to the letter. No zone means UTC, and days never stand before months: nothing is guessed."""
    plain = " ".join(text[: LONGEST + 1].strip(" \t\r\n\"'").split()).upper().replace("−", "-")
    if not plain.isascii() or len(plain) > LONGEST:
        return None
    for read in _READERS:
        try:
            found = read(plain)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
        if found is not None:
            return found.replace(tzinfo=UTC) if found.tzinfo is None else _in_utc(found)
    return None


def _of_digits(text: str) -> datetime | None:
    if packed := _PACKED.fullmatch(text):
        return datetime.fromisoformat(f"{packed[1]}T{packed[2]}")
    if dot_net := _DOT_NET.fullmatch(text):
        return _of_number(int(dot_net[1]))
    return _of_number(float(text)) if _NUMBER.fullmatch(text) else None


def _of_iso(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _of_mail(text: str) -> datetime | None:
    return parsedate_to_datetime(text) if _MAIL.match(text) else None


def _of_parts(text: str) -> datetime | None:
    found = _PARTS.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    fraction = timedelta(microseconds=int(f"{found[7] or ''}000000"[:6]))
    if found[8]:
        hour = _of_twelve(hour, found[8])
    zone = datetime.strptime(_whole_offset(found[9]), "%z").tzinfo
    # 24:00:00 is the next midnight, and a leap second :60 the second after :59.
    over = timedelta(days=int(hour == 24 and minute == second == 0), seconds=int(second == 60))
    base = datetime(year, month, day, 0 if over.days else hour, minute, second - int(second == 60), tzinfo=zone)
    return base + over + fraction


def _whole_offset(offset: str | None) -> str:
    return (offset + "00" if len(offset) == 3 else offset) if offset else "+0000"


def _of_twelve(hour: int, half: str) -> int:
    if not 1 <= hour <= 12:
        raise ValueError
    return hour % 12 + (12 if half == "PM" else 0)


def _of_javascript(text: str) -> datetime | None:
    """Date.toString(), whose words for the zone differ by browser; its offset does not."""
    found = _JAVASCRIPT.fullmatch(text)
    if found is None:
        return None
    return datetime.strptime(
        f"{found[1]} {found[2]} {found[3]} {found[4]} {found[5] or '+0000'}", "%b %d %Y %H:%M:%S %z"
    )


def _of_named_month(text: str) -> datetime | None:
    found = _NAMED_MONTH.fullmatch(text)
    if found is None:
        return None
    clock = found[4] if found[4].count(":") == 2 else f"{found[4]}:00"
    hours = "%I:%M:%S %p" if found[5] else "%H:%M:%S"
    plain = f"{found[1]} {found[2]} {found[3]} {clock}{found[5] or ''} +0000"
    return datetime.strptime(plain, f"%b %d %Y {hours} %z")


_READERS: tuple[Callable[[str], datetime | None], ...] = (
    _of_digits,
    _of_iso,
    _of_parts,
    _of_javascript,
    _of_named_month,
    _of_mail,
)
