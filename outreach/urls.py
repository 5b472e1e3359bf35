from django.urls import path

from outreach.views import accounts, actions, messages, outcomes, queue, reports

urlpatterns = [
    path("queue/", queue.queue, name="queue"),
    path("queue/news/", queue.news, name="queue_news"),
    path("queue/<int:item_id>/", queue.queue, name="queue_item"),
    *(
        path(f"queue/<int:item_id>/{verb}/", actions.act, {"verb": verb}, name=f"queue_{verb}")
        for verb in actions.ACTIONS
    ),
    path("queue/<int:item_id>/outcome/", outcomes.note_of_item, name="queue_outcome"),
    path("queue/<int:item_id>/message/", messages.message, name="queue_message"),
    path("queue/<int:item_id>/draft/", messages.draft, name="queue_draft"),
    path("queue/changes/<int:change_id>/undo/", actions.undo, name="queue_undo"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/<int:account_id>/", accounts.account, name="account"),
    path("accounts/<int:account_id>/evidence/", accounts.evidence, name="account_evidence"),
    path("accounts/<int:account_id>/outcome/", outcomes.note_of_account, name="account_outcome"),
    path("outcomes/<int:outcome_id>/undo/", outcomes.undo, name="outcome_undo"),
    path("reports/plays/", reports.plays, name="report"),
    path("reports/plays/rows/", reports.behind, name="report_rows"),
]
