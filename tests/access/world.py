"""One of each thing that an address can name, seen from one rep: the item and the change are hers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model
from django.urls import reverse
from rest_framework.authtoken.models import Token

from accounts.models import (
    Account,
    Correction,
    DomainOverride,
    Exclusion,
    MergeSuggestion,
    Person,
    PersonMerge,
    Placeholder,
    SavedView,
)
from outreach.models import MessageTemplate, Team
from outreach.outcomes import record
from outreach.queue import actions
from signals.ingest.keys import issue_key
from signals.models import (
    Category,
    ConfigurationChange,
    Event,
    Fact,
    FailedEvent,
    ImportRun,
    ScoringModel,
    ScoringModelVersion,
    Segment,
    Signal,
    Source,
    Trigger,
    WriteKey,
)
from signals.versions import new_draft
from tests.access.addresses import Address
from tests.cast import make_user, play_part
from tests.factories import Desk, make_company, make_desk, make_item

MOONS = {"kind": "count", "signals": ["activity"], "days": 30}
AS_IT_WAS = {"set": "", "before": [], "was": "Acme"}
RULE = {"measure": {"kind": "attribute", "key": "plan"}, "op": "=", "value": "team"}


@dataclass(frozen=True, slots=True)
class World:
    users: dict[str, User | None]
    parameters: dict[str, Any]
    rows: dict[str, Model]  # by model, for the admin

    def address(self, asked: Address) -> str:
        """Filled in; a parameter that is not known says where to add it."""
        row = self.rows.get(asked.model)
        known = self.parameters | ({"object_id": row.pk} if row else {})
        missing = [name for name in asked.parameters if name not in known]
        assert not missing, f"{asked.key}: say in tests/access/world.py, parameters, what {missing} stands for"
        values = {name: known[name] for name in asked.parameters}
        if "/" not in asked.key:  # it has a name
            return reverse(asked.key, kwargs=values)
        filled = asked.route.replace("(?P<url>.*)$", "nowhere")
        for name, value in values.items():
            filled = filled.replace(f"<path:{name}>", str(value))
        return f"/{filled}"


def make_world(now: datetime, source: Any) -> World:
    desk = make_desk(now)
    account = make_company("Acme", now=now)
    play = next(play for play in desk.plays.values() if play.team.slug == "sales" and play.trigger_id)
    item = make_item(account, play, now=now, rep=desk.rita)
    change = actions.claim_item(item, acting_user=desk.rita, now=now)
    person = account.people.earliest("pk")
    draft = new_draft(ScoringModel.objects.get(kind="pql"), acting_user=desk.ada)
    merge = _merge(person)
    outcome = record.log_outcome(item, kind="meeting", acting_user=desk.rita, now=now)
    view = SavedView.objects.create(name="Mine", user=desk.rita, query="tier=inside")
    rows = _rows(source, draft, account, desk) | {"accounts_person": person}
    parameters = {
        "item_id": item.pk,
        "change_id": change.pk,
        "changed_id": _changed(rows["signals_trigger"]).pk,
        "account_id": account.pk,
        "person_id": person.pk,
        "user_id": desk.rita.pk,
        "model_id": draft.scoring_model_id,
        "pk": draft.pk,
        "slug": draft.criteria[0]["slug"],
        "prefix": "rule",
        "segment": "paying",
        "source_id": source.id,
        "key_id": WriteKey.objects.earliest("pk").pk,
        "merge_id": merge.pk,
        "workspace_id": account.workspaces.earliest("pk").pk,
        "correction_id": Correction.objects.create(verb="name", account=account, at=now, kept=AS_IT_WAS).pk,
        "suggestion_id": rows["accounts_mergesuggestion"].pk,
        "content_type_id": 1,
        "object_id": 1,
        "outcome_id": outcome.pk,
        "view_id": view.pk,
        "batch": 1,
        "app_label": "signals",
        "url": "nowhere",
        "run_id": rows["signals_importrun"].pk,
        "number": 0,
    }
    return World(_users(desk), parameters, rows)


def _users(desk: Desk) -> dict[str, User | None]:
    gone = make_user("gina", "admin", "sales")
    users: dict[str, User | None] = {
        "stranger": None,
        "rep": desk.rita,
        "other team's rep": desk.olga,
        "manager": desk.mona,
        "admin": desk.ada,
        "reader": desk.rolf,
        "switched off": gone,
        "no role": play_part("nick"),
    }
    for user in users.values():
        if user:
            Token.objects.create(user=user)
    return users


def _merge(person: Person) -> PersonMerge:
    other = Person.objects.create(name="Twin", email="", account=person.account, merged_into=person)
    return PersonMerge.objects.create(left=person, right=other, cause=PersonMerge.Cause.MANUAL)


def _suggestion(account: Account) -> MergeSuggestion:
    one, other = account.people.order_by("pk").filter(actors__isnull=False).distinct()[:2]
    return MergeSuggestion.objects.create(left=one, right=other, cause="alias", why="users", source_id=1)


def _rows(source: Any, draft: ScoringModelVersion, account: Account, desk: Desk) -> dict[str, Model]:
    made = Source.objects.get(pk=source.id)
    issue_key(made)
    failed = FailedEvent.objects.create(
        source=made, stage="decode", reason="No JSON", payload=b"{", digest=b"0" * 16, received_at=desk.now
    )
    return {
        "accounts_account": account,
        "accounts_exclusion": Exclusion.objects.create(pattern="robot-to-test@*", reason="robot"),
        "accounts_domainoverride": DomainOverride.objects.create(domain="beta.example", kind="corporate"),
        "accounts_mergesuggestion": _suggestion(account),
        "accounts_placeholder": Placeholder.objects.create(pattern="nobody-*"),
        "signals_event": Event.objects.earliest("pk"),
        "signals_failedevent": failed,
        "signals_importrun": ImportRun.objects.create(source=made, file_name="old.csv", uploaded=True),
        "signals_signal": Signal.objects.earliest("pk"),
        "signals_category": Category.objects.create(slug="own", name="Own"),
        "signals_scoringmodel": draft.scoring_model,
        "signals_scoringmodelversion": draft,
        "signals_trigger": Trigger.objects.get(play__slug="expansion"),
        "signals_segment": Segment.objects.create(slug="mid", name="Mid", rule=RULE),
        "signals_fact": Fact.objects.create(slug="moons", measure=MOONS, unit="count", reads="moons"),
        "signals_source": made,
        "outreach_play": desk.plays["expansion"],
        "outreach_messagetemplate": MessageTemplate.objects.earliest("pk"),
        "outreach_team": Team.objects.create(slug="empty", name="Empty"),
        "auth_user": desk.tom,
    }


def switch_off(user: User) -> None:
    """After logging in: the session and the token are still there."""
    user.is_active = False
    user.save(update_fields=["is_active"])


def _changed(trigger: Model) -> ConfigurationChange:
    """A trigger that was called something else."""
    values = {"slug": "any", "name": "Any", "rule": RULE, "active": True}
    before = values | {"name": "Former"}
    return ConfigurationChange.objects.create(
        kind="trigger", object_id=trigger.pk, name="Any", before=before, after=values
    )
