"""Make a database ready for the demo: tables, shipped configuration, staff, sample. Safe to run twice."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.utils import timezone

from plgcrm.demo.companies.install import install_vocabulary
from plgcrm.demo.companies.load import load_sample
from plgcrm.demo.companies.pack import CompanyPack
from plgcrm.demo.companies.packs import pack_of
from plgcrm.demo.people import DOMAINS, NO_COMPANY
from plgcrm.demo.staff import ensure_staff
from plgcrm.demo.state import State
from plgcrm.health import pending_migrations
from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.ingest.keys import ensure_source
from signals.models import Configuration, Source

Say = Callable[[str], None]


def prepare(state: State, *, sample: bool, say: Say) -> None:
    say("Preparing the database")
    if pending_migrations():
        call_command("migrate", interactive=False, verbosity=0)
    if state.company == NO_COMPANY:
        prepare_empty(state)
        return
    pack = pack_of(state.company)
    refuse_a_database_in_use(pack)
    ensure_shipped_configuration()
    if not sample:
        say_what_things_mean(pack)
    ensure_staff(state.password, state.api_token, company=pack.slug)
    ensure_source(pack.source, state.secret("write-key"))
    if sample and not state.sample_loaded:
        load(pack, state, say)


def prepare_empty(state: State) -> None:
    """As an installation comes, with its first admin: no source, no vocabulary, not live."""
    if not _owns_database() and get_user_model().objects.exclude(email__endswith=f"@{DOMAINS[NO_COMPANY]}").exists():
        raise CommandError(
            "The database that DATABASE_URL names has users already. The demo would add an admin to them, so it does "
            "not start. Give it an empty database, or run PLGCRM itself: docs/howto/run-in-production.md."
        )
    ensure_shipped_configuration()
    ensure_staff(state.password, state.api_token, company=NO_COMPANY)


def _owns_database() -> bool:
    """Whether it is the demo's own, and not one that DATABASE_URL names."""
    return os.environ.get("PLGCRM_DEMO_OWNS_DATABASE") == "1"


def say_what_things_mean(pack: CompanyPack) -> None:
    """Once, before the first event: where no history arrives there is nothing to suggest from."""
    if Configuration.objects.filter(live_since=None).exists():
        install_vocabulary(pack.truth)
        Configuration.objects.update(live_since=timezone.now())


def refuse_a_database_in_use(pack: CompanyPack) -> None:
    """Invented companies must never come among real ones, nor those of one sample among those of another."""
    if _owns_database():
        return
    others = Source.objects.exclude(name=pack.source).exists()
    strangers = get_user_model().objects.exclude(email__endswith=f"@{DOMAINS[pack.slug]}").exists()
    if others or strangers:
        raise CommandError(
            "The database that DATABASE_URL names has sources or users that are not the demo's, "
            f"or not those of its sample company {pack.product}. "
            "The demo would mix invented companies with real ones, so it does not start. "
            "Give it an empty database."
        )


def load(pack: CompanyPack, state: State, say: Say) -> None:
    """Safe after it was cut off: the same history is made again, and what is stored is not stored twice."""
    say(f"Loading the sample company {pack.product}, once")
    load_sample(pack, now=state.history_ends(timezone.now()))
    state.note_that_sample_is_loaded()


def state_from_environment() -> State:
    return State(Path(os.environ["PLGCRM_DEMO_STATE"]))


def say_on_stderr(text: str) -> None:
    sys.stderr.write(f"{text}\n")
