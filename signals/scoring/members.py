"""Rows of who is in which segment and since when, and each night's sizes: written only where they differ."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from plgcrm.common.sql import columns, dates, execute, int4s, int8s, queries
from signals.measures.frame import Flags, Longs
from signals.rules.segments import stays
from signals.scoring.measure import inside_since, segment_spec
from signals.scoring.write import ScoredAccounts

SQL = queries("signals/sql/segments.sql")
LOOK_BACK = 400  # days: how far back the first day of a stay is looked for
OUT, IN, UNKNOWN = 0, 1, 2

Standings = npt.NDArray[np.int8]  # a row for each account, a column for each segment


@dataclass(frozen=True, slots=True, eq=False)
class MemberChanges:
    """What differs from the rows that stand; one entry for an account and a segment, in the order of accounts."""

    place: Longs  # of the account among those of the run
    segment: Longs  # place among the live segments
    state: Standings
    since: Longs  # the first day of the stay of who is in it
    or_earlier: Flags

    def where(self, chosen: Flags) -> "MemberChanges":
        state, or_earlier = self.state[chosen], self.or_earlier[chosen]
        return MemberChanges(self.place[chosen], self.segment[chosen], state, self.since[chosen], or_earlier)


def member_changes(scored: ScoredAccounts, places: Longs) -> MemberChanges:
    """In which segments the accounts at these places are, and since when, as far as it differs from what stands.

    For before their states are locked: whoever writes rows of them moves a state, and the run sees that.
    """
    now = _standings(scored, places)
    before, found_by_this_rule = _stored(scored, places)
    account, segment = np.nonzero((now != before) | ((now == IN) & ~found_by_this_rule))
    state = now[account, segment]
    since, or_earlier = np.full(state.size, scored.as_of), np.zeros(state.size, np.bool_)
    changes = MemberChanges(places[account], segment, state, since, or_earlier)
    for each in np.unique(segment[state == IN]).tolist():
        _find_first_days(scored, changes, each)
    return changes


def _standings(scored: ScoredAccounts, places: Longs) -> Standings:
    found = [scored.today[segment_spec(each.slug).key].numbers[places, 0] for each in scored.live.segments]
    numbers = np.array(found).reshape(len(found), len(places)).T
    return np.where(np.isnan(numbers), UNKNOWN, numbers).astype(np.int8)


def _stored(scored: ScoredAccounts, places: Longs) -> tuple[Standings, Flags]:
    """What stands, and whether it was found by the rule as it is now. Rows of segments that this process has not read
    yet are left alone."""
    ids, segments = scored.ids[places], scored.live.segments
    rows = columns(SQL["members_of"], ["account", "segment", "known", "digest"], {"accounts": int4s(ids.tolist())})
    known = np.array([each.id for each in segments], np.int32)
    rows = {name: values[np.isin(rows["segment"], known)] for name, values in rows.items()}
    cells = np.searchsorted(ids, rows["account"]), np.searchsorted(known, rows["segment"])
    standing = np.full((len(ids), len(segments)), OUT, np.int8)
    standing[cells] = np.where(rows["known"] == 1, IN, UNKNOWN)
    digests = np.array([each.digest for each in segments], np.int64)
    by_this_rule = np.zeros(standing.shape, np.bool_)
    by_this_rule[cells] = rows["digest"] == digests[cells[1]]
    return standing, by_this_rule


def _find_first_days(scored: ScoredAccounts, changes: MemberChanges, segment: int) -> None:
    """Fill in since when those are in it that are in this segment now."""
    entries = np.flatnonzero((changes.segment == segment) & (changes.state == IN))
    slug, first, done = scored.live.segments[segment].slug, scored.as_of - LOOK_BACK, 0
    places, last = changes.place[entries], scored.measured.days.last
    for some, inside in inside_since(first, slug, places, scored.ids, last, scored.live.vocabulary):
        filled = entries[done : done + len(some)]
        length, changes.or_earlier[filled] = stays(inside)
        changes.since[filled] = scored.as_of - length + 1
        done += len(some)


def write_members(scored: ScoredAccounts, changes: MemberChanges, chosen: Longs) -> None:
    """Write the changes of the accounts at these places, whose states are locked."""
    ours = changes.where(np.isin(changes.place, chosen))
    _drop(scored, ours.where(ours.state == OUT))
    _set(scored, ours.where(ours.state != OUT))


def _drop(scored: ScoredAccounts, changes: MemberChanges) -> None:
    if changes.place.size:
        execute(SQL["drop_members"], _cells(scored, changes))


def _set(scored: ScoredAccounts, changes: MemberChanges) -> None:
    if not changes.place.size:
        return
    digests = np.array([each.digest for each in scored.live.segments], np.int64)
    params = {
        "known": (changes.state == IN).tolist(),
        "since": dates(changes.since.tolist()),
        "or_earlier": changes.or_earlier.tolist(),
        "digests": int8s(digests[changes.segment].tolist()),
    }
    execute(SQL["set_members"], _cells(scored, changes) | params)


def _cells(scored: ScoredAccounts, changes: MemberChanges) -> dict[str, object]:
    known = np.array([each.id for each in scored.live.segments], np.int32)
    accounts, segments = scored.ids[changes.place], known[changes.segment]
    return {"accounts": int4s(accounts.tolist()), "segments": int4s(segments.tolist())}


def keep_sizes(now: datetime) -> int:
    """Keep how large each segment is today, over what stood for today before; how many segments."""
    return execute(SQL["keep_sizes"], {"day": now.astimezone(UTC).date()})
