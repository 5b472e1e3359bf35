"""The product itself is neutral: what the sample companies are called, send and count stands in their packs alone."""

import re
from pathlib import Path

import pytest

from plgcrm.demo.companies.packs import pack_of
from plgcrm.demo.people import COMPANIES

ROOT = Path(__file__).resolve().parents[2]
NEUTRAL = ("accounts", "signals", "outreach", "templates")
KINDS = {".py", ".sql", ".html", ".txt", ".css", ".js", ".json"}


def words_of(company: str) -> set[str]:
    """Those that nothing else in the product could mean: its name, its features' events, what it counts."""
    pack = pack_of(company)
    counted = {path for limit in pack.truth.limits for path in (limit.used, limit.allowed)}
    return {pack.product.lower(), *pack.truth.core_features, *counted}


def files_with(words: set[str]) -> set[str]:
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(words)))})(?![\w-])", re.I)
    files = (path for folder in NEUTRAL for path in (ROOT / folder).rglob("*") if path.suffix in KINDS)
    files = (path for path in files if "migrations" not in path.parts)
    return {str(path.relative_to(ROOT)) for path in files if pattern.search(path.read_text())}


@pytest.mark.parametrize("company", COMPANIES)
def test_no_word_of_a_sample_company_stands_in_the_product(company: str) -> None:
    assert files_with(words_of(company)) == set()


def test_the_words_are_those_of_the_packs_and_would_be_found() -> None:
    assert {"gleaner", "batch.submitted", "creditsIncluded"} <= words_of("api")
    assert {"boards", "Timeline Viewed", "boards_used"} <= words_of("boards")
    assert "signals/measures/kinds.py" in files_with({"class Count"})
