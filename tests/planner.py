"""A planner that knows nothing of the tables, as in a new database."""

from plgcrm.common.sql import execute


def forget_statistics() -> None:
    """In this transaction. Of an empty table that something has analyzed the planner expects no rows at all, and all
    plans cost the same; such statistics outlive the rollback of the test that brought them about."""
    execute("UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE relkind IN ('r', 'i', 'p') AND reltuples <> -1")
