"""What the vocabulary page promises of a meaning is what rules then read."""

from typing import Any

import pytest

from signals.vocabulary.effects import effect_of
from tests.conftest import Send, group, identify

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("slug", "sent", "options", "words"),
    [
        ("paying", True, {}, "1 of 1 account would pay."),
        ("paying", " Enabled ", {}, "1 of 1 account would pay."),
        ("paying", "t", {}, "0 of 1 account would pay."),
        ("paying", "no", {}, "0 of 1 account would pay."),
        ("monthly_revenue", 20, {}, "1 of 1 account would pay something."),
        ("monthly_revenue", "$1,200", {}, "1 of 1 account would pay something."),
        ("monthly_revenue", 0, {}, "0 of 1 account would pay something."),
        ("monthly_revenue", "from 20 to 40", {}, "0 of 1 account would pay something."),
        ("monthly_revenue", 20, {"currency": "USD"}, "0 of 1 account would pay something."),
        ("plan", "Harbor ", {"plans": {"harbor": "paid"}}, "1 of 1 account would be on a paid plan, 0 on trial."),
        ("plan", "tide", {"plans": {"Tide": "trial"}}, "0 of 1 account would be on a paid plan, 1 on trial."),
        ("plan", "reef", {"plans": {}}, "0 of 1 account would be on a paid plan, 0 on trial."),
        ("seats", 4, {}, "Known of 1 of 1 account."),
    ],
)
def test_the_effect_of_a_meaning_is_what_rules_will_read(
    send: Send, settings: Any, slug: str, sent: Any, options: dict[str, Any], words: str
) -> None:
    settings.CURRENCY = "EUR"
    send(identify("u1", "kim@quay-labs.com"), group("u1", "w1", berth=sent))
    paths = [{"of": "company", "path": "berth"}]
    assert effect_of(slug, {"paths": paths, "options": options}) == words
