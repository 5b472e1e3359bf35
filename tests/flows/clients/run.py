"""Real client libraries against a running server: is everything they meant to send stored, and once?

    python tests/flows/clients/run.py [--users 400]
    python tests/flows/clients/run.py --url URL --write-key KEY --api-token TOKEN

Without an address it starts an empty demo for itself. Installs the libraries, in pinned versions, under
.plgcrm/clients, then runs each one plain and with gzip where it can, straight and through flaky.py, and compares
with /api/v1/pipeline/. The server must get no other traffic meanwhile (`manage.py demo --no-traffic`). Exits with 1
if anything is lost or counted twice.
"""

import argparse
import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tqdm import tqdm

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
CLIENTS = ROOT / ".plgcrm" / "clients"
PYTHON = {"segment": "segment-analytics-python==2.4.0", "rudder": "rudder-sdk-python==2.1.9"}
NODE = ["@segment/analytics-node@3.1.0", "@rudderstack/rudder-sdk-node@3.0.13", "@segment/analytics-next@1.84.3"]
SENDING_SECONDS = 600
SETTLING_SECONDS = 30


@dataclass(frozen=True)
class Client:
    """One library in one mode."""

    name: str
    script: str
    arguments: tuple[str, ...] = ()

    def command(self) -> list[str]:
        runner = "node" if self.script.endswith(".mjs") else sys.executable
        modules = () if self.script == "send_python.py" else ("--modules", str(CLIENTS / "node"))
        return [runner, str(HERE / self.script), *self.arguments, *modules]

    def environment(self) -> dict[str, str]:
        if self.script != "send_python.py":
            return {}
        return {"PYTHONPATH": str(CLIENTS / "python" / self.arguments[1]), "PYTHONWARNINGS": "ignore"}


ALL = [
    Client("Segment Python", "send_python.py", ("--lib", "segment")),
    Client("Segment Python, gzip", "send_python.py", ("--lib", "segment", "--gzip")),
    Client("RudderStack Python", "send_python.py", ("--lib", "rudder")),
    Client("RudderStack Python, gzip", "send_python.py", ("--lib", "rudder", "--gzip")),
    Client("Segment Node", "send_node.mjs", ("--lib", "segment")),
    Client("RudderStack Node", "send_node.mjs", ("--lib", "rudder")),
    Client("RudderStack Node, gzip", "send_node.mjs", ("--lib", "rudder", "--gzip")),
    Client("Segment browser", "send_browser.py"),
]


@dataclass(frozen=True)
class Row:
    """What one run meant to send, and what the server says it has."""

    name: str
    meant: int
    stored: int
    duplicates: int
    failed: int
    people: int
    users: int
    errors: int

    @property
    def lost(self) -> int:
        return max(self.meant - self.stored, 0)

    @property
    def twice(self) -> int:
        return max(self.stored - self.meant, 0)

    @property
    def is_exact(self) -> bool:
        return self.stored == self.meant and self.people == self.users and not self.failed


def main() -> None:
    options = _options()
    install()
    rows = []
    with nullcontext() if options.url else _own_server(options):
        for client, route in tqdm(_plan(options), desc="clients"):
            rows.append(run(client, route, options))
            tqdm.write(table(rows[-1:]).splitlines()[1], file=sys.stderr)
    print(table(rows))
    sys.exit(0 if all(row.is_exact for row in rows) else 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url")
    parser.add_argument("--write-key")
    parser.add_argument("--api-token")
    parser.add_argument("--users", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="a part of a client's name")
    parser.add_argument("--route", choices=["direct", "flaky"], help="only this one")
    options = parser.parse_args()
    if options.url and not (options.write_key and options.api_token):
        parser.error("--url needs --write-key and --api-token")
    return options


@contextmanager
def _own_server(options: argparse.Namespace) -> Iterator[None]:
    demo = ["demo", "--json", "--no-sample", "--no-traffic", "--fresh", "--port", "0", "--state", str(CLIENTS / "demo")]
    with subprocess.Popen([sys.executable, "manage.py", *demo], cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            ready = json.loads(server.stdout.readline())
            options.url, options.write_key, options.api_token = (
                ready[name] for name in ("url", "write_key", "api_token")
            )
            yield
        finally:
            server.send_signal(signal.SIGINT)


def _plan(options: argparse.Namespace) -> list[tuple[Client, str]]:
    routes = [options.route] if options.route else ["direct", "flaky"]
    return [(client, route) for route in routes for client in ALL if options.only.lower() in client.name.lower()]


# --- The libraries -----------------------------------------------------------------------------------------


def install() -> None:
    """Each Python library in a folder of its own: two of them have a module of the same name inside."""
    for folder, package in PYTHON.items():
        _install_once(
            CLIENTS / "python" / folder, [package], [sys.executable, "-m", "pip", "install", "-q", "--target", "."]
        )
    _install_once(CLIENTS / "node", NODE, ["npm", "install", "--silent", "--no-audit", "--no-fund"])


def _install_once(folder: Path, packages: list[str], command: list[str]) -> None:
    note, wanted = folder / ".installed", " ".join(packages)
    if note.exists() and note.read_text() == wanted:
        return
    folder.mkdir(parents=True, exist_ok=True)
    if command[0] == "npm":
        (folder / "package.json").write_text('{"private": true}\n')
    subprocess.run([*command, *packages], cwd=folder, check=True)
    note.write_text(wanted)


# --- One run -----------------------------------------------------------------------------------------------


def run(client: Client, route: str, options: argparse.Namespace) -> Row:
    before = pipeline(options)
    with _route(route, options) as host:
        sent = _send(client, host, options)
    after = _settled(options, before["events"] + sent["meant"])
    change = {name: after[name] - before[name] for name in ("events", "duplicates", "failed", "people")}
    return Row(
        f"{client.name}, {route}",
        sent["meant"],
        change["events"],
        change["duplicates"],
        change["failed"],
        change["people"],
        sent["users"],
        len(sent["errors"]),
    )


@contextmanager
def _route(route: str, options: argparse.Namespace) -> Iterator[str]:
    if route == "direct":
        yield options.url.rstrip("/")
        return
    command = [sys.executable, str(HERE / "flaky.py"), "--target", options.url, "--seed", str(options.seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as proxy:
        assert proxy.stdout is not None
        try:
            yield proxy.stdout.readline().strip()
        finally:
            proxy.terminate()


def _send(client: Client, host: str, options: argparse.Namespace) -> dict[str, Any]:
    prefix = f"client-{secrets.token_hex(4)}"
    arguments = ["--host", host, "--key", options.write_key, "--users", str(options.users), "--prefix", prefix]
    done = subprocess.run(
        [*client.command(), *arguments],
        env=os.environ | client.environment(),
        stdout=subprocess.PIPE,
        check=True,
        timeout=SENDING_SECONDS,
        text=True,
    )
    sent: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    for error in sent["errors"][:3]:
        tqdm.write(f"{client.name}: {error}", file=sys.stderr)
    return sent


def _settled(options: argparse.Namespace, expected: int) -> dict[str, int]:
    """The figures once they have come to what is expected, or have not in time."""
    deadline = time.monotonic() + SETTLING_SECONDS
    figures = pipeline(options)
    while figures["events"] < expected and time.monotonic() < deadline:
        time.sleep(0.5)
        figures = pipeline(options)
    return figures


def pipeline(options: argparse.Namespace) -> dict[str, int]:
    connection = http.client.HTTPConnection(urlsplit(options.url).netloc, timeout=30)
    connection.request("GET", "/api/v1/pipeline/", headers={"Authorization": f"Token {options.api_token}"})
    response = connection.getresponse()
    text = response.read()
    connection.close()
    if response.status != 200:
        sys.exit(f"/api/v1/pipeline/ answered {response.status}: {text[:200]!r}")
    figures: dict[str, int] = json.loads(text)
    return figures


def table(rows: list[Row]) -> str:
    columns = ("meant", "stored", "lost", "twice", "duplicates", "failed", "people")
    width = max((len(row.name) for row in rows), default=0)
    lines = [" ".join([" " * width, *(f"{column:>10}" for column in columns)])]
    lines += [
        " ".join([f"{row.name:<{width}}", *(f"{getattr(row, column):>10,}" for column in columns)]) for row in rows
    ]
    lost, twice = sum(row.lost for row in rows), sum(row.twice for row in rows)
    return "\n".join([*lines, f"{sum(row.meant for row in rows):,} meant, {lost:,} lost, {twice:,} counted twice"])


if __name__ == "__main__":
    main()
