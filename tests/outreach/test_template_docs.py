"""The reference of message templates names what there is."""

from pathlib import Path

from outreach.messages.variables import ABOUT, RAISED, READY, counted_nouns
from outreach.rules.liquid import FILTERS, TAGS

PAGE = (Path(__file__).parents[2] / "docs/reference/templates.md").read_text()


def test_every_variable_filter_and_tag_is_in_the_reference(shipped: None) -> None:
    words = [f"{name}_words" for name in counted_nouns() if not name.startswith("boards")]  # the sample's own limit
    names = [each.name for each in (*ABOUT, *RAISED, *READY)] + words
    assert [name for name in (*names, *FILTERS, *TAGS) if f"`{name}`" not in PAGE] == []
