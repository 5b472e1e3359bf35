"""An invented world of any size, made by Postgres in seconds: companies, people, usage of 120 days."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

from bench.stage import Stage
from plgcrm.common.sql import queries

SQL = queries("bench/world.sql")
DAYS = 120


def _words(text: str) -> list[str]:
    return text.split()


HEADS = _words(
    "Brindle Quill Thorn Marrow Osper Velt Kessel Lumen Tarn Fenn Holl Wyve Ardu Nim Sorrel Pell Cald Eder Varn Isk"
    " Ravel Mossa Junip Orla Kipp Drum Hazel Corvin Zeph Balt Umber Yarro Gannet Lodd Ember Tamsin Vesk Quantum Nova"
    " Bright Blue North Silver Green Open True Clear High Deep Fair Red Stone River Summit Harbor Cedar Iron Swift"
    " Atlas Pine"
)
TAILS = _words(
    "wick moor holt mere dale forth grave ridge sund vik stead low burn thorpe quist ault een ova line field works"
    " bridge point gate way side shore mark path leaf"
)
NOUNS = _words(
    "Health Analytics Logistics Robotics Foundry Studios Freight Optics Textiles Pharma Energy Mobility Insurance"
    " Ceramics Biotech Software Ledgers Dairy Timber Instruments Media Outfitters Surveyors Telecom Learning Clinics"
    " Payments Kitchens Aviation Packaging Seeds Architects Chemicals Systems Tooling Data Capital Group Solutions"
    " Labs"
)
FORMS = ("Inc", "LLC", "Co", "", "Ltd", "PLC", "Group", "", "GmbH", "AG", "SAS", "SARL", "Ltda", "AB", "K.K.", "")
ENDINGS = _words(".com .io .co .net .co.uk .uk .org .app .de .eu .fr .ai .com.br .se .co.jp .dev")
GIVEN = _words(
    "Olivia Amelia Grace Ruby Maeve George Noah Arthur Callum Marcus Lukas Annika Jonas Heike Marta Paul Chloe Theo"
    " Ines Zoe Luis Debora Caio Sakura Kenji Aoi Nuria Andres Freja Anders Rohan Kavya"
)
FAMILY = _words(
    "Ashdown Whitlock Hargreaves Langley Tremaine Holloway Cartwright Ellery Kramer Hubner Jager Strauss Beaumont"
    " Rousselle Perrault Guerin Araujo Teixeira Simoes Hayashida Kurosawa Shimizu Ibanez Munoz Zuniga Sjoberg"
    " Lindqvist Kvist Iyer Joshi Patil Deshpande"
)
TITLES = (
    "", "", "", "Engineer", "Designer", "Analyst", "Product manager", "Project lead", "Marketing manager", "Consultant",
    "Head of operations", "VP Engineering", "Office manager", "Team lead", "Developer", "CTO",
)  # fmt: skip
KEYS = ["plan", "company_size", "industry", "country", "seats", "seats_used", "mrr"]
# 32 places: what is frequent has several.
OTHERS = (
    ["feature-timeline"] * 4 + ["feature-automation"] * 3 + ["feature-dashboard"] * 4 + ["feature-form"] * 3
    + ["feature-doc"] * 4 + ["feature-calendar"] * 3 + ["invited"] * 2
    + ["import-started", "connected-integration", "reached-first-value", "hit-limit", "viewed-pricing"]
    + ["tried-premium", "viewed-terms", "ticket-opened", "import-started"]
)  # fmt: skip


def fill_accounts(stage: Stage, first: int, last: int) -> None:
    """Accounts with these ids, and nothing else."""
    words = {"heads": HEADS, "tails": TAILS, "nouns": NOUNS, "forms": list(FORMS), "endings": ENDINGS}
    stage.sql(SQL["accounts"], words | {"first": first, "last": last})


def fill_people(stage: Stage, first: int, last: int) -> None:
    """Workspaces, people and attributes of these accounts."""
    ids = {"first": first, "last": last}
    stage.sql(SQL["workspaces"], ids | {"source": stage.source("bench", "wk_bench").pk})
    stage.sql(SQL["people"], ids | {"given": GIVEN, "family": FAMILY, "titles": list(TITLES)})
    stage.sql("ANALYZE accounts_workspace, accounts_person")
    stage.sql(SQL["actors"], ids)
    stage.sql(SQL["attribute_keys"], {"names": KEYS})
    stage.sql(SQL["attributes"], ids)


def fill_usage(stage: Stage, first: int, last: int, *, busier: float = 1.0) -> None:
    """Usage of the last 120 days, day by day as it would have come; about 32 rows an account."""
    today = datetime.now(UTC).date()
    stage.sql(SQL["habits"], {"first": first, "last": last, "busier": busier})
    known = definitions(stage)
    params: dict[str, Any] = {
        "activity": known["activity"],
        "items": known["created-item"],
        "others": [known[slug] for slug in OTHERS],
    }
    for ago in reversed(range(DAYS)):
        stage.sql(SQL["usage_of_day"], params | {"day": today - timedelta(days=ago), "ago": ago})
    stage.sql("DROP TABLE bench_habit")


def fill_scores(stage: Stage, first: int, last: int, *, models: list[str]) -> None:
    """States and scores as rows that lie there, without anybody having been scored."""
    kinds = dict(stage.rows("SELECT kind, id FROM signals_scoringmodel"))
    ids = {"first": first, "last": last}
    stage.sql(SQL["quiet_states"], ids)
    stage.sql(SQL["quiet_scores"], ids | {"models": [kinds[kind] for kind in models]})


def make_reps(stage: Stage, count: int) -> list[Any]:
    """Users who work a queue, in the shipped teams by turns."""
    from django.contrib.auth.models import Group, User

    from outreach.models import Rep, Team

    role, teams = Group.objects.get_or_create(name="rep")[0], cycle(Team.objects.order_by("pk"))
    stage.sql("DELETE FROM outreach_rep")
    reps = [User.objects.get_or_create(username=f"bench-{place}")[0] for place in range(count)]
    for user in reps:
        user.groups.set([role])
        Rep.objects.create(user=user, team=next(teams))
    return reps


def definitions(stage: Stage) -> dict[str, int]:
    query = "SELECT s.slug, d.id FROM signals_signaldefinition d JOIN signals_signal s ON s.id = d.signal_id"
    return dict(stage.rows(f"{query} WHERE d.state = 'current'"))


@contextmanager
def bulk(stage: Stage, *tables: str, keys: bool = True) -> Iterator[None]:
    """Fill without indexes (nor primary keys, if `keys`) and without looking up foreign keys; indexes come after."""
    with _parked(stage, *tables, only="" if keys else "NOT i.indisprimary"):
        stage.sql("SET session_replication_role = replica")
        yield
        stage.sql("SET session_replication_role = origin")


@contextmanager
def without_search(stage: Stage) -> Iterator[None]:
    """No trigram indexes meanwhile, where nobody searches: they take longest to make."""
    with _parked(stage, "accounts_account", "accounts_person", only="pg_get_indexdef(i.indexrelid) LIKE '%%gin%%'"):
        yield


@contextmanager
def _parked(stage: Stage, *tables: str, only: str) -> Iterator[None]:
    again = [statement for table in tables for statement in _park(stage, table, only)]
    try:
        yield
    finally:
        for statement in again:
            stage.sql(statement)


def _park(stage: Stage, table: str, only: str) -> list[str]:
    """Drop indexes of a table; the statements that make them again."""
    found = stage.rows(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), c.conname, pg_get_constraintdef(c.oid)"
        " FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u')"
        f" WHERE i.indrelid = %s::regclass AND {only or 'true'}",
        [table],
    )
    for index, _, constraint, _ in found:
        stage.sql(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}" if constraint else f"DROP INDEX {index}")
    return [f"ALTER TABLE {table} ADD CONSTRAINT {name} {text}" if name else made for _, made, name, text in found]
