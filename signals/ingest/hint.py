"""A hint to the workers that there is work. Never waits, may be lost: the rows are the queue, a tick finds them."""

import contextlib
import logging
import threading

from celery import current_app

log = logging.getLogger("plgcrm.hint")
TASK = "plgcrm.pipeline.advance"
PAUSE = 0.2  # seconds between two hints of one process: a hint costs as much as twenty events

_wanted = threading.Event()
_started = threading.Lock()
_thread: threading.Thread | None = None


def hint() -> None:
    """Ask for a run of the pipeline soon. Costs microseconds, also when the broker is away."""
    global _thread
    if _thread is None or not _thread.is_alive():
        with _started:
            if _thread is None or not _thread.is_alive():
                _thread = threading.Thread(target=_publish_forever, name="hints", daemon=True)
                _thread.start()
    _wanted.set()


def _publish_forever() -> None:
    pause = threading.Event()
    while _wanted.wait():
        _wanted.clear()
        with contextlib.suppress(Exception):  # whatever ails the broker, the tick comes round
            current_app.send_task(TASK, expires=5, retry=False, ignore_result=True)
        pause.wait(PAUSE)
