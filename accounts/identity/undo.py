"""Takes back what an import said of people, workspaces and accounts, as if it had never come.

Three steps, in one transaction a piece: what the run kept is put back; then the messages that remain are resolved
once more, which adds what others said in the meantime (any order of the same facts ends the same); then what nothing
speaks of any more goes. docs/explain/identity.md says why each is needed.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from accounts.identity.batch import SQL as IDENTITY
from accounts.identity.batch import Who
from accounts.identity.derive import derive
from accounts.identity.merges import regroup
from accounts.identity.resolve import resolve_batch
from accounts.models import Account, Actor, Assignment, FactBefore, Person, Workspace
from accounts.rules.addresses import all_tags
from plgcrm.common.known import NEVER_KNOWN, learning_on
from plgcrm.common.sql import execute, int4s, int8s, queries, rows, scalar, scalars

SQL = queries("accounts/sql/imports.sql")
AT_ONCE = 1_000  # messages resolved together
ATTRIBUTES = ("drop_attributes_before", "drop_attributes", "put_back_attributes")
PUT_BACK = (
    *ATTRIBUTES, "put_back_claims", "drop_rivals", "drop_group_calls", "put_back_group_calls", "put_back_actors",
)  # fmt: skip
Said = list[tuple[int, date, Who]]  # source, the day on which it became known, and message


@dataclass(frozen=True, slots=True)
class Remaining:
    """What the events that remain say; identity knows no events.

    `of_people`: all that these person rows said and is needed to resolve them. `of_workspaces`: the group calls made in
    these workspaces. `acting`: those of the actors that have an event. `worked`: accounts that somebody worked on.
    """

    of_people: Callable[[Collection[int]], Said]
    of_workspaces: Callable[[Collection[int]], Said]
    acting: Callable[[Collection[int]], set[int]]
    worked: Callable[[Collection[int]], set[int]]
    browsers: frozenset[int] = frozenset()  # the sources that are browsers


def began_at(run: int) -> datetime | None:
    """When the run first spoke of anything, by the database's clock; None where it never did."""
    found: datetime | None = FactBefore.objects.filter(run=run).order_by("id").values_list("at", flat=True).first()
    return found


def take_back_people(run: int, *, since: datetime, limit: int, remaining: Remaining) -> bool:
    """Take back what the run said of some people and all they are connected with; whether there were any.

    Runs under advisory.IDENTITY, with ingest held back. `since`: when the run began.
    """
    started = scalars(SQL["people_next"], {"run": run, "limit": limit})
    if not started:
        return False
    people = sorted(_connected(started))
    _forget_what_was_known(run, people=people)
    facts = [row[0] for row in rows(SQL["facts_of_people"], {"run": run, "people": people})]
    before, workspaces = _accounts_of(people), _workspaces_of(people)
    addresses = _put_back(facts)
    Person.objects.filter(pk__in=people).exclude(email="").update(email="")  # or one that moves would be there twice
    _drop_actors(facts, remaining)
    undone = _unmerge(people, since)
    _resolve_again(remaining.of_people(people), remaining.browsers)
    for identity, value in addresses:
        execute(SQL["follow_address"], {"was": identity, "value": value})
    _split_again(undone)
    spare = _beside_only(facts)
    # Also those that they act in no more: a workspace belongs to the company of its first member.
    derive(regroup(people), workspaces)
    _drop_people(facts, spare)
    _maybe_gone(run, before, since)
    _forget(facts)
    return True


def _forget_what_was_known(run: int, *, people: Collection[int] = (), workspaces: Collection[int] = ()) -> None:
    """Of what was known of these since the run began: what remains is said again, day by day as it became known."""
    learning_on(NEVER_KNOWN)  # what is taken back was never so
    params = {"known": scalar(SQL["first_known"], {"run": run})}
    if people:
        for name in ("drop_actors_before", "drop_links_before", "drop_people_before"):
            execute(SQL[name], params | {"people": list(people)})
    if workspaces:
        execute(SQL["drop_workspaces_before"], params | {"workspaces": list(workspaces)})


def _connected(people: Iterable[int]) -> set[int]:
    found, wider = set[int](), set(people)
    while wider != found:
        found = wider
        wider = set(scalars(SQL["connected"], {"people": sorted(found)}))
    return found


def _accounts_of(people: Collection[int]) -> set[int]:
    return set(scalars(SQL["accounts_around"], {"people": list(people)}))


def _workspaces_of(people: Collection[int]) -> set[int]:
    return set(Actor.objects.filter(profile__in=people, workspace__isnull=False).values_list("workspace", flat=True))


def _put_back(facts: list[int]) -> list[tuple[int, str]]:
    """What stood before; the addresses that were not there, as identity and value."""
    params = {"facts": int8s(facts)}
    # First those who kept the same thing later: for them it was as it had been before us, too.
    execute(SQL["hand_down"], params)
    for name in PUT_BACK:
        execute(SQL[name], params)
    said = rows(SQL["addresses_spoken_of"], params)
    gone = [*rows(SQL["drop_addresses"], params), *_drop_tagged(facts, said)]
    return [(identity, value) for identity, value in gone]


def _drop_tagged(facts: list[int], said: list[tuple[str, int]]) -> list[tuple[int, str]]:
    """Whoever says an address says it for all its tags: what was new of these follows from what remains."""
    first: dict[str, int] = {}
    for value, fact in said:
        first[all_tags(value)] = min(fact, first.get(all_tags(value), fact))
    columns = {"facts": int8s(facts), "tagged": list(first), "first": int8s(list(first.values()))}
    return [(identity, value) for identity, value in rows(SQL["drop_tagged"], columns)]


def _unmerge(people: list[int], since: datetime) -> list[tuple[Any, ...]]:
    """Drop what was merged since the run began, for all of it is said again; those that a person had split."""
    gone = rows(SQL["drop_merges"], {"people": people, "since": since})
    execute(SQL["drop_suggestions"], {"people": people, "since": since})
    execute(SQL["merge_claimed"], {"people": people})
    derive(regroup(people), set())  # what is said again is judged by who they are now
    return [row for row in gone if row[3] is not None]


def _split_again(undone: list[tuple[Any, ...]]) -> None:
    for left, right, cause, at, by in undone:
        execute(SQL["split_again"], [at, by, left, right, cause])


def _drop_actors(facts: list[int], remaining: Remaining) -> None:
    """Of the actors that the run made, those without an event; others have been seen since their own first event."""
    made = dict(rows(SQL["made_actors"], {"facts": int8s(facts)}))
    acting = remaining.acting(made.keys())
    kept = remaining.worked({account for account in made.values() if account})
    dead = [actor for actor, account in made.items() if actor not in acting and account not in kept]
    touched = {made[actor] for actor in dead if made[actor]}
    Actor.objects.filter(pk__in=dead).delete()
    execute(SQL["forget_first_seen"], [sorted(acting)])
    if touched:
        execute(IDENTITY["touch"], [int4s(sorted(touched))])


def _resolve_again(said: Said, browsers: frozenset[int]) -> None:
    def place(one: tuple[int, date, Who]) -> tuple[date, int]:
        return one[1], one[0]

    for (known, source), each in groupby(sorted(said, key=place), key=place):
        messages = [m for _, _, m in each]
        for start in range(0, len(messages), AT_ONCE):
            resolve_batch(source, messages[start : start + AT_ONCE], browsers=browsers, known_day=known)
    learning_on(NEVER_KNOWN)


def _beside_only(facts: list[int]) -> list[int]:
    """Person rows of anonymous ids that act alone no more; they are alone from here on."""
    found = rows(SQL["beside_only"], {"facts": int8s(facts)})
    execute(SQL["set_beside"], [[identity for identity, _ in found]])
    spare = [person for _, person in found]
    execute(SQL["unmerge_rows"], {"people": spare})
    return spare


def _drop_people(facts: list[int], spare: list[int]) -> None:
    """Identities that the run made and nobody has named since, with their person rows."""
    gone = [*scalars(SQL["made_people"], {"facts": int8s(facts)}), *spare]
    execute(SQL["drop_attributes_of"], [1, gone])
    Person.objects.filter(pk__in=gone).delete()
    execute(SQL["drop_lone_identities"], {"facts": int8s(facts)})


def _maybe_gone(run: int, accounts: Collection[int], since: datetime) -> None:
    """Accounts made since the run began may be its own: whether they stay is decided at its end."""
    execute(SQL["may_be_gone"], {"run": run, "accounts": sorted(accounts), "since": since})


def _forget(facts: list[int]) -> None:
    execute("DELETE FROM accounts_factbefore WHERE id = ANY(%s)", [facts])
    execute(SQL["version_up"])


def take_back_workspaces(run: int, *, since: datetime, limit: int, remaining: Remaining) -> bool:
    """Take back what the run said of some workspaces; whether there were any. After its people."""
    started = scalars(SQL["workspaces_next"], {"run": run, "limit": limit})
    if not started:
        return False
    _forget_what_was_known(run, workspaces=started)
    facts = scalars(SQL["facts_of_workspaces"], {"run": run, "workspaces": started})
    before = set(Account.objects.filter(workspaces__in=started).values_list("pk", flat=True))
    for name in ("hand_down", *ATTRIBUTES):
        execute(SQL[name], {"facts": int8s(facts)})
    _resolve_again(remaining.of_workspaces(started), remaining.browsers)
    gone = scalars(SQL["made_workspaces"], {"facts": int8s(facts)})
    execute(SQL["drop_attributes_of"], [2, gone])
    Workspace.objects.filter(pk__in=gone).delete()
    execute(SQL["made_by_others_too"], {"facts": int8s(facts), "kind": int(FactBefore.Kind.WORKSPACE)})
    derive(set(), set(started) - set(gone))
    _maybe_gone(run, before, since)
    _forget(facts)
    if before:
        execute(IDENTITY["touch"], [int4s(sorted(before))])
    return True


def take_back_accounts(run: int, *, limit: int, remaining: Remaining) -> bool:
    """Take back owners, what lists said, and accounts that nothing gives any more; whether there were any."""
    started = scalars(SQL["accounts_next"], {"run": run, "limit": limit})
    if not started:
        return False
    learning_on(NEVER_KNOWN)
    facts = scalars(SQL["facts_of_accounts"], {"run": run, "accounts": started})
    for fact in FactBefore.objects.filter(pk__in=facts, kind=FactBefore.Kind.OWNER).order_by("-pk"):
        _take_back_owner(fact)
    for name in ("hand_down", *ATTRIBUTES):
        execute(SQL[name], {"facts": int8s(facts)})
    made = scalars(SQL["made_accounts"], {"facts": int8s(facts)})
    gone = sorted(set(made) - remaining.worked(made))
    Account.objects.filter(pk__in=gone).delete()
    execute(SQL["made_by_others_too"], {"facts": int8s(facts), "kind": int(FactBefore.Kind.ACCOUNT)})
    execute("DELETE FROM accounts_factbefore WHERE id = ANY(%s)", [facts])
    stay = sorted(set(started) - set(gone))
    if stay:
        execute(SQL["rename_accounts"], {"accounts": int4s(stay)})
        execute(IDENTITY["touch"], [int4s(stay)])
    return True


def _take_back_owner(fact: FactBefore) -> None:
    """Whoever owned the account before goes on, up to whoever got it next."""
    account, made = fact.place
    previous = (fact.before or {})["previous"]
    FactBefore.objects.filter(kind=FactBefore.Kind.OWNER, place__0=account, before__previous=made).update(
        before={"previous": previous}
    )
    assignment = Assignment.objects.select_for_update().filter(pk=made).first()
    if assignment is None:
        return
    ended_at = assignment.ended_at
    assignment.delete()
    Assignment.objects.filter(pk=previous).update(ended_at=ended_at)


def drop_leftovers(run: int) -> None:
    """What the run kept of things that are gone by now."""
    execute(SQL["drop_lone_identities_of_run"], {"run": run})
    FactBefore.objects.filter(run=run).delete()
