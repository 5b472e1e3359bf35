"""What a new installation needs, in order, and whether it is there: computed from the data, ticked by nobody."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from accounts.models import Account
from outreach.models import Play, Rep, Team
from plgcrm.common.cache import Remembered
from plgcrm.common.sql import queries, rows
from plgcrm.common.text import plural
from signals.models import Configuration, Moment, Score, ScoringModelVersion, SignalDefinition, Source, Tally, WriteKey
from signals.vocabulary.definitions import still_counted

SQL = queries("signals/sql/pipeline.sql")
LOOKED_AT = 3_000  # scores, to say that accounts qualify: the page must not count them all
MOST_USAGE = 20_000_000  # rows; beyond that a look through all of them is too dear for a page
NAMED = 8


@dataclass(frozen=True, slots=True)
class Link:
    words: str
    address: str


@dataclass(frozen=True, slots=True)
class SetupStep:
    """`part`: what else stands in the open step, as the template knows it."""

    title: str
    done: bool
    words: str
    link: Link
    note: str = ""
    notes: tuple[Link, ...] = field(default=())
    part: str = ""
    next: bool = False


def steps() -> list[SetupStep]:
    """In order; the first that is not done is the next."""
    found = [_source(), _event(), _signals(), _accounts(), _reps(), _live()]
    todo = next((index for index, step in enumerate(found) if not step.done), None)
    return [replace(step, next=index == todo) for index, step in enumerate(found)]


def first_source() -> Source | None:
    """The one that test events go to: the first that has a key, else the first."""
    in_use = Count("write_keys", filter=Q(write_keys__revoked_at=None))
    return Source.objects.annotate(keys=in_use).order_by("-keys", "pk").first()


def _source_address(source: Source | None) -> str:
    return reverse("admin:signals_source_change", args=[source.pk]) if source else reverse("admin:signals_source_add")


def _source() -> SetupStep:
    keys, sources = WriteKey.objects.filter(revoked_at=None).count(), Source.objects.count()
    if keys:
        words = f"{plural(keys, 'key')} in use, for {plural(sources, 'source')}."
        link = Link("Sources", reverse("admin:signals_source_changelist"))
    else:
        words = "Name what sends events, and issue a write key for it."
        link = Link("Issue a key" if sources else "Add a source", _source_address(first_source()))
    return SetupStep("A source with a key", bool(keys), words, link)


def _event() -> SetupStep:
    last = Tally.objects.filter(accepted__gt=0).aggregate(hour=Max("hour"))["hour"]
    source = first_source()
    link = Link("How to send", _source_address(source))
    if last is None:
        words = (
            "Add a source first: the test event goes there."
            if source is None
            else "Send one from here, or from your own code: it shows up below on its own."
        )
        return SetupStep("Send a test event and see it arrive", False, words, link, part="arriving")
    recent = timezone.now() - last < timedelta(hours=1)
    words = (
        "Events have arrived within the last hour."
        if recent
        else f"The last one arrived {timesince(last, depth=1)} ago."
    )
    return SetupStep("Send a test event and see it arrive", True, words, link, part="arriving")


def _signals() -> SetupStep:
    current = SignalDefinition.objects.filter(state=SignalDefinition.State.CURRENT).select_related("signal")
    counted = list(current.order_by("signal__name"))
    link, title = Link("Vocabulary", reverse("admin:vocabulary")), "Say what things are called"
    if waiting := still_counted():
        words = f"History is being counted for {plural(waiting, 'signal')}. This takes a minute or two."
        return SetupStep(title, False, words, link)
    if len(counted) <= 1:  # any activity, which needs no name
        words = "Which of your events and traits mean what. Suggestions are ready soon after events have arrived."
        return SetupStep(title, False, words, link)
    matched = _MATCHED.get(_matched_lately)
    if matched is None:
        return SetupStep(
            title,
            True,
            f"{plural(len(counted), 'signal')} counted; there is too much usage to check matches here.",
            link,
        )
    if not matched:
        return SetupStep(title, False, f"None of {plural(len(counted), 'signal')} has matched an event recently.", link)
    silent = [each.signal for each in counted if each.pk not in matched]
    heard = len(counted) - len(silent)
    words = f"{heard} of {plural(len(counted), 'signal')} matched an event in the last 7 days."
    notes = tuple(Link(s.name, reverse("admin:signals_signal_change", args=[s.pk])) for s in silent[:NAMED])
    more = f" and {len(silent) - NAMED} more" if len(silent) > NAMED else ""
    return SetupStep(title, heard > 1, words, link, f"Without a match{more}:" if silent else "", notes)


def _live() -> SetupStep:
    """Until then nothing reaches a queue; requests that arrive meanwhile are counted and not lost."""
    since = Configuration.objects.values_list("live_since", flat=True).first()
    title, address = "Go live", reverse("admin:go_live")
    if since is not None:
        return SetupStep(title, True, f"Live for {timesince(since, depth=1)}.", Link("Your plays", _plays()))
    waiting = Moment.objects.filter(kind=Moment.Kind.HAND_RAISED, decisions=None).count()
    words = "Nothing reaches a queue yet. Look at what would, then let it."
    note = f"{plural(waiting, 'request')} waiting until then." if waiting else ""
    return SetupStep(title, False, words, Link("See what would open", address), note)


def _plays() -> str:
    return reverse("admin:outreach_play_changelist")


_MATCHED = Remembered[set[int] | None](seconds=60)


def _matched_lately() -> set[int] | None:
    """Definitions with usage in the last seven days; None where looking would take too long."""
    if rows("SELECT reltuples FROM pg_class WHERE relname = 'signals_usage'")[0][0] > MOST_USAGE:
        return None
    since = timezone.now().date() - timedelta(days=6)
    return {definition for (definition,) in rows(SQL["definitions_used"], {"since": since})}


def _accounts() -> SetupStep:
    title = "Look at who qualifies"
    live = ScoringModelVersion.objects.filter(state=ScoringModelVersion.State.LIVE).select_related("scoring_model")
    models = [str(version.scoring_model) for version in live]
    if not models:
        link = Link("Publish a model", reverse("admin:signals_scoringmodel_changelist"))
        return SetupStep(title, False, "No scoring model is live: review the criteria and publish a version.", link)
    known, qualified = Account.objects.filter(joined_into=None).count(), _qualified()
    least = "At least " if qualified * 2 > LOOKED_AT else ""
    words = f"{least}{qualified:,} of {plural(known, 'account')} qualify by {plural(len(models), 'live model')}."
    if not known:
        words = "No companies yet: they appear with the first events from people with a company email address."
    elif not qualified:
        words = (
            f"None of {plural(known, 'account')} reaches the threshold yet. See how many points each criterion gives."
        )
    models_page = Link("Scoring models", reverse("admin:signals_scoringmodel_changelist"))
    link = Link("See who", reverse("accounts")) if qualified else models_page
    return SetupStep(
        title, bool(qualified), words, link, "What makes them qualify:" if qualified else "", (models_page,)
    )


def _qualified() -> int:
    scores = Score.objects.filter(person=None, qualified=True)
    return len(set(scores.values_list("account_id", flat=True)[:LOOKED_AT]))


def _reps() -> SetupStep:
    reps = Rep.objects.filter(user__is_active=True).count()
    working = Count("reps", filter=Q(reps__user__is_active=True))
    plays = Play.objects.filter(active=True).values("team")
    empty = list(Team.objects.annotate(working=working).filter(working=0, pk__in=plays))
    title = "Invite your reps"
    if not reps:
        link = Link("Add a rep", reverse("admin:auth_user_add"))
        return SetupStep(title, False, "No reps yet: whatever qualifies is waiting for one.", link)
    words = f"{plural(reps, 'rep')} on the queue." + ("" if empty else " Every team that works a play has reps.")
    notes = tuple(Link(team.name, reverse("admin:outreach_team_change", args=[team.pk])) for team in empty)
    note = "Teams that work a play but have no reps:" if empty else ""
    address = reverse("admin:auth_user_add") if empty else reverse("admin:auth_user_changelist")
    return SetupStep(title, not empty, words, Link("Add a rep" if empty else "Your team", address), note, notes)
