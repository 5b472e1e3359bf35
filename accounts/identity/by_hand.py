"""What people correct of companies and people: domains, names, where a workspace or a person belongs, who is one.

Each keeps a `Correction` with what stood before; every later derive asks what is said here first. Joins: `joins`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.identity import suggestions
from accounts.identity.batch import SQL as IDENTITY
from accounts.identity.corrections import split
from accounts.identity.derive import derive
from accounts.identity.joins import (
    CorrectionError,
    join_accounts,
    mark_undone,
    people_and_workspaces,
    undo_join,
    whole_account,
)
from accounts.identity.merges import regroup
from accounts.identity.names import call_by_hand, put_name_back
from accounts.models import (
    Account,
    AccountDomain,
    Correction,
    DomainOverride,
    MergeSuggestion,
    Person,
    PersonMerge,
    Workspace,
)
from accounts.rules.domains import listed_domain, registered_domain
from plgcrm.common import advisory
from plgcrm.common.sql import rows

Verb = Correction.Verb
LONGEST_NAME = 200


def _lock() -> None:
    rows(IDENTITY["lock"], [advisory.IDENTITY])


def _log(verb: Verb, acting_user: Any, now: datetime, **about: Any) -> Correction:
    return Correction.objects.create(verb=verb, user=acting_user, at=now, **about)


def correction_of(correction_id: int) -> Correction | None:
    """With everybody it names."""
    return Correction.objects.select_related("account", "other", "person", "user").filter(pk=correction_id).first()


# --- Domains ------------------------------------------------------------------------------------------------


def domain_in(text: str) -> str:
    """The company's domain in what somebody typed: an address, a website, a bare domain."""
    overrides = dict(DomainOverride.objects.values_list("domain", "kind"))
    typed = text.strip().lower().rpartition("@")[2]
    domain = listed_domain(typed, overrides)
    if domain:
        return domain
    if registered_domain(typed):
        raise CorrectionError(f"{typed} is shared by many companies, so it says nothing about one of them.")
    raise CorrectionError("Enter a domain such as acme.com.")


def holder_of(domain: str) -> Account | None:
    """The account that people of this domain belong to."""
    given = AccountDomain.objects.filter(domain=domain).values_list("account", flat=True).first()
    main = given or Account.objects.filter(domain=domain).values_list("pk", flat=True).first()
    return whole_account(main) if main else None


@transaction.atomic
def give_domain(account: Account, domain: str, *, acting_user: Any, now: datetime) -> Correction:
    """People and workspaces of this domain belong to the account; one that has an account already is joined with it."""
    holder = holder_of(domain)
    if holder is not None and holder.pk == account.pk:
        raise CorrectionError(f"{domain} belongs to {account.name} already.")
    if holder is not None and holder.domain != domain:
        raise CorrectionError(f"{domain} is one of the domains of {holder.name}. Remove it there first.")
    if holder is not None:
        return join_accounts(holder.pk, account.pk, acting_user=acting_user, now=now)
    _lock()
    if holder_of(domain) is not None:
        raise CorrectionError(f"{domain} has just become an account of its own. Look again.")
    AccountDomain.objects.create(domain=domain, account=account)
    correction = _log(Verb.DOMAIN, acting_user, now, account=account, text=domain)
    derive(_people_at(domain), set())
    return correction


def _people_at(domain: str) -> set[int]:
    return set(Person.objects.filter(domain=domain, merged_into=None).values_list("pk", flat=True))


@transaction.atomic
def take_domain(account: Account, domain: str, *, acting_user: Any, now: datetime) -> Correction:
    """People and workspaces of this domain are a company of their own from now on, with all their history."""
    joined = Correction.objects.filter(verb=Verb.JOIN, undone_at=None, other__domain=domain).first()
    if joined is not None and joined.account and whole_account(joined.account.pk) == account:
        return undo_join(joined.pk, acting_user=acting_user, now=now)
    if account.domain == domain:
        raise CorrectionError(f"{domain} is the main domain of {account.name}. Make another one the main domain first.")
    _lock()
    if not AccountDomain.objects.filter(domain=domain, account=account).delete()[0]:
        raise CorrectionError(f"{domain} does not belong to {account.name}.")
    correction = _log(Verb.NO_DOMAIN, acting_user, now, account=account, text=domain)
    _derive_domain(account, domain)
    return correction


def _derive_domain(account: Account, domain: str) -> None:
    people, workspaces = people_and_workspaces(account.pk)
    derive(_people_at(domain) | set(people), workspaces)


@transaction.atomic
def make_main(account: Account, domain: str, *, acting_user: Any, now: datetime) -> Correction:
    """The domain that the account is shown with. Nobody moves."""
    _lock()
    before = account.domain
    _swap_main(account, domain)
    return _log(Verb.MAIN_DOMAIN, acting_user, now, account=account, text=domain, kept={"before": before})


def _swap_main(account: Account, domain: str | None) -> None:
    row = Account.objects.select_for_update().get(pk=account.pk)
    if domain and not AccountDomain.objects.filter(domain=domain, account=row).delete()[0]:
        raise CorrectionError(f"{domain} is not a further domain of {row.name}.")
    if row.domain:
        AccountDomain.objects.create(domain=row.domain, account=row)
    Account.objects.filter(pk=row.pk).update(domain=domain)


# --- Names --------------------------------------------------------------------------------------------------


@transaction.atomic
def rename_account(account: Account, name: str, *, acting_user: Any, now: datetime) -> Correction:
    """Call it so, whatever workspaces and lists say; "" calls it as they do."""
    wanted = " ".join(name.replace("\0", " ").split())[:LONGEST_NAME]
    _lock()
    correction = _log(Verb.NAME, acting_user, now, account=account, text=wanted)
    correction.kept = call_by_hand(account.pk, wanted, now)
    correction.save(update_fields=["kept"])
    return correction


# --- Where a workspace or a person belongs ------------------------------------------------------------------


@transaction.atomic
def move_workspace(workspace: Workspace, account: Account, *, acting_user: Any, now: datetime) -> Correction:
    """It belongs there with all its history, whatever its traits and its members say later."""
    _lock()
    row = Workspace.objects.select_for_update(of=("self",)).get(pk=workspace.pk)
    if row.account_id == account.pk:
        raise CorrectionError(f"{row} is in {account.name} already.")
    about = {"account": account, "other": row.account, "workspace": row, "text": str(row)[:254]}
    correction = _log(Verb.WORKSPACE, acting_user, now, **about, kept={"before": row.placed_in_id})
    _place_workspace(row.pk, account.pk)
    return correction


def _place_workspace(workspace_id: int, account_id: int | None) -> None:
    Workspace.objects.filter(pk=workspace_id).update(placed_in=_still_there(account_id))
    derive(set(), {workspace_id})


@transaction.atomic
def move_person(person: Person, account: Account, *, acting_user: Any, now: datetime) -> Correction:
    """All they ever did counts there, in every workspace."""
    _lock()
    row = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if row.account_id == account.pk:
        raise CorrectionError(f"{row} is in {account.name} already.")
    about = {"account": account, "other": row.account, "person": row, "text": str(row)[:254]}
    correction = _log(Verb.PERSON, acting_user, now, **about, kept={"before": row.placed_in_id})
    _place_person(row.pk, account.pk)
    return correction


def _place_person(person_id: int, account_id: int | None) -> None:
    Person.objects.filter(pk=person_id).update(placed_in=_still_there(account_id))
    derive({person_id}, set())


def _still_there(account_id: int | None) -> int | None:
    return account_id if account_id and Account.objects.filter(pk=account_id).exists() else None


# --- Who is one person --------------------------------------------------------------------------------------


@transaction.atomic
def merge_people(person: Person, other: Person, *, acting_user: Any, now: datetime) -> Correction:
    """They are one person, with all that both did."""
    _lock()
    left, right = sorted((whole_row(person.pk), whole_row(other.pk)))
    if left == right:
        raise CorrectionError("They are one person already.")
    suggestion = MergeSuggestion.objects.filter(left=left, right=right, state=MergeSuggestion.State.OPEN).first()
    accepted = suggestions.accept(suggestion.pk, acting_user, now).merge if suggestion else None
    merge = accepted or _merge(left, right)
    about = {"person_id": left, "text": str(other)[:254], "kept": {"merge": merge.pk}}
    return _log(Verb.MERGE, acting_user, now, **about)


def _merge(left: int, right: int) -> PersonMerge:
    merge, _ = PersonMerge.objects.update_or_create(
        left_id=left,
        right_id=right,
        cause=PersonMerge.Cause.MANUAL,
        defaults={"evidence": "", "undone_at": None, "undone_by": None},
    )
    derive(regroup({left, right}), set())
    return merge


def whole_row(person_id: int) -> int:
    """The row that stands for the person of this row."""
    return Person.objects.values_list("merged_into", flat=True).get(pk=person_id) or person_id


@transaction.atomic
def split_people(merge: PersonMerge, *, acting_user: Any, now: datetime) -> Correction:
    """They are two people, each with what they did."""
    _lock()
    if merge.undone_at is not None:
        raise CorrectionError("They are two people already.")
    other = str(merge.right)
    split(merge.pk, acting_user, now)
    about = {"person_id": whole_row(merge.left_id), "text": other[:254], "kept": {"merge": merge.pk}}
    return _log(Verb.SPLIT, acting_user, now, **about)


# --- Undo ---------------------------------------------------------------------------------------------------


@transaction.atomic
def undo_correction(correction: Correction, *, acting_user: Any, now: datetime) -> Correction:
    """As it was before; what came since goes where it belongs then. Safe to repeat."""
    if correction.verb == Verb.JOIN:
        return undo_join(correction.pk, acting_user=acting_user, now=now)
    _lock()
    row = Correction.objects.select_for_update(of=("self",)).get(pk=correction.pk)
    if row.undone_at is None:
        _refuse_where_later(row)
        _UNDO[Verb(row.verb)](row, acting_user, now)
        mark_undone(row, acting_user, now)
    return row


def _refuse_where_later(row: Correction) -> None:
    """Of two of the same kind about the same thing the later is undone first: it keeps what the earlier made."""
    same = Correction.objects.filter(verb=row.verb, undone_at=None, pk__gt=row.pk)
    if row.verb in (Verb.NAME, Verb.MAIN_DOMAIN):
        same = same.filter(account=row.account)
    elif row.verb in (Verb.WORKSPACE, Verb.PERSON):
        same = same.filter(workspace=row.workspace, person=row.person)
    else:
        return
    if same.exists():
        raise CorrectionError("It was changed again later. Undo the later change first.")


def _undo_domain(row: Correction, acting_user: Any, now: datetime) -> None:
    if row.account and AccountDomain.objects.filter(domain=row.text).delete()[0]:
        _derive_domain(row.account, row.text)


def _undo_no_domain(row: Correction, acting_user: Any, now: datetime) -> None:
    if row.account and (whole := whole_account(row.account.pk)):
        give_domain(whole, row.text, acting_user=acting_user, now=now)


def _undo_main(row: Correction, acting_user: Any, now: datetime) -> None:
    if row.account:
        _swap_main(row.account, row.kept["before"])


def _undo_name(row: Correction, acting_user: Any, now: datetime) -> None:
    if row.account:
        put_name_back(row.account.pk, row.kept)


def _undo_workspace(row: Correction, acting_user: Any, now: datetime) -> None:
    if row.workspace:
        _place_workspace(row.workspace.pk, row.kept["before"])


def _undo_person(row: Correction, acting_user: Any, now: datetime) -> None:
    if row.person:
        _place_person(row.person.pk, row.kept["before"])


def _undo_merge(row: Correction, acting_user: Any, now: datetime) -> None:
    split(row.kept["merge"], acting_user, now)


def _undo_split(row: Correction, acting_user: Any, now: datetime) -> None:
    merge = PersonMerge.objects.filter(pk=row.kept["merge"]).first()
    if merge is not None:
        PersonMerge.objects.filter(pk=merge.pk).update(undone_at=None, undone_by=None)
        derive(regroup({merge.left_id, merge.right_id}), set())


_UNDO: dict[Verb, Callable[[Correction, Any, datetime], None]] = {
    Verb.DOMAIN: _undo_domain,
    Verb.NO_DOMAIN: _undo_no_domain,
    Verb.MAIN_DOMAIN: _undo_main,
    Verb.NAME: _undo_name,
    Verb.WORKSPACE: _undo_workspace,
    Verb.PERSON: _undo_person,
    Verb.MERGE: _undo_merge,
    Verb.SPLIT: _undo_split,
}


def corrections_of_account(account_id: int) -> Any:
    """Newest first, with those of accounts that are part of it, and of what left it."""
    own = Q(account=account_id) | Q(other=account_id) | Q(account__joined_into=account_id)
    return _newest(own)


def corrections_of_person(person_id: int) -> Any:
    """Newest first, of all rows of the whole person."""
    return _newest(Q(person=person_id) | Q(person__merged_into=person_id))


def _newest(about: Q) -> Any:
    found = Correction.objects.filter(about).select_related("account", "other", "person", "user", "undone_by")
    return found.order_by("-at", "-pk")
