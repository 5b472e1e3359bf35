"""Changes of the configuration show their effect first, are kept, and can be undone; without JavaScript."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from outreach.models import Play
from plgcrm.common.sql import rows
from signals.models import Category, Configuration, ConfigurationChange, Segment, Signal, Trigger, VocabularyChange
from signals.vocabulary.meanings import said_of
from tests.cast import api_client_of, play_part
from tests.clock import T0
from tests.conftest import add_signal
from tests.outreach.test_admin import play_data
from tests.signals.conftest import matches_data, rule_data

FEW = {"measure": {"kind": "people", "days": 30}, "op": ">=", "value": 2}
MANY = FEW | {"value": 20}
EVENTS = {"any": [{"kinds": ["track"], "names": ["akte.angelegt"], "source": None, "where": []}]}
PAPERS = {"matches": EVENTS}


@pytest.fixture
def on_air(shipped: None, source: Any) -> None:
    """An installation that is live."""
    Configuration.objects.update(live_since=T0)


def posted_again(page: str) -> dict[str, Any]:
    """What a browser sends when somebody presses the button of the page with the effect."""
    fields: dict[str, Any] = {"confirmed": "1"}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page):
        if name != "csrfmiddlewaretoken":
            fields.setdefault(unescape(name), []).append(unescape(value))
    return fields


def confirmed(admin: Client, address: str, data: dict[str, Any]) -> str:
    """Posts a form, then the page with its effect; the page."""
    page = admin.post(address, data).content.decode()
    assert "What this does to the queues" in page
    assert admin.post(address, posted_again(page)).status_code == 302
    return page


def undo(admin: Client, kind: str) -> None:
    address = f"/admin/changes/{ConfigurationChange.objects.filter(kind=kind).latest('pk').pk}/undo/"
    assert "What this does to the queues" in admin.get(address).content.decode()
    assert admin.post(address).status_code == 302


def test_a_segment_shows_its_effect_is_saved_kept_and_undone(admin: Client, on_air: None) -> None:
    segment = Segment.objects.create(slug="groß", name="Groß", rule=FEW)
    address = f"/admin/signals/segment/{segment.pk}/change/"
    data = {"name": "Groß", "description": "", "position": "0"} | rule_data(MANY)
    before = rows("SELECT models_version FROM signals_configuration")
    page = admin.post(address, data).content.decode()
    assert "Save segment “Groß”?" in page
    assert "Opens <strong>0 items</strong>, closes <strong>0 items</strong>" in page
    assert Segment.objects.get(pk=segment.pk).rule == FEW
    assert not ConfigurationChange.objects.exists()
    assert rows("SELECT models_version FROM signals_configuration") == before
    confirmed(admin, address, data)
    assert Segment.objects.get(pk=segment.pk).rule == MANY
    change = ConfigurationChange.objects.get()
    assert (change.kind, change.before["rule"], change.after["rule"]) == ("segment", FEW, MANY)
    assert rows("SELECT models_version FROM signals_configuration") > before
    assert f"/admin/changes/{change.pk}/undo/" in admin.get(address).content.decode()
    undo(admin, "segment")
    assert Segment.objects.get(pk=segment.pk).rule == FEW


def test_a_trigger_is_confirmed_and_undone(admin: Client, on_air: None) -> None:
    trigger = Trigger.objects.create(slug="viele", name="Viele", rule=FEW)
    address = f"/admin/signals/trigger/{trigger.pk}/change/"
    confirmed(admin, address, {"name": "Viele", "active": "on"} | rule_data(MANY))
    assert Trigger.objects.get(pk=trigger.pk).rule == MANY
    undo(admin, "trigger")
    assert Trigger.objects.get(pk=trigger.pk).rule == FEW


def test_back_to_the_form_keeps_what_was_typed_and_saves_nothing(admin: Client, on_air: None) -> None:
    trigger = Trigger.objects.create(slug="viele", name="Viele", rule=FEW)
    address = f"/admin/signals/trigger/{trigger.pk}/change/"
    page = admin.post(address, {"name": "Sehr viele", "active": "on"} | rule_data(MANY)).content.decode()
    again = {name: value for name, value in posted_again(page).items() if name != "confirmed"} | {"edit_again": "1"}
    form = admin.post(address, again).content.decode()
    assert 'value="Sehr viele"' in form
    assert 'value="20"' in form
    assert "errornote" not in form
    assert Trigger.objects.get(pk=trigger.pk).rule == FEW


def test_back_to_a_line_of_the_vocabulary_keeps_what_was_typed(admin: Client, on_air: None) -> None:
    said = {"do": "say signal:import-started", "event": ["einlesen.begonnen"]}
    again = dict(posted_again(admin.post("/admin/vocabulary/", said).content.decode()).items())
    del again["confirmed"]
    page = admin.post("/admin/vocabulary/", again | {"edit_again": "1"}).content.decode()
    assert 'value="einlesen.begonnen"' in page


def test_a_new_trigger_is_confirmed_too(admin: Client, on_air: None) -> None:
    confirmed(admin, "/admin/signals/trigger/add/", {"name": "N", "slug": "n", "active": "on"} | rule_data(FEW))
    assert Trigger.objects.get(slug="n").rule == FEW
    assert ConfigurationChange.objects.get().before is None


def test_a_form_with_a_mistake_is_corrected_before_anything_is_asked(admin: Client, on_air: None) -> None:
    data = {"name": "N", "slug": "n"} | rule_data(FEW) | {"rule:0.0:op": "~"}
    page = admin.post("/admin/signals/trigger/add/", data).content.decode()
    assert "“~” is unknown" in page
    assert "What this does to the queues" not in page


def test_a_play_is_confirmed_and_undone(admin: Client, on_air: None) -> None:
    play = Play.objects.get(slug="expansion")
    address = f"/admin/outreach/play/{play.pk}/change/"
    data = {name: value for name, value in play_data(play).items() if name != "active"}
    confirmed(admin, address, data)
    assert not Play.objects.get(pk=play.pk).active
    undo(admin, "play")
    assert Play.objects.get(pk=play.pk).active


def test_a_signal_is_confirmed_and_its_former_events_come_back(admin: Client, on_air: None) -> None:
    signal = add_signal("akten", {"any": [{"kinds": ["track"], "names": ["alt"], "source": None, "where": []}]})
    address = f"/admin/signals/signal/{signal.pk}/change/"
    data = {"name": "Akten", "category": signal.category_id, "description": ""} | matches_data(EVENTS)
    confirmed(admin, address, data)
    assert said_of("signal:akten") == PAPERS | {"name": "Akten", "category": "depth"}
    undo(admin, "signal")
    former = said_of("signal:akten")
    assert former is not None
    assert former["matches"]["any"][0]["names"] == ["alt"]
    assert Signal.objects.get(pk=signal.pk).name == "akten"


def test_a_category_is_confirmed_and_undone(admin: Client, on_air: None) -> None:
    category = Category.objects.create(slug="wünsche", name="Wünsche")
    data = {"name": "Wünsche", "slug": "wuensche", "raises_hand": "on", "position": "0"}
    confirmed(admin, f"/admin/signals/category/{category.pk}/change/", data)
    assert Category.objects.get(pk=category.pk).raises_hand
    undo(admin, "category")
    assert not Category.objects.get(pk=category.pk).raises_hand


def test_going_back_to_an_earlier_meaning_skips_what_came_between(admin: Client, on_air: None) -> None:
    trigger = Trigger.objects.create(slug="viele", name="Viele", rule=FEW)
    address = f"/admin/signals/trigger/{trigger.pk}/change/"
    for value in (3, 4):
        confirmed(admin, address, {"name": "Viele", "active": "on"} | rule_data(FEW | {"value": value}))
    first = ConfigurationChange.objects.earliest("pk")
    admin.post(f"/admin/changes/{first.pk}/undo/")
    assert Trigger.objects.get(pk=trigger.pk).rule == FEW
    # Pressed twice, it says so and changes nothing.
    page = admin.get(f"/admin/changes/{first.pk}/undo/", follow=True).content.decode()
    assert "There is nothing to undo" in page


def test_the_vocabulary_asks_before_it_saves_and_before_it_undoes(admin: Client, on_air: None) -> None:
    said = {"do": "say signal:import-started", "event": ["einlesen.begonnen"]}
    before = said_of("signal:import-started")
    page = admin.post("/admin/vocabulary/", said).content.decode()
    assert "Change what this means?" in page
    assert said_of("signal:import-started") == before
    admin.post("/admin/vocabulary/", posted_again(page))
    assert said_of("signal:import-started") != before
    change = VocabularyChange.objects.latest("pk")
    page = admin.post("/admin/vocabulary/", {"do": f"undo {change.pk}"}).content.decode()
    assert "Undo this change?" in page
    admin.post("/admin/vocabulary/", posted_again(page))
    assert said_of("signal:import-started") == before


def test_with_javascript_the_effect_takes_the_place_of_the_page(admin: Client, on_air: None) -> None:
    said = {"do": "say signal:import-started", "event": ["einlesen.begonnen"]}
    page = admin.post("/admin/vocabulary/", said, headers={"HX-Request": "true"}).content.decode()
    assert page.lstrip().startswith('<div id="vocabulary"')
    assert "<html" not in page


def test_what_cannot_be_said_is_refused_before_anything_is_asked(admin: Client, on_air: None) -> None:
    page = admin.post("/admin/vocabulary/", {"do": "say limit:new", "slug": "x", "one": "a", "many": "b"})
    assert "Say which trait is how much is used" in page.content.decode()


def test_in_set_up_mode_a_change_is_saved_at_once(admin: Client, on_air: None) -> None:
    Configuration.objects.update(live_since=None)
    trigger = Trigger.objects.create(slug="viele", name="Viele", rule=FEW)
    data = {"name": "Viele", "active": "on"} | rule_data(MANY)
    assert admin.post(f"/admin/signals/trigger/{trigger.pk}/change/", data).status_code == 302
    assert Trigger.objects.get(pk=trigger.pk).rule == MANY


def test_a_segment_that_is_deleted_shows_its_effect(admin: Client, on_air: None) -> None:
    segment = Segment.objects.create(slug="weg", name="Weg", rule=FEW)
    assert "What this does to the queues" in admin.get(f"/admin/signals/segment/{segment.pk}/delete/").content.decode()
    assert Segment.objects.filter(pk=segment.pk).exists()


def test_a_hostile_name_is_harmless_on_the_page_with_the_effect(admin: Client, on_air: None) -> None:
    name = "<script>alert(1)</script>"
    data = {"name": name, "slug": "h", "active": "on"} | rule_data(FEW)
    page = admin.post("/admin/signals/trigger/add/", data).content.decode()
    assert name not in page
    assert posted_again(page)["name"] == [name]


def test_the_api_answers_with_the_effect_and_changes_nothing(on_air: None) -> None:
    client = api_client_of(play_part("ada"))
    before = said_of("signal:import-started")
    body = {"signals": {"import-started": {"matches": EVENTS}}}
    answer = client.put("/api/v1/vocabulary/?dry_run=true", body, format="json")
    assert (answer.status_code, answer.json()["opens"], answer.json()["lines"]) == (200, 0, [])
    assert said_of("signal:import-started") == before
    wrong = {"signals": {"import-started": {"matches": {"any": []}}}}
    assert client.put("/api/v1/vocabulary/?dry_run=true", wrong, format="json").status_code == 400
    assert client.post("/api/v1/vocabulary/accept/?dry_run=true", {}, format="json").json()["opens"] == 0
    assert client.put("/api/v1/vocabulary/", body, format="json").status_code == 200
    assert said_of("signal:import-started") != before


def test_publishing_a_model_shows_what_it_does_to_the_queues(admin: Client, on_air: None) -> None:
    from signals.models import ScoringModel
    from signals.versions import new_draft

    draft = new_draft(ScoringModel.objects.get(kind="pqa"), acting_user=play_part("ada"))
    page = admin.get(f"/admin/signals/scoringmodelversion/{draft.pk}/publish/").content.decode()
    assert "What this does to the queues" in page
