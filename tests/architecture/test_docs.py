"""Documents, comments and docstrings cannot lie about names: each path, command, setting and function is there."""

import ast
import re
from fnmatch import fnmatch

import pytest
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from outreach.plays.why_now import DERIVED_FACTS
from signals.ingest.http import KINDS as INGEST_PATHS
from signals.shipped import FACTS
from tests.architecture import named
from tests.architecture.named import ROOT, Saying

IDENTIFIER = re.compile(r"_?[A-Za-z]\w*")
SNAKE = re.compile(r"(?<![\w./:{-])_?[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b(?![\w./-]*[./]\w)")
DOTTED = re.compile(r"(?<![\w/.@-])_?[A-Za-z]\w*(?:\.\w+)+(?![\w(/-])")
FILE = re.compile(r"(?<![\w/.-])[\w-]+\.(?:py|md|sql|html|toml|lock|ya?ml|json|mjs)\b(?!/)")
FOLDERS = re.compile(r"(?<![\w/.:<-])\.?\w[\w.-]*(?:/[\w.*-]+)*/(?:[\w.*-]+)?(?![\w/])")
MAKE = re.compile(r"(?:`|^|&& )make ([a-z]+)", re.MULTILINE)
MANAGE = re.compile(r"manage\.py (\w+)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
VARIABLE = re.compile(r"(?:^|[\s\"])([A-Z][A-Z_]{3,})=", re.MULTILINE)
CLASS = re.compile(r"[A-Z]+[a-z]\w*")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
# Named, and not ours.
FACT_NAMES = {*(slug for slug, *_ in FACTS), *DERIVED_FACTS}
FOREIGN = {
    "ExecStart": "systemd",
    "page_NAME_p95_ms": "one figure for each page",
    "effect_of_NAME_seconds": "one figure for each kind of change",
    "its_name": "a name that somebody is to choose",
}
FOREIGN_FILES = {"analytics.js": "Segment's client in the browser", ".plgcrm/bench": "made by the benchmarks"}
FOREIGN_OPTIONS = {"--schedule": "celery", "--workers": "granian", "--no-input": "Django"}


def where(saying: Saying, name: str) -> str:
    return f"{saying.path}: {name}"


def all_prose() -> list[Saying]:
    return [*named.documents(), *named.remarks()]


def is_path(name: str) -> bool:
    """Whether there is such a file, folder or module, from the root of the project or of one of its folders."""
    tails = (name, f"{name}/", f"{name}.py")
    found = named.paths()
    if "*" in name:
        return any(fnmatch(path, name) or fnmatch(path, f"*/{name}") for path in found)
    return any(path == tail or path.endswith(f"/{tail}") for path in found for tail in tails)


def paths_of(saying: Saying) -> list[str]:
    """Files by their ending anywhere; folders where they stand between backticks."""
    ticked = [tick for tick in saying.ticked() if FOLDERS.fullmatch(tick)]
    return [*ticked, *FILE.findall(saying.text)]


def test_each_file_and_folder_is_there() -> None:
    missing = [
        where(saying, path)
        for saying in all_prose()
        for path in paths_of(saying)
        if not is_path(path) and path not in FOREIGN_FILES
    ]
    assert "\n".join(missing) == ""


def test_each_link_leads_to_a_file_and_a_heading() -> None:
    missing = [
        where(page, link)
        for page in named.documents()
        for link in named.LINK.findall(page.text)
        if "://" not in link and not leads_somewhere(page, link)
    ]
    assert "\n".join(missing) == ""


def leads_somewhere(page: Saying, link: str) -> bool:
    path, _, heading = link.partition("#")
    target = (ROOT / page.path).parent / path if path else ROOT / page.path
    if not heading:
        return target.exists()
    slugs = [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in HEADING.findall(target.read_text())]
    return heading in slugs


def test_each_make_target_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    found = [(saying, name) for saying in all_prose() for name in MAKE.findall(saying.text)]
    missing = [where(saying, name) for saying, name in found if name not in targets]
    assert "\n".join(missing) == ""


def test_each_management_command_is_there() -> None:
    commands = {*get_commands(), "help"}
    found = [(saying, name) for saying in all_prose() for name in MANAGE.findall(saying.commands())]
    missing = [where(saying, name) for saying, name in found if name not in commands]
    assert "\n".join(missing) == ""


def test_each_option_of_a_command_is_there() -> None:
    code = "".join(path.read_text() for path in named.with_ending(".py"))
    found = [(page, option) for page in named.documents() for option in OPTION.findall(page.text)]
    missing = [where(page, name) for page, name in found if f'"{name}"' not in code and name not in FOREIGN_OPTIONS]
    assert "\n".join(missing) == ""


def test_each_variable_of_a_shell_line_is_there() -> None:
    known = named.code_words() | set(named.WORD.findall((ROOT / "Makefile").read_text()))
    found = [
        (page, name)
        for page in named.documents()
        for fence in named.FENCE.findall(page.text)
        for name in VARIABLE.findall(fence)
    ]
    missing = [where(page, name) for page, name in found if name not in known]
    assert "\n".join(missing) == ""


def is_address(address: str) -> bool:
    address = re.sub(r"{\w+}", "1", address)
    if address.startswith("/v1/"):
        return address.removeprefix("/v1/").strip("/") in {"", *INGEST_PATHS}
    try:
        resolve(address)
    except Resolver404:
        return False
    return True


def test_each_address_leads_to_a_view() -> None:
    pattern = re.compile(r"`(?:(?:GET|POST|PUT|PATCH|DELETE) )?(/(?!etc/|var/)[\w/{}-]*)`")
    found = [(page, address) for page in named.documents() for address in pattern.findall(page.text)]
    missing = [where(page, address) for page, address in found if not is_address(address)]
    assert "\n".join(missing) == ""


def is_known(name: str) -> bool:
    return name in named.code_words() or name in FOREIGN or name.removesuffix("_words") in FACT_NAMES


def test_each_name_between_backticks_is_a_word_of_the_code() -> None:
    found = [(saying, tick) for saying in all_prose() for tick in saying.ticked() if IDENTIFIER.fullmatch(tick)]
    missing = [where(saying, name) for saying, name in found if not is_known(name)]
    assert "\n".join(missing) == ""


def test_each_name_with_an_underscore_in_a_comment_is_a_word_of_the_code() -> None:
    found = [(remark, name) for remark in named.remarks() for name in SNAKE.findall(remark.text)]
    missing = [where(remark, name) for remark, name in found if not is_known(name)]
    assert "\n".join(missing) == ""


def is_defined(dotted: str) -> bool:
    """Whether a dotted name leads to something; one that begins with nothing of ours is foreign, unless a class."""
    places = named.definitions()
    first, *rest = dotted.split(".")
    starts = [place for place in places if place == first or place.endswith(f".{first}")]
    if not starts:
        return dotted in named.code_words() or not CLASS.fullmatch(rest[-1])
    return dotted in named.code_words() or any(leads_to(place, rest) for place in starts)


def leads_to(place: str, rest: list[str]) -> bool:
    places = named.definitions()
    for name in rest:
        if name not in places.get(place, ()):
            return False
        place = f"{place}.{name}"
    return True


def test_each_dotted_name_leads_to_what_it_names() -> None:
    files = re.compile(r".*\.(py|md|sql|html|json|js|mjs|toml|yaml|com|org|csv|gz)")
    found = [(saying, name) for saying in all_prose() for name in DOTTED.findall(saying.text)]
    missing = [
        where(saying, name)
        for saying, name in found
        if not files.fullmatch(name) and not is_defined(name) and name not in named.code_words()
    ]
    assert "\n".join(missing) == ""


def settings_from_the_environment() -> set[str]:
    tree = ast.parse((ROOT / "plgcrm/settings.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and is_environment(node.func)]
    return {str(argument.value) for call in calls for argument in call.args[:1] if isinstance(argument, ast.Constant)}


def is_environment(function: ast.expr) -> bool:
    name = function.value if isinstance(function, ast.Attribute) else function
    return isinstance(name, ast.Name) and name.id == "env"


def test_the_settings_page_lists_what_comes_from_the_environment_and_nothing_else() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/reference/settings.md").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(settings_from_the_environment())


# --- The tests above notice -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["outreach/guards", "signals/measures/nothing.py", "rules/nothing/", "sql/*.nothing"])
def test_a_path_that_is_not_there_is_noticed(path: str) -> None:
    assert not is_path(path)


@pytest.mark.parametrize("path", ["rules/", "signals/rules", "plgcrm/settings.py", "settings.py", "sql/*.sql"])
def test_a_path_may_begin_in_any_folder(path: str) -> None:
    assert is_path(path)


@pytest.mark.parametrize("name", ["signals.models.Nobody", "models.Nobody", "gone.Head", "QueueItem.nothing"])
def test_a_dotted_name_that_leads_nowhere_is_noticed(name: str) -> None:
    assert not is_defined(name)


@pytest.mark.parametrize("name", ["signals.shipped.FACTS", "shipped.FACTS", "Spec.key", "request.POST", "plays.decide"])
def test_a_dotted_name_may_begin_at_a_module_or_class_or_be_foreign(name: str) -> None:
    assert is_defined(name)


def test_a_name_in_a_comment_alone_is_no_word_of_the_code() -> None:
    text = '"""`made_up`"""\n\n\ndef f() -> str:\n    """`made_up`"""\n    # made_up\n    return "kept"\n'
    assert {"f", "kept"} <= named._python_words(ast.parse(text)) <= {"f", "kept", "str"}
