"""Which part a person plays in an account: champion, admin, possible buyer."""

import re
from typing import Final

_WORDS = (
    "chief|ceo|cto|cfo|coo|cio|ciso|cmo|cpo|vp|vice president|head|director|president|founder|co-founder|owner|"
    "managing|procurement|purchasing|partner"
)
BUYER_TITLES: Final = rf"\y({_WORDS})\y"  # as Postgres reads it
_BUYER = re.compile(rf"\b({_WORDS})\b", re.IGNORECASE)
_NOT_BUYER = re.compile(r"\b(assistant|partner manager|product owner)\b", re.IGNORECASE)
CHAMPION_DAYS = 8  # of 30


def may_buy(title: str) -> bool:
    """By title alone: a guess, and shown as one."""
    return bool(_BUYER.search(title)) and not _NOT_BUYER.search(title)


def part_of(*, title: str, product_role: str, days: int, most_days: int) -> str:
    """One word for a person; the rarest first."""
    if may_buy(title):
        return "possible buyer"
    if days >= CHAMPION_DAYS and days == most_days:
        return "champion"
    return "admin" if product_role.casefold() in {"admin", "owner", "administrator"} else ""
