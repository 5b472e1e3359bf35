"""What RevOps people call qualified, each made on the pages alone, by an admin of a product that nobody has heard of.

The product plans the kilns of potteries. Its words are its own; the admin says on the vocabulary page what they mean,
names what is missing there as a signal, and builds a segment. Who is in it is counted by hand.
"""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from accounts.ownership import assign
from outreach.outcomes.record import log_outcome
from plgcrm.common.cache import forget_all
from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.ingest import receive
from signals.ingest.keys import ensure_source
from signals.ingest.wire import parse
from signals.models import AccountState, Segment, Source
from signals.scoring.run import sweep
from signals.vocabulary import catalogue
from signals.vocabulary.definitions import count_all_history
from tests.boards import LONG_AGO
from tests.cast import client_of, play_part
from tests.conftest import T0, _message, group, identify, track
from tests.flows.screens import Screen

pytestmark = pytest.mark.django_db
FIRED, MIXED, ASKED = "kiln.fired", "glaze.mixed", "mate.asked"


class Potteries:
    """The installation: what arrives, what the admin says of it, and who is then in a segment."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def hear(self, *messages: dict[str, Any]) -> None:
        source = Source.objects.get()
        for start in range(0, len(messages), 200):
            body = json.dumps({"batch": messages[start : start + 200]}).encode()
            receive.receive(receive.SourceRef(source.pk, source.name), parse(body, None, T0), T0)

    def company(self, name: str, *people: str, days: float = 60, **traits: Any) -> None:
        """Its people come in, `days` ago, and its traits are sent with each."""
        for person in people or ("a",):
            self.hear(
                identify(f"{name}-{person}", f"{person}@{name}.com", days=days),
                group(f"{name}-{person}", name, days=days, **traits),
            )

    def do(self, name: str, person: str, event: str, *days: float, **properties: Any) -> None:
        """One of its people does something, so many days ago."""
        self.hear(*(
            track(f"{name}-{person}", event, days=ago, workspace=name, properties=properties) for ago in days
        ))  # fmt: skip

    def see(self, name: str, page: str, *days: float) -> None:
        pages = (_message("page", f"{name}-a", ago, {"context": {"groupId": name}}) | {"name": page} for ago in days)
        self.hear(*pages)

    def say(self, term: str, **fields: Any) -> None:
        """On the vocabulary page, in the form of a term."""
        catalogue.look(T0 + timedelta(minutes=10))
        form = Screen(self.client, f"/admin/vocabulary/?edit={term}")
        for field, value in fields.items():
            form.form.put(field, value)
        told = form.press("do", f"say {term}").page
        assert "Saved." in told, told
        count_all_history()

    def signal(self, name: str, event: str) -> None:
        """On the page of a new signal."""
        form = Screen(self.client, "/admin/signals/signal/add/")
        form = form.press("matches:do", "add-match") if "matches:0:names" not in form.form.controls else form
        form.form.put("name", name)
        form.form.put("slug", name.lower().replace(" ", "-"))
        form.form.put("category", form.form.controls["category"].choices[-1])
        form.form.put("matches:0:names", event)
        form.press("_save", "Save")
        count_all_history()

    def segment(self, name: str, *conditions: dict[str, Any], join: str = "all") -> list[str]:
        """On the page of a new segment; the companies that are in it once scoring has been round."""
        form = Screen(self.client, "/admin/signals/segment/add/")
        form.form.put("name", name)
        form.form.put("slug", name.lower().replace(" ", "-"))
        form.form.put("rule:0:join", join)
        form = self._filled(form, "0", conditions)
        form.press("_save", "Save")
        self.reads = _reading_of(self.client, name)
        return self.inside(name)

    def _filled(self, form: Screen, place: str, conditions: tuple[dict[str, Any], ...]) -> Screen:
        for index, condition in enumerate(conditions):
            inner = f"{place}.{index}"
            if "any" in condition:
                form = form.press("rule:do", f"add-group {place}").press("rule:do", f"remove {inner}.0")
                form.form.put(f"rule:{inner}:join", "any")
                form = self._filled(form, inner, tuple(condition["any"]))
                continue
            form = form.press("rule:do", f"add-condition {place}")
            for field, value in condition.items():
                form.form.put(f"rule:{inner}:{field}", value)
        return form

    def inside(self, name: str) -> list[str]:
        forget_all()
        sweep(T0)
        slug = Segment.objects.get(name=name).slug
        names = dict(Account.objects.values_list("pk", "domain"))
        states = AccountState.objects.values_list("account_id", "measures")
        inside = [names[account] for account, measures in states if measures.get(f"segment:{slug}") == 1]
        return sorted(str(domain).removesuffix(".com") for domain in inside)


def _reading_of(client: Client, name: str) -> str:
    """What the list of segments says of it."""
    page = client.get("/admin/signals/segment/").content.decode()
    row = page.partition(f">{name}<")[2].partition("field-reads")[2].partition(">")[2]
    return row.partition("<")[0]


@pytest.fixture
def potteries(clock: Any, db: None) -> Potteries:
    ensure_shipped_configuration()
    made = ensure_source("Kiln planner", "wk_test")
    Source.objects.filter(pk=made.pk).update(listening_since=LONG_AGO)
    return Potteries(client_of(play_part("ada")))


def people(count: int) -> list[str]:
    return [f"p{number}" for number in range(count)]


def test_seven_users_active_in_thirty_days(potteries: Potteries) -> None:
    for name, active, ago in [("seven", 7, 3), ("six", 6, 3), ("late", 7, 40), ("many", 12, 29)]:
        potteries.company(name, *people(active))
        for person in people(active):
            potteries.do(name, person, FIRED, ago)
    potteries.do("six", "p0", FIRED, 1, 2, 4)
    assert potteries.segment("Busy", {"kind": "people", "days": 30, "op": ">=", "value": 7}) == ["many", "seven"]
    assert potteries.reads == "At least 7 people active in 30 days"


def test_revenue_between_two_amounts_fifty_employees_seven_users_and_a_country(potteries: Potteries) -> None:
    companies = {
        "right": (1_500, "51-200", "Portugal", 7),
        "poor": (900, "51-200", "Portugal", 7),
        "rich": (9_000, "51-200", "Portugal", 7),
        "small": (1_500, "11-50", "Portugal", 7),
        "quiet": (1_500, "51-200", "Portugal", 6),
        "far": (1_500, "51-200", "Peru", 7),
        "edge": (3_000, "500", "spain", 8),
        "silent": (None, "51-200", "Portugal", 7),
    }
    for name, (turnover, headcount, land, active) in companies.items():
        traits = {"headcount": headcount, "land": land} | ({"turnover": turnover} if turnover else {})
        potteries.company(name, *people(active), **traits)
        for person in people(active):
            potteries.do(name, person, FIRED, 5)
    potteries.say("meaning:monthly_revenue", path="turnover", period="month")
    potteries.say("meaning:employees", path="headcount")
    potteries.say("meaning:country", path="land")
    found = potteries.segment(
        "Mid market",
        {"kind": "attribute", "key": "monthly_revenue", "op": "between", "value": "1,000", "upto": "3,000"},
        {"kind": "attribute", "key": "employees", "op": ">=", "value": 50},
        {"kind": "people", "days": 30, "op": ">=", "value": 7},
        {"kind": "attribute", "key": "country", "op": "one_of", "value": "Portugal, Spain"},
    )
    assert found == ["edge", "right"]


def test_spend_up_by_half_against_the_month_before_from_invoices(potteries: Potteries) -> None:
    bills = {
        "half": [(45, 100), (35, 100), (10, 300)],
        "less": [(45, 200), (10, 299)],
        "new": [(10, 300)],
        "fell": [(45, 300), (10, 100)],
        "edge": [(59, 200), (30, 0), (29, 300)],
    }
    for name, paid in bills.items():
        potteries.company(name, days=100)
        for ago, total in paid:
            potteries.do(name, "a", "bill.settled", ago, total=total)
    potteries.say("signal:invoice-paid", event="bill.settled")
    potteries.say("property:invoice-paid.amount", path="total")
    growth = {"kind": "sum_growth", "signals": "invoice-paid", "property": "amount", "days": 30}
    assert potteries.segment("Spending more", growth | {"op": ">=", "value": "50 %"}) == ["edge", "half"]
    said = "Growth of at least 50 % of total amount of “Invoice paid” (30 days against the 30 before)"
    assert potteries.reads == said


def test_spend_up_by_half_against_the_month_before_from_a_trait(potteries: Potteries) -> None:
    for name, before, now in [("half", 200, 300), ("less", 200, 299), ("same", 500, 500), ("new", None, 900)]:
        if before:
            potteries.company(name, days=50, turnover=before)
        potteries.company(name, days=4, turnover=now)
    potteries.say("meaning:monthly_revenue", path="turnover", period="month")
    growth = {"kind": "attribute_growth", "key": "monthly_revenue", "days": 30}
    assert potteries.segment("Spending more", growth | {"op": ">=", "value": "50%"}) == ["half"]


def test_first_sign_up_of_a_company_of_five_hundred_with_an_event_and_an_invite(potteries: Potteries) -> None:
    companies = [("right", 2, 800, True, True), ("old", 30, 800, True, True), ("small", 2, 499, True, True)]
    companies += [("alone", 2, 800, True, False), ("idle", 2, 800, False, True)]
    for name, ago, headcount, fires, asks in companies:
        potteries.company(name, days=ago, headcount=headcount)
        if fires:
            potteries.do(name, "a", FIRED, ago / 2)
        if asks:
            potteries.do(name, "a", ASKED, ago / 2)
    # A second person of an old company is no first sign-up.
    potteries.company("old", "b", days=1, headcount=800)
    potteries.say("meaning:employees", path="headcount")
    potteries.say("signal:invited", event=ASKED)
    potteries.say("signal:created-item", event=FIRED)
    found = potteries.segment(
        "Large and new",
        {"kind": "age_days", "op": "<=", "value": 7},
        {"kind": "attribute", "key": "employees", "op": ">=", "value": 500},
        {"kind": "count", "signals": "created-item", "days": "", "op": ">=", "value": 1},
        {"kind": "count", "signals": "invited", "days": "", "op": ">=", "value": 1},
    )
    assert found == ["right"]


def test_half_of_the_credits_used_and_the_last_invoice_above_an_amount(potteries: Potteries) -> None:
    companies = {
        "right": (1_000, 500, [90, 600]),
        "frugal": (1_000, 499, [600]),
        "cheap": (1_000, 900, [600, 500]),
        "endless": (0, 900, [600]),
        "unsaid": (None, 900, [600]),
        "unpaid": (1_000, 900, []),
    }
    for name, (bought, burnt, bills) in companies.items():
        potteries.company(name, clayBought=bought, clayBurnt=burnt)
        for place, total in enumerate(bills):
            potteries.do(name, "a", "bill.settled", 20 - place, total=total)
    potteries.say("limit:new", slug="credits", one="credit", many="credits", used="clayBurnt", allowed="clayBought")
    potteries.say("signal:invoice-paid", event="bill.settled")
    potteries.say("property:invoice-paid.amount", path="total")
    found = potteries.segment(
        "Using and paying",
        {"kind": "limit_share", "used": "credits_used", "limit": "credits", "op": ">=", "value": "50 %"},
        {"kind": "last_of", "signals": "invoice-paid", "property": "amount", "days": "", "op": ">", "value": 500},
    )
    assert found == ["right"]


def test_an_unmanaged_account_above_an_amount_with_an_open_ticket(potteries: Potteries) -> None:
    for name, turnover in [("right", 2_000), ("owned", 2_000), ("poor", 900), ("solved", 2_000), ("again", 2_000)]:
        potteries.company(name, turnover=turnover)
        potteries.do(name, "a", "query.raised", 9, queryNo=f"{name}-1")
    potteries.do("solved", "a", "query.closed", 2, queryNo="solved-1")
    potteries.do("again", "a", "query.closed", 5, queryNo="again-1")
    potteries.do("again", "a", "query.raised", 3, queryNo="again-2")
    rita = play_part("rita")
    assign(Account.objects.get(domain="owned.com"), rita, acting_user=rita, reason="", now=T0)
    potteries.say("meaning:monthly_revenue", path="turnover", period="month")
    potteries.say("signal:ticket-opened", event="query.raised")
    potteries.say("signal:ticket-solved", event="query.closed")
    potteries.say("property:ticket-opened.ticket", path="queryNo")
    potteries.say("property:ticket-solved.ticket", path="queryNo")
    tickets = {"kind": "open_cases", "signals": "ticket-opened", "closing": "ticket-solved", "property": "ticket"}
    found = potteries.segment(
        "Nobody looks after them",
        {"kind": "has_owner", "op": "=", "value": 0},
        {"kind": "attribute", "key": "monthly_revenue", "op": ">", "value": "1,000"},
        tickets | {"days": "", "op": ">=", "value": 1},
    )
    assert found == ["again", "right"]
    assert potteries.reads.startswith("No owner, and monthly revenue more than 1,000, and at least 1 case")


def test_pricing_three_times_or_a_security_page_and_no_open_opportunity(potteries: Potteries) -> None:
    potteries.company("right")
    potteries.see("right", "Tariffs", 1, 5, 13)
    potteries.company("secure")
    potteries.see("secure", "Vault", 10)
    potteries.company("twice")
    potteries.see("twice", "Tariffs", 1, 5, 14)
    potteries.company("talking")
    potteries.see("talking", "Tariffs", 1, 2, 3)
    potteries.company("lost")
    potteries.see("lost", "Vault", 1)
    rita = play_part("rita")
    for name, kinds in [("talking", ["opportunity"]), ("lost", ["opportunity", "lost"])]:
        for place, kind in enumerate(kinds):
            account, at = Account.objects.get(domain=f"{name}.com"), T0 - timedelta(hours=9 - place)
            log_outcome(account, kind=kind, acting_user=rita, now=at)
    potteries.say("signal:viewed-pricing", event="page: Tariffs")
    potteries.say("signal:viewed-security", event="page: Vault")
    found = potteries.segment(
        "Evaluating",
        {
            "any": [
                {"kind": "count", "signals": "viewed-pricing", "days": 14, "op": ">=", "value": 3},
                {"kind": "count", "signals": "viewed-security", "days": 14, "op": ">=", "value": 1},
            ]
        },
        {"kind": "open_opportunity", "op": "=", "value": 0},
    )
    assert found == ["lost", "right", "secure"]
    assert potteries.reads.endswith(", and no open opportunity")


def test_three_people_of_different_departments_used_a_feature_twice_each_in_a_week(potteries: Potteries) -> None:
    guilds = {"a": "Firing", "b": "Glazing", "c": "Packing", "d": "glazing"}

    def use(name: str, **times: int) -> None:
        potteries.company(name, *times)
        for person, count in times.items():
            who = identify(f"{name}-{person}", days=30, traits={"guild": guilds[person]} if person in guilds else {})
            potteries.hear(who)
            potteries.do(name, person, MIXED, *(place / 2 for place in range(count)))

    use("right", a=2, b=3, c=2)
    use("once", a=2, b=1, c=2)
    use("same", a=2, b=2, d=5)
    use("unsaid", a=2, b=2, x=2)  # of the third nobody said a department
    potteries.do("once", "b", MIXED, 8)
    potteries.say("meaning:department", path="person: guild")
    potteries.signal("Mixed a glaze", MIXED)
    found = potteries.segment(
        "Spreading",
        {
            "kind": "trait_values",
            "signals": "mixed-a-glaze",
            "trait": "department",
            "times": 2,
            "days": 7,
            "op": ">=",
            "value": 3,
        },
    )
    assert found == ["right"]


def test_usage_fell_by_forty_percent_at_a_paying_account(potteries: Potteries) -> None:
    for name, before, now, turnover in [
        ("fell", 10, 6, 500), ("held", 10, 7, 500), ("free", 10, 2, 0), ("unsaid", 10, 2, None), ("gone", 10, 0, 500),
    ]:  # fmt: skip
        potteries.company(name, days=90, **({} if turnover is None else {"turnover": turnover}))
        potteries.do(name, "a", FIRED, *(40 + place / 2 for place in range(before)))
        potteries.do(name, "a", FIRED, *(10 + place / 2 for place in range(now)))
    potteries.say("meaning:monthly_revenue", path="turnover", period="month")
    potteries.say("signal:created-item", event=FIRED)
    found = potteries.segment(
        "Slipping",
        {"kind": "segment", "segment": "paying", "op": "=", "value": 1},
        {"kind": "growth", "signals": "created-item", "days": 30, "of": "count", "op": "<=", "value": "-40 %"},
    )
    assert found == ["fell", "gone"]
    assert potteries.reads.startswith("In the segment “Paying”, and growth of at most -40 % in “Created an item”")


def test_a_trial_ends_within_three_days_and_first_value_was_reached(potteries: Potteries) -> None:
    for name, days, fires in [("right", 3, True), ("late", 4, True), ("over", -1, True), ("idle", 2, False)]:
        potteries.company(name, probeUntil=(T0 + timedelta(days=days)).isoformat())
        if fires:
            potteries.do(name, "a", FIRED, 5)
    potteries.company("unsaid")
    potteries.do("unsaid", "a", FIRED, 5)
    potteries.say("meaning:trial_ends", path="probeUntil")
    potteries.say("signal:reached-first-value", event=FIRED)
    found = potteries.segment(
        "Trial ending",
        {"kind": "days_until_date", "key": "trial_ends", "op": "<=", "value": 3},
        {"kind": "count", "signals": "reached-first-value", "days": "", "op": ">=", "value": 1},
    )
    assert found == ["right"]
    assert potteries.reads == "Trial ends in at most 3 days, and “Reached first value” at least once so far"


def test_a_new_admin_in_the_last_fourteen_days(potteries: Potteries) -> None:
    def rank(name: str, person: str, *said: tuple[float, str]) -> None:
        for ago, word in said:
            potteries.hear(identify(f"{name}-{person}", days=ago, traits={"rank": word}))

    for name in ("promoted", "joined", "old", "worker", "unsaid"):
        potteries.company(name)
    rank("promoted", "a", (60, "apprentice"), (3, "kilnmaster"))
    potteries.company("joined", "b", days=5)
    rank("joined", "b", (5, "Kilnmaster"))
    rank("old", "a", (50, "kilnmaster"))
    potteries.company("worker", "b", days=5)
    rank("worker", "b", (5, "apprentice"))
    potteries.say("meaning:role", path="person: rank")
    potteries.say("meaning:role", admin="kilnmaster")  # the ranks that arrived stand there now
    found = potteries.segment("New admin", {"kind": "new_members", "role": "admin", "days": 14, "op": ">=", "value": 1})
    assert found == ["joined", "promoted"]
    assert potteries.reads == "At least 1 new “admin” member in 14 days"
