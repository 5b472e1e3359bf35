"""Who may do what, by URL name: the one table. A URL that is not here fails tests/access/test_access.py.

To add a page write one line in URLS, e.g.  "person": reads("desk"),
and, if its address has a parameter that no other has, one in `world.py`.
"""

from dataclasses import dataclass
from typing import Final

ACTORS: Final = ("stranger", "rep", "other team's rep", "manager", "admin", "reader", "switched off", "no role")

# Verdicts: OK the view answers · IN log in first (the API: 401) · NO 403 · NONE 404, as if it were not there ·
# WAY any refusal: nobody gets anything by this method.
OK, IN, NO, NONE, WAY = "allowed", "log in", "403", "404", "refused"

#                    stranger rep   other manager admin reader off  no role
POLICIES: Final = {
    "everybody":      (OK,    OK,   OK,   OK,     OK,   OK,    OK,  OK),
    "logged in":      (IN,    OK,   OK,   OK,     OK,   OK,    IN,  OK),
    "desk":           (IN,    OK,   OK,   OK,     OK,   OK,    IN,  NO),  # whoever has a role
    "change":         (IN,    OK,   OK,   OK,     OK,   NO,    IN,  NO),  # whoever has one and may change
    "item":           (IN,    OK,   NONE, OK,     OK,   OK,    IN,  NO),  # an item on the rep's own queue
    "change item":    (IN,    OK,   NONE, OK,     OK,   NO,    IN,  NO),
    "own":            (IN,    OK,   NONE, NONE,   NONE, NO,    IN,  NO),  # something that the rep did
    "own or led":     (IN,    OK,   NONE, OK,     OK,   NO,    IN,  NO),  # that, also for who leads
    "oversee":        (IN,    NO,   NO,   OK,     OK,   OK,    IN,  NO),  # a manager's pages
    "manage":         (IN,    NO,   NO,   OK,     OK,   NO,    IN,  NO),  # what only managers and admins do
    "admin":          (IN,    NO,   NO,   NO,     OK,   NO,    IN,  NO),
    "admin, nothing": (IN,    NO,   NO,   NO,     WAY,  NO,    IN,  NO),  # an address of the stock admin, not used
    "nobody":         (WAY,   WAY,  WAY,  WAY,    WAY,  WAY,   WAY, WAY),
    "nothing there":  (NONE,  NONE, NONE, NONE,   NONE, NONE,  NONE, NONE),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    get: str
    post: str
    query: str = ""
    put: str = ""  # of the API: refused everywhere but where it is said


def reads(policy: str, query: str = "") -> Line:
    return Line(policy, "nobody", query)


def posts(policy: str) -> Line:
    return Line("nobody", policy)


def both(policy: str) -> Line:
    return Line(policy, policy)


URLS: Final[dict[str, Line]] = {
    # The desk
    "home": both("everybody"),  # only a redirect to the queue
    "age": reads("desk"),
    "queue": reads("desk"),
    "queue_news": reads("desk"),
    "queue_item": reads("item"),
    "queue_claim": posts("change item"),
    "queue_release": posts("change item"),
    "queue_snooze": posts("change item"),
    "queue_dismiss": posts("change item"),
    "queue_done": posts("change item"),
    "queue_reassign": posts("change item"),
    "queue_sent": posts("change item"),
    "queue_called": posts("change item"),
    "queue_log": posts("change item"),
    "queue_undo": posts("own"),
    "queue_message": reads("item"),
    "queue_draft": posts("change item"),
    "queue_outcome": posts("change item"),
    "outcome_undo": posts("own or led"),
    "workload": reads("oversee"),
    "workload_preview": posts("manage"),
    "workload_reassign": posts("manage"),
    "workload_undo": posts("manage"),
    "workload_release": posts("manage"),
    "report": reads("desk"),
    "report_rows": reads("desk", query="?play=expansion&what=fired"),
    "accounts": reads("desk"),
    "accounts_save_view": posts("change"),
    "accounts_rename_view": posts("own"),
    "accounts_delete_view": posts("own"),
    "accounts_assign_preview": posts("manage"),
    "accounts_assign": posts("manage"),
    "accounts_assign_undo": posts("manage"),
    "account": reads("desk"),
    "account_history": reads("desk"),
    "account_usage": reads("desk"),
    "account_outcome": posts("change"),
    "person": reads("desk"),
    "account_evidence": reads("desk", query="?day=2026-03-17"),
    "account_correct": reads("manage"),
    "account_join": both("manage"),
    "account_add_domain": posts("manage"),
    "account_remove_domain": both("manage"),
    "account_main_domain": posts("manage"),
    "account_rename": posts("manage"),
    "workspace_move": both("manage"),
    "person_correct": reads("manage"),
    "person_move": both("manage"),
    "person_merge": both("manage"),
    "person_split": both("manage"),
    "correction_undo": posts("manage"),
    "segments": reads("desk"),
    "segment": reads("desk"),
    "pipeline": reads("desk"),
    # Log-in
    "account_login": both("everybody"),
    "account_logout": both("everybody"),
    "account_inactive": reads("everybody"),
    "account_reauthenticate": both("logged in"),
    "account_change_password": both("logged in"),
    "account_set_password": both("logged in"),
    "account_reset_password": reads("everybody"),
    "account_signup": reads("everybody"),
    "healthz": reads("everybody"),
    "readyz": reads("everybody"),
    # The API; PUT is refused but where a line says otherwise, DELETE everywhere
    "api-accounts": reads("desk"),
    "api-account": reads("desk"),
    "api-people": reads("desk"),
    "api-person": reads("desk"),
    "api-scores": reads("desk"),
    "api-moments": reads("desk"),
    "api-pipeline": reads("desk"),
    "api-queue": reads("desk"),
    "api-queue-item": reads("item"),
    "api-queue-claim": posts("change item"),
    "api-queue-release": posts("change item"),
    "api-queue-snooze": posts("change item"),
    "api-queue-dismiss": posts("change item"),
    "api-queue-done": posts("change item"),
    "api-queue-reassign": posts("change item"),
    "api-outcomes": Line("desk", "change"),
    "api-outcome-undo": posts("own or led"),
    "api-report-plays": reads("desk"),
    "api-segments": reads("desk"),
    "api-segment": reads("desk"),
    "api-merge-suggestions": reads("admin"),
    "api-merge-suggestion": reads("admin"),
    "api-merge-suggestion-accept": posts("admin"),
    "api-merge-suggestion-refuse": posts("admin"),
    "api-merge-suggestion-undo": posts("admin"),
    "api-account-corrections": reads("desk"),
    "api-account-join": Line("desk", "manage"),
    "api-account-domains": Line("desk", "manage"),
    "api-account-remove-domain": posts("manage"),
    "api-account-main-domain": posts("manage"),
    "api-account-name": posts("manage"),
    "api-workspace-move": posts("manage"),
    "api-person-corrections": reads("desk"),
    "api-person-move": posts("manage"),
    "api-person-merges": reads("desk"),
    "api-person-merge": posts("manage"),
    "api-person-split": posts("manage"),
    "api-correction-undo": posts("manage"),
    "api-vocabulary": Line("admin", "nobody", put="admin"),
    "api-vocabulary-accept": posts("admin"),
    "api-go-live": posts("admin"),
    "api-guards": Line("admin", "nobody", put="admin"),
    "api-schema": reads("desk"),
    "api-nowhere": both("nothing there"),
    # The admin's own pages
    "admin:index": both("admin"),
    "admin:login": both("admin"),  # strangers are sent to the log-in of all
    "admin:logout": both("admin"),
    "admin:password_change": both("admin"),
    "admin:password_change_done": Line("admin", "admin, nothing"),
    "admin:autocomplete": both("admin, nothing"),
    "admin:jsi18n": Line("admin", "admin, nothing"),
    "admin:view_on_site": both("admin, nothing"),
    "admin:app_list": both("admin"),
    "admin/(?P<url>.*)$": both("admin, nothing"),
    "admin:go_live": Line("admin", "admin"),
    "admin:desk_rules": both("admin"),
    "admin:first_run": Line("admin", "admin, nothing"),
    "admin:test_event": Line("admin, nothing", "admin"),
    "admin:hide_first_run": Line("admin, nothing", "admin"),
    "admin:api_tokens": both("admin"),
    "admin:vocabulary": both("admin"),
    "admin:catalogue": both("admin"),
    "admin:undo_change": both("admin"),
    "admin:revoke_api_token": Line("admin, nothing", "admin"),
    "admin:rule_builder": Line("admin, nothing", "admin"),
    "admin:matches_builder": Line("admin, nothing", "admin"),
    "admin:accounts_person_split": both("admin"),
    "admin:accounts_exclusion_matching": both("admin"),
    "admin:accounts_mergesuggestion_decide": both("admin"),
    "admin:signals_scoringmodel_new_draft": both("admin"),
    "admin:signals_source_issue_key": both("admin"),
    "admin:signals_source_revoke_key": both("admin"),
    "admin:signals_source_arriving": both("admin"),
    "admin:signals_importrun_begin": both("admin"),
    "admin:signals_importrun_piece": both("admin"),
    "admin:signals_importrun_preview": both("admin"),
    "admin:signals_importrun_start": both("admin"),
    "admin:signals_importrun_progress": both("admin"),
    "admin:signals_importrun_steer": both("admin"),
    "admin:signals_importrun_undo": both("admin"),
    "admin:signals_scoringmodelversion_criterion": both("admin"),
    "admin:signals_scoringmodelversion_remove": both("admin"),
    "admin:signals_scoringmodelversion_tiers": both("admin"),
    "admin:signals_scoringmodelversion_effect": both("admin"),
    "admin:signals_scoringmodelversion_publish": both("admin"),
    "admin:outreach_play_would_fire": both("admin"),
    "admin:outreach_play_sentences": both("admin"),
    "admin:outreach_messagetemplate_preview": both("admin"),
    "admin:outreach_messagetemplate_values": both("admin"),
    "admin:auth_user_new_password": both("admin"),
}

# What an admin may do with the rows of each registered model; everybody else may nothing.
ADMIN_MODELS: Final = {
    "accounts_account": "look",
    "accounts_person": "look",
    "accounts_exclusion": "look add change delete",
    "accounts_domainoverride": "look add change delete",
    "accounts_mergesuggestion": "look",
    "accounts_placeholder": "look add change delete",
    "signals_event": "look",
    "signals_failedevent": "look change delete",
    "signals_importrun": "look add change",
    "signals_signal": "look add change",
    "signals_category": "look add change delete",
    "signals_scoringmodel": "look add change",
    "signals_scoringmodelversion": "look change delete",  # of a draft
    "signals_trigger": "look add change",  # deleted only where no play hangs on it
    "signals_segment": "look add change delete",
    "signals_fact": "look change delete",
    "signals_source": "look add change",
    "outreach_play": "look add change",
    "outreach_team": "look add change delete",
    "outreach_messagetemplate": "look add change delete",
    "auth_user": "look add change",
}


def _lines_of_model(model: str, may: str) -> dict[str, Line]:
    words = may.split()
    allowed = {word: "admin" if word in words else "admin, nothing" for word in ("look", "add", "change", "delete")}
    return {
        f"admin:{model}_changelist": both("admin"),
        f"admin:{model}_history": both("admin"),
        f"admin:{model}_add": both(allowed["add"]),
        f"admin:{model}_change": Line("admin", allowed["change"]),
        f"admin:{model}_delete": both(allowed["delete"]),
        f"admin/{model.replace('_', '/', 1)}/<path:object_id>/": both("admin"),  # a redirect to the change page
    }


def all_lines() -> dict[str, Line]:
    lines = dict(URLS)
    for model, may in ADMIN_MODELS.items():
        lines |= _lines_of_model(model, may)
    return lines
