"""People are those of whom a user id or an address is known; the others are visitors."""

import pytest

from accounts.models import Account
from signals.evidence import evidence_of, question_of
from signals.measures.specs import parse_spec
from signals.measures_load import AccountSelection, day_number
from signals.scoring.live import live
from signals.scoring.measure import ScoredDays, measure_accounts
from tests.conftest import T0, Send, group, identify, track

pytestmark = pytest.mark.django_db


def measured(*kinds: str) -> tuple[float, ...]:
    """Of the only account, as of today."""
    specs = [parse_spec({"kind": kind} | ({"days": 30} if kind != "members" else {})) for kind in kinds]
    whole, days = AccountSelection.some([Account.objects.get().pk]), ScoredDays.only(day_number(T0))
    found = measure_accounts(whole, specs, days, live().vocabulary).columns
    return tuple(float(found[spec.key].numbers[0, -1]) for spec in specs)


def test_visitors_of_a_workspace_are_no_people(send: Send) -> None:
    send(identify("u1", "ann@acme.com"), group("u1", "w1"), track("u1", workspace="w1"))
    send(*(track(None, anonymous=f"visitor-{n}", workspace="w1") for n in range(12)))
    assert measured("people", "visitors", "members") == (1, 12, 1)


def test_a_visitor_who_logs_in_or_gives_an_address_is_a_person(send: Send) -> None:
    send(identify("u1", "ann@acme.com"), group("u1", "w1"))
    send(*(track(None, anonymous=each, workspace="w1") for each in ("a1", "a2", "a3")))
    assert measured("people", "visitors") == (0, 3)
    send(track("u2", anonymous="a1"), identify(None, "bo@gmail.com", anonymous="a2"))
    send(identify(None, "noemail@noemail.com", anonymous="a3"))
    assert measured("people", "visitors") == (2, 1)


def test_the_people_behind_a_number_are_those_it_counts(send: Send) -> None:
    send(identify("u1", "ann@acme.com"), group("u1", "w1"), track("u1", workspace="w1"))
    send(track(None, anonymous="a1", workspace="w1"))
    found = {}
    for kind in ("people", "visitors", "count"):
        question = question_of(f"{kind}:activity:30d", today=T0.date())
        assert question is not None
        found[kind] = len(evidence_of(Account.objects.get().pk, question).people)
    assert found == {"people": 1, "visitors": 1, "count": 2}
