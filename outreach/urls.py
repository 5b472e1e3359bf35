from django.urls import path

from outreach.views import accounts, actions, board, listing, messages, outcomes, people, queue, reports

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
    path("board/", board.board, name="board"),
    path("board/preview/", board.preview, name="board_preview"),
    path("board/move/", board.move, name="board_move"),
    path("board/move/<int:batch>/undo/", board.undo, name="board_undo"),
    path("accounts/", listing.accounts, name="accounts"),
    path("accounts/views/", listing.save_view, name="accounts_save_view"),
    path("accounts/views/<int:view_id>/rename/", listing.rename_view, name="accounts_rename_view"),
    path("accounts/views/<int:view_id>/delete/", listing.delete_view, name="accounts_delete_view"),
    path("accounts/assign/preview/", listing.assign_preview, name="accounts_assign_preview"),
    path("accounts/assign/", listing.assign_accounts, name="accounts_assign"),
    path("accounts/assign/<int:batch>/undo/", listing.undo_assign, name="accounts_assign_undo"),
    path("accounts/<int:account_id>/", accounts.account, name="account"),
    path("accounts/<int:account_id>/history/", accounts.history, name="account_history"),
    path("accounts/<int:account_id>/usage/", accounts.usage, name="account_usage"),
    path("accounts/<int:account_id>/evidence/", accounts.evidence, name="account_evidence"),
    path("accounts/<int:account_id>/outcome/", outcomes.note_of_account, name="account_outcome"),
    path("outcomes/<int:outcome_id>/undo/", outcomes.undo, name="outcome_undo"),
    path("reports/plays/", reports.plays, name="report"),
    path("reports/plays/rows/", reports.behind, name="report_rows"),
    path("people/<int:person_id>/", people.person, name="person"),
]
