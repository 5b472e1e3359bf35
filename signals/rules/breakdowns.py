"""Why a score is what it is: of each criterion the points and what its conditions saw.

Stored is only what was seen, by slug of the criterion; the words are made when somebody reads them, out of the
criteria of the version that scored.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from plgcrm.common.text import plural
from signals.measures.frame import Column
from signals.measures.kinds import NO_NAMES
from signals.measures.words import Names
from signals.rules.criteria import Criterion
from signals.rules.evaluate import Columns, Sighting, evaluate, sightings, verdict
from signals.rules.points import ScoreResult, days_since_held
from signals.rules.readings import reading
from signals.rules.tree import specs_of

Seen = tuple[int, int, tuple[Sighting, ...]]  # points, days since the rule held, what each condition saw
Entry = dict[str, object]
Memory = dict[tuple[str, Seen], bytes]
MOST_REMEMBERED = 50_000
encode = msgspec.json.encode


def breakdown(
    criteria: Sequence[Criterion],
    result: ScoreResult,
    columns: Columns,
    subject: int,
    day: int,
    names: Names = NO_NAMES,
) -> list[Entry]:
    """One JSON-able entry for each criterion; their points add up to the score. `day` counts scored days."""
    found = seen_by_criterion(criteria, result, columns, [subject], day)
    return [_entry(criterion, seen, names) for criterion, (seen,) in zip(criteria, found, strict=True)]


def stored_breakdowns(
    criteria: Sequence[Criterion],
    result: ScoreResult,
    columns: Columns,
    subjects: Sequence[int],
    day: int,
    made: Memory | None = None,
) -> list[bytes]:
    """JSON of what was seen, {slug: [points, days since, [[held, value], ...]]} (held null: unknown; a third
    entry: at least so much), of many subjects as of one day.

    Most see the same few values: `made` keeps their text for the next call. It must not outlive these criteria.
    """
    made = {} if made is None else made
    # Emptied whole: what is common comes back with the next accounts, and no entry needs an age.
    if len(made) > MOST_REMEMBERED:
        made.clear()
    found = seen_by_criterion(criteria, result, columns, subjects, day)
    parts = [_encoded(criterion.slug, seen, made) for criterion, seen in zip(criteria, found, strict=True)]
    return [b"{%s}" % b",".join(of_subject) for of_subject in zip(*parts, strict=True)] or [b"{}"] * len(subjects)


def entries_of(criteria: Iterable[Criterion], stored: Mapping[str, Any], names: Names = NO_NAMES) -> list[Entry]:
    """The entries of a stored breakdown, given the criteria of the version that scored."""
    return [_entry(criterion, stored[criterion.slug], names) for criterion in criteria if criterion.slug in stored]


def seen_by_criterion(
    criteria: Sequence[Criterion], result: ScoreResult, columns: Columns, subjects: Sequence[int], day: int
) -> list[list[Seen]]:
    """For each criterion, of each subject what it saw and what that paid."""
    subjects = list(subjects)
    return [
        list(
            zip(
                result.criterion_points[place][subjects, day].tolist(),
                _days_since(criterion, columns, subjects, day + result.lookback),
                sightings(criterion.rule, columns, subjects, day + result.lookback),
                strict=True,
            )
        )
        for place, criterion in enumerate(criteria)
    ]


def _encoded(slug: str, seen_by_subject: Iterable[Seen], made: Memory) -> list[bytes]:
    found = []
    for seen in seen_by_subject:
        text = made.get((slug, seen))
        if text is None:
            text = made[slug, seen] = b"%s:%s" % (encode(slug), encode(seen))
        found.append(text)
    return found


def _entry(criterion: Criterion, seen: Seen, names: Names) -> Entry:
    points, since, saw = seen
    found = verdict(criterion.rule, saw)
    said = reading(criterion.rule, found, names)
    # Without these words the lines would not seem to add up to the score.
    if found.held and criterion.points and not points:
        said = f"{said}; another criterion in its group counts instead"
    if points and not found.held:
        said = f"{said}; still counts in part, last met {plural(since, 'day')} ago"
    return {
        "slug": criterion.slug,
        "name": criterion.name,
        "points": points,
        "max_points": criterion.max_points,
        "held": found.held,
        "reading": said,
        "measures": [condition.seen() for condition in found.conditions()],
    }


def _days_since(criterion: Criterion, columns: Columns, subjects: list[int], day: int) -> list[int]:
    """Days since the rule held last, as far as it matters to decay."""
    if not criterion.half_life:
        return [0] * len(subjects)
    used = {
        spec.key: _days_of(columns[spec.key], subjects, day - criterion.lookback, day)
        for spec in specs_of(criterion.rule)
    }
    held = evaluate(criterion.rule, used, shape=(len(subjects), criterion.lookback + 1)).true
    since: list[int] = days_since_held(held)[:, -1].tolist()
    return since


def _days_of(column: Column, subjects: list[int], first: int, last: int) -> Column:
    return column.of(np.ix_(subjects, range(first, last + 1)))
