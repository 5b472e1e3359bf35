"""Drafts, publishing and going back: of scoring models, one live version each.

Only a draft changes: scores point at live and retired versions.
"""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.text import slugify

from plgcrm.common.sql import execute
from plgcrm.common.tried import is_only_tried
from signals.models import ScoringModel, ScoringModelVersion
from signals.rules.criteria import MOST_CRITERIA, PointsError, parse_criteria, parse_tiers
from signals.vocabulary.circles import lock_rules, refuse_circles

THRESHOLD = 65
FIRST_TIERS = (
    {"slug": "not-yet", "name": "Not yet", "from": 0},
    {"slug": "qualified", "name": "Qualified", "from": THRESHOLD},
)


@transaction.atomic
def new_draft(model: ScoringModel, *, acting_user: Any) -> ScoringModelVersion:
    """A draft like the live version, or one without criteria; the open draft where there is one already.

    It always has tiers and a threshold, so that what it would do can be shown from its first minute.
    """
    # Two admins who press the button at once get the same draft.
    ScoringModel.objects.select_for_update().get(pk=model.pk)
    versions = list(model.versions.order_by("-number"))
    draft = next((v for v in versions if v.state == ScoringModelVersion.State.DRAFT), None)
    if draft is not None:
        return draft
    live = next((v for v in versions if v.state == ScoringModelVersion.State.LIVE), None)
    return ScoringModelVersion.objects.create(
        scoring_model=model,
        number=versions[0].number + 1 if versions else 1,
        criteria=live.criteria if live else [],
        tiers=live.tiers if live else list(FIRST_TIERS),
        threshold=live.threshold if live else THRESHOLD,
        changed_by=acting_user,
    )


class NotADraftError(ValueError):
    """This version is live or retired."""

    def __init__(self, version: ScoringModelVersion) -> None:
        super().__init__(f"Version {version.number} is {version.get_state_display()}: make a new draft from it.")


def _locked(version_id: int) -> ScoringModelVersion:
    version = ScoringModelVersion.objects.select_for_update().get(pk=version_id)
    if version.state != ScoringModelVersion.State.DRAFT:
        raise NotADraftError(version)
    return version


def _save(version: ScoringModelVersion, acting_user: User, *fields: str) -> None:
    version.changed_by = acting_user
    version.save(update_fields=[*fields, "changed_by", "changed_at"])


@transaction.atomic
def write_criterion(version_id: int, entry: dict[str, Any], *, acting_user: User) -> str:
    """Put a criterion into a draft: over the one with its slug, or at the end under a new slug."""
    version = _locked(version_id)
    slugs = [str(criterion["slug"]) for criterion in version.criteria]
    # The slug stays when the name changes: stored breakdowns point at it.
    if not entry.get("slug"):
        entry = entry | {"slug": free_slug(str(entry["name"]), slugs)}
    if entry["slug"] in slugs:
        version.criteria[slugs.index(entry["slug"])] = entry
    else:
        _refuse_one_too_many(version)
        version.criteria.append(entry)
    parse_criteria(version.criteria)
    _save(version, acting_user, "criteria")
    return str(entry["slug"])


def _refuse_one_too_many(version: ScoringModelVersion) -> None:
    if len(version.criteria) >= MOST_CRITERIA:
        problem = f"this model has {MOST_CRITERIA} criteria, which is the most a model can have"
        raise PointsError("criteria", problem, "Remove one first, or join several into one rule")


def free_slug(name: str, taken: list[str]) -> str:
    """A slug for a new criterion that no other of its version has."""
    base = slugify(name)[:50].strip("-_") or "criterion"
    candidates = [base, *(f"{base}-{number}" for number in range(2, len(taken) + 3))]
    return next(slug for slug in candidates if slug not in taken and slug != "new")


@transaction.atomic
def drop_criterion(version_id: int, slug: str, *, acting_user: User) -> None:
    """Take a criterion out of a draft."""
    version = _locked(version_id)
    version.criteria = [criterion for criterion in version.criteria if criterion["slug"] != slug]
    _save(version, acting_user, "criteria")


@transaction.atomic
def write_tiers(version_id: int, tiers: list[dict[str, Any]], threshold: int, note: str, *, acting_user: User) -> None:
    """Set the tiers, the threshold and the note of a draft. Raises PointsError where the tiers cannot be read."""
    version = _locked(version_id)
    parse_tiers(tiers)
    version.tiers, version.threshold, version.note = tiers, threshold, note
    _save(version, acting_user, "tiers", "threshold", "note")


@transaction.atomic
def publish(version: ScoringModelVersion, *, acting_user: Any, now: datetime) -> ScoringModelVersion:
    """Make this version the live one, also an older one again; every account is scored again.

    Raises PointsError or RuleError, naming the place, where it cannot be read, and CircleError where it would read
    itself. Safe to repeat.
    """
    # The model's row orders two publishers: else both could find nothing live and leave two live versions.
    ScoringModel.objects.select_for_update().get(pk=version.scoring_model_id)
    version = ScoringModelVersion.objects.select_related("scoring_model").get(pk=version.pk)
    lock_rules()
    refuse_circles(models={version.scoring_model.kind: parse_criteria(version.criteria)})
    parse_tiers(version.tiers)
    others = ScoringModelVersion.objects.filter(
        scoring_model=version.scoring_model_id, state=ScoringModelVersion.State.LIVE
    ).exclude(pk=version.pk)
    others.update(state=ScoringModelVersion.State.RETIRED)
    version.state = ScoringModelVersion.State.LIVE
    version.published_at, version.changed_by = now, acting_user
    version.save(update_fields=["state", "published_at", "changed_by", "changed_at"])
    configuration_changed()
    return version


def configuration_changed() -> None:
    """Models or triggers changed: every scorer reads them again, and every account is scored soon."""
    execute("UPDATE signals_configuration SET models_version = models_version + 1")
    if is_only_tried():
        return
    execute(
        # A thousand accounts a mark: workers share the work, and none holds its locks for minutes.
        "INSERT INTO accounts_dirtymark (actors, accounts) SELECT '{}', array_agg(id)"
        " FROM (SELECT id, row_number() OVER (ORDER BY id) / 1000 AS part FROM accounts_account) parted GROUP BY part"
    )
