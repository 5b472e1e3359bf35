"""Random worlds and measures for the property tests: small, so that everything meets everything."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from signals.measures.kinds import KINDS, Field
from signals.measures.provided import PROVIDERS
from signals.measures.specs import parse_spec
from signals.rules.tree import OPERATORS
from tests.signals.oracle import DATES, Changed, Joined, Kept, OfCase, Used, Valued, World

BASE = 20_000
SPAN = 12
SUBJECTS = 3
SIGNALS = ("activity", "invited", "exported")

subjects = st.integers(0, SUBJECTS - 1)
days = st.integers(BASE - SPAN, BASE + SPAN)
seconds = st.builds(lambda day, edge: day * 86_400 + edge, days, st.sampled_from([-1, 0, 1]))
people = st.one_of(st.integers(0, 3), st.sampled_from([7, 2**31 - 1]))
numbers = st.integers(0, 6).map(float)
holders = st.sampled_from([-1, 0, 2, 6])  # the last two are workspaces

used = st.builds(Used, subjects, people, st.sampled_from(SIGNALS), days, st.integers(1, 4))
changed = st.one_of(
    st.builds(Changed, subjects, holders, st.just("plan"), seconds, st.none(), st.sampled_from(["Free", "Team"])),
    st.builds(
        Changed,
        subjects,
        holders,
        st.sampled_from(["seats", "seats_used"]),
        seconds,
        st.one_of(st.none(), numbers),
        st.none(),
    ),
    st.builds(Changed, subjects, holders, st.sampled_from(["plan", "seats"]), seconds),
)
joined = st.builds(
    lambda subject, person, workspace, since, admin, lasts: Joined(
        subject, person, workspace, since, admin, None if lasts is None else since + lasts
    ),
    subjects,
    st.integers(-1, 4),
    st.integers(-1, 3),
    days,
    st.booleans(),
    st.one_of(st.none(), st.none(), st.integers(1, SPAN)),
)
dated = st.one_of(
    st.builds(
        Changed, subjects, st.integers(-1, 1), st.just("renewal"), seconds, st.none(), st.sampled_from([*DATES, "Free"])
    ),
    st.builds(Changed, subjects, st.integers(-1, 1), st.just("renewal"), seconds, seconds.map(float)),
    st.builds(Changed, subjects, st.integers(-1, 1), st.just("renewal"), seconds),
)
said = st.builds(
    Changed,
    people,
    st.integers(-1, 1),
    st.sampled_from(["department", "role"]),
    seconds,
    st.none(),
    st.sampled_from([None, "Sales", "sales", "Design", "Owner", "member"]),
)
said_in_numbers = st.builds(Changed, people, st.integers(-1, 1), st.just("department"), seconds, numbers)
valued = st.builds(
    Valued,
    subjects,
    people,
    st.sampled_from(SIGNALS),
    st.sampled_from(["amount", "amount", "credits"]),
    seconds,
    st.one_of(st.none(), st.integers(-8, 24).map(lambda quarters: quarters / 4), st.just(1.0)),
)
listening = st.lists(st.tuples(st.sampled_from(SIGNALS), days), max_size=2, unique_by=lambda one: one[0]).map(tuple)
unheard = st.lists(st.sampled_from(SIGNALS), max_size=1).map(tuple)
of_cases = st.builds(
    OfCase, subjects, st.sampled_from(SIGNALS), st.sampled_from(["amount", "credits"]), st.integers(0, 2), seconds
)
kept = st.builds(
    lambda subject, kind, at, lasts, text: Kept(subject, kind, at, None if lasts is None else at + lasts, text),
    subjects,
    st.sampled_from(sorted(PROVIDERS)),
    seconds,
    st.one_of(st.none(), st.integers(0, 9 * 86_400), st.sampled_from([0, 86_400])),
    st.sampled_from(["expansion", "outbound", "rita"]),
)
signups = st.tuples(*[st.one_of(st.none(), days)] * SUBJECTS)
worlds = st.builds(
    World,
    signups,
    st.lists(used, max_size=40).map(tuple),
    st.lists(st.one_of(changed, changed, dated), max_size=30).map(tuple),
    st.lists(joined, max_size=10).map(tuple),
    valued=st.lists(valued, max_size=20).map(tuple),
    cases=st.lists(of_cases, max_size=15).map(tuple),
    said=st.lists(st.one_of(said, said_in_numbers), max_size=20).map(tuple),
    kept=st.lists(kept, max_size=20).map(tuple),
    visitors=st.one_of(st.just(frozenset()), st.frozensets(people, max_size=3)),
)

# An installation that has only just begun to listen, and does not hear everything.
young_worlds = st.builds(
    replace,
    worlds,
    listening=listening,
    unheard=unheard,
    kept_since=days,
    first_seen=st.one_of(st.just(()), st.tuples(*[st.one_of(st.none(), days)] * SUBJECTS)),
)

# All kinds but those that scoring works out of other measures.
MEASURED = sorted(slug for slug, kind in KINDS.items() if not kind.derived)

windows = st.one_of(st.none(), st.integers(1, 10))
NAMES = {
    "used": st.just("seats_used"),
    "limit": st.just("seats"),
    "key": st.sampled_from(["plan", "seats"]),
    "trait": st.sampled_from(["department", "role"]),
    "role": st.sampled_from(["admin", "MEMBER", "sales"]),
    "property": st.sampled_from(["amount", "credits"]),
    "play": st.sampled_from(["expansion", "outbound", "gone"]),
}
KEYS = {"days_since_date": "renewal", "days_until_date": "renewal", "attribute_growth": "seats"}  # that make sense
PARTS = sorted(slug for slug, kind in KINDS.items() if kind.can_be_part)


@st.composite
def measures(draw: st.DrawFn, kind: str | None = None) -> dict[str, Any]:
    """A valid measure as JSON."""
    kind = kind or draw(st.sampled_from(MEASURED))
    measure: dict[str, Any] = {"kind": kind}
    for field in KINDS[kind].fields:
        if field.name != "from" or measure["days"]:
            measure |= draw(parameters(field))
    return measure | ({"key": KEYS[kind]} if kind in KEYS else {})


@st.composite
def parameters(draw: st.DrawFn, field: Field) -> dict[str, Any]:
    """One parameter with a value, or none at all where it may be left out."""
    if not field.required and field.type != "days" and draw(st.booleans()):
        return {}
    values: dict[str, st.SearchStrategy[Any]] = {
        "signals": st.lists(st.sampled_from(SIGNALS), min_size=1, unique=True),
        "days": st.integers(1, 10) if field.required else windows,
        "whole": st.integers(1, 5),
        "choice": st.sampled_from(field.choices or (None,)),
        "texts": st.lists(st.sampled_from(["SALES", "e", "owner", "3"]), min_size=1, unique=True),
    }
    if field.type == "measure":
        return {field.name: draw(measures(draw(st.sampled_from(PARTS))))}
    return {field.name: draw(values[field.type] if field.type in values else NAMES[field.name])}


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    """A valid condition as JSON."""
    measure = draw(measures())
    spec = parse_spec(measure)
    textual = spec.definition.has_text(spec)
    op = draw(st.sampled_from([op for op in OPERATORS if textual or op != "contains"]))
    scalars: st.SearchStrategy[Any] = st.one_of(numbers, st.sampled_from([0.5, -1, 1])) if not textual else anything
    values: dict[str, st.SearchStrategy[Any]] = {
        "between": st.lists(numbers, min_size=2, max_size=2).map(sorted),
        "one_of": st.lists(scalars, min_size=1, max_size=3),
        "not_one_of": st.lists(scalars, min_size=1, max_size=3),
        "contains": st.sampled_from(["e", "TEA", "x"]),
        "=": scalars,
        "!=": scalars,
    }
    if op in ("known", "unknown"):
        return {"measure": measure, "op": op}
    choice = draw(st.sampled_from([{}, {}, {"unknown": "no"}]))
    return {"measure": measure, "op": op, "value": draw(values.get(op, numbers))} | choice


anything = st.one_of(numbers, st.sampled_from(["team", "FREE", "Business", "none"]))


def _grouped(children: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda group, nodes: {group: nodes},
        st.sampled_from(["all", "any", "none", "any_known"]),
        st.lists(children, max_size=3),
    )


rules = st.recursive(conditions(), _grouped, max_leaves=6)
