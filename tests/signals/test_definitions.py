"""What signals mean, and changing it."""

from typing import Any

import pytest

from signals.models import Signal, SignalDefinition, Usage
from signals.rules.matching import Matcher, MatchError, parse_matches
from signals.vocabulary import definitions
from tests.conftest import T0, Send, add_signal, track

EVENT = b'{"topic": "plan", "csat": 2, "yearly": true, "bill": {"total": 9}, "a.b": "c"}'
CREATED = {"any": [{"names": ["Item Created"]}]}


def usage_of(slug: str) -> int:
    current = Usage.objects.filter(definition__signal__slug=slug, definition__state="current")
    return sum(current.values_list("count", flat=True))


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ({"property": "topic", "op": "=", "value": "PLAN"}, True),
        ({"property": "topic", "op": "!=", "value": "plan"}, False),
        ({"property": "absent", "op": "!=", "value": "plan"}, True),
        ({"property": "absent", "op": "exists"}, False),
        ({"property": "csat", "op": "<=", "value": 2}, True),
        ({"property": "csat", "op": ">", "value": 2}, False),
        ({"property": "topic", "op": ">", "value": 2}, False),
        ({"property": "csat", "op": "one_of", "value": [1, 2]}, True),
        ({"property": "topic", "op": "contains", "value": "la"}, True),
        ({"property": "yearly", "op": "=", "value": "TRUE"}, True),
        ({"property": "yearly", "op": "!=", "value": "false"}, True),
        ({"property": "yearly", "op": "=", "value": "false"}, False),
        ({"property": "yearly", "op": "=", "value": 1}, False),
        ({"property": "yearly", "op": "=", "value": "yes"}, False),
        ({"property": "yearly", "op": "one_of", "value": ["true"]}, True),
        ({"property": "bill.total", "op": ">=", "value": 9}, True),
        ({"property": "bill.total", "op": "exists"}, True),
        ({"property": "bill.none", "op": "exists"}, False),
        ({"property": "bill.none", "op": "!=", "value": 9}, True),
        ({"property": "a.b", "op": "=", "value": "c"}, True),
    ],
)
def test_conditions_on_properties(where: dict[str, Any], holds: bool) -> None:
    matcher = Matcher(1)
    matcher.add(7, parse_matches({"any": [{"names": ["Ticket"], "where": [where]}]}))
    assert matcher.match(1, "track", "Ticket", EVENT) == ((7,) if holds else ())


@pytest.mark.parametrize(
    ("matches", "names"),
    [
        ({}, "any"),
        ({"any": []}, "any"),
        ({"any": [{"kinds": ["clicks"]}]}, r"any\[0\].kinds"),
        ({"any": [{"colour": 1}]}, r"any\[0\].colour"),
        ({"any": [{"where": [{"property": "a", "op": "~", "value": 1}]}]}, r"any\[0\].where\[0\].op"),
        ({"any": [{"where": [{"property": "a", "op": ">=", "value": "x"}]}]}, r"any\[0\].where\[0\].value"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(matches: Any, names: str) -> None:
    with pytest.raises(MatchError, match=names):
        parse_matches(matches)


@pytest.mark.django_db
def test_a_new_signal_counts_its_history_and_what_comes_meanwhile(send: Send) -> None:
    send(track("u1"), track("u1"), track("u1", "Other"))
    signal = add_signal("created-item", CREATED)
    signal.definitions.all().delete()
    definition = definitions.define(signal, CREATED)
    send(track("u1"))
    assert usage_of("created-item") == 0
    assert definitions.count_history(definition.pk)
    assert usage_of("created-item") == 3
    send(track("u1"))
    assert usage_of("created-item") == 4


@pytest.mark.django_db
def test_a_changed_signal_shows_its_old_meaning_until_the_new_is_whole(send: Send) -> None:
    signal = add_signal("created-item", CREATED)
    send(track("u1"), track("u1", "Board Created"))
    definition = definitions.define(signal, {"any": [{"names": ["Item Created", "Board Created"]}]})
    assert usage_of("created-item") == 1
    definitions.count_history(definition.pk)
    assert usage_of("created-item") == 2
    assert definitions.retire_usage() == 1


@pytest.mark.django_db
def test_counting_history_twice_counts_once(send: Send) -> None:
    send(track("u1"))
    signal = Signal.objects.get(slug="activity")
    definition = definitions.define(signal, {"any": [{"kinds": ["track"]}]})
    assert definitions.count_history(definition.pk)
    assert not definitions.count_history(definition.pk)
    assert usage_of("activity") == 1


@pytest.mark.django_db
def test_defining_again_while_counting_retires_the_unfinished_one(send: Send) -> None:
    signal = add_signal("created-item", CREATED)
    first = definitions.define(signal, CREATED)
    definitions.define(signal, CREATED)
    first.refresh_from_db()
    assert first.state == SignalDefinition.State.RETIRED


@pytest.mark.django_db
def test_a_writer_with_an_old_reading_takes_a_new_one_before_it_stores(send: Send) -> None:
    send(track("u1"))
    stale = definitions.current_matcher()
    definition = definitions.define(Signal.objects.get(slug="activity"), {"any": [{"kinds": ["track"]}]})
    definitions._MATCHER.keep(stale)
    send(track("u1"))
    definitions.count_history(definition.pk)
    assert usage_of("activity") == 2


@pytest.mark.django_db
def test_rebuilding_usage_from_raw_events_changes_nothing(send: Send) -> None:
    add_signal("created-item", CREATED)
    send(*(track(f"u{i % 3}", ["Item Created", "Other"][i % 2], days=i % 5) for i in range(30)))
    before = sorted(Usage.objects.values_list("actor_id", "day", "definition_id", "count"))
    from datetime import timedelta

    definitions.rebuild_usage(T0 - timedelta(days=10), T0 + timedelta(days=1))
    assert sorted(Usage.objects.values_list("actor_id", "day", "definition_id", "count")) == before


@pytest.mark.django_db
def test_matches_in_the_last_days_are_counted_while_typing(send: Send) -> None:
    send(track("u1"), track("u1", days=6), track("u1", days=8), track("u1", "Other"))
    assert definitions.matches_in_days(CREATED, days=7, now=T0) == 2
