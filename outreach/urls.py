from django.urls import path

from outreach.views import (
    account_list,
    accounts,
    actions,
    flood,
    messages,
    outcomes,
    people,
    queue,
    reports,
    segments,
    workload,
)

urlpatterns = [
    path("queue/", queue.queue, name="queue"),
    path("queue/news/", queue.news, name="queue_news"),
    path("queue/<int:item_id>/", queue.queue, name="queue_item"),
    *(
        path(f"queue/<int:item_id>/{verb}/", actions.act, {"verb": verb}, name=f"queue_{verb}")
        for verb in actions.ACTIONS
    ),
    path("queue/<int:item_id>/outcome/", outcomes.log_for_item, name="queue_outcome"),
    path("queue/<int:item_id>/message/", messages.message, name="queue_message"),
    path("queue/<int:item_id>/draft/", messages.draft, name="queue_draft"),
    path("queue/changes/<int:change_id>/undo/", actions.undo, name="queue_undo"),
    path("workload/", workload.page, name="workload"),
    path("workload/preview/", workload.preview, name="workload_preview"),
    path("workload/reassign/", workload.move, name="workload_reassign"),
    path("workload/reassign/<int:batch>/undo/", workload.undo, name="workload_undo"),
    path("workload/requests/release/", flood.release, name="workload_release"),
    path("accounts/", account_list.accounts, name="accounts"),
    path("accounts/views/", account_list.save_view, name="accounts_save_view"),
    path("accounts/views/<int:view_id>/rename/", account_list.rename_view, name="accounts_rename_view"),
    path("accounts/views/<int:view_id>/delete/", account_list.delete_view, name="accounts_delete_view"),
    path("accounts/assign/preview/", account_list.assign_preview, name="accounts_assign_preview"),
    path("accounts/assign/", account_list.assign_accounts, name="accounts_assign"),
    path("accounts/assign/<int:batch>/undo/", account_list.undo_assign, name="accounts_assign_undo"),
    path("accounts/<int:account_id>/", accounts.account, name="account"),
    path("accounts/<int:account_id>/history/", accounts.history, name="account_history"),
    path("accounts/<int:account_id>/usage/", accounts.usage, name="account_usage"),
    path("accounts/<int:account_id>/evidence/", accounts.evidence, name="account_evidence"),
    path("accounts/<int:account_id>/outcome/", outcomes.log_for_account, name="account_outcome"),
    path("segments/", segments.segments, name="segments"),
    path("segments/<slug:segment>/", segments.segment, name="segment"),
    path("outcomes/<int:outcome_id>/undo/", outcomes.undo, name="outcome_undo"),
    path("reports/plays/", reports.plays, name="report"),
    path("reports/plays/rows/", reports.behind, name="report_rows"),
    path("people/<int:person_id>/", people.person, name="person"),
]
