"""`manage.py doctor`: is this installation well?"""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from plgcrm.doctor import report


class Command(BaseCommand):
    help = "Say what is configured and what is wrong, each with what to do; ends with 1 while something is"
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if not report(self.stdout.write):
            sys.exit(1)
