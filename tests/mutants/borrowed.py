"""A pytest plugin for a run within a run: its tests use the database that is there, and roll back what they write."""

import pytest


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """DATABASE_URL names a test database that stands."""
