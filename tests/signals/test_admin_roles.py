"""Only admins enter, and every page of the admin opens for them."""

from typing import Any

import pytest
from django.contrib import admin as stock
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from signals.models import WriteKey
from tests.cast import client_of, play_part
from tests.conftest import Send, track

PAGES = sorted(
    reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") for model in stock.site._registry
)


@pytest.mark.parametrize("name", ["mona", "rita", "rolf", "nick"])
def test_other_roles_are_kept_out_of_every_page(name: str, shipped: None) -> None:
    client = client_of(play_part(name))
    for page in ["/admin/", *PAGES]:
        response = client.get(page, follow=True)
        assert response.status_code == 403, page


@pytest.mark.parametrize("name", ["mona", "rita", "rolf"])
def test_other_roles_change_nothing(name: str, shipped: None, source: Any) -> None:
    client = client_of(play_part(name))
    client.post(f"/admin/signals/source/{source.id}/issue-key/")
    client.post("/admin/auth/user/add/", {"name": "Eve", "email": "eve@x.com", "role": "admin"})
    assert WriteKey.objects.count() == 1
    assert User.objects.count() == 1


def test_strangers_are_sent_to_the_log_in(client: Client, db: None) -> None:
    response = client.get("/admin/signals/source/", follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("account_login"))


def test_a_session_that_ended_sends_the_whole_page_to_the_log_in(client: Client, db: None) -> None:
    response = client.post("/admin/build/rule/rule/", headers={"HX-Request": "true"}, follow=True)
    assert response["HX-Redirect"].startswith(reverse("account_login"))


@pytest.mark.parametrize("page", ["/admin/", *PAGES])
def test_every_list_opens_for_an_admin(page: str, admin: Client, send: Send) -> None:
    send(track("ann"))
    assert admin.get(page, follow=True).status_code == 200


@pytest.mark.parametrize("page", ["/admin/", *PAGES])
def test_no_page_carries_a_script_or_style_of_its_own(page: str, admin: Client, source: Any) -> None:
    html = admin.get(page, follow=True).content.decode()
    assert "<style" not in html
    assert " style=" not in html
    assert "onclick=" not in html
    scripts = html.split("<script")[1:]
    assert scripts
    assert all("src=" in part.split(">")[0] for part in scripts)
