"""Changes of signals, categories, segments, triggers and, registered by whoever has them, plays: what follows from
one, its history, and undoing it. Of terms of the vocabulary `signals.vocabulary.meanings` does the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models.functions import Now

from signals.models import Category, ConfigurationChange, Segment, Signal, SignalDefinition, Trigger
from signals.versions import configuration_changed
from signals.vocabulary.definitions import define
from signals.vocabulary.past_moments import immediate_kind

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChangeKind:
    """One kind of row whose changes are kept: its fields, and what follows from writing them."""

    model: type[models.Model]
    fields: tuple[str, ...]
    follow: Callable[[Any, Mapping[str, Any] | None, Mapping[str, Any], Any], None]  # row, before, after, user
    more: Callable[[Any], Values] = lambda row: {}  # what belongs to it and stands in other rows


def values_of(kind: str, row: Any) -> Values:
    """A row as its history keeps it."""
    known = KINDS[kind]
    return {name: getattr(row, name) for name in ("slug", *known.fields)} | known.more(row)


def follow(kind: str, row: Any, before: Values | None, after: Values, *, acting_user: Any) -> None:
    """What has to happen after a row was written: whoever scores and stores reads it again."""
    KINDS[kind].follow(row, before, after, acting_user)


def record(kind: str, row: Any, before: Values | None, *, acting_user: Any) -> None:
    """Keep a change in the history; one that changed nothing is none."""
    after = values_of(kind, row)
    if before != after:
        named = {"kind": kind, "object_id": row.pk, "name": str(row)[:100]}
        ConfigurationChange.objects.create(**named, before=before, after=after, user=acting_user)


def history(kind: str, object_id: int, *, limit: int = 12) -> list[ConfigurationChange]:
    """The changes of a row, the newest first."""
    found = ConfigurationChange.objects.filter(kind=kind, object_id=object_id).select_related("user")
    return list(found[:limit])


@transaction.atomic
def undo(change_id: int, *, acting_user: Any) -> bool:
    """Write again what was there before a change, whatever came after it; False where that is how it stands, or the row
    is gone."""
    change = ConfigurationChange.objects.select_for_update().filter(pk=change_id).first()
    if change is None or change.before is None:
        return False
    kind = KINDS[change.kind]
    row = kind.model._default_manager.select_for_update().filter(pk=change.object_id).first()
    if row is None or (now := values_of(change.kind, row)) == change.before:
        return False
    _write(kind, row, change.before)
    follow(change.kind, row, now, change.before, acting_user=acting_user)
    record(change.kind, row, now, acting_user=acting_user)
    ConfigurationChange.objects.filter(pk=change_id).update(undone_at=Now())
    return True


def _write(kind: ChangeKind, row: Any, values: Values) -> None:
    for name in kind.fields:
        setattr(row, name, values[name])
    row.save(update_fields=list(kind.fields))


# --- What follows from each ------------------------------------------------------------------------------------


def _rule_changed(row: Any, before: Mapping[str, Any] | None, after: Mapping[str, Any], user: Any) -> None:
    configuration_changed()


def _segment_changed(row: Segment, before: Mapping[str, Any] | None, after: Mapping[str, Any], user: Any) -> None:
    row.success_signals.set(after["success_signals"])
    configuration_changed()


def _signal_changed(row: Signal, before: Mapping[str, Any] | None, after: Mapping[str, Any], user: Any) -> None:
    """Other events are counted again; another category may make its past requests or conversions, or no longer."""
    matches = after.get("matches")
    if matches and (before is None or matches != before["matches"] or _is_otherwise_immediate(before, after)):
        define(row, matches, acting_user=user)
    if before is None or before["category_id"] != after["category_id"]:
        configuration_changed()


def _is_otherwise_immediate(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    of = Category.objects.in_bulk([before["category_id"], after["category_id"]])
    return len({immediate_kind(category) for category in of.values()}) > 1


def _category_changed(row: Category, before: Mapping[str, Any] | None, after: Mapping[str, Any], user: Any) -> None:
    told = ("raises_hand", "converts")
    if before is not None and any(before[name] != after[name] for name in told):
        count_category_again(row, acting_user=user)


def count_category_again(category: Category, *, acting_user: Any = None) -> None:
    """Its signals became requests or conversions, or are none any more: their past is looked through for them."""
    alive = SignalDefinition.objects.exclude(state=SignalDefinition.State.RETIRED)
    latest = {each.signal_id: each for each in alive.filter(signal__category=category).order_by("pk")}
    for definition in latest.values():
        define(definition.signal, definition.matches, acting_user=acting_user)


def _matches_of(row: Signal) -> Values:
    alive = row.definitions.exclude(state=SignalDefinition.State.RETIRED)
    latest = alive.order_by("-pk").first()
    return {"matches": latest.matches if latest else None}


KINDS: dict[str, ChangeKind] = {
    "signal": ChangeKind(Signal, ("name", "description", "category_id"), _signal_changed, _matches_of),
    "category": ChangeKind(Category, ("name", "raises_hand", "converts", "position"), _category_changed),
    "trigger": ChangeKind(Trigger, ("name", "rule", "active"), _rule_changed),
    "segment": ChangeKind(
        Segment,
        ("name", "description", "rule", "ideal", "position"),
        _segment_changed,
        lambda row: {"success_signals": sorted(row.success_signals.values_list("pk", flat=True))},
    ),
}


def connect(kind: str, known: ChangeKind) -> None:
    """A kind of row of an app that this one does not know."""
    KINDS[kind] = known
