"""On which accounts somebody has worked: what a person did is history, whatever becomes of the events behind it."""

from collections.abc import Collection

from outreach.models import Outcome, QueueItemChange, Touch


def worked_on(accounts: Collection[int]) -> set[int]:
    """Those of the accounts that a person has touched, logged an outcome for, or changed an item of."""
    wanted = list(accounts)
    touched = Touch.objects.filter(account__in=wanted).values_list("account", flat=True)
    logged = Outcome.objects.filter(account__in=wanted, user__isnull=False).values_list("account", flat=True)
    changed = QueueItemChange.objects.filter(item__account__in=wanted, user__isnull=False)
    return {*touched, *logged, *changed.values_list("item__account", flat=True)}
