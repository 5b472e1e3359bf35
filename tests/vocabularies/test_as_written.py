"""The vocabularies are whole: each truth speaks of what is sent, in terms that exist."""

from collections import Counter

import pytest

from signals.vocabulary.terms import MEANING_TERMS, PROPERTY_TERMS, SIGNAL_TERMS
from tests.vocabularies import (
    WrittenVocabulary,
    held_out_vocabularies,
    second_vocabularies,
    written_vocabularies,
)

SIGNALS = {term.slug for term in SIGNAL_TERMS if not term.of}  # the others follow from these
PROPERTIES = {(term.signal, term.slug) for term in PROPERTY_TERMS}
MEANINGS = {term.slug for term in MEANING_TERMS}


ALL = written_vocabularies() | second_vocabularies() | held_out_vocabularies()


@pytest.fixture(params=ALL.values(), ids=ALL)
def written(request: pytest.FixtureRequest) -> WrittenVocabulary:
    vocabulary: WrittenVocabulary = request.param
    return vocabulary


def test_there_are_twenty_four_and_six_of_different_products() -> None:
    assert len({each.product for each in written_vocabularies().values()}) == 20
    assert len({each.product for each in ALL.values()}) == 30


def test_each_name_is_judged_once_and_in_our_terms(written: WrittenVocabulary) -> None:
    assert [each.name for each in written.events] == list(written.truth.signals)
    assert {slug for slug in written.truth.signals.values() if slug} <= SIGNALS


def test_a_third_of_the_names_means_nothing_to_a_seller(written: WrittenVocabulary) -> None:
    meant = list(written.truth.signals.values())
    assert 0.32 < meant.count(None) / len(meant) < 0.5


def test_each_property_that_means_something_is_sent(written: WrittenVocabulary) -> None:
    sent = {each.name: each.properties for each in written.events}
    for name, properties in written.truth.properties.items():
        assert properties.keys() <= sent[name].keys()
        assert {(written.truth.signals[name], slug) for slug in properties.values()} <= PROPERTIES


def test_each_trait_is_judged_once_and_in_our_terms(written: WrittenVocabulary) -> None:
    sent = Counter((each.of, each.path) for each in written.traits)
    judged = {(of, path): slug for of, paths in written.truth.meanings.items() for path, slug in paths.items()}
    assert sent == Counter(judged.keys())
    assert {slug for slug in judged.values() if slug} <= MEANINGS


def test_limits_are_traits_that_mean_nothing_else(written: WrittenVocabulary) -> None:
    for limit in written.truth.limits:
        assert [written.truth.meanings[limit.of][path] for path in (limit.used, limit.allowed)] == [None, None]


def test_plans_and_admins_are_values_that_are_sent(written: WrittenVocabulary) -> None:
    assert set(written.truth.plans) == values(written, "plan")
    assert set(written.truth.admin_roles) <= values(written, "role")


def values(written: WrittenVocabulary, meaning: str) -> set[str]:
    """The samples of what has this meaning, as text."""
    found = [each for each in written.traits if written.truth.meanings[each.of][each.path] == meaning]
    return {str(sample) for each in found for sample in each.samples}


def test_each_sample_is_of_its_type(written: WrittenVocabulary) -> None:
    types = {"text": (str,), "number": (int, float), "yes_no": (bool,)}
    fields = [*written.traits, *(field for each in written.events for field in each.properties.values())]
    assert all(type(sample) in types[field.type] for field in fields for sample in field.samples)


def test_together_they_speak_of_every_term() -> None:
    truths = [each.truth for each in written_vocabularies().values()]
    meant = {
        (each.signals[name], slug) for each in truths for name, of in each.properties.items() for slug in of.values()
    }
    assert {slug for each in truths for slug in each.signals.values() if slug} == SIGNALS
    assert {slug for each in truths for of in each.meanings.values() for slug in of.values() if slug} == MEANINGS
    assert meant == PROPERTIES
