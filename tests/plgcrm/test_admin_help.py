"""Every field of every registered model says what it is, in the form and where it is only read."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from rest_framework.authtoken.models import Token

from signals.forms.criterion import CriterionForm, TiersForm
from signals.models import FailedEvent, ScoringModelVersion
from tests.access.world import World, make_world
from tests.cast import client_of
from tests.conftest import Send, group, track

MODELS = sorted(f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry)
# The criteria studio: its forms are asked below; imports, whose pages are no form of the row.
OWN_PAGE = {"signals_scoringmodelversion", "signals_importrun"}


@pytest.fixture
def world(source: Any, send: Send, t0: datetime) -> World:
    send(group("ann", "sent"), track("ann"))
    return make_world(t0, source)


def fields_without_help(page: Any) -> Iterator[str]:
    for fieldset in page.context["adminform"]:
        for line in fieldset:
            for place in line:
                found = place.field
                text = found["help_text"] if place.is_readonly else found.help_text
                if not text and not getattr(found, "is_hidden", False):
                    yield found["name"] if place.is_readonly else found.name


@pytest.mark.parametrize("model", sorted(set(MODELS) - OWN_PAGE))
def test_each_field_says_what_it_is(model: str, world: World) -> None:
    client = client_of(world.users["admin"])
    pages = [client.get(reverse(f"admin:{model}_change", args=[world.rows[model].pk]))]
    pages += [page for page in [client.get(reverse(f"admin:{model}_add"))] if page.status_code == 200]
    assert [name for page in pages for name in fields_without_help(page)] == []


def test_the_forms_of_the_criteria_studio_say_what_each_field_is(world: World) -> None:
    version = ScoringModelVersion.objects.filter(state="draft").get()
    tiers = TiersForm(version)
    fields = [*CriterionForm(prefix="new"), *tiers.threshold]
    assert [field.name for field in fields if not field.help_text] == []


def test_dates_are_written_as_on_the_desk(world: World) -> None:
    page = client_of(world.users["admin"]).get(reverse("admin:signals_event_changelist"), {"q": "nobody@x.example"})
    assert page.status_code == 200
    event = world.rows["signals_event"]
    page = client_of(world.users["admin"]).get(reverse("admin:signals_event_change", args=[event.pk]))
    assert "11 Mar 2026, 10:00" in page.content.decode()


def test_a_version_is_called_by_its_model(world: World) -> None:
    assert str(ScoringModelVersion.objects.get(state="draft")) == "Product-qualified lead v2 (draft)"


def test_a_play_tells_its_trigger_and_its_rule(world: World) -> None:
    page = client_of(world.users["admin"]).get(reverse("admin:outreach_play_changelist")).content.decode()
    assert "becomes true<span class=" in page


def test_discarding_says_how_many_first(world: World) -> None:
    client, failed = client_of(world.users["admin"]), world.rows["signals_failedevent"]
    asked = {"action": "discard_chosen", "_selected_action": [failed.pk]}
    page = client.post(reverse("admin:signals_failedevent_changelist"), asked).content.decode()
    assert "1 failed event</strong> will be deleted for good, 1 of them never replayed" in page
    assert FailedEvent.objects.count() == 1
    client.post(reverse("admin:signals_failedevent_changelist"), asked | {"sure": "1"})
    assert FailedEvent.objects.count() == 0


def test_a_token_is_issued_shown_once_and_revoked(world: World) -> None:
    client, tom = client_of(world.users["admin"]), User.objects.get(username="tom")
    page = client.post(reverse("admin:api_tokens"), {"user": tom.pk}).content.decode()
    key = Token.objects.get(user=tom).key
    assert key in page
    assert key not in client.get(reverse("admin:api_tokens")).content.decode()
    client.post(reverse("admin:revoke_api_token", args=[tom.pk]))
    assert Client(headers={"Authorization": f"Token {key}"}).get("/api/v1/queue/").status_code == 401
