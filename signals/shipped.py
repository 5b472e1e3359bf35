"""The categories, signals, scoring models and profiles that PLGCRM comes with, for "a boards product".

All of it is data that an admin may change. What an admin changed is never written over; what is missing is made.
docs/explain/plays.md and docs/reference say which windows and points are ours and which were published.
"""

from datetime import datetime
from typing import Any

from django.db.models import F

from signals.facts import FACTS
from signals.models import (
    Category,
    Configuration,
    ScoringModel,
    ScoringModelVersion,
    Segment,
    Signal,
    SignalDefinition,
)
from signals.rules.message_types import ACTIVITY_TYPES

Json = dict[str, Any]

FIT_INDUSTRIES = ["Software", "Financial services", "Professional services", "Media", "Manufacturing", "Healthcare"]
PAYING_PLANS = ["team", "business"]

# slug, name
CATEGORIES = (
    ("hand-raise", "Hand raise"),
    ("limits", "Limits and paywalls"),
    ("spread", "Team spread"),
    ("depth", "Depth and velocity"),
    ("people", "People"),
    ("fit", "Fit"),
    ("support", "Support"),
    ("conversion", "Conversion"),
)
RAISES_HAND, CONVERTS = "hand-raise", "conversion"


# --- Signals ----------------------------------------------------------------------------------------------


def _track(*names: str, where: list[Json] | None = None) -> Json:
    return _matches("track", names, where)


def _page(*names: str) -> Json:
    return _matches("page", names, None)


def _matches(kind: str, names: tuple[str, ...], where: list[Json] | None) -> Json:
    return {"any": [{"kinds": [kind], "names": list(names), "source": None, "where": where or []}]}


ACTIVITY = {"any": [{"kinds": list(ACTIVITY_TYPES), "names": None, "source": None, "where": []}]}
_COMMERCIAL = [{"property": "topic", "op": "one_of", "value": ["plan", "limits", "security"]}]
_BAD = [{"property": "csat", "op": "<=", "value": 2}]

# slug, name, category, what it matches
SIGNALS: tuple[tuple[str, str, str, Json], ...] = (
    ("demo-requested", "Demo requested", "hand-raise", _track("Demo Requested")),
    ("contacted-sales", "Contacted sales", "hand-raise", _track("Sales Contacted")),
    ("asked-about-plan", "Asked about a plan", "hand-raise", _track("Plan Question Asked")),
    ("hit-limit", "Hit a plan limit", "limits", _track("Limit Hit")),
    ("viewed-pricing", "Viewed pricing", "limits", _page("Pricing")),
    ("tried-premium", "Tried a premium feature", "limits", _track("Premium Feature Tried")),
    ("entered-payment-details", "Entered payment details", "limits", _track("Payment Details Entered")),
    ("subscribed", "Subscribed", "conversion", _track("Subscription Started")),
    ("unsubscribed", "Cancelled", "limits", _track("Subscription Cancelled")),
    ("invited", "Invited someone", "spread", _track("Invite Sent")),
    ("activity", "Any activity", "depth", ACTIVITY),
    ("completed-onboarding", "Completed onboarding", "depth", _track("Onboarding Completed")),
    ("connected-integration", "Connected an integration", "depth", _track("Integration Connected")),
    ("created-item", "Created an item", "depth", _track("Item Created")),
    ("created-board", "Created a board", "depth", _track("Board Created")),
    ("import-started", "Started an import", "depth", _track("Import Started")),
    ("import-failed", "Import failed", "depth", _track("Import Failed")),
    ("feature-timeline", "Timeline", "depth", _track("Timeline Viewed")),
    ("feature-automation", "Automation", "depth", _track("Automation Created")),
    ("feature-dashboard", "Dashboard", "depth", _track("Dashboard Opened")),
    ("feature-form", "Form", "depth", _track("Form Published")),
    ("feature-doc", "Doc", "depth", _track("Doc Edited")),
    ("feature-calendar", "Calendar", "depth", _track("Calendar Viewed")),
    ("signed-up", "Signed up", "people", _track("Signed Up")),
    ("evaluated-terms", "Read terms, privacy or security", "people", _page("Terms", "Privacy", "Security")),
    ("ticket-opened", "Opened a ticket", "support", _track("Ticket Opened")),
    (
        "commercial-ticket",
        "Ticket about plans, limits or security",
        "support",
        _track("Ticket Opened", where=_COMMERCIAL),
    ),
    ("ticket-solved", "Ticket solved", "support", _track("Ticket Solved")),
    ("bad-csat", "Bad ticket rating", "support", _track("Ticket Solved", where=_BAD)),
)


# --- Rules ------------------------------------------------------------------------------------------------


def _when(measure: Json, op: str, value: Any) -> Json:
    return {"measure": measure, "op": op, "value": value}


def fact(name: str, op: str, value: Any) -> Json:
    """A condition on a fact, so that the same number is measured once and can be spoken of."""
    return _when(FACTS[name].measure, op, value)


def count(signal: str, days: int | None, op: str, value: Any) -> Json:
    """How often a signal happened, in a window of days or ever."""
    return _when({"kind": "count", "signals": [signal], "days": days}, op, value)


def scored(column: str, op: str, value: Any) -> Json:
    """What the last scoring wrote: `score.pql`, `tier.pql`, `qualified.pql`."""
    return _when({"kind": "attribute", "key": column}, op, value)


PAYING: Json = {"any": [fact("mrr", ">", 0), fact("plan", "one_of", PAYING_PLANS)]}
NOT_PAYING: Json = {"none": [PAYING]}
SIZE_IN_ICP = fact("company_size", "between", [50, 5000])
INDUSTRY_IN_ICP = fact("industry", "one_of", FIT_INDUSTRIES)
NEAR_A_LIMIT: Json = {"any": [fact("seats_share", ">=", 0.9), fact("boards_share", ">=", 0.9)]}
QUALIFIED: Json = {"any": [scored(f"qualified.{kind}", "=", 1) for kind in ("pql", "pqa", "eqa")]}


def _criterion(
    slug: str, name: str, points: int, rule: Json, *, group: str | None = None, person: bool = False
) -> Json:
    return {
        "slug": slug,
        "name": name,
        "rule": rule,
        "points": points,
        "group": group,
        "cap": None,
        "half_life": None,
        "person": person,
    }


# Points, groups and threshold are the published ones; the windows in days are ours.
PQL_CRITERIA = [
    _criterion("onboarding", "Completed onboarding", 10, fact("onboardings", ">=", 1), person=True),
    _criterion(
        "invited-some",
        "Invited 1-3 people",
        15,
        count("invited", None, "between", [1, 3]),
        group="invited",
        person=True,
    ),
    _criterion("invited-many", "Invited 4+ people", 25, count("invited", None, ">=", 4), group="invited", person=True),
    _criterion("integration", "Connected an integration", 20, fact("integrations", ">=", 1), person=True),
    _criterion(
        "early-activity",
        "Active on 5+ days of the first 14",
        15,
        _when({"kind": "active_days", "days": 14, "from": "signup"}, ">=", 5),
        person=True,
    ),
    _criterion("core-features", "Used 3+ core features", 20, fact("features_30", ">=", 3), person=True),
    _criterion("items", "Created 10+ items", 15, count("created-item", None, ">=", 10), person=True),
    _criterion(
        "streak", "Active 7 days running", 25, _when({"kind": "longest_streak", "days": 30}, ">=", 7), person=True
    ),
    _criterion(
        "free-limit",
        "Hit the free plan's limit",
        30,
        {"all": [fact("limit_hits_30", ">=", 1), NOT_PAYING]},
        person=True,
    ),
    _criterion("pricing", "Viewed pricing 2+ times", 15, count("viewed-pricing", 14, ">=", 2), person=True),
    _criterion("premium", "Tried a premium feature", 20, fact("premium_tries_30", ">=", 1), person=True),
    _criterion(
        "payment-details", "Entered payment details", 40, count("entered-payment-details", None, ">=", 1), person=True
    ),
    _criterion("size", "Company size in ICP", 10, SIZE_IN_ICP),
    _criterion("industry", "Industry in ICP", 10, INDUSTRY_IN_ICP),
]

# The conditions are published, the points ours: people count most, and without them nothing qualifies.
PQA_CRITERIA = [
    _criterion("people", "7+ people active in 30 days", 40, fact("people_active_30", ">=", 7)),
    _criterion("volume", "100+ items created in 30 days", 15, fact("items_30", ">=", 100)),
    _criterion(
        "velocity",
        "People or events growing",
        15,
        {"any": [fact("growth_30", ">=", 0.25), fact("growth_7", ">=", 0.5)]},
    ),
    _criterion(
        "evaluation",
        "Reads terms or security, or switched an administrator",
        15,
        {
            "any": [
                fact("terms_views_30", ">=", 1),
                _when({"kind": "attribute_changes", "key": "role", "days": 30}, ">=", 1),
            ]
        },
    ),
    _criterion("mid-market", "200+ employees", 5, fact("company_size", "between", [200, 999]), group="segment"),
    _criterion("enterprise", "1,000+ employees", 15, fact("company_size", ">=", 1000), group="segment"),
]

# Conditions published, points ours: near a limit and one more, or all three others.
EQA_CRITERIA = [
    _criterion("near-limit", "Paying and near a limit", 45, {"all": [PAYING, NEAR_A_LIMIT]}),
    _criterion("seats-filling", "Paying and people up by 20 %", 25, {"all": [PAYING, fact("growth_30", ">=", 0.2)]}),
    _criterion(
        "usage-rising",
        "Paying and events up by 30 %",
        25,
        {"all": [PAYING, _when({"kind": "growth", "days": 30, "of": "count", "floor": 50}, ">=", 0.3)]},
    ),
    _criterion("second-team", "Paying, with a second workspace", 25, {"all": [PAYING, fact("workspaces", ">=", 2)]}),
]

TIERS = [
    {"slug": "nurture", "name": "Nurture", "from": 0},
    {"slug": "upgrade", "name": "Upgrade campaign", "from": 41},
    {"slug": "inside", "name": "Inside sales", "from": 65},
    {"slug": "executive", "name": "Account executive", "from": 100},
]
THRESHOLD = 65

MODELS = (
    (
        "pql",
        "Product-qualified lead",
        "Points for what people did and for fit. Scores accounts and people.",
        PQL_CRITERIA,
    ),
    (
        "pqa",
        "Product-qualified account",
        "A company whose usage is broad, deep, growing or under evaluation.",
        PQA_CRITERIA,
    ),
    ("eqa", "Expansion-qualified account", "A paying company that is outgrowing its plan.", EQA_CRITERIA),
)

# slug, name, rule, signals of success
PROFILES: tuple[tuple[str, str, Json, tuple[str, ...]], ...] = (
    (
        "software-teams",
        "Software companies, 50 to 5,000 people",
        {"all": [SIZE_IN_ICP, fact("industry", "=", "Software")]},
        ("completed-onboarding", "connected-integration", "feature-timeline", "feature-automation"),
    ),
    (
        "client-work",
        "Agencies and advisers, 20 to 500 people",
        {
            "all": [
                fact("company_size", "between", [20, 500]),
                fact("industry", "one_of", ["Professional services", "Media"]),
            ]
        },
        ("completed-onboarding", "invited", "feature-calendar", "feature-form"),
    ),
    (
        "operations",
        "Operations in companies of 200 and more",
        {
            "all": [
                fact("company_size", ">=", 200),
                fact(
                    "industry", "one_of", ["Manufacturing", "Financial services", "Healthcare", "Logistics", "Retail"]
                ),
            ]
        },
        ("completed-onboarding", "created-board", "feature-dashboard", "feature-doc"),
    ),
)


# --- Into the database ------------------------------------------------------------------------------------


def ensure_signals() -> int:
    before = Signal.objects.count()
    Category.objects.bulk_create(
        [
            Category(slug=slug, name=name, raises_hand=slug == RAISES_HAND, converts=slug == CONVERTS, position=place)
            for place, (slug, name) in enumerate(CATEGORIES, 1)
        ],
        ignore_conflicts=True,
    )
    categories = dict(Category.objects.values_list("slug", "pk"))
    Signal.objects.bulk_create(
        [Signal(slug=slug, name=name, category_id=categories[category]) for slug, name, category, _ in SIGNALS],
        ignore_conflicts=True,
    )
    _ensure_definitions()
    return Signal.objects.count() - before


def _ensure_definitions() -> None:
    """Before the first event nothing has to be counted over: the definitions are current at once."""
    matches = {slug: meant for slug, _, _, meant in SIGNALS}
    undefined = Signal.objects.filter(slug__in=matches, definitions=None)
    SignalDefinition.objects.bulk_create(
        [
            SignalDefinition(
                signal=signal, matches=matches[signal.slug], state=SignalDefinition.State.CURRENT, since_version=1
            )
            for signal in undefined
        ]
    )


def ensure_models(now: datetime) -> int:
    """Each model with a live first version; a model that has any version is left as it is."""
    made = 0
    for place, (kind, name, description, criteria) in enumerate(MODELS, 1):
        model, _ = ScoringModel.objects.get_or_create(
            kind=kind, defaults={"name": name, "description": description, "position": place}
        )
        if not model.versions.exists():
            ScoringModelVersion.objects.create(
                scoring_model=model,
                number=1,
                state=ScoringModelVersion.State.LIVE,
                criteria=criteria,
                tiers=TIERS,
                threshold=THRESHOLD,
                note="As shipped",
                published_at=now,
            )
            made += 1
    return made


def ensure_segments() -> int:
    """Examples, once: whoever deletes one is not given it again."""
    if Segment.objects.exists():
        return 0
    signals = Signal.objects.in_bulk(field_name="slug")
    for place, (slug, name, rule, success) in enumerate(PROFILES, 1):
        segment = Segment.objects.create(slug=slug, name=name, rule=rule, ideal=True, position=place)
        segment.success_signals.set([signals[one] for one in success])
    return len(PROFILES)


def tell_live_processes() -> None:
    """Whoever scores reads the models again."""
    Configuration.objects.update(models_version=F("models_version") + 1)
