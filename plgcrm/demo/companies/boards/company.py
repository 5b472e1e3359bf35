"""Who lives in the sample: companies, their workspaces and their people, the same for the same seed.

Nothing here knows the calendar. Ages count back from the end of the history, so a sample built again on another
day holds the same companies and people under the same ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from plgcrm.demo.companies import names

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SEED = 20  # of the demo's company: history and traffic must agree on it
HISTORY_DAYS = 120
_OLDEST_DAYS = 480
INDUSTRIES = (
    "Software", "Financial services", "Professional services", "Media", "Manufacturing", "Retail", "Healthcare",
    "Education", "Logistics", "Construction", "Energy", "Hospitality", "Non-profit", "Public sector",
)  # fmt: skip
_INDUSTRY_WEIGHTS = (16, 8, 11, 8, 9, 9, 8, 7, 6, 5, 4, 4, 3, 2)
USE_CASES = (
    "Project planning", "Product roadmap", "Marketing campaigns", "Client work", "Bug tracking", "Hiring", "Events",
    "Goals and reviews", "Content calendar", "Office moves",
)  # fmt: skip
TITLES = {
    "Engineering": ("Software Engineer", "Senior Engineer", "QA Engineer", "Engineering Manager", "Tech Lead"),
    "Product": ("Product Manager", "Product Owner", "UX Researcher", "Product Designer"),
    "Marketing": ("Marketing Manager", "Content Editor", "Campaign Planner", "Brand Designer"),
    "Operations": ("Operations Manager", "Project Manager", "Office Manager", "Programme Coordinator"),
    "IT": ("IT Administrator", "Systems Analyst", "Support Engineer"),
    "Sales": ("Account Manager", "Sales Operations Analyst", "Partner Manager"),
    "Finance": ("Controller", "Financial Analyst", "Accountant"),
    "People": ("Recruiter", "People Partner", "Learning Specialist"),
}
BUYER_TITLES = (
    ("VP Engineering", "Engineering"), ("CTO", "Engineering"), ("Head of Product", "Product"),
    ("VP Marketing", "Marketing"), ("Head of Marketing", "Marketing"), ("COO", "Operations"),
    ("Head of Operations", "Operations"), ("IT Director", "IT"), ("Head of IT", "IT"), ("CIO", "IT"),
    ("VP Sales", "Sales"), ("CFO", "Finance"), ("Procurement Manager", "Finance"), ("Head of Procurement", "Finance"),
)  # fmt: skip
_BUYER_TITLE_SET = frozenset(title for title, _ in BUYER_TITLES)
_ROBOTS = ("ci-bot@{domain}", "deploy-bot@{domain}", "{number}+release-runner[bot]@users.noreply.github.com")
_TEAMS = ("Marketing", "Engineering", "Operations", "Design", "Sales", "Customer Care")


@dataclass(frozen=True, slots=True)
class SampleAccount:
    name: str
    domain: str
    industry: str
    employees: int
    home: names.Country
    subdomain: str  # "" for most; else some of its people write from subdomain.domain


@dataclass(frozen=True, slots=True)
class SampleWorkspace:
    id: str
    name: str
    account: int | None  # none: only people with free email work in it
    age: float  # days before the end of the history at which it was made
    life: float  # days until its people lose interest; infinite for those who stay
    need: float  # how much they need a boards product: the hidden cause of all usage
    members: range  # places in SampleCompany.people; the first one made the workspace
    plain: bool = False  # its people do nothing that any play but consolidation would speak of


@dataclass(frozen=True, slots=True)
class SamplePerson:
    user_id: str
    anonymous_id: str
    email: str
    first_name: str
    last_name: str
    title: str
    department: str
    role: str
    use_case: str
    workspace: int
    age: float
    utc_offset: int
    appetite: float
    robot: bool = False

    @property
    def buyer(self) -> bool:
        return self.title in _BUYER_TITLE_SET


@dataclass(frozen=True, slots=True)
class SampleCompany:
    """The customers of the boards product."""

    seed: int
    accounts: list[SampleAccount]
    workspaces: list[SampleWorkspace]
    people: list[SamplePerson]

    def account_of(self, workspace: int) -> SampleAccount | None:
        account = self.workspaces[workspace].account
        return None if account is None else self.accounts[account]

    def domain_of(self, person: SamplePerson) -> str:
        return person.email.partition("@")[2]


def sample_company(*, seed: int, companies: int = 1500) -> SampleCompany:
    return _Builder(seed, companies).build()


class _Builder:
    """Draws one sample; holds the generators and what must be unique."""

    def __init__(self, seed: int, companies: int) -> None:
        self.random = Random(f"people {seed}")  # words and small choices
        self.rng = np.random.default_rng([seed, 1])  # whole columns at once
        self.sample = SampleCompany(seed, [], [], [])
        self.companies = companies
        self.taken: set[str] = set()
        self.plain: frozenset[int] = frozenset()  # places of companies whose second team is the only news

    def build(self) -> SampleCompany:
        needs = self.rng.normal(-0.15, 1.0, self.companies)
        sizes = self._sizes(needs)
        ages = self._ages(self.companies)
        teams = self._team_counts(needs, sizes)
        for need, size, age, team_count in zip(needs, sizes, ages, teams, strict=True):
            self._add_company(float(need), int(size), float(age), int(team_count))
        self._add_free_mail_workspaces(round(self.companies * 0.9))
        return self.sample

    def _sizes(self, needs: Floats) -> Ints:
        """People in the first workspace: mostly 1 to 8, and one company in fifty 50 to 400."""
        small = 1 + np.minimum(self.rng.lognormal(0.15 + 0.5 * needs, 0.8), 40).astype(np.int64)
        chosen = self.rng.permutation(self.companies)[: max(3, round(self.companies * 0.024))]
        needs[chosen] = np.abs(needs[chosen]) * 0.5 + 1.0
        small[chosen] = np.exp(np.linspace(np.log(50), np.log(400), len(chosen)))
        return small

    def _ages(self, count: int) -> Floats:
        """Sign-ups double in 90 days; 17 % of the companies were there before the history begins."""
        rate = np.log(2) / 90
        shares = self.rng.random(count) * (1 - np.exp(-rate * (HISTORY_DAYS - 0.2)))
        recent = 0.1 - np.log1p(-shares) / rate
        before = HISTORY_DAYS + np.minimum(self.rng.exponential(120, count), _OLDEST_DAYS - HISTORY_DAYS)
        return np.where(self.rng.random(count) < 0.17, before, recent)

    def _team_counts(self, needs: Floats, sizes: Ints) -> Ints:
        """Workspaces of each company: 3 % have a second, and a few of them a third."""
        counts = np.ones(self.companies, dtype=np.int64)
        fit = np.flatnonzero((sizes >= 4) & (needs > 0.2))
        chosen = self.rng.permutation(fit)[: max(8, round(self.companies * 0.03))]
        counts[chosen] = 2 + (self.rng.random(len(chosen)) < 0.2)
        needs[chosen] = np.abs(needs[chosen]) + 0.5
        plain = chosen[sizes[chosen] < 20][: max(5, len(chosen) // 4)]
        counts[plain], needs[plain], sizes[plain] = 2, 0.3, np.minimum(sizes[plain], 6)
        self.plain = frozenset(plain.tolist())
        return counts

    def _add_company(self, need: float, size: int, age: float, team_count: int) -> None:
        home = names.country(self.random)
        name, domain = self._new_company_name(home)
        employees = min(40_000, max(size, round(size * self.random.lognormvariate(2.0, 1.1))))
        industry = self.random.choices(INDUSTRIES, weights=_INDUSTRY_WEIGHTS)[0]
        subdomain = self.random.choice(names.SUBDOMAINS) if employees > 50 and self.random.random() < 0.4 else ""
        self.sample.accounts.append(SampleAccount(name, domain, industry, employees, home, subdomain))
        if size >= 50:
            age = max(age, self.random.uniform(45, 110))  # nobody brings in fifty people in a week
        elif age < 12:
            size = min(size, 5)
        place = len(self.sample.accounts) - 1
        if place in self.plain:
            return self._add_plain_company(place, need=need, size=size, age=max(age, 14))
        self._add_workspace(place, self._short_name(name), need=need, size=size, age=age)
        for team in self.random.sample(_TEAMS, team_count - 1):
            younger = age * self.random.uniform(0.4, 0.95)
            title = f"{self._short_name(name)} {team}"
            self._add_workspace(place, title, need=need, size=self.random.randint(3, 14), age=younger)

    def _add_plain_company(self, place: int, *, need: float, size: int, age: float) -> None:
        """A second team since yesterday: a reason for consolidation that no earlier conversation can hold back."""
        name = self._short_name(self.sample.accounts[place].name)
        self._add_workspace(place, name, need=need, size=size, age=age)
        title, younger = f"{name} {self.random.choice(_TEAMS)}", self.random.uniform(0.4, 1.2)
        self._add_workspace(place, title, need=need, size=self.random.randint(3, 6), age=younger)

    def _new_company_name(self, home: names.Country) -> tuple[str, str]:
        while True:
            name, domain = names.company_name(self.random, home)
            if not self.taken & {self._short_name(name), domain}:
                self.taken |= {self._short_name(name), domain}
                return name, domain

    def _short_name(self, name: str) -> str:
        return " ".join(name.split()[:2])

    def _add_free_mail_workspaces(self, count: int) -> None:
        ages = self._ages(count)
        for age, need in zip(ages, self.rng.normal(-0.7, 0.8, count), strict=True):
            size = self.random.choices((1, 2, 3), weights=(68, 22, 10))[0]
            self._add_workspace(None, "", need=float(need), size=size, age=float(age))

    def _add_workspace(self, account: int | None, name: str, *, need: float, size: int, age: float) -> None:
        place, first = len(self.sample.workspaces), len(self.sample.people)
        plain = account in self.plain
        life = float("inf") if plain else self._life(need, age)
        home = names.country(self.random) if account is None else self.sample.accounts[account].home
        for joined in self._joining_ages(size, age, life):
            self.sample.people.append(self._person(place, account, home, joined, creator=joined == age))
        if account is not None and self.random.random() < 0.022:
            self.sample.people.append(self._robot(place, account, age))
        members = range(first, len(self.sample.people))
        name = name or f"{self.sample.people[first].first_name}'s workspace"
        workspace_id = f"ws_{self.random.getrandbits(40):010x}"
        self.sample.workspaces.append(SampleWorkspace(workspace_id, name, account, age, life, need, members, plain))

    def _life(self, need: float, age: float) -> float:
        stays = 1 / (1 + np.exp(-1.8 * (need - 0.45)))
        if self.random.random() < stays or need > 1.2:
            return float("inf")
        life = self.random.lognormvariate(1.0 + 1.2 * need, 0.9)
        # Those from before the history are seen in it, or nobody would know of them.
        return life if age <= HISTORY_DAYS else age - HISTORY_DAYS + 3 + life * 4

    def _joining_ages(self, size: int, age: float, life: float) -> Iterator[float]:
        """The creator joins at once, the others one by one while the interest lasts."""
        yield age
        longest = min(age, life + 1.0) - 0.05
        scale = max(6.0, age * 0.3)
        for _ in range(size - 1):
            delay = self.random.expovariate(1 / scale)
            yield age - max(0.02, delay if delay < longest else self.random.random() * longest)

    def _person(
        self, workspace: int, account: int | None, home: names.Country, age: float, *, creator: bool
    ) -> SamplePerson:
        person = names.person_name(self.random, home.culture)
        email = self._email(person.mailbox, account, creator=creator)
        title, department = self._title(creator=creator)
        role = "admin" if creator or self.random.random() < 0.06 else "member"
        return SamplePerson(
            *self._ids(), email, person.first, person.last, title, department, role,
            self.random.choice(USE_CASES) if self.random.random() < 0.7 else "",
            workspace, age, home.utc_offset, self.random.gammavariate(1.2, 0.8),
        )  # fmt: skip

    def _robot(self, workspace: int, account: int, age: float) -> SamplePerson:
        domain = self.sample.accounts[account].domain
        email = self.random.choice(_ROBOTS).format(domain=domain, number=self.random.randint(10_000_000, 99_999_999))
        return SamplePerson(*self._ids(), email, "", "", "", "", "member", "", workspace, age * 0.8, 0, 1.0, robot=True)

    def _ids(self) -> tuple[str, str]:
        return f"usr_{self.random.getrandbits(48):012x}", f"anon-{self.random.getrandbits(64):016x}"

    def _title(self, *, creator: bool) -> tuple[str, str]:
        chance = self.random.random()
        if chance < (0.2 if creator else 0.05):
            return self.random.choice(BUYER_TITLES)
        department = self.random.choice(tuple(TITLES))
        return (self.random.choice(TITLES[department]) if chance < 0.82 else ""), department

    def _email(self, mailbox: str, account: int | None, *, creator: bool) -> str:
        if account is None or (not creator and self.random.random() < 0.1):
            shelf = names.DISPOSABLE_MAIL if self.random.random() < 0.05 else names.FREE_MAIL
            return self._unique(f"{mailbox}.{self.random.randint(10_000, 99_999)}", self.random.choice(shelf))
        company = self.sample.accounts[account]
        under = company.subdomain and not creator and self.random.random() < 0.5
        return self._unique(mailbox, f"{company.subdomain}.{company.domain}" if under else company.domain)

    def _unique(self, mailbox: str, domain: str) -> str:
        email, again = f"{mailbox}@{domain}", 1
        while email in self.taken:
            again += 1
            email = f"{mailbox}{again}@{domain}"
        self.taken.add(email)
        return email
