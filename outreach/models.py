"""Why now, who acts, and the outcomes: plays, decisions and the queue."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Account, Person
from signals.models import Moment, Segment, Trigger


class Team(models.Model):
    """Reps who share plays."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Rep(models.Model):
    """A user who works a queue."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="rep")
    team = models.ForeignKey(Team, models.PROTECT, related_name="reps")
    capacity = models.PositiveSmallIntegerField(default=20, help_text="Items per working day")
    time_zone = models.CharField(max_length=60, default="UTC")
    taking_items = models.BooleanField(default=True, help_text="Off while on leave")
    last_given_at = models.DateTimeField(null=True, blank=True, help_text="Turns taken in the round robin")

    def __str__(self) -> str:
        return str(self.user)


class Persona(models.TextChoices):
    """As whom a person of a company is spoken to."""

    USER = "user", "user"
    CHAMPION = "champion", "champion"
    ADMIN = "admin", "admin"
    BUYER = "buyer", "buyer"


class Play(models.Model):
    """One of the six ways to engage, as data."""

    Persona = Persona

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    goal = models.CharField(max_length=200)
    active = models.BooleanField(default=True)
    on_hand_raise = models.BooleanField(default=False, help_text="Fires when someone makes a request")
    trigger = models.ForeignKey(
        Trigger, models.PROTECT, null=True, blank=True, help_text="Fires when this becomes true"
    )
    team = models.ForeignKey(Team, models.PROTECT, help_text="Who works it when an account has no owner")
    persona = models.CharField(max_length=10, choices=Persona.choices)
    sla_minutes = models.PositiveIntegerField(help_text="Minutes of business time until it is late")
    guards = models.JSONField(default=list, help_text="Names of the guards that can hold it back")
    cool_down_days = models.PositiveSmallIntegerField(default=14)
    why_now = models.TextField(
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="The lines as the version before Liquid reads them; nothing else does",
    )
    why_now_lines = models.TextField(
        default="", db_default="", help_text="Liquid lines, one a row: the first that can be said is the sentence"
    )
    prior_rate = models.FloatField(default=0.1, help_text="Chance of a meeting before there is a history, 0 to 1")
    position = models.SmallIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(on_hand_raise=True, trigger=None) | Q(on_hand_raise=False, trigger__isnull=False),
                name="play_has_one_trigger",
            ),
            models.CheckConstraint(condition=Q(prior_rate__gte=0, prior_rate__lte=1), name="play_prior_is_a_chance"),
        ]

    def __str__(self) -> str:
        return self.name


class DeskRules(models.Model):
    """What guards look at and what a deal is counted as. The newest row is in force, the others are its history."""

    # History alone must keep no segment; what is in force is kept by the segment's own page.
    first_value = models.ForeignKey(Segment, models.SET_NULL, null=True, blank=True, related_name="+")
    support_fire = models.ForeignKey(Segment, models.SET_NULL, null=True, blank=True, related_name="+")
    signup_days = models.PositiveSmallIntegerField(default=3)
    seat_price = models.FloatField(default=120.0)
    company_share = models.FloatField(default=0.2)
    deal_floor = models.FloatField(default=0.0)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "desk rules"
        constraints = [
            models.CheckConstraint(condition=Q(signup_days__lte=90), name="desk_rules_signup_days"),
            models.CheckConstraint(condition=Q(seat_price__gte=0, deal_floor__gte=0), name="desk_rules_amounts"),
            models.CheckConstraint(
                condition=Q(company_share__gte=0, company_share__lte=1), name="desk_rules_share_of_company"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at}"


class MessageTemplate(models.Model):
    """What a play writes to one persona: Liquid text, filled with facts. docs/reference/templates.md"""

    play = models.ForeignKey(Play, models.CASCADE, related_name="templates")
    persona = models.CharField(max_length=10, choices=Persona.choices)
    subject = models.CharField(max_length=300)
    body = models.TextField(max_length=10_000)

    class Meta:
        ordering = ["play__position", "persona"]
        constraints = [models.UniqueConstraint(fields=["play", "persona"], name="template_one_a_persona")]

    def __str__(self) -> str:
        return f"{self.play}: to {'an' if self.persona == Persona.ADMIN else 'a'} {self.persona}"


class PlayDecision(models.Model):
    """What a play made of a moment: fired, or held back by a guard, or over."""

    class State(models.TextChoices):
        FIRED = "fired", "fired"
        HELD = "held", "held back"
        OVER = "over", "over before it fired"

    play = models.ForeignKey(Play, models.CASCADE, related_name="decisions")
    moment = models.ForeignKey(Moment, models.CASCADE, related_name="decisions")
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="decisions")
    state = models.CharField(max_length=6, choices=State.choices)
    guard = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=300)
    checks = models.JSONField(default=list, help_text="Each guard, whether it holds, and its words")
    recheck_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            # plays.decide inserts with ON CONFLICT on this: a moment fires a play at most once.
            models.UniqueConstraint(fields=["play", "moment"], name="play_decision_unique"),
            models.CheckConstraint(condition=~Q(state="held") | ~Q(guard=""), name="play_held_names_its_guard"),
            models.CheckConstraint(condition=~Q(reason=""), name="play_decision_has_reason"),
        ]
        indexes = [
            models.Index(fields=["recheck_at"], condition=Q(state="held"), name="play_decision_held"),
            models.Index(fields=["account", "-decided_at"], name="play_decision_account"),
            models.Index(
                fields=["decided_at", "play", "guard"], condition=Q(state="held"), name="play_decision_held_at"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.play_id} {self.state}: {self.reason}"


class QueueItem(models.Model):
    """One account (and person) for one rep to act on, with its reasons."""

    class State(models.TextChoices):
        OPEN = "open", "open"
        CLAIMED = "claimed", "claimed"
        SNOOZED = "snoozed", "snoozed"
        DONE = "done", "done"
        DISMISSED = "dismissed", "dismissed"
        EXPIRED = "expired", "expired"

    LIVE = (State.OPEN, State.CLAIMED, State.SNOOZED)

    class DismissReason(models.TextChoices):
        WRONG_PERSON = "wrong-person", "Wrong person"
        BAD_TIMING = "bad-timing", "Bad timing"
        NOT_A_FIT = "not-a-fit", "Not a fit"
        ALREADY_TALKING = "already-talking", "Already talking to them"
        WRONG_SIGNAL = "wrong-signal", "Wrong reason"
        OTHER = "other", "Other"

    class Disposition(models.TextChoices):
        WROTE = "wrote", "Emailed them"
        CALLED = "called", "Called them"
        MET = "met", "Meeting booked"
        ANSWERED = "answered", "Answered their question"
        NO_ANSWER = "no-answer", "No answer"
        OTHER = "other", "Other"

    account = models.ForeignKey(Account, models.CASCADE, related_name="queue_items")
    person = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="queue_items")
    play = models.ForeignKey(Play, models.PROTECT, related_name="queue_items")
    # One to one: the same decision can never open two items.
    decision = models.OneToOneField(PlayDecision, models.CASCADE, related_name="queue_item")
    rep = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="queue_items"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    # As it was said: a reader next month sees the sentence that the rep saw.
    why_now = models.CharField(max_length=500)
    facts = models.JSONField(default=dict, help_text="The facts of the sentence, each with its measure")
    facts_as_of = models.DateTimeField()
    sla_class = models.SmallIntegerField(help_text="0 first: hand raises")
    priority = models.FloatField(help_text="Expected value, with ageing; docs/explain/queue.md")
    priority_parts = models.JSONField(default=dict)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="claimed_items"
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    worked_at = models.DateTimeField(
        null=True, blank=True, help_text="First email or call, or closed as done; kept by outreach.queue.actions"
    )
    # The one definition of "in time", for every page and report; unknown until somebody worked the item.
    worked_in_time = models.GeneratedField(
        expression=models.ExpressionWrapper(Q(worked_at__lte=F("due_at")), models.BooleanField(null=True)),
        output_field=models.BooleanField(null=True),
        db_persist=True,
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="closed_items"
    )
    dismiss_reason = models.CharField(max_length=20, choices=DismissReason.choices, blank=True)
    disposition = models.CharField(max_length=20, choices=Disposition.choices, blank=True)
    note = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            # open_items in plays.sql inserts with ON CONFLICT on this.
            models.UniqueConstraint(
                fields=["play", "account"],
                condition=Q(state__in=["open", "claimed", "snoozed"]),
                name="queue_item_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(claimed_by__isnull=False, claimed_at__isnull=False),
                name="queue_item_claimed_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="snoozed") | Q(snoozed_until__isnull=False), name="queue_item_snoozed_until"
            ),
            models.CheckConstraint(
                condition=~Q(state="dismissed") | ~Q(dismiss_reason=""), name="queue_item_dismissed_with_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | ~Q(disposition=""), name="queue_item_done_with_disposition"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, state__in=["open", "claimed", "snoozed"])
                | Q(closed_at__isnull=False, state__in=["done", "dismissed", "expired"]),
                name="queue_item_closed_has_time",
            ),
        ]
        indexes = [
            models.Index(
                F("rep"),
                F("sla_class"),
                F("priority").desc(),
                F("id"),
                condition=Q(state__in=["open", "claimed"]),
                include=["play"],
                name="queue_item_of_rep",
            ),
            models.Index(
                F("sla_class"),
                F("priority").desc(),
                F("id"),
                condition=Q(state__in=["open", "claimed"]),
                include=["play"],
                name="queue_item_of_all",
            ),
            # Team workload: counts and the most overdue, by play and by rep. Nobody's stand under rep NULL.
            models.Index(
                fields=["play", "due_at"], condition=Q(state__in=["open", "claimed"]), name="queue_item_play_due"
            ),
            models.Index(
                fields=["rep", "play", "due_at"], condition=Q(state__in=["open", "claimed"]), name="queue_item_rep_due"
            ),
            models.Index(fields=["snoozed_until"], condition=Q(state="snoozed"), name="queue_item_waking"),
            models.Index(fields=["account", "-created_at"], name="queue_item_account"),
            models.Index(fields=["rep", "closed_at"], name="queue_item_closed"),
            # reports.sql
            models.Index(fields=["created_at", "play", "rep"], name="queue_item_created"),
            models.Index(
                fields=["closed_at", "play", "state", "dismiss_reason", "rep"],
                condition=Q(closed_at__isnull=False),
                name="queue_item_by_closing",
            ),
            models.Index(
                fields=["worked_at", "play", "rep", "worked_in_time"],
                condition=Q(worked_at__isnull=False),
                name="queue_item_worked",
            ),
        ]

    def __str__(self) -> str:
        return self.why_now


class QueueItemChange(models.Model):
    """Who did what to an item, with what it was before: the history, and what undo restores."""

    item = models.ForeignKey(QueueItem, models.CASCADE, related_name="changes")
    verb = models.CharField(max_length=20)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    # Whole columns and not a difference: undo must not depend on what later code thinks a state means.
    before = models.JSONField()
    note = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["item", "-at"], name="queue_item_change_newest")]

    def __str__(self) -> str:
        return f"{self.verb} {self.item_id}"


class Draft(models.Model):
    """The message of an item as a rep has changed it, until it is sent or the item is closed."""

    item = models.OneToOneField(QueueItem, models.CASCADE, primary_key=True, related_name="draft")
    person = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True)
    persona = models.CharField(max_length=10, choices=Persona.choices)
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField(max_length=10_000, blank=True)
    facts = models.JSONField(
        default=list,
        db_default=models.Value([], models.JSONField()),  # a version from before the column goes on writing drafts
        help_text="The facts that it spoke of when it was written",
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.subject


class Touch(models.Model):
    """What a rep did: a mail, a call, a note."""

    class Channel(models.TextChoices):
        EMAIL = "email", "email"
        CALL = "call", "call"
        NOTE = "note", "note"

    account = models.ForeignKey(Account, models.CASCADE, related_name="touches")
    person = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="touches")
    item = models.ForeignKey(QueueItem, models.SET_NULL, null=True, blank=True, related_name="touches")
    # Kept beside the item: touches outlive items, and reports count by play.
    play = models.ForeignKey(Play, models.PROTECT, null=True, blank=True, related_name="touches")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="touches")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField(max_length=10_000, blank=True)
    facts = models.JSONField(default=dict, help_text="The facts that the message spoke of, as they were")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "touches"
        constraints = [
            models.CheckConstraint(condition=~Q(channel="note") | ~Q(body=""), name="touch_note_says_something"),
            models.CheckConstraint(condition=Q(item=None) | Q(play__isnull=False), name="touch_of_item_has_play"),
        ]
        indexes = [models.Index(fields=["account", "-at"], name="touch_account")]

    def __str__(self) -> str:
        return f"{self.channel} {self.subject}"


class Outcome(models.Model):
    """An outcome: logged by a rep, or arrived as an event. Credit: outreach/rules/credit.py"""

    class Kind(models.TextChoices):
        MEETING = "meeting", "meeting"
        OPPORTUNITY = "opportunity", "opportunity"
        WON = "won", "won"
        LOST = "lost", "lost"

    account = models.ForeignKey(Account, models.CASCADE, related_name="outcomes")
    play = models.ForeignKey(
        Play, models.PROTECT, null=True, blank=True, related_name="outcomes", help_text="None: nobody of ours helped"
    )
    item = models.ForeignKey(QueueItem, models.SET_NULL, null=True, blank=True, related_name="outcomes")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="outcomes")
    moment = models.OneToOneField(Moment, models.CASCADE, null=True, blank=True, related_name="outcome")
    credit = models.CharField(max_length=300, help_text="Why this play, or why none, in words")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            # outcomes.record.credit_conversions inserts with ON CONFLICT on the moment: a conversion counts once.
            models.CheckConstraint(condition=Q(amount=None) | Q(amount__gte=0), name="outcome_amount_not_negative"),
            models.CheckConstraint(condition=Q(amount=None) | ~Q(currency=""), name="outcome_amount_has_currency"),
            models.CheckConstraint(condition=Q(item=None) | Q(play__isnull=False), name="outcome_of_item_has_play"),
        ]
        indexes = [
            models.Index(fields=["account", "-at"], name="outcome_account"),
            models.Index(fields=["play", "at"], name="outcome_play"),
            models.Index(fields=["at"], condition=Q(undone_at=None), name="outcome_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.account_id}"
