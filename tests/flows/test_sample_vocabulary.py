"""A sample comes to its vocabulary as a customer does: what is sure is accepted unseen, the rest is said by hand."""

from typing import Any

import pytest
from django.utils import timezone

from plgcrm.demo.companies.install import true_terms
from plgcrm.demo.companies.load import load_sample
from plgcrm.demo.companies.packs import pack_of
from plgcrm.demo.companies.understand import means_the_same, understand
from plgcrm.demo.people import COMPANIES
from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.models import Configuration, VocabularyChange
from signals.vocabulary.meanings import everything_said


@pytest.fixture
def empty(db: None, still: None) -> None:
    Configuration.objects.get_or_create(pk=1)
    ensure_shipped_configuration()


@pytest.mark.parametrize("company", COMPANIES)
def test_a_sample_is_understood_from_its_first_days_and_nothing_accepted_unseen_is_wrong(
    empty: None, company: str
) -> None:
    pack = pack_of(company)
    load_sample(pack, now=timezone.now(), companies=60, quiet=True)
    said = everything_said()
    assert [term for term, true in true_terms(pack.truth) if not means_the_same(term, said.get(term), true)] == []
    assert Configuration.objects.get().live_since is not None
    # What had been accepted was never wrong: only plans and topics that came later were added to it.
    added = VocabularyChange.objects.exclude(before=None)
    assert [change.term for change in added if not is_part(change.before, change.after)] == []
    assert len(added) < 5
    assert understand(pack.truth, timezone.now()).by_hand == []


def is_part(before: Any, after: Any) -> bool:
    """Whether all that was said is still said."""
    if isinstance(before, dict):
        return all(name in after and is_part(value, after[name]) for name, value in before.items())
    return all(each in after for each in before) if isinstance(before, list) else bool(before == after)
