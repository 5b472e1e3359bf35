"""Segments: named rules that other rules use. Which needs which, and for how long somebody was in one."""

from collections.abc import Iterable, Mapping

import numpy as np

from signals.measures.checks import InputError
from signals.measures.frame import Flags, Floats, Longs
from signals.rules.tree import Node, specs_of


class SegmentError(InputError):
    """These segments cannot be evaluated."""


def segments_in(rule: Node) -> set[str]:
    """The segments that a rule asks about."""
    return {spec.segment for spec in specs_of(rule) if spec.segment}


def segments_needed(slugs: Iterable[str], rules: Mapping[str, Node]) -> list[str]:
    """These segments and all that they are made of, each after what it needs; SegmentError where they go in a circle.

    A slug that is no segment is left out: it is unknown.
    """
    ordered: list[str] = []
    for slug in sorted(slugs):
        _visit(slug, rules, ordered, ())
    return ordered


def _visit(slug: str, rules: Mapping[str, Node], ordered: list[str], on_the_way: tuple[str, ...]) -> None:
    if slug in on_the_way:
        circle = " → ".join([*on_the_way[on_the_way.index(slug) :], slug])
        raise SegmentError("", f"segments use each other in a circle: {circle}", "Take one of them out of the rule")
    if slug in ordered or slug not in rules:
        return
    for needed in sorted(segments_in(rules[slug])):
        _visit(needed, rules, ordered, (*on_the_way, slug))
    ordered.append(slug)


def on_each_of(inside: Floats, days: int) -> Floats:
    """Of each day whether the account was in on it and on the days before, `days` together; the first days-1 fall away.

    Unknown where it is unknown of the last of them: what a day long ago settles is not asked of who may be out.
    """
    out, known = _in_window(inside == 0, days), _in_window(~np.isnan(inside), days)
    every = np.where(out > 0, 0.0, np.where(known == days, 1.0, np.nan))
    last: Floats = np.where(np.isnan(inside[:, days - 1 :]), np.nan, every)
    return last


def _in_window(flags: Flags, days: int) -> Longs:
    """How many of each `days` days in a row are flagged."""
    sums = np.cumsum(np.pad(flags.astype(np.int64), ((0, 0), (1, 0))), axis=1)
    counted: Longs = sums[:, days:] - sums[:, :-days]
    return counted


def stays(inside: Floats) -> tuple[Longs, Flags]:
    """Of accounts that are in a segment on the last day: for how many days in a row, that day included; and whether
    it may be more, for of the day before nobody knows, or it was not looked at."""
    width = inside.shape[1]
    last_out = np.where(inside == 1, -1, np.arange(width)).max(axis=1)
    surely = (last_out >= 0) & (inside[np.arange(len(inside)), np.maximum(last_out, 0)] == 0)
    return width - 1 - last_out, ~surely
