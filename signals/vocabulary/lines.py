"""The lines of the vocabulary page, in the order a person thinks: deeds and what they carry, who it is, limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from plgcrm.common.text import listed
from signals.models import ProductLimit, Signal
from signals.vocabulary.meanings import MEANINGS, PROPERTIES, SIGNALS, Said, everything_said
from signals.vocabulary.proposals import Proposal, proposals
from signals.vocabulary.terms import CORE_FEATURES

HEADINGS = {
    "do": ("What people do", "Which of your events mean this. Several events may mean the same."),
    "features": ("Core features", "What your product is for: choose the features that show real use."),
    "company": ("What you know about companies", "Sent with group calls, or next to a person."),
    "person": ("What you know about people", "Sent with identify calls."),
    "limits": ("What plans limit", "Everything but seats that a plan allows so much of."),
}
KIND_WORDS = {"free": "free", "trial": "on trial", "paid": "paid"}


@dataclass(slots=True)
class VocabularyLine:
    """One term: what is said of it, or what is suggested."""

    term: str
    name: str
    asks: str = ""
    said: Said = None
    proposal: Proposal | None = None
    parts: list["VocabularyLine"] = field(default_factory=list)
    of: str = ""  # of a property, what people did
    is_new: bool = False

    @property
    def title(self) -> str:
        """The name, and of a property whose it is: no two lines have the same."""
        return f"{self.name} ({self.of})" if self.of else self.name

    @property
    def value(self) -> Said:
        """What is said, or else what is suggested: what the form begins with."""
        return self.said or (self.proposal.value if self.proposal else None)

    @property
    def words(self) -> str:
        return in_words(self.term, self.value) if self.value else ""

    @property
    def anchor(self) -> str:
        return self.term.replace(":", "-").replace(".", "-")


@dataclass(slots=True)
class VocabularySection:
    """Some lines under a heading, with what may be accepted of them."""

    slug: str
    title: str
    help: str
    lines: list[VocabularyLine]

    @property
    def open(self) -> list[str]:
        """The terms that are suggested here and not said."""
        every = [part for line in self.lines for part in (line, *line.parts)]
        return [line.term for line in every if line.proposal and not line.said]

    @property
    def answered(self) -> int:
        return sum(bool(line.said) for line in self.lines)


def sections(now: datetime) -> list[VocabularySection]:
    """The whole page: every term once, with what is said and what is suggested of it."""
    lines = _Lines({each.term: each for each in proposals(now)}, everything_said())
    made = {
        "do": lines.deeds(),
        "features": lines.features(),
        "company": lines.of("company"),
        "person": lines.of("person"),
        "limits": lines.limits(),
    }
    return [VocabularySection(slug, *HEADINGS[slug], several) for slug, several in made.items()]


def line_of(term: str, now: datetime) -> VocabularyLine | None:
    """One term's line; None where there is no such term."""
    every = (part for section in sections(now) for line in section.lines for part in (line, *line.parts))
    return next((line for line in every if line.term == term), None)


@dataclass(slots=True)
class _Lines:
    found: dict[str, Proposal]
    said: dict[str, dict[str, Any]]

    def line(self, term: str, name: str, asks: str = "", of: str = "") -> VocabularyLine:
        return VocabularyLine(term, name, asks, self.said.get(term), self.found.get(term), of=of)

    def deeds(self) -> list[VocabularyLine]:
        lines = [self.line(f"signal:{slug}", term.name, term.asks) for slug, term in SIGNALS.items() if not term.of]
        for line in lines:
            slug = line.term.partition(":")[2]
            # What a deed carries is asked only where something means the deed.
            if line.value:
                terms = [term for term in PROPERTIES.values() if term.signal == slug]
                line.parts = [self.line(f"property:{slug}.{term.slug}", term.name, of=line.name) for term in terms]
        return lines

    def features(self) -> list[VocabularyLine]:
        own = Signal.objects.filter(category__slug=CORE_FEATURES).exclude(slug__in=SIGNALS)
        alive = own.exclude(definitions=None).order_by("name")
        known = [self.line(f"signal:{signal.slug}", signal.name) for signal in alive.distinct()]
        new = [each for each in self.found.values() if each.is_feature]
        return [line for line in known if line.said] + [
            VocabularyLine(each.term, each.value["name"], proposal=each) for each in new
        ]

    def of(self, holder: str) -> list[VocabularyLine]:
        terms = [term for term in MEANINGS.values() if term.holder == holder]
        return [self.line(f"meaning:{term.slug}", term.name, term.asks) for term in terms]

    def limits(self) -> list[VocabularyLine]:
        known = [self.line(f"limit:{limit.slug}", limit.many.capitalize()) for limit in ProductLimit.objects.all()]
        new = [each for each in self.found.values() if each.term.startswith("limit:")]
        return known + [VocabularyLine(each.term, each.value["many"].capitalize(), proposal=each) for each in new]


def in_words(term: str, value: Mapping[str, Any]) -> str:
    """What is said of a term, to stand in a line."""
    kind = term.partition(":")[0]
    if kind == "signal":
        return ", ".join(shown_event(each, name) for each, name in events_of(value)) or "by a rule of its own"
    if kind == "limit":
        return f"used {value['used']['path']}, allowed {value['allowed']['path']}"
    paths = [each if kind == "property" else shown_path(each) for each in value["paths"]]
    return "; ".join(filter(None, (", ".join(paths), _option_words(value.get("options", {})))))


def _option_words(options: Mapping[str, Any]) -> str:
    said = []
    if plans := options.get("plans"):
        said += [f"{plan} is {KIND_WORDS.get(kind, kind)}" for plan, kind in plans.items()]
    if admins := options.get("admins"):
        said.append(f"{listed([str(each) for each in admins])} may run the product")
    said += ["in cents"] if options.get("cents") else []
    said += [f"per {options['period']}"] if options.get("period") else []
    said += [str(options["currency"])] if options.get("currency") else []
    if topics := options.get("commercial"):
        said.append(f"for sales: {', '.join(map(str, topics))}")
    if options.get("bad_at_most") is not None:
        said.append(f"bad up to {options['bad_at_most']}")
    if bad := options.get("bad"):
        said.append(f"bad: {', '.join(map(str, bad))}")
    return ", ".join(said)


def events_of(value: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(kind, name) of each event that a definition names."""
    return [
        (kind, name)
        for clause in value["matches"]["any"]
        for kind in clause.get("kinds") or ("track",)
        for name in clause.get("names") or ()
    ]


def shown_event(kind: str, name: str) -> str:
    """As a person types it: page: Pricing; a track call needs no word."""
    return name if kind == "track" else f"{kind}: {name}"


def shown_path(path: Mapping[str, str]) -> str:
    """As a person types it: company: plan_name."""
    return f"{path['of']}: {path['path']}"
