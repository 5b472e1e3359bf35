"""The cast and the clock: what most tests begin with."""

import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import Account, AttributeKey
from plgcrm.common.cache import forget_all
from plgcrm.common.sql import execute, rows
from signals.ingest import receive
from signals.ingest.keys import ensure_source
from signals.ingest.wire import parse
from signals.models import Category, Configuration, Signal, SignalDefinition, Source
from signals.shipped import ensure_facts
from signals.vocabulary import definitions
from signals.vocabulary.terms import MEANING_TERMS
from tests.boards import LONG_AGO, set_up_boards
from tests.cast import client_of, play_part
from tests.clock import T0, at_the_beginning, beginning, standing_still
from tests.factories import Desk, make_desk


@pytest.fixture(autouse=True)
def begin_at_the_same_moment(request: pytest.FixtureRequest) -> Iterator[None]:
    """But where a browser, or a process of the test's own, goes by the clock on the wall."""
    on_the_wall = any(request.node.get_closest_marker(name) for name in ("browser", "slow"))
    with nullcontext() if on_the_wall else at_the_beginning():
        yield


@pytest.fixture(autouse=True)
def fresh_memory(begin_at_the_same_moment: None, settings: Any) -> None:
    """Every test is a process that has just begun: nothing remembered of rows that another test rolled back."""
    settings.PIPELINE_HINTS = False
    settings.WHITENOISE_AUTOREFRESH = True  # or each Client() would read every static file
    forget_all()
    cache.clear()


@pytest.fixture
def still() -> Iterator[Any]:
    """The clock stands still where every test begins."""
    with standing_still(beginning()) as traveller:
        yield traveller


@pytest.fixture
def clock() -> Iterator[Any]:
    """The clock stands still at T0, whenever the test begins: for pages that look at events of these days."""
    with standing_still(T0) as traveller:
        yield traveller


@pytest.fixture
def t0() -> datetime:
    return T0


# --- The cast -------------------------------------------------------------------------------------------------


@pytest.fixture
def shipped(db: None) -> None:
    """The configuration that PLGCRM comes with."""
    set_up_boards()


@pytest.fixture
def rita(shipped: None) -> User:
    return play_part("rita")


@pytest.fixture
def tom(shipped: None) -> User:
    return play_part("tom")


@pytest.fixture
def olga(shipped: None) -> User:
    return play_part("olga")


@pytest.fixture
def mona(shipped: None) -> User:
    return play_part("mona")


@pytest.fixture
def desk(db: None) -> Desk:
    """All of them at work, since the test began."""
    return make_desk(timezone.now())


@pytest.fixture
def as_rita(desk: Desk) -> Client:
    return client_of(desk.rita)


@pytest.fixture
def as_mona(desk: Desk) -> Client:
    return client_of(desk.mona)


@pytest.fixture
def as_ada(desk: Desk) -> Client:
    return client_of(desk.ada)


@pytest.fixture
def admin(clock: Any, db: None) -> Client:
    return client_of(play_part("ada"))


@pytest.fixture
def acme(db: None) -> Account:
    return Account.objects.create(name="Acme", domain="acme.example")


@pytest.fixture
def beta(db: None) -> Account:
    return Account.objects.create(name="Beta", domain="beta.example")


# --- Events ---------------------------------------------------------------------------------------------------


@pytest.fixture
def source(db: None) -> receive.SourceRef:
    """A source with the write key wk_test, and the signal `activity`."""
    Configuration.objects.get_or_create(pk=1)
    if rows("SELECT 1 FROM signals_event LIMIT 1"):  # Django does not flush a table that it does not manage
        execute("TRUNCATE signals_event")
    made = ensure_source("Web app", "wk_test")
    Source.objects.filter(pk=made.pk).update(listening_since=LONG_AGO)
    _call_traits_as_the_terms_are()
    ensure_facts()
    add_signal("activity", {"any": [{"kinds": None, "names": None}]})
    return receive.SourceRef(made.pk, made.name)


def _call_traits_as_the_terms_are() -> None:
    """A product whose `plan` is the plan: what tests send means what it says, unless they say otherwise."""
    slugs = [*(term.slug for term in MEANING_TERMS), "seats_used"]
    AttributeKey.objects.bulk_create(
        [AttributeKey(name=slug, person_meaning=slug, company_meaning=slug) for slug in slugs], ignore_conflicts=True
    )


def add_signal(slug: str, matches: dict[str, Any], *, category: str = "depth", **told: bool) -> Signal:
    """A signal whose definition is current."""
    kind, _ = Category.objects.get_or_create(slug=category, defaults={"name": category, **told})
    signal, made = Signal.objects.get_or_create(slug=slug, defaults={"name": slug, "category": kind})
    if made:
        state = SignalDefinition.State.CURRENT
        SignalDefinition.objects.create(
            signal=signal, matches=matches, state=state, since_version=1, first_seen_on=LONG_AGO.date()
        )
    definitions.forget_matcher()
    return signal


Send = Callable[..., receive.Receipt]


@pytest.fixture
def send(source: receive.SourceRef) -> Send:
    """send(message, ..., at=T0): takes Segment messages in, as one batch that arrives then."""

    def take(*messages: dict[str, Any], at: datetime = T0) -> receive.Receipt:
        body = json.dumps({"batch": list(messages)}).encode()
        return receive.receive(source, parse(body, None, at), at)

    return take


_numbers = iter(range(1, 10**9))


def track(user: str | None = None, event: str = "Item Created", *, days: float = 0, **more: Any) -> dict[str, Any]:
    """A track message that happened `days` before T0."""
    return _message("track", user, days, more) | {"event": event}


def identify(user: str | None, email: str | None = None, *, days: float = 0, **more: Any) -> dict[str, Any]:
    traits = more.pop("traits", {}) | ({"email": email} if email else {})
    return _message("identify", user, days, more) | {"traits": traits}


def group(user: str, workspace: str, *, days: float = 0, **traits: Any) -> dict[str, Any]:
    return _message("group", user, days, {}) | {"groupId": workspace, "traits": traits}


def alias(user: str, previous: str, *, days: float = 0) -> dict[str, Any]:
    return _message("alias", user, days, {}) | {"previousId": previous}


def _message(kind: str, user: str | None, days: float, more: dict[str, Any]) -> dict[str, Any]:
    message = {"type": kind, "messageId": f"m{next(_numbers)}", "timestamp": (T0 - timedelta(days=days)).isoformat()}
    message |= {"userId": user} if user else {}
    message |= {"anonymousId": more.pop("anonymous")} if "anonymous" in more else {}
    message |= {"context": {"groupId": more.pop("workspace")}} if "workspace" in more else {}
    return message | more
