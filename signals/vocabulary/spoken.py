"""What sentences about rules call signals, segments, models and tiers: the names that an admin gave them."""

from signals.measures.kinds import SEGMENT
from signals.measures.provided import offered
from signals.models import ScoringModel, Segment, Signal
from signals.vocabulary.applied import live_versions


def names_in_rules() -> dict[str, str]:
    """By slug; segments, models and tiers under `segment:`, `model:` and `tier:<model>:`, and so with what other apps
    keep: `play:`, `owner:`."""
    names = dict(Signal.objects.values_list("slug", "name"))
    names |= {f"{SEGMENT}:{slug}": name for slug, name in Segment.objects.values_list("slug", "name")}
    names |= {f"model:{kind}": name for kind, name in ScoringModel.objects.values_list("kind", "name")}
    return names | {f"{what}:{value}": name for what, named in named_in_rules().items() for value, name in named}


def named_in_rules() -> dict[str, list[tuple[str, str]]]:
    """What rules compare with by name: of `tier:<model>` the tiers, the lowest first, and what other apps offer."""
    tiers = {
        f"tier:{each.scoring_model.kind}": [(str(tier["slug"]), str(tier["name"])) for tier in each.tiers]
        for each in live_versions()
    }
    return tiers | offered()
