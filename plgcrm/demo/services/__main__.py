"""Run a command beside a fresh Postgres and Valkey: `python -m plgcrm.demo.services COMMAND...`.

With DATABASE_URL and REDIS_URL set it only runs the command.
"""

import os
import subprocess
import sys
from pathlib import Path

from plgcrm.demo.services.pair import fresh_pair

BELOW = Path(__file__).resolve().parent.parent.parent / ".plgcrm" / "test"


def main(command: list[str]) -> int:
    if {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys():
        return subprocess.run(command, check=False).returncode
    with fresh_pair(BELOW) as endpoints:
        environment = os.environ | endpoints.environment()
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
