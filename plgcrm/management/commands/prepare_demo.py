"""A step of the demo, run as its child once the services answer; not for calling by hand."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from plgcrm.demo.prepare import prepare, say_on_stderr, state_from_environment


class Command(BaseCommand):
    help = "A step of the demo; not meant to be run by hand"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-sample", action="store_true")

    def handle(self, *args: Any, no_sample: bool, **options: Any) -> None:
        prepare(state_from_environment(), sample=not no_sample, say=say_on_stderr)
