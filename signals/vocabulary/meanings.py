"""Saying what things are called here: which events a signal is, which traits and properties a term, which numbers a
limit. Every change is kept with what was said before, and can be undone.

What is said of a term is plain JSON, the same in the history, the API and a file:
`signal:…` {"matches", and for one that is not shipped "name", "category"}, `property:signal.term` {"paths", "options"},
`meaning:…` {"paths": [{"of", "path"}], "options"}, `limit:…` {"one", "many", "allowed": {"of", "path"}, "used"}.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from accounts.identity.corrections import say_admin_roles
from accounts.rules.traits import trait_name
from plgcrm.common import advisory
from plgcrm.common.sql import execute, rows
from signals.models import Category, Meaning, ProductLimit, PropertyMeaning, Signal, SignalDefinition, VocabularyChange
from signals.rules.matching import MatchError, parse_matches
from signals.versions import configuration_changed
from signals.vocabulary.definitions import define, follow_properties, forget_matcher
from signals.vocabulary.mapping import HOLDERS, note_keys, take_in_limit
from signals.vocabulary.terms import CATEGORIES, CORE_FEATURES, MEANING_TERMS, PROPERTY_TERMS, SIGNAL_TERMS

Said = dict[str, Any] | None
SIGNALS = {term.slug: term for term in SIGNAL_TERMS}
PROPERTIES = {(term.signal, term.slug): term for term in PROPERTY_TERMS}
MEANINGS = {term.slug: term for term in MEANING_TERMS}
State = SignalDefinition.State
ROLE = "role"


class VocabularyError(ValueError):
    """What was said cannot be; the text says of which term, and what to do."""


def said_of(term: str) -> Said:
    """What is said of a term now; None where nothing is."""
    kind, slug = _parts(term)
    return _READ[kind](slug)


def everything_said() -> dict[str, dict[str, Any]]:
    """Of every term of which something is said, what: `said_of` for all of them, in four queries."""
    alive = SignalDefinition.objects.exclude(state=State.RETIRED).select_related("signal__category").order_by("pk")
    found = {f"signal:{each.signal.slug}": _signal_value(each.signal, each) for each in alive}
    properties = PropertyMeaning.objects.select_related("signal").exclude(paths=[])
    found |= {f"property:{each.signal.slug}.{each.slug}": _value(each) for each in properties}
    meanings = {each.slug: each for each in Meaning.objects.exclude(paths=[])}
    found |= {f"meaning:{slug}": _value(each) for slug, each in meanings.items() if slug in MEANINGS}
    for limit in ProductLimit.objects.all():
        if limit.slug in meanings and f"{limit.slug}_used" in meanings:
            allowed, used = meanings[limit.slug], meanings[f"{limit.slug}_used"]
            found[f"limit:{limit.slug}"] = _limit_value(limit, allowed, used)
    return dict(sorted(found.items()))


def _value(row: PropertyMeaning | Meaning) -> dict[str, Any]:
    return {"paths": row.paths, "options": row.options}


def say(term: str, value: Said, *, acting_user: Any = None) -> bool:
    """Say what a term is here, or with None that it is nothing; whether that was a change.

    Raises VocabularyError where it cannot be read. Acts on all history: signals are counted again in the background,
    the rest is read by its new meaning at once.
    """
    return bool(say_all([(term, value)], acting_user=acting_user))


@transaction.atomic
def say_all(said: Iterable[tuple[str, Said]], *, acting_user: Any = None) -> list[str]:
    """Say several, all or none; which terms changed. Every account is scored again once, not for each of them."""
    changed = [term for term, value in said if _say(term, value, acting_user)]
    if any(term.startswith(("signal:", "property:")) for term in changed):
        _follow(acting_user)
    properties = {term.removeprefix("property:").partition(".")[0] for term in changed if term.startswith("property:")}
    for signal in Signal.objects.filter(slug__in=properties).order_by("pk"):
        follow_properties(signal, acting_user=acting_user)
    if any(not term.startswith("signal:") for term in changed):
        configuration_changed()
    return changed


def _say(term: str, value: Said, acting_user: Any) -> bool:
    kind, slug = _parts(term)
    # One change at a time: what is written down as said before must be what was there.
    rows("SELECT pg_advisory_xact_lock(%s)", [advisory.VOCABULARY])
    before = _READ[kind](slug)
    wanted = _CHECK[kind](slug, value) if value else None
    if wanted == before:
        return False
    _WRITE[kind](slug, wanted, acting_user)
    VocabularyChange.objects.create(term=term, before=before, after=wanted, user=acting_user)
    return True


@transaction.atomic
def undo(change_id: int, *, acting_user: Any = None) -> bool:
    """Say again what was said before a change; False where the term has been changed since, or the change undone."""
    change = VocabularyChange.objects.select_for_update().filter(pk=change_id, undone_at=None).first()
    if change is None or said_of(change.term) != change.after:
        return False
    say(change.term, change.before, acting_user=acting_user)
    VocabularyChange.objects.filter(pk=change_id).update(undone_at=Now())
    return True


def _parts(term: str) -> tuple[str, str]:
    kind, _, slug = term.partition(":")
    if kind not in _READ or not slug:
        raise VocabularyError(f"{term}: name it signal:…, property:…, meaning:… or limit:….")
    return kind, slug


# Signals


def _signal_said(slug: str) -> Said:
    signal = Signal.objects.filter(slug=slug).select_related("category").first()
    if signal is None:
        return None
    latest = signal.definitions.exclude(state=State.RETIRED).order_by("-pk").first()
    if latest is None:
        return None
    return _signal_value(signal, latest)


def _signal_value(signal: Signal, definition: SignalDefinition) -> dict[str, Any]:
    own = {} if signal.slug in SIGNALS else {"name": signal.name, "category": signal.category.slug}
    return {"matches": definition.matches} | own


def _checked_signal(slug: str, value: Mapping[str, Any]) -> Said:
    if slug in SIGNALS and SIGNALS[slug].of:
        raise VocabularyError(f"signal:{slug}: it follows from {SIGNALS[slug].of} and cannot be set by itself.")
    try:
        parse_matches(value.get("matches"))
    except MatchError as error:
        raise VocabularyError(f"signal:{slug}: {error}") from error
    if slug in SIGNALS:
        return {"matches": value["matches"]}
    name = str(value.get("name") or slug.replace("-", " ").capitalize())[:100]
    return {"matches": value["matches"], "name": name, "category": str(value.get("category") or CORE_FEATURES)}


def _write_signal(slug: str, value: Said, acting_user: Any) -> None:
    signal = Signal.objects.filter(slug=slug).first()
    if value is None:
        if signal is not None:
            _retire(signal)
        return
    define(signal or _new_signal(slug, value), value["matches"], acting_user=acting_user)


def _new_signal(slug: str, value: Mapping[str, Any]) -> Signal:
    known = SIGNALS.get(slug)
    category = known.category if known else value["category"]
    if category not in dict(CATEGORIES) and not Category.objects.filter(slug=category).exists():
        raise VocabularyError(f"signal:{slug}: there is no category “{category}”.")
    home, _ = Category.objects.get_or_create(slug=category, defaults={"name": dict(CATEGORIES).get(category, category)})
    return Signal.objects.create(slug=slug, name=known.name if known else value["name"], category=home)


def _retire(signal: Signal) -> None:
    """It means nothing from now on; its usage goes with the next upkeep."""
    rows("SELECT pg_advisory_xact_lock(%s)", [advisory.MEANINGS])
    signal.definitions.exclude(state=State.RETIRED).update(state=State.RETIRED)
    execute("UPDATE signals_configuration SET signals_version = signals_version + 1")
    forget_matcher()
    transaction.on_commit(forget_matcher)
    configuration_changed()


def _follow(acting_user: Any) -> None:
    """Signals that follow from others: tickets about plans, and bad ratings."""
    topic = _property_said("ticket-opened.topic") or {}
    topics = topic.get("options", {}).get("commercial")
    commercial = [("ticket-opened", path, "one_of", topics) for path in topic.get("paths", ()) if topics]
    _derived("commercial-ticket", commercial, acting_user)
    bad = [
        (signal, path, *condition)
        for signal in ("ticket-rated", "ticket-solved")
        for path in (_property_said(f"{signal}.rating") or {}).get("paths", ())
        if (condition := _bad_rating(_property_said(f"{signal}.rating") or {}))
    ]
    _derived("bad-rating", bad, acting_user)


def _bad_rating(said: Mapping[str, Any]) -> tuple[str, Any] | None:
    options = said.get("options", {})
    if options.get("bad_at_most") is not None:
        return ("<=", options["bad_at_most"])
    return ("one_of", options["bad"]) if options.get("bad") else None


def _derived(slug: str, conditions: list[tuple[str, str, str, Any]], acting_user: Any) -> None:
    clauses = [
        clause | {"where": [*(clause.get("where") or []), {"property": path, "op": op, "value": value}]}
        for signal, path, op, value in conditions
        for clause in (_signal_said(signal) or {"matches": {"any": []}})["matches"]["any"]
    ]
    wanted = {"matches": {"any": clauses}} if clauses else None
    if wanted != _signal_said(slug):
        _write_signal(slug, wanted, acting_user)


# Properties


def _property_said(slug: str) -> Said:
    signal, _, term = slug.partition(".")
    found = PropertyMeaning.objects.filter(signal__slug=signal, slug=term).first()
    return _value(found) if found and found.paths else None


def _checked_property(slug: str, value: Mapping[str, Any]) -> Said:
    signal, _, term = slug.partition(".")
    if (signal, term) not in PROPERTIES:
        raise VocabularyError(f"property:{slug}: there is no such property of a signal.")
    paths = [str(path).strip() for path in _list(f"property:{slug}", value.get("paths")) if str(path).strip()]
    return {"paths": paths, "options": _options(f"property:{slug}", value)} if paths else None


def _write_property(slug: str, value: Said, acting_user: Any) -> None:
    slug, _, term = slug.partition(".")
    signal = Signal.objects.filter(slug=slug).first() or _new_signal(slug, {})
    if value is None:
        PropertyMeaning.objects.filter(signal=signal, slug=term).delete()
    else:
        PropertyMeaning.objects.update_or_create(signal=signal, slug=term, defaults=value)


# Traits and limits


def _meaning_said(slug: str) -> Said:
    found = Meaning.objects.filter(slug=slug).first()
    return _value(found) if found and found.paths else None


def _checked_meaning(slug: str, value: Mapping[str, Any]) -> Said:
    if slug not in MEANINGS:
        raise VocabularyError(f"meaning:{slug}: there is no such meaning.")
    paths = [_path(f"meaning:{slug}", each) for each in _list(f"meaning:{slug}", value.get("paths"))]
    return {"paths": paths, "options": _options(f"meaning:{slug}", value)} if paths else None


def _write_meaning(slug: str, value: Said, acting_user: Any) -> None:
    term = MEANINGS[slug]
    _store_meaning(slug, term.name, term.holder, term.reading, value, acting_user)


def _store_meaning(slug: str, name: str, holder: str, reading: str, value: Said, acting_user: Any) -> None:
    note_keys(slug, value["paths"] if value else [])
    if slug == ROLE:
        say_admin_roles(value["options"].get("admins") if value else None)
    if value is None:
        Meaning.objects.filter(slug=slug).delete()
        return
    changed = {"name": name, "holder": holder, "reading": reading, "changed_by": acting_user} | value
    Meaning.objects.update_or_create(slug=slug, defaults=changed)


def _limit_said(slug: str) -> Said:
    limit = ProductLimit.objects.filter(slug=slug).first()
    parts = {each.slug: each for each in Meaning.objects.filter(slug__in=[slug, f"{slug}_used"])}
    return _limit_value(limit, parts[slug], parts[f"{slug}_used"]) if limit and len(parts) == 2 else None


def _limit_value(limit: ProductLimit, allowed: Meaning, used: Meaning) -> dict[str, Any]:
    return {"one": limit.one, "many": limit.many, "allowed": allowed.paths[0], "used": used.paths[0]}


def _checked_limit(slug: str, value: Mapping[str, Any]) -> Said:
    taken = {*MEANINGS, *(f"{known}_used" for known in MEANINGS)}
    if slug in taken or not slug.replace("_", "").replace("-", "").isalnum() or len(slug) > 40:
        raise VocabularyError(f"limit:{slug}: choose another short name, of letters, digits and underscores.")
    one, many = str(value.get("one") or "").strip()[:40], str(value.get("many") or "").strip()[:40]
    if not one or not many:
        raise VocabularyError(f"limit:{slug}: say what it is called, for one and for many.")
    paths = {part: _path(f"limit:{slug}", value.get(part) or {}) for part in ("allowed", "used")}
    return {"one": one, "many": many} | paths


def _write_limit(slug: str, value: Said, acting_user: Any) -> None:
    if value is None:
        for part in (slug, f"{slug}_used"):
            _store_meaning(part, "", "company", "number", None, acting_user)
        ProductLimit.objects.filter(slug=slug).delete()
        return
    last = ProductLimit.objects.order_by("-position").values_list("position", flat=True).first() or 0
    noun = {"one": value["one"], "many": value["many"]}
    limit, _ = ProductLimit.objects.update_or_create(
        slug=slug, defaults=noun, create_defaults=noun | {"position": last + 1}
    )
    for name, meant, part in ((value["many"], slug, "allowed"), (f"{value['many']} used", f"{slug}_used", "used")):
        said = {"paths": [value[part]], "options": {}}
        _store_meaning(meant, name, "company", "number", said, acting_user)
    take_in_limit(limit)


def _path(term: str, value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping) or value.get("of") not in HOLDERS or not str(value.get("path") or "").strip():
        raise VocabularyError(f'{term}: give each path as {{"of": "person" or "company", "path": "planName"}}.')
    return {"of": str(value["of"]), "path": trait_name(str(value["path"]).strip())}


def _list(term: str, value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > 20:
        raise VocabularyError(f"{term}: give a list of at most 20 paths.")
    return value


def _options(term: str, value: Mapping[str, Any]) -> dict[str, Any]:
    options = value.get("options") or {}
    if not isinstance(options, Mapping):
        raise VocabularyError(f"{term}: options is an object.")
    return dict(options)


_READ: dict[str, Callable[[str], Said]] = {
    "signal": _signal_said,
    "property": _property_said,
    "meaning": _meaning_said,
    "limit": _limit_said,
}
_CHECK: dict[str, Callable[[str, Mapping[str, Any]], Said]] = {
    "signal": _checked_signal,
    "property": _checked_property,
    "meaning": _checked_meaning,
    "limit": _checked_limit,
}
_WRITE: dict[str, Callable[[str, Said, Any], None]] = {
    "signal": _write_signal,
    "property": _write_property,
    "meaning": _write_meaning,
    "limit": _write_limit,
}
