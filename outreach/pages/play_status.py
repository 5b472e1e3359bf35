"""Why an account is on the queue, or why it is not: what each play makes of it now, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from outreach.rules.guards import GUARDS
from plgcrm.common.sql import queries, rows_as
from signals.facts import stored_name
from signals.rules.nearness import Gap, gap_of
from signals.rules.tree import parse_rule, specs_of

SQL = queries("outreach/sql/play_status.sql")

NOTHING = Gap(0.0)


@dataclass(frozen=True, slots=True)
class PlayRow:
    """A play and what stands of it for one account."""

    id: int
    slug: str
    name: str
    on_hand_raise: bool
    trigger: str | None
    rule: dict[str, Any] | None
    true_since: str | None
    item_id: int
    item_state: str
    why_now: str
    item_at: datetime | None
    who: str
    guard: str
    reason: str
    recheck_at: datetime | None
    closed_state: str
    closed_at: datetime | None
    names: dict[str, str] | None  # of the signals


@dataclass(frozen=True, slots=True)
class PlayStatus:
    """`what`: item, held, true (its trigger is, but it put nothing on the queue) or away."""

    what: str
    row: PlayRow
    gap: Gap = NOTHING

    @property
    def guard_name(self) -> str:
        guard = GUARDS.get(self.row.guard)
        return guard.label if guard else self.row.guard

    @property
    def true_since(self) -> datetime | None:
        return datetime.fromisoformat(self.row.true_since) if self.row.true_since else None


@dataclass(frozen=True, slots=True)
class PlayStatuses:
    on_queue: list[PlayStatus]
    held: list[PlayStatus]
    others: list[PlayStatus]  # first those whose trigger is true, then the nearest

    @property
    def nearest(self) -> PlayStatus | None:
        """The play whose trigger lacks least, where none is true."""
        away = [each for each in self.others if each.gap.words]
        return away[0] if len(away) and self.others[0].what == "away" else None


def play_statuses(account_id: int, measures: Mapping[str, Any]) -> PlayStatuses:
    """`measures` as AccountState keeps them."""
    found = [_status(row, measures) for row in rows_as(PlayRow, SQL["plays"], {"account": account_id})]
    return PlayStatuses(
        on_queue=[each for each in found if each.what == "item"],
        held=[each for each in found if each.what == "held"],
        others=sorted((each for each in found if each.what in ("true", "away")), key=_nearness),
    )


def _nearness(each: PlayStatus) -> tuple[bool, bool, float]:
    return (each.what != "true", not each.gap.words, each.gap.distance)


def _status(row: PlayRow, measures: Mapping[str, Any]) -> PlayStatus:
    # In this order: an item is more than a hold, and a hold more than a trigger that is true.
    if row.item_id:
        return PlayStatus("item", row)
    if row.guard:
        return PlayStatus("held", row)
    if row.true_since:
        return PlayStatus("true", row)
    return PlayStatus("away", row, _gap(row, measures) if measures and row.rule else NOTHING)


def _gap(row: PlayRow, measures: Mapping[str, Any]) -> Gap:
    rule = parse_rule(row.rule)
    # What models say is kept under short names.
    named = {spec.key: measures.get(stored_name(spec.key)) for spec in specs_of(rule)}
    return gap_of(rule, named, row.names or {})
