"""JSON of segments: which there are, how large they are and were, and who is in one since when."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountName, ApiView, Refusal, account_name
from accounts.models import Account
from plgcrm.common.paging import PageQuery
from signals.segments import SegmentFigures, SegmentMembership, figures_of, members_of, segment_figures, sizes_of

REFUSALS_OF_ONE = {401: Refusal, 403: Refusal, 404: Refusal}
STATES = {"in": True, "unknown": False}


class SegmentRow(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    ideal = serializers.BooleanField(help_text="A kind of company you serve best.")
    rule = serializers.JSONField(help_text="As the rule builder stores it.")
    reads = serializers.CharField(help_text="The rule as a sentence.")
    members = serializers.IntegerField(help_text="Accounts that are in it now.")
    unknown = serializers.IntegerField(help_text="Accounts of which it is not known.")


class SegmentList(serializers.Serializer[Any]):
    results = SegmentRow(many=True)


class SegmentDay(serializers.Serializer[Any]):
    day = serializers.DateField()
    members = serializers.IntegerField()
    unknown = serializers.IntegerField()


class SegmentMemberRow(serializers.Serializer[Any]):
    account = AccountName()
    since = serializers.DateField(allow_null=True, help_text="The first day of the stay; null where it is not known.")
    or_earlier = serializers.BooleanField(help_text="Nothing is known of the day before.")


class SegmentMembers(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True, help_text="The next page, null on the last one.")
    results = SegmentMemberRow(many=True)


class SegmentDetail(SegmentRow):
    sizes = SegmentDay(many=True, help_text="Of each day of the last year since the first that was counted.")
    accounts = SegmentMembers(help_text="The last to come first; with `state=unknown`, those of whom it is not known.")


class SegmentQuery(PageQuery):
    state = serializers.ChoiceField(
        choices=list(STATES), default="in", help_text="`unknown` lists the accounts of which it is not known."
    )


class SegmentsView(ApiView):
    @extend_schema(operation_id="segments", responses={200: SegmentList, 401: Refusal, 403: Refusal})
    def get(self, request: Request) -> Response:
        """All segments with their sizes, in their order."""
        return Response({"results": [_segment_row(each) for each in segment_figures()]})


class SegmentView(ApiView):
    @extend_schema(
        operation_id="segment",
        parameters=[SegmentQuery],
        responses={200: SegmentDetail, 400: Refusal, **REFUSALS_OF_ONE},
    )
    def get(self, request: Request, segment: str) -> Response:
        """One segment: its size over time, and a page of its accounts, each with the first day of its stay."""
        asked, found = self.asked(SegmentQuery), figures_of(segment)
        if found is None:
            raise Http404
        size, known = asked["page_size"], STATES[asked["state"]]
        members = members_of(found.id, known=known, after=asked.get("after", ""), limit=size + 1)
        shown = members[:size]
        following = shown[-1].place if len(members) > size else None
        accounts = {"next": following and _address(request, following), "results": _member_rows(shown)}
        return Response({**_segment_row(found), "sizes": _days(found), "accounts": accounts})


def _segment_row(found: SegmentFigures) -> dict[str, Any]:
    return dict(SegmentRow(found).data)


def _days(found: SegmentFigures) -> list[dict[str, Any]]:
    today = timezone.now().date()
    sizes = sizes_of(found, today=today)
    if sizes is None:
        return [{"day": today, "members": found.members, "unknown": found.unknown}]
    counted = zip(sizes.days, sizes.members, sizes.unknown, strict=True)
    return [{"day": day, "members": members, "unknown": unknown} for day, members, unknown in counted]


def _member_rows(members: list[SegmentMembership]) -> list[dict[str, Any]]:
    accounts = Account.objects.in_bulk([each.account_id for each in members])
    return [
        {"account": account_name(accounts[each.account_id]), "since": each.since, "or_earlier": each.or_earlier}
        for each in members
        if each.account_id in accounts
    ]


def _address(request: Request, after: str) -> str:
    asked = request.query_params.copy()
    asked["after"] = after
    return str(request.build_absolute_uri(f"{request.path}?{asked.urlencode()}"))
