"""What somebody may type to correct an account or a person."""

from typing import Any

from django import forms

from accounts.models import Account, Person, PersonMerge, Workspace
from outreach.forms.items import ActionForm

LARGEST_ID = 2**31 - 1


def _row(words: str, queryset: Any) -> forms.ModelChoiceField:  # type: ignore[type-arg]
    return forms.ModelChoiceField(queryset, error_messages={"required": words, "invalid_choice": words})


def _whole_accounts() -> Any:
    return Account.objects.filter(joined_into=None)


class SafeIds(ActionForm):
    """An id that no row can have is no choice; Postgres would refuse the number."""

    def __init__(self, data: Any) -> None:
        super().__init__({name: value for name, value in data.items() if not _is_too_large(value)})


def _is_too_large(value: Any) -> bool:
    text = str(value)
    return text.isdecimal() and (not text.isascii() or int(text[:20]) > LARGEST_ID)


class AccountForm(SafeIds):
    account = _row("Choose an account.", _whole_accounts())


class JoinForm(AccountForm):
    name = forms.CharField(required=False, max_length=200)


class AccountDomainForm(ActionForm):
    domain = forms.CharField(max_length=300, error_messages={"required": "Enter a domain such as acme.com."})


class NameForm(ActionForm):
    name = forms.CharField(required=False, max_length=200)


class PersonForm(SafeIds):
    person = _row("Choose a person.", Person.objects.filter(merged_into=None))


class WorkspaceForm(SafeIds):
    workspace = _row("Choose a workspace.", Workspace.objects.all())


class SplitForm(SafeIds):
    merge = _row("This has been split already.", PersonMerge.objects.filter(undone_at=None))
