"""Sends the events of made-up users through a real Python client library, with nothing set but host and key.

    python send_python.py --lib segment|rudder --host URL --key KEY [--users 400] [--prefix run-1] [--gzip]

Needs the library on PYTHONPATH (run.py sees to it). Prints one JSON line of what it meant to send.
"""

import argparse
import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

MODULES = {"segment": "segment.analytics", "rudder": "rudderstack.analytics"}


def main() -> None:
    options = _options()
    errors: list[str] = []
    client = _client(options, errors)
    meant = sum(_send(client, call, fields) for call, fields in _calls(options.prefix, options.users))
    client.shutdown()
    print(json.dumps({"lib": options.lib, "meant": meant, "users": options.users, "errors": errors}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lib", choices=sorted(MODULES), required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--users", type=int, default=400)
    parser.add_argument("--prefix", default="python")
    parser.add_argument("--gzip", action="store_true")
    return parser.parse_args()


def _client(options: argparse.Namespace, errors: list[str]) -> Any:
    client_class = import_module(f"{MODULES[options.lib]}.client").Client
    return client_class(
        options.key,
        host=options.host,
        gzip=options.gzip,
        on_error=lambda error, items: errors.append(f"{len(items)} given up: {error}"),
    )


def _calls(prefix: str, users: int) -> Iterator[tuple[str, dict[str, Any]]]:
    for number in range(users):
        user, workspace = f"{prefix}-{number}", f"{prefix}-ws-{number // 8}"
        context = {"groupId": workspace}
        yield "identify", {"user_id": user, "traits": {"email": f"{user}@{workspace}.example", "role": "member"}}
        yield "group", {"user_id": user, "group_id": workspace, "traits": {"name": workspace, "plan": "team"}}
        for event in ("Signed Up", "Item Created", "Board Created"):
            properties = {"number": number, "note": "zwölf ☕ \u2028", "big": 2**53}
            yield "track", {"user_id": user, "event": event, "properties": properties, "context": context}


def _send(client: Any, call: str, fields: dict[str, Any]) -> int:
    sent = getattr(client, call)(**fields)
    return 1 if sent is None or sent[0] else 0  # (False, message): its own queue is full


if __name__ == "__main__":
    main()
