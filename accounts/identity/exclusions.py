"""Keeping out who is no customer: what is derived of them, whom a pattern would keep out, and what follows a change."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from accounts.models import Actor, Exclusion, IdentityVersion, Person, Workspace
from accounts.rules.exclusions import (
    AGENT,
    DOMAIN,
    IP,
    TRAIT,
    USER,
    WORKSPACE,
    ExclusionRow,
    ExclusionRules,
    first_match,
    trait_of,
)
from plgcrm.common.cache import Remembered
from plgcrm.common.sql import execute, int4s, queries, rows, scalars, texts

SQL = queries("accounts/sql/exclusions.sql")
IDENTITY = queries("accounts/sql/identity.sql")
MOST_LOOKED_AT = 5_000
NAMED = 5
_TRAFFIC = Remembered[tuple[Exclusion, ...]](seconds=5)


def exclusion_rules() -> ExclusionRules:
    """As they stand."""
    return ExclusionRules.of(map(_row, Exclusion.objects.order_by("pattern", "kind")))


def _row(exclusion: Exclusion) -> ExclusionRow:
    return ExclusionRow(exclusion.pk, exclusion.kind, exclusion.pattern, exclusion.words)


def excluded_otherwise(rules: ExclusionRules, heads: Collection[int]) -> dict[int, str]:
    """Those of these whole people whom something else than their address keeps out: by what."""
    asked = {"heads": int4s(sorted(heads))}
    found: dict[int, str] = {}
    if rules.traffic:
        named = rows(SQL["traffic_of"], asked | {"names": list(rules.traffic)})
        found |= {head: rules.traffic[name] for head, name in named}
    if rules.traits:
        found |= _by_traits(rules.traits, heads)
    if rules.users:
        matches = ((head, first_match(rules.users, value)) for head, value in rows(SQL["user_ids_of"], asked))
        found |= {head: words for head, words in matches if words}
    return found


def _by_traits(wanted: Sequence[ExclusionRow], heads: Collection[int]) -> dict[int, str]:
    patterns = [(row, *trait_of(row.pattern)) for row in wanted]
    asked = {"heads": int4s(sorted(heads)), "names": [name for _, name, _ in patterns], "meanings": []}
    found: dict[int, str] = {}
    for head, name, _, text, _ in rows(IDENTITY["said_of_people"], asked):
        own = [row._replace(pattern=value) for row, asked_name, value in patterns if asked_name == name]
        if words := first_match(own, text):
            found[head] = words
    return found


def exclude_workspaces(rules: ExclusionRules, workspaces: Sequence[int]) -> None:
    """Say of each of these what keeps it out: nothing that happens in it counts, whoever does it."""
    if not rules.workspaces:
        return  # `follow_exclusions` has cleared what a row that is gone had kept out
    named = rows(SQL["workspaces_named"], {"workspaces": int4s(workspaces)})
    words = [first_match(rules.workspaces, external_id, name) for _, external_id, name in named]
    params = {"workspaces": int4s([id_ for id_, _, _ in named]), "words": texts(words)}
    execute(SQL["exclude_workspaces"], params)


# --- Before and after a change ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeptOut:
    """Whom a pattern would keep out: so many, `at_least` where there are more, and some by name."""

    people: int
    at_least: bool
    examples: list[str]


def whom_it_keeps_out(kind: str, pattern: str) -> KeptOut:
    """Without changing anything; of traffic nobody knows."""
    ids = people_matching(kind, pattern, most=MOST_LOOKED_AT + 1)
    named = Person.objects.in_bulk(ids[:NAMED])
    return KeptOut(min(len(ids), MOST_LOOKED_AT), len(ids) > MOST_LOOKED_AT, [str(named[each]) for each in ids[:NAMED]])


def people_matching(kind: str, pattern: str, *, most: int) -> list[int]:
    """Whole people whom a pattern means, by what was ever said of them; of a workspace those who act in it."""
    params = {"like": _like(pattern), "most": most}
    if kind in (IP, AGENT) or not pattern.strip("* "):
        return []
    if kind == DOMAIN:
        return scalars(SQL["people_at_domain"], {"domain": pattern.strip().lower(), "most": most})
    if kind == USER:
        return scalars(SQL["people_with_user_id"], params)
    if kind == TRAIT:
        name, value = trait_of(pattern)
        return scalars(SQL["people_with_trait"], params | {"name": name, "like": _like(value)}) if name else []
    if kind == WORKSPACE:
        inside = Actor.objects.filter(workspace__in=scalars(SQL["workspaces_like"], params))
        return list(inside.order_by("person").values_list("person", flat=True).distinct()[:most])
    return scalars(SQL["people_with_address"], params)


def _like(pattern: str) -> str:
    escaped = pattern.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace("*", "%")


def concerned(exclusions: Iterable[Exclusion]) -> tuple[set[int], set[int]] | None:
    """People and workspaces for whom these may change anything; None: too many to do at once."""
    people, workspaces, most = set[int](), set[int](), MOST_LOOKED_AT + 1
    for each in exclusions:
        people.update(people_matching(each.kind, each.pattern, most=most))
        people.update(Person.objects.filter(excluded_by=each.words).values_list("pk", flat=True)[:most])
        if each.kind == WORKSPACE:
            like = {"like": _like(each.pattern), "most": most}
            workspaces.update(scalars(SQL["workspaces_like"], like))
            workspaces.update(Workspace.objects.filter(excluded_by=each.words).values_list("pk", flat=True)[:most])
    return (people, workspaces) if len(people) <= MOST_LOOKED_AT and len(workspaces) <= MOST_LOOKED_AT else None


def forget_excluded_workspaces(exclusions: Iterable[Exclusion]) -> None:
    """What rows that are gone kept out; it is derived again after it."""
    words = [each.words for each in exclusions if each.kind == WORKSPACE]
    if words:
        Workspace.objects.filter(excluded_by__in=words).update(excluded_by="")


def lift(gone: Iterable[Exclusion], now: datetime) -> None:
    """Take these rows away. Those of traffic stay, lifted: what came while they stood is nobody's."""
    for each in gone:
        if each.kind in Exclusion.OF_TRAFFIC:
            Exclusion.objects.filter(pk=each.pk).update(lifted_at=now)
        else:
            Exclusion.objects.filter(pk=each.pk).delete()


def excluded_workspaces(words: Sequence[str]) -> dict[str, int]:
    """How many workspaces each of these keeps out."""
    kept_out = Workspace.objects.filter(excluded_by__in=words).exclude(excluded_by="")
    return dict(kept_out.values_list("excluded_by").annotate(Count("pk")))


def derive_all_later() -> None:
    """Everybody is derived again in the background."""
    IdentityVersion.objects.update_or_create(pk=1, defaults={"derive_from": 0})


# --- Traffic ------------------------------------------------------------------------------------------------


def traffic_exclusions() -> tuple[Exclusion, ...]:
    """Those by IP address or user agent; a change reaches every process within a few seconds."""
    standing = Exclusion.objects.filter(kind__in=Exclusion.OF_TRAFFIC, lifted_at=None).order_by("pk")
    return _TRAFFIC.get(lambda: tuple(standing))


def forget_traffic() -> None:
    """An admin has changed them just now."""
    _TRAFFIC.forget()
