"""The page of merges to decide: both sides, what would move, and the decision."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from accounts.models import MergeSuggestion, Person
from tests.conftest import Send, alias, identify, track

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(send: Send) -> MergeSuggestion:
    send(identify("al-a", "ann@alpha-one.com"), identify("al-b", "bob@beta-two.com"), track("al-a"), track("al-b"))
    send(alias("al-a", "al-b"), alias("al-a", "never-seen"))
    return MergeSuggestion.objects.get(evidence="al-b")


def test_the_list_names_both_sides_and_leaves_out_ids_that_never_acted(admin: Client, held: MergeSuggestion) -> None:
    page = admin.get(reverse("admin:accounts_mergesuggestion_changelist")).content.decode()
    assert "user id al-a" in page
    assert "user id al-b" in page
    assert "never-seen" not in page


def test_the_page_says_what_accepting_moves(admin: Client, held: MergeSuggestion) -> None:
    page = admin.get(reverse("admin:accounts_mergesuggestion_change", args=[held.pk])).content.decode()
    assert "1 place with events, from alpha-one.com to beta-two.com" in page
    assert Person.objects.filter(merged_into=None, acts_as__isnull=False).distinct().count() == 2


@pytest.mark.parametrize(
    ("decisions", "state", "people"),
    [(["accept"], "accepted", 1), (["refuse"], "refused", 2), (["accept", "undo"], "open", 2), (["other"], "open", 2)],
)
def test_a_decision_is_made_by_post_and_logged(
    admin: Client, held: MergeSuggestion, decisions: list[str], state: str, people: int
) -> None:
    address = reverse("admin:accounts_mergesuggestion_decide", args=[held.pk])
    for decision in decisions:
        admin.post(address, {"decision": decision})
    held.refresh_from_db()
    acting = Person.objects.filter(merged_into=None, acts_as__isnull=False).distinct().count()
    assert (held.state, acting) == (state, people)
    assert LogEntry.objects.count() == (0 if decisions == ["other"] else len(decisions))


def test_reading_the_address_of_a_decision_decides_nothing(admin: Client, held: MergeSuggestion) -> None:
    assert admin.get(reverse("admin:accounts_mergesuggestion_decide", args=[held.pk])).status_code == 302
    held.refresh_from_db()
    assert held.state == "open"
