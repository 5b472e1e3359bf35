"""What follows from saying what a trait or a limit is here, besides the row that says it."""

from collections.abc import Iterable, Mapping

from accounts.identity.corrections import derive_later
from accounts.models import AttributeKey
from signals.models import ProductLimit, Segment
from signals.shipped import NEAR, ensure_facts, limit_share, when

HOLDERS = ("person", "company")  # who a trait is sent beside: with identify calls, or with group calls
NEAR_A_LIMIT = "near-a-limit"


def note_keys(slug: str, paths: Iterable[Mapping[str, str]]) -> None:
    """Which attributes mean this term from now on: {"of", "path"} each; what had meant it before no longer does.

    Identity and scoring read traits by these marks, so that one name may mean two things: beside a person, and in a
    group call. Where the term says who somebody is, all who are known are derived again in the background.
    """
    named = list(paths)
    for of in HOLDERS:
        column = f"{of}_meaning"
        AttributeKey.objects.filter(**{column: slug}).update(**{column: ""})
        for name in [each["path"] for each in named if each["of"] == of]:
            AttributeKey.objects.update_or_create(name=name, defaults={column: slug})
    derive_later(slug)


def take_in_limit(limit: ProductLimit) -> None:
    """The facts that a new limit brings; the segment “Near a limit” looks at it too."""
    ensure_facts()
    segment, condition = Segment.objects.filter(slug=NEAR_A_LIMIT).first(), when(limit_share(limit.slug), ">=", NEAR)
    # An admin who wrote another rule knows better.
    if segment is not None and set(segment.rule) == {"any_known"} and condition not in segment.rule["any_known"]:
        segment.rule = {"any_known": [*segment.rule["any_known"], condition]}
        segment.save(update_fields=["rule"])
