"""Every page of the one list opens for whom it is, and asks no more of the database than it says."""

from datetime import datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from plgcrm.common.cache import forget_all
from plgcrm.pages import ADMIN, PAGES, REP, STRANGER, PageSpec
from signals.facts import all_facts
from tests.access.world import World, make_world
from tests.cast import client_of
from tests.conftest import Send, group, track
from tests.query_counts import counted_queries

REFUSING = {"not-found": 404, "not-for-you": 403}


@pytest.fixture
def world(source: object, send: Send) -> World:
    now: datetime = timezone.now()
    send(group("ann", "sent"), track("ann"), at=now)
    forget_all()
    return make_world(now, source)


def opened(page: PageSpec, client: Client) -> tuple[int, list[str]]:
    """Status, and the queries it asked."""
    address = page.address(client.get(page.start, follow=True).content.decode())
    assert address, f"nothing on {page.start} leads to {page.name}"
    forget_all()
    all_facts()  # read once in ten seconds, and not by each page
    with counted_queries() as asked:
        status = client.get(address, follow=True).status_code
    return status, asked


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_opens_with_the_queries_it_may_ask(page: PageSpec, world: World) -> None:
    users: dict[str, User | None] = {STRANGER: None, REP: world.users["rep"], ADMIN: world.users["admin"]}
    status, asked = opened(page, client_of(users[page.who]))
    assert status == REFUSING.get(page.name, 200)
    assert len(asked) <= page.queries, "\n".join(asked)


def test_names_are_told_apart() -> None:
    assert len({page.name for page in PAGES}) == len(PAGES)
