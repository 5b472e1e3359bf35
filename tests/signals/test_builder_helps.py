"""The builder says before saving what looks wrong, where it stands, and by name whom a rule is true for."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from plgcrm.common.cache import forget_all
from signals.models import Segment, Signal, SignalDefinition, Source
from signals.vocabulary.catalogue import look
from signals.vocabulary.meanings import say
from tests.conftest import T0, Send, add_signal, group, identify, track
from tests.signals.conftest import matches_data, rule_data

PAGE = "/admin/signals/segment/add/"
SENT = (  # an API product: what each company says of itself
    ("alder", {"tierName": "hobby", "licences": 3, "health": 40, "rateDone": 0.2, "renewedOn": "2026-03-01"}),
    ("birch", {"tierName": "hobby", "licences": 9, "health": 55, "rateDone": 0.4, "renewedOn": "2026-04-01"}),
    ("cedar", {"tierName": "scale", "licences": 20, "health": 90, "rateDone": 0.9, "renewedOn": "2026-05-01"}),
    ("dogwood", {"tierName": "scale", "licences": 40, "health": 71, "rateDone": 1, "renewedOn": "2026-06-01"}),
)


@pytest.fixture
def arrived(send: Send, admin: Client, settings: Any) -> Client:
    """Four companies of which things are known, with a payment each, and a fifth of which nothing is."""
    settings.CURRENCY = "USD"
    add_signal("invoice-paid", {"any": [{"kinds": ["track"], "names": ["invoice.paid"]}]})
    SignalDefinition.objects.filter(signal__slug="invoice-paid").update(values={"amount": {"paths": ["amount"]}})
    add_signal("quota-hit", {"any": [{"kinds": ["track"], "names": ["quota.hit"]}]})
    SignalDefinition.objects.filter(signal__slug="quota-hit").update(first_seen_on=None)
    Signal.objects.create(slug="asked", name="Asked a question", category=Signal.objects.all()[0].category)
    say("meaning:plan", {"paths": [{"of": "company", "path": "tierName"}]})
    say("meaning:monthly_revenue", {"paths": [{"of": "company", "path": "mrr"}], "options": {"currency": "USD"}})
    for company, traits in SENT:
        send(
            identify(f"u-{company}", f"ann@{company}.com", traits={"team": "Ops", "level": "Lead"}),
            group(f"u-{company}", company, name=company.title(), mrr=100, **traits),
            track(
                f"u-{company}",
                "invoice.paid",
                days=2,
                workspace=company,
                properties={"amount": 90, "kind": "card", "planName": "x"},
            ),
        )
    Account.objects.create(name="Elm", domain="elm.com")
    look(T0 + timedelta(minutes=1))
    return admin


def measure(kind: str, **parameters: Any) -> dict[str, Any]:
    return {"kind": kind, **parameters}


def condition(kind: str, op: str, value: Any = None, **parameters: Any) -> dict[str, Any]:
    return {"measure": measure(kind, **parameters), "op": op} | ({} if value is None else {"value": value})


def trait(key: str, op: str, value: Any = None) -> dict[str, Any]:
    return condition("attribute", op, value, key=key)


def page_of(client: Client, data: dict[str, Any], **more: Any) -> str:
    """The form of a segment as it comes back when it is checked, without a script and without being saved."""
    page = client.post(PAGE, {"name": "Some", "slug": "some", "position": "0"} | data | more)
    assert page.status_code == 200
    assert not Segment.objects.filter(slug="some").exists()
    return page.content.decode()


def texts_of(page: str, css: str) -> list[str]:
    found = re.findall(rf'<p class="{css}"[^>]*>(.*?)</p>', page, re.DOTALL)
    words = (unescape(re.sub(r"<button.*?</button>|<[^>]+>", "", each, flags=re.DOTALL)).strip() for each in found)
    return [each for each in words if each]


def doubts_of(page: str) -> list[str]:
    return [each for each in texts_of(page, "doubt") if not each.endswith("marked above.")]


def checked(client: Client, tree: object, **typed: str) -> list[str]:
    data = rule_data(tree) | {f"rule:{name.replace('_', ':', 1)}": text for name, text in typed.items()}
    return doubts_of(page_of(client, data, **{"rule:do": "count"}))


MISUSES: list[tuple[str, dict[str, Any], dict[str, str], list[str]]] = [
    (
        "a misspelt trait",
        trait("licenses_", ">=", 5),
        {},
        ["Nobody has sent licenses_ here. Did you mean licences?"],
    ),
    (
        "a trait as it is sent and not as it is kept",
        trait("rateDone", ">=", 0.5),
        {},
        ["Nobody has sent rateDone here. Did you mean rate_done?"],
    ),
    (
        "a trait that nobody sends",
        trait("postcode", "=", "N1"),
        {},
        ["Nobody has sent postcode here, so this is unknown for everybody."],
    ),
    (
        "a term that no trait stands for",
        trait("industry", "=", "retail"),
        {},
        ["Nobody has sent industry, which is “Industry” here, so this is unknown for everybody."],
    ),
    (
        "a trait of people asked of companies",
        trait("team", "=", "Ops"),
        {},
        ["People, not companies, have team here: measure “Latest trait of a person” or “People with a trait” instead."],
    ),
    (
        "a misspelt trait of people",
        condition("person_attribute", "=", "Lead", trait="levle"),
        {},
        ["Nobody has sent levle here. Did you mean level?"],
    ),
    (
        "a misspelt property",
        condition("sum_of", ">=", 10, signals=["invoice-paid"], property="amuont", days=30),
        {},
        ["“invoice-paid” has no property amuont here. Did you mean amount?"],
    ),
    (
        "a property of events of which none is kept",
        condition("sum_of", ">=", 10, signals=["quota-hit"], property="amount", days=30),
        {},
        [
            "“quota-hit” has never happened here, so this is unknown for everybody.",
            "No property of “quota-hit” is mapped, so this is unknown for everybody. See Vocabulary.",
        ],
    ),
    (
        "a signal that no event stands for",
        condition("count", ">=", 1, signals=["asked"], days=30),
        {},
        ["“Asked a question” is not mapped to any event yet, so this is unknown for everybody."],
    ),
    (
        "a signal that never happened",
        condition("count", ">=", 1, signals=["quota-hit"], days=30),
        {},
        ["“quota-hit” has never happened here, so this is unknown for everybody."],
    ),
    (
        "one of two signals that never happened",
        condition("count", ">=", 1, signals=["invoice-paid", "quota-hit"], days=30),
        {},
        ["“quota-hit” has never happened here, so it adds nothing here."],
    ),
    (
        "a text compared as a number",
        trait("plan", ">=", 5),
        {},
        ["plan arrives as text, such as hobby and scale: “at least” compares numbers, so this is never true."],
    ),
    (
        "a text compared with a number",
        trait("plan", "=", 5),
        {},
        ["plan arrives as text, such as hobby and scale: it is never the number 5."],
    ),
    (
        "a number compared with a text",
        trait("licences", "=", "many"),
        {},
        ["licences arrives as numbers, such as 3, 9, 20 and 40: it is never the text “many”."],
    ),
    (
        "a date compared as a number",
        trait("renewed_on", ">=", 5),
        {},
        ["renewed_on is a date: measure “Days since a date” or “Days until a date” instead."],
    ),
    (
        "what is no date taken for one",
        condition("days_since_date", ">=", 5, key="plan"),
        {},
        ["plan is not a date here: it arrives as text, such as hobby and scale."],
    ),
    (
        "the growth of a text",
        condition("attribute_growth", ">=", 0.5, key="plan", days=30),
        {},
        ["plan arrives as text, such as hobby and scale: it has no number to compare."],
    ),
    (
        "a value that never came",
        trait("plan", "=", "scael"),
        {},
        ["Nobody has plan “scael”: it arrives as hobby and scale. Did you mean scale?"],
    ),
    (
        "one of several values that never came",
        trait("plan", "one_of", ["hobby", "platinum"]),
        {},
        ["Nobody has plan “platinum”: it arrives as hobby and scale."],
    ),
    (
        "a value that no person has",
        condition("people_with", ">=", 1, trait="team", values=["Opps"]),
        {},
        ["Nobody has team “Opps”: it arrives as Ops. Did you mean Ops?"],
    ),
    (
        "50 where 50 % is meant",
        condition("limit_share", ">=", 1, used="licences", limit="health"),
        {"0.0_value": "50"},
        ["50 means 5,000 %. Did you mean 50 %?"],
    ),
    (
        "half a per cent where 50 % is meant",
        condition("growth", ">=", 1, days=30),
        {"0.0_value": "0.5 %"},
        ["0.5 % is less than 1 %. Did you mean 50 %?"],
    ),
    (
        "50 times as much where 50 % is meant",
        condition("growth", ">=", 50, days=30),
        {},
        ["5000 % is 50 times the whole. Did you mean 50 %?"],
    ),
    (
        "a share of what is counted",
        condition("people", ">=", 1, days=30),
        {"0.0_value": "90 %"},
        ["This is a count, not a share: 90 % is read as 0.9. Did you mean 90?"],
    ),
    (
        "50 where a trait is a share",
        trait("rate_done", ">=", 50),
        {},
        ["rate_done arrives as a share from 0 to 1, never 50. Did you mean 0.5?"],
    ),
    (
        "0.5 where a trait is a percentage",
        trait("health", ">=", 0.5),
        {},
        ["health arrives as numbers up to 90, not as a share. Did you mean 50?"],
    ),
    (
        "weeks where days are counted",
        condition("age_days", ">=", 1),
        {"0.0_value": "4 weeks"},
        ["This is in days: give the number alone. Did you mean 28?"],
    ),
    (
        "days where people are counted",
        condition("people", ">=", 1, days=30),
        {"0.0_value": "7 days"},
        ["This is a count, not a time: give the number alone."],
    ),
    (
        "money where people are counted",
        condition("people", ">=", 1, days=30),
        {"0.0_value": "$7"},
        ["This is a count, not an amount of money."],
    ),
    (
        "money of another currency",
        trait("monthly_revenue", ">=", 1),
        {"0.0_value": "€500"},
        ["Amounts are in USD here: give it in USD, as a number alone."],
    ),
    (
        "a year's money where a month's is compared",
        trait("monthly_revenue", ">=", 1),
        {"0.0_value": "$6,000 a year"},
        ["Amounts are per month here. Did you mean 500?"],
    ),
    (
        "a comma for a point",
        condition("growth", ">=", 1, days=30),
        {"0.0_value": "0,5"},
        ["Decimals are written with a point. Did you mean 0.5?"],
    ),
    (
        "a condition twice",
        {"all": [trait("plan", "=", "hobby"), trait("plan", "=", "hobby")]},
        {},
        ["This condition is in this group already. One of the two can go."],
    ),
    (
        "two that are never true together",
        {"all": [trait("licences", ">=", 10), trait("licences", "<", 5)]},
        {},
        ["Never true together with “licences at least 10”, which is asked for too."],
    ),
    (
        "two choices that are never true together",
        {"all": [trait("plan", "=", "hobby"), trait("plan", "one_of", ["scale"])]},
        {},
        ["Never true together with “plan is hobby”, which is asked for too."],
    ),
    (
        "true for everybody",
        condition("count", ">=", 0, days=30),
        {},
        ["True for all 5 accounts: it tells none of them apart."],
    ),
    (
        "false for everybody",
        condition("people", ">=", 40, days=30),
        {},
        ["False for all 5 accounts."],
    ),
    (
        "unknown for everybody",
        condition("attribute_growth", ">=", 0.5, key="licences", days=30),
        {},
        ["Unknown for all 5 accounts."],
    ),
    (
        "a group that is false for everybody though its parts are not",
        {"all": [trait("licences", ">=", 10), {"none": [trait("health", ">=", 71)]}]},
        {},
        ["True for none of 5 accounts: false for 4, unknown for 1."],
    ),
]


@pytest.mark.parametrize(("tree", "typed", "said"), [row[1:] for row in MISUSES], ids=[row[0] for row in MISUSES])
def test_a_misuse_is_named_where_it_stands(
    arrived: Client, tree: dict[str, Any], typed: dict[str, str], said: list[str]
) -> None:
    assert checked(arrived, tree, **typed) == said


# What cannot be right is refused


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ("0", "A window of 0 days holds nothing. Give 1 to 730 days."),
        ("1000", "A window of 1000 days does not fit. Give a whole number from 1 to 730."),
        ("a month", "A window of “a month” days does not fit. Give a whole number from 1 to 730."),
    ],
)
def test_a_window_that_cannot_be_is_refused_and_stays_as_typed(arrived: Client, days: str, said: str) -> None:
    data = rule_data(condition("count", ">=", 1, days=30)) | {"rule:0.0:days": days}
    page = page_of(arrived, data)
    assert said in texts_of(page, "problem")
    assert f'name="rule:0.0:days" value="{days}"' in page


def test_a_window_longer_than_events_are_kept_is_doubted(arrived: Client, settings: Any) -> None:
    settings.EVENT_RETENTION_MONTHS = 6
    rule = condition("count", ">=", 2, days=200)
    assert "Events are kept for 6 months: what is older may be missing in 200 days." in checked(arrived, rule)
    assert checked(arrived, condition("count", ">=", 1, days=180)) == []


def test_a_window_from_before_we_listened_is_doubted(arrived: Client) -> None:
    Source.objects.update(listening_since=T0 - timedelta(days=9))
    forget_all()
    rule = condition("count", ">=", 2, days=30)
    assert "We have listened for 10 days only: over 30 days there may have been more." in checked(arrived, rule)


def test_a_doubt_keeps_nobody_from_saving(arrived: Client) -> None:
    data = {"name": "Some", "slug": "some", "position": "0"} | rule_data(trait("plan", "=", "scael"))
    assert arrived.post(PAGE, data).status_code == 302
    assert Segment.objects.get(slug="some").rule == trait("plan", "=", "scael") | {
        "measure": measure("attribute", key="plan")
    }


def test_what_is_right_is_not_doubted(arrived: Client) -> None:
    rule = {"all": [trait("plan", "one_of", ["hobby", "scale"]), trait("licences", ">=", 9)]}
    assert checked(arrived, rule) == []
    assert checked(arrived, condition("sum_of", ">=", 90, signals=["invoice-paid"], property="amount", days=30)) == []


def test_what_was_meant_is_taken_with_one_button(arrived: Client) -> None:
    data = rule_data(trait("plan", "=", "scael"))
    page = page_of(arrived, data, **{"rule:do": "count"})
    assert 'value="say 0.0 value scale"' in page
    again = page_of(arrived, data, **{"rule:do": "say 0.0 value scale"})
    assert 'name="rule:0.0:value" value="scale"' in again


def test_what_was_meant_inside_a_measure_of_two_is_taken_there(arrived: Client) -> None:
    part = measure("attribute", key="licenses", agg="max")
    rule = condition("ratio", ">=", 2, one=part, other=measure("members"))
    page = page_of(arrived, rule_data(rule), **{"rule:do": "count"})
    assert 'value="say 0.0 one:key licences"' in page
    again = page_of(arrived, rule_data(rule), **{"rule:do": "say 0.0 one:key licences"})
    assert 'name="rule:0.0:one:key" value="licences"' in again


def test_a_condition_that_is_not_finished_keeps_no_doubt_from_its_neighbour(arrived: Client) -> None:
    data = rule_data({"all": [trait("licenses", ">=", 5), trait("plan", "=", "hobby")]}) | {"rule:0.1:kind": ""}
    assert doubts_of(page_of(arrived, data)) == ["Nobody has sent licenses here. Did you mean licences?"]


# Known names and values are offered


def offered(page: str, name: str) -> list[str]:
    [found] = re.findall(rf'<datalist id="{name}">(.*?)</datalist>', page, re.DOTALL)
    return [unescape(each) for each in re.findall(r'<option value="(.*?)"', found)]


def test_traits_that_arrived_are_offered_with_what_they_stand_for(arrived: Client) -> None:
    page = page_of(arrived, rule_data(trait("plan", "=", "hobby")), **{"rule:do": "draw 0.0"})
    names = offered(page, "attributes-rule")
    assert names[:3] == ["monthly_revenue", "plan", "plan_kind"]
    assert {"tier_name", "licences", "health"} < set(names)
    assert not {"team", "level", "industry"} & set(names)
    assert '<option value="plan" label="Plan">' in page
    assert {"team", "level"} < set(offered(page, "traits-rule"))


def test_the_values_of_the_chosen_trait_are_offered_without_measuring(arrived: Client) -> None:
    page = page_of(arrived, rule_data(trait("plan", "=", "")), **{"rule:do": "draw 0.0"})
    assert offered(page, "values-rule-0-0") == ["hobby", "scale"]
    other = page_of(arrived, rule_data(trait("team", "=", "")), **{"rule:do": "draw 0.0"})
    assert offered(other, "values-rule-0-0") == []


def test_in_a_list_each_further_value_is_offered_after_those_that_stand_there(arrived: Client) -> None:
    data = rule_data(trait("plan", "one_of", ["hobby"])) | {"rule:0.0:value": "hobby, sc"}
    page = page_of(arrived, data, **{"rule:do": "draw 0.0"})
    assert offered(page, "values-rule-0-0") == ["hobby, scale"]


def test_the_properties_of_the_chosen_signals_are_offered(arrived: Client) -> None:
    rule = condition("sum_of", ">=", 1, signals=["invoice-paid"], property="", days=30)
    assert offered(page_of(arrived, rule_data(rule), **{"rule:do": "draw 0.0"}), "properties-rule-0-0") == ["amount"]
    rule = condition("sum_of", ">=", 1, signals=["quota-hit"], property="", days=30)
    assert offered(page_of(arrived, rule_data(rule), **{"rule:do": "draw 0.0"}), "properties-rule-0-0") == []


def test_while_somebody_types_what_is_offered_follows(arrived: Client) -> None:
    part = arrived.post("/admin/build/rule/rule/", rule_data(trait("team", "=", "")), HTTP_HX_REQUEST="true")
    assert 'id="values-rule-0-0" hx-swap-oob="true"' in part.content.decode()


def test_a_segment_is_chosen_from_those_that_there_are(arrived: Client) -> None:
    Segment.objects.create(slug="big", name="Big ones", rule=trait("licences", ">=", 10))
    forget_all()
    rule = condition("segment", "=", 0, segment="big")
    page = page_of(arrived, rule_data(rule), **{"rule:do": "count"})
    assert '<option value="big" selected>Big ones</option>' in page
    assert '<option value="no" selected>is not in it</option>' in page
    assert "Not in the segment “Big ones”" in unescape(page)
    data = {"name": "Some", "slug": "some", "position": "0"} | rule_data(rule)
    arrived.post(PAGE, data)
    assert Segment.objects.get(slug="some").rule == rule


def test_a_segment_that_is_unknown_for_everybody_says_what_it_waits_for(arrived: Client) -> None:
    Segment.objects.create(slug="retail", name="Retail", rule=trait("industry", "=", "retail"))
    forget_all()
    said = checked(arrived, condition("segment", "=", 1, segment="retail"))
    assert said == ["Unknown for all 5 accounts. The segment waits for Industry."]


def test_that_unknown_counts_as_no_is_kept(arrived: Client) -> None:
    rule = trait("licences", "<", 10) | {"unknown": "no"}
    page = page_of(arrived, rule_data(rule), **{"rule:do": "count"})
    assert 'name="rule:0.0:unknown" value="no" checked' in page
    arrived.post(PAGE, {"name": "Some", "slug": "some", "position": "0"} | rule_data(rule))
    assert Segment.objects.get(slug="some").rule["unknown"] == "no"


# Who is it?

MORE = trait("licences", ">=", 10)


def named(page: str) -> list[tuple[str, str]]:
    found = re.findall(r'<li><a href="/accounts/\d+/">(.*?)</a> <span class="saw">(.*?)</span></li>', page)
    return [(unescape(name), unescape(saw)) for name, saw in found]


@pytest.mark.parametrize(
    ("outcome", "who"),
    [
        ("true", [("Cedar", "Licences 20"), ("Dogwood", "Licences 40")]),
        ("false", [("Alder", "Licences 3 (needs at least 10)"), ("Birch", "Licences 9 (needs at least 10)")]),
        ("unknown", [("Elm", "Licences unknown (needs at least 10)")]),
    ],
)
def test_who_it_is_stands_there_by_name_with_what_decided(arrived: Client, outcome: str, who: list[Any]) -> None:
    page = page_of(arrived, rule_data(MORE), **{"rule:do": f"who {outcome} 1"})
    assert named(page) == who
    assert "true for 2" in page
    assert "false for 2" in page
    assert "unknown for 1" in page


def test_the_list_stays_open_while_the_rule_is_changed(arrived: Client) -> None:
    data = rule_data(trait("licences", ">=", 30)) | {"rule:who": "true 1"}
    page = arrived.post("/admin/build/rule/rule/", data).content.decode()
    assert named(page) == [("Dogwood", "Licences 40")]
    assert 'name="rule:who" value="true 1"' in page
    closed = arrived.post("/admin/build/rule/rule/", data | {"rule:do": "who"}).content.decode()
    assert named(closed) == []


def test_who_it_is_says_what_a_segment_saw(arrived: Client) -> None:
    Segment.objects.create(slug="big", name="Big ones", rule=MORE)
    forget_all()
    data = rule_data(condition("segment", "=", 1, segment="big")) | {"rule:do": "who true 1"}
    page = arrived.post("/admin/build/rule/rule/", data).content.decode()
    assert named(page)[0] == ("Cedar", "In the segment “Big ones”; Big ones: Licences 20")


def test_names_are_paged_with_the_whole_number(arrived: Client) -> None:
    Account.objects.bulk_create(Account(name=f"Fern {n:02}", domain=f"fern{n}.com") for n in range(24))
    data = rule_data(MORE)
    first = arrived.post("/admin/build/rule/rule/", data | {"rule:do": "who unknown 1"}).content.decode()
    assert [name for name, _ in named(first)] == ["Elm", *(f"Fern {n:02}" for n in range(19))]
    assert "1 to 20 of 25" in first
    second = arrived.post("/admin/build/rule/rule/", data | {"rule:do": "who unknown 2"}).content.decode()
    assert [name for name, _ in named(second)] == [f"Fern {n:02}" for n in range(19, 24)]
    beyond = arrived.post("/admin/build/rule/rule/", data | {"rule:do": "who unknown 99999999999"}).content.decode()
    assert "1 to 20 of 25" in beyond


def test_a_name_is_looked_for_among_them(arrived: Client) -> None:
    data = rule_data(MORE) | {"rule:do": "who false 1", "rule:named": "aLd"}
    page = arrived.post("/admin/build/rule/rule/", data).content.decode()
    assert [name for name, _ in named(page)] == ["Alder"]
    none = arrived.post("/admin/build/rule/rule/", data | {"rule:named": "%"}).content.decode()
    assert "No account with “%” in its name." in none


def test_a_hostile_name_is_only_text(arrived: Client) -> None:
    Account.objects.filter(name="Cedar").update(name="<script>alert(1)</script>")
    page = page_of(arrived, rule_data(MORE), **{"rule:do": "who true 1"})
    assert "<script>alert" not in page
    assert "<script>alert(1)</script>" in [name for name, _ in named(page)]


def test_where_there_are_no_accounts_nobody_is_named_and_nothing_is_said_of_all(source: Any, admin: Client) -> None:
    page = page_of(admin, rule_data(condition("count", ">=", 0, days=30)), **{"rule:do": "who true 1"})
    assert "0 accounts now" in page
    assert doubts_of(page) == []


# What a signal means


SIGNAL_PAGE = "/admin/signals/signal/add/"
PAID = {"property": "amount", "op": ">=", "value": 50}


def meaning(*where: dict[str, Any], names: list[str] | None = None) -> dict[str, Any]:
    return {"any": [{"kinds": ["track"], "names": names or ["invoice.paid"], "where": list(where)}]}


def where(property: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"property": property, "op": op} | ({} if value is None else {"value": value})


MISREADINGS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("a misspelt event", meaning(names=["Invoice Payed"]), ["Did you mean invoice.paid?"]),
    ("an event that nobody sends", meaning(names=["Moon Landed"]), ["Nobody has sent “Moon Landed” here."]),
    ("an event twice", meaning(names=["invoice.paid"] * 2), ["“invoice.paid” is in this list twice."]),
    (
        "a misspelt property",
        meaning(where("planName2", "exists")),
        ["Nobody has sent planName2 with “invoice.paid” here. Did you mean planName?"],
    ),
    (
        "a property that such events never have",
        meaning(where("colour", "exists")),
        ["Nobody has sent colour with “invoice.paid” here."],
    ),
    (
        "a text compared as a number",
        meaning(where("kind", ">=", 5)),
        ["kind arrives as text, such as card: “at least” compares numbers, so nothing matches."],
    ),
    (
        "a number compared with a text",
        meaning(where("amount", "=", "lots")),
        ["amount arrives as numbers, such as 90: it is never the text “lots”."],
    ),
    (
        "a text compared with a number",
        meaning(where("kind", "=", 5)),
        ["kind arrives as text, such as card: it is never the number 5."],
    ),
    (
        "money where a number is compared",
        meaning(where("amount", ">=", "$50")),
        ["Give the number alone. Did you mean 50?"],
    ),
    (
        "a value that never came",
        meaning(where("kind", "one_of", ["card", "crad"])),
        ["kind was never “crad” here: it arrives as card. Did you mean card?"],
    ),
    (
        "a property twice",
        meaning(PAID, PAID),
        ["amount is asked for twice in the same way. One of the two can go."],
    ),
    (
        "two values at once",
        meaning(where("kind", "=", "card"), where("kind", "=", "card2")),
        ["kind cannot be “card” and “card2” at once: nothing matches."],
    ),
    (
        "the same events twice",
        {"any": meaning()["any"] * 2},
        ["The same events stand above already. One of the two can go."],
    ),
]


@pytest.mark.parametrize(("tree", "said"), [row[1:] for row in MISREADINGS], ids=[row[0] for row in MISREADINGS])
def test_what_a_signal_cannot_mean_is_named_where_it_stands(
    arrived: Client, tree: dict[str, Any], said: list[str]
) -> None:
    data = {"name": "Some", "slug": "some", "category": "1"} | matches_data(tree) | {"matches:do": "count"}
    page = arrived.post(SIGNAL_PAGE, data).content.decode()
    doubts = doubts_of(page)
    assert said[0] in (doubts[-1], doubts[-1].partition(" here. ")[2])
    assert not Signal.objects.filter(slug="some").exists()


def test_events_and_their_properties_and_values_are_offered(arrived: Client) -> None:
    data = matches_data(meaning(where("kind", "=", ""))) | {"matches:do": "add-name 0"}
    page = arrived.post(SIGNAL_PAGE, data).content.decode()
    assert offered(page, "names-matches") == ["invoice.paid"]
    assert offered(page, "properties-matches-0") == ["amount", "kind", "planName"]
    assert offered(page, "values-matches-0-0") == ["card"]


def test_what_was_meant_by_a_name_a_property_or_a_value_is_taken_with_one_button(arrived: Client) -> None:
    data = matches_data(meaning(where("kidn", "=", "crad"), names=["Invoice Payed"]))
    for action, drawn in (
        ("say 0 name 0 invoice.paid", 'name="matches:0:names" value="invoice.paid"'),
        ("say 0 property 0 kind", 'name="matches:0:0:property" value="kind"'),
        ("say 0 value 0 card", 'name="matches:0:0:value" value="card"'),
    ):
        assert drawn in arrived.post(SIGNAL_PAGE, data | {"matches:do": action}).content.decode()
    for hostile in ("say", "say ² name 0 x", "say 0 name 9 x", "say 7 name 0 x", "say 0 op 0 x", "remove-where ².0"):
        assert arrived.post(SIGNAL_PAGE, data | {"matches:do": hostile}).status_code == 200
