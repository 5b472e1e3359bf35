"""`manage.py doctor`: is this installation well?"""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from plgcrm.doctor import report


class Command(BaseCommand):
    help = "Show what is configured and what is wrong, and how to fix it; exits with 1 if anything is wrong"
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if not report(self.stdout.write):
            sys.exit(1)
