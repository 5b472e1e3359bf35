"""The embedded services: they keep data, survive kill -9, and refuse production."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from plgcrm.demo.services.files import secret_in
from plgcrm.demo.services.guard import EmbeddedRefusedError, refuse_production
from plgcrm.demo.services.pair import Embedded, Endpoints, StateInUseError, fresh_pair, sole_holder
from plgcrm.demo.services.processes import wait_for


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A place with a blank in it, too long for a socket's path."""
    place = tmp_path / "a state with blanks" / ("long" * 25)
    yield place
    Embedded(place).wipe()


def write_both(endpoints: Endpoints) -> None:
    with psycopg.connect(endpoints.database_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 41 AS number")
    with redis.Redis.from_url(endpoints.redis_url) as client:
        client.set("kept", "yes")


def read_both(endpoints: Endpoints) -> tuple[int, bytes]:
    with psycopg.connect(endpoints.database_url) as connection:
        row = connection.execute("SELECT number FROM kept").fetchone()
    with redis.Redis.from_url(endpoints.redis_url) as client:
        return row[0] if row else 0, client.get("kept")


def test_data_are_there_after_a_restart(state: Path) -> None:
    for step in (write_both, read_both):
        pair = Embedded(state)
        try:
            seen = step(pair.start())
        finally:
            pair.stop()
    assert seen == (41, b"yes")


def test_data_are_there_after_both_were_killed(state: Path) -> None:
    killed = Embedded(state)
    write_both(killed.start())
    wait_for(lambda: False, 1.2)  # Valkey syncs its file once a second
    for child in killed.children:
        child.process.kill()
        child.process.wait()
    again = Embedded(state)
    try:
        assert read_both(again.start()) == (41, b"yes")
    finally:
        again.stop()


def test_services_end_when_the_process_that_started_them_is_killed(state: Path) -> None:
    code = "import sys, time, pathlib; from plgcrm.demo.services.pair import Embedded\n"
    code += "pair = Embedded(pathlib.Path(sys.argv[1])); pair.start()\n"
    code += "print(*[child.process.pid for child in pair.children], flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, str(state)], stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        services = [psutil.Process(int(pid)) for pid in starter.stdout.readline().split()]
        starter.send_signal(signal.SIGKILL)
    assert len(services) == 2
    assert psutil.wait_procs(services, timeout=20)[1] == []


def test_a_stale_pid_file_with_the_number_of_another_process_does_no_harm(state: Path) -> None:
    pair = Embedded(state)
    write_both(pair.start())
    pair.stop()
    (pair._postgres._data / "postmaster.pid").write_text(f"{os.getppid()}\n{state}\n1\n5432\n\n\n")
    try:
        assert read_both(pair.start()) == (41, b"yes")
    finally:
        pair.stop()


def test_two_states_run_at_once(tmp_path: Path) -> None:
    with fresh_pair(tmp_path / "one") as one, fresh_pair(tmp_path / "two") as two:
        write_both(one)
        write_both(two)
        assert one.database_url != two.database_url
        assert read_both(one) == read_both(two)


def test_one_state_has_one_holder(tmp_path: Path) -> None:
    with sole_holder(tmp_path), pytest.raises(StateInUseError, match="in use"), sole_holder(tmp_path):
        pass


def test_a_password_is_asked_for(tmp_path: Path) -> None:
    with fresh_pair(tmp_path) as endpoints:
        password = endpoints.database_url.split(":")[2].split("@")[0]
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(endpoints.database_url.replace(password, "guessed"))
        anonymous = f"redis://{endpoints.redis_url.split('@')[1]}"
        with pytest.raises(redis.AuthenticationError):
            redis.Redis.from_url(anonymous, retry=Retry(NoBackoff(), 0)).ping()


def test_secrets_are_kept_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    assert secret_in(path) == secret_in(path)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("site", "hosts"),
    [
        ("https://crm.example.com", "127.0.0.1"),
        ("http://127.0.0.1:8000", "127.0.0.1,crm.example.com"),
        ("http://10.1.2.3", "127.0.0.1"),
        ("http://127.0.0.1", "*"),
    ],
)
def test_a_public_address_is_refused(monkeypatch: pytest.MonkeyPatch, site: str, hosts: str) -> None:
    monkeypatch.setenv("PLGCRM_EMBEDDED", "1")
    monkeypatch.setenv("SITE_URL", site)
    monkeypatch.setenv("ALLOWED_HOSTS", hosts)
    with pytest.raises(EmbeddedRefusedError, match="run-in-production"):
        refuse_production()


def test_loop_back_addresses_are_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLGCRM_EMBEDDED", "1")
    monkeypatch.setenv("SITE_URL", "http://localhost:8000")
    monkeypatch.setenv("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
    refuse_production()
