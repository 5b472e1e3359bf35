"""What a change would do to the queues, over 50,000 scored accounts, 2 million events and 300,000 items."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bench.desk import ACCOUNTS, fill
from bench.figures import figure, spent
from bench.stage import Stage

RUNS = 3
GOAL = 3  # seconds


def run(stage: Stage) -> None:
    stage.empty()
    fill(stage)
    for name, change in _changes().items():
        _measure(stage, name, change)
    stage.empty()


def _measure(stage: Stage, name: str, change: Callable[[], object]) -> None:
    from outreach.plays.effects import effect_of
    from signals.scoring.queue_effect import QueueEffect

    found: list[QueueEffect] = []
    runs = [
        spent(lambda: found.append(effect_of(change, now=datetime.now(UTC))), stage.postgres_pid) for _ in range(RUNS)
    ]
    effect = found[-1]
    more: dict[str, Any] = {"cpu": sorted(one.cpu for one in runs)[RUNS // 2], "accounts": ACCOUNTS}
    more |= {"opens": effect.opens, "closes": effect.closes, "held": effect.waiting, "sampled": effect.sampled}
    figure(f"effect_of_{name}_seconds", [one.wall for one in runs], "s", GOAL, **more)


def _changes() -> dict[str, Callable[[], object]]:
    from outreach.models import Play
    from outreach.plays.changes import play_changed
    from signals.models import ScoringModelVersion, Segment, Trigger
    from signals.vocabulary.meanings import say

    now = datetime.now(UTC)
    busy = {"measure": {"kind": "people", "days": 30}, "op": ">=", "value": 2}
    wrote = {"measure": {"kind": "count", "signals": ["created-item"], "days": 30}, "op": ">=", "value": 5}
    events = {"any": [{"kinds": ["track"], "names": ["Feature-Doc", "Feature-Form"]}]}
    plan = {"paths": [{"of": "company", "path": "plan"}], "options": {"plans": {"free": "paid", "team": "free"}}}
    live = ScoringModelVersion.objects.filter(state="live", scoring_model__kind="pqa")
    return {
        "signal": lambda: say("signal:reached-first-value", {"matches": events}),
        "frequent_signal": lambda: say("signal:created-item", {"matches": events}),
        "meaning": lambda: say("meaning:plan", plan),
        "segment": lambda: _written(Segment.objects.filter(slug="paying"), rule={"any_known": [busy]}),
        "guard": lambda: _written(Segment.objects.filter(slug="reached-value"), rule={"any_known": [wrote]}),
        "trigger": lambda: _written(Trigger.objects.filter(slug="outgrowing"), rule=busy),
        "model": lambda: _written(live, threshold=45),
        "play": lambda: (Play.objects.filter(slug="warm-outbound").update(guards=[]), [
            play_changed(play.pk, now=now) for play in Play.objects.filter(slug="warm-outbound")
        ]),
    }  # fmt: skip


def _written(rows: Any, **values: Any) -> None:
    from signals.versions import configuration_changed

    if rows.update(**values) != 1:
        raise RuntimeError(f"{rows.query} is not one row.")
    configuration_changed()
