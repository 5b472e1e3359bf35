"""Addresses of the JSON API, below /api/v1/."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import api as accounts
from accounts.api import HasRole
from outreach.api import corrections, desk_rules, outcomes, queue, segments, set_up
from signals import api as signals


class NowhereView(APIView):
    """Says in JSON that an address leads nowhere."""

    authentication_classes = []
    permission_classes = [AllowAny]
    schema = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        raise NotFound("There is no such address. docs/reference/api.md lists them all.")


ACCOUNT, PERSON = "accounts/<int:account_id>", "people/<int:person_id>"
SUGGESTION = "merge-suggestions/<int:suggestion_id>"

urlpatterns = [
    path("accounts/", signals.AccountsView.as_view(), name="api-accounts"),
    path("accounts/<int:account_id>/", signals.AccountView.as_view(), name="api-account"),
    path("people/", signals.PeopleView.as_view(), name="api-people"),
    path("people/<int:person_id>/", signals.PersonView.as_view(), name="api-person"),
    path(f"{ACCOUNT}/corrections/", corrections.AccountCorrectionsView.as_view(), name="api-account-corrections"),
    path(f"{ACCOUNT}/join/", corrections.AccountJoinView.as_view(), name="api-account-join"),
    path(f"{ACCOUNT}/domains/", corrections.AccountDomainsView.as_view(), name="api-account-domains"),
    path(f"{ACCOUNT}/domains/remove/", corrections.AccountRemoveDomainView.as_view(), name="api-account-remove-domain"),
    path(f"{ACCOUNT}/domains/main/", corrections.AccountMainDomainView.as_view(), name="api-account-main-domain"),
    path(f"{ACCOUNT}/name/", corrections.AccountNameView.as_view(), name="api-account-name"),
    path("workspaces/<int:workspace_id>/move/", corrections.WorkspaceMoveView.as_view(), name="api-workspace-move"),
    path(f"{PERSON}/corrections/", corrections.PersonCorrectionsView.as_view(), name="api-person-corrections"),
    path(f"{PERSON}/move/", corrections.PersonMoveView.as_view(), name="api-person-move"),
    path(f"{PERSON}/merges/", corrections.PersonMergesView.as_view(), name="api-person-merges"),
    path(f"{PERSON}/merge/", corrections.PersonMergeView.as_view(), name="api-person-merge"),
    path(f"{PERSON}/split/", corrections.PersonSplitView.as_view(), name="api-person-split"),
    path("corrections/<int:correction_id>/undo/", corrections.CorrectionUndoView.as_view(), name="api-correction-undo"),
    path("merge-suggestions/", accounts.MergeSuggestionsView.as_view(), name="api-merge-suggestions"),
    path(f"{SUGGESTION}/", accounts.MergeSuggestionView.as_view(), name="api-merge-suggestion"),
    path(f"{SUGGESTION}/accept/", accounts.MergeSuggestionAcceptView.as_view(), name="api-merge-suggestion-accept"),
    path(f"{SUGGESTION}/refuse/", accounts.MergeSuggestionRefuseView.as_view(), name="api-merge-suggestion-refuse"),
    path(f"{SUGGESTION}/undo/", accounts.MergeSuggestionUndoView.as_view(), name="api-merge-suggestion-undo"),
    path("scores/", signals.ScoresView.as_view(), name="api-scores"),
    path("moments/", signals.MomentsView.as_view(), name="api-moments"),
    path("pipeline/", signals.PipelineView.as_view(), name="api-pipeline"),
    path("queue/", queue.QueueView.as_view(), name="api-queue"),
    path("queue/<int:item_id>/", queue.ItemView.as_view(), name="api-queue-item"),
    path("queue/<int:item_id>/claim/", queue.ClaimView.as_view(), name="api-queue-claim"),
    path("queue/<int:item_id>/release/", queue.ReleaseView.as_view(), name="api-queue-release"),
    path("queue/<int:item_id>/snooze/", queue.SnoozeView.as_view(), name="api-queue-snooze"),
    path("queue/<int:item_id>/dismiss/", queue.DismissView.as_view(), name="api-queue-dismiss"),
    path("queue/<int:item_id>/done/", queue.DoneView.as_view(), name="api-queue-done"),
    path("queue/<int:item_id>/reassign/", queue.ReassignView.as_view(), name="api-queue-reassign"),
    path("outcomes/", outcomes.OutcomesView.as_view(), name="api-outcomes"),
    path("outcomes/<int:outcome_id>/undo/", outcomes.OutcomeUndoView.as_view(), name="api-outcome-undo"),
    path("reports/plays/", outcomes.ReportView.as_view(), name="api-report-plays"),
    path("segments/", segments.SegmentsView.as_view(), name="api-segments"),
    path("segments/<slug:segment>/", segments.SegmentView.as_view(), name="api-segment"),
    path("vocabulary/", signals.VocabularyView.as_view(), name="api-vocabulary"),
    path("vocabulary/accept/", signals.VocabularyAcceptView.as_view(), name="api-vocabulary-accept"),
    path("guards/", desk_rules.DeskRulesView.as_view(), name="api-guards"),
    path("set-up/go-live/", set_up.GoLiveView.as_view(), name="api-go-live"),
    path("schema/", SpectacularJSONAPIView.as_view(permission_classes=[IsAuthenticated, HasRole]), name="api-schema"),
    re_path(r"^(?:.*/)?$", NowhereView.as_view(), name="api-nowhere"),
]
