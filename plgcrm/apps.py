"""The wiring app, and the admin site in its own dress."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PlgcrmConfig(AppConfig):
    name = "plgcrm"
    verbose_name = "PLGCRM"

    def ready(self) -> None:
        from plgcrm import celery  # noqa: F401 - makes it the app that shared tasks are sent through
        from plgcrm.demo.services.guard import refuse_production

        refuse_production()
        _connect_imports()
        _connect_measures()
        _connect_effects()
        _connect_followers()


def _connect_imports() -> None:
    from outreach.access import queue_workers
    from outreach.queue.worked import worked_on
    from signals.imports import desk

    desk.connect(owners=queue_workers, worked=worked_on)


def _connect_measures() -> None:
    from outreach.own_state import register_measures

    register_measures()


def _connect_effects() -> None:
    from outreach.plays.changes import KIND
    from outreach.plays.effects import effect_of
    from signals import changes
    from signals.scoring import queue_effect

    queue_effect.connect(effect_of)
    changes.connect("play", KIND)


def _connect_followers() -> None:
    from accounts.identity import followers
    from outreach.queue.following import ITEMS_AND_TOUCHES
    from signals.scoring.following import MOMENTS_AND_SCORES

    # In this order, for their locks.
    followers.connect(MOMENTS_AND_SCORES)
    followers.connect(ITEMS_AND_TOUCHES)


class PlgcrmAdminConfig(AdminConfig):
    default_site = "plgcrm.admin_site.AdminSite"
