"""The counter of queries sees every way to ask."""

from django.contrib.auth.models import User

from plgcrm.common.sql import columns, columns_and_texts, execute, rows
from tests.query_counts import counted_queries


def test_queries_count_whichever_way_they_are_asked(db: None) -> None:
    with counted_queries() as asked:
        assert not User.objects.exists()
        rows("SELECT 1")
        execute("SELECT 2")
        columns("SELECT 3", ["n"], {})
        columns_and_texts("SELECT 4, 'four'", ["n"], {})
    assert len(asked) == 5
