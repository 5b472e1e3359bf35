"""Who is in which segment since when, as scoring writes it, and the sizes of each night."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Account
from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.ingest import receive
from signals.models import Configuration, Segment, SegmentMember, SegmentSize, Source
from signals.scoring import members
from signals.scoring.run import score_dirty, sweep
from signals.versions import configuration_changed
from signals.vocabulary.meanings import say
from tests.clock import T0
from tests.conftest import Send, group, identify

pytestmark = pytest.mark.django_db
TODAY = T0.date()
PLANS = {"paths": [{"of": "company", "path": "berthKind"}], "options": {"plans": {"gold": "paid", "visitor": "free"}}}
Row = tuple[str, bool, date | None, bool]


@pytest.fixture
def harbour(source: receive.SourceRef) -> receive.SourceRef:
    """A product for marinas, with the one segment that is asked about here."""
    Configuration.objects.get_or_create(pk=1)
    ensure_shipped_configuration()
    Segment.objects.exclude(slug="paying").delete()
    say("meaning:plan", PLANS)
    return source


def sail(send: Send, domain: str, *plans: tuple[int, str]) -> None:
    send(identify(domain, f"ann@{domain}", days=400), *(group(domain, domain, days=d, berthKind=p) for d, p in plans))


def rows(segment: str = "paying") -> list[Row]:
    found = SegmentMember.objects.filter(segment__slug=segment).order_by("account__domain")
    return list(found.values_list("account__domain", "known", "since", "or_earlier"))


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def test_who_is_in_it_since_when_and_of_whom_nobody_knows(harbour: Any, send: Send) -> None:
    sail(send, "a.com", (200, "visitor"), (30, "gold"))
    sail(send, "b.com", (60, "gold"))
    sail(send, "c.com", (60, "visitor"))
    sail(send, "d.com")
    score_dirty(T0)
    assert rows() == [("a.com", True, ago(30), False), ("b.com", True, ago(60), True), ("d.com", False, None, False)]


def test_a_stay_longer_than_we_look_back_began_then_or_earlier(harbour: Any, send: Send) -> None:
    sail(send, "a.com", (700, "visitor"), (600, "gold"))
    sail(send, "b.com", (700, "visitor"), (400, "gold"))
    sail(send, "c.com", (700, "visitor"), (399, "gold"))
    score_dirty(T0)
    assert rows() == [
        ("a.com", True, ago(400), True),
        ("b.com", True, ago(400), True),
        ("c.com", True, ago(399), False),
    ]


def test_who_leaves_and_comes_back_is_in_it_since_coming_back(harbour: Any, send: Send) -> None:
    sail(send, "a.com", (60, "gold"))
    score_dirty(T0)
    send(group("a.com", "a.com", days=-1, berthKind="visitor"), at=T0 + timedelta(days=1))
    score_dirty(T0 + timedelta(days=1))
    assert rows() == []
    send(group("a.com", "a.com", days=-3, berthKind="gold"), at=T0 + timedelta(days=3))
    score_dirty(T0 + timedelta(days=3))
    assert rows() == [("a.com", True, ago(-3), False)]


def test_unknown_becomes_known_and_unknown_again(harbour: Any, send: Send) -> None:
    sail(send, "a.com")
    score_dirty(T0)
    assert rows() == [("a.com", False, None, False)]
    send(group("a.com", "a.com", berthKind="gold"))
    score_dirty(T0)
    assert rows() == [("a.com", True, TODAY, True)]
    send(group("a.com", "a.com", days=-1, berthKind="barter"), at=T0 + timedelta(days=1))
    score_dirty(T0 + timedelta(days=1))
    assert rows() == [("a.com", False, None, False)]


def test_touched_scoring_and_the_sweep_write_the_same_rows_and_a_second_run_none(
    harbour: Any, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    sail(send, "a.com", (200, "visitor"), (30, "gold"))
    sail(send, "b.com")
    score_dirty(T0)
    written = rows()
    SegmentMember.objects.all().delete()
    configuration_changed()
    Segment.objects.filter(slug="paying").update(rule={"all": [Segment.objects.get().rule]})
    sweep(T0)
    assert rows() == written
    monkeypatch.setattr(members, "_cells", lambda *_: pytest.fail("nothing differs"))
    send(group("a.com", "a.com", sails=3))
    score_dirty(T0)
    assert rows() == written


def test_a_changed_rule_decides_anew_also_since_when(harbour: Any, send: Send) -> None:
    sail(send, "a.com", (200, "visitor"), (30, "gold"))
    sail(send, "b.com", (200, "visitor"))
    score_dirty(T0)
    plan = {"measure": {"kind": "attribute", "key": "plan"}, "op": "known"}
    Segment.objects.filter(slug="paying").update(rule=plan)
    configuration_changed()
    score_dirty(T0)
    assert rows() == [("a.com", True, ago(200), False), ("b.com", True, ago(200), False)]


def test_a_changed_rule_of_a_segment_within_decides_anew_since_when(harbour: Any, send: Send) -> None:
    inside = {"measure": {"kind": "segment", "segment": "paying"}, "op": "=", "value": 1}
    Segment.objects.create(slug="afloat", name="Afloat", rule=inside)
    sail(send, "a.com", (200, "visitor"), (30, "gold"))
    score_dirty(T0)
    assert rows("afloat") == [("a.com", True, ago(30), False)]
    plan = {"measure": {"kind": "attribute", "key": "plan"}, "op": "known"}
    Segment.objects.filter(slug="paying").update(rule=plan)
    configuration_changed()
    score_dirty(T0)
    assert rows("afloat") == [("a.com", True, ago(200), False)]


def test_a_changed_meaning_decides_anew_since_when(harbour: Any, send: Send) -> None:
    sail(send, "a.com", (200, "visitor"), (30, "gold"))
    score_dirty(T0)
    say("meaning:plan", {**PLANS, "options": {"plans": {"gold": "paid", "visitor": "paid"}}})
    configuration_changed()
    score_dirty(T0)
    assert rows() == [("a.com", True, ago(200), True)]


def test_history_that_an_import_brings_moves_the_first_day(harbour: Any, send: Send) -> None:
    Source.objects.update(listening_since=T0 - timedelta(days=50))
    configuration_changed()
    sail(send, "a.com", (40, "gold"))
    score_dirty(T0)
    assert rows() == [("a.com", True, ago(40), True)]
    send(group("a.com", "a.com", days=300, berthKind="gold"), group("a.com", "a.com", days=310, berthKind="visitor"))
    Source.objects.update(listening_since=T0 - timedelta(days=310))
    configuration_changed()
    score_dirty(T0)
    assert rows() == [("a.com", True, ago(300), False)]


def test_many_are_looked_back_on_some_at_a_time(harbour: Any, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signals.scoring.measure.CELLS_AT_ONCE", 900)
    for number in range(5):
        sail(send, f"boat{number}.com", (200, "visitor"), (30 + number, "gold"))
    score_dirty(T0)
    assert [row[2] for row in rows()] == [ago(30 + number) for number in range(5)]


def test_a_night_keeps_the_size_and_a_second_sweep_of_the_day_writes_over_it(harbour: Any, send: Send) -> None:
    sail(send, "a.com", (30, "gold"))
    sail(send, "b.com")
    sail(send, "c.com", (3, "visitor"))
    sweep(T0)
    send(group("c.com", "c.com", berthKind="gold"))
    for days in (0, 1):
        sweep(T0 + timedelta(days=days))
    assert list(SegmentSize.objects.order_by("day").values_list("day", "members", "unknown")) == [
        (TODAY, 2, 1),
        (ago(-1), 2, 1),
    ]


def test_an_empty_segment_has_the_size_nought(harbour: Any) -> None:
    sweep(T0)
    assert SegmentSize.objects.get().members == 0


def test_a_deleted_segment_leaves_no_rows_and_scoring_goes_on(harbour: Any, send: Send) -> None:
    sail(send, "a.com", (30, "gold"))
    sweep(T0)
    Segment.objects.get().delete()
    configuration_changed()
    score_dirty(T0)
    assert not SegmentMember.objects.exists()
    assert Account.objects.get(domain="a.com").state.as_of == TODAY


def test_a_segment_deleted_while_scoring_has_read_it_gets_no_rows(harbour: Any, send: Send) -> None:
    sail(send, "a.com", (30, "gold"))
    score_dirty(T0)
    Segment.objects.get().delete()  # and nobody has told the scorers yet
    sail(send, "b.com", (30, "gold"))
    score_dirty(T0)
    assert not SegmentMember.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"known": True, "since": None},
        {"known": False, "since": TODAY},
        {"known": False, "since": None, "or_earlier": True},
    ],
)
def test_a_first_day_stands_with_who_is_in_it_and_nowhere_else(acme: Account, wrong: dict[str, Any]) -> None:
    segment = Segment.objects.create(slug="afloat", name="Afloat", rule={"all": []})
    with pytest.raises(IntegrityError, match="segment_member_since_when_known"), transaction.atomic():
        SegmentMember.objects.create(account=acme, segment=segment, digest=1, **wrong)
