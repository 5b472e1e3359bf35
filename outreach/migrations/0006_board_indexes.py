"""Two indexes for the manager's page, made beside running writers."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

WAITING = models.Q(("state__in", ["open", "claimed"]))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("outreach", "0005_counts_by_index")]

    operations = [
        AddIndexConcurrently(
            model_name="queueitem",
            index=models.Index(condition=WAITING, fields=["play", "due_at"], name="queue_item_play_due"),
        ),
        AddIndexConcurrently(
            model_name="queueitem",
            index=models.Index(condition=WAITING, fields=["rep", "play", "due_at"], name="queue_item_rep_due"),
        ),
    ]
