"""The accounts list, one account, the events behind a number, and the pipeline page, over HTTP."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from plgcrm.common.cache import forget_all
from tests.cast import client_of, play_part, text_of
from tests.conftest import Send, track
from tests.factories import Desk, hold_back, make_company, make_item, make_person
from tests.query_counts import expected_queries


def test_accounts_are_listed_best_first(desk: Desk, as_rita: Client) -> None:
    for name, points in (("Low", 20), ("High", 110), ("Middle", 70)):
        make_company(name, now=desk.now, points=points)
    text = text_of(as_rita, "/accounts/")
    assert text.index("High") < text.index("Middle") < text.index("Low")


def test_accounts_are_filtered_by_tier(desk: Desk, as_rita: Client) -> None:
    make_company("Low", now=desk.now, points=20)
    make_company("High", now=desk.now, points=110)
    text = text_of(as_rita, "/accounts/?tier=executive")
    assert ("High" in text, "Low" in text) == (True, False)


@pytest.mark.parametrize("search", ["kepl", "EPLING", "freight.example", "Marisol", "vega@"])
def test_accounts_are_found_by_name_domain_and_people(desk: Desk, as_rita: Client, search: str) -> None:
    company = make_company("Keplinger Freight", now=desk.now, domain="kepfreight.example")
    make_person(company, "Marisol Vega", "vega@kepfreight.example")
    make_company("Another", now=desk.now)
    text = text_of(as_rita, f"/accounts/?q={search}")
    assert ("Keplinger Freight" in text, "Another" in text) == (True, False)


@pytest.mark.parametrize("search", ["%", "_", "\\", "'", "x" * 300, "﷽"])
def test_signs_that_mean_something_to_sql_are_text(desk: Desk, as_rita: Client, search: str) -> None:
    make_company("Acme", now=desk.now)
    response = as_rita.get("/accounts/", {"q": search})
    assert (response.status_code, "Acme</b>" in response.content.decode()) == (200, False)


def test_what_no_text_holds_is_no_search(as_rita: Client) -> None:
    assert as_rita.get("/accounts/", {"q": "\0", "tier": "\0"}).status_code == 200


def test_search_as_one_types_draws_only_the_found(desk: Desk, as_rita: Client) -> None:
    make_company("Acme", now=desk.now)
    text = text_of(as_rita, "/accounts/?q=acme", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="found")
    assert ("Acme" in text, "<html" in text) == (True, False)


def test_the_list_goes_on_where_it_ended(desk: Desk, as_rita: Client) -> None:
    for number in range(32):
        make_company(f"Company {number:02}", now=desk.now, points=50, people=0)
    first = text_of(as_rita, "/accounts/")
    after = first.partition("after=")[2].partition('"')[0]
    rest = text_of(as_rita, f"/accounts/?after={after}")
    assert [name in rest for name in ("Company 29", "Company 30", "Company 31")] == [False, True, True]


def test_an_account_says_what_is_known(desk: Desk, as_rita: Client) -> None:
    company = make_company("Acme", now=desk.now, points=80)
    text = text_of(as_rita, f"/accounts/{company.pk}/")
    for words in (
        "Acme",
        "Product-qualified lead: 80 points",
        "Team plan",
        "120 employees",
        "Person 0 of Acme",
        "3 active",
    ):
        assert words in text


def test_an_account_with_nothing_known_breaks_nothing(desk: Desk, as_rita: Client) -> None:
    company = make_company("Empty", now=desk.now, points=None, people=0)
    text = text_of(as_rita, f"/accounts/{company.pk}/")
    assert "No one was active in the last 90 days." in text
    assert "Not scored yet." in text


def test_why_it_is_not_on_the_queue_names_the_guard(desk: Desk, as_rita: Client) -> None:
    company = make_company("Acme", now=desk.now)
    hold_back(company, desk.plays["expansion"], now=desk.now, guard="cool_down", reason="Last contacted on 1 March.")
    text = text_of(as_rita, f"/accounts/{company.pk}/")
    assert "Why it is not on the queue" in text
    assert "held back by cool-down" in text
    assert "Last contacted on 1 March." in text


def test_an_account_on_the_queue_links_to_its_item(desk: Desk, as_rita: Client) -> None:
    company = make_company("Acme", now=desk.now)
    item = make_item(company, desk.plays["expansion"], now=desk.now, rep=desk.rita)
    assert f'href="/queue/{item.pk}/"' in text_of(as_rita, f"/accounts/{company.pk}/")


def test_pages_of_accounts_ask_few_queries(desk: Desk, as_rita: Client) -> None:
    company = make_company("Acme", now=desk.now)
    day = f"/accounts/{company.pk}/evidence/?day={desk.now.date()}"
    pages = {"accounts": "/accounts/", "accounts search": "/accounts/?q=acme", "account": f"/accounts/{company.pk}/"}
    for name, address in (pages | {"evidence": day, "pipeline": "/pipeline/"}).items():
        forget_all()
        with expected_queries(name):
            as_rita.get(address)


def test_evidence_of_a_number_shows_people_and_events(clock: Any, desk: Desk, send: Send, as_rita: Client) -> None:
    send(
        {"type": "identify", "messageId": "i1", "userId": "u1", "traits": {"email": "ann@acme.io", "name": "Ann"}},
        *(track("u1", "Limit Hit", days=day, properties={"limit": "boards"}) for day in (0, 1, 1, 40)),
        track("u1", "Item Created", days=1),
    )
    company = Account.objects.get(domain="acme.io")
    text = text_of(as_rita, f"/accounts/{company.pk}/evidence/?measure=count:hit-limit:ever")
    assert "<b>4 events</b> by <b>1 person</b>" in text
    assert ("limit: boards" in text, "Item Created" in text) == (True, False)


@pytest.mark.parametrize("query", ["", "?measure=attribute:plan", "?measure=nonsense", "?day=x", "?day=2026-13-01"])
def test_evidence_of_nothing_is_not_there(desk: Desk, as_rita: Client, query: str) -> None:
    company = make_company("Acme", now=desk.now)
    assert as_rita.get(f"/accounts/{company.pk}/evidence/{query}").status_code == 404


def test_who_has_no_role_sees_no_account(desk: Desk) -> None:
    company = make_company("Acme", now=desk.now)
    nobody = play_part("nick")
    for address in (
        "/accounts/",
        f"/accounts/{company.pk}/",
        f"/accounts/{company.pk}/evidence/",
        "/pipeline/",
        "/age/",
    ):
        assert client_of(nobody).get(address).status_code == 403


def test_the_pipeline_page_names_what_waits(desk: Desk, as_rita: Client) -> None:
    text = text_of(as_rita, "/pipeline/")
    for words in ("Arriving", "Waiting to be scored", "Failed", "Months of events"):
        assert words in text
    assert "/admin/" not in text
    assert "/admin/" in text_of(client_of(desk.ada), "/pipeline/")
