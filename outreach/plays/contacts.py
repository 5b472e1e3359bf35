"""Who to talk to in a company: user, champion, admin or buyer, and how the page says so."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from accounts.models import Account
from outreach.models import Play
from outreach.rules.personas import ACTIVE_DAYS, part_played, seniority
from plgcrm.common.sql import int4s, queries, records
from plgcrm.common.text import plural

SQL = queries("outreach/sql/plays.sql")
SMALL_COMPANY = 50  # employees; up to there the user may be the buyer

NO_BUYER = "No buyer identified yet: find one"
NOBODY = "No one identified there yet: find someone"


@dataclass(frozen=True, slots=True)
class Contact:
    """A person of an account and their last 30 days."""

    person_id: int
    name: str
    email: str
    title: str
    active_days: int = 0
    last_active_on: date | None = None
    is_admin: bool = False

    @property
    def rank(self) -> tuple[int, date, int]:
        """More active is more; the lower id decides between equals, so that the answer never flickers."""
        return (self.active_days, self.last_active_on or date.min, -self.person_id)


@dataclass(frozen=True, slots=True)
class ContactChoice:
    """Who to talk to, None when someone must be found first, and why."""

    member: Contact | None
    words: str

    @property
    def person_id(self) -> int | None:
        return self.member.person_id if self.member else None


def best_person(account: Account, persona: str, *, now: datetime, company_size: float | None = None) -> ContactChoice:
    """Whom of an account to speak to in a play for this persona, and why."""
    return choose(members_of([account.pk], now=now)[account.pk], persona, company_size=company_size)


def members_of(account_ids: Iterable[int], *, now: datetime) -> dict[int, list[Contact]]:
    """The people of some accounts, in one query."""
    today = now.astimezone(UTC).date()
    params = {
        "accounts": int4s(sorted(set(account_ids))),
        "since": today - timedelta(days=ACTIVE_DAYS - 1),
        "until": today,
    }
    found: dict[int, list[Contact]] = defaultdict(list)
    for row in records(SQL["people"], params):
        found[row.pop("account_id")].append(Contact(**row))
    return found


def choose(members: Sequence[Contact], persona: str, *, company_size: float | None = None) -> ContactChoice:
    """The same of people that were read before."""
    if persona == Play.Persona.BUYER:
        return _buyer(members, company_size)
    if persona == Play.Persona.ADMIN:
        return _admin(members)
    return _most_active(members, "Champion" if persona == Play.Persona.CHAMPION else "User")


def _most_active(members: Sequence[Contact], role: str) -> ContactChoice:
    if not members:
        return ContactChoice(None, NOBODY)
    best = max(members, key=lambda member: member.rank)
    days = plural(best.active_days, "day")
    return ContactChoice(best, f"{role}: most active there, on {days} of the last {ACTIVE_DAYS}")


def _admin(members: Sequence[Contact]) -> ContactChoice:
    # The role in the product, not the title: an administrator can change the plan.
    admins = [member for member in members if member.is_admin]
    if not admins:
        return _most_active(members, "No known admin; champion")
    return ContactChoice(max(admins, key=lambda member: member.rank), "Workspace admin")


def _buyer(members: Sequence[Contact], company_size: float | None) -> ContactChoice:
    buyers = [member for member in members if seniority(member.title)]
    if buyers:
        best = max(buyers, key=lambda member: (seniority(member.title), *member.rank))
        return ContactChoice(best, part_played(best.title, is_admin=best.is_admin).reason)
    # Unknown size is not small: an unknown company may have a whole procurement department.
    if members and company_size is not None and company_size <= SMALL_COMPANY:
        return _most_active(members, "Likely buyer in a small company")
    return ContactChoice(None, NO_BUYER)
