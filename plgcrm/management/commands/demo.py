"""`manage.py demo`: the whole product with a living sample company, in one command."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from plgcrm.demo.run import Demo, DemoRefusedError, Options
from plgcrm.embedded.guard import EmbeddedRefusedError
from plgcrm.embedded.pair import StateInUseError
from plgcrm.embedded.processes import ProcessFailedError


class Command(BaseCommand):
    help = "Start everything with a sample company, print the address and the log-ins; Ctrl-C stops it"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        default = settings.BASE_DIR / ".plgcrm" / "demo"
        parser.add_argument("--json", action="store_true", help="print one line of JSON when ready")
        parser.add_argument("--port", type=int, help="of the web server (8000, or a free one if that is taken)")
        parser.add_argument("--state", type=Path, default=default, help="where data and secrets are kept")
        parser.add_argument("--no-sample", action="store_true", help="start without the sample company")
        parser.add_argument("--no-traffic", action="store_true", help="send no fresh events")
        parser.add_argument("--fresh", action="store_true", help="wipe what earlier starts kept")

    def handle(self, *args: Any, **given: Any) -> None:
        options = Options(
            state=given["state"],
            port=given["port"],
            json=given["json"],
            sample=not given["no_sample"],
            traffic=not given["no_traffic"],
            fresh=given["fresh"],
        )
        try:
            sys.exit(Demo(options).run())
        except (DemoRefusedError, EmbeddedRefusedError, ProcessFailedError, StateInUseError) as refusal:
            raise CommandError(str(refusal)) from None
