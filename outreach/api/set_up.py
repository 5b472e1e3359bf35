"""The last step of set-up by API: letting plays open items."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AdminsOnly, ApiView
from outreach.plays.go_live import go_live
from signals.api import REFUSALS
from signals.models import Configuration


class GoLiveAnswer(serializers.Serializer[Any]):
    live_since = serializers.DateTimeField()
    first_time = serializers.BooleanField(help_text="False where it was live already: then the date stays.")


class GoLiveView(ApiView):
    permission_classes = [IsAuthenticated, AdminsOnly]

    @extend_schema(operation_id="set_up_go_live", request=None, responses={200: GoLiveAnswer, **REFUSALS})
    def post(self, request: Request) -> Response:
        """From now on plays open items; requests of the last seven days are decided first."""
        first_time = go_live(timezone.now())
        return Response({"live_since": Configuration.objects.get().live_since, "first_time": first_time})
