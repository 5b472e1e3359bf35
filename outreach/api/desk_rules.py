"""What guards look at and what a deal is counted as, by API."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AdminsOnly, ApiView, Refusal
from outreach.plays.desk_rules import read_rules, say_rules
from signals.api import REFUSALS
from signals.models import Segment


class DeskRulesDocument(serializers.Serializer[Any]):
    """What is not named stays as it is."""

    first_value = serializers.CharField(
        required=False, allow_blank=True, help_text="Slug of the segment that says so; empty for none."
    )
    support_fire = serializers.CharField(
        required=False, allow_blank=True, help_text="Slug of the segment while which other plays wait; empty for none."
    )
    signup_days = serializers.IntegerField(required=False, min_value=0, max_value=90)
    seat_price = serializers.FloatField(required=False, min_value=0, max_value=1_000_000, help_text="A year.")
    company_share = serializers.FloatField(required=False, min_value=0, max_value=1, help_text="0.2 is 20 percent.")
    deal_floor = serializers.FloatField(required=False, min_value=0, max_value=100_000_000, help_text="A year.")

    def validate_first_value(self, slug: str) -> str:
        return _segment(slug)

    def validate_support_fire(self, slug: str) -> str:
        return _segment(slug)


def _segment(slug: str) -> str:
    if slug and not Segment.objects.filter(slug=slug).exists():
        raise serializers.ValidationError(f"There is no segment “{slug[:60]}”.")
    return slug


class DeskRulesView(ApiView):
    permission_classes = [IsAuthenticated, AdminsOnly]

    @extend_schema(operation_id="guards", responses={200: DeskRulesDocument, 401: Refusal, 403: Refusal})
    def get(self, request: Request) -> Response:
        """What guards look at and what a deal is counted as."""
        return Response(read_rules().said)

    @extend_schema(
        operation_id="guards_write", request=DeskRulesDocument, responses={200: DeskRulesDocument, **REFUSALS}
    )
    def put(self, request: Request) -> Response:
        """Change what the body names; the former numbers stay in the history."""
        say_rules(self.sent(DeskRulesDocument), now=timezone.now(), acting_user=request.user)
        return Response(read_rules().said)
