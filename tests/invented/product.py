"""A random product: which events and traits it sends, under which names, in which units. It knows what they mean."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from tests.invented.spelling import OF_TRAITS, STYLES, gibberish, spelled

# signal -> how it may be called; the first word is what it is done to, for names with dots
DEEDS: dict[str, tuple[str, ...]] = {
    "signed-up": ("user signed up", "account created", "registration completed"),
    "reached-first-value": ("onboarding completed", "first report published", "activation reached"),
    "invited": ("member invited", "invite sent", "teammate added"),
    "connected-integration": ("integration connected", "connector enabled", "slack connected"),
    "created-item": ("document created", "report created", "form built"),
    "import-started": ("import started", "csv import begun"),
    "import-failed": ("import failed", "csv import rejected"),
    "hit-limit": ("limit reached", "quota exceeded", "usage limit hit"),
    "viewed-pricing": ("pricing", "plans", "price list"),
    "tried-premium": ("premium feature tried", "locked feature clicked", "paywall seen"),
    "trial-started": ("trial started", "trial begun"),
    "demo-requested": ("demo requested", "demo booked", "product tour booked"),
    "contacted-sales": ("sales contacted", "contact form sent", "quote requested"),
    "ticket-opened": ("ticket opened", "support request created", "support case filed"),
    "ticket-rated": ("ticket rated", "csat submitted", "support case scored"),
    "viewed-terms": ("terms", "terms of service"),
    "viewed-privacy": ("privacy", "privacy policy"),
    "viewed-security": ("security", "trust center"),
}
PAGES = frozenset({"viewed-pricing", "viewed-terms", "viewed-privacy", "viewed-security"})
# What the product is for, and what looks like a deed that a seller cares about, and is none.
NOISE = (
    "chart viewed", "row sorted", "filter saved", "comment posted", "search run", "settings opened", "trial ended",
    "import finished", "invite expired", "limit raised", "ticket commented", "demo video watched", "plan renamed",
    "customer invoice paid", "premium badge shown", "integration removed", "document deleted", "form answered",
)  # fmt: skip
PROPERTIES: dict[str, dict[str, tuple[str, ...]]] = {
    "demo-requested": {"text": ("message", "comment", "note")},
    "contacted-sales": {"text": ("message", "question", "body")},
    "ticket-opened": {"topic": ("topic", "category", "area"), "ticket": ("ticket id", "case number")},
    "ticket-rated": {"rating": ("rating", "score", "stars"), "ticket": ("ticket id", "case number")},
}
MEANINGS: dict[str, tuple[str, ...]] = {
    "company_name": ("company name", "organization name", "account name"),
    "plan": ("plan", "plan name", "subscription tier", "package"),
    "paying": ("is paying", "paid", "active subscription"),
    "monthly_revenue": ("mrr", "monthly revenue", "monthly spend", "subscription price"),
    "seats": ("seats", "seat limit", "licenses purchased"),
    "seats_used": ("seats used", "licenses assigned", "active seats"),
    "employees": ("employees", "company size", "headcount"),
    "industry": ("industry", "sector"),
    "country": ("country", "country code"),
    "company_created_at": ("created at", "customer since", "signup date"),
}
OF_PEOPLE: dict[str, tuple[str, ...]] = {
    "person_name": ("name", "full name"),
    "title": ("job title", "position", "title"),
    "role": ("role", "access level", "permission"),
    "created_at": ("created at", "registered at", "signup date"),
}
LIMITS = ("project", "credit", "export", "contact", "report")
# Look like something else than they are; never the truth of anything that we speak of.
DECOYS: dict[str, Callable[[Random], Any]] = {
    "plan interest": lambda rng: rng.choice(("Enterprise", "Pro")),
    "previous plan": lambda rng: rng.choice(("Free", "Pro")),
    "seats requested": lambda rng: rng.randint(200, 900),
    "seat usage": lambda rng: rng.choice((0.4, 0.85)),
    "seats used share": lambda rng: rng.choice(("40 %", "85 %")),
    "lifetime revenue": lambda rng: rng.randint(10_000, 90_000),
    "monthly ad spend": lambda rng: rng.randint(1_000, 9_000),
    "last invoice amount": lambda rng: rng.randint(100, 900),
    "employees target": lambda rng: rng.randint(2_000, 9_000),
    "billing country": lambda rng: rng.choice(("LI", "MC")),
    "trial seats": lambda rng: rng.randint(300, 400),
    "shipping country": lambda rng: rng.choice(("LI", "MC")),
    "last login at": lambda rng: "2026-03-10T10:00:00Z",
    "updated at": lambda rng: 1_772_000_000,
    "subscription created at": lambda rng: "2026-02-20",
    "paid invoices": lambda rng: rng.randint(1, 40),
    "industry code": lambda rng: str(rng.randint(10, 99)),
}
PLANS = (
    {"Free": "free", "Team": "paid", "Enterprise": "paid"},
    {"starter": "free", "trial": "trial", "growth": "paid"},
    {"Kiesel": "free", "Fels": "paid", "Berg": "paid"},
    {"hobby": "free", "pro": "paid", "scale": "paid"},
    {"Basic": "paid", "Plus": "paid", "Trial": "trial"},
)
TOPICS = {"billing": True, "plan limits": True, "bug": False, "how to": False}  # whether sales should see them
ROLES = (("admin", "member"), ("owner", "editor"), ("Administrator", "Guest"))


@dataclass(frozen=True)
class Sent:
    """A trait as this product sends it."""

    of: str  # person, company
    path: str
    write: Callable[[Any], Any] = lambda value: value
    options: dict[str, Any] = field(default_factory=dict)  # as somebody who knows the product says them


@dataclass(frozen=True)
class Deed:
    """An event as this product sends it; `slug` "": means nothing to a seller."""

    slug: str
    name: str
    kind: str
    paths: dict[str, str] = field(default_factory=dict)  # property term -> path

    @property
    def matches(self) -> dict[str, Any]:
        return {"any": [{"kinds": [self.kind], "names": [self.name], "source": None, "where": []}]}


@dataclass(frozen=True)
class Product:
    """What is sent. `traits` by meaning; `limit` is one beside seats, if there is any."""

    deeds: dict[str, Deed]
    noise: list[Deed]
    traits: dict[str, Sent]
    decoys: dict[str, Sent]
    plans: dict[str, str]
    roles: tuple[str, str]
    limit: str


def product_of(rng: Random) -> Product:
    """The same for the same seed."""
    style = rng.choice(list(STYLES))
    deeds = {slug: _deed(rng, slug, style) for slug in DEEDS if rng.random() < 0.85}
    noise = [Deed("", spelled(words, style), "track") for words in rng.sample(NOISE, 6)]
    plans, roles = rng.choice(PLANS), rng.choice(ROLES)
    names, limit = rng.choice(OF_TRAITS), rng.choice(LIMITS)
    nest = {"company": rng.choice(("", "", "organization.", "billing.")), "person": rng.choice(("", "", "profile."))}
    traits: dict[str, Sent] = {}
    for of, several in (("company", MEANINGS), ("person", OF_PEOPLE)):
        for slug, called in several.items():
            if rng.random() < 0.85:
                traits[slug] = _trait(rng, slug, of, nest[of] + _called(rng, rng.choice(called), names), plans, roles)
    if rng.random() < 0.7:
        for slug, words in (("limit", f"{limit} limit"), ("limit_used", f"{limit}s used")):
            traits[slug] = Sent("company", nest["company"] + spelled(words, names), _count(rng))
    decoys = {words: Sent("company", nest["company"] + spelled(words, names)) for words in rng.sample(list(DECOYS), 5)}
    taken = {(each.of, each.path) for each in traits.values()}
    decoys = {words: each for words, each in decoys.items() if (each.of, each.path) not in taken}
    return Product(deeds, noise, traits, decoys, plans, roles, limit)


def _called(rng: Random, words: str, style: str) -> str:
    return gibberish(rng) if rng.random() < 0.1 else spelled(words, style)


def _deed(rng: Random, slug: str, style: str) -> Deed:
    kind = "page" if slug in PAGES else "track"
    words = rng.choice(DEEDS[slug])
    name = gibberish(rng) if rng.random() < 0.1 else spelled(words, "Title Case" if kind == "page" else style)
    paths = {
        term: spelled(rng.choice(called), rng.choice(OF_TRAITS)) for term, called in PROPERTIES.get(slug, {}).items()
    }
    return Deed(slug, name, kind, paths)


def _trait(rng: Random, slug: str, of: str, path: str, plans: dict[str, str], roles: tuple[str, str]) -> Sent:
    if slug == "plan":
        return Sent(of, path, options={"plans": plans})
    if slug == "role":
        return Sent(of, path, options={"admins": [roles[0]]})
    if slug == "monthly_revenue":
        return _money(rng, of, path)
    if slug == "paying":
        yes, no = rng.choice(((True, False), ("yes", "no"), (1, 0), ("true", "false")))
        return Sent(of, path, lambda value: yes if value else no)
    if slug in ("created_at", "company_created_at"):
        return Sent(of, path, rng.choice((_iso, _day, _seconds, _milliseconds)))
    if slug == "employees":
        return Sent(of, path, rng.choice((_range, _count(rng))))
    return Sent(of, path, _count(rng) if slug in ("seats", "seats_used") else lambda value: value)


def _count(rng: Random) -> Callable[[Any], Any]:
    return rng.choice(
        (lambda value: value, str, lambda value: f"{value:,}", lambda value: f"{value:,}".replace(",", "."))
    )


def _money(rng: Random, of: str, path: str) -> Sent:
    ways: tuple[tuple[Callable[[Any], Any], dict[str, Any], str], ...] = (
        (lambda value: value, {"period": "month"}, ""),
        (lambda value: value * 100, {"period": "month", "cents": True}, ""),
        (lambda value: value * 100, {"period": "month", "cents": True}, "_cents"),
        (lambda value: value * 12, {"period": "year"}, "_per_year"),
        (lambda value: f"${value:,}", {"period": "month"}, ""),
        (lambda value: f"{value}.00 USD", {"period": "month"}, ""),
        (lambda value: f"€{value:,}".replace(",", "."), {"period": "month"}, ""),
        (lambda value: f"{value:,},00 €".replace(",", ".", 1), {"period": "month"}, ""),
    )
    write, options, after = rng.choice(ways)
    return Sent(of, path + after, write, options)


def _iso(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(value: datetime) -> str:
    return value.date().isoformat()


def _seconds(value: datetime) -> int:
    return int(value.timestamp())


def _milliseconds(value: datetime) -> int:
    return int(value.timestamp() * 1000)


def _range(value: int) -> str:
    ends = (1, 11, 51, 201, 1001)
    low = max(end for end in ends if end <= value)
    high = next((end - 1 for end in ends if end > low), None)
    return f"{low}-{high}" if high else f"{low}+"
