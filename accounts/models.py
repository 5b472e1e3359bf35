"""Who: companies, their workspaces and people, and how each was recognised.

Rows below the line "derived" are computed by `accounts.identity.derive` from the facts above them; any order of the
same facts gives the same derived values.
"""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now, Upper

from accounts.rules.links import day_of

# The day on which what a transaction writes became known (plgcrm.common.known).
KNOWN_DAY = models.Func(function="plgcrm_known_day", output_field=models.DateField())


class Account(models.Model):
    """A company."""

    name = models.CharField(max_length=200)
    domain = models.CharField(  # noqa: DJ001 - NULL, for many accounts may have none and the column is unique
        max_length=253, null=True, blank=True, help_text="Registered domain, e.g. ibm.com"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # derived, from the joins in force
    joined_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="joined", help_text="The account it is part of"
    )
    known_on = models.DateField(null=True, editable=False, help_text="Since when what `AccountBefore` keeps is so")
    stands_for = models.OneToOneField(
        "Person",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="own_account",
        help_text="Somebody whose company is unknown and who asked for something",
    )

    class Meta:
        constraints = [
            # accounts_of_domains in identity.sql inserts with ON CONFLICT on this: one company, one account.
            models.UniqueConstraint(fields=["domain"], name="account_domain_unique"),
            models.CheckConstraint(condition=~Q(joined_into=F("id")), name="account_not_joined_into_itself"),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(stands_for__isnull=False, joined_into=None),
                name="account_company_unknown",
            ),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="account_name_trigram"),
            GinIndex(OpClass(Upper("domain"), "gin_trgm_ops"), name="account_domain_trigram"),
        ]

    def __str__(self) -> str:
        return self.name or self.domain or f"Account {self.pk}"


class AccountDomain(models.Model):
    """A further domain of an account, given by hand. `Account.domain` is the main one; no domain stands in both."""

    domain = models.CharField(max_length=253, unique=True)
    account = models.ForeignKey(Account, models.CASCADE, related_name="further_domains")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(domain=""), name="account_domain_not_empty")]

    def __str__(self) -> str:
        return self.domain


class Workspace(models.Model):
    """One tenant of the product; `source_id` is a signals Source, kept as a number: imports point one way."""

    source_id = models.IntegerField()
    external_id = models.CharField(max_length=200)
    # What ids are compared by (accounts.rules.spelling): Acme-1 and acme-1 are one workspace. Folding may lengthen.
    spelling = models.CharField(max_length=600, editable=False, null=True)  # noqa: DJ001 - NULL: no event has named it
    name = models.CharField(max_length=200, blank=True)
    account = models.ForeignKey(Account, models.SET_NULL, null=True, blank=True, related_name="workspaces")
    placed_in = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="+", help_text="By hand: goes before all else"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # derived
    signed_up_at = models.DateTimeField(null=True, blank=True, help_text="As we were told; empty: nobody said")
    past_companies = models.JSONField(null=True, editable=False, help_text="Domains with the day on which each ended")
    known_on = models.DateField(null=True, editable=False, help_text="Since when what `WorkspaceBefore` keeps is so")
    excluded_by = models.CharField(max_length=200, blank=True, default="", db_default="", editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source_id", "external_id"], name="workspace_external_unique"),
            # workspaces in identity.sql makes one row for all spellings of an id.
            models.UniqueConstraint(
                fields=["source_id", "spelling"],
                condition=Q(spelling__isnull=False),
                name="workspace_spelling_unique",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id


class Person(models.Model):
    """One identity as it came in. `merged_into` names the row that stands for the whole person."""

    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    placed_in = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="+", help_text="By hand: goes before all else"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # derived, kept on the row that stands for the person
    email = models.CharField(max_length=254, blank=True)
    name = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=40, blank=True, help_text="In the product: admin, member, ...")
    # The one definition of a product administrator, for measures, pages, messages and the API.
    is_product_admin = models.BooleanField(db_default=False)
    # The one definition of who counts as a person: measures of people leave visitors out.
    is_visitor = models.BooleanField(db_default=False, help_text="Neither a user id nor a real address is known")
    domain = models.CharField(max_length=253, blank=True, help_text="Registered domain of the email address")
    email_kind = models.CharField(max_length=12, blank=True, help_text="The kind of its domain, or invalid")
    excluded_by = models.CharField(max_length=200, blank=True, help_text="The exclusion that keeps this person out")
    signed_up_at = models.DateTimeField(null=True, blank=True, help_text="As we were told; empty: nobody said")
    account = models.ForeignKey(Account, models.SET_NULL, null=True, blank=True, related_name="people")
    company_since = models.DateField(
        null=True, editable=False, help_text="When the address moved to this company; empty: it never moved"
    )
    known_on = models.DateField(null=True, editable=False, help_text="Since when what `PersonBefore` keeps is so")

    class Meta:
        verbose_name_plural = "people"
        constraints = [
            # identity.derive: one address, one person. A split clears the address of the part split off.
            models.UniqueConstraint(
                fields=["email"], condition=~Q(email="") & Q(merged_into=None), name="person_email_unique"
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="person_not_merged_into_itself"),
        ]
        indexes = [
            models.Index(fields=["domain"], name="person_domain", condition=~Q(domain="")),
            # set_actors in identity.sql asks by whole person who was placed by hand: a few.
            models.Index(
                Coalesce("merged_into", "id"), condition=Q(placed_in__isnull=False), name="person_placed_by_hand"
            ),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="person_name_trigram"),
            GinIndex(OpClass(Upper("email"), "gin_trgm_ops"), name="person_email_trigram"),
        ]

    def __str__(self) -> str:
        return self.name or self.email or f"Person {self.pk}"


class Identity(models.Model):
    """A user id, anonymous id or email address, and the person row it was first seen as (then never changed)."""

    class Kind(models.IntegerChoices):
        USER = 1, "user id"
        ANONYMOUS = 2, "anonymous id"
        EMAIL = 3, "email address"

    source_id = models.IntegerField(help_text="0 for email addresses: they mean the same in every source")
    kind = models.SmallIntegerField(choices=Kind.choices)
    value = models.CharField(max_length=254)
    person = models.ForeignKey(
        Person,
        models.CASCADE,
        null=True,
        related_name="identities",
        help_text="None for an anonymous id that was only ever seen beside a user id",
    )
    claimed_by = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="claims", help_text="Of an anonymous id"
    )
    claimed_at = models.DateTimeField(null=True, blank=True, help_text="Earliest event that joined the two")

    class Meta:
        verbose_name_plural = "identities"
        constraints = [
            models.UniqueConstraint(fields=["source_id", "kind", "value"], name="identity_unique"),
            models.CheckConstraint(
                condition=Q(claimed_by=None, claimed_at=None) | Q(claimed_by__isnull=False, claimed_at__isnull=False),
                name="identity_claim_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value}"


class PersonMerge(models.Model):
    """Why two person rows are one person. Undone, never deleted."""

    class Cause(models.TextChoices):
        ALIAS = "alias", "alias call"
        EMAIL = "email", "same email address"
        ANONYMOUS = "anonymous", "anonymous visitor who logged in"
        MANUAL = "manual", "by hand"

    left = models.ForeignKey(Person, models.CASCADE, related_name="+")
    right = models.ForeignKey(Person, models.CASCADE, related_name="+")
    cause = models.CharField(max_length=12, choices=Cause.choices)
    evidence = models.CharField(max_length=254, blank=True)
    said_at = models.DateTimeField(null=True, blank=True, help_text="By the events' own time; empty: nobody knows")
    created_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)

    class Meta:
        constraints = [
            # new_merges in identity.sql inserts with ON CONFLICT on this: undone merges stay undone when events repeat.
            models.UniqueConstraint(fields=["left", "right", "cause"], name="person_merge_unique"),
            models.CheckConstraint(condition=Q(left__lt=F("right")), name="person_merge_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.left_id} = {self.right_id} ({self.cause})"


class MergeSuggestion(models.Model):
    """Two person rows that messages say are one person, where only a human may decide so."""

    class Why(models.TextChoices):
        USERS = "users", "two user ids of one source"
        COMPANIES = "companies", "addresses of two companies"
        ADDRESSES = "addresses", "an address of its own on each side"
        CEILING = "ceiling", "more ids than one person has"
        BROWSER = "browser", "said by a browser about somebody known"

    class State(models.TextChoices):
        OPEN = "open", "to decide"
        ACCEPTED = "accepted", "accepted"
        REFUSED = "refused", "refused"

    left = models.ForeignKey(Person, models.CASCADE, related_name="+")
    right = models.ForeignKey(Person, models.CASCADE, related_name="+")
    cause = models.CharField(max_length=12, choices=PersonMerge.Cause.choices)
    evidence = models.CharField(max_length=254, blank=True)
    why = models.CharField("held because of", max_length=10, choices=Why.choices)
    source_id = models.IntegerField(help_text="Whose message said so; 0: several")
    said_at = models.DateTimeField(null=True, blank=True, help_text="By the events' own time; empty: nobody knows")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    merge = models.ForeignKey(PersonMerge, models.SET_NULL, null=True, blank=True, related_name="suggestions")

    class Meta:
        constraints = [
            # new_suggestions in identity.sql inserts with ON CONFLICT on this: what was refused is not asked again.
            models.UniqueConstraint(fields=["left", "right"], name="merge_suggestion_unique"),
            models.CheckConstraint(condition=Q(left__lt=F("right")), name="merge_suggestion_ordered"),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None) | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="merge_suggestion_decided_whole",
            ),
        ]
        indexes = [models.Index(fields=["-id"], condition=Q(state="open"), name="merge_suggestion_open")]

    def __str__(self) -> str:
        return f"{self.left_id} = {self.right_id}? ({self.evidence})"


class Correction(models.Model):
    """What somebody corrected by hand, and what stood before: the log, and what undo goes back to."""

    class Verb(models.TextChoices):
        JOIN = "join", "joined"  # other: the account that became part of this one
        DOMAIN = "domain", "added a domain"
        NO_DOMAIN = "no-domain", "removed a domain"
        MAIN_DOMAIN = "main", "changed the main domain"
        NAME = "name", "renamed"
        WORKSPACE = "workspace", "moved a workspace"  # other: the account it came from
        PERSON = "person", "moved a person"
        MERGE = "merge", "merged people"
        SPLIT = "split", "split people"

    verb = models.CharField(max_length=10, choices=Verb.choices)
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="corrections")
    other = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="corrections")
    workspace = models.ForeignKey(Workspace, models.CASCADE, null=True, related_name="corrections")
    text = models.CharField(max_length=254, blank=True, help_text="The domain, the name or the other person")
    kept = models.JSONField(default=dict, help_text="What stood before, and what was moved")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            # joins.join_accounts: an account is part of one other at most.
            models.UniqueConstraint(
                fields=["other"], condition=Q(verb="join", undone_at=None), name="correction_one_join"
            ),
            models.CheckConstraint(
                condition=~Q(verb="join") | Q(account__isnull=False, other__isnull=False),
                name="correction_join_of_two",
            ),
            models.CheckConstraint(
                condition=Q(account__isnull=False) | Q(person__isnull=False), name="correction_shown_somewhere"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-at"], name="correction_account"),
            models.Index(fields=["person", "-at"], name="correction_person"),
        ]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} {self.text}".strip()


class Actor(models.Model):
    """A person row acting in a workspace, or in none: what events and usage hang on.

    Identity can change at any time; it changes these few rows and never usage.
    """

    profile = models.ForeignKey(Person, models.CASCADE, related_name="actors", help_text="As it came in")
    workspace = models.ForeignKey(Workspace, models.CASCADE, null=True, blank=True, related_name="actors")
    first_at = models.DateTimeField(help_text="Earliest event")
    grouped_at = models.DateTimeField(null=True, blank=True, help_text="Latest group call: the home workspace")
    # derived
    person = models.ForeignKey(Person, models.CASCADE, related_name="acts_as", help_text="The whole person")
    account = models.ForeignKey(Account, models.SET_NULL, null=True, blank=True, related_name="actors")
    account_since = models.DateField(
        null=True, editable=False, help_text="Usage before this day is of its past links; empty: none"
    )
    known_on = models.DateField(null=True, editable=False, help_text="Since when it is so; empty: its first event")

    class Meta:
        constraints = [
            # identity creates actors with ON CONFLICT on this.
            models.UniqueConstraint(fields=["profile", "workspace"], name="actor_unique", nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} in {self.workspace_id or 'no workspace'}"

    def account_on(self, at: datetime) -> "Account | None":
        """The account that it counted for when something happened; one query more for those who have moved since."""
        if self.account_since is None or self.account_since <= day_of(at):
            return self.account
        past = self.past_links.select_related("account").filter(until_day__gt=day_of(at)).order_by("until_day").first()
        return past.account if past else None


class GroupCall(models.Model):
    """The last group call of an actor on a day: they were in that workspace."""

    pk = models.CompositePrimaryKey("actor", "day")
    actor = models.ForeignKey(Actor, models.CASCADE, related_name="group_calls", db_index=False)
    day = models.DateField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.actor_id} on {self.day}"


class PastLink(models.Model):
    """The account that an actor's usage counted for until a day; rows only for those who ever moved. Derived.

    `known_day`: when we came to know that it ended.
    """

    actor = models.ForeignKey(Actor, models.CASCADE, related_name="past_links")
    account = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="past_links", help_text="None: it counted nowhere"
    )
    from_day = models.DateField(null=True, blank=True, help_text="Empty: since ever")
    until_day = models.DateField(help_text="The first day that is of the next account")
    known_day = models.DateField()
    known_on = models.DateField(null=True, editable=False, help_text="Since when it is so; written by a trigger")

    class Meta:
        constraints = [
            # identity.links writes with ON CONFLICT on this.
            models.UniqueConstraint(fields=["actor", "until_day"], name="past_link_unique"),
            models.CheckConstraint(
                condition=Q(from_day=None) | Q(from_day__lt=F("until_day")), name="past_link_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_id}: {self.account_id} until {self.until_day}"


class AttributeKey(models.Model):
    """The name of an attribute as it is sent, and what it stands for at this installation (`signals.vocabulary`)."""

    name = models.CharField(max_length=100, unique=True)
    # One name may mean two things: beside a person, and in a group call.
    person_meaning = models.CharField(max_length=60, blank=True, default="", db_default="")
    company_meaning = models.CharField(max_length=60, blank=True, default="", db_default="")

    def __str__(self) -> str:
        return self.name


class Attribute(models.Model):
    """What was said of a person, workspace or account: the last value of each day.

    One row a day keeps the history bounded and the same for any order of arrival.
    """

    class Subject(models.IntegerChoices):
        PERSON = 1, "person"
        WORKSPACE = 2, "workspace"
        ACCOUNT = 3, "account"

    class Origin(models.IntegerChoices):
        """Ordered by trust: the highest wins."""

        BROWSER = 0, "browser"
        PRODUCT = 1, "product"
        CRM = 2, "CRM"
        MANUAL = 3, "by hand"

    pk = models.CompositePrimaryKey("subject_kind", "subject_id", "key_id", "origin", "day")
    subject_kind = models.SmallIntegerField(choices=Subject.choices)
    subject_id = models.IntegerField()
    key = models.ForeignKey(AttributeKey, models.PROTECT)
    origin = models.SmallIntegerField(choices=Origin.choices, default=Origin.PRODUCT)
    day = models.DateField()
    at = models.DateTimeField()
    number = models.FloatField(null=True)
    text = models.CharField(max_length=1000)
    known_on = models.DateField(null=True, editable=False, help_text="Where that is later than its day")

    def __str__(self) -> str:
        return f"{self.key_id} = {self.text}"


class Before(models.Model):
    """What a row said until something else became known of it. Triggers write these:
    whoever changes a row on a later day than the one since which it stands leaves what it was. Read through the views
    of `plgcrm.common.known`."""

    id = models.BigAutoField(primary_key=True)
    known_on = models.DateField(null=True, help_text="Since when it was known so; empty: from the beginning")
    until = models.DateField(help_text="The day on which something else became known")

    class Meta:
        abstract = True


class AccountBefore(Before):
    """Which account it was part of."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="before")
    joined_into_id = models.IntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["joined_into_id"], name="account_before_joined_into")]

    def __str__(self) -> str:
        return f"{self.account_id} until {self.until}"


class ActorBefore(Before):
    """Whose an actor was, and since when it had been seen."""

    actor = models.ForeignKey(Actor, models.CASCADE, related_name="before")
    person_id = models.IntegerField()
    account_id = models.IntegerField(null=True)
    first_at = models.DateTimeField()
    account_since = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["account_id"], name="actor_before_account")]

    def __str__(self) -> str:
        return f"{self.actor_id} until {self.until}"


class PastLinkBefore(Before):
    """For which account an actor's usage counted until a day, as far as we knew."""

    actor_id = models.IntegerField()
    account_id = models.IntegerField(null=True)
    from_day = models.DateField(null=True)
    until_day = models.DateField()

    class Meta:
        indexes = [
            models.Index(fields=["actor_id"], name="past_link_before_actor"),
            models.Index(fields=["account_id"], name="past_link_before_account"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_id}: {self.account_id} until {self.until_day}, until {self.until}"


class PersonBefore(Before):
    """Which row stood for a person, and what scoring reads of it."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="before")
    merged_into_id = models.IntegerField(null=True)
    signed_up_at = models.DateTimeField(null=True)
    is_product_admin = models.BooleanField()
    is_visitor = models.BooleanField(db_default=False)

    class Meta:
        indexes = [models.Index(fields=["merged_into_id"], name="person_before_merged_into")]

    def __str__(self) -> str:
        return f"{self.person_id} until {self.until}"


class WorkspaceBefore(Before):
    """Whose a workspace was, and when it had signed up."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="before")
    account_id = models.IntegerField(null=True)
    signed_up_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["account_id"], name="workspace_before_account")]

    def __str__(self) -> str:
        return f"{self.workspace_id} until {self.until}"


class AttributeBefore(Before):
    """The last value of a day, until a later one of that day, or one at all, became known."""

    subject_kind = models.SmallIntegerField()
    subject_id = models.IntegerField()
    key_id = models.IntegerField()
    origin = models.SmallIntegerField()
    day = models.DateField()
    at = models.DateTimeField()
    number = models.FloatField(null=True)
    text = models.CharField(max_length=1000)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "key_id"], name="attribute_before_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.key_id} = {self.text} until {self.until}"


class Exclusion(models.Model):
    """Who is no customer: bots, mailing lists, our own people. A pattern of addresses, or of something else."""

    class Kind(models.TextChoices):
        ADDRESS = "", "email address"
        DOMAIN = "domain", "email domain"
        USER = "user", "user id"
        TRAIT = "trait", "trait of a person"
        WORKSPACE = "workspace", "workspace"
        IP = "ip", "IP address or range"
        AGENT = "agent", "user agent"

    # Of these two only the raw message knows: what arrives while such a row stands is nobody's.
    OF_TRAFFIC = (Kind.IP, Kind.AGENT)

    class Reason(models.TextChoices):
        ROBOT = "robot", "robot"
        INTERNAL = "internal", "our own people"
        COMPETITOR = "competitor", "competitor"
        OTHER = "other", "other"

    kind = models.CharField(max_length=10, choices=Kind.choices, blank=True, default=Kind.ADDRESS, db_default="")
    pattern = models.CharField(
        max_length=254,
        help_text="An email address with * for any text, e.g. *-bot@* or *@lists.*",
    )
    reason = models.CharField(max_length=12, choices=Reason.choices, default=Reason.ROBOT)
    created_at = models.DateTimeField(auto_now_add=True)
    lifted_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Of traffic: what came before still counts nowhere"
    )

    class Meta:
        constraints = [
            # ensure_exclusions inserts with ON CONFLICT on this.
            models.UniqueConstraint(fields=["kind", "pattern"], condition=Q(lifted_at=None), name="exclusion_unique"),
            models.CheckConstraint(condition=~Q(pattern=""), name="exclusion_has_pattern"),
        ]

    def __str__(self) -> str:
        return f"{self.words} ({self.get_reason_display()})"

    @property
    def words(self) -> str:
        """As people and workspaces name what keeps them out."""
        return (f"{self.get_kind_display()} {self.pattern}" if self.kind else self.pattern)[:200]


class Placeholder(models.Model):
    """What an admin says of ids over the shapes of `accounts.rules.placeholders`: nobody's, or a real one after all."""

    class Kind(models.TextChoices):
        ANY = "", "any id"
        USER = "user", "user id"
        ANONYMOUS = "anonymous", "anonymous id"
        GROUP = "group", "workspace id"
        EMAIL = "email", "email address"

    pattern = models.CharField(max_length=200, help_text="As it is sent, with * for any text. Case does not matter.")
    kind = models.CharField("kind of id", max_length=10, choices=Kind.choices, blank=True, default=Kind.ANY)
    honest = models.BooleanField(
        "is a real id",
        default=False,
        help_text="Tick where an id that looks like a placeholder is real after all.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pattern", "kind"], name="placeholder_unique"),
            models.CheckConstraint(condition=~Q(pattern=""), name="placeholder_has_pattern"),
        ]

    def __str__(self) -> str:
        return self.pattern


class DomainOverride(models.Model):
    """What an admin says of a domain or a host, with everything under it, over the shipped lists."""

    class Kind(models.TextChoices):
        CORPORATE = "corporate", "a company"
        FREE = "free", "free email or an internet provider"
        DISPOSABLE = "disposable", "disposable email"
        RELAY = "relay", "forwarded email"
        SHARED = "shared", "shared by many companies"
        PAGES = "pages", "a site with pages of many"

    domain = models.CharField(max_length=253, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)

    def __str__(self) -> str:
        return f"{self.domain}: {self.get_kind_display()}"


class Assignment(models.Model):
    """Who owns an account, and who did before."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="assignments")
    rep = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="assignments")
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # accounts.ownership ends the open row and starts another in one transaction.
            models.UniqueConstraint(fields=["account"], condition=Q(ended_at=None), name="assignment_one_open"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="assignment_ends_after_start",
            ),
        ]
        indexes = [models.Index(fields=["rep"], condition=Q(ended_at=None), name="assignment_open_rep")]

    def __str__(self) -> str:
        return f"{self.account_id} owned by {self.rep_id}"


class IdentityVersion(models.Model):
    """One row: what has to be known of identity as a whole."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    version = models.IntegerField(
        default=0, help_text="Goes up when identities are taken away: every process forgets the actors it remembers"
    )
    derive_from = models.IntegerField(
        null=True, help_text="From which id on people wait to be derived again; empty: none wait"
    )
    admin_roles = ArrayField(
        models.CharField(max_length=40),
        null=True,
        help_text="Roles that run a workspace; empty: the usual",
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="identity_version_one_row")]

    def __str__(self) -> str:
        return str(self.version)


class RivalClaim(models.Model):
    """Who else identified themselves under an anonymous id that belongs to somebody earlier."""

    identity = models.ForeignKey(Identity, models.CASCADE, related_name="rivals")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            # note_rivals in identity.sql inserts with ON CONFLICT on this.
            models.UniqueConstraint(fields=["identity", "person"], name="rival_claim_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} under {self.identity_id}"


class FactBefore(models.Model):
    """How something stood before an import first spoke of it: what undoing that import goes back to.

    `run` is a signals ImportRun, kept as a number: imports point one way.
    """

    class Kind(models.IntegerChoices):
        IDENTITY = 1, "identity"  # place: its id
        ACTOR = 2, "actor"  # place: person row, workspace or 0
        ATTRIBUTE = 3, "attribute"  # place: subject kind, subject, key, origin, days since 1970
        WORKSPACE = 4, "workspace"  # place: its id
        ACCOUNT = 5, "account"  # place: its id
        OWNER = 6, "owner"  # place: account, assignment
        GROUP_CALL = 7, "group call"  # place: person row, workspace, days since 1970

    id = models.BigAutoField(primary_key=True)
    run = models.IntegerField()
    kind = models.SmallIntegerField(choices=Kind.choices)
    place = ArrayField(models.IntegerField())
    before = models.JSONField(null=True, help_text="The row; nothing: it was not there")
    # Of the transaction, as merges have it: those made with the first fact are not earlier than the run.
    at = models.DateTimeField(db_default=TransactionNow())
    known_on = models.DateField(null=True, db_default=KNOWN_DAY)

    class Meta:
        constraints = [
            # The journal inserts with ON CONFLICT on this: what stood before the first touch counts.
            models.UniqueConstraint(fields=["run", "kind", "place"], name="fact_before_unique"),
        ]
        indexes = [models.Index(fields=["kind", "place"], name="fact_before_place")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.place}"


class DirtyMark(models.Model):
    """A mark that something about these actors or accounts changed. Append-only; the scorer takes marks away.

    One row a batch, not one an actor: marks are written with every batch of events.
    """

    id = models.BigAutoField(primary_key=True)
    actors = ArrayField(models.IntegerField(), default=list)
    accounts = ArrayField(models.IntegerField(), default=list)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "dirty marks"
        constraints = [
            models.CheckConstraint(condition=~Q(actors=[], accounts=[]), name="dirty_mark_names_something"),
        ]

    def __str__(self) -> str:
        return f"{len(self.actors)} actors, {len(self.accounts)} accounts"


class SavedView(models.Model):
    """Filters of the accounts list under a name: somebody's own, or shared with everybody."""

    name = models.CharField(max_length=60)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    shared = models.BooleanField(default=False)
    query = models.CharField(max_length=300, help_text="As it stands in the address of the list")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-shared", "name", "pk"]
        constraints = [
            # saved_views.save_view writes over one's own view of the same name.
            models.UniqueConstraint(fields=["user", "name"], condition=Q(shared=False), name="saved_view_own_name"),
            models.UniqueConstraint(fields=["name"], condition=Q(shared=True), name="saved_view_shared_name"),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_has_name"),
        ]

    def __str__(self) -> str:
        return self.name
