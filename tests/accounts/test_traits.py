"""What is kept of the traits that clients send."""

from typing import Any

import pytest

from accounts.rules.traits import Value, attribute_name, plain_value


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("  Ada  ", Value("Ada", None)),
        ("200", Value("200", 200.0)),
        (True, Value("true", 1.0)),
        ("", None),
        ([1], None),
        ("\u202eevil\u202c Ltd", Value("evil  Ltd", None)),  # nobody turns our lines round
        ("Two\nlines\x00", Value("Two lines", None)),
        ("👩\u200d🚀 Söhne", Value("👩\u200d🚀 Söhne", None)),  # what joins an emoji stays
    ],
)
def test_plain_values_are_kept_without_what_nobody_sees(sent: Any, kept: Value | None) -> None:
    assert plain_value(sent) == kept


@pytest.mark.parametrize("key", ["firstName", "first-name", "First name", "first_name"])
def test_one_trait_has_one_name_however_it_is_spelt(key: str) -> None:
    assert attribute_name(key) == "first_name"
