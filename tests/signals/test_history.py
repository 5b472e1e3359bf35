"""Points over time: the engine's answer for each day, and what moved it."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Account
from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.models import Score
from signals.scoring.history import Clock, ScoreHistory, score_histories
from signals.scoring.run import score_dirty
from tests.boards import set_up_boards
from tests.conftest import T0, Send, group, identify, track


@pytest.fixture
def acme(source: Any, send: Send) -> Account:
    set_up_boards()
    send(
        identify("u1", "ann@acme.io", days=20),
        group("u1", "w1", days=50, plan="free", mrr=0),
        track("u1", "Onboarding Completed", days=20),
        track("u1", "Integration Connected", days=5),
        track("u1", "Limit Hit", days=40),
    )
    while score_dirty(T0).found:
        pass
    return Account.objects.get(domain="acme.io")


def history_of(account: Account, kind: str = "pql") -> ScoreHistory:
    found = score_histories(account.pk, now=T0, clock=Clock.HAPPENED)
    return next(each for each in found if each.kind == kind)


def test_the_last_day_is_the_score_that_stands(acme: Account) -> None:
    scores = list(Score.objects.filter(account=acme).select_related("scoring_model"))
    assert "pql" in {score.scoring_model.kind for score in scores}
    for score in scores:
        assert history_of(acme, score.scoring_model.kind).points[-1] == score.points


def test_every_day_has_its_points(acme: Account) -> None:
    history = history_of(acme)
    assert (len(history.points), history.first) == (90, T0.date() - timedelta(days=89))
    assert history.points[0] == 0
    assert history.points[-21] - history.points[-22] == 10


def test_each_step_names_the_criteria_that_moved_it(acme: Account) -> None:
    steps = {step.day: step for step in history_of(acme).steps}
    assert steps[T0.date() - timedelta(days=20)].causes == [("Reached first value", 10)]
    assert steps[T0.date() - timedelta(days=5)].causes == [("Connected an integration", 20)]
    assert steps[T0.date() - timedelta(days=40)].after == 30


def test_steps_add_up(acme: Account) -> None:
    history = history_of(acme)
    assert len(history.steps) >= 3
    for step in history.steps:
        assert step.after - step.before == sum(change for _, change in step.causes)
    assert [step.day for step in history.steps] == sorted((step.day for step in history.steps), reverse=True)


def test_an_account_without_events_has_a_flat_line(source: Any) -> None:
    ensure_shipped_configuration()
    empty = Account.objects.create(name="Empty")
    histories = score_histories(empty.pk, now=T0)
    assert [(each.is_empty, each.steps) for each in histories] == [(True, [])] * 3


# --- Two clocks ---------------------------------------------------------------------------------------------------


def both_clocks(account: Account, **asked: Any) -> list[list[int]]:
    """The points as we knew them, and as it happened."""
    found = [score_histories(account.pk, now=T0, clock=clock, **asked) for clock in Clock]
    return [next(each.points for each in histories if each.kind == "pql") for histories in found]


def test_a_company_that_we_heard_of_today_had_no_points_yesterday_as_we_knew_it(acme: Account) -> None:
    known, happened = both_clocks(acme)
    assert (known[:-1], known[-1]) == ([0] * 89, happened[-1])
    assert happened[-2] > 0


def test_a_late_event_counts_from_the_day_it_came_and_from_the_day_it_happened(source: Any, send: Send) -> None:
    set_up_boards()
    for days in (9, 8):
        send(identify("u1", "ann@acme.io", days=days), at=T0 - timedelta(days=days))
    send(track("u1", "Integration Connected", days=6), at=T0 - timedelta(days=2))
    known, happened = both_clocks(Account.objects.get(), days=10)
    assert (known, happened) == ([0] * 7 + [20] * 3, [0] * 3 + [20] * 7)


def test_what_becomes_known_later_moves_no_day_before(source: Any, send: Send) -> None:
    set_up_boards()
    send(identify("u1", "ann@acme.io", days=9), at=T0 - timedelta(days=9))
    [before, _] = both_clocks(Account.objects.get(), days=10)
    send(
        track("u1", "Integration Connected", days=6),
        group("u2", "acme.io", days=5),
        identify("u2", "bo@acme.io", days=8),
    )
    [after, happened] = both_clocks(Account.objects.get(), days=10)
    assert after[:-1] == before[:-1] != happened[:-1]
