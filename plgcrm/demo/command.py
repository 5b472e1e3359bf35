"""The demo's command line. It only starts other processes, so it does not wait for Django to load."""

import argparse
import sys
from pathlib import Path
from typing import Any

from plgcrm.demo.people import COMPANIES, NO_COMPANY, USUAL_COMPANY
from plgcrm.demo.run import Demo, DemoRefusedError, Options
from plgcrm.demo.services.guard import EmbeddedRefusedError
from plgcrm.demo.services.pair import StateInUseError
from plgcrm.demo.services.processes import ProcessFailedError

FOLDER = Path(__file__).resolve().parent.parent.parent / ".plgcrm"
HELP = "Start everything with a sample company, print the address and the log-ins; Ctrl-C stops it"
REFUSALS = (DemoRefusedError, EmbeddedRefusedError, ProcessFailedError, StateInUseError)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="manage.py demo", description=HELP)
    add_arguments(parser)
    return start(**vars(parser.parse_args(arguments)))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one line of JSON when ready")
    parser.add_argument("--port", type=int, help="8000, or a free one if that is taken; 0 for any free one")
    choices = (*COMPANIES, NO_COMPANY)
    parser.add_argument("--company", choices=choices, help="which sample company, or none; each has its own folder")
    parser.add_argument("--state", type=Path, help="where data and secrets are kept")
    parser.add_argument("--no-sample", action="store_true", help="start without the sample company")
    parser.add_argument("--no-traffic", action="store_true", help="send no fresh events")
    parser.add_argument("--fresh", action="store_true", help="wipe what earlier starts kept")


def start(**given: Any) -> int:
    options = Options(
        state=given["state"] or usual_folder(given["company"] or USUAL_COMPANY),
        company=given["company"],
        port=given["port"],
        json=given["json"],
        sample=not given["no_sample"],
        traffic=not given["no_traffic"],
        fresh=given["fresh"],
    )
    try:
        return Demo(options).run()
    except REFUSALS as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1


def usual_folder(company: str) -> Path:
    """Where a sample company's data are kept unless another folder is named."""
    return FOLDER / ("demo" if company == USUAL_COMPANY else f"demo-{company}")
