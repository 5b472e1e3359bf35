#!/usr/bin/env python
"""Django's command line for PLGCRM."""

import os
import sys


def main() -> None:
    if sys.argv[1:2] == ["demo"]:
        from plgcrm.demo.command import main as demo

        sys.exit(demo(sys.argv[2:]))
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plgcrm.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
