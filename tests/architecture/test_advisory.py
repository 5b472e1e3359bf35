"""Advisory locks have their numbers in one place."""

import re
from pathlib import Path

from plgcrm.common import advisory
from tests.architecture.shape import APPS, ROOT

NUMBER = re.compile(r"\b7_?270_?\d{3}\b")
TAKEN = {name: number for name, number in vars(advisory).items() if name.isupper()}


def test_each_number_means_one_lock() -> None:
    assert len(TAKEN) >= 4
    assert len(set(TAKEN.values())) == len(TAKEN)


def test_no_number_stands_anywhere_else() -> None:
    own = Path(advisory.__file__)
    files = [path for app in APPS for kind in ("py", "sql") for path in (ROOT / app).rglob(f"*.{kind}")]
    assert [str(path) for path in files if path != own and NUMBER.search(path.read_text())] == []


def test_the_order_of_locks_names_each() -> None:
    page = (ROOT / "docs/explain/locks.md").read_text()
    assert [name for name in TAKEN if f"`{name}`" not in page] == []
