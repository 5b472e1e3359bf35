"""The demo's processes: web, worker and beat, each in a group of its own, each with a log."""

import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from plgcrm.demo.services.guard import HOST
from plgcrm.demo.services.processes import Child, ProcessFailedError, spawn, wait_for
from plgcrm.demo.state import State

ROOT = Path(__file__).resolve().parent.parent.parent
READY_SECONDS = 60

Environment = dict[str, str]


def environment(state: State, url: str, services: Environment) -> Environment:
    """What every child gets; the settings read nothing else."""
    own = {
        "SECRET_KEY": state.secret("django"),
        "DEBUG": "off",
        "HTTPS": "off",
        "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1]",
        "SITE_URL": url,
        "DJANGO_SETTINGS_MODULE": "plgcrm.settings",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "PLGCRM_DEMO_STATE": str(state.directory),
        "PLGCRM_WORKER_READY_FILE": str(state.worker_ready),
    }
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return inherited | own | services  # compiled modules are kept: the second start takes half the time


def prepare(environment: Environment, *, sample: bool) -> Child:
    """Shows its progress on our standard error."""
    command = [sys.executable, "manage.py", "prepare_demo", *([] if sample else ["--no-sample"])]
    quiet = {"LOG_LEVEL": "WARNING"} | environment
    return spawn("The preparation", command, log=None, cwd=ROOT, environment=quiet)


def web(state: State, environment: Environment, port: int) -> Child:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)]
    command += ["--workers", "1", "--blocking-threads", "4", "--backlog", "1024", "--respawn-failed-workers"]
    command += ["--no-ws", "--log-level", "warning", "plgcrm.wsgi:application"]
    return spawn("web", command, log=state.logs / "web.log", cwd=ROOT, environment=environment)


def worker(state: State, environment: Environment) -> Child:
    state.worker_ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "celery", "-A", "plgcrm.celery", "--quiet", "worker", "--loglevel", "WARNING"]
    command += ["--concurrency", "2", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    return spawn("worker", command, log=state.logs / "worker.log", cwd=ROOT, environment=environment)


def beat(state: State, environment: Environment) -> Child:
    schedule = str(state.directory / "beat-schedule")
    command = [sys.executable, "-m", "celery", "-A", "plgcrm.celery", "--quiet", "beat", "--loglevel", "WARNING"]
    command += ["--schedule", schedule, "--pidfile", ""]
    return spawn("beat", command, log=state.logs / "beat.log", cwd=ROOT, environment=environment)


def until_web_is_ready(child: Child, url: str) -> None:
    _until(child, lambda: _answers_200(f"{url}/readyz"))


def until_worker_is_ready(child: Child, state: State) -> None:
    _until(child, state.worker_ready.exists)


def _until(child: Child, ready: Callable[[], bool]) -> None:
    in_time = wait_for(lambda: not child.alive or ready(), READY_SECONDS, pause=0.05)
    if not child.alive:
        raise ProcessFailedError(child.epitaph())
    if not in_time:
        raise ProcessFailedError(f"{child.name} was not ready after {READY_SECONDS} s, see {child.log}")


def _answers_200(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own http address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
