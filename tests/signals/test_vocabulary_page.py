"""The vocabulary and the catalog as an admin and a program see and change them."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from signals.models import (
    CatalogueSource,
    Configuration,
    EventName,
    EventNameDay,
    Meaning,
    ProductLimit,
    Signal,
    SignalDefinition,
    Source,
    VocabularyChange,
)
from signals.vocabulary.meanings import said_of
from tests.cast import api_client_of, client_of, play_part, text_of
from tests.signals.test_meanings import add_key

pytestmark = pytest.mark.django_db
PAGE = "/admin/vocabulary/"


@pytest.fixture
def ada() -> Client:
    Configuration.objects.get_or_create(pk=1)
    SignalDefinition.objects.all().delete()
    arrive("Demo Requested", 10, message=["We would like to see it"])
    arrive("Checkout Completed", 30, plan=["pro"])
    arrive("Logged In", 9_000)
    add_key("plan_name", ["free", "pro", "scale"])
    add_key("size", ["50"])
    source = Source.objects.get()
    CatalogueSource.objects.create(source=source, people_sampled=5, workspaces_sampled=2)
    return client_of(play_part("ada"))


def arrive(name: str, count: int, **properties: list[Any]) -> EventName:
    source, _ = Source.objects.get_or_create(name="App")
    now = timezone.now()
    made = EventName.objects.create(source=source, kind=1, name=name, last_seen_at=now, sampled=1)
    EventNameDay.objects.create(name=made, day=now.date(), settled=count)
    for path, samples in properties.items():
        add_key(path, samples, "event", made)
    return made


def post(client: Client, do: str, **fields: Any) -> str:
    return client.post(PAGE, {"do": do} | fields, follow=True).content.decode()


def test_the_page_shows_what_is_suggested_with_its_evidence(ada: Client) -> None:
    page = text_of(ada, PAGE)
    assert "Accept all 3 sure suggestions" in page
    assert "The name says so; it came 10 times." in page
    assert "The name comes close; it came 30 times." in page
    assert "free is free, pro is paid, scale is paid" in page


def test_accepting_all_sure_ones_is_one_click(ada: Client) -> None:
    assert "3 suggestions accepted." in post(ada, "accept-sure")
    assert said_of("meaning:plan") is not None
    assert said_of("signal:subscribed") is None
    assert {change.user and change.user.username for change in VocabularyChange.objects.all()} == {"ada"}


def test_a_section_or_a_single_suggestion_is_accepted_though_it_is_not_sure(ada: Client) -> None:
    post(ada, "accept meaning:employees")
    assert list(Meaning.objects.values_list("slug", flat=True)) == ["employees"]
    post(ada, "accept-section do")
    assert {"demo-requested", "subscribed"} <= set(
        Signal.objects.exclude(definitions=None).values_list("slug", flat=True)
    )


def test_a_line_is_corrected_by_hand_with_what_arrived_on_offer(ada: Client) -> None:
    form = text_of(ada, f"{PAGE}?edit=signal:demo-requested")
    assert '<option value="Checkout Completed"></option>' in form
    post(ada, "say signal:demo-requested", event=["Logged In", "page: Demo", ""])
    assert said_of("signal:demo-requested") == {
        "matches": {
            "any": [
                {"kinds": ["track"], "names": ["Logged In"], "source": None, "where": []},
                {"kinds": ["page"], "names": ["Demo"], "source": None, "where": []},
            ]
        }
    }
    post(ada, "say meaning:plan", path=["plan_name", "person: tier"], **{"plan:free": "free", "plan:pro": "trial"})
    assert said_of("meaning:plan") == {
        "paths": [{"of": "company", "path": "plan_name"}, {"of": "person", "path": "tier"}],
        "options": {"plans": {"free": "free", "pro": "trial"}},
    }
    post(ada, "clear meaning:plan")
    assert said_of("meaning:plan") is None


def test_money_roles_topics_and_ratings_say_how_they_read(ada: Client) -> None:
    post(ada, "say meaning:monthly_revenue", path="mrr", period="year", currency="eur", cents="1")
    post(ada, "say meaning:role", path="role", roles="1", admin=["owner", "chief"])
    post(ada, "say property:ticket-opened.topic", path="topic", commercial="billing, limits")
    post(ada, "say property:ticket-rated.rating", path="score", bad="2")
    post(ada, "say property:ticket-solved.rating", path="mood", bad="sad, angry")
    options = {
        term: (said_of(term) or {})["options"]
        for term in (
            "meaning:monthly_revenue", "meaning:role", "property:ticket-opened.topic",
            "property:ticket-rated.rating", "property:ticket-solved.rating",
        )
    }  # fmt: skip
    assert list(options.values()) == [
        {"cents": True, "period": "year", "currency": "EUR"},
        {"admins": ["owner", "chief"]},
        {"commercial": ["billing", "limits"]},
        {"bad_at_most": 2},
        {"bad": ["sad", "angry"]},
    ]


def test_a_limit_is_added_by_hand(ada: Client) -> None:
    page = post(ada, "say limit:new", slug="credits", one="credit", many="credits", used="used", allowed="all")
    assert "used company: used" not in page
    assert ProductLimit.objects.get().many == "credits"
    assert "allowed all" in page


def test_a_feature_that_was_not_suggested_is_added_by_hand(ada: Client) -> None:
    page = post(ada, "say signal:new", name="Shared reports", event=["Report Shared", "page: Report", ""])
    assert "Shared reports" in page
    said = said_of("signal:feature-shared-reports") or {}
    names = [(clause["kinds"], clause["names"]) for clause in said["matches"]["any"]]
    assert (said["category"], names) == ("core-features", [(["track"], ["Report Shared"]), (["page"], ["Report"])])


@pytest.mark.parametrize(
    ("name", "event", "reason"),
    [
        ("", "Report Shared", "Say what the feature is called"),
        ("Shared reports", " ", "and which event means"),
        ("shared  reports!", "Report Opened", "There is a feature of this name already"),
    ],
)
def test_a_feature_needs_a_name_of_its_own_and_an_event(ada: Client, name: str, event: str, reason: str) -> None:
    post(ada, "say signal:new", name="Shared reports", event=["Report Shared"])
    page = post(ada, "say signal:new", name=name, event=[event])
    assert reason in page
    assert f'name="name" maxlength="100" value="{name}"' in page


def test_a_feature_may_have_a_name_in_any_script(ada: Client) -> None:
    assert "Отчёты" in post(ada, "say signal:new", name="Отчёты", event=["Report Shared"])


def test_what_cannot_be_saved_stays_in_the_form_with_its_reason(ada: Client) -> None:
    page = post(ada, "say limit:new", slug="plan", one="plan", many="plans", used="u", allowed="a")
    assert "choose another short name" in page
    assert 'value="plans"' in page
    assert not ProductLimit.objects.exists()


def test_a_change_is_undone_from_the_page(ada: Client) -> None:
    post(ada, "accept meaning:plan")
    change = VocabularyChange.objects.get()
    assert "Undone." in post(ada, f"undo {change.pk}")
    assert said_of("meaning:plan") is None


def test_htmx_gets_the_part_and_no_redirect(ada: Client) -> None:
    answer = ada.post(PAGE, {"do": "accept meaning:plan"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    assert "Accepted." in answer.content.decode()


def test_the_effect_is_counted_when_asked_for(ada: Client) -> None:
    assert "0 of 0 accounts would be on a paid plan" in text_of(ada, f"{PAGE}?effect=meaning:plan")


def test_hostile_names_are_harmless_on_both_pages(ada: Client) -> None:
    arrive("<script>alert(1)</script>", 500, **{"<img src=x>": ["<b>"]})
    for address in (PAGE, "/admin/catalogue/", f"{PAGE}?edit=signal:signed-up"):
        assert "<script>alert" not in text_of(ada, address)


# The catalog


def test_the_catalog_lists_names_by_volume_with_what_they_mean(ada: Client) -> None:
    post(ada, "accept signal:demo-requested")
    page = text_of(ada, "/admin/catalogue/")
    assert page.index("Logged In") < page.index("Checkout Completed") < page.index("Demo Requested")
    assert "demo requested" in page
    assert "plan_name" in page


def test_names_are_searched_hidden_and_shown_again(ada: Client) -> None:
    assert "Logged In" not in text_of(ada, "/admin/catalogue/?q=demo")
    name = EventName.objects.get(name="Logged In")
    ada.post("/admin/catalogue/", {"do": f"hide {name.pk}"})
    assert "Logged In" not in text_of(ada, "/admin/catalogue/")
    assert "Logged In" in text_of(ada, "/admin/catalogue/?hidden=1")
    ada.post("/admin/catalogue/?hidden=1", {"do": f"show {name.pk}"})
    assert "Logged In" in text_of(ada, "/admin/catalogue/")


def test_a_full_catalog_says_so_and_a_name_can_be_evicted(ada: Client) -> None:
    assert "Evict" not in text_of(ada, "/admin/catalogue/")
    CatalogueSource.objects.update(keys_left_out=3)
    page = text_of(ada, "/admin/catalogue/")
    assert "The limit is reached for App" in page
    name = EventName.objects.get(name="Logged In")
    ada.post("/admin/catalogue/", {"do": f"evict {name.pk}"})
    assert "Logged In" not in text_of(ada, "/admin/catalogue/")


def test_the_properties_of_a_name_open_below_it(ada: Client) -> None:
    name = EventName.objects.get(name="Checkout Completed")
    assert "pro" in text_of(ada, f"/admin/catalogue/?name={name.pk}")


# The API


@pytest.fixture
def api(ada: Client) -> APIClient:
    return api_client_of(play_part("ada"))


def test_the_api_answers_what_is_said_and_suggested(api: APIClient) -> None:
    answer = api.get("/api/v1/vocabulary/").json()
    assert answer["meanings"] == {}
    plan = next(each for each in answer["suggestions"] if each["term"] == "meaning:plan")
    assert plan["sure"] is True
    assert plan["value"]["paths"] == [{"of": "company", "path": "plan_name"}]


def test_the_api_accepts_and_takes_back_what_it_gave(api: APIClient) -> None:
    accepted = api.post("/api/v1/vocabulary/accept/", {}, format="json").json()["accepted"]
    assert accepted == ["signal:demo-requested", "property:demo-requested.text", "meaning:plan"]
    said = api.get("/api/v1/vocabulary/").json()
    assert api.put("/api/v1/vocabulary/", said, format="json").status_code == 200
    assert VocabularyChange.objects.count() == 3
    api.put("/api/v1/vocabulary/", {"meanings": {"plan": None}}, format="json")
    assert said_of("meaning:plan") is None
    assert api.post("/api/v1/vocabulary/accept/", {"terms": ["meaning:plan"]}, format="json").json() == {
        "accepted": ["meaning:plan"]
    }


@pytest.mark.parametrize("body", [{"meaning": {}}, {"meanings": {"shoe": {"paths": []}}}, [], {"meanings": []}])
def test_the_api_refuses_what_cannot_be_and_changes_nothing(api: APIClient, body: Any) -> None:
    assert api.put("/api/v1/vocabulary/", body, format="json").status_code == 400
    assert not VocabularyChange.objects.exists()


def test_only_admins_see_and_change_it(ada: Client) -> None:
    for name, status in (("rolf", 403), ("mona", 403), ("ada", 200)):
        assert api_client_of(play_part(name)).get("/api/v1/vocabulary/").status_code == status
