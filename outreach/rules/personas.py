"""The part somebody plays in their company: buyer, champion, admin or user; and why we say so.

The account page, the person page, the choice of a recipient and the persona of a message all read it here.
"""

import re
from dataclasses import dataclass
from typing import Final

USER: Final = "user"
CHAMPION: Final = "champion"
ADMIN: Final = "admin"
BUYER: Final = "buyer"

ACTIVE_DAYS = 30
CHAMPION_DAYS = 8  # of those

# By title, from who signs to who prepares the signature. A product owner owns a backlog, not a budget.
_SENIORITY = (
    (4, re.compile(r"\b(c[efimopt]o|ciso|chief|(co-?)?founder|(?<!product )owner|(?<!vice )president)\b", re.I)),
    (3, re.compile(r"\b([se]?vp|vice president)\b", re.I)),
    (2, re.compile(r"\b(head|director|procurement|purchasing)\b", re.I)),
)


@dataclass(frozen=True, slots=True)
class PartPlayed:
    """`persona` is one of the four above."""

    persona: str
    reason: str

    @property
    def label(self) -> str:
        return "possible buyer" if self.persona == BUYER else self.persona


def seniority(title: str) -> int:
    """0 for a user, 2 to 4 for who may buy."""
    return next((rank for rank, pattern in _SENIORITY if pattern.search(title)), 0)


def part_played(title: str, *, is_admin: bool, days: int = 0, most_days: int = 0) -> PartPlayed:
    """By title, then activity, then role in the product. `days`: active in the last 30; `most_days`: anybody's."""
    if seniority(title):
        return PartPlayed(BUYER, f"Likely decision-maker, by title: {title}"[:200])
    if days >= CHAMPION_DAYS and days >= most_days:
        return PartPlayed(CHAMPION, f"Most active person there, on {days} of the last {ACTIVE_DAYS} days")
    if is_admin:
        return PartPlayed(ADMIN, "Admin in the product")
    if days:
        return PartPlayed(USER, f"Active on {days} of the last {ACTIVE_DAYS} days")
    return PartPlayed(USER, f"Not active in the last {ACTIVE_DAYS} days")
