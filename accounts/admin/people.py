"""Who is who, in the admin: companies and people to look at, exclusions and domains to decide."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.identity.corrections import follow_exclusions, rederive_all, split
from accounts.identity.exclusions import excluded_workspaces, lift, whom_it_keeps_out
from accounts.identity.placeholders import forget_placeholders
from accounts.models import (
    Account,
    Actor,
    DomainOverride,
    Exclusion,
    Identity,
    Person,
    PersonMerge,
    Placeholder,
)
from accounts.rules.domains import is_host, registered_domain
from accounts.rules.exclusions import network, trait_of
from plgcrm.common.admin import LargeTableAdmin, OpenAdmin, ReadOnlyAdmin
from plgcrm.common.htmx import fresh
from plgcrm.common.text import plural

MOST_LISTED = 50


# Accounts and people: looked at


@admin.register(Account)
class AccountAdmin(LargeTableAdmin, ReadOnlyAdmin):
    list_display = ("name", "domain", "created_at")
    search_fields = ("name", "domain")
    search_help_text = "Part of a name or domain"
    ordering = ("-pk",)
    fields = ("name", "domain", "created_at", "in_workspaces", "with_people")
    readonly_fields = fields
    help = "Companies as we identified them. Owners and scores are on the desk; this is where they come from."
    help_texts = {
        "name": "From the workspace or the email domain, until a better source says otherwise.",
        "domain": "The registered domain that its people's addresses share: ibm.com, not us.ibm.com.",
        "created_at": "When the first event mentioned it, in UTC.",
        "in_workspaces": "Tenants of your product that belong to it.",
        "with_people": "Who was seen in them, or has an address at its domain.",
    }

    @admin.display(description="Workspaces")
    def in_workspaces(self, account: Any) -> str:
        return _some(account.workspaces.order_by("pk"))

    @admin.display(description="People")
    def with_people(self, account: Any) -> str:
        return _some(account.people.filter(merged_into=None).order_by("pk"))


def _some(rows: QuerySet[Any]) -> str:
    """The first rows by name, and that there are more."""
    names = [str(row) for row in rows[: MOST_LISTED + 1]]
    more = " and more" if len(names) > MOST_LISTED else ""
    return ", ".join(names[:MOST_LISTED]) + more or "–"


@admin.register(Person)
class PersonAdmin(LargeTableAdmin, ReadOnlyAdmin):
    list_display = ("called", "email", "title", "account", "email_kind", "excluded_by")
    list_select_related = ("account",)
    search_fields = ("email", "name")
    search_help_text = "Part of an email address or name"
    ordering = ("-pk",)
    fields = ("name", "email", "title", "account", "domain", "email_kind", "excluded_by", "known_by", "created_at")
    readonly_fields = fields
    change_form_template = "admin/accounts/person.html"
    help = "People as we identified them, with what was merged into each. A wrong merge can be split again."
    help_texts = {
        "name": "From the latest identify call.",
        "email": "The address that makes two ids one person.",
        "title": "From identify calls; shows who may be a buyer.",
        "account": "The company their events and usage count towards.",
        "domain": "The registered domain of the address.",
        "email_kind": "What the domain is: a company's, free, disposable or forwarded email, or shared by many.",
        "excluded_by": "The pattern that keeps them out of every measure; empty: they count.",
        "known_by": "Every id and address that was merged into this person.",
        "created_at": "When the first event mentioned them, in UTC.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(merged_into=None)

    @admin.display(description="Person", ordering="name")
    def called(self, person: Any) -> str:
        return str(person)

    @admin.display(description="Known by")
    def known_by(self, person: Any) -> str:
        rows = _cluster(person)
        return _some(_identities(rows))

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        split_url = path("merges/<int:merge_id>/split/", wrap(self.split), name="accounts_person_split")
        return [split_url, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if person := kwargs.get("obj"):
            merges = merges_of(person)
            context |= {"merges": [(merge, *_sides(merge)) for merge in merges]}
        return super().render_change_form(request, context, *args, **kwargs)

    def split(self, request: HttpRequest, merge_id: int) -> HttpResponse:
        """Says what a split would part; on POST does it."""
        merge = get_object_or_404(PersonMerge, pk=merge_id, undone_at=None)
        if request.method == "POST":
            split(merge.pk, request.user, timezone.now())
            self.log_change(request, merge.left, f"Split off person row {merge.right_id}")
            messages.success(request, "Split: each side has its own events, usage and score again.")
            return redirect("admin:accounts_person_changelist")
        left, right = _sides(merge)
        context = {
            **self.admin_site.each_context(request),
            "title": "Split these two people?",
            "merge": merge,
            "left": left,
            "right": right,
        }
        return fresh(render(request, "admin/accounts/split.html", context))


def _cluster(person: Person) -> QuerySet[Person]:
    """The rows that are this person."""
    return Person.objects.filter(Q(pk=person.pk) | Q(merged_into=person.pk))


def _identities(rows: QuerySet[Person]) -> QuerySet[Any]:
    return Identity.objects.filter(person__in=rows.values("pk")).order_by("kind", "pk")


def merges_of(person: Person) -> QuerySet[PersonMerge]:
    """Why rows of this person are one; the undone ones too, for the history."""
    rows = list(_cluster(person).values_list("pk", flat=True))
    merges = PersonMerge.objects.filter(Q(left__in=rows) | Q(right__in=rows))
    return merges.select_related("undone_by").order_by("undone_at", "pk")


def _sides(merge: PersonMerge) -> tuple[str, str]:
    return side_words(merge.left_id), side_words(merge.right_id)


def side_words(person_id: int) -> str:
    """A row by the ids it was seen with, and how much hangs on it."""
    names = _some(_identities(Person.objects.filter(pk=person_id)))
    actors = Actor.objects.filter(profile=person_id).count()
    return f"{names} ({plural(actors, 'place')} with events)"


# Exclusions and domains: decided


def _counted(column: str, values: list[str]) -> dict[str, int]:
    """How many people have each of these values."""
    people = Person.objects.filter(merged_into=None, **{f"{column}__in": values})
    return dict(people.values_list(column).annotate(Count("pk")))


class ExclusionForm(forms.ModelForm[Exclusion]):
    class Meta:
        model = Exclusion
        fields = ("kind", "pattern", "reason")
        help_texts = {
            "kind": "What the pattern is compared with.",
            "pattern": "With * for any text: *-bot@* (address), acme.com (domain), qa-* (user id), department=QA* "
            "(trait), sandbox-* (workspace id or name), 10.0.0.0/8 (IP address), *HeadlessChrome* (user agent).",
            "reason": "Shown on the person and on the account, so that no one has to wonder.",
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind, pattern = cleaned.get("kind", ""), str(cleaned.get("pattern", "")).strip().lower()
        kept = pattern.lstrip("@") if kind == Exclusion.Kind.DOMAIN else pattern
        same = Exclusion.objects.filter(kind=kind, pattern=kept, lifted_at=None).exclude(pk=self.instance.pk)
        if problem := _problem(kind, kept) or ("This is excluded already." if same.exists() else ""):
            self.add_error("pattern", problem)
        return cleaned | {"pattern": kept}


def _problem(kind: str, pattern: str) -> str:
    """Why this is no pattern of its kind; "" where it is one."""
    if not pattern.strip("*@. "):
        return "This would exclude everyone. Include at least a domain, as in *@example.com."
    found = network(pattern) if kind == Exclusion.Kind.IP else None
    if kind == Exclusion.Kind.IP and (found is None or found.prefixlen == 0):
        return "Enter an IP address such as 203.0.113.7, or a range such as 10.0.0.0/8."
    if kind == Exclusion.Kind.DOMAIN and not is_host(pattern):
        return "Enter a domain such as example.com."
    if kind == Exclusion.Kind.TRAIT and not trait_of(pattern)[1].strip("*"):
        return "Enter the trait and its value, such as department=QA."
    return ""


class Rederiving(OpenAdmin):
    """Its rows decide who counts: whatever changes them derives everybody again."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._rederive(request)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        self._rederive(request)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        super().delete_queryset(request, queryset)
        self._rederive(request)

    def _rederive(self, request: HttpRequest) -> None:
        looked_at = rederive_all()
        messages.info(request, f"{looked_at:,} people re-checked. Scores follow within a minute.")


@admin.register(Exclusion)
class ExclusionAdmin(OpenAdmin):
    form = ExclusionForm
    list_display = ("pattern", "kind", "reason", "keeps_out", "created_at")
    list_filter = ("kind", "reason")
    search_fields = ("pattern",)
    fields = ("kind", "pattern", "reason")
    change_form_template = "admin/accounts/exclusion.html"
    help = (
        "Who is no customer: bots, mailing lists, your own people. No measure counts them. Deleting a row lets them in "
        "again, with all they did. What came from an excluded IP address or user agent stays out for good: events are "
        "told apart by these as they arrive, so such a row holds from now on."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(lifted_at=None)

    @admin.display(description="Excluded")
    def keeps_out(self, exclusion: Any) -> str:
        return str(exclusion.kept_out)

    def add_facts(self, rows: Sequence[Any]) -> None:
        words = [row.words for row in rows]
        people, workspaces = _counted("excluded_by", words), excluded_workspaces(words)
        for row in rows:
            inside, count = workspaces.get(row.words, 0), people.get(row.words, 0)
            row.kept_out = plural(inside, "workspace") if inside else plural(count, "person", "people")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = list(Exclusion.objects.filter(pk=obj.pk)) if change else []
        super().save_model(request, obj, form, change)
        self._follow(request, [*before, obj])

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        lift([obj], timezone.now())
        self._follow(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        gone = list(queryset)
        lift(gone, timezone.now())
        self._follow(request, gone)

    def _follow(self, request: HttpRequest, changed: list[Exclusion]) -> None:
        looked_at = follow_exclusions(changed)
        many = "They are many: people are re-checked in the background within minutes."
        messages.info(
            request,
            many if looked_at is None else f"{looked_at:,} people re-checked. Scores follow within a minute.",
        )

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [path("matching/", wrap(self.matching), name="accounts_exclusion_matching"), *super().get_urls()]

    def matching(self, request: HttpRequest) -> HttpResponse:
        """While typing: how many people it would keep out, and some of them."""
        context = _matching(request.POST.get("kind", ""), request.POST.get("pattern", ""))
        return fresh(render(request, "admin/accounts/matching.html", context))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        exclusion = kwargs.get("obj")
        kind = request.POST.get("kind", exclusion.kind if exclusion else "")
        context |= _matching(kind, request.POST.get("pattern", exclusion.pattern if exclusion else ""))
        return super().render_change_form(request, context, *args, **kwargs)


def _matching(kind: str, pattern: str) -> dict[str, Any]:
    asked = pattern.strip().strip("\0")
    kept_out = whom_it_keeps_out(kind, asked) if asked else None
    return {"kept_out": kept_out, "is_traffic": kind in Exclusion.OF_TRAFFIC, "exclusion_kind": kind}


class PlaceholderForm(forms.ModelForm[Placeholder]):
    class Meta:
        model = Placeholder
        fields = ("pattern", "kind", "honest")
        help_texts = {"kind": "Which ids it is about. “Any id” covers all of them."}

    def clean_pattern(self) -> str:
        pattern = str(self.cleaned_data["pattern"]).strip().lower()
        if not pattern.strip("*"):
            raise forms.ValidationError("This would match every id. Include at least a letter or a digit.")
        return pattern


@admin.register(Placeholder)
class PlaceholderAdmin(OpenAdmin):
    form = PlaceholderForm
    list_display = ("pattern", "kind", "honest", "created_at")
    list_filter = ("kind", "honest")
    search_fields = ("pattern",)
    fields = ("pattern", "kind", "honest")
    help = (
        "Ids that stand for nobody, such as undefined or guest, would make one person of many customers. The usual "
        "ones count as absent without a row here. Add what your product sends, or allow an id that looks like one. "
        "A change holds for events that arrive from now on; replay failed events to take them in again."
    )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        forget_placeholders()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        forget_placeholders()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        super().delete_queryset(request, queryset)
        forget_placeholders()


class DomainForm(forms.ModelForm[DomainOverride]):
    class Meta:
        model = DomainOverride
        fields = ("domain", "kind")
        help_texts = {
            "domain": "A domain such as ibm.com, with everything under it, or a host such as sites.google.com.",
            "kind": "Only a company makes an account. A site with pages of many names no company as a website; "
            "those who have addresses there count for it. A host that is a company is one of its own.",
        }

    def clean_domain(self) -> str:
        domain = str(self.cleaned_data["domain"]).strip().strip(".").lower()
        if not is_host(domain):
            raise forms.ValidationError(f"“{domain}” is not a domain. Use the form ibm.com.")
        return domain


@admin.register(DomainOverride)
class DomainOverrideAdmin(Rederiving):
    form = DomainForm
    list_display = ("domain", "kind", "people")
    list_filter = ("kind",)
    search_fields = ("domain",)
    help = (
        "Hosts that are no company, or are one after all. The usual ones need no row here: free and disposable email, "
        "internet providers, forwarding services, onmicrosoft.com, social networks, site builders, code hosts."
    )

    @admin.display(description="People with it")
    def people(self, override: Any) -> str:
        return f"{override.concerned:,}"

    def add_facts(self, rows: Sequence[Any]) -> None:
        counts = _counted("domain", [row.domain for row in rows])
        for row in rows:
            under = registered_domain(row.domain)
            at_host = Person.objects.filter(merged_into=None, domain=under, email__iendswith=f"@{row.domain}")
            deeper = at_host if under != row.domain else None
            row.concerned = counts.get(row.domain) or (deeper.count() if deeper else 0)
