"""What somebody typed of a term on the vocabulary page, as it is said: events, paths and how values read."""

from typing import Any
from zlib import crc32

from django.http import QueryDict
from django.utils.text import slugify

from signals.rules.message_types import ACTIVITY_TYPES
from signals.vocabulary.lines import VocabularyLine
from signals.vocabulary.meanings import MEANINGS, Said, VocabularyError, everything_said
from signals.vocabulary.proposals import matches_of
from signals.vocabulary.terms import CORE_FEATURES

PERIODS = ("month", "quarter", "year")
PLAN_KINDS = ("free", "trial", "paid")
MOST = 20
NEW_FEATURE, FEATURE = "signal:new", "feature-"


def said_in(term: str, data: QueryDict, line: VocabularyLine | None) -> Said:
    """The value that was typed for a term; None where every field was left empty."""
    kind, _, slug = term.partition(":")
    if kind == "signal":
        said = _signal(data, line)
        return said | {"category": CORE_FEATURES} if said and not line and slug.startswith(FEATURE) else said
    if kind == "limit":
        return _limit(data)
    typed = [text.strip() for text in data.getlist("path")[:MOST] if text.strip()]
    if not typed:
        return None
    if kind == "property":
        return {"paths": typed, "options": _options(data)}
    holder = MEANINGS[slug].holder if slug in MEANINGS else "company"
    return {"paths": [path_in(text, holder) for text in typed], "options": _options(data)}


def new_feature(data: QueryDict) -> str:
    """The term of a feature that an admin names. Raises VocabularyError where name or event is missing or taken."""
    name = data.get("name", "").strip()
    if not name or not any(text.strip() for text in data.getlist("event")):
        raise VocabularyError("Say what the feature is called, and which event means that someone uses it.")
    term = f"signal:{FEATURE}{slugify(name)[:45].strip('-_') or f'{crc32(name.encode()):08x}'}"
    if everything_said().get(term):
        raise VocabularyError("There is a feature of this name already: change that one, or choose another name.")
    return term


def _signal(data: QueryDict, line: VocabularyLine | None) -> Said:
    events = [event_in(text) for text in data.getlist("event")[:MOST] if text.strip()]
    if not events:
        return None
    value: dict[str, Any] = {"matches": matches_of(events)}
    if name := data.get("name", "").strip():
        value["name"] = name
    elif line and line.value:
        value |= {key: line.value[key] for key in ("name", "category") if key in line.value}
    return value


def event_in(text: str) -> tuple[str, str]:
    """page: Pricing is the page, anything else the event of a track call."""
    kind, colon, name = text.strip().partition(": ")
    return (kind, name.strip()) if colon and kind in ACTIVITY_TYPES else ("track", text.strip())


def path_in(text: str, holder: str) -> dict[str, str]:
    """company: plan or person: plan; without either, of the holder that the term usually has."""
    of, colon, path = text.partition(": ")
    return {"of": of, "path": path.strip()} if colon and of in ("person", "company") else {"of": holder, "path": text}


def _limit(data: QueryDict) -> Said:
    texts = {name: data.get(name, "").strip() for name in ("one", "many", "allowed", "used")}
    if not any(texts.values()):
        return None
    if not texts["allowed"] or not texts["used"]:
        raise VocabularyError("Say which trait is how much is used, and which is how much is allowed.")
    paths = {name: path_in(texts[name], "company") for name in ("allowed", "used")}
    return {"one": texts["one"], "many": texts["many"]} | paths


def _options(data: QueryDict) -> dict[str, Any]:
    options: dict[str, Any] = {}
    plans = {name.removeprefix("plan:"): data[name] for name in data if name.startswith("plan:")}
    if chosen := {plan: kind for plan, kind in plans.items() if kind in PLAN_KINDS}:
        options["plans"] = chosen
    if "roles" in data:
        options["admins"] = data.getlist("admin")
    if data.get("cents"):
        options["cents"] = True
    if data.get("period") in PERIODS:
        options["period"] = data["period"]
    if currency := data.get("currency", "").strip().upper()[:3]:
        options["currency"] = currency
    return options | _support_options(data)


def _support_options(data: QueryDict) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if topics := _words(data.get("commercial", "")):
        options["commercial"] = topics
    bad = _words(data.get("bad", ""))
    if len(bad) == 1 and bad[0].replace(".", "", 1).isdigit():
        options["bad_at_most"] = float(bad[0]) if "." in bad[0] else int(bad[0])
    elif bad:
        options["bad"] = bad
    return options


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
