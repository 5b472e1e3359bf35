"""What holds for every address of the API."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from accounts.models import Account, Assignment, Person
from plgcrm import api_urls
from plgcrm.common.cache import forget_all
from tests.api.conftest import MakeItem, MakeScore
from tests.clock import T0

LISTS = ["accounts", "people", "scores", "moments", "queue", "outcomes"]
PATTERNS = [str(pattern.pattern) for pattern in api_urls.urlpatterns if "nowhere" not in (pattern.name or "")]
ADDRESSES = ["/api/v1/" + re.sub(r"<\w+:\w+>", "1", path) for path in PATTERNS]
DOCS = Path(settings.BASE_DIR) / "docs" / "reference"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_gets_in_without_a_token(address: str, method: str) -> None:
    answer = getattr(APIClient(), method)(address)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_user_without_a_role_sees_nothing(as_nobody: APIClient, address: str) -> None:
    answer = as_nobody.get(address)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_a_deactivated_user_is_out(as_rep: APIClient, rita: User) -> None:
    User.objects.filter(pk=rita.pk).update(is_active=False)
    assert as_rep.get("/api/v1/pipeline/").status_code == 401


@pytest.mark.django_db
def test_a_wrong_token_is_refused() -> None:
    client = APIClient(headers={"Authorization": "Token 0123"})
    answer = client.get("/api/v1/accounts/")
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")


def test_a_session_must_bring_its_csrf_token_to_change_anything(rita: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(rita)
    assert client.get("/api/v1/queue/").status_code == 200
    answer = client.post("/api/v1/queue/1/claim/")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


@pytest.mark.parametrize(
    ("method", "address", "status", "code"),
    [
        ("get", "nowhere/", 404, "not_found"),
        ("post", "accounts/", 405, "method_not_allowed"),
        ("delete", "queue/1/", 405, "method_not_allowed"),
        ("get", "queue/1/claim/", 405, "method_not_allowed"),
    ],
)
def test_refusals_have_one_shape(as_rep: APIClient, method: str, address: str, status: int, code: str) -> None:
    answer = getattr(as_rep, method)(f"/api/v1/{address}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(answer.json()) == {"code", "message"}


def test_a_body_that_is_no_json_is_refused(as_rep: APIClient, rita: User, acme: Account, item: MakeItem) -> None:
    made = item(acme, rep=rita)
    answer = as_rep.post(f"/api/v1/queue/{made.pk}/done/", b"{", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    answer = as_rep.post(f"/api/v1/queue/{made.pk}/done/", b"[1]", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_fault_of_ours_is_told_in_the_same_shape(as_rep: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("signals.api.pipeline_figures", broken)
    as_rep.raise_request_exception = False
    answer = as_rep.get("/api/v1/pipeline/")
    assert (answer.status_code, answer.json()["code"]) == (500, "server_error")
    assert "secret" not in answer.content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_head_and_options_are_answered(as_rep: APIClient, name: str) -> None:
    assert as_rep.head(f"/api/v1/{name}/").status_code == 200
    assert as_rep.options(f"/api/v1/{name}/").status_code == 200


def fill(many: int, item: MakeItem, score: MakeScore, rita: User) -> None:
    for number in range(many):
        account = Account.objects.create(name=f"Company {number}")
        person = Person.objects.create(name=f"Person {number}", account=account)
        Assignment.objects.create(account=account, rep=rita, started_at=T0)
        score(number, account=account)
        score(number, person=person)
        item(account, rep=rita, person=person)


def queries(client: APIClient, address: str) -> int:
    forget_all()  # a name that the short list asked for is not asked for again
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = client.get(address)
    assert answer.status_code == 200
    return len(captured)


@pytest.mark.parametrize("name", LISTS)
def test_a_long_list_asks_no_more_queries_than_a_short_one(
    as_rep: APIClient, rita: User, item: MakeItem, score: MakeScore, name: str
) -> None:
    fill(1, item, score, rita)
    few = queries(as_rep, f"/api/v1/{name}/")
    fill(9, item, score, rita)
    assert queries(as_rep, f"/api/v1/{name}/") == few
    assert few <= 9  # with all names that rules speak of, asked once in ten seconds


def test_reading_writes_nothing(as_rep: APIClient, rita: User, item: MakeItem, score: MakeScore) -> None:
    fill(2, item, score, rita)
    statements: list[str] = []

    def listen(execute: Any, sql: str, *rest: Any) -> Any:
        statements.append(sql.lstrip().split()[0])
        return execute(sql, *rest)

    with connection.execute_wrapper(listen):
        for address in ADDRESSES:
            as_rep.get(address)
    assert set(statements) <= {"SELECT", "WITH"}


def test_the_schema_is_served_to_who_may_call(as_rep: APIClient) -> None:
    answer = as_rep.get("/api/v1/schema/")
    assert answer.status_code == 200
    assert b"/api/v1/queue/{item_id}/reassign/" in answer.content


def test_the_written_openapi_file_is_up_to_date(tmp_path: Path) -> None:
    call_command("spectacular", "--file", str(tmp_path / "now.yaml"), "--validate", "--fail-on-warn")
    assert (tmp_path / "now.yaml").read_text() == (DOCS / "openapi.yaml").read_text(), "run: make openapi"


@pytest.mark.parametrize("path", PATTERNS)
def test_every_address_is_documented(path: str) -> None:
    page = (DOCS / "api.md").read_text()
    assert re.sub(r"<\w+:(\w+)>", r"{\1}", f"/api/v1/{path}") in page


def test_a_token_is_shown_to_nobody(as_rep: APIClient, rita: User) -> None:
    key = Token.objects.get(user=rita).key
    assert all(key not in as_rep.get(address).content.decode() for address in ADDRESSES)
