"""What an admin does with an import: start, pause, resume, answer, discard. Each is one change of its row."""

import hashlib
from typing import Any

from django.db import IntegrityError, transaction

from signals.imports.columns import ColumnChoices, as_options, plan_of_choices
from signals.imports.samples import FileShape
from signals.models import ImportRun, Source

States = ImportRun.State


class ControlError(Exception):
    """What was asked cannot be done; says why."""


def start(run: ImportRun, shape: FileShape, choices: ColumnChoices, *, source: Source | None) -> None:
    """Have a worker take the file in, read this way. Raises ControlError where the same has been imported already."""
    if run.kind == ImportRun.Kind.EVENTS and source is None:
        raise ControlError("Choose the source that these events belong to.")
    digest = _digest(run, shape, choices)
    if earlier := same_import(run, digest, source):
        raise ControlError(f"{_when(earlier)}: there is nothing new in it. Undo that import first to import it again.")
    columns = {
        "state": States.RUNNING,
        "options": as_options(shape, choices),
        "source": source,
        "digest": digest,
        "listening_before": source.listening_since if source else None,
    }
    try:
        with transaction.atomic():
            started = ImportRun.objects.filter(pk=run.pk, state=States.MAPPING).update(**columns)
    except IntegrityError as error:  # somebody else has just started the same
        raise ControlError("The same file is being imported already, read in the same way.") from error
    if not started:
        raise ControlError("This import has begun already.")


def _digest(run: ImportRun, shape: FileShape, choices: ColumnChoices) -> str:
    reading: Any = (
        (shape, choices)
        if run.kind == ImportRun.Kind.ACCOUNTS
        else plan_of_choices(run.file_name, shape, choices).reading
    )
    return hashlib.sha256(f"{run.content_digest}{reading!r}".encode()).hexdigest()


def same_import(run: ImportRun, digest: str, source: Source | None) -> ImportRun | None:
    """An import of the same content, read in the same way, that stands."""
    others = ImportRun.objects.filter(digest=digest, source=source, kind=run.kind).exclude(pk=run.pk)
    return others.first()


def earlier_imports(run: ImportRun) -> list[ImportRun]:
    """Imports of the same content that stand, however they were read."""
    if not run.content_digest:
        return []
    others = ImportRun.objects.filter(content_digest=run.content_digest).exclude(pk=run.pk)
    return list(others.exclude(state__in=(States.UNDONE, States.MAPPING, States.UPLOADING)).order_by("-pk")[:3])


def _when(run: ImportRun) -> str:
    return f"This file was imported on {run.started_at:%d %B %Y}, read in the same way"


def pause(run: ImportRun) -> bool:
    """Stop after the batch that is being stored; whether there was anything to stop."""
    return _moved(run, States.RUNNING, States.PAUSED)


def resume(run: ImportRun) -> bool:
    """Go on where it stopped, also after an error."""
    return _moved(run, States.PAUSED, States.RUNNING) or _moved(run, States.FAILED, States.RUNNING)


def answer(run: ImportRun, twins: str) -> bool:
    """Say what becomes of rows that are here already under other ids, and go on."""
    if twins not in (ImportRun.Twins.SKIP, ImportRun.Twins.KEEP):
        return False
    return _moved(run, States.ASKING, States.RUNNING, twins=twins, question=None)


def discard(run: ImportRun) -> bool:
    """Forget an upload whose import has not begun."""
    gone, _ = ImportRun.objects.filter(pk=run.pk, state__in=(States.UPLOADING, States.MAPPING)).delete()
    return bool(gone)


def _moved(run: ImportRun, before: str, after: str, **columns: Any) -> bool:
    # A worker that still holds the run finds out at its next batch; the next one need not wait for its claim.
    found = ImportRun.objects.filter(pk=run.pk, state=before, uploaded=True)
    return bool(found.update(state=after, attempts=0, error="", claimed_until=None, **columns))
