"""The indexes of the queue's order hold the play too: counts by play need no look at the items."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import F, OrderBy, Q

WAITING = Q(("state__in", ["open", "claimed"]))
ORDER = (F("sla_class"), OrderBy(F("priority"), descending=True), F("id"))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0002_saved_views"), ("outreach", "0004_outcomes_and_reports")]

    operations = [
        RemoveIndexConcurrently("queueitem", "queue_item_of_rep"),
        AddIndexConcurrently(
            "queueitem",
            models.Index(F("rep"), *ORDER, condition=WAITING, include=["play"], name="queue_item_of_rep"),
        ),
        RemoveIndexConcurrently("queueitem", "queue_item_of_all"),
        AddIndexConcurrently(
            "queueitem", models.Index(*ORDER, condition=WAITING, include=["play"], name="queue_item_of_all")
        ),
    ]
