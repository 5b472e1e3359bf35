"""What a manager may ask of the workload page: items to move, and to whom."""

from typing import Any, cast

from django import forms
from django.http import QueryDict

from outreach.forms.items import ActionForm
from outreach.models import QueueItem
from outreach.team.reassign import Move
from outreach.team.workload import MOST_AT_ONCE, WorkloadFilters
from plgcrm.common.text import is_short_number

REASSIGN, DISTRIBUTE, DISTRIBUTE_ALL = "reassign", "distribute", "distribute-all"
RELEASE, RELEASE_ALL = "release", "release-all"
STATES = (QueueItem.State.OPEN, QueueItem.State.CLAIMED)


class WorkloadForm(ActionForm):
    """Keeps the filters, so that one comes back to where one was."""

    query = forms.CharField(required=False, max_length=300)

    def clean_query(self) -> str:
        return self._filters().query()

    def _filters(self) -> WorkloadFilters:
        return WorkloadFilters.parse(QueryDict(self.cleaned_data.get("query", "")).dict())

    @property
    def filters(self) -> WorkloadFilters:
        return self._filters()


class ChooseForm(WorkloadForm):
    """Chosen items for one rep, chosen items to be distributed, or all of the filters."""

    how = forms.ChoiceField(choices=[(each, each) for each in (REASSIGN, DISTRIBUTE, DISTRIBUTE_ALL)])
    to = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        given = cast(QueryDict, self.data).getlist("item")
        items = [int(text) for text in given[:MOST_AT_ONCE] if is_short_number(text)]
        if cleaned.get("how") in (REASSIGN, DISTRIBUTE) and not items:
            raise forms.ValidationError("Select items first.")
        if cleaned.get("how") == REASSIGN and not cleaned.get("to"):
            raise forms.ValidationError("Choose a colleague.")
        return cleaned | {"items": items}


class ReleaseForm(WorkloadForm):
    """Requests that were held as flood: those that were ticked, or all."""

    how = forms.ChoiceField(choices=[(each, each) for each in (RELEASE, RELEASE_ALL)])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        given = cast(QueryDict, self.data).getlist("moment")
        moments = [int(text) for text in given[:MOST_AT_ONCE] if is_short_number(text)]
        if cleaned.get("how") == RELEASE and not moments:
            raise forms.ValidationError("Select requests first.")
        return cleaned | {"moments": moments if cleaned.get("how") == RELEASE else None}


class MoveForm(WorkloadForm):
    """Moves as they were shown: "item:rep seen:state seen:to"."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        given = cast(QueryDict, self.data).getlist("move")
        moves = [move for move in map(parse_move, given[:MOST_AT_ONCE]) if move]
        if not moves:
            raise forms.ValidationError("There are no items to move.")
        return cleaned | {"moves": moves}

    @property
    def moves(self) -> list[Move]:
        found: list[Move] = self.cleaned_data["moves"]
        return found


def parse_move(text: str) -> Move | None:
    parts = text.split(":")
    if len(parts) != 4 or parts[2] not in STATES:
        return None
    item, rep, state, to = parts
    if not all(is_short_number(part) for part in (item, rep, to)):
        return None
    return Move(int(item), int(rep), state, int(to))
