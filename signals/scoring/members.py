"""Rows of who is in which segment and since when, and each night's sizes: written only where they differ."""

from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from plgcrm.common.sql import columns, dates, execute, int4s, int8s, queries
from signals.measures.frame import Flags, Longs
from signals.rules.segments import stays
from signals.scoring.live import LiveSegment
from signals.scoring.measure import inside_since, segment_spec
from signals.scoring.write import ScoredAccounts

SQL = queries("signals/sql/segments.sql")
LOOK_BACK = 400  # days: how far back the first day of a stay is looked for
OUT, IN, UNKNOWN = 0, 1, 2

Standings = npt.NDArray[np.int8]  # a row for each segment, a column for each account


def write_members(scored: ScoredAccounts, chosen: Longs) -> None:
    """Write in which segments the accounts at these places are, as far as it differs from what stands.

    Their states are locked, so that no two scorers write one account at once.
    """
    segments = scored.live.segments
    if not segments:
        return
    now = _standings(scored, chosen)
    before, found_by_this_rule = _stored(scored, chosen)
    changed = (now != before) | ((now == IN) & ~found_by_this_rule)
    if gone := np.argwhere(changed & (now == OUT)).tolist():
        accounts = scored.ids[chosen].tolist()
        params = {
            "accounts": int4s([accounts[account] for _, account in gone]),
            "segments": int4s([segments[segment].id for segment, _ in gone]),
        }
        execute(SQL["drop_members"], params)
    for place, segment in enumerate(segments):
        _write_some(scored, segment, chosen[changed[place] & (now[place] == IN)], known=True)
        _write_some(scored, segment, chosen[changed[place] & (now[place] == UNKNOWN)], known=False)


def _standings(scored: ScoredAccounts, chosen: Longs) -> Standings:
    found = [scored.today[segment_spec(each.slug).key].numbers[chosen, 0] for each in scored.live.segments]
    numbers = np.array(found)
    return np.where(np.isnan(numbers), UNKNOWN, numbers).astype(np.int8)


def _stored(scored: ScoredAccounts, chosen: Longs) -> tuple[Standings, Flags]:
    """What stands, and whether it was found by the rule as it is now. Rows of segments that are not read yet by this
    process are left alone."""
    segments, ids = scored.live.segments, scored.ids[chosen]
    known = np.array([segment.id for segment in segments])
    rows = columns(SQL["members_of"], ["account", "segment", "known", "digest"], {"accounts": int4s(ids.tolist())})
    place = np.minimum(np.searchsorted(known, rows["segment"]), len(known) - 1)
    ours = known[place] == rows["segment"]
    segment, account = place[ours], np.searchsorted(ids, rows["account"][ours])
    standing = np.full((len(segments), len(ids)), OUT, np.int8)
    standing[segment, account] = np.where(rows["known"][ours] == 1, IN, UNKNOWN)
    by_this_rule = np.zeros(standing.shape, np.bool_)
    digests = np.array([each.digest for each in segments], np.int64)
    by_this_rule[segment, account] = rows["digest"][ours] == digests[segment]
    return standing, by_this_rule


def _write_some(scored: ScoredAccounts, segment: LiveSegment, places: Longs, *, known: bool) -> None:
    """The accounts at these places, in the order of ids, as it is in a run."""
    if not places.size:
        return
    since, or_earlier = np.full(places.size, scored.as_of), np.zeros(places.size, np.bool_)
    if known:
        since, or_earlier = _first_days(scored, segment, places)
    params = {
        "segment": segment.id,
        "known": known,
        "digest": segment.digest,
        "accounts": int4s(scored.ids[places].tolist()),
        "since": dates(since.tolist()),
        "or_earlier": int8s(or_earlier.astype(np.int64).tolist()),
    }
    execute(SQL["set_members"], params)


def _first_days(scored: ScoredAccounts, segment: LiveSegment, places: Longs) -> tuple[Longs, Flags]:
    """The first day of the stay of each, and whether it may have begun before."""
    since, or_earlier = np.empty(places.size, np.int64), np.empty(places.size, np.bool_)
    first, done = scored.as_of - LOOK_BACK, 0
    for some, inside in inside_since(first, segment.slug, places, scored.measured, scored.live.vocabulary):
        part = slice(done, done + len(some))
        length, or_earlier[part] = stays(inside)
        since[part] = scored.as_of - length + 1
        done += len(some)
    return since, or_earlier


def keep_sizes(now: datetime) -> int:
    """Keep how large each segment is today, over what stood for today before; how many segments."""
    return execute(SQL["keep_sizes"], {"day": now.astimezone(UTC).date()})
