"""The criteria studio: drafts change by form, live versions do not, publishing says in numbers what it does."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from signals.models import Score, ScoringModel, ScoringModelVersion
from signals.scoring.run import sweep
from tests.conftest import Send, group, identify, track
from tests.signals.conftest import rule_data

ACTIVE = {"measure": {"kind": "count", "days": 30}, "op": ">=", "value": 1}
BUSY = {"all": [ACTIVE, {"any": [{"measure": {"kind": "people", "days": 30}, "op": ">=", "value": 2}]}]}
TIERS = [{"slug": "low", "name": "Low", "from": 0}, {"slug": "high", "name": "High", "from": 65}]
ADDRESS = "/admin/signals/scoringmodelversion/"


def criterion(slug: str, points: int, rule: Any = ACTIVE) -> dict[str, Any]:
    entry = {"slug": slug, "name": slug.title(), "rule": rule, "points": points}
    return entry | {"group": None, "cap": None, "half_life": None, "person": False}


@pytest.fixture
def live(source: Any, t0: datetime) -> ScoringModelVersion:
    model = ScoringModel.objects.create(kind="pql", name="Product-qualified")
    return ScoringModelVersion.objects.create(
        scoring_model=model, number=1, state="live", published_at=t0, tiers=TIERS, criteria=[criterion("active", 70)]
    )


@pytest.fixture
def draft(live: ScoringModelVersion) -> ScoringModelVersion:
    return ScoringModelVersion.objects.create(
        scoring_model=live.scoring_model, number=2, tiers=TIERS, criteria=[criterion("active", 40)]
    )


@pytest.fixture
def two_companies(send: Send, live: ScoringModelVersion, t0: datetime) -> None:
    """One with two people active, one with one; both qualify by the live version."""
    for user, company in (("a", "acme"), ("b", "acme"), ("c", "bolt")):
        send(identify(user, f"{user}@{company}.com"), group(user, company), track(user, days=1, workspace=company))
    sweep(t0)


def form(slug: str, rule: Any = ACTIVE, **values: Any) -> dict[str, Any]:
    stated = {"name": "Busy", "points": "30", "group": "", "cap": "", "half_life": ""} | values
    return {f"{slug}-{name}": value for name, value in stated.items()} | rule_data(rule, f"{slug}-rule")


def test_a_new_criterion_with_a_nested_rule_is_kept(admin: Client, draft: ScoringModelVersion) -> None:
    response = admin.post(f"{ADDRESS}{draft.pk}/criteria/new/", form("new", BUSY))
    draft.refresh_from_db()
    assert (response.status_code, response["Location"]) == (302, f"{ADDRESS}{draft.pk}/change/#criterion-busy")
    assert draft.criteria[1] == criterion("busy", 30, BUSY) | {"name": "Busy"}


def test_a_criterion_is_changed_under_its_slug(admin: Client, draft: ScoringModelVersion) -> None:
    admin.post(f"{ADDRESS}{draft.pk}/criteria/active/", form("active", points="-15", half_life="7"))
    draft.refresh_from_db()
    assert draft.criteria == [criterion("active", -15) | {"name": "Busy", "half_life": 7}]


def test_an_unknown_measure_is_refused_and_nothing_typed_is_lost(admin: Client, draft: ScoringModelVersion) -> None:
    data = form("active", BUSY) | {"active-rule:0.1.0:kind": "phase_of_moon"}
    page = admin.post(f"{ADDRESS}{draft.pk}/criteria/active/", data).content.decode()
    draft.refresh_from_db()
    assert "“phase_of_moon” is unknown" in page
    assert "phase_of_moon (unknown)" in page
    assert draft.criteria == [criterion("active", 40)]


def test_a_cap_without_a_threshold_to_multiply_is_refused(admin: Client, draft: ScoringModelVersion) -> None:
    page = admin.post(f"{ADDRESS}{draft.pk}/criteria/active/", form("active", BUSY, cap="60")).content.decode()
    assert "a cap counts multiples of one threshold" in page


def test_a_button_draws_the_form_again_and_saves_nothing(admin: Client, draft: ScoringModelVersion) -> None:
    data = form("active", name="Not yet") | {"active-rule:do": "add-condition 0"}
    page = admin.post(f"{ADDRESS}{draft.pk}/criteria/active/", data).content.decode()
    draft.refresh_from_db()
    assert 'value="0.1 condition"' in page
    assert 'value="Not yet"' in page
    assert draft.criteria == [criterion("active", 40)]


def test_htmx_gets_the_row_alone(admin: Client, draft: ScoringModelVersion) -> None:
    headers = {"HX-Request": "true"}
    response = admin.post(f"{ADDRESS}{draft.pk}/criteria/active/", form("active"), headers=headers)
    assert response["HX-Trigger"] == "criteria-changed"
    assert response.content.decode().strip().startswith("<li")


def test_a_criterion_leaves_the_draft(admin: Client, draft: ScoringModelVersion) -> None:
    admin.post(f"{ADDRESS}{draft.pk}/criteria/active/remove/")
    draft.refresh_from_db()
    assert draft.criteria == []


def test_a_live_version_is_read_only(admin: Client, live: ScoringModelVersion) -> None:
    for place in ("criteria/active/", "criteria/active/remove/", "tiers/"):
        assert admin.post(f"{ADDRESS}{live.pk}/{place}", form("active")).status_code == 404
    assert "+ criterion" not in admin.get(f"{ADDRESS}{live.pk}/change/").content.decode()
    live.refresh_from_db()
    assert live.criteria == [criterion("active", 70)]


def tier_data(*starts: str) -> dict[str, str]:
    data = {"tiers-TOTAL_FORMS": str(len(starts)), "tiers-INITIAL_FORMS": "0", "threshold": "50", "note": "lower"}
    for place, start in enumerate(starts):
        data |= {f"tiers-{place}-name": f"T{place}", f"tiers-{place}-slug": f"t{place}", f"tiers-{place}-start": start}
    return data


def test_tiers_and_threshold_are_changed(admin: Client, draft: ScoringModelVersion) -> None:
    admin.post(f"{ADDRESS}{draft.pk}/tiers/", tier_data("0", "50"))
    draft.refresh_from_db()
    assert [tier["from"] for tier in draft.tiers] == [0, 50]
    assert (draft.threshold, draft.note) == (50, "lower")


def test_tiers_that_do_not_rise_are_refused(admin: Client, draft: ScoringModelVersion) -> None:
    page = admin.post(f"{ADDRESS}{draft.pk}/tiers/", tier_data("0", "50", "40")).content.decode()
    draft.refresh_from_db()
    assert "the tiers do not rise from 0" in page
    assert draft.tiers == TIERS


def test_publishing_says_in_numbers_what_it_does(
    admin: Client, draft: ScoringModelVersion, two_companies: None
) -> None:
    page = admin.get(f"{ADDRESS}{draft.pk}/publish/").content.decode()
    assert "2 accounts are qualified now; <strong>0 would be</strong>: 0 come in, 2 go out, 0 stay." in page
    draft.criteria = [criterion("active", 40), criterion("busy", 30, BUSY)]
    draft.save()
    page = admin.get(f"{ADDRESS}{draft.pk}/publish/").content.decode()
    assert "<strong>1 would be</strong>: 0 come in, 1 go out, 1 stay." in page


def test_what_was_promised_is_what_scoring_then_does(
    admin: Client, draft: ScoringModelVersion, two_companies: None, t0: datetime
) -> None:
    draft.criteria = [criterion("active", 40), criterion("busy", 30, BUSY)]
    draft.save()
    admin.post(f"{ADDRESS}{draft.pk}/publish/")
    sweep(t0)
    assert list(Score.objects.filter(qualified=True).values_list("account__domain", "points")) == [("acme.com", 70)]


def test_going_back_is_publishing_the_former_version(
    admin: Client, live: ScoringModelVersion, draft: ScoringModelVersion
) -> None:
    admin.post(f"{ADDRESS}{draft.pk}/publish/")
    admin.post(f"{ADDRESS}{live.pk}/publish/")
    states = ScoringModelVersion.objects.order_by("number").values_list("number", "state")
    assert list(states) == [(1, "live"), (2, "retired")]


def test_a_new_draft_is_made_from_the_live_version_once(admin: Client, live: ScoringModelVersion) -> None:
    for _ in range(2):
        admin.post(f"/admin/signals/scoringmodel/{live.scoring_model_id}/new-draft/")
    drafts = ScoringModelVersion.objects.filter(state="draft")
    assert [draft.criteria for draft in drafts] == [live.criteria]


def test_the_effect_stands_beside_the_criteria(admin: Client, draft: ScoringModelVersion, two_companies: None) -> None:
    page = admin.get(f"{ADDRESS}{draft.pk}/effect/").content.decode()
    assert '<span class="held" id="held-active" hx-swap-oob="true"' in page
    assert "2 do now" in page


def test_a_criterion_cannot_ask_for_its_own_score(admin: Client, draft: ScoringModelVersion) -> None:
    scored = {"measure": {"kind": "attribute", "key": "score.pql"}, "op": ">=", "value": 65}
    page = admin.post(f"{ADDRESS}{draft.pk}/criteria/active/", form("active", scored)).content.decode()
    assert "A model cannot read its own points or tier" in page


def test_a_new_model_works_from_its_first_minute(admin: Client, two_companies: None) -> None:
    data = {"name": "Ready to expand", "kind": "expand", "description": "", "position": "5"}
    admin.post("/admin/signals/scoringmodel/add/", data)
    version = ScoringModelVersion.objects.get(scoring_model__kind="expand")
    assert [tier["from"] for tier in version.tiers] == [0, 65]
    assert (version.threshold, version.state) == (65, "draft")
    page = admin.get(f"{ADDRESS}{version.pk}/effect/").content.decode()
    assert "0</dd><dt>accounts would qualify" in page
    assert admin.post(f"{ADDRESS}{version.pk}/publish/").status_code == 302
    sweep(datetime.now(UTC))
    assert set(Score.objects.filter(scoring_model__kind="expand", person=None).values_list("tier", flat=True)) == {
        "not-yet"
    }


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_criterion_101_is_refused_in_words_and_what_was_typed_stays(
    admin: Client, draft: ScoringModelVersion, headers: dict[str, str]
) -> None:
    draft.criteria = [criterion(f"c-{number}", 1) for number in range(100)]
    draft.save()
    page = admin.post(f"{ADDRESS}{draft.pk}/criteria/new/", form("new", name="Hundred and first"), headers=headers)
    assert page.status_code == 200
    assert "This model has 100 criteria, which is the most a model can have. Remove one first" in page.content.decode()
    assert "Hundred and first" in page.content.decode()
    draft.refresh_from_db()
    assert len(draft.criteria) == 100


def test_a_criterion_is_still_changed_where_there_are_a_hundred(admin: Client, draft: ScoringModelVersion) -> None:
    draft.criteria = [criterion(f"c-{number}", 1) for number in range(100)]
    draft.save()
    assert admin.post(f"{ADDRESS}{draft.pk}/criteria/c-99/", form("c-99", points="7")).status_code == 302
    draft.refresh_from_db()
    assert draft.criteria[99]["points"] == 7
