"""JSON of outcomes, and the report of the plays; the same work functions as the pages."""

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountName, ApiView, UserRow, id_field
from outreach.access import changeable_outcome, report_scope, viewer_of, visible_accounts, visible_items
from outreach.api.queue import REFUSALS, OnDesk
from outreach.models import Outcome
from outreach.outcomes.record import OutcomeError, log_outcome, undo_outcome
from outreach.outcomes.report import (
    LONGEST_DAYS,
    NUMBERS,
    Figures,
    Money,
    Period,
    PlayNumbers,
    ReasonCount,
    plays_report,
)
from plgcrm.common.paging import Key, PageAnswer, PageQuery, page_of

NEWEST = (Key("at", descending=True), Key("id", descending=True))
USUAL_DAYS = 30


class DeskApi(ApiView):
    permission_classes = [IsAuthenticated, OnDesk]


# --- Outcomes ---------------------------------------------------------------------------------------------


class OutcomeRow(serializers.ModelSerializer[Outcome]):
    account = AccountName()
    play = serializers.SlugField(source="play.slug", default=None, allow_null=True, help_text="Null for self-serve.")
    item = serializers.IntegerField(source="item_id", allow_null=True)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    from_product = serializers.SerializerMethodField(help_text="A conversion that arrived as an event.")
    user = UserRow(allow_null=True)
    credit = serializers.CharField(help_text="Why this play, or why none.")

    class Meta:
        model = Outcome
        fields = [
            "id",
            "kind",
            "account",
            "play",
            "item",
            "amount",
            "currency",
            "from_product",
            "user",
            "credit",
            "at",
        ]

    def get_from_product(self, outcome: Outcome) -> bool:
        return outcome.moment_id is not None


class OutcomePage(PageAnswer):
    results = OutcomeRow(many=True)


class OutcomeQuery(PageQuery):
    kind = serializers.ChoiceField(required=False, choices=Outcome.Kind.choices)
    play = serializers.SlugField(required=False, help_text="Outcomes credited to this play.")
    account = id_field("Outcomes of this account.")
    item = id_field("Outcomes of this queue item.")


class OutcomeBody(serializers.Serializer[Any]):
    item = id_field("The queue item it belongs to; or give an account.")
    account = id_field("The account; the credit rule decides which play it is credited to.")
    kind = serializers.ChoiceField(choices=Outcome.Kind.choices)
    amount = serializers.DecimalField(
        max_digits=14,
        decimal_places=2,
        min_value=0,
        required=False,
        help_text="The value of the deal; required for won.",
    )
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, default="", help_text="Such as USD.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if ("item" in given) == ("account" in given):
            raise serializers.ValidationError("Give either an item or an account.")
        return given


def _rows() -> QuerySet[Outcome]:
    return Outcome.objects.filter(undone_at=None).select_related("account", "play", "user")


class OutcomesView(DeskApi):
    @extend_schema(operation_id="outcomes", parameters=[OutcomeQuery], responses={200: OutcomePage, **REFUSALS})
    def get(self, request: Request) -> Response:
        """Outcomes, newest first; those that were undone are left out."""
        asked = self.asked(OutcomeQuery)
        columns = {"kind": "kind", "play": "play__slug", "account": "account", "item": "item"}
        wanted = {columns[name]: value for name, value in asked.items() if name in columns}
        page = page_of(_rows().filter(**wanted), asked, NEWEST)
        return Response(page.answer(request, OutcomeRow(page.rows, many=True).data))

    @extend_schema(operation_id="outcome_note", request=OutcomeBody, responses={201: OutcomeRow, **REFUSALS})
    def post(self, request: Request) -> Response:
        """Log the outcome of a queue item or of an account."""
        sent, viewer = self.sent(OutcomeBody), viewer_of(request.user)
        found = visible_items(viewer) if "item" in sent else visible_accounts(viewer)
        about = get_object_or_404(found, pk=sent.pop("item", None) or sent.pop("account", None))
        try:
            outcome = log_outcome(about, **sent, acting_user=request.user, now=timezone.now())  # type: ignore[arg-type]
        except OutcomeError as error:
            raise serializers.ValidationError(str(error)) from error
        return Response(OutcomeRow(_rows().get(pk=outcome.pk)).data, status=201)


class OutcomeUndoView(DeskApi):
    @extend_schema(operation_id="outcome_undo", request=None, responses={200: OutcomeRow, **REFUSALS})
    def post(self, request: Request, outcome_id: int) -> Response:
        """Undo an outcome you logged; managers may undo any. The row is kept, as undone."""
        outcome = changeable_outcome(viewer_of(request.user), outcome_id)
        try:
            undone = undo_outcome(outcome, acting_user=request.user, now=timezone.now())  # type: ignore[arg-type]
        except OutcomeError as error:
            raise serializers.ValidationError(str(error)) from error
        return Response(OutcomeRow(undone).data)


# --- The report -------------------------------------------------------------------------------------------


class ReportQuery(serializers.Serializer[Any]):
    since = serializers.DateField(required=False, help_text=f"First day, UTC; by default {USUAL_DAYS} days ago.")
    until = serializers.DateField(required=False, help_text="Last day, UTC, inclusive; by default today.")
    rep = id_field("Numbers of this user, for those who see everyone.")
    whose = serializers.ChoiceField(
        required=False, choices=["mine", "team"], help_text="For reps: their own numbers, or those of their team."
    )

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        today = timezone.now().date()
        until: date = asked.get("until", today)
        since: date = asked.get("since", until - timedelta(days=USUAL_DAYS - 1))
        if not date(2000, 1, 1) <= since <= until <= date(2200, 1, 1) or (until - since).days >= LONGEST_DAYS:
            raise serializers.ValidationError(f"Give a first day before the last, at most {LONGEST_DAYS:,} days apart.")
        return asked | {"period": Period(since, until)}


class PartRow(serializers.Serializer[ReasonCount]):
    slug = serializers.CharField()
    number = serializers.IntegerField()


class MoneyRow(serializers.Serializer[Money]):
    currency = serializers.CharField()
    amount = serializers.DecimalField(max_digits=20, decimal_places=2)
    number = serializers.IntegerField()


class TallyRow(serializers.Serializer[Figures]):
    held_by = PartRow(many=True)
    dismissed_for = PartRow(many=True)
    money = MoneyRow(many=True, help_text="Amounts won, one sum per currency; currencies are never added together.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Each number of the report first, then what they are made of."""
        numbers = NUMBERS.values()
        fields = {
            each.field: serializers.IntegerField(source=f"numbers.{each.field}", help_text=each.help)
            for each in numbers
        }
        return fields | super().get_fields()


class LineRow(serializers.Serializer[PlayNumbers]):
    slug = serializers.CharField()
    name = serializers.CharField()
    tally = TallyRow()


class ReportRow(serializers.Serializer[Any]):
    since = serializers.DateField(source="period.first")
    until = serializers.DateField(source="period.last")
    plays = LineRow(source="lines", many=True)
    self_serve = TallyRow(help_text="Outcomes credited to no play.")


class ReportView(DeskApi):
    @extend_schema(operation_id="report_plays", parameters=[ReportQuery], responses={200: ReportRow, **REFUSALS})
    def get(self, request: Request) -> Response:
        """What each play did in a period. Days are UTC days here."""
        asked, viewer = self.asked(ReportQuery), viewer_of(request.user)
        scope = report_scope(viewer, rep=asked.get("rep", 0), team=asked.get("whose") == "team")
        with timezone.override("UTC"):
            return Response(ReportRow(plays_report(scope, asked["period"])).data)
