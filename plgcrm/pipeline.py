"""The order of the stages, as background tasks.

A task is a hint that there is work; the work itself stands in rows. Each may run at any time, twice, and beside
others of its kind: a worker claims rows with SKIP LOCKED and marks them done in the same transaction.
"""

import logging
from collections import Counter

from celery import shared_task
from django.utils import timezone

from accounts.identity.corrections import derive_waiting
from accounts.identity.unknown import join_known_companies
from outreach.outcomes import record
from outreach.plays import decide
from plgcrm.common.stages import stage
from signals.imports import uploads, work
from signals.ingest import flood, partitions
from signals.ingest.receive import drop_old_failed
from signals.scoring.run import RunCounts, score_dirty, sweep
from signals.vocabulary import catalogue
from signals.vocabulary.definitions import count_all_history, retire_usage

log = logging.getLogger("plgcrm.pipeline")
SECONDS_DERIVING = 30.0  # of a minute: the rest of upkeep has to come round
MARKS_A_TURN = 20  # batches of marks that may name no account, as those of anonymous visitors do


def advance_once() -> dict[str, int]:
    """One turn: requests go first, then scores, what they mean, and their outcomes. What was done, by name."""
    done = Counter(decide.decide(timezone.now()))
    scored = _score()
    done.update(decide.advance(timezone.now()))
    done.update({"credited": record.credit_conversions(timezone.now())})
    return done | {"scored": scored.accounts, "changed": scored.changed, "moments": scored.moments}


def _score() -> RunCounts:
    """One run with accounts in it: a request that arrives meanwhile waits for no backlog. Passes over empty marks."""
    counts = RunCounts()
    for _ in range(MARKS_A_TURN):
        counts = score_dirty(timezone.now())
        if counts.accounts or not counts.found:
            break
    return counts


@shared_task(name="plgcrm.pipeline.advance")
def advance() -> None:
    """Everything between an event and the queue. Safe to repeat: stages claim rows and finish them in one step."""
    with stage("advance") as counts:
        counts |= advance_once()


@shared_task(name="plgcrm.pipeline.sweep")
def run_sweep() -> None:
    """Score every account as of today. Safe to repeat: only what differs is written."""
    with stage("sweep") as counts:
        swept = sweep(timezone.now())
        counts |= {"accounts": swept.accounts, "changed": swept.changed, "moments": swept.moments}


@shared_task(name="plgcrm.pipeline.catalogue")
def look() -> None:
    """Count and sample the names that arrived. Safe to repeat: one worker looks at a time and goes on where it was."""
    with stage("catalogue") as counts:
        looked = catalogue.look(timezone.now())
        counts |= {"settled": looked.settled, "days": looked.days, "sampled": looked.sampled}


@shared_task(name="plgcrm.pipeline.imports")
def run_imports() -> None:
    """Work at one uploaded import, or at undoing one. Safe to repeat: a run is claimed, and messages count once."""
    work.work_off()


@shared_task(name="plgcrm.pipeline.upkeep")
def upkeep() -> None:
    """Partitions ahead, retention, the history of new signals, people by new meanings. Safe to repeat."""
    now = timezone.now()
    with stage("upkeep") as counts:
        counts["months_made"] = len(partitions.ensure_ahead(now))
        counts["months_dropped"] = len(partitions.drop_old(now))
        counts["failed_events_dropped"] = drop_old_failed(now)
        counts["callers_forgotten"] = flood.forget_callers(now)
        counts["days_forgotten"] = catalogue.forget_old_days(now.date())
        counts["pieces_deleted"] = uploads.delete_old(now)
        counts["history_counted"], counts["usage_retired"] = count_all_history(), retire_usage()
        counts["derived_again"] = derive_waiting(seconds=SECONDS_DERIVING)
        counts["companies_known"] = join_known_companies(now)
    if left_over := partitions.default_rows():
        log.error("events in the default partition: no month was made for them count=%s", left_over)
