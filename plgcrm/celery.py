"""Background work. Every task is safe to run twice, so a lost worker only means that a task runs again."""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plgcrm.settings")

VISIBILITY_TIMEOUT = 900  # seconds until the broker hands out again what a dead worker had taken

app = Celery("plgcrm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    timezone="UTC",
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=600,  # must stay below the visibility timeout, else a long task runs twice at once
    task_soft_time_limit=540,
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_soft_shutdown_timeout=30,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": VISIBILITY_TIMEOUT,
        "unacked_restore_interval": 5,  # with the next line: a lost task is back in seconds, not in 100
        "unacked_restore_throttle": 1,
        "unacked_mutex_expire": 30,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "health_check_interval": 15,
    },
)
app.autodiscover_tasks(["plgcrm"], related_name="pipeline")
app.autodiscover_tasks(["accounts", "signals", "outreach"])

# Ticks expire: while no worker runs they must not pile up, and the next tick does the work of all of them.
app.conf.beat_schedule = {
    "advance": {"task": "plgcrm.pipeline.advance", "schedule": 1.0, "options": {"expires": 5}},
    "imports": {"task": "plgcrm.pipeline.imports", "schedule": 2.0, "options": {"expires": 5}},
    "upkeep": {"task": "plgcrm.pipeline.upkeep", "schedule": 60.0, "options": {"expires": 60}},
    "catalogue": {"task": "plgcrm.pipeline.catalogue", "schedule": 15.0, "options": {"expires": 15}},
    "sweep": {"task": "plgcrm.pipeline.sweep", "schedule": crontab(hour=0, minute=5)},
}


@worker_ready.connect
def _tell_that_worker_is_ready(**_: Any) -> None:
    """The demo waits for this file; elsewhere the variable is unset."""
    if marker := os.environ.get("PLGCRM_WORKER_READY_FILE"):
        Path(marker).touch()
