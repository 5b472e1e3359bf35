"""What plays, messages and guards use of segments and facts, for the pages on which those are deleted."""

from collections.abc import Iterator

from django.urls import reverse

from outreach.models import MessageTemplate, Play
from outreach.plays.desk_rules import read_rules
from outreach.rules.liquid import parsed
from outreach.rules.liquid_names import names_in
from outreach.rules.liquid_words import MessageError
from signals.admin.uses import FACT_USES, SEGMENT_USES, Use

INTERNAL = "internal"
# Read by name in guards, in the order of the queue and on the account's page.
OWN_FACTS = frozenset(
    (
        "age_days",
        "monthly_revenue",
        "employees",
        "members",
        "people_active_30",
        "growth_30",
        "features_30",
        "workspaces",
    )
)


def uses_of_segment_here(slug: str) -> Iterator[Use]:
    """The guards that look at a segment now."""
    rules, page = read_rules(), reverse("admin:desk_rules")
    if rules.first_value == slug:
        yield Use("Guard: First value", page)
    if rules.support_fire == slug:
        yield Use("Guard: Support issue", page)
    if slug == INTERNAL:
        yield Use("Guard: Excluded people", page)


def uses_of_fact_here(slug: str) -> Iterator[Use]:
    """The why-now lines and message templates that speak of a fact, also as words."""
    if slug in OWN_FACTS:
        yield Use("PLGCRM’s own guards, queue order and account pages", reverse("admin:desk_rules"))
    for play in Play.objects.all():
        if _speaks_of(play.why_now_lines, slug):
            yield Use(f"Why now of {play.name}", reverse("admin:outreach_play_change", args=[play.pk]))
    for template in MessageTemplate.objects.select_related("play"):
        if _speaks_of(f"{template.subject}\n{template.body}", slug):
            address = reverse("admin:outreach_messagetemplate_change", args=[template.pk])
            yield Use(f"Message template {template}", address)


def _speaks_of(source: str, slug: str) -> bool:
    try:
        return not {slug, f"{slug}_words"}.isdisjoint(names_in(parsed(source)).every)
    except MessageError:
        # What cannot be read might speak of it: better kept than missed.
        return slug in source


SEGMENT_USES.append(uses_of_segment_here)
FACT_USES.append(uses_of_fact_here)
