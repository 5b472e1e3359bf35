"""JSON of the queue, and what a rep does to an item; the same work functions as the desk's pages."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import AccountName, ApiView, HasRole, OwnerField, PersonName, Refusal, UserRow, id_field
from outreach.access import queue_workers, viewer_of, visible_items
from outreach.models import PlayDecision, QueueItem, QueueItemChange
from outreach.queue import actions
from plgcrm.common.api_errors import ConflictError
from plgcrm.common.paging import Key, PageAnswer, PageQuery, page_of

BY_PRIORITY = (Key("sla_class"), Key("priority", descending=True), Key("id"))
ON_DESK = (QueueItem.State.OPEN, QueueItem.State.CLAIMED)
SHOWN = ("account", "person", "play", "rep", "claimed_by", "decision")
REFUSALS = {400: Refusal, 401: Refusal, 403: Refusal, 404: Refusal}
CODES: dict[type[actions.QueueError], str] = {
    actions.AlreadyClaimedError: "already_claimed",
    actions.NotPossibleError: "not_possible",
}


class OnDesk(HasRole):
    """Role and team, read in one query."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        # It remembers the role, so that the checks below ask the database no second time.
        viewer_of(request.user)
        return super().has_permission(request, view)


class QueueApi(ApiView):
    permission_classes = [IsAuthenticated, OnDesk]

    def items(self) -> QuerySet[QueueItem]:
        return visible_items(viewer_of(self.request.user)).select_related(*SHOWN)


# --- What is said -----------------------------------------------------------------------------------------


class DecisionRow(serializers.ModelSerializer[PlayDecision]):
    checks = serializers.JSONField(help_text="Each guard, whether it holds the item back, and why.")

    class Meta:
        model = PlayDecision
        fields = ["id", "state", "reason", "checks", "decided_at"]


class ItemRow(serializers.ModelSerializer[QueueItem]):
    account = AccountName()
    person = PersonName(allow_null=True)
    play = serializers.SlugField(source="play.slug")
    play_name = serializers.CharField(source="play.name")
    facts = serializers.JSONField(help_text="The facts of the sentence, each with its measure.")
    priority_parts = serializers.JSONField(help_text="How the priority adds up.")
    decision = DecisionRow()
    rep = UserRow(allow_null=True)
    claimed_by = UserRow(allow_null=True)

    class Meta:
        model = QueueItem
        fields = [
            "id",
            "state",
            "account",
            "person",
            "play",
            "play_name",
            "why_now",
            "facts",
            "facts_as_of",
            "sla_class",
            "priority",
            "priority_parts",
            "decision",
            "due_at",
            "rep",
            "claimed_by",
            "claimed_at",
            "snoozed_until",
            "closed_at",
            "disposition",
            "dismiss_reason",
            "note",
            "created_at",
        ]


class ItemPage(PageAnswer):
    results = ItemRow(many=True)


# --- The list ---------------------------------------------------------------------------------------------


class QueueQuery(PageQuery):
    state = serializers.ChoiceField(
        required=False, choices=QueueItem.State.choices, help_text="By default open and claimed."
    )
    play = serializers.SlugField(required=False, help_text="Items of this play.")
    rep = OwnerField(required=False, help_text="A user's id, `me`, or `none`.")
    account = id_field("Items of this account.")


class QueueView(QueueApi):
    @extend_schema(operation_id="queue", parameters=[QueueQuery], responses={200: ItemPage, **REFUSALS})
    def get(self, request: Request) -> Response:
        """The items you see, in the order to work them."""
        asked = self.asked(QueueQuery)
        page = page_of(_matching(self.items(), asked), asked, BY_PRIORITY)
        return Response(page.answer(request, ItemRow(page.rows, many=True).data))


def _matching(items: QuerySet[QueueItem], asked: dict[str, Any]) -> QuerySet[QueueItem]:
    columns = {"play": "play__slug", "rep": "rep", "account": "account"}
    wanted = {columns[name]: value for name, value in asked.items() if name in columns}
    return items.filter(state__in=[asked["state"]] if "state" in asked else ON_DESK, **wanted)


class ItemView(QueueApi):
    @extend_schema(operation_id="queue_item", responses={200: ItemRow, **REFUSALS})
    def get(self, request: Request, item_id: int) -> Response:
        """One item."""
        return Response(ItemRow(get_object_or_404(self.items(), pk=item_id)).data)


# --- What a rep does --------------------------------------------------------------------------------------


class SnoozeBody(serializers.Serializer[Any]):
    until = serializers.DateTimeField(help_text="When it comes back.")


class DismissBody(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=QueueItem.DismissReason.choices)
    note = serializers.CharField(default="", allow_blank=True, max_length=1000)


class DoneBody(serializers.Serializer[Any]):
    disposition = serializers.ChoiceField(choices=QueueItem.Disposition.choices)
    note = serializers.CharField(default="", allow_blank=True, max_length=1000)


class ReassignBody(serializers.Serializer[Any]):
    rep = serializers.PrimaryKeyRelatedField(queryset=queue_workers(), help_text="Id of the user it goes to.")
    note = serializers.CharField(default="", allow_blank=True, max_length=1000)


def _answers(name: str, body: type[serializers.Serializer[Any]] | None) -> dict[str, Any]:
    """What the description says of an action; all of them answer with the item as it stands afterwards."""
    responses = {200: ItemRow, 409: Refusal, **REFUSALS}
    return {"operation_id": f"queue_{name}", "request": body, "responses": responses}


class ItemAction(QueueApi):
    """The item is looked for first, so that a stranger learns nothing from how the body is judged."""

    def item(self, item_id: int) -> QueueItem:
        return get_object_or_404(self.items(), pk=item_id)

    def changed(self, change: Callable[..., QueueItemChange], item: QueueItem, **given: Any) -> Response:
        try:
            change(item, acting_user=self.request.user, now=timezone.now(), **given)
        except actions.BadChoiceError as error:
            raise serializers.ValidationError(str(error)) from error
        except actions.QueueError as error:
            raise ConflictError(str(error), CODES.get(type(error))) from error
        return Response(ItemRow(QueueItem.objects.select_related(*SHOWN).get(pk=item.pk)).data)


class ClaimView(ItemAction):
    @extend_schema(**_answers("claim", None))
    def post(self, request: Request, item_id: int) -> Response:
        """Claim it: no one else can claim it until you release or close it."""
        return self.changed(actions.claim_item, self.item(item_id))


class ReleaseView(ItemAction):
    @extend_schema(**_answers("release", None))
    def post(self, request: Request, item_id: int) -> Response:
        """Give it back to the queue."""
        return self.changed(actions.release_item, self.item(item_id))


class SnoozeView(ItemAction):
    @extend_schema(**_answers("snooze", SnoozeBody))
    def post(self, request: Request, item_id: int) -> Response:
        """Snooze it until a future time."""
        item = self.item(item_id)
        return self.changed(actions.snooze_item, item, **self.sent(SnoozeBody))


class DismissView(ItemAction):
    @extend_schema(**_answers("dismiss", DismissBody))
    def post(self, request: Request, item_id: int) -> Response:
        """Close it as not worth acting on, and say why: reasons come back as precision per criterion."""
        item = self.item(item_id)
        return self.changed(actions.dismiss_item, item, **self.sent(DismissBody))


class DoneView(ItemAction):
    @extend_schema(**_answers("done", DoneBody))
    def post(self, request: Request, item_id: int) -> Response:
        """Close it as done, and say what you did."""
        item = self.item(item_id)
        return self.changed(actions.finish_item, item, **self.sent(DoneBody))


class ReassignView(ItemAction):
    @extend_schema(**_answers("reassign", ReassignBody))
    def post(self, request: Request, item_id: int) -> Response:
        """Move it to someone else's queue."""
        item = self.item(item_id)
        sent = self.sent(ReassignBody)
        return self.changed(actions.reassign_item, item, to=sent["rep"], note=sent["note"])
