"""What: sources, events, signals, usage, scores and moments."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import Account, Actor, Before, Person
from signals.rules.message_types import NAMES


class JsonText(models.JSONField):
    """A `json` column: the text as it was written, which `jsonb` would take apart. psycopg has read it already."""

    def db_type(self, connection: Any) -> str:
        return "json"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return value


class Source(models.Model):
    """Something that sends events."""

    class Kind(models.TextChoices):
        SERVER = "server", "server: the key is secret"
        BROWSER = "browser", "browser or app: anyone can read the key"

    name = models.CharField(max_length=100, unique=True, help_text="What your reps would call it, e.g. Web app")
    kind = models.CharField(
        max_length=10,
        choices=Kind.choices,
        default=Kind.SERVER,
        db_default=Kind.SERVER,
        help_text="Who can read its key. What a browser says of anyone but its own visitor is not believed.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    origin_seen_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When a page last sent to it, going by the Origin header"
    )
    listening_since = models.DateTimeField(
        null=True,
        blank=True,
        help_text="From when on we have what it sends: the first arrival, or the beginning of an imported history",
    )

    def __str__(self) -> str:
        return self.name


class SourceBefore(Before):
    """Since when we had what a source sends, as far as we knew. A trigger writes these."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="before")
    listening_since = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # The trigger inserts with ON CONFLICT on this: of one day, what stood at its beginning is kept.
            models.UniqueConstraint(fields=["source", "until"], name="source_before_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} until {self.until}"


class WriteKey(models.Model):
    """A key that may write to a source and do nothing else. Only its hash is kept."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="write_keys")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=12, editable=False, help_text="The first characters, to tell keys apart")
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.hint}…"


class BrowserRequest(models.Model):
    """A request that a browser's key raised and that was let through: what its limit counts. Kept for a day."""

    key = models.ForeignKey(WriteKey, models.CASCADE, db_index=False)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["key", "at"], name="browser_request_key"),
            models.Index(fields=["address", "at"], name="browser_request_address"),
            models.Index(fields=["at"], name="browser_request_at"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.at}"


class EventName(models.Model):
    """The catalogue of event names a source has sent, up to a limit."""

    source = models.ForeignKey(Source, models.CASCADE)
    kind = models.SmallIntegerField()
    name = models.CharField(max_length=200)
    first_seen_at = models.DateTimeField(db_default=Now())
    last_seen_at = models.DateTimeField(null=True, blank=True)
    hidden = models.BooleanField(db_default=False, default=False, help_text="Not listed, and no alarm when it stops")
    evicted = models.BooleanField(db_default=False, default=False, help_text="Makes room for another name")
    sampled = models.IntegerField(db_default=0, default=0, help_text="Messages whose properties were looked at")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "kind", "name"], name="event_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class EventNameDay(models.Model):
    """How often a name arrived on a UTC day: what is settled for good, and what came since."""

    pk = models.CompositePrimaryKey("name_id", "day")
    name = models.ForeignKey(EventName, models.CASCADE, related_name="days")
    day = models.DateField()
    settled = models.BigIntegerField(default=0)
    recent = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name_id} {self.day}: {self.settled + self.recent}"


class CatalogueKey(models.Model):
    """A trait or a property that a source sends, as samples of its messages show it."""

    class Holder(models.TextChoices):
        EVENT = "event", "an event"
        PERSON = "person", "a person"
        WORKSPACE = "workspace", "a workspace"

    source = models.ForeignKey(Source, models.CASCADE)
    holder = models.CharField(max_length=10, choices=Holder.choices)
    event_name = models.ForeignKey(EventName, models.CASCADE, null=True, blank=True, related_name="keys")
    path = models.CharField(max_length=200)
    types = models.JSONField(default=dict, help_text="Type -> how many of the sampled values were of it")
    samples = models.JSONField(default=list)
    seen = models.IntegerField(default=0, help_text="Sampled messages that had it")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            # take_in in catalogue.sql writes with ON CONFLICT on this.
            models.UniqueConstraint(
                fields=["source", "holder", "event_name", "path"], name="catalogue_key_unique", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(holder="event", event_name__isnull=False) | (~Q(holder="event") & Q(event_name=None)),
                name="catalogue_key_of_one_holder",
            ),
        ]

    def __str__(self) -> str:
        return self.path


class CatalogueState(models.Model):
    """One row: up to when arrivals are counted for good, and up to when they were sampled."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    settled_until = models.DateTimeField()
    sampled_until = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="catalogue_state_one_row")]

    def __str__(self) -> str:
        return f"settled until {self.settled_until}"


class CatalogueSource(models.Model):
    """How many messages with traits of a source were looked at, and how many keys found no room."""

    source = models.OneToOneField(Source, models.CASCADE, primary_key=True, related_name="catalogue")
    people_sampled = models.IntegerField(default=0)
    workspaces_sampled = models.IntegerField(default=0)
    keys_left_out = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.source_id}"


class CatalogueDay(models.Model):
    """A day into which history came: its names are counted again. Written with the events, in their transaction."""

    pk = models.CompositePrimaryKey("source_id", "day")
    source = models.ForeignKey(Source, models.CASCADE)
    day = models.DateField()
    asked = models.IntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.source_id} {self.day}"


class Event(models.Model):
    """One message from a source, raw, never changed. Partitioned by the month it was received in.

    The table is made by SQL (migration 0002): unique (source, message_id) within each partition.
    """

    class Clock(models.IntegerChoices):
        TRUSTED = 0, "as sent"
        CORRECTED = 1, "corrected for the client's clock"
        CLAMPED = 2, "impossible, replaced by the time of arrival"
        MISSING = 3, "missing, the time of arrival"
        UNREADABLE = 4, "unreadable, the time of arrival"
        REPLACED = 5, "not usable, another time of the message"
        DELAYED = 6, "as sent; it was sent hours before it arrived"

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, models.DO_NOTHING)
    message_id = models.TextField()
    actor = models.ForeignKey(Actor, models.DO_NOTHING)
    kind = models.SmallIntegerField(choices=list(NAMES.items()))
    clock = models.SmallIntegerField(choices=Clock.choices)
    name = models.ForeignKey(EventName, models.DO_NOTHING, null=True)
    signals_version = models.IntegerField()
    timestamp = models.DateTimeField()
    received_at = models.DateTimeField()
    payload = JsonText()

    class Meta:
        managed = False
        db_table = "signals_event"

    def __str__(self) -> str:
        return self.message_id


class FailedEvent(models.Model):
    """A message that could not be stored: kept with its reason until somebody replays or discards it."""

    class Stage(models.TextChoices):
        DECODE = "decode", "reading"
        VALIDATE = "validate", "checking"
        STORE = "store", "storing"
        CLASH = "clash", "telling apart"

    source = models.ForeignKey(Source, models.CASCADE)
    stage = models.CharField(max_length=10, choices=Stage.choices)
    reason = models.CharField(max_length=500)
    payload = models.BinaryField()
    digest = models.BinaryField(max_length=16, editable=False, help_text="Of what arrived")
    received_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True, help_text="As its batch said, by the sender's clock")
    edited_at = models.DateTimeField(null=True, blank=True, help_text="Empty: it is as it arrived")
    import_run = models.ForeignKey(
        "ImportRun", models.SET_NULL, null=True, blank=True, editable=False, help_text="Where only an import brought it"
    )
    seen = models.IntegerField(default=1, help_text="How often it arrived")
    replayed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # receive.keep_failed counts a repeated failure instead of keeping it twice.
            models.UniqueConstraint(fields=["source", "digest"], name="failed_event_unique"),
        ]
        indexes = [models.Index(fields=["-received_at"], name="failed_event_newest")]

    def __str__(self) -> str:
        return self.reason


class Tally(models.Model):
    """What a source sent, an hour; `slot` spreads the writers so that they do not wait for one another."""

    pk = models.CompositePrimaryKey("source_id", "hour", "slot")
    source = models.ForeignKey(Source, models.CASCADE)
    hour = models.DateTimeField()
    slot = models.SmallIntegerField()
    accepted = models.IntegerField(default=0)
    duplicates = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.hour}: {self.accepted}"


class Category(models.Model):
    """Of a signal."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    raises_hand = models.BooleanField(
        default=False, help_text="Its signals are requests from people: they reach a queue at once"
    )
    converts = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Its signals are conversions: they are credited to plays in the report",
    )
    position = models.SmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "categories"
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Signal(models.Model):
    """A name that an admin gives to events that mean something."""

    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=300, blank=True)
    category = models.ForeignKey(Category, models.PROTECT, related_name="signals")

    class Meta:
        ordering = ["category__position", "name"]

    def __str__(self) -> str:
        return self.name


class SignalDefinition(models.Model):
    """Which events a signal means. Changing it counts again beside the old until the count is whole."""

    class State(models.TextChoices):
        COUNTING = "counting", "counting history"
        CURRENT = "current", "current"
        RETIRED = "retired", "retired"

    signal = models.ForeignKey(Signal, models.CASCADE, related_name="definitions")
    matches = models.JSONField(help_text="See docs/reference/signals.md")
    values = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        help_text="Properties whose numbers are kept beside the count: slug, where it may stand and how it reads",
    )
    cases = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        help_text="Properties that say which case an event belongs to: slug and where it may stand",
    )
    state = models.CharField(max_length=10, choices=State.choices)
    since_version = models.IntegerField(
        help_text="Events of this signals version or later were counted as they arrived; earlier ones by the rebuild"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    first_seen_on = models.DateField(
        null=True, blank=True, help_text="The earliest day it counted an event of; empty: it never happened here"
    )
    first_known_on = models.DateField(
        null=True, editable=False, help_text="The day on which its first event arrived; empty: it is not known"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["signal"], condition=Q(state="current"), name="signal_one_current_definition"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signal_id}: {self.state}"


class Configuration(models.Model):
    """One row: the version of the signals and of the models that live processes must have read."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    signals_version = models.IntegerField(default=1)
    models_version = models.IntegerField(default=1)
    live_since = models.DateTimeField(
        null=True, blank=True, help_text="When somebody said Go live; before it nothing reaches a queue"
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="configuration_one_row")]

    def __str__(self) -> str:
        return f"signals {self.signals_version}, models {self.models_version}"


class Usage(models.Model):
    """How often a signal happened, per actor and UTC day. Exact: written with the events it counts."""

    pk = models.CompositePrimaryKey("actor_id", "day", "definition_id")
    # Two look-ups a row would double the price of an event; both ids come from rows that are never deleted alone.
    actor = models.ForeignKey(Actor, models.DO_NOTHING, db_index=False, db_constraint=False)
    day = models.DateField()
    definition = models.ForeignKey(SignalDefinition, models.DO_NOTHING, db_index=False, db_constraint=False)
    count = models.IntegerField()

    class Meta:
        verbose_name_plural = "usage"
        constraints = [models.CheckConstraint(condition=Q(count__gt=0), name="usage_count_positive")]

    def __str__(self) -> str:
        return f"{self.actor_id} {self.day}: {self.count}"


class LateUsage(models.Model):
    """How much of a row of usage became known on a later day than the one on which it happened, and when.

    Written with the usage, of late events only: as it was known on a day, usage is the count less what came after.
    """

    pk = models.CompositePrimaryKey("actor_id", "day", "definition_id", "known_on")
    actor = models.ForeignKey(Actor, models.DO_NOTHING, db_index=False, db_constraint=False)
    day = models.DateField()
    definition = models.ForeignKey(SignalDefinition, models.DO_NOTHING, db_index=False, db_constraint=False)
    known_on = models.DateField()
    count = models.IntegerField()

    class Meta:
        verbose_name_plural = "late usage"
        constraints = [
            models.CheckConstraint(condition=Q(count__gt=0), name="late_usage_count_positive"),
            models.CheckConstraint(condition=Q(known_on__gt=F("day")), name="late_usage_known_later"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_id} {self.day}: {self.count} known on {self.known_on}"


class ValueUsage(models.Model):
    """The numbers of a property of a signal's events, per actor and UTC day. Written with the events, like usage.

    Only for properties that the definition names. `events` without a number are counted too: their sum is unknown.
    """

    pk = models.CompositePrimaryKey("actor_id", "day", "definition_id", "property")
    # As with usage: ids of rows that are never deleted alone.
    actor = models.ForeignKey(Actor, models.DO_NOTHING, db_index=False, db_constraint=False)
    day = models.DateField()
    definition = models.ForeignKey(SignalDefinition, models.DO_NOTHING, db_index=False, db_constraint=False)
    property = models.CharField(max_length=40)
    events = models.IntegerField()
    readable = models.IntegerField(help_text="Events in which the property was a number")
    # Exact: a sum of binary fractions would differ with the order of arrival.
    total = models.DecimalField(max_digits=40, decimal_places=6)
    largest = models.FloatField(null=True)
    last_at = models.DateTimeField()
    last = models.FloatField(null=True)
    known_on = models.DateField(null=True, help_text="Since when it is so; empty: its day")

    class Meta:
        verbose_name_plural = "value usage"
        constraints = [
            # kept_properties adds up what arrives: neither number ever falls, and a number needs an event.
            models.CheckConstraint(
                condition=Q(readable__gte=0) & Q(events__gte=F("readable")) & Q(events__gt=0),
                name="value_usage_counts_events",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_id} {self.day} {self.property}: {self.total}"


class ValueUsageBefore(Before):
    """The numbers of a day before late events added to them. A trigger writes these."""

    actor_id = models.IntegerField()
    day = models.DateField()
    definition_id = models.IntegerField()
    property = models.CharField(max_length=40)
    events = models.IntegerField()
    readable = models.IntegerField()
    total = models.DecimalField(max_digits=40, decimal_places=6)
    largest = models.FloatField(null=True)
    last_at = models.DateTimeField()
    last = models.FloatField(null=True)

    class Meta:
        indexes = [models.Index(fields=["actor_id", "day", "definition_id"], name="value_usage_before_of")]

    def __str__(self) -> str:
        return f"{self.actor_id} {self.day} {self.property}: {self.total} until {self.until}"


class CaseUsage(models.Model):
    """When an event of a case happened last, per actor and UTC day: a ticket that was opened, or solved."""

    pk = models.CompositePrimaryKey("actor_id", "day", "definition_id", "property", "case")
    actor = models.ForeignKey(Actor, models.DO_NOTHING, db_index=False, db_constraint=False)
    day = models.DateField()
    definition = models.ForeignKey(SignalDefinition, models.DO_NOTHING, db_index=False, db_constraint=False)
    property = models.CharField(max_length=40)
    case = models.CharField(max_length=200)
    last_at = models.DateTimeField()
    known_on = models.DateField(null=True, help_text="Since when it is so; empty: its day")

    class Meta:
        verbose_name_plural = "case usage"

    def __str__(self) -> str:
        return f"{self.property} {self.case}"


class CaseUsageBefore(Before):
    """When an event of a case had happened last, before a late one of that day. A trigger writes these."""

    actor_id = models.IntegerField()
    day = models.DateField()
    definition_id = models.IntegerField()
    property = models.CharField(max_length=40)
    case = models.CharField(max_length=200)
    last_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["actor_id", "day", "definition_id"], name="case_usage_before_of")]

    def __str__(self) -> str:
        return f"{self.property} {self.case} until {self.until}"


class ScoringModel(models.Model):
    """One kind of qualification."""

    kind = models.SlugField(unique=True, max_length=20)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=300, blank=True)
    position = models.SmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "kind"]

    def __str__(self) -> str:
        return self.name


class ScoringModelVersion(models.Model):
    """Criteria and tiers as they were, are, or may become."""

    class State(models.TextChoices):
        DRAFT = "draft", "draft"
        LIVE = "live", "live"
        RETIRED = "retired", "retired"

    scoring_model = models.ForeignKey(ScoringModel, models.CASCADE, related_name="versions")
    number = models.IntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    criteria = models.JSONField(default=list)
    tiers = models.JSONField(default=list)
    threshold = models.IntegerField(default=65, help_text="Points from which an account or person is qualified")
    note = models.CharField(max_length=300, blank=True)
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scoring_model", "number"], name="model_version_unique"),
            models.UniqueConstraint(fields=["scoring_model"], condition=Q(state="live"), name="model_one_live_version"),
            models.CheckConstraint(
                condition=~Q(state="live") | Q(published_at__isnull=False), name="model_live_is_published"
            ),
        ]
        ordering = ["scoring_model", "-number"]

    def __str__(self) -> str:
        return f"{self.scoring_model} v{self.number} ({self.get_state_display()})"


class Score(models.Model):
    """Points of an account, or of a person, with the breakdown they add up from."""

    scoring_model = models.ForeignKey(ScoringModel, models.CASCADE)
    version = models.ForeignKey(ScoringModelVersion, models.PROTECT)
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="scores")
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="scores")
    points = models.IntegerField()
    tier = models.CharField(max_length=30)
    qualified = models.BooleanField()
    breakdown = JsonText()
    as_of = models.DateField(help_text="The day whose windows were measured")
    changed_at = models.DateTimeField(help_text="When points or breakdown last changed")
    digest = models.BigIntegerField(
        db_default=0,
        editable=False,
        help_text="Of everything that points and breakdown depend on: equal means unchanged",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scoring_model", "account"], condition=Q(person=None), name="score_account_unique"
            ),
            models.UniqueConstraint(
                fields=["scoring_model", "person"], condition=Q(account=None), name="score_person_unique"
            ),
            models.CheckConstraint(
                condition=Q(account=None, person__isnull=False) | Q(account__isnull=False, person=None),
                name="score_of_one_subject",
            ),
        ]
        indexes = [
            models.Index(
                fields=["scoring_model", "-points", "account"], condition=Q(person=None), name="score_best_accounts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points} ({self.tier})"


class Trigger(models.Model):
    """A watched rule: the moment it becomes true for an account is a Moment."""

    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=100)
    rule = models.JSONField()
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class AccountState(models.Model):
    """What the scorer saw of an account last: every measured value, and since when each trigger is true."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="state")
    measures = JsonText(default=dict)
    triggers = JsonText(default=dict)
    fingerprint = models.BigIntegerField(help_text="Of the measured values and versions: equal means unchanged")
    as_of = models.DateField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["changed_at"], name="account_state_changed")]

    def __str__(self) -> str:
        return f"{self.account_id} as of {self.as_of}"


class Moment(models.Model):
    """Something changed: a tier was crossed, a trigger became true, someone made a request, an account converted."""

    class Kind(models.TextChoices):
        TIER_CROSSED = "tier", "tier crossed"
        TRIGGERED = "trigger", "trigger became true"
        HAND_RAISED = "hand", "request"
        CONVERTED = "conversion", "converted"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    cause = models.CharField(max_length=300)
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="moments")
    actor = models.ForeignKey(Actor, models.CASCADE, null=True, related_name="moments")
    trigger = models.ForeignKey(Trigger, models.CASCADE, null=True)
    signal = models.ForeignKey(Signal, models.CASCADE, null=True)
    at = models.DateTimeField(help_text="When it happened")
    noticed_at = models.DateTimeField(db_default=Now())
    facts = models.JSONField(default=dict)

    class Meta:
        constraints = [
            # scoring and ingest insert with ON CONFLICT on this: nothing happens twice.
            models.UniqueConstraint(fields=["kind", "cause"], name="moment_unique"),
            models.CheckConstraint(
                condition=Q(account__isnull=False) | Q(actor__isnull=False), name="moment_about_somebody"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-at"], name="moment_account"),
            models.Index(fields=["noticed_at"], name="moment_noticed"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.cause}"


class FloodedRequest(models.Model):
    """A request beyond what a browser's key may raise in an hour. No play fires on it before somebody releases it."""

    moment = models.OneToOneField(Moment, models.CASCADE, primary_key=True, related_name="flooded")
    key = models.ForeignKey(WriteKey, models.SET_NULL, null=True)
    held_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)

    class Meta:
        indexes = [models.Index(fields=["-held_at"], condition=Q(released_at=None), name="flooded_request_held")]

    def __str__(self) -> str:
        return f"{self.moment} held"


class Meaning(models.Model):
    """Which traits of this installation say what a term of `signals.vocabulary.terms`, or a limit, stands for.

    Raw values stay as they were sent; a meaning is applied on reading, so a change acts on all history at once.
    """

    class Holder(models.TextChoices):
        PERSON = "person", "a person"
        COMPANY = "company", "a company"

    class Reading(models.TextChoices):
        TEXT = "text", "text"
        NUMBER = "number", "number"
        MONEY = "money", "amount of money"
        DATE = "date", "date"
        YES_NO = "yes_no", "yes or no"
        RANGE = "range", "number or range"
        PLAN = "plan", "plan"
        ROLE = "role", "role"

    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=100)
    holder = models.CharField(max_length=10, choices=Holder.choices)
    reading = models.CharField(max_length=10, choices=Reading.choices)
    paths = models.JSONField(default=list, help_text="Names of traits, e.g. plan_name or company.employees")
    options = models.JSONField(
        default=dict, help_text="How its values read: period and currency of money, which plans are paid, which roles"
    )
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class ProductLimit(models.Model):
    """Something a plan allows so much of: seats, credits, projects. Its meanings are `<slug>` and `<slug>_used`."""

    slug = models.SlugField(unique=True, max_length=40)
    one = models.CharField(max_length=40, help_text="seat")
    many = models.CharField(max_length=40, help_text="seats")
    position = models.SmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.many


class PropertyMeaning(models.Model):
    """Which property of a signal's events says what a term of `signals.vocabulary.terms` stands for."""

    signal = models.ForeignKey(Signal, models.CASCADE, related_name="property_meanings")
    slug = models.SlugField(max_length=40)
    paths = models.JSONField(default=list, help_text="Names of properties; the first that has a value is taken")
    options = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        help_text="How its values read: cents, period and currency of money, commercial topics, bad ratings",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["signal", "slug"], name="property_meaning_unique")]

    def __str__(self) -> str:
        return f"{self.signal_id}: {self.slug}"


class VocabularyChange(models.Model):
    """What was said of a term before and after: the history of the vocabulary, and what undo restores."""

    term = models.CharField(max_length=120, help_text="signal:…, meaning:…, property:… or limit:…")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.term


class ConfigurationChange(models.Model):
    """What a signal, category, segment, trigger or play was before and after a change: its history, and what undo
    restores."""

    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    name = models.CharField(max_length=100)
    before = models.JSONField(null=True, help_text="Empty: it is new")
    after = models.JSONField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["kind", "object_id", "-at"], name="configuration_change_of_row")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"


class Segment(models.Model):
    """A named rule that other rules may use: Paying, In trial, an ideal customer profile, a saved filter."""

    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=300, blank=True)
    rule = models.JSONField()
    ideal = models.BooleanField(default=False, help_text="A kind of company we serve best")
    success_signals = models.ManyToManyField(Signal, blank=True, help_text="Up to four, of an ideal customer")
    position = models.SmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class SegmentMember(models.Model):
    """An account that is in a segment and since when, or of which nobody knows. One without a row is not in it.

    Scoring writes it, from what was said and done by then: `since` does not depend on when we looked.
    """

    pk = models.CompositePrimaryKey("account_id", "segment_id")
    account = models.ForeignKey(Account, models.CASCADE, related_name="segments", db_index=False)
    segment = models.ForeignKey(Segment, models.CASCADE, related_name="members", db_index=False)
    known = models.BooleanField(help_text="Whether it is in it; else it is unknown")
    since = models.DateField(null=True, help_text="The first day of the stay")
    or_earlier = models.BooleanField(default=False, help_text="Nobody knows of the day before")
    digest = models.BigIntegerField(help_text="Of the rule and of what its words meant when `since` was found")

    class Meta:
        constraints = [
            # members.write_members: whose membership is unknown has no first day.
            models.CheckConstraint(
                condition=Q(known=True, since__isnull=False) | Q(known=False, since=None, or_earlier=False),
                name="segment_member_since_when_known",
            ),
        ]
        indexes = [models.Index(fields=["segment", "known", "-since", "account"], name="segment_member_newest")]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.segment_id} since {self.since}"


class SegmentSize(models.Model):
    """How many accounts were in a segment on a day, and of how many it was unknown."""

    pk = models.CompositePrimaryKey("segment_id", "day")
    segment = models.ForeignKey(Segment, models.CASCADE, related_name="sizes")
    day = models.DateField()
    members = models.IntegerField()
    unknown = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.segment_id} {self.day}: {self.members}"


class Fact(models.Model):
    """A measure with a name, a unit and a noun, that a sentence or a message may speak of."""

    class Unit(models.TextChoices):
        COUNT = "count", "count"
        SHARE = "share", "share"
        MONEY = "money", "amount of money"
        DAYS = "days", "days"
        DATE = "date", "date"
        TEXT = "text", "text"

    slug = models.SlugField(unique=True, max_length=60)
    measure = models.JSONField()
    unit = models.CharField(max_length=10, choices=Unit.choices)
    reads = models.CharField(max_length=120, help_text="The fact without a value: “people active in 30 days”")
    one = models.CharField(max_length=40, blank=True, help_text="What is counted, for one: “person”")
    many = models.CharField(max_length=40, blank=True, help_text="And for more: “people”")
    may_be_told = models.BooleanField(default=True, help_text="A message to a customer may state it")
    position = models.SmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.reads


class ImportRun(models.Model):
    """An import of a file: what is read and how, how far it has come, and what it left."""

    class Kind(models.TextChoices):
        EVENTS = "events", "events"
        ACCOUNTS = "accounts", "account list"

    class State(models.TextChoices):
        UPLOADING = "uploading", "uploading"
        MAPPING = "mapping", "waiting for its columns"
        RUNNING = "running", "running"
        PAUSED = "paused", "paused"
        ASKING = "asking", "waiting for an answer"
        FINISHED = "finished", "finished"
        FAILED = "failed", "stopped by an error"
        UNDOING = "undoing", "being undone"
        UNDONE = "undone", "undone"

    class Twins(models.TextChoices):
        ASK = "ask", "ask"
        SKIP = "skip", "skip"
        KEEP = "keep", "import"

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.EVENTS, db_default=Kind.EVENTS)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING, db_default=State.RUNNING)
    source = models.ForeignKey(Source, models.CASCADE, null=True)
    file_name = models.CharField(max_length=300)
    digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    content_digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    uploaded = models.BooleanField(default=False, db_default=False, help_text="Its file lies in ImportPiece")
    size = models.BigIntegerField(default=0, db_default=0, help_text="Bytes of the file")
    piece_bytes = models.IntegerField(default=0, db_default=0, help_text="Of each piece but the last")
    options = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    twins = models.CharField(
        max_length=4,
        choices=Twins.choices,
        default=Twins.ASK,
        db_default=Twins.ASK,
        help_text="What becomes of rows that are here already under other message ids",
    )
    question = models.JSONField(null=True, blank=True, help_text="What it waits to hear")
    rows_done = models.BigIntegerField(default=0)
    bytes_done = models.BigIntegerField(default=0, db_default=0)
    stored = models.BigIntegerField(default=0, db_default=0)
    duplicates = models.BigIntegerField(default=0, db_default=0)
    failed = models.BigIntegerField(default=0, db_default=0)
    earliest_at = models.DateTimeField(null=True, blank=True, help_text="Of what it stored")
    listening_before = models.DateTimeField(null=True, blank=True, help_text="Of its source, when it began")
    error = models.CharField(max_length=500, blank=True, default="", db_default="")
    attempts = models.SmallIntegerField(default=0, db_default=0, help_text="Since it last came further")
    claim = models.CharField(max_length=32, blank=True, default="", db_default="", help_text="Of the worker on it")
    claimed_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "import"
        constraints = [
            models.UniqueConstraint(fields=["source", "digest"], name="import_run_unique"),
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(finished_at__gte=F("started_at") - timedelta(seconds=1)),
                name="import_run_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportPiece(models.Model):
    """A part of an uploaded file, kept for some days."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="pieces")
    number = models.IntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            # uploads.add_piece inserts with ON CONFLICT on this: a piece that is sent again is kept once.
            models.UniqueConstraint(fields=["run", "number"], name="import_piece_unique"),
            models.CheckConstraint(condition=Q(number__gte=0), name="import_piece_number_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.number}"


class ImportedMessage(models.Model):
    """A message that is there only because imports brought it, one row for each that did. Live events have none."""

    pk = models.CompositePrimaryKey("source_id", "message_id", "run_id")
    # No look-up a row: millions are written, and undo, which alone deletes runs of them, deletes these first.
    source = models.ForeignKey(Source, models.DO_NOTHING, db_index=False, db_constraint=False)
    message_id = models.TextField()
    run = models.ForeignKey(ImportRun, models.DO_NOTHING, db_constraint=False)
    known_on = models.DateField(null=True, help_text="The day on which it was stored")

    def __str__(self) -> str:
        return self.message_id
