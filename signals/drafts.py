"""Changing a draft of a scoring model. Live and retired versions never change: scores point at them."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.text import slugify

from signals.models import ScoringModelVersion
from signals.rules.criteria import parse_criteria, parse_tiers


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
    if not entry.get("slug"):
        entry = entry | {"slug": free_slug(str(entry["name"]), slugs)}
    if entry["slug"] in slugs:
        version.criteria[slugs.index(entry["slug"])] = entry
    else:
        version.criteria.append(entry)
    parse_criteria(version.criteria)
    _save(version, acting_user, "criteria")
    return str(entry["slug"])


def free_slug(name: str, taken: list[str]) -> str:
    base = slugify(name)[:50].strip("-_") or "criterion"
    candidates = [base, *(f"{base}-{number}" for number in range(2, len(taken) + 3))]
    return next(slug for slug in candidates if slug not in taken and slug != "new")


@transaction.atomic
def drop_criterion(version_id: int, slug: str, *, acting_user: User) -> None:
    version = _locked(version_id)
    version.criteria = [criterion for criterion in version.criteria if criterion["slug"] != slug]
    _save(version, acting_user, "criteria")


@transaction.atomic
def write_tiers(version_id: int, tiers: list[dict[str, Any]], threshold: int, note: str, *, acting_user: User) -> None:
    version = _locked(version_id)
    parse_tiers(tiers)
    version.tiers, version.threshold, version.note = tiers, threshold, note
    _save(version, acting_user, "tiers", "threshold", "note")
