"""Two addresses for load balancers: does the process live, and may it get work."""

from threading import Event

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

OK = "ok"
_ALL_APPLIED = Event()


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; says nothing of the database."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and has every table; Redis may be away, events are taken all the same."""
    found = {"database": _database()}
    if found["database"] == OK:
        found["migrations"] = _migrations()
    ready = all(state == OK for state in found.values())
    return JsonResponse({"ready": ready, **found}, status=200 if ready else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return OK


def _migrations() -> str:
    count = len(pending_migrations())
    return f"{count} pending" if count else OK


def pending_migrations() -> list[str]:
    """None is remembered: a migration is not undone while a process runs."""
    if _ALL_APPLIED.is_set():
        return []
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        _ALL_APPLIED.set()
    return [str(migration) for migration, _ in plan]
