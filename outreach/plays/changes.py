"""After a play was changed: what it held back is judged again, and what it opened is looked at, within seconds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from outreach.models import Play
from plgcrm.common.sql import execute, queries
from plgcrm.common.tried import is_only_tried
from signals.changes import ChangeKind

SQL = queries("outreach/sql/effects.sql")


def play_changed(play_id: int, *, now: datetime) -> None:
    """Have held decisions of a play judged by what it is now, and the accounts of its items measured again."""
    if is_only_tried():
        return
    execute(SQL["judge_again"], {"play": play_id, "now": now})
    execute(SQL["measure_again"], {"play": play_id})


def _follow(row: Play, before: Mapping[str, Any] | None, after: Mapping[str, Any], user: Any) -> None:
    if before is not None and any(before[name] != after[name] for name in DECIDING):
        play_changed(row.pk, now=timezone.now())


DECIDING = ("active", "on_hand_raise", "trigger_id", "guards", "cool_down_days", "team_id")
KIND = ChangeKind(
    Play, (*DECIDING, "name", "goal", "position", "persona", "sla_minutes", "prior_rate", "why_now_lines"), _follow
)
