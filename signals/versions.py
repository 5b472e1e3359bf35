"""Drafts, publishing and going back: of scoring models, one live version each."""

from datetime import datetime
from typing import Any

from django.db import transaction

from plgcrm.common.sql import execute
from signals.models import ScoringModel, ScoringModelVersion
from signals.rules.points import parse_criteria, parse_tiers


@transaction.atomic
def new_draft(model: ScoringModel, *, acting_user: Any) -> ScoringModelVersion:
    """A draft like the live version, or an empty one; the open draft where there is one already."""
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
        tiers=live.tiers if live else [],
        threshold=live.threshold if live else 65,
        changed_by=acting_user,
    )


@transaction.atomic
def publish(version: ScoringModelVersion, *, acting_user: Any, now: datetime) -> ScoringModelVersion:
    """Make this version the live one, also an older one again; every account is scored anew.

    Raises PointsError or RuleError, naming the place, where it cannot be read. Safe to repeat.
    """
    ScoringModel.objects.select_for_update().get(pk=version.scoring_model_id)
    version = ScoringModelVersion.objects.get(pk=version.pk)
    parse_criteria(version.criteria)
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
    """Models or triggers changed: every scorer reads them anew, and every account is scored soon."""
    execute("UPDATE signals_configuration SET models_version = models_version + 1")
    execute(
        "INSERT INTO accounts_touched (actors, accounts) SELECT '{}', array_agg(id)"
        " FROM (SELECT id, row_number() OVER (ORDER BY id) / 1000 AS part FROM accounts_account) parted GROUP BY part"
    )
