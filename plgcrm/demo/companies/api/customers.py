"""Who uses the API: customers, their organizations and the people in them, the same for the same seed.

Nothing here knows the calendar. Ages count back from the end of the history; many organizations are years old.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from plgcrm.demo.companies import names

SEED = 31  # of the demo's customers: history and traffic must agree on it
HISTORY_DAYS = 120
_OLDEST_DAYS = 6 * 365
# The sizes that a sign-up form offers, with the number of employees at which each ends.
SIZES = (("1-10", 10), ("11-50", 50), ("51-200", 200), ("201-500", 500), ("501-1000", 1000), ("1001-5000", 5000))
LARGEST_SIZE = "5001+"
INDUSTRIES = (
    "Fintech", "Insurance", "Logistics", "Legal services", "Healthcare", "Software", "Real estate", "E-commerce",
    "Accounting", "Travel", "Public sector",
)  # fmt: skip
_INDUSTRY_WEIGHTS = (16, 12, 12, 8, 9, 18, 6, 8, 6, 3, 2)
USE_CASES = ("Invoices", "Contracts", "Claims", "Shipping papers", "Identity documents", "Research papers", "Receipts")
SIGN_UP_SOURCES = ("search", "docs", "colleague", "conference", "newsletter", "code host")
_TITLES = (
    ("Backend Engineer", "Engineering"), ("Senior Backend Engineer", "Engineering"), ("Data Engineer", "Data"),
    ("Machine Learning Engineer", "Data"), ("Full-stack Developer", "Engineering"), ("Staff Engineer", "Engineering"),
    ("Solutions Architect", "Engineering"), ("Data Analyst", "Data"), ("DevOps Engineer", "Platform"),
    ("Automation Specialist", "Operations"), ("Product Manager", "Product"), ("Founder", ""),
)  # fmt: skip
_BUYER_TITLES = (
    ("CTO", "Engineering"), ("VP Engineering", "Engineering"), ("Head of Data", "Data"),
    ("Head of Platform", "Platform"),
    ("Director of Engineering", "Engineering"), ("VP Product", "Product"), ("COO", "Operations"),
    ("Head of Procurement", "Finance"),
)  # fmt: skip
_BUYER_TITLE_SET = frozenset(title for title, _ in _BUYER_TITLES)
_SECOND = ("Labs", "Research", "Payments", "Platform", "Europe", "Claims")


@dataclass(frozen=True, slots=True)
class ApiCustomer:
    """A company. `known`: it filled in the form that asks for size, industry and country."""

    name: str
    domain: str
    industry: str
    employees: int
    home: names.Country
    known: bool

    @property
    def size(self) -> str:
        return next((label for label, most in SIZES if self.employees <= most), LARGEST_SIZE)


@dataclass(frozen=True, slots=True)
class ApiOrganization:
    id: int
    name: str
    customer: int | None  # none: only people with free email work in it
    age: float  # days before the end of the history at which it was made
    life: float  # days until its people lose interest; infinite for those who stay
    need: float  # how much they need the API: the hidden cause of all use
    members: range  # places in ApiCustomers.users; the first one made the organization
    legacy: bool  # its client is old and sends neither plan nor spend
    stuck: bool  # came days ago, fits, and has not got its first answer
    plain: bool  # its people do nothing that any play but consolidation would speak of


@dataclass(frozen=True, slots=True)
class ApiUser:
    id: int
    anonymous_id: str
    email: str
    first_name: str
    last_name: str
    title: str
    department: str
    role: str
    use_case: str
    source: str
    organization: int
    age: float
    utc_offset: int
    diligence: float
    tells_company: bool

    @property
    def buyer(self) -> bool:
        return self.title in _BUYER_TITLE_SET


@dataclass(frozen=True, slots=True)
class ApiCustomers:
    seed: int
    customers: list[ApiCustomer]
    organizations: list[ApiOrganization]
    users: list[ApiUser]

    def customer_of(self, organization: int) -> ApiCustomer | None:
        customer = self.organizations[organization].customer
        return None if customer is None else self.customers[customer]


def api_customers(*, seed: int, companies: int) -> ApiCustomers:
    return _Founder(seed, companies).found()


class _Founder:
    """Draws one sample; holds the generator and what must be unique."""

    def __init__(self, seed: int, companies: int) -> None:
        self.random = Random(f"customers {seed}")
        self.sample = ApiCustomers(seed, [], [], [])
        self.companies = companies
        self.taken: set[str] = set()
        self.next_organization, self.next_user = 20_000, 700_000
        # Spread over the list, so that a small sample has its share of each.
        self.second = set(range(7, companies, 29)) | {3, 11, 17}
        self.plain = set(range(11, companies, 97)) | {3, 17}

    def found(self) -> ApiCustomers:
        for place in range(self.companies):
            self._add_company(place)
        for _ in range(self.companies // 2):
            need = self.random.gauss(-0.7, 0.8)
            self._add_organization(None, "", need=need, size=self.random.choice((1, 1, 1, 2)), age=self._age())
        return self.sample

    def _age(self) -> float:
        """45 in 100 are from before the history, some for years; sign-ups since then double in 90 days."""
        if self.random.random() < 0.45:
            return HISTORY_DAYS + min(self.random.expovariate(1 / 620), _OLDEST_DAYS - HISTORY_DAYS)
        rate = math.log(2) / 90
        share = self.random.random() * (1 - math.exp(-rate * (HISTORY_DAYS - 0.2)))
        return 0.1 - math.log1p(-share) / rate

    def _add_company(self, place: int) -> None:
        home = names.country(self.random)
        name, domain = self._new_name(home)
        need, age = self.random.gauss(0.0, 1.0), self._age()
        employees = 1 + min(round(self.random.lognormvariate(4.1 + 0.4 * need, 1.5)), 30_000)
        industry = self.random.choices(INDUSTRIES, weights=_INDUSTRY_WEIGHTS)[0]
        customer = ApiCustomer(name, domain, industry, employees, home, self.random.random() < 0.82)
        self.sample.customers.append(customer)
        short, size = " ".join(name.split()[:2]), self._size(need, employees, age)
        if place not in self.second:
            return self._add_organization(place, short, need=need, size=size, age=age)
        need, age = abs(need) + 0.4, max(age, 16.0)
        if place in self.plain:  # news that no earlier conversation can hold back
            size, younger = min(size, 4), self.random.uniform(0.4, 1.2)
        else:
            younger = age * self.random.uniform(0.3, 0.9)
        self._add_organization(place, short, need=need, size=max(size, 2), age=age)
        second = f"{short} {self.random.choice(_SECOND)}"
        self._add_organization(place, second, need=need, size=self.random.randint(2, 5), age=younger)

    def _size(self, need: float, employees: int, age: float) -> int:
        """Developers: few, more where the company is large and has been here for long."""
        size = 1 + round(self.random.lognormvariate(0.45 + 0.45 * need, 0.9))
        if employees > 200 and need > 0.6 and age > 45 and self.random.random() < 0.25:
            size += self.random.randint(8, 50)
        return min(size, employees, 6 if age < 12 else 70)

    def _new_name(self, home: names.Country) -> tuple[str, str]:
        while True:
            name, domain = names.company_name(self.random, home)
            short = " ".join(name.split()[:2])
            if not self.taken & {short, domain}:
                self.taken |= {short, domain}
                return name, domain

    def _add_organization(self, customer: int | None, name: str, *, need: float, size: int, age: float) -> None:
        first, place = len(self.sample.users), len(self.sample.organizations)
        plain = customer in self.plain
        home = names.country(self.random) if customer is None else self.sample.customers[customer].home
        for number, joined in enumerate(self._joining_ages(size, age)):
            self.sample.users.append(self._user(place, customer, home, joined, creator=number == 0))
        self.next_organization += self.random.randint(1, 40)
        self.sample.organizations.append(
            ApiOrganization(
                self.next_organization,
                name or f"{self.sample.users[first].first_name}-dev",
                customer,
                age,
                math.inf if plain else self._life(need, age),
                need,
                range(first, len(self.sample.users)),
                legacy=age > 700 and self.random.random() < 0.2,
                stuck=not plain and self._is_stuck(customer, age),
                plain=plain,
            )
        )

    def _life(self, need: float, age: float) -> float:
        if self.random.random() < 1 / (1 + math.exp(-1.8 * (need - 0.3))):
            return math.inf
        life = self.random.lognormvariate(1.2 + 1.1 * need, 0.9)
        # Those from before the history are seen in it, or nobody would know of them.
        return life if age <= HISTORY_DAYS else age - HISTORY_DAYS + 4 + life * 4

    def _is_stuck(self, customer: int | None, age: float) -> bool:
        if customer is None or not 2.2 < age < 9.5:
            return False
        return 20 <= self.sample.customers[customer].employees <= 5000 and self.random.random() < 0.5

    def _joining_ages(self, size: int, age: float) -> Iterator[float]:
        """The creator joins at once, the others one by one."""
        yield age
        for _ in range(size - 1):
            delay = self.random.expovariate(1 / max(4.0, age * 0.25))
            yield age - max(0.03, delay if delay < age - 0.05 else self.random.random() * (age - 0.05))

    def _user(
        self, organization: int, customer: int | None, home: names.Country, age: float, *, creator: bool
    ) -> ApiUser:
        person = names.person_name(self.random, home.culture)
        title, department = self._title(creator=creator)
        self.next_user += self.random.randint(1, 90)
        role = "owner" if creator else self.random.choices(("developer", "admin", "billing"), (86, 8, 6))[0]
        return ApiUser(
            self.next_user, f"{self.random.getrandbits(64):016x}", self._email(person.mailbox, customer, creator),
            person.first, person.last, title, department, role,
            self.random.choice(USE_CASES) if self.random.random() < 0.6 else "",
            self.random.choice(SIGN_UP_SOURCES) if self.random.random() < 0.5 else "",
            organization, age, home.utc_offset, self.random.gammavariate(1.3, 0.75),
            tells_company=customer is not None and self.random.random() < 0.5,
        )  # fmt: skip

    def _title(self, *, creator: bool) -> tuple[str, str]:
        """Half of the people leave it out."""
        chance = self.random.random()
        if chance < (0.2 if creator else 0.06):
            return self.random.choice(_BUYER_TITLES)
        title, department = self.random.choice(_TITLES)
        return (title, department) if chance < 0.62 else ("", "")

    def _email(self, mailbox: str, customer: int | None, creator: bool) -> str:
        if customer is None or (not creator and self.random.random() < 0.06):
            shelf = names.DISPOSABLE_MAIL if self.random.random() < 0.04 else names.FREE_MAIL
            return self._unique(f"{mailbox}.{self.random.randint(10_000, 99_999)}", self.random.choice(shelf))
        return self._unique(mailbox, self.sample.customers[customer].domain)

    def _unique(self, mailbox: str, domain: str) -> str:
        email, again = f"{mailbox}@{domain}", 1
        while email in self.taken:
            again += 1
            email = f"{mailbox}{again}@{domain}"
        self.taken.add(email)
        return email
