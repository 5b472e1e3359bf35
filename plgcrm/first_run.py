"""What a new installation needs, in order, and whether it is there: computed from the data."""

from dataclasses import dataclass, replace
from datetime import timedelta

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from outreach.models import Rep
from signals.models import (
    Score,
    ScoringModel,
    ScoringModelVersion,
    Signal,
    SignalDefinition,
    Source,
    Tally,
    WriteKey,
)

LOOKED_AT = 3_000  # scores, to say that accounts qualify: the page must not count them all


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    done: bool
    words: str
    link: str
    action: str
    next: bool = False


def steps() -> list[Step]:
    """The six steps; the first that is not done is the next."""
    found = [_source(), _event(), _signals(), _model(), _accounts(), _reps()]
    todo = next((index for index, step in enumerate(found) if not step.done), None)
    return [replace(step, next=index == todo) for index, step in enumerate(found)]


def _many(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _first_source() -> str:
    source = Source.objects.order_by("pk").first()
    if source is None:
        return reverse("admin:signals_source_add")
    return reverse("admin:signals_source_change", args=[source.pk])


def _source() -> Step:
    keys = WriteKey.objects.filter(revoked_at=None).count()
    words = f"{_many(keys, 'key')} in use." if keys else "Name what sends events, and issue a write key for it."
    link = reverse("admin:signals_source_changelist") if keys else _first_source()
    return Step("A source with a key", bool(keys), words, link, "Sources" if keys else "Add a source")


def _event() -> Step:
    last = Tally.objects.filter(accepted__gt=0).aggregate(hour=Max("hour"))["hour"]
    if last is None:
        words = "Send one event with the client library you have: only host and key change."
        return Step("An event has arrived", False, words, _first_source(), "Send a test event")
    recent = timezone.now() - last < timedelta(hours=1)
    words = "Events came in within this hour." if recent else f"The last one came {timesince(last, depth=1)} ago."
    return Step("An event has arrived", True, words, _first_source(), "Watch them arrive")


def _signals() -> Step:
    counted = SignalDefinition.objects.filter(state=SignalDefinition.State.CURRENT).count()
    counting = SignalDefinition.objects.filter(state=SignalDefinition.State.COUNTING).count()
    waiting = f", {counting} still counting history" if counting else ""
    words = f"{_many(counted, 'signal')} counted{waiting}." if counted else "Say which events mean something."
    if Signal.objects.exists() and not counted:
        words = f"None is counted yet{waiting}."
    link = reverse("admin:signals_signal_changelist")
    return Step("Signals are counted", bool(counted), words, link, "Signals" if counted else "Name a signal")


def _model() -> Step:
    live = ScoringModelVersion.objects.filter(state=ScoringModelVersion.State.LIVE).count()
    of = ScoringModel.objects.count()
    words = f"{live} of {_many(of, 'model')} live." if live else "Look through the criteria and publish a version."
    return Step(
        "A model is live", bool(live), words, reverse("admin:signals_scoringmodel_changelist"), "Scoring models"
    )


def _accounts() -> Step:
    scores = Score.objects.filter(person=None, qualified=True)
    qualified = len(set(scores.values_list("account_id", flat=True)[:LOOKED_AT]))
    least = "At least " if qualified * 2 > LOOKED_AT else ""
    words = (
        f"{least}{_many(qualified, 'account qualifies', 'accounts qualify')} by a live model."
        if qualified
        else "Nobody reaches the threshold yet. See what each criterion pays now, and for how many accounts."
    )
    link = reverse("admin:signals_scoringmodel_changelist")
    return Step("Accounts qualify", bool(qualified), words, link, "See who")


def _reps() -> Step:
    reps = Rep.objects.filter(user__is_active=True).count()
    words = f"{_many(reps, 'rep')} on the queue." if reps else "Add a colleague as a rep: what qualifies waits for one."
    link = reverse("admin:auth_user_changelist") if reps else reverse("admin:auth_user_add")
    return Step("Reps exist", bool(reps), words, link, "Your people" if reps else "Add a rep")
