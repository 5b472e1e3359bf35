"""Make a database ready for the demo: tables, shipped configuration, staff, sample. Safe to run twice."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.utils import timezone

from plgcrm.demo.companies.boards.load import SOURCE, load_sample
from plgcrm.demo.people import DOMAIN
from plgcrm.demo.staff import ensure_staff
from plgcrm.demo.state import State
from plgcrm.health import pending_migrations
from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.ingest.keys import ensure_source
from signals.models import Source

Say = Callable[[str], None]


def prepare(state: State, *, sample: bool, say: Say) -> None:
    say("Preparing the database")
    if pending_migrations():
        call_command("migrate", interactive=False, verbosity=0)
    refuse_a_database_in_use()
    ensure_shipped_configuration()
    ensure_staff(state.password, state.api_token)
    ensure_source(SOURCE, state.secret("write-key"))
    if sample and not state.sample_loaded:
        load(state, say)


def refuse_a_database_in_use() -> None:
    """Invented companies must never come among real ones."""
    if os.environ.get("PLGCRM_DEMO_OWNS_DATABASE") == "1":
        return
    others = Source.objects.exclude(name=SOURCE).exists()
    strangers = get_user_model().objects.exclude(email__endswith=f"@{DOMAIN}").exists()
    if others or strangers:
        raise CommandError(
            "The database that DATABASE_URL names has sources or users that are not the demo's. "
            "The demo would mix invented companies with real ones, so it does not start. "
            "Give it an empty database."
        )


def load(state: State, say: Say) -> None:
    """Safe after it was cut off: the same history is made again, and what is stored is not stored twice."""
    say("Loading the sample company, once")
    load_sample(now=state.history_ends(timezone.now()))
    state.note_that_sample_is_loaded()


def state_from_environment() -> State:
    return State(Path(os.environ["PLGCRM_DEMO_STATE"]))


def say_on_stderr(text: str) -> None:
    sys.stderr.write(f"{text}\n")
