"""What sentences about rules call signals, segments, models and tiers: the names that an admin gave them."""

from signals.measures.kinds import SEGMENT
from signals.measures.provided import offered
from signals.models import ScoringModel, ScoringModelVersion, Segment, Signal


def names_in_rules() -> dict[str, str]:
    """By slug; segments, models and tiers under `segment:`, `model:` and `tier:<model>:`, and so with what other apps
    keep: `play:`, `owner:`."""
    names = dict(Signal.objects.values_list("slug", "name"))
    names |= {f"{SEGMENT}:{slug}": name for slug, name in Segment.objects.values_list("slug", "name")}
    names |= {f"model:{kind}": name for kind, name in ScoringModel.objects.values_list("kind", "name")}
    return names | {f"{what}:{value}": name for what, named in named_in_rules().items() for value, name in named}


def named_in_rules() -> dict[str, list[tuple[str, str]]]:
    """What rules compare with by name: of `tier:<model>` the tiers, the lowest first, and what other apps offer."""
    live = ScoringModelVersion.objects.filter(state=ScoringModelVersion.State.LIVE)
    tiers = {
        f"tier:{kind}": [(str(tier["slug"]), str(tier["name"])) for tier in rows]
        for kind, rows in live.values_list("scoring_model__kind", "tiers")
    }
    return tiers | offered()
