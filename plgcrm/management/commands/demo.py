"""`manage.py demo`, for `manage.py help` and `call_command`; manage.py itself takes a shorter way."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from plgcrm.demo import command


class Command(BaseCommand):
    help = command.HELP
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        command.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(command.start(**options))
