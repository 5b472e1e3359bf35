"""Each type of message is told apart wherever it goes, and said to senders."""

import re
from pathlib import Path

import pytest

from signals.ingest.http import KINDS
from signals.rules.matching import parse_matches
from signals.rules.message_types import ACTIVITY_TYPES, MESSAGE_TYPES, NAMED_BY_EVENT, NAMED_BY_NAME, MessageType

PAGE = Path(__file__).parents[2] / "docs/howto/send-events.md"


def test_no_two_types_share_a_number_a_name_or_an_address() -> None:
    assert len({each.number for each in MESSAGE_TYPES}) == len(MESSAGE_TYPES)
    assert len(KINDS) == 2 * len(MESSAGE_TYPES) + 3  # batch, import and b


def test_numbers_that_events_are_stored_with_stay() -> None:
    assert [each.name for each in sorted(MESSAGE_TYPES, key=lambda each: each.number)][:6] == [
        "track", "page", "screen", "identify", "group", "alias",
    ]  # fmt: skip


@pytest.mark.parametrize("message_type", MESSAGE_TYPES, ids=lambda each: each.name)
def test_each_type_is_known_to_definitions_and_to_senders(message_type: MessageType) -> None:
    name = message_type.name
    [clause] = parse_matches({"any": [{"kinds": [name]}]})
    assert clause.kinds == (name,)
    assert KINDS[name] == KINDS[message_type.short_path] == name
    assert re.search(rf"^\|[^|]*`{name}`[^|]*\|", PAGE.read_text(), re.MULTILINE)


def test_what_people_do_has_a_name() -> None:
    [clause] = parse_matches({"any": [{"names": ["Board"]}]})
    assert clause.kinds == ACTIVITY_TYPES
    assert set(ACTIVITY_TYPES) <= NAMED_BY_EVENT | NAMED_BY_NAME
