"""The categories, signals, segments, facts and scoring models that PLGCRM comes with, in the trade's own terms.

Nothing here knows a product: which events and traits the terms are is said on an installation's vocabulary page.
All of it is data that an admin may change. What an admin changed is never written over; what is missing is made.
docs/explain/plays.md and docs/reference say which windows and points are ours and which were published.
"""

from datetime import datetime
from typing import Any

from django.db.models import F

from signals.measures.kinds import ACTIVITY
from signals.measures.words import CATEGORY
from signals.models import (
    Category,
    Configuration,
    Fact,
    ProductLimit,
    ScoringModel,
    ScoringModelVersion,
    Segment,
    Signal,
    SignalDefinition,
)
from signals.rules.message_types import ACTIVITY_TYPES
from signals.vocabulary.applied import PLAN_KIND
from signals.vocabulary.terms import CATEGORIES, CONVERSION, CORE_FEATURES, HAND_RAISE, SIGNAL_TERMS

Json = dict[str, Any]

ANY_ACTIVITY = {"any": [{"kinds": list(ACTIVITY_TYPES), "names": None, "source": None, "where": []}]}
POLICIES = ("viewed-terms", "viewed-privacy", "viewed-security")
FEATURES = f"{CATEGORY}{CORE_FEATURES}"
SEATS = ("seats", "seat", "seats")


# --- Measures and facts -----------------------------------------------------------------------------------


def usage(kind: str, *signals: str, days: int | None = None, **more: Any) -> Json:
    """A measure over signals; without any, over all activity."""
    return {"kind": kind, "signals": list(signals) or [ACTIVITY], "days": days, **more}


def trait(key: str, agg: str = "latest") -> Json:
    """A measure of what a meaning says."""
    return {"kind": "attribute", "key": key, "agg": agg}


def limit_share(slug: str) -> Json:
    """How much of a limit is used, in the fullest workspace."""
    return {"kind": "limit_share", "used": f"{slug}_used", "limit": slug}


_PEOPLE, _TIMES, _DAYS = ("person", "people"), ("time", "times"), ("day", "days")
_NONE = ("", "")

# slug, measure, unit, how it reads, one, many
FACTS: tuple[tuple[str, Json, str, str, tuple[str, str]], ...] = (
    ("people_active_30", usage("people", days=30), "count", "people active in 30 days", _PEOPLE),
    ("people_active_7", usage("people", days=7), "count", "people active in 7 days", _PEOPLE),
    ("events_7", usage("count", days=7), "count", "events in 7 days", ("event", "events")),
    ("active_days_30", usage("active_days", days=30), "count", "days with activity in the last 30", _DAYS),
    ("growth_30", usage("growth", days=30, of="people", floor=3), "share",
     "change in people active, 30 days vs. the 30 before", _NONE),
    ("growth_7", usage("growth", days=7, of="count", floor=10), "share",
     "change in events, 7 days vs. the 7 before", _NONE),
    ("days_since_active", {"kind": "days_since_last", "signals": [ACTIVITY]}, "days",
     "days since the last activity", _DAYS),
    ("features_30", usage("breadth", FEATURES, days=30), "count", "core features used in 30 days",
     ("core feature", "core features")),
    ("invites_30", usage("count", "invited", days=30), "count", "people invited in 30 days",
     ("invitation", "invitations")),
    ("items_30", usage("count", "created-item", days=30), "count", "items created in 30 days", ("item", "items")),
    ("integrations", usage("count", "connected-integration"), "count", "integrations connected",
     ("integration", "integrations")),
    ("limit_hits_30", usage("count", "hit-limit", days=30), "count", "times at a limit in 30 days", _TIMES),
    ("pricing_views_30", usage("count", "viewed-pricing", days=30), "count", "views of pricing in 30 days", _TIMES),
    ("premium_tries_30", usage("count", "tried-premium", days=30), "count", "premium features tried in 30 days",
     _TIMES),
    ("policy_views_30", usage("count", *POLICIES, days=30), "count", "views of terms, privacy and security in 30 days",
     _TIMES),
    ("first_values", usage("count", "reached-first-value"), "count", "times first value was reached", _TIMES),
    ("imports_started_14", usage("count", "import-started", days=14), "count", "imports started in 14 days",
     ("import", "imports")),
    ("imports_failed_14", usage("count", "import-failed", days=14), "count", "imports failed in 14 days",
     ("import", "imports")),
    ("tickets_7", usage("count", "ticket-opened", days=7), "count", "tickets opened in 7 days", ("ticket", "tickets")),
    ("commercial_tickets_7", usage("count", "commercial-ticket", days=7), "count",
     "tickets about plans, limits or security in 7 days", ("ticket", "tickets")),
    ("bad_ratings_14", usage("count", "bad-rating", days=14), "count", "bad ticket ratings in 14 days",
     ("bad rating", "bad ratings")),
    ("workspaces", {"kind": "workspaces"}, "count", "workspaces", ("workspace", "workspaces")),
    ("members", {"kind": "members"}, "count", "people known", _PEOPLE),
    ("admins", {"kind": "admins"}, "count", "administrators", ("administrator", "administrators")),
    ("age_days", {"kind": "age_days"}, "days", "days since sign-up", _DAYS),
    ("plan", trait("plan"), "text", "plan", _NONE),
    ("plan_kind", trait(PLAN_KIND), "text", "kind of plan", _NONE),
    ("monthly_revenue", trait("monthly_revenue", "sum"), "money", "monthly revenue", _NONE),
    ("currency", trait("currency"), "text", "currency", _NONE),
    ("employees", trait("employees", "max"), "count", "employees", ("employee", "employees")),
    ("industry", trait("industry"), "text", "industry", _NONE),
    ("country", trait("country"), "text", "country", _NONE),
)  # fmt: skip
UNTOLD = frozenset({"monthly_revenue", "bad_ratings_14", "employees", "industry"})  # for reps only


# --- Rules ------------------------------------------------------------------------------------------------


def when(measure: Json, op: str, value: Any) -> Json:
    """One condition on a measure."""
    return {"measure": measure, "op": op, "value": value}


def fact(slug: str, op: str, value: Any) -> Json:
    """A condition on a fact, so that the same number is measured once and can be spoken of."""
    return when(_MEASURES[slug], op, value)


def count(signal: str, days: int | None, op: str, value: Any) -> Json:
    """How often a signal happened, in a window of days or ever."""
    return when(usage("count", signal, days=days), op, value)


def points(model: str, op: str, value: Any) -> Json:
    """The points in a scoring model."""
    return when({"kind": "points", "model": model}, op, value)


def qualified(model: str) -> Json:
    """Having reached the threshold of a scoring model."""
    return when({"kind": "qualified", "model": model}, "=", 1)


def inside(segment: str) -> Json:
    """Being in a segment."""
    return when({"kind": "segment", "segment": segment}, "=", 1)


def outside(segment: str) -> Json:
    """Surely not being in a segment: where that is unknown, so is this."""
    return when({"kind": "segment", "segment": segment}, "=", 0)


_MEASURES = {slug: measure for slug, measure, *_ in FACTS}
PAYING, NOT_PAYING = inside("paying"), outside("paying")
NEAR_A_LIMIT = inside("near-a-limit")
IDEAL = inside("ideal-customers")
IDEAL_SIZE = fact("employees", "between", [50, 5000])
IDEAL_INDUSTRY = fact(
    "industry",
    "one_of",
    ["Software", "Financial services", "Professional services", "Media", "Manufacturing", "Healthcare"],
)
QUALIFIED: Json = {"any": [qualified(kind) for kind in ("pql", "pqa", "eqa")]}
NEAR = 0.9

# slug, name, what for, rule
SEGMENTS: tuple[tuple[str, str, str, Json], ...] = (
    ("paying", "Paying", "Companies that pay you.", {
        "any_known": [
            when(trait("paying"), "=", "true"), fact("monthly_revenue", ">", 0), fact("plan_kind", "=", "paid"),
        ],
    }),
    ("in-trial", "In trial", "Companies that try a plan before they pay for it.", {
        "all": [fact("plan_kind", "=", "trial"), NOT_PAYING],
    }),
    ("ideal-customers", "Ideal customers", "Companies you serve best. Change it to what you know of yours.", {
        "any_known": [IDEAL_SIZE, IDEAL_INDUSTRY],
    }),
    ("near-a-limit", "Near a limit", "90 % or more of something that their plan allows.", {
        "any_known": [when(limit_share("seats"), ">=", NEAR)],
    }),
    ("reached-value", "Reached first value", "What protects new users: before it, nobody contacts them.", {
        "any_known": [fact("first_values", ">=", 1), fact("items_30", ">=", 10)],
    }),
    ("support-issue", "Support issue", "While support has a fire to put out, every other play waits.", {
        "all": [fact("bad_ratings_14", ">=", 1)],
    }),
    ("internal", "Internal", "Your own company's accounts: no play opens an item for them.", {
        "any": [when({"kind": "attribute", "key": "is_internal"}, "=", "true")],
    }),
)  # fmt: skip


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


ASLEEP_DAYS = 90  # after so many, what somebody once did says nothing of today
AWAKE: Json = {"none": [fact("days_since_active", ">=", ASLEEP_DAYS) | {"unknown": "no"}]}
SIGNED_UP_LATELY = fact("age_days", "<=", ASLEEP_DAYS)


def lately(signal: str, op: str, value: Any) -> Json:
    """How often a signal happened, as long as that says something of today."""
    return count(signal, ASLEEP_DAYS, op, value)


def grown(of: str, days: int, share: float, *, floor: int, now: int) -> Json:
    """Growth that says something: old enough to have two windows, and with enough in the last one."""
    growth = usage("growth", days=days, of=of, floor=floor, least_age=2 * days)
    return {"all": [when(growth, ">=", share), when(usage(of, days=days), ">=", now)]}


# Points, groups and threshold are the published ones; the windows in days are ours.
PQL_CRITERIA = [
    _criterion("first-value", "Reached first value", 10, lately("reached-first-value", ">=", 1), person=True),
    _criterion(
        "invited-some",
        "Invited 1-3 people",
        15,
        lately("invited", "between", [1, 3]),
        group="invited",
        person=True,
    ),
    _criterion("invited-many", "Invited 4+ people", 25, lately("invited", ">=", 4), group="invited", person=True),
    _criterion("integration", "Connected an integration", 20, lately("connected-integration", ">=", 1), person=True),
    _criterion(
        "early-activity",
        "Active on 5+ days of the first 14",
        15,
        {"all": [when({"kind": "active_days", "days": 14, "from": "signup"}, ">=", 5), SIGNED_UP_LATELY]},
        person=True,
    ),
    _criterion("core-features", "Used 3+ core features", 20, fact("features_30", ">=", 3), person=True),
    _criterion("items", "Created 10+ items", 15, lately("created-item", ">=", 10), person=True),
    _criterion(
        "streak", "Active 7 days running", 25, when({"kind": "longest_streak", "days": 30}, ">=", 7), person=True
    ),
    _criterion("free-limit", "Hit the free plan's limit", 30, {"all": [fact("limit_hits_30", ">=", 1), NOT_PAYING]}),
    _criterion("pricing", "Viewed pricing 2+ times", 15, count("viewed-pricing", 14, ">=", 2), person=True),
    _criterion("premium", "Tried a premium feature", 20, fact("premium_tries_30", ">=", 1), person=True),
    _criterion(
        "payment-details",
        "Entered payment details",
        40,
        lately("entered-payment-details", ">=", 1),
        person=True,
    ),
    _criterion("size", "Company size in ICP", 10, IDEAL_SIZE),
    _criterion("industry", "Industry in ICP", 10, IDEAL_INDUSTRY),
]

# The conditions are published, the points ours: people count most, and without them nothing qualifies.
PQA_CRITERIA = [
    _criterion("people", "7+ people active in 30 days", 40, fact("people_active_30", ">=", 7)),
    _criterion("volume", "100+ items created in 30 days", 15, fact("items_30", ">=", 100)),
    _criterion(
        "velocity",
        "People or events growing",
        15,
        {"any": [grown("people", 30, 0.25, floor=3, now=5), grown("count", 7, 0.5, floor=10, now=20)]},
    ),
    _criterion(
        "evaluation",
        "Reads terms or security, or switched an administrator",
        15,
        {
            "any": [
                fact("policy_views_30", ">=", 1),
                when({"kind": "attribute_changes", "key": "role", "days": 30}, ">=", 1),
            ]
        },
    ),
    _criterion("mid-market", "200+ employees", 5, fact("employees", "between", [200, 999]), group="segment"),
    _criterion("enterprise", "1,000+ employees", 15, fact("employees", ">=", 1000), group="segment"),
]

# Conditions published, points ours: near a limit and one more, or all three others.
EQA_CRITERIA = [
    _criterion("near-limit", "Paying and near a limit", 45, {"all": [PAYING, NEAR_A_LIMIT, AWAKE]}),
    _criterion(
        "people-rising", "Paying and people up by 20 %", 25, {"all": [PAYING, grown("people", 30, 0.2, floor=3, now=5)]}
    ),
    _criterion(
        "usage-rising",
        "Paying and events up by 30 %",
        25,
        {"all": [PAYING, grown("count", 30, 0.3, floor=50, now=50)]},
    ),
    _criterion(
        "second-team", "Paying, with a second workspace", 25, {"all": [PAYING, fact("workspaces", ">=", 2), AWAKE]}
    ),
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


# --- Into the database ------------------------------------------------------------------------------------


def ensure_signals() -> int:
    """Make the shipped categories and signals that are missing; how many signals. None means an event yet."""
    before = Signal.objects.count()
    Category.objects.bulk_create(
        [
            Category(slug=slug, name=name, raises_hand=slug == HAND_RAISE, converts=slug == CONVERSION, position=place)
            for place, (slug, name) in enumerate(CATEGORIES, 1)
        ],
        ignore_conflicts=True,
    )
    categories = dict(Category.objects.values_list("slug", "pk"))
    wanted = [(term.slug, term.name, term.category) for term in SIGNAL_TERMS]
    Signal.objects.bulk_create(
        [
            Signal(slug=slug, name=name, category_id=categories[category])
            for slug, name, category in [(ACTIVITY, "Any activity", "depth"), *wanted]
        ],
        ignore_conflicts=True,
    )
    _ensure_activity()
    ProductLimit.objects.get_or_create(slug=SEATS[0], defaults={"one": SEATS[1], "many": SEATS[2]})
    return Signal.objects.count() - before


def _ensure_activity() -> None:
    """The one signal that means the same everywhere. Before the first event nothing has to be counted over."""
    activity = Signal.objects.get(slug=ACTIVITY)
    if not activity.definitions.exists():
        state = SignalDefinition.State.CURRENT
        SignalDefinition.objects.create(signal=activity, matches=ANY_ACTIVITY, state=state, since_version=1)


def ensure_facts() -> int:
    """Make the shipped facts that are missing; how many."""
    before = Fact.objects.count()
    rows = [*FACTS, *(row for limit in ProductLimit.objects.all() for row in limit_facts(limit))]
    Fact.objects.bulk_create(
        [
            Fact(
                slug=slug, measure=measure, unit=unit, reads=reads, one=nouns[0], many=nouns[1],
                may_be_told=slug not in UNTOLD, position=place,
            )
            for place, (slug, measure, unit, reads, nouns) in enumerate(rows, 1)
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    return Fact.objects.count() - before


def limit_facts(limit: ProductLimit) -> list[tuple[str, Json, str, str, tuple[str, str]]]:
    """The facts that a limit brings: its share, how much is used, how much is allowed."""
    nouns = (limit.one, limit.many)
    return [
        (
            f"{limit.slug}_share",
            limit_share(limit.slug),
            "share",
            f"share of {limit.many} used, fullest workspace",
            _NONE,
        ),
        (f"{limit.slug}_used", trait(f"{limit.slug}_used", "sum"), "count", f"{limit.many} used", nouns),
        (limit.slug, trait(limit.slug, "sum"), "count", f"{limit.many} allowed", nouns),
    ]


def ensure_segments() -> int:
    """Make the shipped segments, once: whoever deletes one is not given it again."""
    if Segment.objects.exists():
        return 0
    Segment.objects.bulk_create(
        [
            Segment(slug=slug, name=name, description=about, rule=rule, ideal=slug == "ideal-customers", position=place)
            for place, (slug, name, about, rule) in enumerate(SEGMENTS, 1)
        ]
    )
    return len(SEGMENTS)


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


def tell_live_processes() -> None:
    """Whoever scores reads the models again."""
    Configuration.objects.update(models_version=F("models_version") + 1)
