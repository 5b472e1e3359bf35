"""Rows of an account list: which company each means, what it says of it and who owns it; in batches, like events."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

from accounts.identity.lists import ListedAccount, take_list
from accounts.models import DomainOverride
from accounts.rules.domains import listed_domain, parse_address, registered_domain
from accounts.rules.traits import MAX_KEY, Value, attribute_name, plain_value
from signals.imports.columns import ATTRIBUTE, NAMED, ColumnChoices, shape_and_choices
from signals.imports.desk import owners_by_name
from signals.imports.samples import table_of
from signals.ingest.files import Cells, UnreadableFileError, is_blank, plain, typed
from signals.ingest.imports import Progress, Totals
from signals.ingest.wire import Rejected
from signals.models import ImportRun

BATCH = 500  # rows
MOST_ERRORS = 50


def domain_overrides() -> dict[str, str]:
    """What admins say of domains, over the shipped lists."""
    return dict(DomainOverride.objects.values_list("domain", "kind"))


class ListError(Exception):
    """A row of a list that cannot be taken; says what to do."""


@dataclass(slots=True)
class ListReader:
    """Reads rows as `choices` say. Knows who may own an account, and which domains an admin has overruled."""

    choices: ColumnChoices
    owners: Mapping[str, Any] = field(default_factory=owners_by_name)
    overrides: Mapping[str, str] = field(default_factory=domain_overrides)

    def account(self, row: Cells | Rejected) -> ListedAccount:
        """What a row says. Raises ListError."""
        if isinstance(row, Rejected):
            raise ListError(row.reason)
        return ListedAccount(self._domain(row), self._said(row), self._owner(row))

    def _domain(self, row: Cells) -> str:
        text = self._text(row, "domain")
        if not text:
            raise ListError("The domain is missing: nothing else tells which company this is.")
        domain = listed_domain(text, self.overrides)
        if domain:
            return domain
        registered = parse_address(text).domain if "@" in text else registered_domain(text)
        if not registered:
            raise ListError(f"“{text[:60]}” is not a domain. Use the form ibm.com.")
        if "@" in text:
            raise ListError(f"“{text[:60]}” is an email address. Use the company’s domain, such as {registered}.")
        raise ListError(f"{registered} is no company’s domain: many share it, so it makes no account.")

    def _text(self, row: Cells, target: str) -> str:
        column = self.choices.of(target)
        cell = row.get(column) if column else None
        return "" if is_blank(cell) else str(plain(cell)).strip()

    def _said(self, row: Cells) -> dict[str, Value]:
        found = {}
        for column, name in attribute_columns(self.choices).items():
            cell = row.get(column)
            value = None if is_blank(cell) else plain_value(typed(cell))
            if value is not None:
                found[name] = value
        return found

    def _owner(self, row: Cells) -> Any:
        text = self._text(row, "owner")
        if not text:
            return None
        if text.lower() not in self.owners:
            raise ListError(f"“{text[:60]}” is not the user name or email address of anyone who works a queue.")
        return self.owners[text.lower()]


def attribute_columns(choices: ColumnChoices) -> dict[str, str]:
    """The attribute that each column becomes."""
    fixed = {
        each.column: each.target
        for each in choices.columns
        if each.target and each.target not in (*NAMED, "domain", "owner")
    }
    other = {column: attribute_name(name)[:MAX_KEY] for column, name in choices.named(ATTRIBUTE).items()}
    return fixed | {column: name for column, name in other.items() if name}


def import_accounts(run: ImportRun, file: IO[bytes], *, progress: Progress) -> Totals:
    """Take in what is left of the list; `progress` hears how many rows each batch had. Errors go to the run, by row."""
    shape, choices = shape_and_choices(run)
    reader, totals = ListReader(choices), Totals(skipped=run.rows_done)
    table = table_of(file, shape)
    wanted = [each.column for each in choices.columns if each.target]
    if table.header and (missing := [column for column in wanted if column not in table.header]):
        raise UnreadableFileError(f"The file has no column {', '.join(missing)}.")
    for batch in _batches(table.rows, skip=run.rows_done):
        listed = _readable(run, reader, batch, first=totals.skipped + totals.rows + 1, totals=totals)
        take_list(run.pk, listed, acting_user=run.user, reason=reason_of(run), at=moment_of(run))
        totals.stored += len(listed)
        totals.rows += len(batch)
        run.rows_done = totals.skipped + totals.rows
        run.save(update_fields=["rows_done", "options"])
        progress(len(batch), totals)
    return totals


def reason_of(run: ImportRun) -> str:
    """Why an account has the owner that a list names."""
    return f"Account list {run.file_name}"[:200]


def moment_of(run: ImportRun) -> datetime:
    """As of when a list speaks: one moment for all its rows, however often it is taken up again."""
    return run.started_at


def _batches(rows: Iterator[Cells | Rejected], *, skip: int) -> Iterator[list[Cells | Rejected]]:
    batch = []
    for place, row in enumerate(rows):
        if place >= skip:
            batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _readable(
    run: ImportRun, reader: ListReader, batch: list[Cells | Rejected], *, first: int, totals: Totals
) -> list[ListedAccount]:
    listed = []
    for number, row in enumerate(batch, first):
        try:
            listed.append(reader.account(row))
        except ListError as error:
            totals.failed += 1
            keep_error(run, number, str(error))
    return listed


def keep_error(run: ImportRun, number: int, words: str) -> None:
    """The first errors stand on the page of the import, with the number of their row."""
    errors = run.options.setdefault("errors", [])
    if len(errors) < MOST_ERRORS and [number, words[:300]] not in errors:
        errors.append([number, words[:300]])
