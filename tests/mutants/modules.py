"""What `make mutants` can be asked for: by a short name, the code made faulty and the tests that should notice."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Module:
    """Paths are relative to the project. `blocks`: named blocks of SQL files, all of a file where none are named."""

    python: tuple[str, ...]
    sql: dict[str, tuple[str, ...]]
    tests: tuple[str, ...]


MODULES: dict[str, Module] = {
    "access": Module(
        ("accounts/access.py", "outreach/access.py"),
        {"outreach/sql/access.sql": (), "outreach/sql/queue.sql": ("arrived",)},
        ("tests/outreach/test_access.py",),
    ),
    "guards": Module(("outreach/rules/guards.py",), {}, ("tests/outreach/test_guards.py",)),
    "outcomes": Module(
        ("outreach/outcomes/record.py", "outreach/rules/credit.py"),
        {"outreach/sql/outcomes.sql": ()},
        ("tests/outreach/test_outcomes.py", "tests/outreach/test_credit.py", "tests/outreach/test_touches.py"),
    ),
    "queue": Module(
        ("outreach/queue/actions.py",),
        {"outreach/sql/outcomes.sql": ("mark_worked",)},
        ("tests/outreach/test_queue_history.py", "tests/outreach/test_queue_work.py", "tests/outreach/test_touches.py"),
    ),
    "reassign": Module(
        ("outreach/team/reassign.py",),
        {},
        ("tests/outreach/test_queue_history.py", "tests/outreach/test_reassign.py"),
    ),
    "decide": Module(
        ("outreach/plays/decide.py",),
        {"outreach/sql/plays.sql": ("lock_accounts", "new_candidates", "held_candidates", "new_decisions",
                                    "changed_decisions", "new_items")},
        ("tests/outreach/test_deciding.py", "tests/outreach/test_decide.py", "tests/outreach/test_recheck.py"),
    ),
    "routing": Module(
        ("outreach/plays/routing.py", "outreach/rules/distribute.py"),
        {},
        ("tests/outreach/test_routing.py", "tests/outreach/test_distribute.py"),
    ),
    "saved_views": Module(
        ("accounts/saved_views.py",), {}, ("tests/accounts/test_saved_views.py",)
    ),
    "store": Module(
        ("signals/ingest/store.py",),
        {"signals/sql/ingest.sql": ()},
        ("tests/signals/test_store.py", "tests/signals/test_receive.py", "tests/signals/test_ingest_http.py",
         "tests/signals/test_import_events.py", "tests/signals/test_scoring.py"),
    ),
    "identity": Module(
        ("accounts/identity/cache.py", "accounts/identity/derive.py", "accounts/identity/resolve.py"),
        {"accounts/sql/identity.sql": ()},
        ("tests/accounts/test_resolve.py", "tests/accounts/test_identity.py"),
    ),
    "variables": Module(
        ("outreach/messages/variables.py",),
        {"outreach/sql/messages.sql": (), "outreach/sql/queue.sql": ("opened",)},
        ("tests/outreach/test_variables.py", "tests/outreach/test_messages.py", "tests/outreach/test_message_views.py",
         "tests/outreach/test_shipped_messages.py", "tests/outreach/test_message_admin.py",
         "tests/outreach/test_template_docs.py"),
    ),
    "report": Module(
        ("outreach/outcomes/report.py",),
        {"outreach/sql/reports.sql": ()},
        ("tests/outreach/test_reports.py", "tests/outreach/test_outcome_views.py", "tests/api/test_outcomes_api.py",
         "tests/flows/test_event_to_report.py"),
    ),
    "timeline": Module(
        ("outreach/pages/timeline.py",),
        {"outreach/sql/timeline.sql": ()},
        ("tests/outreach/test_timeline.py",),
    ),
}  # fmt: skip
