"""Kinds of measure over the people of a company: who is new, who has which trait, of how many different ones."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from signals.measures import windows
from signals.measures.frame import LONG_ENOUGH, SECONDS_A_DAY, Column, Flags, Floats, Longs
from signals.measures.kinds import (
    ACTIVITY,
    DAYS,
    REQUIRED_DAYS,
    SIGNALS,
    Field,
    Kind,
    as_heard,
    kind,
    one_or_many,
    within,
)
from signals.measures.kinds_usage import TIMES, often, often_words
from signals.measures.ranges import packed_days
from signals.measures.stays import UNKNOWN, Stays, Wanted, joined, packed, union
from signals.measures.tables import Tables
from signals.measures.words import Names, attribute_label, quoted_list

if TYPE_CHECKING:
    from signals.measures.specs import Spec

ROLE, ADMIN = "role", "admin"
TRAIT = Field("trait", "trait", "Trait of a person", required=True)


def _label(spec: "Spec") -> str:
    return attribute_label(spec.trait or "")


class TraitKind(Kind):
    """Reads one trait of the people."""

    def traits(self, spec: "Spec") -> tuple[str, ...]:
        return (spec.trait,) if spec.trait else ()


@kind("new_members")
class NewMembers(Kind):
    label = "New members"
    help = (
        "How many people joined in the window. With a role: how many have it now, and joined or got it in the window; "
        "“admin” stands for every role that runs a workspace."
    )
    fields = (REQUIRED_DAYS, Field("role", "text", "Role (empty: any)"))

    def traits(self, spec: "Spec") -> tuple[str, ...]:
        return (ROLE,) if spec.role else ()

    def history_days(self, spec: "Spec") -> int | None:
        return spec.days if spec.role else 0

    def column(self, tables: Tables, spec: "Spec") -> Column:
        members, days = tables.membership, spec.days or 1
        newcomers = _cut(members, members.start + days)
        found = self._with_role(tables, spec, members, days) if spec.role else newcomers
        counted = found.counted(tables.frame.subjects, tables.as_of)
        column = self._as_known(tables, counted, newcomers) if spec.role else Column(counted)
        return replace(column, numbers=np.where(self._listened_long_before(tables, days), column.numbers, np.nan))

    def _as_known(self, tables: Tables, counted: Floats, newcomers: Stays) -> Column:
        """Whoever has just come and whose role is not known may have it; where nobody's is known, nothing is."""
        traits, subjects = tables.traits(ROLE), tables.frame.subjects
        known = []
        for people in (tables.membership, newcomers):
            cut, place = traits.of(people)
            known.append(union(cut.where(traits.code[place] != UNKNOWN)).counted(subjects, tables.as_of))
        everybody, new = (stays.counted(subjects, tables.as_of) for stays in (tables.membership, newcomers))
        return Column(np.where((everybody > 0) & (known[0] == 0), np.nan, counted), at_least=new > known[1])

    def _listened_long_before(self, tables: Tables, days: int) -> Flags:
        """Of which days it is sure who is new: soon after we began to listen, everybody seems to have just come."""
        since = tables.frame.heard.since.get(ACTIVITY)
        begins = (tables.as_of.days - days + 1) * SECONDS_A_DAY
        return np.ones(begins.shape, np.bool_) if since is None else begins >= since + LONG_ENOUGH

    def _with_role(self, tables: Tables, spec: "Spec", members: Stays, days: int) -> Stays:
        """Members with the role, for some days after they joined or got it in the place of another."""
        wanted = Wanted(tables.frame.admin_roles if spec.role == ADMIN else (spec.role or "",))
        traits = tables.traits(ROLE, wanted)
        roles, place = traits.of(members)
        has, known = traits.matching[place], traits.code[place] != UNKNOWN
        holding, others = union(roles.where(has)), roles.where(known & ~has)
        member = np.searchsorted(members.group, holding.group)
        # A first role, said of somebody who has long been there, is news to us and not a change.
        before = packed_days(np.searchsorted(members.group, others.group), others.end)
        changed = np.isin(packed_days(member, holding.start), before)
        return _cut(holding, np.where(changed, holding.start, members.start[member]) + days)

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"new {self._role(spec)}members{within(spec)}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"{amount} new {self._role(spec)}{one_or_many(one, 'member', 'members')}{within(spec)}"

    def _role(self, spec: "Spec") -> str:
        return f"“{spec.role}” " if spec.role else ""


def _as_known(counted: Floats, people: Floats, known: Floats) -> Column:
    """A count over people's traits: unknown where nobody's value is known, a lower bound where somebody's is not."""
    return Column(np.where((people > 0) & (known == 0), np.nan, counted), at_least=people > known)


def _bounded(column: Column, heard: Column) -> Column:
    """The same, unknown or a lower bound too where not everything was heard."""
    numbers = np.where(np.isnan(heard.numbers), np.nan, column.numbers)
    none = np.zeros(numbers.shape, np.bool_)
    bounds = [none if each.at_least is None else each.at_least for each in (column, heard)]
    return Column(numbers, at_least=bounds[0] | bounds[1])


def _cut(stays: Stays, until: Longs) -> Stays:
    cut = Stays(stays.group, stays.start, np.minimum(stays.end, until))
    return cut.where(cut.start < cut.end)


@kind("trait_values")
class TraitValues(TraitKind):
    label = "Different values among people"
    help = (
        "How many different values a trait has among the people who did it in the window, each at least so many "
        "times: 3 departments at work. Where the value of some is not known, there are at least so many."
    )
    fields = (SIGNALS, TRAIT, TIMES, DAYS)

    def column(self, tables: Tables, spec: "Spec") -> Column:
        traits, people = tables.traits(spec.trait or ""), often(tables, spec)
        cut, place = traits.of(people)
        code = traits.code[place]
        some = cut.where(code != UNKNOWN)
        values = joined(packed(some.subject, code[code != UNKNOWN]), some.start, some.end)
        counted = (stays.counted(tables.frame.subjects, tables.as_of) for stays in (values, people, union(some)))
        return _bounded(_as_known(*counted), as_heard(tables, spec, np.zeros(tables.shape)))

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"different values of {_label(spec)} among people {often_words(spec, names)}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        values = one_or_many(one, "value", "different values")
        return f"{amount} {values} of {_label(spec)} among people {often_words(spec, names)}"


@kind("people_with")
class PeopleWith(TraitKind):
    label = "People with a trait"
    help = (
        "How many members have one of these values, or of those only who were active in the window. Where the value "
        "of some is not known, there are at least so many."
    )
    fields = (
        TRAIT,
        Field("match", "choice", "Compared", default="is", choices=("is", "contains")),
        Field("values", "texts", "Values", required=True),
        Field("days", "days", "Active in the last days (empty: all members)"),
    )

    def parts(self, spec: "Spec") -> "tuple[Spec, ...]":
        return (replace(spec, kind="people", signals=(ACTIVITY,)),) if spec.days else ()

    def column(self, tables: Tables, spec: "Spec") -> Column:
        traits = tables.traits(spec.trait or "", Wanted(spec.values, inside=spec.match == "contains"))
        people = often(tables, self.parts(spec)[0]) if spec.days else tables.membership
        cut, place = traits.of(people)
        fitting, known = (union(cut.where(which[place])) for which in (traits.matching, traits.code != UNKNOWN))
        counted = (stays.counted(tables.frame.subjects, tables.as_of) for stays in (fitting, people, known))
        found = _as_known(*counted)
        return _bounded(found, as_heard(tables, self.parts(spec)[0], found.numbers)) if spec.days else found

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"people {self._words(spec)}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"{amount} {one_or_many(one, 'person', 'people')} {self._words(spec)}"

    def _words(self, spec: "Spec") -> str:
        values = quoted_list(spec.values, "or")
        lead = f"active{within(spec)} with" if spec.days else "with"
        return f"{lead} {_label(spec)} {values}" if spec.match == "is" else f"{lead} {values} in their {_label(spec)}"


@kind("person_attribute")
class PersonAttribute(TraitKind):
    label = "Latest trait of a person"
    help = "The value of a trait that was sent last for any of the people: the use case somebody named at sign-up."
    fields = (TRAIT,)
    counted = False

    def column(self, tables: Tables, spec: "Spec") -> Column:
        table = tables.traits_of_members(spec.trait or "")
        latest = table.latest(0, tables.as_of)
        known = np.where(np.append(table.known, False)[latest], latest, -1)
        subjects = tables.frame.subjects
        chosen = windows.by_subject(known, table.owner, subjects, np.maximum, -1).astype(np.int64)
        numbers = np.append(table.number, np.nan)[chosen]
        return Column(numbers, np.append(table.text, np.int32(-1))[chosen], tables.frame.texts)

    def has_text(self, spec: "Spec") -> bool:
        return True

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"{_label(spec)} of a person"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"{self.noun(spec, names)} {amount}"
