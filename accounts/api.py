"""Who may call the API, and what it says of accounts, workspaces, people and owners.

Accounts and people are served by `signals.api`, which knows their scores: imports point one way.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.identity import suggestions
from accounts.models import Account, Actor, Assignment, Identity, MergeSuggestion, PastLink, Person, Workspace
from plgcrm.common.paging import LARGEST_COUNT, LARGEST_SEARCH_COUNT, Key, PageAnswer, PageQuery, page_of
from plgcrm.common.text import is_short_number

SHORTEST_INNER_SEARCH = 3  # letters; a trigram index finds no less inside a word


class HasRole(BasePermission):
    """A user whom no admin has given a role sees nothing, and a read-only one changes nothing."""

    message = "Your role does not allow this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.method in SAFE_METHODS:
            return access.role(request.user) is not None
        return access.may_change(request.user)


class AdminsOnly(BasePermission):
    """What is set up and corrected for everybody is an admin's to see and to say."""

    message = "Your role does not allow this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return access.role(request.user) == access.ADMIN


class ApiView(APIView):
    permission_classes = [IsAuthenticated, HasRole]

    def asked(self, query: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """What stands in the address, checked."""
        return _checked(query(data=self.request.query_params, context={"request": self.request}))

    def sent(self, body: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """What stands in the body, checked."""
        return _checked(body(data=self.request.data, context={"request": self.request}))


def _checked(serializer: serializers.Serializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    checked: dict[str, Any] = serializer.validated_data
    return checked


class Refusal(serializers.Serializer[Any]):
    """Every answer from 400 on."""

    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False
    )


def id_field(help_text: str = "") -> serializers.IntegerField:
    """An id in an address; one that no row can have is refused, not searched for."""
    return serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1, help_text=help_text)


class SearchQuery(PageQuery):
    search = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=100,
        help_text=f"Part of the name, the domain or the address; under {SHORTEST_INNER_SEARCH} letters, its start.",
    )


class OwnerField(serializers.CharField):
    """A user's id, `me`, or `none`."""

    def to_internal_value(self, data: Any) -> int | None:  # type: ignore[override]
        if data == "me":
            user_id: int = self.context["request"].user.pk
            return user_id
        if data == "none":
            return None
        if not is_short_number(str(data)):
            raise serializers.ValidationError("Give a user's id, me or none.")
        return int(data)


# --- What is said -----------------------------------------------------------------------------------------


class UserRow(serializers.ModelSerializer[User]):
    name = serializers.CharField(source="get_full_name")

    class Meta:
        model = User
        fields = ["id", "username", "name"]


class AccountName(serializers.ModelSerializer[Account]):
    class Meta:
        model = Account
        fields = ["id", "name", "domain"]


class PersonName(serializers.ModelSerializer[Person]):
    class Meta:
        model = Person
        fields = ["id", "name", "email", "title"]


class WorkspaceRow(serializers.ModelSerializer[Workspace]):
    class Meta:
        model = Workspace
        fields = ["id", "external_id", "name", "created_at"]


class WorkspaceOfPerson(WorkspaceRow):
    account = AccountName(allow_null=True)

    class Meta(WorkspaceRow.Meta):
        fields = [*WorkspaceRow.Meta.fields, "account"]


class IdentityRow(serializers.ModelSerializer[Identity]):
    kind = serializers.SerializerMethodField(help_text="user, anonymous or email")

    class Meta:
        model = Identity
        fields = ["kind", "value", "source_id"]

    def get_kind(self, identity: Identity) -> str:
        return Identity.Kind(identity.kind).name.lower()


def user_row(user: User) -> dict[str, Any]:
    return {"id": user.pk, "username": user.get_username(), "name": user.get_full_name()}


def account_name(account: Account | None) -> dict[str, Any] | None:
    """AccountName without the machinery: lists are made of hundreds."""
    return {"id": account.pk, "name": account.name, "domain": account.domain} if account else None


class PastAccountRow(serializers.Serializer[Any]):
    account = AccountName()
    from_day = serializers.DateField(allow_null=True, help_text="Null: since ever.")
    until_day = serializers.DateField(help_text="The first day on which they belonged to another account.")


class PersonBase(PersonName):
    account = AccountName(allow_null=True)

    class Meta(PersonName.Meta):
        fields = [*PersonName.Meta.fields, "account", "excluded_by", "created_at"]


# --- What is found ----------------------------------------------------------------------------------------


def count_to(asked: dict[str, Any]) -> int:
    """How far a list is counted: what an index cannot find alone is counted less far."""
    return LARGEST_SEARCH_COUNT if asked.get("search") or "tier" in asked or "segment" in asked else LARGEST_COUNT


def owners_of(account_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The owner of each account that has one, as UserRow says it."""
    held = Assignment.objects.filter(account__in=account_ids, ended_at=None).select_related("rep")
    return {assignment.account_id: user_row(assignment.rep) for assignment in held}


def accounts_matching(asked: dict[str, Any]) -> QuerySet[Account]:
    accounts = Account.objects.filter(joined_into=None)
    if term := asked.get("search"):
        accounts = accounts.filter(_contains(term, "name", "domain"))
    if "owner" in asked:
        accounts = accounts.filter(_owned_by(asked["owner"]))
    return accounts


def people_matching(asked: dict[str, Any]) -> QuerySet[Person]:
    """People, each once: the rows that stand for a whole person."""
    people = Person.objects.filter(merged_into=None).select_related("account")
    if term := asked.get("search"):
        people = people.filter(_contains(term, "name", "email"))
    if account := asked.get("account"):
        people = people.filter(account=account)
    return people


def whole_person(person_id: int) -> QuerySet[Person]:
    """The person that a row, perhaps merged into another one since, belongs to."""
    whole = Person.objects.filter(pk=person_id).values(whole=Coalesce("merged_into", "pk"))
    return Person.objects.filter(pk__in=whole).select_related("account")


def identities_of(person: Person) -> QuerySet[Identity]:
    own = Q(person=person) | Q(person__merged_into=person)
    return Identity.objects.filter(own).order_by("kind", "value", "id")


def workspaces_of(person: Person) -> QuerySet[Workspace]:
    acted = Actor.objects.filter(person=person, workspace__isnull=False).values("workspace")
    return Workspace.objects.filter(pk__in=acted).select_related("account").order_by("id")


def past_accounts_of(person: Person) -> list[dict[str, Any]]:
    """The accounts that the person belonged to before, each with its days, the first at the beginning."""
    links = PastLink.objects.filter(actor__person=person, account__isnull=False).select_related("account")
    days = {(link.until_day, link.from_day, link.account) for link in links}
    rows = [{"account": account, "from_day": since, "until_day": until} for until, since, account in days]
    return sorted(rows, key=lambda row: (row["until_day"], row["from_day"] or date.min, row["account"].pk))


def _contains(term: str, *columns: str) -> Q:
    """Columns that hold the term, upper or lower case alike; each has a trigram index."""
    how = "icontains" if len(term) >= SHORTEST_INNER_SEARCH else "istartswith"
    condition = Q()
    for column in columns:
        condition |= Q(**{f"{column}__{how}": term})
    return condition


def _owned_by(rep_id: int | None) -> Q:
    held = Assignment.objects.filter(account=OuterRef("pk"), ended_at=None)
    return ~Q(Exists(held)) if rep_id is None else Q(Exists(held.filter(rep=rep_id)))


# --- Suggested merges -------------------------------------------------------------------------------------

NEWEST = (Key("id", descending=True),)
REFUSALS_OF_ONE = {401: Refusal, 403: Refusal, 404: Refusal}
Decide = Callable[[int, Any, datetime], MergeSuggestion]


class MergeSuggestionQuery(PageQuery):
    state = serializers.ChoiceField(choices=[*MergeSuggestion.State.values, "all"], default=MergeSuggestion.State.OPEN)


class MergeSuggestionRow(serializers.ModelSerializer[MergeSuggestion]):
    """`left` and `right` may be one person. `evidence` is the id or the address that both have."""

    left = PersonName()
    right = PersonName()
    decided_by = UserRow(allow_null=True)

    class Meta:
        model = MergeSuggestion
        fields = ["id", "left", "right", "cause", "evidence", "why", "state", "created_at", "decided_at", "decided_by"]


class MergeSuggestionPage(PageAnswer):
    results = MergeSuggestionRow(many=True)


class MoveRow(serializers.Serializer[Any]):
    before = serializers.CharField(help_text="The account it is in now.")
    after = serializers.CharField(help_text="The account it would be in.")
    places = serializers.IntegerField(help_text="Persons acting in a workspace, or in none, whose usage moves.")


class MergeSuggestionDetail(MergeSuggestionRow):
    moves = serializers.SerializerMethodField(help_text="What accepting would move; nothing once it is decided.")

    class Meta(MergeSuggestionRow.Meta):
        fields = [*MergeSuggestionRow.Meta.fields, "moves"]

    @extend_schema_field(MoveRow(many=True))
    def get_moves(self, suggestion: MergeSuggestion) -> Any:
        if suggestion.state != MergeSuggestion.State.OPEN:
            return []
        return MoveRow(suggestions.what_would_move(suggestion, timezone.now()), many=True).data


class MergeSuggestionsView(ApiView):
    permission_classes = [IsAuthenticated, AdminsOnly]

    @extend_schema(
        operation_id="merge_suggestions",
        parameters=[MergeSuggestionQuery],
        responses={200: MergeSuggestionPage, 400: Refusal, 401: Refusal, 403: Refusal},
    )
    def get(self, request: Request) -> Response:
        """Merges that only a person may decide, newest first."""
        asked = self.asked(MergeSuggestionQuery)
        state = {} if asked["state"] == "all" else {"state": asked["state"]}
        page = page_of(_suggestions().filter(**state), asked, NEWEST)
        return Response(page.answer(request, MergeSuggestionRow(page.rows, many=True).data))


class MergeSuggestionView(ApiView):
    permission_classes = [IsAuthenticated, AdminsOnly]

    @extend_schema(operation_id="merge_suggestion", responses={200: MergeSuggestionDetail, **REFUSALS_OF_ONE})
    def get(self, request: Request, suggestion_id: int) -> Response:
        """Both sides, the evidence, and what accepting would move."""
        return Response(MergeSuggestionDetail(get_object_or_404(_suggestions(), pk=suggestion_id)).data)


class _DecisionView(ApiView):
    permission_classes = [IsAuthenticated, AdminsOnly]

    def decided(self, request: Request, suggestion_id: int, decide: Decide) -> Response:
        found = get_object_or_404(_suggestions(), pk=suggestion_id)
        decide(found.pk, request.user, timezone.now())
        return Response(MergeSuggestionRow(_suggestions().get(pk=found.pk)).data)


class MergeSuggestionAcceptView(_DecisionView):
    @extend_schema(
        operation_id="merge_suggestion_accept",
        request=None,
        responses={200: MergeSuggestionRow, **REFUSALS_OF_ONE},
    )
    def post(self, request: Request, suggestion_id: int) -> Response:
        """They are one person. Scores follow within a minute. Safe to repeat."""
        return self.decided(request, suggestion_id, suggestions.accept)


class MergeSuggestionRefuseView(_DecisionView):
    @extend_schema(
        operation_id="merge_suggestion_refuse",
        request=None,
        responses={200: MergeSuggestionRow, **REFUSALS_OF_ONE},
    )
    def post(self, request: Request, suggestion_id: int) -> Response:
        """They are two people, and no message suggests it again. One that was accepted stays so. Safe to repeat."""
        return self.decided(request, suggestion_id, suggestions.refuse)


class MergeSuggestionUndoView(_DecisionView):
    @extend_schema(
        operation_id="merge_suggestion_undo",
        request=None,
        responses={200: MergeSuggestionRow, **REFUSALS_OF_ONE},
    )
    def post(self, request: Request, suggestion_id: int) -> Response:
        """The suggestion is open again, and an accepted merge is taken apart. Safe to repeat."""
        return self.decided(request, suggestion_id, suggestions.undo)


def _suggestions() -> QuerySet[MergeSuggestion]:
    return suggestions.where_both_act().select_related("left", "right", "decided_by")
