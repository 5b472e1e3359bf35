"""Segments: named rules that other rules use, in the order in which one needs the other."""

from collections.abc import Iterable, Mapping

from signals.measures.checks import InputError
from signals.measures.kinds import SEGMENT
from signals.rules.tree import Node, specs_of


class SegmentError(InputError):
    """These segments cannot be evaluated."""


def segments_in(rule: Node) -> set[str]:
    """The segments that a rule asks about."""
    return {spec.segment for spec in specs_of(rule) if spec.kind == SEGMENT and spec.segment}


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
