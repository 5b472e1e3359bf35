"""Every URL by every role: who gets in, who is refused, and that a refusal changes nothing."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client

from tests.access.addresses import Address, addresses
from tests.access.table import ACTORS, OK, POLICIES, WAY, Line, all_lines
from tests.access.watch import checksum, rows_written, verdict
from tests.access.world import World, make_world, switch_off
from tests.cast import client_of
from tests.conftest import Send, group, track

HOW_TO_ADD = 'write in tests/access/table.py who may do it, for example:  "{0}": reads("desk"),'


def unlisted(found: list[Address], lines: dict[str, Line]) -> list[str]:
    missing = [address.key for address in found if address.key not in lines]
    return [f"{key} is in no line of the table: {HOW_TO_ADD.format(key)}" for key in missing]


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Thousands of refusals are expected here."""
    caplog.set_level(logging.CRITICAL, "django.request")


@pytest.fixture
def world(source: Any, send: Send, t0: datetime) -> World:
    send(group("ann", "sent"), track("ann"))
    return make_world(t0, source)


def test_every_address_is_in_the_table() -> None:
    assert unlisted(addresses(), all_lines()) == []


def test_every_line_of_the_table_is_an_address() -> None:
    assert sorted(set(all_lines()) - {address.key for address in addresses()}) == []


def test_a_new_address_is_told_where_to_go() -> None:
    [words] = unlisted([Address("forecast", "forecast/<int:account_id>/", ("account_id",))], all_lines())
    assert words.endswith('"forecast": reads("desk"),')


@pytest.mark.parametrize("actor", ACTORS)
def test_each_address_answers_this_actor_as_the_table_says(actor: str, world: World) -> None:
    untouched, requester = checksum(), Requester(world, actor)
    started = checksum()
    troubles = [error for asked in _everything(ACTORS.index(actor)) if (error := requester.error(*asked))]
    assert not troubles, "\n".join(troubles)
    assert checksum() == started
    assert actor == "stranger" or started != untouched  # it is a checksum that sees a log-in


class Requester:
    """Somebody who tries every address: pages by a session, the API by a token, as a program would."""

    def __init__(self, world: World, actor: str) -> None:
        user = world.users[actor]
        self.world, self.desk = world, client_of(user)
        self.program = Client(headers={"Authorization": f"Token {user.auth_token.key}"} if user else {})
        self.doors: dict[str, str] = {}
        if user and actor == "switched off":
            switch_off(user)

    def error(self, address: Address, line: Line, method: str, expected: str) -> str:
        client = self.program if address.is_api else self.desk
        before = rows_written()
        with undone(client) if expected == OK else nullcontext():
            response = _ask(client, method, self.world.address(address) + line.query)
            found = verdict(client, response, self.doors)
        if found != expected and (expected != WAY or found == OK):
            return f"{method} {address.key}: {found}, not {expected}"
        if expected != OK and rows_written() != before:
            return f"{method} {address.key}: refused, but something was written"
        return ""


def _everything(place: int) -> Iterator[tuple[Address, Line, str, str]]:
    lines = all_lines()
    for address in addresses():
        line = lines.get(address.key)
        if line is None:
            continue  # another test says so
        yield address, line, "GET", POLICIES[line.get][place]
        yield address, line, "POST", POLICIES[line.post][place]
        if address.is_api:
            yield address, line, "PUT", POLICIES[line.put][place] if line.put else WAY
            yield address, line, "DELETE", WAY


def _ask(client: Client, method: str, url: str) -> HttpResponseBase:
    if method == "GET" or not url.startswith("/api/"):
        return client.generic(method, url)
    return client.generic(method, url, "{}", content_type="application/json")


@contextmanager
def undone(client: Client) -> Iterator[None]:
    """What was allowed happens, and is taken back before the next request; a log-out too."""
    cookies = SimpleCookie(client.cookies.output(header="", sep=";"))
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies = cookies
