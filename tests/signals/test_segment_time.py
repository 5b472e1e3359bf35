"""“Paying for 3 months” at an installation with a vocabulary of its own, from what was sent."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.ingest import receive
from signals.models import AccountState, Configuration, Segment, Trigger
from signals.scoring.run import score_dirty, sweep
from signals.scoring.what_if import matching_accounts
from signals.vocabulary.meanings import say
from tests.clock import T0
from tests.conftest import Send, group, identify
from tests.signals.conftest import rule_data

pytestmark = pytest.mark.django_db


def paying_for(days: int, value: int = 1) -> dict[str, Any]:
    return {"measure": {"kind": "segment_for", "segment": "paying", "days": days}, "op": "=", "value": value}


@pytest.fixture
def harbour(source: receive.SourceRef) -> receive.SourceRef:
    """A product for marinas, whose plans are called berths."""
    Configuration.objects.get_or_create(pk=1)
    ensure_shipped_configuration()
    plans = {"plans": {"gold berth": "paid", "visitor": "free"}}
    say("meaning:plan", {"paths": [{"of": "company", "path": "berthKind"}], "options": plans})
    return source


def sail(send: Send, domain: str, *plans: tuple[int, str | None]) -> Account:
    """A company with its plans, each from so many days before T0 on."""
    send(identify(domain, f"ann@{domain}", days=400), *(group(domain, domain, days=d, berthKind=p) for d, p in plans))
    return Account.objects.get(domain=domain)


def names(rule: dict[str, Any], days: int = 0) -> set[str]:
    found = matching_accounts(rule, now=T0 + timedelta(days=days), limit=20).accounts
    return set(Account.objects.filter(pk__in=found).values_list("domain", flat=True))


def test_paying_for_three_months_counts_from_the_day_it_was_said(harbour: Any, send: Send) -> None:
    sail(send, "long.com", (300, "gold berth"))
    sail(send, "edge.com", (200, "visitor"), (89, "gold berth"))
    sail(send, "short.com", (200, "visitor"), (88, "gold berth"))
    sail(send, "back.com", (300, "gold berth"), (50, "visitor"), (40, "gold berth"))
    sail(send, "left.com", (300, "gold berth"), (1, "visitor"))
    sail(send, "silent.com")
    assert names(paying_for(90)) == {"long.com", "edge.com"}
    assert names(paying_for(90), days=1) == {"long.com", "edge.com", "short.com"}
    assert names(paying_for(90, 0)) == {"short.com", "back.com", "left.com"}


def test_what_was_said_first_twenty_days_ago_is_unknown_of_ninety_and_true_of_twenty(harbour: Any, send: Send) -> None:
    sail(send, "new.com", (19, "gold berth"))
    assert names(paying_for(20)) == {"new.com"}
    assert names(paying_for(21)) == names(paying_for(21, 0)) == set()
    assert names(paying_for(90), days=71) == {"new.com"}


def test_history_that_is_told_late_counts_from_its_own_days(harbour: Any, send: Send) -> None:
    sail(send, "new.com", (19, "gold berth"))
    send(group("new.com", "new.com", days=150, berthKind="gold berth"))
    assert names(paying_for(90)) == {"new.com"}


def test_a_segment_may_ask_for_time_in_another(harbour: Any, send: Send) -> None:
    sail(send, "long.com", (129, "visitor"), (119, "gold berth"))
    sail(send, "short.com", (129, "visitor"), (118, "gold berth"))
    Segment.objects.create(slug="settled", name="Settled", rule=paying_for(90))
    rule = {"measure": {"kind": "segment_for", "segment": "settled", "days": 31}, "op": "=", "value": 1}
    assert names(rule) == {"long.com"}


def test_touched_scoring_and_the_sweep_say_the_same(harbour: Any, send: Send) -> None:
    account = sail(send, "edge.com", (200, "visitor"), (89, "gold berth"))
    Trigger.objects.create(slug="loyal", name="Loyal", rule=paying_for(90))
    score_dirty(T0)
    assert "loyal" in AccountState.objects.get(account=account).triggers
    assert AccountState.objects.get(account=account).measures["segment_for:paying:90d"] == 1
    assert sweep(T0).changed == 0


def test_the_builder_makes_paying_for_three_months_and_says_it(admin: Client, harbour: Any) -> None:
    data = {"name": "Loyal", "slug": "loyal", "active": "on"} | rule_data(paying_for(90))
    page = admin.post("/admin/signals/trigger/add/", data, follow=True).content.decode()
    assert Trigger.objects.get(slug="loyal").rule == paying_for(90)
    assert "In the segment “Paying” for at least 90 days" in page
    form = admin.get(f"/admin/signals/trigger/{Trigger.objects.get(slug='loyal').pk}/change/").content.decode()
    assert '<option value="paying" selected>Paying</option>' in form


def test_a_segment_that_would_need_itself_is_refused_and_said(admin: Client, harbour: Any) -> None:
    Segment.objects.create(slug="settled", name="Settled", rule=paying_for(90))
    paying = Segment.objects.get(slug="paying")
    rule = {"measure": {"kind": "segment", "segment": "settled"}, "op": "=", "value": 1}
    data = {"name": "Paying", "position": "1"} | rule_data(rule)
    page = admin.post(f"/admin/signals/segment/{paying.pk}/change/", data).content.decode()
    assert "in a circle: segment “paying” → segment “settled” → segment “paying”" in page
    assert Segment.objects.get(slug="paying").rule == paying.rule


def test_saving_a_segment_has_every_account_scored_again(admin: Client, harbour: Any) -> None:
    before = Configuration.objects.get().models_version
    data = {"name": "Loyal", "slug": "loyal", "position": "9"} | rule_data(paying_for(90))
    admin.post("/admin/signals/segment/add/", data)
    assert Segment.objects.get(slug="loyal").rule == paying_for(90)
    assert Configuration.objects.get().models_version > before


def test_the_page_before_a_segment_goes_names_it_and_not_its_members(admin: Client, harbour: Any, send: Send) -> None:
    sail(send, "long.com", (300, "gold berth"))
    score_dirty(T0)
    segment = Segment.objects.get(slug="paying")
    page = admin.get(f"/admin/signals/segment/{segment.pk}/delete/").content.decode()
    assert "Paying" in page
    assert f"{segment.members.get().account_id} in {segment.pk}" not in page


def test_the_list_of_segments_says_how_many_are_in_each_and_leads_to_them(
    admin: Client, harbour: Any, send: Send
) -> None:
    sail(send, "long.com", (300, "gold berth"))
    sail(send, "left.com", (300, "visitor"))
    score_dirty(T0)
    page = admin.get("/admin/signals/segment/").content.decode()
    assert '<a href="/segments/paying/">1</a>' in page
    assert '<a href="/segments/in-trial/">0</a>' in page
