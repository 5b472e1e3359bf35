"""JSON of accounts and people with their scores, of moments, and of the pipeline."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import (
    AccountName,
    AdminsOnly,
    ApiView,
    IdentityRow,
    OwnerField,
    PastAccountRow,
    PersonBase,
    PersonName,
    Refusal,
    SearchQuery,
    UserRow,
    WorkspaceOfPerson,
    WorkspaceRow,
    account_name,
    accounts_matching,
    count_to,
    id_field,
    identities_of,
    owners_of,
    past_accounts_of,
    people_matching,
    whole_person,
    workspaces_of,
)
from accounts.models import Account, Person
from plgcrm.common.paging import BY_ID, Key, PageAnswer, PageQuery, page_of
from signals.models import AccountState, Moment, Score, ScoringModel, ScoringModelVersion, Segment, SegmentMember
from signals.queries import pipeline_figures
from signals.scoring.breakdown import explained
from signals.scoring.queue_effect import queue_effect
from signals.segments import segments_of_account
from signals.vocabulary.meanings import VocabularyError
from signals.vocabulary.proposals import accept, document, proposals, write_document

BY_POINTS = (Key("points", descending=True), Key("id"))
NEWEST = (Key("noticed_at", descending=True), Key("id", descending=True))
as_iso = serializers.DateTimeField().to_representation
REFUSALS = {400: Refusal, 401: Refusal, 403: Refusal}
REFUSALS_OF_ONE = {401: Refusal, 403: Refusal, 404: Refusal}


# --- Scores -----------------------------------------------------------------------------------------------


class ScoreRow(serializers.ModelSerializer[Score]):
    model = serializers.CharField(source="scoring_model.kind")
    version = serializers.IntegerField(source="version.number")
    account = AccountName(allow_null=True)
    person = PersonName(allow_null=True)
    breakdown = serializers.SerializerMethodField(help_text="What each criterion earned, with what was measured.")

    class Meta:
        model = Score
        fields = [
            "id",
            "model",
            "version",
            "account",
            "person",
            "points",
            "tier",
            "qualified",
            "breakdown",
            "as_of",
            "changed_at",
        ]

    def get_breakdown(self, score: Score) -> list[dict[str, Any]]:
        return explained(score.breakdown, version_id=score.version_id, criteria=score.version.criteria)


class OwnScore(ScoreRow):
    """A score inside the account or person it is of."""

    class Meta(ScoreRow.Meta):
        fields = [name for name in ScoreRow.Meta.fields if name not in {"account", "person"}]


class ScoresQuery(PageQuery):
    account = id_field("Scores of this account.")
    person = id_field("Scores of this person.")
    model = serializers.SlugField(required=False, help_text="Scores of this scoring model, e.g. pql.")


class ScorePage(PageAnswer):
    results = ScoreRow(many=True)


class ScoresView(ApiView):
    @extend_schema(operation_id="scores", parameters=[ScoresQuery], responses={200: ScorePage, **REFUSALS})
    def get(self, request: Request) -> Response:
        """Scores with the breakdown they add up from."""
        asked = self.asked(ScoresQuery)
        page = page_of(_scores_matching(asked), asked)
        return Response(page.answer(request, ScoreRow(page.rows, many=True).data))


def _scores_matching(asked: dict[str, Any]) -> QuerySet[Score]:
    columns = {"account": "account", "person": "person", "model": "scoring_model__kind"}
    wanted = {columns[name]: value for name, value in asked.items() if name in columns}
    return Score.objects.filter(**wanted).select_related("scoring_model", "version", "account", "person")


Points = dict[int, dict[str, tuple[int, str]]]


def _points_of(subject: str, ids: Sequence[int]) -> Points:
    """Points and tier by model, of accounts or persons."""
    found: Points = {}
    columns = (f"{subject}_id", "scoring_model__kind", "points", "tier")
    for id_, kind, points, tier in Score.objects.filter(**{f"{subject}__in": ids}).values_list(*columns):
        found.setdefault(id_, {})[kind] = (points, tier)
    return found


def _without_tiers(scores: dict[str, tuple[int, str]]) -> dict[str, int]:
    return {kind: points for kind, (points, _) in scores.items()}


def _breakdowns(subject: Account | Person) -> QuerySet[Score]:
    return subject.scores.select_related("scoring_model", "version").order_by("scoring_model__position", "id")


# --- Accounts ---------------------------------------------------------------------------------------------


class AccountRow(AccountName):
    scores = serializers.DictField(child=serializers.IntegerField(), help_text="Points by scoring model.")
    tier = serializers.CharField(allow_null=True, help_text="In the scoring model that `model` names, or the first.")
    owner = UserRow(allow_null=True)

    class Meta(AccountName.Meta):
        fields = [*AccountName.Meta.fields, "scores", "tier", "owner", "created_at"]


def _account_rows(accounts: list[Account], model: ScoringModel | None) -> list[dict[str, Any]]:
    """What AccountRow describes, in two queries."""
    ids = [account.pk for account in accounts]
    scores, owners = _points_of("account", ids), owners_of(ids)
    kind = model.kind if model else ""
    return [
        {
            **(account_name(account) or {}),
            "scores": _without_tiers(scores.get(account.pk, {})),
            "tier": scores.get(account.pk, {}).get(kind, (0, None))[1],
            "owner": owners.get(account.pk),
            "created_at": as_iso(account.created_at),
        }
        for account in accounts
    ]


class AccountsQuery(SearchQuery):
    owner = OwnerField(required=False, help_text="A user's id, `me`, or `none`.")
    model = serializers.SlugField(required=False, help_text="The scoring model of tier and order; usually the first.")
    tier = serializers.SlugField(required=False, help_text="Accounts in this tier, e.g. inside.")
    segment = serializers.SlugField(required=False, help_text="Accounts in this segment, e.g. paying.")
    order = serializers.ChoiceField(
        choices=["id", "points"], default="id", help_text="`points` puts the best first and leaves out the unscored."
    )


class AccountPage(PageAnswer):
    results = AccountRow(many=True)


class AccountsView(ApiView):
    @extend_schema(operation_id="accounts", parameters=[AccountsQuery], responses={200: AccountPage, **REFUSALS})
    def get(self, request: Request) -> Response:
        """Companies, with their points, tier and owner."""
        asked = self.asked(AccountsQuery)
        model = _model(asked.get("model"))
        accounts = _in_tier(_in_segment(accounts_matching(asked), asked), asked, model)
        order = BY_POINTS if asked["order"] == "points" else BY_ID
        page = page_of(accounts, asked, order, count_to=count_to(asked))
        return Response(page.answer(request, _account_rows(page.rows, model)))


def _model(kind: str | None) -> ScoringModel | None:
    if kind is None:
        return ScoringModel.objects.first()
    model = ScoringModel.objects.filter(kind=kind).first()
    if model is None:
        raise serializers.ValidationError({"model": ["There is no such scoring model."]})
    return model


def _in_segment(accounts: QuerySet[Account], asked: dict[str, Any]) -> QuerySet[Account]:
    if "segment" not in asked:
        return accounts
    segment = Segment.objects.filter(slug=asked["segment"]).first()
    if segment is None:
        raise serializers.ValidationError({"segment": ["There is no such segment."]})
    inside = SegmentMember.objects.filter(account=OuterRef("pk"), segment=segment, known=True)
    return accounts.filter(Exists(inside))


def _in_tier(accounts: QuerySet[Account], asked: dict[str, Any], model: ScoringModel | None) -> QuerySet[Account]:
    if "tier" not in asked and asked["order"] == "id":
        return accounts
    accounts = accounts.filter(scores__scoring_model=model, scores__person=None).annotate(points=F("scores__points"))
    if "tier" in asked:
        accounts = accounts.filter(_range_of_tier(asked["tier"], model), scores__tier=asked["tier"])
    return accounts


def _range_of_tier(slug: str, model: ScoringModel | None) -> Q:
    """The points that make the tier: an index finds points, not tiers."""
    live = ScoringModelVersion.objects.filter(scoring_model=model, state=ScoringModelVersion.State.LIVE).first()
    tiers = sorted(live.tiers, key=lambda tier: int(tier["from"])) if live else []
    place = next((place for place, tier in enumerate(tiers) if tier["slug"] == slug), None)
    if place is None:
        raise serializers.ValidationError({"tier": ["There is no such tier."]})
    lowest = Q() if place == 0 else Q(points__gte=tiers[place]["from"])
    return lowest if place + 1 == len(tiers) else lowest & Q(points__lt=tiers[place + 1]["from"])


class StateRow(serializers.ModelSerializer[AccountState]):
    measures = serializers.JSONField(help_text="Every measured value, by the key of its measure.")
    triggers = serializers.JSONField(help_text="Since when each trigger is true.")

    class Meta:
        model = AccountState
        fields = ["measures", "triggers", "as_of", "changed_at"]


class SegmentStayRow(serializers.Serializer[Any]):
    """`known` is false where it is not known whether the account is in the segment; then `since` is null."""

    slug = serializers.CharField()
    name = serializers.CharField()
    known = serializers.BooleanField()
    since = serializers.DateField(allow_null=True)
    or_earlier = serializers.BooleanField(help_text="Nothing is known of the day before.")


class AccountDetail(AccountName):
    tier = serializers.SerializerMethodField(help_text="In the first scoring model.")
    owner = serializers.SerializerMethodField()
    scores = serializers.SerializerMethodField()
    workspaces = serializers.SerializerMethodField()
    segments = serializers.SerializerMethodField(help_text="Those it is in, then those of which it is not known.")
    state = serializers.SerializerMethodField(help_text="What the scorer saw last; null before the first run.")

    class Meta(AccountName.Meta):
        fields = [*AccountName.Meta.fields, "tier", "owner", "scores", "segments", "workspaces", "state", "created_at"]

    def get_tier(self, account: Account) -> str | None:
        return _breakdowns(account).values_list("tier", flat=True).first()

    @extend_schema_field(UserRow(allow_null=True))
    def get_owner(self, account: Account) -> dict[str, Any] | None:
        return owners_of([account.pk]).get(account.pk)

    @extend_schema_field(OwnScore(many=True))
    def get_scores(self, account: Account) -> Any:
        return OwnScore(_breakdowns(account), many=True).data

    @extend_schema_field(WorkspaceRow(many=True))
    def get_workspaces(self, account: Account) -> Any:
        return WorkspaceRow(account.workspaces.order_by("id"), many=True).data

    @extend_schema_field(SegmentStayRow(many=True))
    def get_segments(self, account: Account) -> Any:
        return SegmentStayRow(segments_of_account(account.pk), many=True).data

    @extend_schema_field(StateRow(allow_null=True))
    def get_state(self, account: Account) -> Any:
        state = AccountState.objects.filter(account=account).first()
        return StateRow(state).data if state else None


class AccountView(ApiView):
    @extend_schema(operation_id="account", responses={200: AccountDetail, **REFUSALS_OF_ONE})
    def get(self, request: Request, account_id: int) -> Response:
        """One company: scores with their breakdown, workspaces, and every measured value."""
        account = get_object_or_404(Account.objects.select_related("joined_into"), pk=account_id)
        return Response(AccountDetail(account.joined_into or account).data)


# --- People -----------------------------------------------------------------------------------------------


class PersonRow(PersonBase):
    scores = serializers.DictField(child=serializers.IntegerField(), help_text="Points by scoring model.")

    class Meta(PersonBase.Meta):
        fields = [*PersonName.Meta.fields, "account", "scores", "excluded_by", "created_at"]


def _person_rows(people: list[Person]) -> list[dict[str, Any]]:
    """What PersonRow describes, in one query."""
    scores = _points_of("person", [person.pk for person in people])
    return [
        {
            **{name: getattr(person, name) for name in PersonName.Meta.fields},
            "account": account_name(person.account),
            "scores": _without_tiers(scores.get(person.pk, {})),
            "excluded_by": person.excluded_by,
            "created_at": as_iso(person.created_at),
        }
        for person in people
    ]


class PeopleQuery(SearchQuery):
    account = id_field("People of this account.")


class PersonPage(PageAnswer):
    results = PersonRow(many=True)


class PeopleView(ApiView):
    @extend_schema(operation_id="people", parameters=[PeopleQuery], responses={200: PersonPage, **REFUSALS})
    def get(self, request: Request) -> Response:
        """People, each once, however many identities were merged into one."""
        asked = self.asked(PeopleQuery)
        page = page_of(people_matching(asked), asked, count_to=count_to(asked))
        return Response(page.answer(request, _person_rows(page.rows)))


class PersonDetail(PersonBase):
    scores = serializers.SerializerMethodField()
    identities = serializers.SerializerMethodField()
    workspaces = serializers.SerializerMethodField()
    past_accounts = serializers.SerializerMethodField()

    class Meta(PersonBase.Meta):
        fields = [
            *PersonName.Meta.fields,
            "email_kind",
            "account",
            "past_accounts",
            "scores",
            "identities",
            "workspaces",
            "excluded_by",
            "created_at",
        ]

    @extend_schema_field(OwnScore(many=True))
    def get_scores(self, person: Person) -> Any:
        return OwnScore(_breakdowns(person), many=True).data

    @extend_schema_field(IdentityRow(many=True))
    def get_identities(self, person: Person) -> Any:
        return IdentityRow(identities_of(person), many=True).data

    @extend_schema_field(PastAccountRow(many=True))
    def get_past_accounts(self, person: Person) -> Any:
        return PastAccountRow(past_accounts_of(person), many=True).data

    @extend_schema_field(WorkspaceOfPerson(many=True))
    def get_workspaces(self, person: Person) -> Any:
        return WorkspaceOfPerson(workspaces_of(person), many=True).data


class PersonView(ApiView):
    @extend_schema(operation_id="person", responses={200: PersonDetail, **REFUSALS_OF_ONE})
    def get(self, request: Request, person_id: int) -> Response:
        """One person; the id of a merged row answers with the person it was merged into."""
        return Response(PersonDetail(get_object_or_404(whole_person(person_id))).data)


# --- Moments ----------------------------------------------------------------------------------------------


class MomentRow(serializers.ModelSerializer[Moment]):
    account = serializers.SerializerMethodField()
    person = serializers.SerializerMethodField()
    trigger = serializers.CharField(source="trigger.slug", default=None, allow_null=True)
    signal = serializers.CharField(source="signal.slug", default=None, allow_null=True)
    facts = serializers.JSONField()

    class Meta:
        model = Moment
        fields = ["id", "kind", "account", "person", "trigger", "signal", "facts", "at", "noticed_at"]

    @extend_schema_field(AccountName(allow_null=True))
    def get_account(self, moment: Moment) -> Any:
        account = moment.account or (moment.actor and moment.actor.account_on(moment.at))
        return AccountName(account).data if account else None

    @extend_schema_field(PersonName(allow_null=True))
    def get_person(self, moment: Moment) -> Any:
        return PersonName(moment.actor.person).data if moment.actor else None


class MomentsQuery(PageQuery):
    account = id_field("Moments of this account.")


class MomentPage(PageAnswer):
    results = MomentRow(many=True)


class MomentsView(ApiView):
    @extend_schema(operation_id="moments", parameters=[MomentsQuery], responses={200: MomentPage, **REFUSALS})
    def get(self, request: Request) -> Response:
        """What changed: tier changes, triggers that became true, hand raises; newest first."""
        asked = self.asked(MomentsQuery)
        page = page_of(_moments_matching(asked), asked, NEWEST)
        return Response(page.answer(request, MomentRow(page.rows, many=True).data))


def _moments_matching(asked: dict[str, Any]) -> QuerySet[Moment]:
    moments = Moment.objects.select_related("account", "actor__account", "actor__person", "trigger", "signal")
    if account := asked.get("account"):
        own = Moment.objects.filter(account=account).values("id")
        here = Q(actor__account_since=None) | Q(at__gte=F("actor__account_since"))
        of_people = Moment.objects.filter(here, account=None, actor__account=account).values("id")
        since = Q(actor__past_links__from_day=None) | Q(at__gte=F("actor__past_links__from_day"))
        until = Q(actor__past_links__account=account, at__lt=F("actor__past_links__until_day"))
        of_past = Moment.objects.filter(since, until, account=None).values("id")
        moments = moments.filter(id__in=own.union(of_people, of_past, all=True))
    return moments


# --- Pipeline ---------------------------------------------------------------------------------------------


class PipelineAnswer(serializers.Serializer[Any]):
    events = serializers.IntegerField(help_text="Messages stored, each once.")
    duplicates = serializers.IntegerField(help_text="Repeated messages, not counted twice.")
    failed = serializers.IntegerField(help_text="Messages that could not be stored, kept with the reason.")
    people = serializers.IntegerField(help_text="Known people, each counted once, including excluded ones.")
    excluded_people = serializers.IntegerField(help_text="Those of them kept out of every measure.")
    accounts = serializers.IntegerField(help_text="Known companies.")
    unscored = serializers.IntegerField(help_text="Marks of scoring work that is waiting.")
    lag_seconds = serializers.FloatField(help_text="Age of the oldest such mark; 0 if none is waiting.")
    oldest_unscored_seconds = serializers.FloatField(allow_null=True, help_text="The same; null if none is waiting.")
    events_last_minute = serializers.IntegerField(help_text="Messages received in the last 60 seconds.")
    default_partition_rows = serializers.IntegerField(help_text="Events without a month's partition; should be 0.")
    last_event_at = serializers.DateTimeField(allow_null=True, help_text="When the newest message arrived.")


class PipelineView(ApiView):
    @extend_schema(operation_id="pipeline", responses={200: PipelineAnswer, 401: Refusal, 403: Refusal})
    def get(self, request: Request) -> Response:
        """How many events arrived, and how far behind scoring is."""
        return Response(PipelineAnswer(asdict(pipeline_figures())).data)


# --- Vocabulary -------------------------------------------------------------------------------------------


class VocabularyDocument(serializers.Serializer[Any]):
    """Each by its term; null unsays a term, and what is not named stays as it is. See docs/reference/vocabulary.md."""

    signals = serializers.DictField(child=serializers.JSONField(allow_null=True), required=False)
    properties = serializers.DictField(child=serializers.JSONField(allow_null=True), required=False)
    meanings = serializers.DictField(child=serializers.JSONField(allow_null=True), required=False)
    limits = serializers.DictField(child=serializers.JSONField(allow_null=True), required=False)


class SuggestionRow(serializers.Serializer[Any]):
    term = serializers.CharField()
    value = serializers.JSONField()
    evidence = serializers.CharField()
    sure = serializers.BooleanField()


class VocabularyAnswer(VocabularyDocument):
    suggestions = SuggestionRow(many=True)


class AcceptBody(serializers.Serializer[Any]):
    terms = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Without it, every suggestion that is sure."
    )


class AcceptAnswer(serializers.Serializer[Any]):
    accepted = serializers.ListField(child=serializers.CharField(), help_text="The terms that mean something now.")


class DryRunQuery(serializers.Serializer[Any]):
    dry_run = serializers.BooleanField(
        default=False, help_text="True: change nothing, and answer with what the change would do to the queues."
    )


class QueueLineRow(serializers.Serializer[Any]):
    play = serializers.CharField()
    team = serializers.CharField()
    opens = serializers.IntegerField()
    closes = serializers.IntegerField()


class EffectExampleRow(serializers.Serializer[Any]):
    account_id = serializers.IntegerField()
    account = serializers.CharField()
    play = serializers.CharField()
    why_now = serializers.CharField()


class QueueEffectAnswer(serializers.Serializer[Any]):
    """What a change would do to the queues."""

    opens = serializers.IntegerField()
    closes = serializers.IntegerField()
    lines = QueueLineRow(many=True, help_text="The same by play and team.")
    opening = EffectExampleRow(many=True, help_text="Some of those that would open.")
    closing = EffectExampleRow(many=True, help_text="Some of those that would close.")
    held_back = serializers.DictField(
        child=serializers.IntegerField(), help_text="Guard -> how many would wait for it."
    )
    in_hand = serializers.IntegerField(help_text="Claimed items that lose their reason: their reps keep them.")
    old_requests = serializers.IntegerField(help_text="Requests that are too old for a queue.")
    conversions = serializers.IntegerField(help_text="Conversions of the past that reach the report.")
    sampled = serializers.IntegerField(help_text="Accounts looked at where the numbers are an estimate, else 0.")
    accounts = serializers.IntegerField(help_text="Accounts that were measured, or that the estimate stands for.")


def _answer_or_effect(name: str, answer: type[serializers.Serializer[Any]]) -> PolymorphicProxySerializer:
    """With `dry_run` the effect is answered."""
    return PolymorphicProxySerializer(name, [answer, QueueEffectAnswer], resource_type_field_name=None)


def _tried(change: Callable[[], object]) -> Response:
    return Response(QueueEffectAnswer(queue_effect(change, now=timezone.now())).data)


class VocabularyView(ApiView):
    permission_classes = [IsAuthenticated, AdminsOnly]

    @extend_schema(operation_id="vocabulary", responses={200: VocabularyAnswer, 401: Refusal, 403: Refusal})
    def get(self, request: Request) -> Response:
        """What events, properties and traits mean here, and what is suggested for the rest."""
        return Response(_vocabulary())

    @extend_schema(
        operation_id="vocabulary_write",
        parameters=[DryRunQuery],
        request=VocabularyDocument,
        responses={200: _answer_or_effect("VocabularyWritten", VocabularyAnswer), **REFUSALS},
    )
    def put(self, request: Request) -> Response:
        """Say what the body names, all or nothing. What it does not name stays as it is."""
        sent: Any = request.data
        if isinstance(sent, Mapping):  # what GET answered may come back whole
            sent = {name: value for name, value in sent.items() if name != "suggestions"}
        try:
            if self.asked(DryRunQuery)["dry_run"]:
                return _tried(lambda: write_document(sent, acting_user=request.user))
            write_document(sent, acting_user=request.user)
        except VocabularyError as error:
            raise serializers.ValidationError(str(error)) from error
        return Response(_vocabulary())


class VocabularyAcceptView(ApiView):
    permission_classes = [IsAuthenticated, AdminsOnly]

    @extend_schema(
        operation_id="vocabulary_accept",
        parameters=[DryRunQuery],
        request=AcceptBody,
        responses={200: _answer_or_effect("VocabularyAccepted", AcceptAnswer), **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """Accept every suggestion that is sure, or those of the named terms."""
        terms = self.sent(AcceptBody).get("terms")
        if self.asked(DryRunQuery)["dry_run"]:
            return _tried(lambda: accept(timezone.now(), terms, acting_user=request.user))
        return Response({"accepted": accept(timezone.now(), terms, acting_user=request.user)})


def _vocabulary() -> dict[str, Any]:
    suggested = proposals(timezone.now())
    rows = [{"term": p.term, "value": p.value, "evidence": p.evidence, "sure": p.sure} for p in suggested]
    return {**document(), "suggestions": rows}
