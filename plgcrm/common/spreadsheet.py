"""CSV that a spreadsheet opens as text and numbers, never as a formula."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

# What begins a formula somewhere, also in its full-width form, and what a program may skip before it.
_BEGINS = frozenset("=+-@|%＝＋－＠｜％")
_BREAKS = re.compile(r"[\r\n\t\v\f\x00-\x1f\x7f\x85\u2028\u2029]+")


def safe_cell(value: Any) -> str | int | float | Decimal:
    """Numbers as they are; text on one line, with an apostrophe before what a spreadsheet could run."""
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    text = value.isoformat() if isinstance(value, date) else _BREAKS.sub(" ", str(value))
    return f"'{text}" if _first_letter(text) in _BEGINS else text


def _first_letter(text: str) -> str:
    """Past blanks, and past what is not seen at all."""
    return next((each for each in text if not each.isspace() and unicodedata.category(each) not in ("Cf", "Cc")), "")


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A download. With a byte order mark, by which spreadsheets know that it is UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([safe_cell(cell) for cell in header])
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response
