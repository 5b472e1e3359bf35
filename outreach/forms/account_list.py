"""What may be asked of the accounts list: views to keep, accounts to give to a rep."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.http import QueryDict

from accounts.ownership import MOST_AT_ONCE
from outreach.access import queue_workers
from outreach.forms.items import ActionForm
from outreach.pages.account_list import AccountFilters
from plgcrm.common.text import is_short_number


class QueryForm(ActionForm):
    """Filters as the address holds them; what cannot be meant is dropped."""

    query = forms.CharField(required=False, max_length=300)

    def clean_query(self) -> str:
        return AccountFilters.parse(QueryDict(self.cleaned_data["query"]).dict()).query()


class SaveViewForm(QueryForm):
    name = forms.CharField(max_length=60, error_messages={"required": "Give the view a name."})
    shared = forms.BooleanField(required=False)


class RenameViewForm(QueryForm):
    name = forms.CharField(max_length=60, error_messages={"required": "Give the view a name."})


class AssignForm(QueryForm):
    """Accounts, each as "id" or, once looked at, as "id:owner seen"; and whom they go to."""

    rep = forms.ModelChoiceField(
        queryset=queue_workers(),
        error_messages={
            "required": "Choose a colleague.",
            "invalid_choice": "That person does not work a queue.",
        },
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        given = cast(QueryDict, self.data).getlist("account")
        seen = dict(pair for pair in map(_seen, given[:MOST_AT_ONCE]) if pair)
        if not seen:
            raise forms.ValidationError("Select accounts first.")
        return cleaned | {"seen": seen}

    @property
    def seen(self) -> dict[int, int | None]:
        found: dict[int, int | None] = self.cleaned_data["seen"]
        return found

    @property
    def colleague(self) -> User:
        return cast(User, self.cleaned_data["rep"])


def _seen(text: str) -> tuple[int, int | None] | None:
    numbers = whole_numbers(text, 2)
    return (numbers[0], numbers[1] or None) if numbers else None


def whole_numbers(text: str, most: int) -> Sequence[int] | None:
    """ "7:0" as 7 and 0, filled up with zeros; None where it is anything else."""
    parts = text.split(":")
    if len(parts) > most or not all(is_short_number(part) for part in parts):
        return None
    return [int(part) for part in parts] + [0] * (most - len(parts))
