"""Lines of the language before Liquid, as the migration rewrites them."""

from importlib import import_module

import pytest

from outreach.rules.why_now import KnownFact, first_true, parse_lines

in_liquid = import_module("outreach.migrations.0002_why_now_in_liquid").in_liquid


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{moons} seen.", "{{ moons }} seen."),
        ("{moons|moon is|moons are} seen.", '{{ moons | counted: "moon is", "moons are" }} seen.'),
        ("when moons >= 2: {moons} seen.", "{% if moons >= 2 %}{{ moons }} seen.{% endif %}"),
        ("when moons = 0 and orbit > 0.5: None.", "{% if moons == 0 and orbit > 0.5 %}None.{% endif %}"),
        ("when star = Sol: Home: {star}.", '{% if star == "Sol" %}Home: {{ star }}.{% endif %}'),
        ("when star = 9: Nine.", '{% if star == "9" %}Nine.{% endif %}'),
        ("when moons >= 1e3: Many.", "{% if moons >= 1000 %}Many.{% endif %}"),
        ("when moons > -0.25: Up.", "{% if moons > -0.25 %}Up.{% endif %}"),
        ('when star = a "b": Quoted.', "{% if star == 'a \"b\"' %}Quoted.{% endif %}"),
        ("when star = a \"b\" 'c': Both.", "{% if star == 'a \"b\" ’c’' %}Both.{% endif %}"),
        ("{person} asked: {asked}.", "{{ person.name }} asked: {{ asked }}."),
        ("\n  {moons} seen. \n\n{score.pql} points.\n", "{{ moons }} seen.\n{{ score.pql }} points."),
        ("", ""),
    ],
)
def test_a_line_says_the_same_in_liquid(before: str, after: str) -> None:
    assert in_liquid(before, {"star"}) == after


def test_what_was_rewritten_is_said_as_before() -> None:
    lines = parse_lines(in_liquid("when star = sol and moons < 3: {moons|moon|moons} of {star}.", {"star"}), None)
    facts = {"moons": KnownFact(1, "m", "moons"), "star": KnownFact("SOL", "s", "star")}
    assert first_true(lines, facts, "").text == "1 moon of SOL."
