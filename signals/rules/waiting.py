"""What a rule waits for: terms that this installation never sent, without which it can be true of nobody."""

from collections.abc import Collection, Mapping, Sequence

from signals.measures.specs import Spec
from signals.rules.tree import PRESENCES, All, AnyKnown, Condition, Node, None_

Missing = Collection[str]  # keys of specs that are unknown of every account


def waits_for(rule: Node, missing: Missing, segments: Mapping[str, Node]) -> list[Spec]:
    """The measures without which the rule can never become true, in the order in which they stand; none if it can."""
    return _blockers(rule, missing, segments, wanted=True)


def _blockers(node: Node, missing: Missing, segments: Mapping[str, Node], *, wanted: bool) -> list[Spec]:
    """What keeps a node from ever coming out as wanted: of `all` any part may, of `any` all parts must."""
    if isinstance(node, Condition):
        return _of_condition(node, missing, segments, wanted=wanted)
    if isinstance(node, None_):
        wanted = not wanted
    parts = [_blockers(child, missing, segments, wanted=wanted) for child in node.nodes]
    if isinstance(node, AnyKnown):
        # One way to know it is enough, for yes and for no.
        return _each_once(parts) if parts and all(parts) else []
    every_part_needed = isinstance(node, All) == wanted
    if every_part_needed:
        return _each_once(parts)
    return _each_once(parts) if parts and all(parts) else []


def _of_condition(condition: Condition, missing: Missing, segments: Mapping[str, Node], *, wanted: bool) -> list[Spec]:
    spec = condition.spec
    if condition.op in PRESENCES or (condition.unknown_is_no and not wanted):
        return []
    if spec.segment and spec.segment in segments:
        # “Paying = 0” needs that the segment is false, and so does “not Paying for 90 days”.
        inside = wanted == bool(condition.value)
        return _blockers(segments[spec.segment], missing, segments, wanted=inside)
    return [spec] if spec.key in missing else []


def _each_once(parts: Sequence[list[Spec]]) -> list[Spec]:
    return list(dict.fromkeys(spec for part in parts for spec in part))
