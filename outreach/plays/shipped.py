"""The teams, triggers and plays that PLGCRM comes with. Data: what an admin changed is never written over."""

from dataclasses import dataclass

from outreach.models import Play, Team
from outreach.rules.business_time import MINUTES_A_DAY
from signals.models import Trigger
from signals.shipped import (
    IDEAL,
    NEAR_A_LIMIT,
    NOT_PAYING,
    PAYING,
    QUALIFIED,
    THRESHOLD,
    Json,
    count,
    fact,
    inside,
    points,
    qualified,
)

TEAMS = (
    ("sales", "Sales"),
    ("customer-success", "Customer success"),
    ("product-specialists", "Product specialists"),
)
CAREFUL = ["support_fire", "first_value", "signup_age", "one_conversation", "cool_down"]


_STUCK: Json = {
    "all": [
        fact("first_values", "=", 0),
        {
            "any": [
                fact("imports_started_14", ">=", 1),
                fact("imports_failed_14", ">=", 1),
                fact("age_days", ">=", 2),
            ]
        },
    ]
}
_MID_TRIAL: Json = {"all": [inside("in-trial"), fact("age_days", "between", [4, 11])]}

# slug, name, rule
TRIGGERS: tuple[tuple[str, str, Json], ...] = (
    (
        "stuck-or-in-trial",
        "Good fit, new, and stuck or in mid-trial",
        {
            "all": [
                IDEAL,
                fact("age_days", "<=", 14),
                NOT_PAYING,
                {"any": [_STUCK, _MID_TRIAL]},
            ]
        },
    ),
    (
        "qualified-not-paying",
        "Qualified and not paying",
        {
            "all": [
                {"any": [qualified("pqa"), points("pql", ">=", THRESHOLD)]},
                NOT_PAYING,
                fact("people_active_30", ">=", 1),  # points for what was done long ago are no reason to call now
            ]
        },
    ),
    (
        "ticket-worth-a-call",
        "Ticket about plans, limits or security, or any ticket from a qualified account",
        {
            "any": [
                count("commercial-ticket", 3, ">=", 1),
                {"all": [count("ticket-opened", 3, ">=", 1), QUALIFIED]},
            ]
        },
    ),
    (
        "several-workspaces",
        "Two or more workspaces in one company",
        {"all": [fact("workspaces", ">=", 2), fact("people_active_30", ">=", 2)]},
    ),
    (
        "outgrowing",
        "Paying, and near a limit, growing, or trying premium",
        {
            "all": [
                PAYING,
                {
                    "any": [
                        NEAR_A_LIMIT,
                        {"all": [fact("growth_30", ">=", 0.3), fact("people_active_30", ">=", 8)]},
                        fact("premium_tries_30", ">=", 1),
                    ]
                },
            ]
        },
    ),
)


@dataclass(frozen=True, slots=True)
class ShippedPlay:
    slug: str
    name: str
    goal: str
    trigger: str | None  # none: fires on requests
    team: str
    persona: str
    sla_minutes: int
    guards: list[str]
    cool_down_days: int
    prior_rate: float
    why_now_lines: str


# In the order in which they may speak where several could: the rarer and the more exact reason first.
PLAYS = (
    ShippedPlay(
        "hand-raisers",
        "Inbound hand-raisers",
        "Answer the request, knowing what they already use",
        None,
        "sales",
        Play.Persona.USER,
        5,
        [],
        0,
        0.35,
        """\
{{ person.name }} wrote “{{ words }}” ({{ asked }}); {{ people_active_30 | counted: "person is", "people are" }} \
active there in 30 days.
{{ person.name }} wrote “{{ words }}” ({{ asked }}).
{{ person.name }} made a request: {{ asked }}; {{ people_active_30 | counted: "person is", "people are" }} active \
there in 30 days.
{{ person.name }} made a request: {{ asked }}.
""",
    ),
    ShippedPlay(
        "support-loop",
        "Sales-support loop",
        "Fix first, then offer; feed what you learn back to product",
        "ticket-worth-a-call",
        "customer-success",
        Play.Persona.ADMIN,
        MINUTES_A_DAY,
        ["cool_down"],
        7,
        0.2,
        """\
{% if commercial_tickets_7 >= 1 and workspaces == 1 and monthly_revenue > 0 %}{{ commercial_tickets_7 | counted: \
"ticket", "tickets" }} about plans, limits or security in 7 days, on the {{ plan }} plan with {{ people_active_30 | \
counted: "person", "people" }} active in 30 days.{% endif %}
{{ commercial_tickets_7 | counted: "ticket", "tickets" }} about plans, limits or security in 7 days; {{ \
people_active_30 | counted: "person", "people" }} active in 30 days.
{{ tickets_7 | counted: "ticket", "tickets" }} in 7 days at a qualified account with {{ people_active_30 | counted: \
"person", "people" }} active in 30 days.
{{ tickets_7 | counted: "ticket", "tickets" }} in 7 days.
""",
    ),
    ShippedPlay(
        "consolidation",
        "Account consolidation",
        "Show their footprint and offer one contract",
        "several-workspaces",
        "sales",
        Play.Persona.BUYER,
        3 * MINUTES_A_DAY,
        CAREFUL,
        30,
        0.15,
        """\
{{ workspaces | counted: "workspace", "workspaces" }} in one company: {{ people_active_30 | counted: "person", \
"people" }} active in 30 days, {{ seats_used | counted: "seat", "seats" }} in use overall.
{{ workspaces | counted: "workspace", "workspaces" }} in one company, {{ people_active_30 | counted: "person", \
"people" }} active in 30 days.
""",
    ),
    ShippedPlay(
        "expansion",
        "Account expansion",
        "Name the exact limit and the next step",
        "outgrowing",
        "customer-success",
        Play.Persona.CHAMPION,
        MINUTES_A_DAY,
        CAREFUL,
        21,
        0.2,
        """\
{% if fullest_limit_share >= 0.9 %}{{ fullest_limit_share }} of the {{ fullest_limit }} are used in the fullest \
workspace; {{ people_active_30 | counted: "person", "people" }} active in 30 days.{% endif %}
{% if growth_30 >= 0.3 and people_active_30 >= 8 %}{{ people_active_30 | counted: "person", "people" }} active in 30 \
days, {{ people_before_30 }} in the 30 before.{% endif %}
{% if premium_tries_30 >= 1 %}Premium features tried {{ premium_tries_30 | counted: "time", "times" }} in 30 days, \
with {{ people_active_30 | counted: "person", "people" }} active.{% endif %}
{% if people_before_30 == 0 and people_active_30 >= 8 %}{{ people_active_30 | counted: "person", "people" }} active \
in 30 days, none in the 30 before.{% endif %}
{% if fullest_limit_share >= 0.9 %}{{ fullest_limit_share }} of the {{ fullest_limit }} are used in the fullest \
workspace.{% endif %}
""",
    ),
    ShippedPlay(
        "warm-outbound",
        "Warm outbound",
        "Show a decision-maker what their team already does with us",
        "qualified-not-paying",
        "sales",
        Play.Persona.BUYER,
        2 * MINUTES_A_DAY,
        CAREFUL,
        14,
        0.1,
        """\
{% if growth_30 >= 0.1 and people_active_30 >= 7 %}{{ people_active_30 | counted: "person", "people" }} active in 30 \
days, {{ people_before_30 }} in the 30 before; {{ features_30 | counted: "core feature", "core features" }} in use, \
not paying.{% endif %}
{% if limit_hits_30 >= 1 %}At a plan limit {{ limit_hits_30 | counted: "time", "times" }} in 30 days, with {{ \
people_active_30 | counted: "person", "people" }} active, not paying.{% endif %}
{% if pricing_views_30 >= 2 %}Pricing viewed {{ pricing_views_30 | counted: "time", "times" }} in 30 days, with {{ \
people_active_30 | counted: "person", "people" }} active, not paying.{% endif %}
{% if premium_tries_30 >= 1 %}Premium features tried {{ premium_tries_30 | counted: "time", "times" }} in 30 days, \
with {{ people_active_30 | counted: "person", "people" }} active, not paying.{% endif %}
{% if features_30 >= 3 %}{{ features_30 | counted: "core feature", "core features" }} in use and {{ people_active_30 \
| counted: "person", "people" }} active in 30 days, not paying.{% endif %}
{{ people_active_30 | counted: "person", "people" }} active in 30 days and {{ items_30 | counted: "item", "items" }} \
created, not paying.
{{ people_active_30 | counted: "person", "people" }} active in 30 days, not paying.
Qualified on usage, not paying.
""",
    ),
    ShippedPlay(
        "sales-assist",
        "Sales assist",
        "Help with setup, never sell",
        "stuck-or-in-trial",
        "product-specialists",
        Play.Persona.USER,
        MINUTES_A_DAY,
        ["support_fire", "one_conversation", "cool_down"],
        14,
        0.15,
        """\
{% if first_values == 0 and imports_failed_14 >= 1 %}An import failed {{ imports_failed_14 | counted: "time", \
"times" }} in 14 days and no one there has reached first value.{% endif %}
{% if first_values == 0 and imports_started_14 >= 1 %}Started {{ imports_started_14 | counted: "import", "imports" \
}} in 14 days, and no one there has reached first value.{% endif %}
{% if first_values == 0 and age_days >= 2 %}Signed up {{ age_days | counted: "day", "days" }} ago, {{ \
people_active_30 | counted: "person", "people" }} active in 30 days, and no one there has reached first value.{% \
endif %}
{% if plan_kind == "trial" %}In a trial, signed up {{ age_days | counted: "day", "days" }} ago: {{ people_active_30 \
| counted: "person", "people" }} active in 30 days.{% endif %}
{% if first_values == 0 %}No one there has reached first value.{% endif %}
""",
    ),
)


def ensure_teams() -> int:
    """Make the shipped teams that are missing; how many. Never writes over what an admin changed."""
    before = Team.objects.count()
    Team.objects.bulk_create([Team(slug=slug, name=name) for slug, name in TEAMS], ignore_conflicts=True)
    return Team.objects.count() - before


def ensure_triggers() -> int:
    """Make the shipped triggers that are missing; how many. Never writes over what an admin changed."""
    before = Trigger.objects.count()
    rows = [Trigger(slug=slug, name=name, rule=rule) for slug, name, rule in TRIGGERS]
    Trigger.objects.bulk_create(rows, ignore_conflicts=True)
    return Trigger.objects.count() - before


def ensure_plays() -> int:
    """Make the shipped plays that are missing; how many. Never writes over what an admin changed."""
    before = Play.objects.count()
    teams = dict(Team.objects.values_list("slug", "pk"))
    triggers = dict(Trigger.objects.values_list("slug", "pk"))
    rows = [_play(shipped, place, teams, triggers) for place, shipped in enumerate(PLAYS, 1)]
    Play.objects.bulk_create(rows, ignore_conflicts=True)
    return Play.objects.count() - before


def _play(shipped: ShippedPlay, place: int, teams: dict[str, int], triggers: dict[str, int]) -> Play:
    return Play(
        slug=shipped.slug,
        name=shipped.name,
        goal=shipped.goal,
        on_hand_raise=shipped.trigger is None,
        trigger_id=triggers[shipped.trigger] if shipped.trigger else None,
        team_id=teams[shipped.team],
        persona=shipped.persona,
        sla_minutes=shipped.sla_minutes,
        guards=shipped.guards,
        cool_down_days=shipped.cool_down_days,
        why_now_lines=shipped.why_now_lines,
        prior_rate=shipped.prior_rate,
        position=place,
    )
