"""Our own work on accounts as measures that rules may ask for: owner, open items and opportunities, outcome, touches.

`changed` is called by whatever writes these rows, in its transaction.
"""

from collections.abc import Iterable

from django.contrib.auth.models import User

from accounts.access import display_name
from accounts.dirty_marks import mark_dirty
from outreach.models import Outcome, Play
from plgcrm.common.sql import queries
from signals.measures.provided import PLAY, ProvidedWords, Provider, register

SQL = queries("outreach/sql/own_state.sql")
NOBODY, NONE = "nobody", "none"


def changed(account_ids: Iterable[int]) -> None:
    """Something of our own work on these accounts changed: rules that ask for it are asked again."""
    mark_dirty(account_ids)


def plays() -> list[tuple[str, str]]:
    """All plays, as rules name them."""
    return list(Play.objects.values_list("slug", "name"))


def owners() -> list[tuple[str, str]]:
    """Who may own an account, and that nobody does."""
    users = User.objects.filter(is_active=True).order_by("username")
    return [(NOBODY, NOBODY), *((user.username, display_name(user)) for user in users)]


def outcomes() -> list[tuple[str, str]]:
    return [(NONE, NONE), *((kind, str(label)) for kind, label in Outcome.Kind.choices)]


PROVIDED = (
    Provider(
        "has_owner",
        "Owner: has one",
        "1 when somebody owns the account, 0 when nobody does.",
        "count",
        ProvidedWords("owner", "owners", "an owner", "no owner"),
        SQL["owner"],
        SQL["kept_since"],
    ),
    Provider(
        "owner",
        "Owner: who",
        "Who owns the account, by user name or name; “nobody” where nobody does.",
        "text",
        ProvidedWords("owner", "owner", nothing="no owner"),
        SQL["owner"],
        SQL["kept_since"],
        NOBODY,
        choices={"": owners},
    ),
    Provider(
        "open_item",
        "Open items",
        "How many items are on somebody's queue for the account, of one play or of any.",
        "count",
        ProvidedWords("open item", "open items", "an open item", "no open item"),
        SQL["open_item"],
        SQL["kept_since"],
        fields=(PLAY,),
        choices={"play": plays},
    ),
    Provider(
        "open_opportunity",
        "Open opportunities",
        "How many opportunities were logged since it was last won or lost.",
        "count",
        ProvidedWords("open opportunity", "open opportunities", "an open opportunity", "no open opportunity"),
        SQL["open_opportunity"],
        SQL["kept_since"],
    ),
    Provider(
        "last_outcome",
        "Last outcome",
        "What was logged last: meeting, opportunity, won, lost, or none.",
        "text",
        ProvidedWords("last outcome", "last outcome", nothing="no outcome yet"),
        SQL["last_outcome"],
        SQL["kept_since"],
        NONE,
        choices={"": outcomes},
    ),
    Provider(
        "days_since_touch",
        "Days since the last touch",
        "How many days ago somebody emailed or called the company last; unknown where nobody has.",
        "days",
        ProvidedWords("last touch", "last touch"),
        SQL["touches"],
        SQL["kept_since"],
    ),
)


def register_measures() -> None:
    """Called when the apps are ready; a second time changes nothing."""
    for provider in PROVIDED:
        register(provider)
