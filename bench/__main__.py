"""python -m bench [NAME ...]: all benchmarks, or those named."""

import importlib
import os
import sys

from bench.stage import ROOT, Stage
from plgcrm.demo.services.pair import Embedded, sole_holder

NAMES = ("engine", "ingest", "scoring", "pages", "desk", "effects", "refresh", "latency")


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
    stage = Stage(environment, pair.children[0].process.pid)
    _set_up(stage)
    return stage


def _set_up(stage: Stage) -> None:
    """An installation of the boards product that is live and has long heard everything."""
    from plgcrm.demo.companies.install import install_vocabulary
    from plgcrm.demo.companies.packs import pack_of
    from plgcrm.setup_shipped import ensure_shipped_configuration

    ensure_shipped_configuration()
    install_vocabulary(pack_of("boards").truth)
    stage.sql("UPDATE signals_configuration SET live_since = now()")
    stage.sql("UPDATE signals_signaldefinition SET first_seen_on = current_date - 800")


if __name__ == "__main__":
    main(sys.argv[1:])
