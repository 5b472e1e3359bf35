"""What is suggested of the sample companies is what is true of them, and what is sure of them is never wrong."""

import pytest

from plgcrm.demo.companies.packs import pack_of
from plgcrm.demo.people import COMPANIES
from tests.vocabularies.samples import vocabulary_of
from tests.vocabularies.test_suggestions import judge


@pytest.mark.parametrize("company", COMPANIES)
def test_nine_of_ten_meanings_of_a_sample_company_are_suggested_and_no_sure_one_is_wrong(company: str) -> None:
    judged = judge(vocabulary_of(pack_of(company)))
    true = [each for each in judged if each[3] is not None]
    assert [each for each in judged if each[4] and each[2] != each[3]] == []
    assert len(true) > 60
    assert sum(each[2] == each[3] for each in true) / len(true) >= 0.9
