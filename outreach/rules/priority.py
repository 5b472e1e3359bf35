"""In which order a queue is worked: the SLA class first, then expected value with ageing.

The weight of an item doubles for every week that it waits. So the order of two items never changes with the
clock, and the stored number never needs to be written again: it is log2(expected value) plus the weeks since
a fixed day until the item was made, with the sign turned.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime

from outreach.rules.business_time import MINUTES_A_DAY

PRIOR_WEIGHT = 20  # how many closed items the prior counts for
DOUBLING_DAYS = 7
ROOM_TO_GROW = 5  # times the people already known, at most
COUNTED_FROM = datetime(2025, 1, 1, tzinfo=UTC)

HAND_RAISE, WITHIN_A_DAY, LATER = 0, 1, 2


@dataclass(frozen=True, slots=True)
class History:
    """How a play's items ended when a rep closed them."""

    closed: int = 0
    met: int = 0


@dataclass(frozen=True, slots=True)
class DealFacts:
    """What is known of the size of a deal; None = unknown."""

    mrr: float | None = None
    company_size: float | None = None
    members: float | None = None


@dataclass(frozen=True, slots=True)
class DealFormula:
    """What a year of a company may bring, in the installation's own numbers."""

    seat_price: float = 120.0  # a year
    company_share: float = 0.2  # of its people may come to use the product
    floor: float = 0.0  # no deal is counted as smaller


@dataclass(frozen=True, slots=True)
class Deal:
    amount: float
    words: str


@dataclass(frozen=True, slots=True)
class Priority:
    value: float
    chance: float
    expected: float
    deal: Deal
    history: History
    prior: float

    def parts(self) -> dict[str, object]:
        """What the page needs to show the sum; `formula` is the sum in words."""
        return {
            "chance": round(self.chance, 4),
            "prior": self.prior,
            "prior_weight": PRIOR_WEIGHT,
            "closed": self.history.closed,
            "met": self.history.met,
            "deal": round(self.deal.amount, 2),
            "deal_words": self.deal.words,
            "expected": round(self.expected, 2),
            "doubling_days": DOUBLING_DAYS,
            "formula": (
                f"{self.chance:.1%} chance x {self.deal.amount:,.0f} a year = {self.expected:,.0f}; "
                f"doubles for every {DOUBLING_DAYS} days of waiting"
            ),
        }


def sla_class(*, hand_raised: bool, sla_minutes: int) -> int:
    """Which of the three classes an item is in; the class goes before any value."""
    # Before any SLA: a person waits for an answer, whatever the play says.
    if hand_raised:
        return HAND_RAISE
    return WITHIN_A_DAY if sla_minutes <= MINUTES_A_DAY else LATER


def chance(history: History, prior: float) -> float:
    """The play's own rate of meetings, drawn towards the prior while there are few."""
    # Two meetings of two items are no rate of 100 per cent: twenty imagined items hold it back.
    return (history.met + prior * PRIOR_WEIGHT) / (history.closed + PRIOR_WEIGHT)


def deal_size(facts: DealFacts, formula: DealFormula) -> Deal:
    """What a year may bring: the larger of what they pay and the seats they may come to need, or the floor."""
    paid = 12 * max(facts.mrr or 0.0, 0.0)
    seats = possible_seats(facts, formula)
    wanted = seats * formula.seat_price
    if max(paid, wanted) < formula.floor:
        return Deal(formula.floor, "the least that a deal is counted as")
    if paid >= wanted:
        return Deal(paid, f"12 x {facts.mrr or 0:,.0f} paid a month")
    return Deal(wanted, f"{seats:,} possible seats x {formula.seat_price:,.12g} a year")


def possible_seats(facts: DealFacts, formula: DealFormula) -> int:
    """How many seats the company may come to need: by its size, bounded by those who use it now."""
    members = max(int(facts.members or 0), 1)
    # Nothing is known of the company: twice as many as today is the modest guess.
    if not facts.company_size:
        return members * 2
    return max(members, min(math.floor(facts.company_size * formula.company_share), members * ROOM_TO_GROW))


def prioritise(
    *, history: History, prior: float, facts: DealFacts, created_at: datetime, formula: DealFormula
) -> Priority:
    """The priority of an item, with everything its formula is made of."""
    rate, deal = chance(history, prior), deal_size(facts, formula)
    expected = rate * deal.amount
    weeks = (created_at - COUNTED_FROM).total_seconds() / 86_400 / DOUBLING_DAYS
    # At least 1, whose logarithm is 0: a play without any value still has an order by age.
    value = math.log2(max(expected, 1.0)) - weeks
    return Priority(round(value, 6), rate, expected, deal, history, prior)
