"""The first rows of a file as they would be understood, in words, before anything is stored."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from django.utils import timezone

from accounts.access import display_name
from accounts.models import Account
from signals.imports.account_lists import ListError, ListReader
from signals.imports.columns import ColumnChoices, plan_of_choices
from signals.imports.samples import LINES, Sample
from signals.ingest.files import Entry, TableReader, entry_of_line
from signals.ingest.wire import WireMessage
from signals.models import ImportRun

LONGEST = 80
CLOCKS = {
    "clamped": "its time is in the future or before 1990: it gets the time of the import",
    "missing": "it has no time: it gets the time of the import",
    "unreadable": "its time cannot be read: it gets the time of the import",
    "replaced": "its timestamp cannot be read: it gets another time of the row",
}


@dataclass(frozen=True, slots=True)
class Understood:
    """One row: what is made of it, or why nothing is. `details`: name, value, and what kind of value it is."""

    number: int
    lead: str = ""
    when: datetime | None = None
    who: str = ""
    where: str = ""
    details: list[tuple[str, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: str = ""


def understood(sample: Sample, choices: ColumnChoices, kind: str) -> list[Understood]:
    """Each row of the sample, in order."""
    if kind == ImportRun.Kind.ACCOUNTS:
        return _accounts(sample, choices)
    return [_event(number, entry) for number, entry in enumerate(_entries(sample, choices), 1)]


def _entries(sample: Sample, choices: ColumnChoices) -> list[Entry]:
    now = timezone.now()
    if sample.shape.format == LINES:
        return [entry_of_line(line, received_field=None, now=now) for line in sample.lines]
    plan = plan_of_choices("", sample.shape, choices)
    if plan.columns is None:
        return []
    reader = TableReader(plan.columns, received_column=None)
    return [reader.entry(row, now) for row in sample.rows]


def _event(number: int, entry: Entry) -> Understood:
    if not entry.messages:
        reason = entry.rejected[0].reason if entry.rejected else "The line is empty."
        return Understood(number, error=reason)
    message = entry.messages[-1]
    return Understood(
        number,
        lead=_cut(message.name or message.kind),
        when=message.timestamp,
        who=_cut(message.user_id or f"anonymous {message.anonymous_id}"),
        where=_cut(message.group_id or ""),
        details=_details(message.properties) + _details(message.traits),
        notes=[*_beside(entry.messages[:-1]), *_clock(message)],
        error=entry.rejected[0].reason if entry.rejected else "",
    )


def _beside(messages: list[WireMessage]) -> list[str]:
    """What the row says besides its event."""
    words = {"identify": "also tells who this person is", "group": "also puts the person into the workspace"}
    notes = []
    for message in messages:
        traits = msgspec.json.decode(message.traits) if message.traits else {}
        said = ", ".join(f"{name} {_cut(str(value))}" for name, value in traits.items())
        notes.append(f"{words.get(message.kind, message.kind)}{f': {said}' if said else ''}")
    return notes


def _clock(message: WireMessage) -> list[str]:
    return [CLOCKS[message.clock]] if message.clock in CLOCKS else []


def _details(raw: bytes | None) -> list[tuple[str, str, str]]:
    values: dict[str, Any] = msgspec.json.decode(raw) if raw else {}
    return [(_cut(name), _cut(_text(value)), _sort(value)) for name, value in values.items()]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _sort(value: Any) -> str:
    if isinstance(value, bool):
        return "yes or no"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "nested"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _accounts(sample: Sample, choices: ColumnChoices) -> list[Understood]:
    reader = ListReader(choices)
    found = [_account(reader, number, row) for number, row in enumerate(sample.rows, 1)]
    known = dict(Account.objects.filter(domain__in=[each.lead for each in found]).values_list("domain", "name"))
    for each in found:
        if each.lead:
            each.notes.append(f"known as {known[each.lead]}" if each.lead in known else "a new account")
    return found


def _account(reader: ListReader, number: int, row: Any) -> Understood:
    try:
        listed = reader.account(row)
    except ListError as error:
        return Understood(number, error=str(error))
    details = [(name, _cut(v.text), "text" if v.number is None else "number") for name, v in listed.said.items()]
    owner = display_name(listed.owner) if listed.owner else ""
    return Understood(number, lead=listed.domain, who=owner, details=details)
