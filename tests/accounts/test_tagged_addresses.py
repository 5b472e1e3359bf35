"""ann+test@birch.com is ann@birch.com; what was sent stays shown."""

import json
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Identity, MergeSuggestion, Person, PersonMerge
from accounts.rules.addresses import mailbox_of
from plgcrm.common.cache import forget_all
from signals.ingest import receive
from signals.ingest.keys import ensure_source
from signals.ingest.wire import parse
from signals.models import Source
from tests.conftest import T0, Send, identify, track

pytestmark = pytest.mark.django_db


def send_from(name: str, *messages: dict[str, Any], kind: str = "server") -> None:
    made = ensure_source(name, f"wk_{name}")
    Source.objects.filter(pk=made.pk).update(kind=kind)
    forget_all()
    body = json.dumps({"batch": list(messages)}).encode()
    receive.receive(receive.SourceRef(made.pk, made.name), parse(body, None, T0), T0)


def people() -> int:
    return Person.objects.filter(merged_into=None).count()


@pytest.mark.parametrize(
    ("email", "plain"),
    [
        ("ann+test@birch.com", "ann@birch.com"),
        ("ann+a+b@gmail.com", "ann@gmail.com"),
        ("ann@birch.com", ""),
        ("+a@birch.com", ""),
        ("support+ann@birch.com", ""),
        ("team+7@birch.com", ""),
        ("8121+kim@users.noreply.github.com", ""),
        ("x+kim@birch.onmicrosoft.com", ""),
    ],
)
def test_a_tag_is_no_part_of_whose_address_it_is(email: str, plain: str) -> None:
    assert mailbox_of(email) == plain


def test_two_sources_with_and_without_a_tag_know_one_person_in_any_order(send: Send) -> None:
    said = [
        ("app", identify("u1", "ann+app@birch.com", days=3)),
        ("shop", identify("c9", "ann@birch.com", days=2)),
        ("mail", identify("m5", "Ann+news@Birch.com", days=1)),
    ]
    ends = set()
    for order in permutations(said):
        with transaction.atomic():
            for name, message in order:
                send_from(name, message)
            claimed = Identity.objects.filter(kind=3).order_by("value").values_list("value", "claimed_at")
            ends.add((people(), Person.objects.get(merged_into=None).email, str(list(claimed))))
            transaction.set_rollback(True)
    assert len(ends) == 1
    assert [end[:2] for end in ends] == [(1, "ann+news@birch.com")]


def test_in_one_call_as_well(send: Send) -> None:
    send(track(None, anonymous="a1"), identify(None, "ann@birch.com", anonymous="a1"))
    send(identify(None, "ann+1@birch.com", anonymous="a2"), identify("u1", "ann+2@birch.com"))
    assert people() == 1
    assert set(PersonMerge.objects.values_list("cause", "evidence")) == {("email", "ann@birch.com")}


def test_two_users_of_one_source_are_a_suggestion_and_both_keep_what_was_sent(send: Send) -> None:
    send(identify("u2", "ann+test@birch.com", days=5), identify("u1", "ann@birch.com"))
    assert set(Person.objects.values_list("email", flat=True)) == {"ann@birch.com", "ann+test@birch.com"}
    assert MergeSuggestion.objects.get().evidence == "ann@birch.com"


def test_a_browser_joins_nobody_by_a_tag(send: Send) -> None:
    send(identify("u1", "ann@birch.com", traits={"name": "Ann"}))
    send_from("page", identify("x1", "ann+evil@birch.com", traits={"name": "Call +1 900"}), kind="browser")
    assert (people(), MergeSuggestion.objects.get().why) == (2, "browser")
    assert Person.objects.get(email="ann@birch.com").name == "Ann"


def test_a_box_that_many_read_joins_nobody(send: Send) -> None:
    send(identify("u1", "support+kim@birch.com"))
    send_from("shop", identify("c9", "support+lee@birch.com"))
    assert (people(), MergeSuggestion.objects.count()) == (2, 0)


def test_an_address_without_any_tag_is_kept_once(send: Send) -> None:
    send(identify("u1", "ann@birch.com"), identify("u2", "bo@birch.com"))
    assert Identity.objects.filter(kind=3).count() == 2
