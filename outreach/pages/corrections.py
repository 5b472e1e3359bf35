"""What the pages say on which people correct accounts and people: what would move, and what was corrected before."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from accounts.access import display_name
from accounts.identity.by_hand import corrections_of_account, corrections_of_person
from accounts.identity.joins import JoinPreview
from accounts.models import Account, AccountDomain, Actor, Correction, Identity, Person, PersonMerge, Workspace
from plgcrm.common.text import listed, plural

SHOWN = 20
NEWEST = 5
MOST_LISTED = 200
Verb = Correction.Verb


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """A line of the history: who did what and when, and whether it stands."""

    id: int
    who: str
    words: str
    at: datetime
    undone_at: datetime | None
    undone_by: str


@dataclass(frozen=True, slots=True)
class DomainLine:
    """A domain of an account; `joined`: the account that brought it along."""

    domain: str
    is_main: bool = False
    joined: str = ""


@dataclass(frozen=True, slots=True)
class CorrectionPreview:
    """What would happen, before it does. `names`: what the account could be called."""

    title: str
    sentences: list[str]
    button: str
    fields: dict[str, Any]
    names: list[str] = field(default_factory=list)
    swap: str = ""


def account_corrections(account_id: int, *, newest: int = SHOWN) -> list[CorrectionLine]:
    """Of the account, newest first."""
    return [_line(each, account_id) for each in corrections_of_account(account_id)[:newest]]


def person_corrections(person_id: int, *, newest: int = SHOWN) -> list[CorrectionLine]:
    """Of the person, newest first."""
    return [_line(each, 0) for each in corrections_of_person(person_id)[:newest]]


def _line(done: Correction, account_id: int) -> CorrectionLine:
    undone_by = display_name(done.undone_by) if done.undone_by else ""
    who = display_name(done.user) if done.user else "Someone who has left"
    return CorrectionLine(done.pk, who, words_of(done, account_id), done.at, done.undone_at, undone_by)


def words_of(done: Correction, account_id: int = 0) -> str:
    """What was done, as the page of this account says it; 0: as a person's page does."""
    here, there = _name(done.account), _name(done.other)
    if done.verb in (Verb.WORKSPACE, Verb.PERSON):
        what = "workspace " if done.verb == Verb.WORKSPACE else ""
        came = f" from {there}" if done.other_id else ""
        return f"moved {what}{done.text}{came}" + ("" if done.account_id == account_id else f" to {here}")
    words = {
        Verb.JOIN: f"joined {done.text} into {'this account' if done.account_id == account_id else here}",
        Verb.DOMAIN: f"added the domain {done.text}",
        Verb.NO_DOMAIN: f"removed the domain {done.text}",
        Verb.MAIN_DOMAIN: f"made {done.text} the main domain",
        Verb.NAME: f"renamed the account to {done.text}" if done.text else "gave the account its own name back",
        Verb.MERGE: f"merged {done.text} into this person",
        Verb.SPLIT: f"split {done.text} off",
    }
    return words[Verb(done.verb)]


def _name(account: Account | None) -> str:
    return str(account) if account else "no account"


def domain_lines(account: Account) -> list[DomainLine]:
    """The main domain first, then those given by hand, then those of joined accounts."""
    main = [DomainLine(account.domain, is_main=True)] if account.domain else []
    own = AccountDomain.objects.filter(account=account).order_by("domain").values_list("domain", flat=True)
    joined = account.joined.exclude(domain=None).order_by("domain")
    return [*main, *map(DomainLine, own), *(DomainLine(each.domain or "", joined=str(each)) for each in joined)]


def workspaces_in(account: Account) -> list[Workspace]:
    """In the order of their names."""
    return list(account.workspaces.order_by("name", "pk")[:MOST_LISTED])


def join_confirmation(preview: JoinPreview, swap: str) -> CorrectionPreview:
    """`swap`: where the same is offered the other way round."""
    old, new = preview.old, preview.new
    sentences = [f"{old} becomes part of {new}, with its domain and everything that arrives later."]
    sentences += _what_moves(preview.counts, preview.moving.workspace_names, preview.moving.people_names)
    sentences += [preview.owner] if preview.owner else []
    names = list(dict.fromkeys([str(new), str(old)]))
    return CorrectionPreview(
        f"Join {old} into {new}?", sentences, "Join the accounts", {"account": old.pk}, names, swap
    )


def _what_moves(counts: Sequence[str], workspaces: Sequence[str], people: Sequence[str]) -> list[str]:
    if not counts:
        return ["Nothing has been recorded for it yet, so nothing moves today."]
    named = [*workspaces, *people]
    examples = f" For example {listed(named)}." if named else ""
    return [f"What moves: {listed(counts)}.{examples}"]


def separation_confirmation(account: Account, domain: str, moving: Account | None) -> CorrectionPreview:
    """Taking a domain away; `moving`: the joined account that goes with it."""
    title, fields = f"Remove {domain} from {account}?", {"domain": domain}
    if moving is not None:
        sentences = [
            f"{moving} becomes an account of its own again, as it was before it was joined.",
            "Its workspaces, people, items, touches and outcomes go back to it.",
            "What was added since stays where it belongs.",
        ]
        return CorrectionPreview(title, sentences, f"Separate {moving}", fields)
    people = Person.objects.filter(domain=domain, account=account, merged_into=None)
    counts = [plural(people.count(), "person", "people")]
    names = [str(each) for each in people.order_by("pk")[:3]]
    sentences = [f"People at {domain} get an account of their own."]
    sentences += _what_moves(counts if names else [], [], names)
    sentences.append(f"Items, touches and outcomes stay with {account}.")
    return CorrectionPreview(title, sentences, f"Remove {domain}", fields)


def workspace_confirmation(workspace: Workspace, to: Account) -> CorrectionPreview:
    """What moves along, and what stays."""
    counted = Actor.objects.filter(workspace=workspace).aggregate(people=Count("person", distinct=True))
    people = Person.objects.filter(acts_as__workspace=workspace, merged_into=None).distinct().order_by("pk")
    counts = [plural(counted["people"], "person", "people")] if counted["people"] else []
    sentences = [
        f"Everything that ever happened in {workspace} counts for {to} from now on, and so does what comes.",
        *_what_moves(counts, [], [str(each) for each in people[:3]]),
        f"Items, touches and outcomes logged by hand stay with {_name(workspace.account)}.",
    ]
    return CorrectionPreview(f"Move {workspace} to {to}?", sentences, "Move the workspace", {"account": to.pk})


def person_confirmation(person: Person, to: Account) -> CorrectionPreview:
    """What moves along, and what stays."""
    places = Actor.objects.filter(person=person, workspace__isnull=False).values("workspace").distinct().count()
    where = f", in {plural(places, 'workspace')} and elsewhere" if places else ""
    sentences = [
        f"Everything {person} ever did{where} counts for {to} from now on, and so does what comes.",
        "It stays so, whatever address or workspace they use later.",
        f"Items, touches and outcomes logged by hand stay with {_name(person.account)}.",
    ]
    return CorrectionPreview(f"Move {person} to {to}?", sentences, "Move the person", {"account": to.pk})


def merge_confirmation(person: Person, other: Person) -> CorrectionPreview:
    """Both sides by their ids and their accounts."""
    sentences = [
        f"Everything {other} did counts as {person}’s.",
        *(f"{each}: {_known_by(each)}; {_name(each.account)}." for each in (person, other)),
        "Scores follow within a minute.",
    ]
    return CorrectionPreview(f"Merge {other} with {person}?", sentences, "Merge them", {"person": other.pk})


def split_confirmation(merge: PersonMerge) -> CorrectionPreview:
    """Both sides by their ids."""
    sentences = [
        "Each side gets its own events and usage back.",
        f"One side: {_ids_of([merge.left_id])}.",
        f"The other: {_ids_of([merge.right_id])}.",
    ]
    return CorrectionPreview("Split these two people?", sentences, "Split them", {"merge": merge.pk})


def _known_by(person: Person) -> str:
    rows = Person.objects.filter(Q(pk=person.pk) | Q(merged_into=person.pk)).values_list("pk", flat=True)
    return _ids_of(rows[:SHOWN])


def _ids_of(rows: Any) -> str:
    found = Identity.objects.filter(person__in=list(rows)).order_by("kind", "pk").values_list("value", flat=True)[:4]
    return listed(list(found)) or "no ids"


def merges_in(person: Person) -> list[tuple[PersonMerge, str, str]]:
    """The merges that stand among the rows of this person, with both sides by their ids."""
    rows = list(Person.objects.filter(Q(pk=person.pk) | Q(merged_into=person.pk)).values_list("pk", flat=True))
    merges = PersonMerge.objects.filter(left__in=rows, right__in=rows, undone_at=None).order_by("pk")[:SHOWN]
    return [(merge, _ids_of([merge.left_id]), _ids_of([merge.right_id])) for merge in merges]


def joined_with(account: Account, domain: str) -> Account | None:
    """The joined account that has this domain."""
    return account.joined.filter(domain=domain).first()
