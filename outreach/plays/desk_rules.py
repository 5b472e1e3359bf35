"""What guards look at and what a deal is counted as: an admin's numbers, with their history."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from outreach.models import DeskRules, PlayDecision, QueueItem
from outreach.rules.priority import DealFormula
from plgcrm.common.cache import Remembered
from signals.models import Segment

FIRST_VALUE, SUPPORT_FIRE = "reached-value", "support-issue"  # as shipped
SECONDS = 10
# Whoever remembers the numbers of before has read the new ones by then.
SOON = timedelta(seconds=SECONDS + 5)
COLUMNS = ("first_value", "support_fire", "signup_days", "seat_price", "company_share", "deal_floor")
_GUARD_OF = {"first_value": "first_value", "support_fire": "support_fire", "signup_days": "signup_age"}
_DEAL = ("seat_price", "company_share", "deal_floor")


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """Segments by slug, with their names; "" where none is chosen."""

    first_value: str = ""
    support_fire: str = ""
    signup_days: int = 3
    seat_price: float = 120.0
    company_share: float = 0.2
    deal_floor: float = 0.0
    first_value_name: str = ""
    support_fire_name: str = ""

    @property
    def formula(self) -> DealFormula:
        return DealFormula(self.seat_price, self.company_share, self.deal_floor)

    @property
    def said(self) -> dict[str, Any]:
        """What an admin says, without the names that follow from it."""
        return {name: value for name, value in asdict(self).items() if name in COLUMNS}


_RULES = Remembered[RulesInForce](seconds=SECONDS)


def desk_rules() -> RulesInForce:
    """The rules in force, remembered for ten seconds."""
    return _RULES.get(read_rules)


def read_rules() -> RulesInForce:
    """The rules in force as they stand now; as shipped where nobody said anything."""
    row = DeskRules.objects.select_related("first_value", "support_fire").order_by("-pk").first()
    if row:
        return _in_force(row)
    names = dict(Segment.objects.filter(slug__in=(FIRST_VALUE, SUPPORT_FIRE)).values_list("slug", "name"))
    return RulesInForce(
        first_value=FIRST_VALUE if FIRST_VALUE in names else "",
        support_fire=SUPPORT_FIRE if SUPPORT_FIRE in names else "",
        first_value_name=names.get(FIRST_VALUE, ""),
        support_fire_name=names.get(SUPPORT_FIRE, ""),
    )


def _in_force(row: DeskRules) -> RulesInForce:
    value, fire = row.first_value, row.support_fire
    return RulesInForce(
        value.slug if value else "",
        fire.slug if fire else "",
        row.signup_days,
        row.seat_price,
        row.company_share,
        row.deal_floor,
        value.name if value else "",
        fire.name if fire else "",
    )


@transaction.atomic
def say_rules(said: Mapping[str, Any], *, now: datetime, acting_user: Any) -> list[str]:
    """Put these numbers and segments (by slug) in force; which changed. What a guard held is re-checked soon."""
    before = read_rules().said
    changed = [name for name in COLUMNS if name in said and said[name] != before[name]]
    if not changed:
        return []
    # The first change keeps what was in force before it, so that it can be undone.
    if not DeskRules.objects.exists():
        _write(before, now, None)
    _write(before | {name: said[name] for name in changed}, now, acting_user)
    _look_again(changed, now)
    _RULES.forget()
    return changed


@transaction.atomic
def undo_rules(row_id: int, *, now: datetime, acting_user: Any) -> bool:
    """Put the rules of before the newest change in force again; False where `row_id` is not the newest any more."""
    newest = list(DeskRules.objects.select_for_update(of=("self",)).order_by("-pk")[:2])
    if len(newest) < 2 or newest[0].pk != row_id:
        return False
    say_rules(_in_force(newest[1]).said, now=now, acting_user=acting_user)
    return True


def _write(said: Mapping[str, Any], now: datetime, user: Any) -> None:
    segments = Segment.objects.in_bulk([said[name] for name in ("first_value", "support_fire")], field_name="slug")
    chosen = {name: segments.get(said[name]) for name in ("first_value", "support_fire")}
    DeskRules.objects.create(**{**said, **chosen}, user=user, at=now)


def _look_again(changed: list[str], now: datetime) -> None:
    guards = [_GUARD_OF[name] for name in changed if name in _GUARD_OF]
    if guards:
        held = PlayDecision.objects.filter(state=PlayDecision.State.HELD, guard__in=guards)
        held.update(recheck_at=now + SOON)
    if any(name in _DEAL for name in changed):
        # A moment older than their measures, so that the next refreshing orders them anew.
        live = QueueItem.objects.filter(state__in=QueueItem.LIVE)
        live.update(facts_as_of=F("facts_as_of") - timedelta(microseconds=1))
