"""Correcting who belongs where, as JSON: the same work as the pages, for managers and admins."""

from collections.abc import Callable
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import access
from accounts.api import AccountName, ApiView, HasRole, PersonName, Refusal, UserRow, WorkspaceRow
from accounts.identity import by_hand
from accounts.identity.joins import CorrectionError, join_accounts, what_would_join
from accounts.models import Account, Correction, Person, PersonMerge, Workspace
from outreach.access import viewer_of, visible_account, visible_person
from outreach.pages.corrections import SHOWN, domain_lines, merges_in, words_of
from plgcrm.common.api_errors import ConflictError

REFUSALS = {400: Refusal, 401: Refusal, 403: Refusal, 404: Refusal}


class LeadersChange(HasRole):
    """Everybody with a role sees what was corrected; managers and admins correct."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        reads = request.method in ("GET", "HEAD", "OPTIONS")
        return access.role(request.user) is not None if reads else access.leads(request.user)


class CorrectionsApi(ApiView):
    permission_classes = [IsAuthenticated, LeadersChange]

    def account(self, account_id: int) -> Account:
        return visible_account(viewer_of(self.request.user), account_id)

    def person(self, person_id: int) -> Person:
        return visible_person(viewer_of(self.request.user), person_id)

    def done(self, work: Callable[..., Correction], *given: Any, **named: Any) -> Response:
        """What was done, as the log has it."""
        try:
            correction = work(*given, **named, acting_user=self.request.user, now=timezone.now())
        except CorrectionError as error:
            raise ConflictError(str(error)) from error
        return Response(CorrectionRow(by_hand.correction_of(correction.pk)).data)


# --- What is said -------------------------------------------------------------------------------------------


class CorrectionRow(serializers.ModelSerializer[Correction]):
    """`other` is the account that was joined, or that something came from."""

    account = AccountName(allow_null=True)
    other = AccountName(allow_null=True)
    person = PersonName(allow_null=True)
    workspace = WorkspaceRow(allow_null=True)
    user = UserRow(allow_null=True)
    words = serializers.SerializerMethodField()

    class Meta:
        model = Correction
        fields = ["id", "verb", "words", "account", "other", "person", "workspace", "user", "at", "undone_at"]

    def get_words(self, done: Correction) -> str:
        return words_of(done)


class DomainRow(serializers.Serializer[Any]):
    domain = serializers.CharField()
    is_main = serializers.BooleanField()
    joined = serializers.CharField(help_text="The joined account that brought it along; empty: none.")


class JoinPreviewRow(serializers.Serializer[Any]):
    old = AccountName()
    new = AccountName()
    moves = serializers.ListField(child=serializers.CharField(), source="counts")
    owner = serializers.CharField(help_text="Who owns it afterwards, where that changes for somebody.")


class MergeRow(serializers.ModelSerializer[PersonMerge]):
    left = PersonName()
    right = PersonName()

    class Meta:
        model = PersonMerge
        fields = ["id", "left", "right", "cause", "evidence", "created_at"]


class AccountBody(serializers.Serializer[Any]):
    account = serializers.PrimaryKeyRelatedField(queryset=Account.objects.filter(joined_into=None))


class JoinBody(AccountBody):
    name = serializers.CharField(default="", allow_blank=True, max_length=200, help_text="Empty: the name it has.")


class DomainBody(serializers.Serializer[Any]):
    domain = serializers.CharField(max_length=300)

    def validate_domain(self, text: str) -> str:
        try:
            return by_hand.domain_in(text)
        except CorrectionError as error:
            raise serializers.ValidationError(str(error)) from error


class NameBody(serializers.Serializer[Any]):
    name = serializers.CharField(allow_blank=True, max_length=200, help_text="Empty: as the product or a list says.")


class PersonBody(serializers.Serializer[Any]):
    person = serializers.PrimaryKeyRelatedField(queryset=Person.objects.all())


class MergeBody(serializers.Serializer[Any]):
    merge = serializers.PrimaryKeyRelatedField(queryset=PersonMerge.objects.filter(undone_at=None))


def _answers(name: str, body: type[serializers.Serializer[Any]] | None) -> dict[str, Any]:
    responses = {200: CorrectionRow, 409: Refusal, **REFUSALS}
    return {"operation_id": name, "request": body, "responses": responses}


# --- Accounts -----------------------------------------------------------------------------------------------


class AccountCorrectionsView(CorrectionsApi):
    @extend_schema(operation_id="account_corrections", responses={200: CorrectionRow(many=True), **REFUSALS})
    def get(self, request: Request, account_id: int) -> Response:
        """What was corrected of an account by hand, the newest first, twenty at most."""
        found = by_hand.corrections_of_account(self.account(account_id).pk)[:SHOWN]
        return Response(CorrectionRow(found, many=True).data)


class AccountJoinView(CorrectionsApi):
    @extend_schema(
        operation_id="account_join_preview", parameters=[AccountBody], responses={200: JoinPreviewRow, **REFUSALS}
    )
    def get(self, request: Request, account_id: int) -> Response:
        """What joining `account` into this one would move. Changes nothing."""
        new, other = self.account(account_id), self.asked(AccountBody)["account"]
        return Response(JoinPreviewRow(what_would_join(other, new)).data)

    @extend_schema(**_answers("account_join", JoinBody))
    def post(self, request: Request, account_id: int) -> Response:
        """`account` becomes part of this one, with all that stands under it and all that will come."""
        new, sent = self.account(account_id), self.sent(JoinBody)
        return self.done(join_accounts, sent["account"].pk, new.pk, name=sent["name"])


class AccountDomainsView(CorrectionsApi):
    @extend_schema(operation_id="account_domains", responses={200: DomainRow(many=True), **REFUSALS})
    def get(self, request: Request, account_id: int) -> Response:
        """The domains whose people and workspaces belong to the account."""
        return Response(DomainRow(domain_lines(self.account(account_id)), many=True).data)

    @extend_schema(**_answers("account_add_domain", DomainBody))
    def post(self, request: Request, account_id: int) -> Response:
        """Add a domain. Where it has an account of its own, the two are joined."""
        account = self.account(account_id)
        return self.done(by_hand.give_domain, account, self.sent(DomainBody)["domain"])


class AccountRemoveDomainView(CorrectionsApi):
    @extend_schema(**_answers("account_remove_domain", DomainBody))
    def post(self, request: Request, account_id: int) -> Response:
        """Its people are a company of their own; a joined account is separated again."""
        account = self.account(account_id)
        return self.done(by_hand.take_domain, account, self.sent(DomainBody)["domain"])


class AccountMainDomainView(CorrectionsApi):
    @extend_schema(**_answers("account_main_domain", DomainBody))
    def post(self, request: Request, account_id: int) -> Response:
        """Which of its domains the account is shown with."""
        account = self.account(account_id)
        return self.done(by_hand.make_main, account, self.sent(DomainBody)["domain"])


class AccountNameView(CorrectionsApi):
    @extend_schema(**_answers("account_rename", NameBody))
    def post(self, request: Request, account_id: int) -> Response:
        """What the account is called, whatever workspaces and lists say."""
        account = self.account(account_id)
        return self.done(by_hand.rename_account, account, self.sent(NameBody)["name"])


class WorkspaceMoveView(CorrectionsApi):
    @extend_schema(**_answers("workspace_move", AccountBody))
    def post(self, request: Request, workspace_id: int) -> Response:
        """A workspace belongs to this account, with all its history."""
        workspace = get_object_or_404(Workspace, pk=workspace_id)
        return self.done(by_hand.move_workspace, workspace, self.sent(AccountBody)["account"])


# --- People -------------------------------------------------------------------------------------------------


class PersonCorrectionsView(CorrectionsApi):
    @extend_schema(operation_id="person_corrections", responses={200: CorrectionRow(many=True), **REFUSALS})
    def get(self, request: Request, person_id: int) -> Response:
        """What was corrected of a person by hand, the newest first, twenty at most."""
        found = by_hand.corrections_of_person(by_hand.whole_row(self.person(person_id).pk))[:SHOWN]
        return Response(CorrectionRow(found, many=True).data)


class PersonMoveView(CorrectionsApi):
    @extend_schema(**_answers("person_move", AccountBody))
    def post(self, request: Request, person_id: int) -> Response:
        """All the person ever did counts for this account, and all they will do."""
        person = self.person(person_id)
        return self.done(by_hand.move_person, person, self.sent(AccountBody)["account"])


class PersonMergesView(CorrectionsApi):
    @extend_schema(operation_id="person_merges", responses={200: MergeRow(many=True), **REFUSALS})
    def get(self, request: Request, person_id: int) -> Response:
        """Why rows of this person are one, twenty at most."""
        return Response(MergeRow([merge for merge, _, _ in merges_in(self.person(person_id))], many=True).data)


class PersonMergeView(CorrectionsApi):
    @extend_schema(**_answers("person_merge", PersonBody))
    def post(self, request: Request, person_id: int) -> Response:
        """The two are one person."""
        person = self.person(person_id)
        return self.done(by_hand.merge_people, person, self.sent(PersonBody)["person"])


class PersonSplitView(CorrectionsApi):
    @extend_schema(**_answers("person_split", MergeBody))
    def post(self, request: Request, person_id: int) -> Response:
        """Take one merge of this person apart: two people, each with what they did."""
        person, merge = self.person(person_id), self.sent(MergeBody)["merge"]
        if by_hand.whole_row(merge.left_id) != by_hand.whole_row(person.pk):
            raise serializers.ValidationError({"merge": ["This is a merge of other people."]})
        return self.done(by_hand.split_people, merge)


class CorrectionUndoView(CorrectionsApi):
    @extend_schema(**_answers("correction_undo", None))
    def post(self, request: Request, correction_id: int) -> Response:
        """As it was before. Safe to repeat."""
        correction = get_object_or_404(Correction, pk=correction_id)
        return self.done(by_hand.undo_correction, correction)
