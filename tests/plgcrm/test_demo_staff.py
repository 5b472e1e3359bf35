"""Who can log in to the demo, and where the demo refuses to go."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError
from rest_framework.authtoken.models import Token

from outreach.models import Rep, Team
from plgcrm.demo.companies.boards.pack import PACK as BOARDS
from plgcrm.demo.people import NO_COMPANY, STAFF, shown_logins
from plgcrm.demo.prepare import prepare, prepare_empty, refuse_a_database_in_use
from plgcrm.demo.staff import ensure_staff
from plgcrm.demo.state import State
from signals.models import Configuration, Source

pytestmark = pytest.mark.django_db
TOKEN = "t" * 40


def password_of(username: str) -> str:
    return f"a long password of {username}"


@pytest.fixture
def given_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when DATABASE_URL was set by the person who starts the demo."""
    monkeypatch.setenv("PLGCRM_DEMO_OWNS_DATABASE", "0")


def test_everybody_has_a_role_and_logs_in() -> None:
    ensure_staff(password_of, TOKEN)
    for colleague in STAFF:
        user = get_user_model().objects.get(username=colleague.username)
        assert check_password(password_of(colleague.username), user.password)
        assert [group.name for group in user.groups.all()] == [colleague.role]


def test_only_the_admin_is_a_superuser_and_has_the_token() -> None:
    ensure_staff(password_of, TOKEN)
    admin = get_user_model().objects.get(is_superuser=True)
    assert admin.username == shown_logins("boards")["admin"]
    assert Token.objects.get().user == admin


def test_the_reps_are_spread_over_the_teams() -> None:
    Team.objects.all().delete()
    teams = {Team.objects.create(slug=slug, name=slug) for slug in ("a", "b", "c")}
    ensure_staff(password_of, TOKEN)
    assert sorted(rep.team_id for rep in Rep.objects.all()) == sorted(2 * [team.pk for team in teams])


def test_a_second_start_changes_nothing() -> None:
    ensure_staff(password_of, TOKEN)
    before = list(get_user_model().objects.order_by("pk").values_list("pk", "password"))
    ensure_staff(password_of, TOKEN)
    assert list(get_user_model().objects.order_by("pk").values_list("pk", "password")) == before


def test_a_new_state_gives_new_passwords() -> None:
    ensure_staff(password_of, TOKEN)
    ensure_staff(lambda username: f"another password of {username}", TOKEN)
    assert check_password("another password of mara", get_user_model().objects.get(username="mara").password)


def test_the_state_makes_secrets_once(tmp_path: Path) -> None:
    state = State(tmp_path)
    assert state.api_token == State(tmp_path).api_token
    assert len(state.api_token) == 40
    assert state.password("mara") != state.password("admin")


def test_a_sample_that_was_cut_off_goes_on_with_the_same_history(tmp_path: Path) -> None:
    began, later = datetime(2026, 5, 20, tzinfo=UTC), datetime(2026, 5, 21, tzinfo=UTC)
    assert State(tmp_path).history_ends(began) == began
    assert State(tmp_path).history_ends(later) == began
    State(tmp_path).forget_sample()
    assert State(tmp_path).history_ends(later) == later


@pytest.mark.usefixtures("given_database")
def test_a_database_with_another_source_is_refused() -> None:
    Source.objects.create(name="Web app")
    with pytest.raises(CommandError, match="not the demo's"):
        refuse_a_database_in_use(BOARDS)


@pytest.mark.usefixtures("given_database")
def test_a_database_with_other_people_is_refused() -> None:
    get_user_model().objects.create_user("boss", "boss@example.com")
    with pytest.raises(CommandError, match="not the demo's"):
        refuse_a_database_in_use(BOARDS)


@pytest.mark.usefixtures("given_database")
def test_without_a_company_there_is_an_admin_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLGCRM_DEMO_OWNS_DATABASE", "1")
    state = State(tmp_path)
    state.note_company(NO_COMPANY)
    prepare(state, sample=True, say=lambda text: None)
    assert list(get_user_model().objects.values_list("username", flat=True)) == ["admin"]
    assert shown_logins(NO_COMPANY) == {"admin": "admin"}
    assert (Source.objects.count(), Configuration.objects.filter(live_since=None).count()) == (0, 1)


@pytest.mark.usefixtures("given_database")
def test_without_a_company_a_database_with_people_is_refused(tmp_path: Path) -> None:
    get_user_model().objects.create(username="ann", email="ann@acme.com")
    with pytest.raises(CommandError, match="has users already"):
        prepare_empty(State(tmp_path))


def test_the_demos_own_database_is_not_refused() -> None:
    ensure_staff(password_of, TOKEN)
    Source.objects.create(name=BOARDS.source)
    refuse_a_database_in_use(BOARDS)
