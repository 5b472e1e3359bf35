"""The facts a sentence or a message may speak of: a name, what it measures, and how a person reads it.

Facts are measured with every scoring run and kept in AccountState.measures under their measure key.
"""

from dataclasses import dataclass
from typing import Any

from signals.measures.kinds import is_share


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    measure: dict[str, Any]
    reads: str

    @property
    def is_share(self) -> bool:
        return is_share(self.measure["kind"])


def _of(kind: str, *signals: str, days: int | None = None, **more: Any) -> dict[str, Any]:
    measure: dict[str, Any] = {"kind": kind, **more}
    if signals:
        measure["signals"] = list(signals)
    if kind not in {"attribute", "limit_share", "workspaces", "members", "admins", "age_days", "days_since_last"}:
        measure["days"] = days
    return measure


FEATURES = (
    "feature-timeline",
    "feature-automation",
    "feature-dashboard",
    "feature-form",
    "feature-doc",
    "feature-calendar",
)

FACTS = {
    fact.name: fact
    for fact in (
        Fact("people_active_30", _of("people", days=30), "people active in 30 days"),
        Fact("people_active_7", _of("people", days=7), "people active in 7 days"),
        Fact("events_7", _of("count", days=7), "events in 7 days"),
        Fact("active_days_30", _of("active_days", days=30), "days with activity in the last 30"),
        Fact(
            "growth_30",
            _of("growth", days=30, of="people", floor=3),
            "change in people active, 30 days vs. the 30 before",
        ),
        Fact("growth_7", _of("growth", days=7, of="count", floor=10), "change in events, 7 days vs. the 7 before"),
        Fact("days_since_active", _of("days_since_last"), "days since the last activity"),
        Fact("features_30", _of("breadth", *FEATURES, days=30), "core features used in 30 days"),
        Fact("invites_30", _of("count", "invited", days=30), "people invited in 30 days"),
        Fact("items_30", _of("count", "created-item", days=30), "items created in 30 days"),
        Fact("integrations", _of("count", "connected-integration", days=None), "integrations connected"),
        Fact("limit_hits_30", _of("count", "hit-limit", days=30), "times at a plan limit in 30 days"),
        Fact("pricing_views_30", _of("count", "viewed-pricing", days=30), "views of the pricing page in 30 days"),
        Fact("premium_tries_30", _of("count", "tried-premium", days=30), "premium features tried in 30 days"),
        Fact("terms_views_30", _of("count", "evaluated-terms", days=30), "views of terms and security in 30 days"),
        Fact("onboardings", _of("count", "completed-onboarding", days=None), "onboardings completed"),
        Fact("imports_started_14", _of("count", "import-started", days=14), "imports started in 14 days"),
        Fact("imports_failed_14", _of("count", "import-failed", days=14), "imports failed in 14 days"),
        Fact("tickets_7", _of("count", "ticket-opened", days=7), "tickets opened in 7 days"),
        Fact(
            "commercial_tickets_7",
            _of("count", "commercial-ticket", days=7),
            "tickets about plans, limits or security in 7 days",
        ),
        Fact("bad_csat_14", _of("count", "bad-csat", days=14), "bad ticket ratings in 14 days"),
        Fact("workspaces", _of("workspaces"), "workspaces"),
        Fact("members", _of("members"), "people known"),
        Fact("admins", _of("admins"), "administrators"),
        Fact("age_days", _of("age_days"), "days since sign-up"),
        Fact(
            "seats_share",
            _of("limit_share", used="seats_used", limit="seats"),
            "share of seats used, fullest workspace",
        ),
        Fact(
            "boards_share",
            _of("limit_share", used="boards_used", limit="boards_limit"),
            "share of boards used, fullest workspace",
        ),
        Fact("seats_used", _of("attribute", key="seats_used", agg="sum"), "seats used"),
        Fact("seats", _of("attribute", key="seats", agg="sum"), "seats paid for or allowed"),
        Fact("plan", _of("attribute", key="plan"), "plan"),
        Fact("mrr", _of("attribute", key="mrr", agg="sum"), "monthly revenue"),
        Fact("currency", _of("attribute", key="currency"), "currency"),
        Fact("company_size", _of("attribute", key="company_size", agg="max"), "employees"),
        Fact("industry", _of("attribute", key="industry"), "industry"),
        Fact("country", _of("attribute", key="country"), "country"),
    )
}

# Columns that scoring adds after the points are known; rules read them as attributes of the account.
SCORED = ("score", "tier", "qualified")
