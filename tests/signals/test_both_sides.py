"""Of whom a change is measured at all: whoever is left out is as before, by measuring everybody in full."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.ingest import receive
from signals.measures_load import AccountSelection
from signals.models import Configuration, ScoringModelVersion, Segment, Trigger
from signals.rules.tree import specs_of
from signals.scoring import both_sides, trial
from signals.scoring.measure import ScoredDays, holds, measure_accounts, segment_spec
from signals.scoring.touched import WantedMeasures
from signals.vocabulary.meanings import say
from tests.clock import T0
from tests.conftest import Send, group, identify, track

DAY = T0.timestamp() // 86_400
FIRMS = 8


def people(value: int, days: int = 30) -> dict[str, Any]:
    return {"measure": {"kind": "people", "days": days}, "op": ">=", "value": value}


def papers(value: int) -> dict[str, Any]:
    return {"measure": {"kind": "count", "signals": ["created-item"], "days": 30}, "op": ">=", "value": value}


def segment(slug: str, value: int = 1) -> dict[str, Any]:
    return {"measure": {"kind": "segment", "segment": slug}, "op": "=", "value": value}


def stays(slug: str, days: int) -> dict[str, Any]:
    return {"measure": {"kind": "segment_for", "segment": slug, "days": days}, "op": "=", "value": 1}


def points(value: int) -> dict[str, Any]:
    return {"measure": {"kind": "points", "model": "pql"}, "op": ">=", "value": value}


def criterion(slug: str, rule: dict[str, Any], worth: int, **more: Any) -> dict[str, Any]:
    plain = {"slug": slug, "name": slug, "rule": rule, "points": worth, "group": None, "cap": None, "half_life": None}
    return plain | {"person": False} | more


TRIGGERS = {
    "plain": people(4),
    "of-a-segment": {"all": [segment("busy"), papers(2)]},
    "outside": {"all": [segment("pays", 0), people(1)]},
    "of-points": {"all": [points(20), segment("pays")]},
    "within": {"any": [segment("pays-and-busy"), {"none": [people(2)]}]},
    "for-days": stays("busy", 5),
}
PLAN = {"paths": [{"of": "company", "path": "tarif"}], "options": {"plans": {"groß": "paid", "klein": "free"}}}
OTHER_PLAN = {"paths": [{"of": "company", "path": "tarif"}], "options": {"plans": {"groß": "free", "klein": "paid"}}}
PAPERS = {"matches": {"any": [{"kinds": ["track"], "names": ["akte.angelegt"]}]}}
LETTERS = {"matches": {"any": [{"kinds": ["track"], "names": ["brief"]}]}}


@pytest.fixture
def firms(source: receive.SourceRef, send: Send) -> None:
    """Firm n has n people, half as many papers, letters of every third, and the large plan every other time."""
    Configuration.objects.get_or_create(pk=1)
    ensure_shipped_configuration()
    for n in range(1, FIRMS + 1):
        for person in range(n):
            user, back = f"{n}-{person}", 2 + 4 * (person % 8)
            send(
                identify(user, f"p{person}@firma{n}.de", days=40),
                group(user, f"w{n}", days=40, tarif="groß" if n % 2 else "klein"),
                track(user, "gelesen", days=back, workspace=f"w{n}"),
                *([track(user, "akte.angelegt", days=back, workspace=f"w{n}")] if person % 2 else []),
                *([track(user, "brief", days=1, workspace=f"w{n}")] if n % 3 == 0 else []),
            )
    Segment.objects.update(rule=people(99))
    for slug, rule in {
        "busy": people(5),
        "pays": {"measure": {"kind": "attribute", "key": "plan_kind"}, "op": "=", "value": "paid"},
        "pays-and-busy": {"all": [segment("pays"), segment("busy")]},
    }.items():
        Segment.objects.create(slug=slug, name=slug, rule=rule)
    criteria = [criterion("a", papers(1), 10), criterion("b", people(6), 15), criterion("c", segment("pays"), 5)]
    ScoringModelVersion.objects.filter(state="live").update(criteria=[])
    pql().update(
        criteria=[*criteria, criterion("d", papers(1), 2, cap=8), criterion("e", people(7, 3), 9, half_life=4)]
    )
    Trigger.objects.update(active=False)
    for slug, rule in TRIGGERS.items():
        Trigger.objects.create(slug=slug, name=slug, rule=rule)
    say("signal:created-item", PAPERS)
    say("meaning:plan", PLAN)


def pql() -> Any:
    return ScoringModelVersion.objects.filter(state="live", scoring_model__kind="pql")


def segment_becomes(slug: str, rule: dict[str, Any]) -> Callable[[], object]:
    return lambda: Segment.objects.filter(slug=slug).update(rule=rule)


def criteria_become(criteria: list[dict[str, Any]]) -> Callable[[], object]:
    return lambda: pql().update(criteria=criteria)


CHANGES: dict[str, Callable[[], object]] = {
    "a segment asks for more": segment_becomes("busy", people(8)),
    "a segment means something else": segment_becomes("pays", papers(3)),
    "a segment within another": segment_becomes("pays-and-busy", {"any": [segment("pays"), segment("busy")]}),
    "a segment of a guard": segment_becomes("reached-value", papers(2)),
    "a segment goes": lambda: Segment.objects.filter(slug="pays").delete(),
    "another event": lambda: say("signal:created-item", LETTERS),
    "another plan": lambda: say("meaning:plan", OTHER_PLAN),
    "a trigger": lambda: Trigger.objects.filter(slug="plain").update(rule={"all": [people(2), points(15)]}),
    "a trigger goes": lambda: Trigger.objects.filter(slug="outside").delete(),
    "a model": criteria_become([criterion("a", papers(2), 25)]),
    "points that fade": criteria_become([criterion("e", people(7, 3), 40, half_life=9)]),
    "nothing": lambda: None,
}


def everybody(live: Any, wanted: WantedMeasures) -> tuple[dict[str, Any], dict[str, Any]]:
    """Triggers and segments of all accounts, measured in full."""
    rules = {trigger.slug: trigger.rule for trigger in live.triggers}
    specs = [spec for rule in rules.values() for spec in specs_of(rule)] + [segment_spec(s) for s in wanted.segments]
    measured = measure_accounts(AccountSelection.all(), specs, ScoredDays.only(int(DAY)), live.vocabulary)
    today, size = measured.last_day(), len(measured.ids)
    held = {s: holds(rules[s], today, size) if s in rules else np.zeros(size, np.bool_) for s in wanted.triggers}
    return held, {slug: today[segment_spec(slug).key].numbers[:, 0] for slug in wanted.segments}


STAYS = ("a segment asks for more", "another plan", "nothing")


@pytest.mark.parametrize(
    ("name", "few", "stays_asked"),
    [*((name, few, False) for name in CHANGES for few in (0, 2_000)), *((name, 0, True) for name in STAYS)],
)
def test_whoever_comes_out_otherwise_is_found(
    firms: None, name: str, few: int, stays_asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(both_sides, "FEW", few)
    triggers = set(TRIGGERS) - (set() if stays_asked else {"for-days"})
    wanted = WantedMeasures(frozenset(triggers), frozenset(["reached-value"]), frozenset())
    change = trial.tried(CHANGES[name], lambda: None)
    found = trial.compare(change, wanted, now=T0)
    after = trial._with_history(change, None)
    (held, inside), (held_then, inside_then) = everybody(change.before, wanted), everybody(after, wanted)
    ids = AccountSelection.all().ids
    assert len(ids) == FIRMS
    for slug in triggers:
        told = [dict(zip(found.ids.tolist(), each.tolist(), strict=True)) for each in found.triggers.get(slug, ())]
        for place, account in enumerate(ids.tolist()):
            before, then = bool(held[slug][place]), bool(held_then[slug][place])
            if told and account in told[0]:
                assert (told[0][account], told[1][account]) == (before, then)
            else:
                assert before == then
    differ = ids[~(inside["reached-value"] == inside_then["reached-value"])]
    assert set(differ.tolist()) <= set(found.ids.tolist())


def test_a_change_that_moves_few_is_measured_of_few(firms: None) -> None:
    wanted = WantedMeasures(frozenset(TRIGGERS) - {"for-days"}, frozenset(), frozenset())
    change = trial.tried(segment_becomes("busy", people(6)), lambda: None)
    found = trial.compare(change, wanted, now=T0)
    # Of the eight firms only the fifth, with five people, was busy and is not.
    assert len(found.ids) == 1
    assert found.accounts == FIRMS
    nothing = trial.compare(trial.tried(segment_becomes("busy", people(5)), lambda: None), wanted, now=T0)
    assert (len(nothing.ids), nothing.accounts) == (0, 0)
