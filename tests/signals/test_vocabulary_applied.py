"""What is known of accounts at an installation with a vocabulary of its own, measured from what was sent."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Account
from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.ingest import receive
from signals.measures.specs import parse_spec
from signals.measures_load import AccountSelection, day_number
from signals.models import AccountState, Configuration, Segment, Signal, Source
from signals.rules.evaluate import seen_values
from signals.scoring.live import live
from signals.scoring.measure import ScoredDays, measure_accounts
from signals.scoring.run import sweep
from signals.vocabulary.definitions import count_all_history, define
from signals.vocabulary.meanings import say
from tests.clock import T0
from tests.conftest import Send, group, identify, track

pytestmark = pytest.mark.django_db


@pytest.fixture
def neutral(source: receive.SourceRef) -> receive.SourceRef:
    """An installation as it comes, with a source that was always there."""
    Configuration.objects.get_or_create(pk=1)
    ensure_shipped_configuration()
    return source


def state_of(domain: str, now: datetime = T0) -> dict[str, Any]:
    sweep(now)
    return AccountState.objects.get(account=Account.objects.get(domain=domain)).measures


def paying(domain: str) -> float | None:
    return state_of(domain).get("segment:paying")


def test_a_company_of_which_nobody_said_a_plan_neither_pays_nor_does_not(neutral: Any, send: Send) -> None:
    send(identify("7", "ann@northwind.com"), track("7", "document.created"))
    assert paying("northwind.com") is None


@pytest.mark.parametrize(
    ("traits", "expected"),
    [
        ({"planName": "Enterprise"}, 1.0),
        ({"planName": "Hobby", "monthlyRevenue": "$1,200"}, 1.0),
        ({"planName": "Hobby", "monthlyRevenue": 0, "isPaying": "no"}, 0.0),
        ({"planName": "Hobby", "monthlyRevenue": 0}, 0.0),
        ({"planName": "Hobby"}, 0.0),
        ({"monthlyRevenue": "0"}, 0.0),
        ({"planName": "Legacy 2019"}, None),
    ],
)
def test_paying_is_said_by_plan_revenue_or_a_flag_whatever_they_are_called(
    neutral: Any, send: Send, traits: dict[str, Any], expected: float | None
) -> None:
    plans = {"plans": {"enterprise": "paid", "hobby": "free"}}
    say("meaning:plan", {"paths": [{"of": "person", "path": "planName"}], "options": plans})
    say("meaning:monthly_revenue", {"paths": [{"of": "person", "path": "monthlyRevenue"}], "options": {}})
    say("meaning:paying", {"paths": [{"of": "person", "path": "isPaying"}], "options": {}})
    send(identify("7", "ann@northwind.com", traits=traits), track("7", "document.created"))
    assert paying("northwind.com") == expected


def test_a_meaning_acts_on_what_was_sent_before_it(neutral: Any, send: Send) -> None:
    send(identify("7", "ann@northwind.com", days=20, traits={"planName": "Enterprise"}))
    assert paying("northwind.com") is None
    say("meaning:plan", {"paths": [{"of": "person", "path": "planName"}], "options": {"plans": {"Enterprise": "paid"}}})
    assert paying("northwind.com") == 1


def test_what_colleagues_say_of_their_company_counts_once_and_the_latest_counts(neutral: Any, send: Send) -> None:
    say("meaning:monthly_revenue", {"paths": [{"of": "person", "path": "spend"}], "options": {}})
    send(
        identify("7", "ann@northwind.com", days=3, traits={"spend": 100}),
        identify("8", "bob@northwind.com", days=1, traits={"spend": 250}),
    )
    assert state_of("northwind.com")["attribute:monthly_revenue:sum"] == 250


def test_of_two_words_of_one_second_the_same_counts_alone_and_beside_others(neutral: Any, send: Send) -> None:
    send(identify("a", "a@first.de", days=9), group("a", "w0", days=3, branche="Apfel"))
    send(identify("b", "b@second.de", days=9))
    send(group("b", "w1", days=3, branche="Zucker"), group("b", "w2", days=3, branche="Apfel"))
    second = Account.objects.get(domain="second.de")
    spec = parse_spec({"kind": "attribute", "key": "branche"})
    said = []
    for selection in (AccountSelection.all(), AccountSelection.some([second.pk])):
        found = measure_accounts(selection, [spec], ScoredDays.only(day_number(T0)), live().vocabulary)
        said.append(seen_values(found.columns[spec.key])[-1])
    assert said == ["Zucker", "Zucker"]


def test_a_limit_of_any_name_brings_its_facts_and_makes_accounts_near_a_limit(neutral: Any, send: Send) -> None:
    allowed, used = ({"of": "company", "path": path} for path in ("creditsIncluded", "creditsUsed"))
    say("limit:credits", {"one": "credit", "many": "credits", "allowed": allowed, "used": used})
    send(identify("7", "ann@northwind.com"), group("7", "42", creditsIncluded="1,000", creditsUsed=950))
    measures = state_of("northwind.com")
    assert measures["limit_share:credits_used:credits"] == 0.95
    assert measures["segment:near-a-limit"] == 1


def test_a_signal_that_never_came_is_unknown_and_one_that_came_elsewhere_is_zero_here(neutral: Any, send: Send) -> None:
    define(Signal.objects.get(slug="hit-limit"), {"any": [{"kinds": ["track"], "names": ["quota.exceeded"]}]})
    count_all_history()
    send(identify("7", "ann@northwind.com"), track("7", "document.created"))
    key = "count:hit-limit:30d"
    assert key not in state_of("northwind.com")
    send(identify("8", "bob@southport.com"), track("8", "quota.exceeded"))
    assert state_of("northwind.com")[key] == 0
    assert state_of("southport.com")[key] == 1


def test_an_hour_old_installation_knows_only_what_is_sure(neutral: Any, send: Send) -> None:
    Source.objects.update(listening_since=T0 - timedelta(hours=1))
    old = {"createdAt": (T0 - timedelta(days=1460)).isoformat()}
    send(
        identify("7", "ann@northwind.com", traits=old), track("7", "document.created"),
        identify("8", "bob@southport.com"), track("8", "document.created"),
    )  # fmt: skip
    north, south = state_of("northwind.com"), state_of("southport.com")
    # Four years at least: a colleague may have signed up before Ann did.
    assert (north["age_days"], "age_days" in north["at_least"]) == (1460, True)
    assert (south["age_days"], "age_days" in south["at_least"]) == (0, True)
    assert north["people:activity:30d"] == 1
    assert "people:activity:30d" in north["at_least"]
    assert "growth:activity:30d:people:floor3" not in north


def test_a_company_that_says_when_it_signed_up_is_exactly_so_old(neutral: Any, send: Send) -> None:
    Source.objects.update(listening_since=T0 - timedelta(hours=1))
    say("meaning:company_created_at", {"paths": [{"of": "company", "path": "since"}], "options": {}})
    send(identify("7", "ann@northwind.com"), group("7", "42", since="2026-03-04"))
    north = state_of("northwind.com")
    assert north["age_days"] == 7
    assert "age_days" not in north.get("at_least", [])
    # Whoever came after we began to listen has no past that we missed; a week ago we did not listen yet.
    assert "people:activity:30d" in north["at_least"]


def test_segments_may_use_segments(neutral: Any, send: Send) -> None:
    say("meaning:plan", {"paths": [{"of": "person", "path": "planName"}], "options": {"plans": {"pro": "paid"}}})
    german = {"measure": {"kind": "attribute", "key": "land"}, "op": "=", "value": "DE"}
    inside = {"measure": {"kind": "segment", "segment": "paying"}, "op": "=", "value": 1}
    Segment.objects.create(slug="paying-germans", name="Paying in Germany", rule={"all": [inside, german]})
    send(identify("7", "ann@northwind.com", traits={"planName": "pro"}), group("7", "42", land="DE"))
    send(identify("8", "bob@southport.com", traits={"planName": "pro"}), group("8", "43", land="FR"))
    assert state_of("northwind.com")["segment:paying-germans"] == 1
    assert state_of("southport.com")["segment:paying-germans"] == 0
