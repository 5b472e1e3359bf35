"""What a worker does with imports: claims one, takes its rows in for a while, and lets it go.

A claim is a row's word for some seconds, renewed with each batch. A worker that died loses it; one that was only slow
finds out at its next batch and stops. What both stored in between is the same messages, and those count once.
"""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any

from django.db import OperationalError
from django.utils import timezone

from plgcrm.common.sql import execute, queries, rows
from signals.imports import account_lists, undo
from signals.imports.columns import plan_of
from signals.imports.uploads import UploadError, opened
from signals.ingest.files import UnreadableFileError
from signals.ingest.imports import SameContentError, Totals, import_rows
from signals.models import ImportRun

SQL = queries("signals/sql/imports.sql")
TURN_SECONDS = 45.0  # then the worker is free for what came meanwhile; a file is taken up where it was left
CLAIM = timedelta(seconds=30)  # a batch takes a second or two
MOST_ATTEMPTS = 5
State = ImportRun.State


class _TurnOverError(Exception):
    """Paused, claimed by another worker, or long enough for one turn."""


@dataclass(slots=True)
class _Turn:
    """One worker at one run."""

    run: ImportRun
    claim: str
    ends: float
    file: Any = None
    said: Totals = field(default_factory=Totals)

    def further(self, rows: int = 0, totals: Totals | None = None) -> None:
        """Say how far it came. Raises _TurnOverError where the turn is over."""
        now, before = totals or self.said, self.said
        params = {
            "run": self.run.pk,
            "claim": self.claim,
            "state": self.run.state,
            "until": timezone.now() + CLAIM,
            "bytes": self.file.tell() if self.file else 0,
            "stored": now.stored - before.stored,
            "duplicates": now.duplicates - before.duplicates,
            "failed": now.failed - before.failed,
        }
        held = execute(SQL["further"], params)
        self.said = Totals(**{name: getattr(now, name) for name in ("stored", "duplicates", "failed")})
        if not held or monotonic() > self.ends:
            raise _TurnOverError

    def leave(self, state: str, **columns: Any) -> None:
        """Give the run another state, if it is still this worker's."""
        mine = ImportRun.objects.filter(pk=self.run.pk, claim=self.claim, state=self.run.state)
        mine.update(state=state, **columns)


def work_off(*, seconds: float = TURN_SECONDS) -> bool:
    """Work at one import that waits, for so long at most; whether there was any. Safe to repeat and beside others."""
    claim, now = secrets.token_hex(16), timezone.now()
    found = rows(SQL["claim"], {"claim": claim, "now": now, "until": now + CLAIM})
    if not found:
        return False
    run = ImportRun.objects.select_related("source", "user").get(pk=found[0][0])
    turn = _Turn(run, claim, monotonic() + seconds)
    try:
        _work(turn)
    except _TurnOverError:
        pass
    finally:
        execute(SQL["let_go"], {"run": run.pk, "claim": claim})
    return True


def _work(turn: _Turn) -> None:
    try:
        if turn.run.state == State.UNDOING:
            undo.undo(turn.run, further=turn.further)
        else:
            _import(turn)
    except (_TurnOverError, OperationalError):
        raise  # with the database away the claim runs out, and the run is taken up again
    except SameContentError as error:
        question = {"twins": error.twins, "of": error.of, "examples": error.examples}
        turn.leave(State.ASKING, question=question)
    except (UnreadableFileError, UploadError) as error:
        turn.leave(State.FAILED, error=str(error)[:500])
    except Exception as error:
        if turn.run.attempts < MOST_ATTEMPTS:
            raise
        turn.leave(State.FAILED, error=f"Stopped after {MOST_ATTEMPTS} tries: {error}"[:500])


def _import(turn: _Turn) -> None:
    run = turn.run
    with opened(run) as file:
        turn.file = file
        if run.kind == ImportRun.Kind.ACCOUNTS:
            account_lists.import_accounts(run, file, progress=turn.further)
        elif run.source is not None:
            import_rows(run.source, plan_of(run), file, run=run, progress=turn.further)
    if run.kind == ImportRun.Kind.ACCOUNTS:
        turn.leave(State.FINISHED, finished_at=timezone.now())
    ImportRun.objects.filter(pk=run.pk, state=State.FINISHED).update(bytes_done=run.size)
