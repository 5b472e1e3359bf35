"""What the pages say when there is nothing, when it is not for you, and when something went wrong."""

from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.models import Configuration
from tests.cast import client_of, make_user, play_part


@pytest.fixture
def empty(db: None) -> None:
    Configuration.objects.get_or_create(pk=1)
    ensure_shipped_configuration()


@pytest.mark.parametrize(
    ("address", "says"),
    [("/queue/", "Not live yet"), ("/accounts/", "No accounts yet"), ("/pipeline/", "Nothing has arrived yet.")],
)
@pytest.mark.parametrize("role", ["rep", "manager", "admin", "read-only"])
def test_a_fresh_installation_says_how_its_pages_fill(empty: None, role: str, address: str, says: str) -> None:
    page = client_of(make_user("anna", role, "sales" if role == "rep" else None)).get(address)
    assert says in page.content.decode()


def test_an_empty_queue_leads_an_admin_to_set_up_until_somebody_says_go_live(empty: None) -> None:
    ada, rita = client_of(play_part("ada")), client_of(play_part("rita"))
    to_set_up = '<a class="button primary" href="/admin/">Set up</a>'
    assert to_set_up in ada.get("/queue/").content.decode()
    assert to_set_up not in rita.get("/queue/").content.decode()
    Configuration.objects.update(live_since=timezone.now())
    assert "Nothing waiting" in ada.get("/queue/").content.decode()


def test_who_has_no_role_is_told_whom_to_ask(empty: None) -> None:
    page = client_of(play_part("nick")).get("/queue/")
    assert page.status_code == 403
    assert "You don’t have a role yet" in page.content.decode()


def test_a_form_that_is_too_old_says_what_to_do(empty: None) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(play_part("rita"))
    page = client.post("/queue/1/claim/")
    assert page.status_code == 403
    assert "reload the page" in page.content.decode()


def test_the_page_of_a_fault_needs_no_database(django_db_blocker: Any) -> None:
    page = render_to_string("500.html")
    assert "check before you try again" in page
    assert "/static/plgcrm-tokens.css" in page
