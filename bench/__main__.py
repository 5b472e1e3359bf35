"""python -m bench [NAME ...]: all benchmarks, or those named."""

import importlib
import os
import sys

from bench.stage import ROOT, Stage
from plgcrm.demo.services.pair import Embedded, sole_holder

NAMES = ("engine", "ingest", "scoring", "pages", "desk", "latency")


def main(names: list[str]) -> None:
    if unknown := set(names) - set(NAMES):
        sys.exit(f"Unknown: {', '.join(sorted(unknown))}. There are {', '.join(NAMES)}.")
    directory = ROOT / ".plgcrm" / "bench"
    with sole_holder(directory):
        pair = Embedded(directory)
        pair.wipe()
        try:
            stage = _stage(pair)
            for name in names or NAMES:
                importlib.import_module(f"bench.{name}").run(stage)
        finally:
            pair.stop()
            pair.wipe()


def _stage(pair: Embedded) -> Stage:
    environment = pair.start().environment() | {"SECRET_KEY": "bench", "DJANGO_SETTINGS_MODULE": "plgcrm.settings"}
    os.environ.update(environment)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from plgcrm.setup_shipped import ensure_shipped_configuration

    ensure_shipped_configuration()
    return Stage(environment, pair.children[0].process.pid)


if __name__ == "__main__":
    main(sys.argv[1:])
