"""That segments and models do not read each other in a circle: asked before either is saved."""

from collections.abc import Mapping
from typing import Any

from plgcrm.common.sql import rows
from signals.models import Segment
from signals.rules.criteria import Criterion
from signals.rules.derived import MODEL, Definitions, ModelRules, Source, in_order
from signals.rules.tree import Node, parse_rule
from signals.vocabulary.applied import live_versions, model_rules


def refuse_circles(
    *, segments: Mapping[str, Node] | None = None, models: Mapping[str, tuple[Criterion, ...]] | None = None
) -> None:
    """CircleError, in words for whoever saves, where these, in place of those that stand, would read themselves."""
    stand = Definitions(
        {each.slug: parse_rule(each.rule) for each in Segment.objects.all()} | dict(segments or {}),
        {each.scoring_model.kind: model_rules(each) for each in live_versions()}
        | {kind: ModelRules(criteria, (), 0) for kind, criteria in (models or {}).items()},
    )
    changed = [*(Source("segment", slug) for slug in segments or {}), *(Source(MODEL, kind) for kind in models or {})]
    in_order(changed, stand)


def lock_rules() -> Any:
    """Until the end of the transaction nobody else changes what rules read: two changes at once may make a circle."""
    return rows("SELECT id FROM signals_configuration FOR UPDATE")
