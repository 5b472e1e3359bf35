"""As we knew it: the points over time are those that were really stored each night (design 7, Two clocks)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from plgcrm.common.cache import forget_all
from signals.ingest import receive
from signals.ingest.wire import parse
from signals.measures.kinds import KINDS
from signals.measures.provided import PROVIDERS
from signals.models import Score, ScoringModel, ScoringModelVersion, Segment, SignalDefinition, Source, SourceBefore
from signals.scoring.history import Clock, score_histories
from signals.scoring.run import score_dirty, sweep
from tests.conftest import T0, add_signal
from tests.signals import worlds

NIGHTS = 7
FIRST_NIGHT = T0.replace(hour=23) - timedelta(days=NIGHTS - 1)
Message = dict[str, Any]
Cells = dict[tuple[str, str], list[int]]  # by company and model, the points of each night

# --- What arrives ----------------------------------------------------------------------------------------------

USERS, VISITORS, WORKSPACES = ["u1", "u2", "u3"], ["a1", "a2"], ["w1", "w2"]
EMAILS = ["ann@acme.com", "bo@acme.com", "cy@other.com", "di@gmail.com"]
EVENTS = {"invited": "Invited", "exported": "Exported"}
LATE = st.sampled_from([0, 0, 0, 0, 1, 1, 2, 4, 9, 200])  # days


@st.composite
def messages(draw: Any) -> Message:
    kind = draw(st.sampled_from(["track", "track", "track", "identify", "group", "alias"]))
    message: Message = {"type": kind, "userId": draw(st.sampled_from(USERS))}
    if kind in {"track", "identify"} and draw(st.booleans()):
        message["anonymousId"] = draw(st.sampled_from(VISITORS))
        if kind == "track" and draw(st.booleans()):
            del message["userId"]
    return message | draw({"track": tracked(), "identify": said(), "group": grouped(), "alias": aliased()}[kind])


def tracked() -> st.SearchStrategy[Message]:
    numbers = st.fixed_dictionaries({"amount": st.integers(0, 4), "credits": st.integers(0, 2)})
    workspace = st.sampled_from([{}, *({"groupId": w} for w in WORKSPACES)])
    return st.fixed_dictionaries(
        {"event": st.sampled_from([*EVENTS.values(), "Opened"]), "properties": numbers, "context": workspace}
    )


def said() -> st.SearchStrategy[Message]:
    traits = {
        "email": st.sampled_from(EMAILS),
        "department": st.sampled_from(["Sales", "Design"]),
        "role": st.sampled_from(["admin", "member"]),
        "createdAt": st.sampled_from([(T0 - timedelta(days=days)).isoformat() for days in (3, 40, 400)]),
    }
    email = {"email": traits.pop("email")}
    return st.fixed_dictionaries({"traits": st.fixed_dictionaries(email, optional=traits)})


def grouped() -> st.SearchStrategy[Message]:
    traits = {
        "plan": st.sampled_from(["Free", "Team"]),
        "seats": st.integers(0, 6),
        "seats_used": st.integers(0, 6),
        "renewal": st.sampled_from(["2026-03-09", "2026-04-01"]),
        "createdAt": st.just((T0 - timedelta(days=50)).isoformat()),
        "website": st.just("https://acme.com"),
    }
    return st.fixed_dictionaries(
        {"groupId": st.sampled_from(WORKSPACES), "traits": st.fixed_dictionaries({}, optional=traits)}
    )


def aliased() -> st.SearchStrategy[Message]:
    return st.fixed_dictionaries({"previousId": st.sampled_from([*VISITORS, *USERS])})


@st.composite
def histories(draw: Any) -> list[list[Message]]:
    """The messages of each day, in order of arrival; some had happened days before."""
    made = draw(st.lists(st.tuples(st.integers(0, NIGHTS - 1), LATE, messages()), min_size=8, max_size=20))
    days: list[list[Message]] = [[] for _ in range(NIGHTS)]
    for place, (day, late, message) in enumerate(made):
        at = FIRST_NIGHT + timedelta(days=day - late, hours=-1, minutes=-place)
        days[day].append(message | {"messageId": f"m{place}", "timestamp": at.isoformat()})
    return days


# --- What scores ------------------------------------------------------------------------------------------------

OURS = {kind for kind in worlds.MEASURED if kind not in PROVIDERS and not KINDS[kind].derived}


def is_ours(condition: dict[str, Any]) -> bool:
    """Whether it asks for what was sent, and not for what our own people did."""
    words = json.dumps(condition)
    return condition["measure"]["kind"] in OURS and not any(f'"{kind}"' in words for kind in PROVIDERS)


conditions = worlds.conditions().filter(is_ours)
criteria = st.lists(st.tuples(conditions, st.sampled_from([None, None, None, 2])), min_size=8, max_size=8)


def set_up(wanted: list[tuple[dict[str, Any], int | None]], *, listened: bool, heard: bool) -> None:
    """Whether we had listened for long before the first day, and whether every signal had come."""
    if not listened:
        Source.objects.update(listening_since=None)
    SourceBefore.objects.all().delete()  # as if it had been so from the beginning
    if not heard:
        SignalDefinition.objects.update(first_seen_on=None)
    make_models(wanted)


def make_models(wanted: list[tuple[dict[str, Any], int | None]]) -> None:
    """Each criterion pays twice what the one before does: points say which of them held."""
    seats = {"measure": {"kind": "attribute", "key": "seats", "agg": "sum"}, "op": ">=", "value": 3}
    Segment.objects.create(slug="seated", name="Seated", rule=seats)
    stays = {"measure": {"kind": "segment_for", "segment": "seated", "days": 2}, "op": "=", "value": 1}
    make_model("pql", wanted)
    points = {"measure": {"kind": "points", "model": "pql"}, "op": ">=", "value": 16}
    make_model("pqa", [(stays, None), (points, 3)])


def make_model(kind: str, wanted: list[tuple[dict[str, Any], int | None]]) -> None:
    rest = {"group": None, "cap": None, "person": False}
    ScoringModelVersion.objects.create(
        scoring_model=ScoringModel.objects.create(kind=kind, name=kind, position=len(kind)),
        number=1,
        state="live",
        published_at=T0,
        criteria=[
            {"slug": f"c{place}", "name": f"c{place}", "rule": rule, "points": 2**place, "half_life": half_life} | rest
            for place, (rule, half_life) in enumerate(wanted)
        ],
        tiers=[{"slug": "nurture", "name": "Nurture", "from": 0}, {"slug": "inside", "name": "Inside", "from": 65}],
    )


@pytest.fixture
def product(source: receive.SourceRef) -> receive.SourceRef:
    """A product whose events carry numbers, and cases."""
    for slug, name in EVENTS.items():
        add_signal(slug, {"any": [{"kinds": ["track"], "names": [name]}]})
    kept = {slug: {"paths": [slug]} for slug in ("amount", "credits")}
    SignalDefinition.objects.update(values=kept, cases=kept)
    return source


# --- Night by night ----------------------------------------------------------------------------------------------


def take(source: receive.SourceRef, batch: list[Message], at: datetime) -> None:
    receive.receive(source, parse(json.dumps({"batch": batch}).encode(), None, at), at)
    Account.objects.filter(created_at__gt=at).update(created_at=at)  # Postgres' clock does not travel


def live_through(source: receive.SourceRef, days: list[list[Message]]) -> Cells:
    """Take in what arrives each day, and sweep at night: what was stored then."""
    nights: list[dict[tuple[int, str], int]] = []
    for place, arriving in enumerate(days):
        night = FIRST_NIGHT + timedelta(days=place)
        with time_machine.travel(night, tick=False):
            if arriving:
                take(source, arriving, night)
            score_dirty(night)
            sweep(night)
        stored = Score.objects.filter(account__isnull=False).values_list("account", "scoring_model__kind", "points")
        nights.append({(account, model): points for account, model, points in stored})
    return {
        (name_of(account), model): [night.get((account, model), 0) for night in nights]
        for account in Account.objects.values_list("pk", flat=True)
        for model in ("pql", "pqa")
    }


def name_of(account: int) -> str:
    found = Account.objects.get(pk=account)
    return found.domain or f"{found.name} {found.pk}"


def as_known(now: datetime, nights: int) -> Cells:
    return {
        (name_of(account), history.kind): history.points
        for account in Account.objects.values_list("pk", flat=True)
        for history in score_histories(account, now=now, days=nights, clock=Clock.KNOWN)
    }


@contextmanager
def rolled_back() -> Iterator[None]:
    forget_all()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    forget_all()


def differing(found: Cells, wanted: Cells) -> dict[tuple[str, str], tuple[list[int], list[int]]]:
    return {key: (found[key], wanted[key]) for key in wanted if found[key] != wanted[key]}


# A failing history is not made smaller: that would take minutes.
property_test = settings(
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def check(product: receive.SourceRef, days: list[list[Message]], wanted: Any, *, listened: bool, heard: bool) -> None:
    with rolled_back():
        set_up(wanted, listened=listened, heard=heard)
        stored, last = live_through(product, days), FIRST_NIGHT + timedelta(days=NIGHTS - 1)
        assert not differing(as_known(last, NIGHTS), stored)
        canary = {"type": "track", "userId": "u1", "event": "Invited", "properties": {"amount": 4}}
        at = {"messageId": "canary", "timestamp": (FIRST_NIGHT + timedelta(hours=-2)).isoformat()}
        with time_machine.travel(last + timedelta(days=1), tick=False):
            take(product, [canary | at], last + timedelta(days=1))
        after = as_known(last + timedelta(days=1), NIGHTS + 1)
        assert not differing({key: points[:NIGHTS] for key, points in after.items()}, stored)


HISTORIES = given(histories(), criteria, st.booleans(), st.booleans())


@pytest.mark.django_db
@HISTORIES
@settings(property_test, max_examples=15)
def test_as_we_knew_it_is_what_was_stored_each_night(
    product: receive.SourceRef, days: list[list[Message]], wanted: Any, listened: bool, heard: bool
) -> None:
    check(product, days, wanted, listened=listened, heard=heard)


@pytest.mark.slow
@pytest.mark.django_db
@HISTORIES
@settings(property_test, max_examples=200)
def test_two_hundred_histories_as_we_knew_them(
    product: receive.SourceRef, days: list[list[Message]], wanted: Any, listened: bool, heard: bool
) -> None:
    check(product, days, wanted, listened=listened, heard=heard)
