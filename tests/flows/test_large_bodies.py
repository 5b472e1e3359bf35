"""A body that is too large hears so, whatever client sends it: the product's own web server, over real sockets."""

import base64
import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from signals.ingest.receive import SourceRef

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db(transaction=True)
BASIC = "Basic " + base64.b64encode(b"wk_test:").decode()
NODE = """
const body = "x".repeat(Number(process.argv[2]));
fetch(`http://127.0.0.1:${process.argv[1]}/v1/batch`, {method: "POST", body, headers: {Authorization: process.argv[3]}})
  .then(async (answer) => console.log(answer.status, (await answer.json()).code))
  .catch((error) => console.log("failed", error.cause));
"""


@pytest.fixture(scope="module")
def port(django_db_setup: None) -> Iterator[int]:
    """The web server on the database of the tests."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        number: int = free.getsockname()[1]
    address = urlsplit(os.environ["DATABASE_URL"])
    own = urlunsplit(address._replace(path=f"/{connection.settings_dict['NAME']}"))
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(number)]
    command += ["--workers", "1", "--blocking-threads", "2", "--no-ws", "plgcrm.wsgi:application"]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"DATABASE_URL": own})
    try:
        _wait(number)
        yield number
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int) -> None:
    for _ in range(600):
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.1)
    raise RuntimeError("The web server does not answer.")


@pytest.mark.parametrize("size", [4_300_000, 20_000_000])
def test_pythons_client_reads_the_413(source: SourceRef, port: int, size: int) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as client:
        client.request("POST", "/v1/batch", b"x" * size, {"Authorization": BASIC})
        answer = client.getresponse()
        assert (answer.status, b"too_large" in answer.read()) == (413, True)


def test_a_raw_sender_that_reads_only_after_it_has_written_reads_the_413(source: SourceRef, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 60) as raw:
        head = f"POST /v1/batch HTTP/1.1\r\nHost: x\r\nAuthorization: {BASIC}\r\nTransfer-Encoding: chunked\r\n\r\n"
        raw.sendall(head.encode())
        for _ in range(100):
            raw.sendall(b"%x\r\n%s\r\n" % (100_000, b"x" * 100_000))
        raw.sendall(b"0\r\n\r\n")
        assert raw.recv(20).startswith(b"HTTP/1.1 413")


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
def test_nodes_client_reads_the_413(source: SourceRef, port: int) -> None:
    done = subprocess.run(
        ["node", "-e", NODE, str(port), "20000000", BASIC], capture_output=True, text=True, timeout=90, check=True
    )
    assert done.stdout.strip() == "413 too_large"
