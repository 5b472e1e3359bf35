"""One log line a stage."""

import json
import logging

import pytest

from plgcrm.common.stages import stage
from plgcrm.logging import configuration


def line_of(caplog: pytest.LogCaptureFixture, *, as_json: bool) -> str:
    made = configuration(as_json=as_json, level="INFO", own_level="INFO")["formatters"]["line"]
    formatter: logging.Formatter = made.pop("()")(**made)
    [record] = caplog.records
    return formatter.format(record)


def test_the_line_of_a_stage_holds_its_counts_and_its_duration(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "plgcrm"), stage("sweep") as counts:
        counts["accounts"] = 3
    line = json.loads(line_of(caplog, as_json=True))
    assert (line["event"], line["accounts"], line["level"]) == ("sweep", 3, "info")
    assert line["ms"] >= 0
    assert "accounts=3" in line_of(caplog, as_json=False)


def test_a_stage_that_did_nothing_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "plgcrm"), stage("upkeep") as counts:
        counts["made"] = 0
    assert caplog.records == []
