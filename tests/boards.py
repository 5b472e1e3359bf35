"""The installation of the boards product that most tests begin with, set up once a process and copied afterwards."""

from datetime import timedelta
from functools import cache

from django.db import connection, transaction
from psycopg import sql

from plgcrm.common.sql import driver, rows
from plgcrm.demo.companies.install import install_vocabulary
from plgcrm.demo.companies.packs import pack_of
from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.models import Configuration, SignalDefinition
from signals.vocabulary.definitions import forget_matcher
from tests.clock import T0

LONG_AGO = T0 - timedelta(days=800)
ONE_ROW = "signals_configuration"  # there from the first migration on: its columns are set, and no row is copied

_copied: dict[str, bytes] = {}  # by table, in an order in which one may be filled after the other


def set_up_boards() -> None:
    """What PLGCRM comes with, at an installation that is live and has long heard everything."""
    Configuration.objects.get_or_create(pk=1)
    before = _filled()
    if _copied and not before & _copied.keys():
        _copy_in()
    else:
        _set_up()
        # Only what a set-up adds to nothing is the set-up itself.
        if not _copied and before <= {ONE_ROW, "auth_user", "auth_group"}:
            _copied.update({table: _copy_out(table) for table in _ordered(_filled() - before)})
    Configuration.objects.update(live_since=LONG_AGO)
    forget_matcher()


def _set_up() -> None:
    ensure_shipped_configuration()
    install_vocabulary(pack_of("boards").truth)
    SignalDefinition.objects.update(first_seen_on=LONG_AGO.date())


@cache
def _tables() -> tuple[str, ...]:
    ours = ("accounts_", "signals_", "outreach_")
    return tuple(name for name in connection.introspection.table_names() if name.startswith(ours))


def _filled() -> set[str]:
    """Our tables that have a row."""
    parts = [f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in _tables()]
    return {name for (name,) in rows(" UNION ALL ".join(parts))}


def _ordered(tables: set[str]) -> list[str]:
    """Each after those that its foreign keys lead to."""
    links = rows(
        "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
        " AND conrelid <> confrelid"
    )
    left, ordered = set(tables), list[str]()
    while left:
        free = {t for t in left if not any(one == t and other in left for one, other in links)}
        ordered += sorted(free)
        left -= free
    return ordered


@cache
def _columns(table: str) -> sql.Composable:
    found = rows(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = '' ORDER BY attnum",
        [table],
    )
    return sql.SQL(", ").join(sql.Identifier(name) for (name,) in found)


def _copy_out(table: str) -> bytes:
    query = sql.SQL("COPY {} ({}) TO STDOUT (FORMAT binary)").format(sql.Identifier(table), _columns(table))
    with driver().cursor() as cursor, cursor.copy(query) as copy:
        return b"".join(bytes(part) for part in copy)


@transaction.atomic
def _copy_in() -> None:
    for table, data in _copied.items():
        query = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(sql.Identifier(table), _columns(table))
        with driver().cursor() as cursor:
            with cursor.copy(query) as copy:
                copy.write(data)
            if table in _serial():
                name = sql.Identifier(table)
                cursor.execute(
                    sql.SQL("SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT max(id) FROM {}))").format(name),
                    [table],
                )


@cache
def _serial() -> frozenset[str]:
    """The tables that number their rows."""
    found = rows("SELECT attrelid::regclass::text FROM pg_attribute WHERE attname = 'id' AND attidentity <> ''")
    return frozenset(table for (table,) in found)
