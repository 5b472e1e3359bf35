"""Text that somebody typed, and the value it stands for. What does not fit stays text: the parser names it."""

import csv
import re
from typing import Any

NUMBER = re.compile(r"-?(0|[1-9]\d*|[1-9]\d{0,2}(,\d{3})+)(\.\d+)?")


def number(text: str) -> float | int | str:
    """`7`, `1,000`, `0.5` and `90 %` as numbers; anything else as it was typed."""
    bare = text.strip()
    share = bare.endswith("%")
    digits = bare.removesuffix("%").strip() if share else bare
    if not NUMBER.fullmatch(digits):
        return bare
    value = float(digits.replace(",", ""))
    return _whole(round(value / 100, 12) if share else value)


def _whole(value: float) -> float | int:
    return int(value) if value.is_integer() else value


def words(text: str) -> list[str]:
    """Values between commas; a value with a comma in it stands in double quotes."""
    rows = list(csv.reader([text.replace("\n", " ")], skipinitialspace=True))
    return [word.strip() for word in rows[0] if word.strip()] if rows else []


def shown(value: Any, *, share: bool = False) -> str:
    """The text that reads back as `value`."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(_quoted(shown(part, share=share)) for part in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value * 100:.10g} %" if share else f"{value:.15g}"
    return str(value)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text
