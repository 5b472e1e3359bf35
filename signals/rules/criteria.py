"""Criteria and tiers of a scoring model, read from JSON as strictly as rules."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from signals.measures.checks import InputError, JsonPlace
from signals.measures.specs import Spec
from signals.rules.tree import All, Any, Condition, Node, read_rule, specs_of, to_json

MOST_CRITERIA = 100
MOST_TIERS = 20
MOST_POINTS = 10_000
LONGEST_NAME = 120
LONGEST_HALF_LIFE = 365
HALF_LIVES = 5  # after so many, nothing is left
FURTHEST_BACK = 90  # days
SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
CRITERION_KEYS = ("slug", "name", "rule", "points", "group", "cap", "half_life", "person")


class PointsError(InputError):
    """These criteria or tiers cannot be read."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """A rule with points. The page and the breakdown show it under its name."""

    slug: str
    name: str
    rule: Node
    points: int
    group: str | None = None  # of one group only the best-paid counts
    cap: int | None = None  # points count once per whole multiple of the threshold, up to so many points
    half_life: int | None = None  # days after which half is left, from the last day the rule held
    person: bool = False  # scores persons too

    @property
    def max_points(self) -> int:
        return self.points if self.cap is None else self.cap

    @property
    def lookback(self) -> int:
        """How many days ago the rule may have held and still pay."""
        return min(HALF_LIVES * self.half_life, FURTHEST_BACK) if self.half_life else 0

    def to_json(self) -> dict[str, object]:
        plain = {name: getattr(self, name) for name in CRITERION_KEYS}
        return plain | {"rule": to_json(self.rule)}


@dataclass(frozen=True, slots=True)
class Tier:
    slug: str
    name: str
    start: int  # "from" in JSON

    def to_json(self) -> dict[str, object]:
        return {"slug": self.slug, "name": self.name, "from": self.start}


def parse_criteria(
    value: object,
    *,
    known_signals: Collection[str] | None = None,
    known_attributes: Collection[str] | None = None,
) -> tuple[Criterion, ...]:
    """Read the criteria of a model; PointsError says where they are wrong and what to do."""
    place = JsonPlace(PointsError, "criteria")
    entries = place.items(value, 0, MOST_CRITERIA)
    criteria = tuple(
        _criterion(entry, place.item(index), known_signals, known_attributes) for index, entry in enumerate(entries)
    )
    _refuse_twins(place, [criterion.slug for criterion in criteria])
    return criteria


def parse_tiers(value: object) -> tuple[Tier, ...]:
    """Read the tiers of a model, lowest first; the lowest starts at 0 and takes what is below."""
    place = JsonPlace(PointsError, "tiers")
    tiers = tuple(_tier(entry, place.item(index)) for index, entry in enumerate(place.items(value, 1, MOST_TIERS)))
    _refuse_twins(place, [tier.slug for tier in tiers])
    starts = [tier.start for tier in tiers]
    if starts != sorted(set(starts)) or starts[0] != 0:
        raise place.refusal("the tiers do not rise from 0", "Start the first at 0 and each next one higher")
    return tiers


def tier_of(points: int, tiers: Sequence[Tier]) -> Tier:
    """The highest tier that the points reach, the lowest for everything below."""
    return next((tier for tier in reversed(tiers) if points >= tier.start), tiers[0])


def specs_of_criteria(criteria: Iterable[Criterion]) -> tuple[Spec, ...]:
    """The measures that the criteria need, each once."""
    return tuple(dict.fromkeys(spec for criterion in criteria for spec in specs_of(criterion.rule)))


def lookback_days(criteria: Iterable[Criterion]) -> int:
    """How many days before the first scored day the columns must start, for the sake of decay."""
    return max((criterion.lookback for criterion in criteria), default=0)


def _criterion(
    value: object, place: JsonPlace, signals: Collection[str] | None, attributes: Collection[str] | None
) -> Criterion:
    given = place.mapping(value, CRITERION_KEYS, CRITERION_KEYS[:4])
    criterion = Criterion(
        slug=_slug(given["slug"], place.key("slug")),
        name=place.key("name").text(given["name"], LONGEST_NAME),
        rule=read_rule(given["rule"], place.key("rule"), signals, attributes),
        points=place.key("points").whole(given["points"], -MOST_POINTS, MOST_POINTS),
        group=_slug(given["group"], place.key("group")) if given.get("group") is not None else None,
        cap=_optional_whole(given, "cap", place, MOST_POINTS),
        half_life=_optional_whole(given, "half_life", place, LONGEST_HALF_LIFE),
        person=place.key("person").flag(given.get("person", False)),
    )
    _check_cap(criterion, place)
    return criterion


def _tier(value: object, place: JsonPlace) -> Tier:
    given = place.mapping(value, ("slug", "name", "from"), ("slug", "name", "from"))
    name = place.key("name").text(given["name"], LONGEST_NAME)
    start = place.key("from").whole(given["from"], 0, MOST_POINTS * MOST_CRITERIA)
    return Tier(_slug(given["slug"], place.key("slug")), name, start)


def _slug(value: object, place: JsonPlace) -> str:
    slug = place.text(value, LONGEST_NAME)
    if not SLUG.fullmatch(slug):
        raise place.refusal(f"“{slug[:40]}” is not a slug", "Use small letters, digits and hyphens")
    return slug


def _optional_whole(given: Mapping[str, object], name: str, place: JsonPlace, most: int) -> int | None:
    value = given.get(name)
    return None if value is None else place.key(name).whole(value, 1, most)


def _check_cap(criterion: Criterion, place: JsonPlace) -> None:
    if criterion.cap is None:
        return
    if multiplied_of(criterion.rule) is None:
        raise place.key("cap").refusal(
            "a cap counts multiples of one threshold", "Make the rule one condition “>=” with a number above 0"
        )
    if not 0 < criterion.points <= criterion.cap:
        raise place.key("cap").refusal(
            "the cap is below the points of one time", f"Give points above 0 and a cap of {criterion.points} or more"
        )


def _refuse_twins(place: JsonPlace, slugs: Sequence[str]) -> None:
    for index, slug in enumerate(slugs):
        if slug in slugs[:index]:
            raise place.item(index).key("slug").refusal(f"“{slug}” is there already", "Give each its own slug")


def multiplied_of(rule: Node) -> tuple[Spec, float] | None:
    """The measure and the threshold of a rule that is a single `>=`, else None."""
    while isinstance(rule, All | Any) and len(rule.nodes) == 1:
        rule = rule.nodes[0]
    if isinstance(rule, Condition) and rule.op == ">=" and isinstance(rule.value, int | float) and rule.value > 0:
        return rule.spec, rule.value
    return None
