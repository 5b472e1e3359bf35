"""Everything that PLGCRM comes with, in the order in which one needs the other."""

from django.db import transaction
from django.utils import timezone

from accounts.shipped import ensure_exclusions
from outreach.messages.shipped import ensure_templates
from outreach.plays.shipped import ensure_plays, ensure_teams, ensure_triggers
from signals.shipped import (
    ensure_facts,
    ensure_models,
    ensure_segments,
    ensure_signals,
    tell_live_processes,
)


@transaction.atomic
def ensure_shipped_configuration() -> dict[str, int]:
    """Make what is missing and touch nothing else; how many of each were made. Safe to run at every start."""
    made = {
        "exclusions": ensure_exclusions(),
        "signals": ensure_signals(),
        "facts": ensure_facts(),
        "models": ensure_models(timezone.now()),
        "triggers": ensure_triggers(),
        "segments": ensure_segments(),
        "teams": ensure_teams(),
        "plays": ensure_plays(),
        "templates": ensure_templates(),
    }
    if any(made.values()):
        tell_live_processes()
    return made
