"""What sentences about rules call signals, segments, models and tiers: the names that an admin gave them."""

from plgcrm.common.cache import Remembered
from signals.measures.kinds import SEGMENT
from signals.measures.provided import offered
from signals.models import ScoringModel, ScoringModelVersion, Segment, Signal
from signals.rules.describe import describe_rule
from signals.rules.tree import RuleError, parse_rule

Named = dict[str, list[tuple[str, str]]]
_NAMES = Remembered[dict[str, str]](seconds=1)


def sentence_of(rule: object) -> str:
    """A stored rule as a sentence; one that does not parse any more says so."""
    try:
        return describe_rule(parse_rule(rule), _NAMES.get(names_in_rules))  # once for a whole list
    except RuleError as error:
        return f"This rule cannot be read: {error}"


def names_in_rules(named: Named | None = None) -> dict[str, str]:
    """By slug; segments, models and tiers under `segment:`, `model:` and `tier:<model>:`, and so with what other apps
    keep: `play:`, `owner:`. `named`: those of `named_in_rules`, where they were just read."""
    names = dict(Signal.objects.values_list("slug", "name"))
    names |= {f"{SEGMENT}:{slug}": name for slug, name in Segment.objects.values_list("slug", "name")}
    names |= {f"model:{kind}": name for kind, name in ScoringModel.objects.values_list("kind", "name")}
    found = named_in_rules() if named is None else named
    return names | {f"{what}:{value}": name for what, each in found.items() for value, name in each}


def named_in_rules() -> Named:
    """What rules compare with by name: of `tier:<model>` the tiers, the lowest first, and what other apps offer."""
    live = ScoringModelVersion.objects.filter(state=ScoringModelVersion.State.LIVE)
    tiers = {
        f"tier:{kind}": [(str(tier["slug"]), str(tier["name"])) for tier in rows]
        for kind, rows in live.values_list("scoring_model__kind", "tiers")
    }
    return tiers | offered()
