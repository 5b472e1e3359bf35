"""What is true of an invented account, fact by fact, and what an installation can know of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from accounts.rules.traits import trait_name
from signals.facts import SCORED, FactTerm, all_facts
from signals.vocabulary.terms import CORE_FEATURES, SIGNAL_TERMS
from tests.clock import T0
from tests.invented.installed import BAD_RATING, Installed
from tests.invented.life import Happening, TrueAccount, TrueWorkspace
from tests.invented.product import TOPICS

TODAY = T0.date()
SHIPPED = {term.slug for term in SIGNAL_TERMS}


class Unknown:
    """Nobody here can know it: stating anything of it is a fault."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Partly:
    """Some of it cannot be known: at least so much may be said, and no number as if it were all."""

    number: float


@dataclass(frozen=True)
class AccountTruth:
    """One account, held against what an installation says of it."""

    installed: Installed
    account: TrueAccount

    def wrong(self, name: str, value: Any, *, at_least: bool, within: float = 1e-6) -> bool:
        """Whether a stated value differs from the truth or says what is not known."""
        true = self.of(name)
        if value is None or true is None:
            return False
        if true is UNKNOWN:
            return True
        if isinstance(true, Partly):
            return not at_least or value > true.number + within
        if isinstance(true, set):
            return value not in true and not (at_least and value <= max(true))
        return value > true + within if at_least else abs(value - true) > within

    def of(self, name: str) -> Any:
        """A number, the set of texts that would be right, UNKNOWN, or None for what this does not judge."""
        if name.partition(".")[0] in SCORED:
            return None
        if name in _OWN:
            return _OWN[name](self)
        terms = all_facts()
        if name.endswith("_share") or name.endswith("_used") or name in self._limits:
            return self._limit(name)
        return self._measured(terms[name]) if name in terms else None

    # Deeds

    def _measured(self, fact: FactTerm) -> Any:
        spec = fact.spec
        if spec.kind not in ("count", "people", "active_days", "breadth", "growth", "days_since_last"):
            return self._trait(fact)
        if spec.kind == "breadth":
            return self._features(spec.days)
        if spec.signals == ("activity",):
            return self._activity(fact)
        return self.count(spec.signals, spec.days)

    def count(self, slugs: Iterable[str], days: int | None) -> Any:
        """How often it truly happened; UNKNOWN where none of the signals is said and ever came."""
        slugs = tuple(slugs)
        number = sum(self._is(each, slug) for each in self.happened(days) for slug in slugs)
        heard = [self._heard(slug) for slug in slugs]
        return number if all(heard) else Partly(number) if any(heard) else UNKNOWN

    def happened(self, days: int | None, *, before: int = 0) -> list[Happening]:
        """In a window of days that ends `before` days ago."""
        last = TODAY - timedelta(days=before)
        first = last - timedelta(days=days - 1) if days else date.min
        return [each for each in self.account.happened if first <= _day(each.at) <= last]

    def _heard(self, slug: str) -> bool:
        base = {"commercial-ticket": "ticket-opened", "bad-rating": "ticket-rated"}.get(slug, slug)
        said = self.installed.said
        if f"signal:{base}" not in said or f"signal:{slug}" not in said:
            return False
        world = self.installed.world
        heard = (e for account in world.accounts for e in account.happened if e.at >= world.since)
        return any(self._is(each, slug) for each in heard)

    def _is(self, each: Happening, slug: str) -> bool:
        if slug == "commercial-ticket":
            return each.deed.slug == "ticket-opened" and TOPICS[each.said["topic"]]
        if slug == "bad-rating":
            return each.deed.slug == "ticket-rated" and each.said["rating"] <= BAD_RATING
        return each.deed.slug == slug

    def _features(self, days: int | None) -> Any:
        named = {
            slug: [name for clause in value["matches"]["any"] for name in clause["names"]]
            for term, value in self.installed.said.items()
            if (slug := term.removeprefix("signal:")) not in SHIPPED and value.get("category") == CORE_FEATURES
        }
        if not named:
            return UNKNOWN
        done = {each.deed.name for each in self.happened(days)}
        return sum(any(name in done for name in names) for names in named.values())

    def _activity(self, fact: FactTerm) -> Any:
        spec, days = fact.spec, fact.spec.days
        now, before = self.happened(days), self.happened(days, before=days or 0)
        if spec.kind == "growth":
            pair = [_people(now), _people(before)] if spec.of == "people" else [len(now), len(before)]
            return (pair[0] - pair[1]) / max(pair[1], spec.floor or 1)
        if spec.kind == "people":
            return _people(now)
        if spec.kind == "active_days":
            return len({_day(each.at) for each in now})
        if spec.kind == "days_since_last":
            return (TODAY - max(_day(each.at) for each in now)).days
        return len(now)

    # Traits

    def _trait(self, fact: FactTerm) -> Any:
        key = fact.spec.key.removeprefix("attribute:").partition(":")[0]
        slug = "plan" if key == "plan_kind" else key
        if fact.spec.kind != "attribute":
            return None
        if f"meaning:{slug}" not in self.installed.said or not self._sent(slug):
            return UNKNOWN
        account, plans = self.account, self.installed.world.product.plans
        return {
            "plan": lambda: {place.plan for place in account.workspaces},
            "plan_kind": lambda: {plans[place.plan] for place in account.workspaces},
            "monthly_revenue": lambda: self._summed("monthly_revenue"),
            "employees": lambda: account.employees,
            "industry": lambda: {account.industry},
            "country": lambda: {account.country},
        }.get(slug if key != "plan_kind" else key, lambda: UNKNOWN)()

    def _sent(self, slug: str) -> bool:
        return bool(self._who_sent(slug))

    def _who_sent(self, slug: str) -> list[TrueWorkspace]:
        sent = self.installed.world.product.traits.get(slug)
        return [w for w in self.workspaces if sent and slug in w.sends]

    @property
    def workspaces(self) -> list[TrueWorkspace]:
        """Those that we know of: the numbers of a company are theirs."""
        heard = {each.person.workspace.id for each in self.heard}
        return [each for each in self.account.workspaces if each.id in heard]

    @property
    def heard(self) -> list[Happening]:
        return [each for each in self.account.happened if each.at >= self.installed.world.since]

    # Limits

    @property
    def _limits(self) -> set[str]:
        return {"seats", *(term.removeprefix("limit:") for term in self.installed.said if term.startswith("limit:"))}

    def _limit(self, name: str) -> Any:
        slug = name.removesuffix("_share").removesuffix("_used")
        own = slug != "seats"
        allowed, used = ("limit", "limit_used") if own else ("seats", "seats_used")
        if not self._said_limit(slug, allowed, used):
            return UNKNOWN
        places = self.workspaces
        if name.endswith("_share"):
            fullest = max((getattr(w, used) / getattr(w, allowed) for w in places), default=0.0)
            both = [w for w in places if w in self._who_sent(allowed) and w in self._who_sent(used)]
            return fullest if len(both) == len(places) else Partly(fullest) if both else UNKNOWN
        part = used if name.endswith("_used") else allowed
        return self._summed(part)

    def _summed(self, part: str) -> Any:
        """The number of the company where all of its workspaces say theirs."""
        attribute = "revenue" if part == "monthly_revenue" else part
        number, said = sum(getattr(w, attribute) for w in self.workspaces), self._who_sent(part)
        return number if len(said) == len(self.workspaces) else Partly(number) if said else UNKNOWN

    def _said_limit(self, slug: str, allowed: str, used: str) -> bool:
        traits, said = self.installed.world.product.traits, self.installed.said
        if slug == "seats":
            return "meaning:seats" in said or "meaning:seats_used" in said
        value = said.get(f"limit:{slug}")
        if value is None or allowed not in traits or used not in traits:
            return False
        return [value["allowed"]["path"], value["used"]["path"]] == [
            trait_name(traits[allowed].path), trait_name(traits[used].path),
        ]  # fmt: skip


def _age(truth: AccountTruth) -> Any:
    """Where no company says it, whoever comes first a month after we began counts as new: docs/known-limits.md."""
    true = (TODAY - _day(truth.account.signed_up)).days
    if "meaning:company_created_at" in truth.installed.said and truth._sent("company_created_at"):
        return true
    taken = min((each.at for each in truth.heard), default=T0)
    if "meaning:created_at" in truth.installed.said and "created_at" in truth.installed.world.product.traits:
        taken = min(each.person.signed_up for each in truth.heard)
    new = taken >= truth.installed.world.since + timedelta(days=30)
    return {true, (TODAY - _day(taken)).days} if new else true


def _workspaces(truth: AccountTruth) -> Any:
    return len(truth.workspaces)


def _before(truth: AccountTruth) -> Any:
    return _people(truth.happened(30, before=30))


_OWN: dict[str, Callable[[AccountTruth], Any]] = {
    "age_days": _age,
    "workspaces": _workspaces,
    "people_before_30": _before,
    "members": lambda truth: len({each.person.id for each in truth.heard}),
    "admins": lambda truth: None,
    "fullest_limit": lambda truth: None,
    "fullest_limit_share": lambda truth: None,
    "currency": lambda truth: None,
}


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _people(happened: list[Happening]) -> int:
    return len({each.person.id for each in happened})
