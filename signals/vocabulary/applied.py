"""What the terms of shipped definitions are at this installation: its signals, traits and segments."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from accounts.identity.derive import admin_roles
from accounts.rules.roles import PRODUCT_ADMINS
from plgcrm.common.sql import queries, rows
from signals.models import Meaning, ProductLimit, ScoringModelVersion, Segment, Signal, SignalDefinition
from signals.rules.criteria import parse_criteria, parse_tiers
from signals.rules.derived import Definitions, ModelRules
from signals.rules.matching import Clause, parse_matches
from signals.rules.message_types import NAMES
from signals.rules.trait_values import TraitMeaning
from signals.rules.tree import Node, parse_rule
from signals.vocabulary.terms import MEANING_TERMS

SQL = queries("signals/sql/vocabulary.sql")
PERSON_TERMS = frozenset(term.slug for term in MEANING_TERMS if term.holder == "person")
PLAN_KIND = "plan_kind"  # free, trial or paid: what an admin said of the plan


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`since` in seconds since 1970, by signal; `silent`: signals whose events never came here."""

    definitions: Mapping[str, int] = field(default_factory=dict)  # signal -> its current definition
    since: Mapping[str, int] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # category -> its signals
    meanings: Mapping[str, TraitMeaning] = field(default_factory=dict)
    segments: Mapping[str, Node] = field(default_factory=dict)
    admin_roles: tuple[str, ...] = PRODUCT_ADMINS
    # Term -> (attribute key, whether people say it): where a change is tried that no other transaction sees.
    keys: Mapping[str, tuple[tuple[int, bool], ...]] | None = None
    # Definition -> columns of its usage (actor, day, count): counted, and stored nowhere.
    tried: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    models: Mapping[str, ModelRules] = field(default_factory=dict)  # the live version of each

    @property
    def definitions_of_rules(self) -> Definitions:
        return Definitions(self.segments, self.models)

    def never(self, signals: tuple[str, ...]) -> frozenset[str]:
        """Those of the signals that no event of this installation ever meant."""
        return frozenset(signal for signal in signals if signal not in self.definitions or signal in self.silent)


def read_vocabulary() -> Vocabulary:
    """As it stands now, for whoever reads it once per change."""
    # A definition that is still being counted would show a part of its history as all of it.
    current = SignalDefinition.objects.filter(state=SignalDefinition.State.CURRENT).select_related("signal")
    definitions = list(current)
    return Vocabulary(
        definitions={each.signal.slug: each.pk for each in definitions},
        since=_listening_since(definitions),
        silent=frozenset(each.signal.slug for each in definitions if each.first_seen_on is None),
        groups=_groups(),
        meanings=_meanings(),
        segments={each.slug: parse_rule(each.rule) for each in Segment.objects.all()},
        admin_roles=admin_roles(),
        models={each.scoring_model.kind: model_rules(each) for each in live_versions()},
    )


def heard_by(vocabulary: Vocabulary, day: date) -> Vocabulary:
    """The same with what had been heard by the end of a day: since when of each signal, and of which nothing yet."""
    chosen = SignalDefinition.objects.filter(pk__in=vocabulary.definitions.values()).select_related("signal")
    definitions = list(chosen)
    silent = [d.signal.slug for d in definitions if not d.first_seen_on or (d.first_known_on or d.first_seen_on) > day]
    return replace(vocabulary, since=_listening_since(definitions, day), silent=frozenset(silent))


def live_versions() -> list[ScoringModelVersion]:
    """The version of each model that scores, in the order of the models."""
    chosen = ScoringModelVersion.objects.filter(state=ScoringModelVersion.State.LIVE)
    return list(chosen.select_related("scoring_model").order_by("scoring_model__position", "scoring_model__kind"))


def model_rules(version: ScoringModelVersion) -> ModelRules:
    """What a version of a model scores by."""
    return ModelRules(tuple(parse_criteria(version.criteria)), tuple(parse_tiers(version.tiers)), version.threshold)


def read_keys() -> dict[str, tuple[tuple[int, bool], ...]]:
    """Which attribute keys mean each term."""
    found: dict[str, tuple[tuple[int, bool], ...]] = {}
    for term, key, by_people in sorted(rows(SQL["marked_keys"])):
        found[term] = (*found.get(term, ()), (key, by_people))
    return found


def _groups() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for category, slug in Signal.objects.order_by("slug").values_list("category__slug", "slug"):
        found[category] = (*found.get(category, ()), slug)
    return found


def _meanings() -> dict[str, TraitMeaning]:
    """Every term, mapped or not: an unmapped one is unknown, and never a trait that happens to have its name."""
    known = {term.slug: TraitMeaning(term.slug, term.name, term.reading) for term in MEANING_TERMS}
    for limit in ProductLimit.objects.all():
        for slug, name in ((limit.slug, limit.many), (f"{limit.slug}_used", f"{limit.many} used")):
            known[slug] = TraitMeaning(slug, name, "number")
    for row in Meaning.objects.all():
        known[row.slug] = TraitMeaning(row.slug, row.name, row.reading, row.options)
    known[PLAN_KIND] = TraitMeaning(PLAN_KIND, "Kind of plan", "plan", known["plan"].options)
    return known


def _listening_since(definitions: list[SignalDefinition], day: date = date.max) -> dict[str, int]:
    """Of each signal the beginning of what we have of the sources that send its events, as it was known on a day."""
    known = {"day": day}
    sources = {source: since for source, since in rows(SQL["sources_listening"], known) if since is not None}
    senders: dict[tuple[str, str], set[int]] = {}
    for kind, name, source in rows(SQL["senders"], known):
        senders.setdefault((NAMES[kind], name), set()).add(source)
    found = {}
    for definition in definitions:
        heard = [sources[s] for s in _sources_of(parse_matches(definition.matches), senders, sources) if s in sources]
        if heard:
            found[definition.signal.slug] = min(heard)
    return found


def _sources_of(
    clauses: tuple[Clause, ...], senders: Mapping[tuple[str, str], set[int]], sources: Mapping[int, int]
) -> set[int]:
    found: set[int] = set()
    for clause in clauses:
        if clause.names is None:
            sending = set(sources)
        else:
            named = [senders.get((kind, name), set()) for kind in clause.kinds for name in clause.names]
            # Names beyond the catalogue's limit are sent by nobody that we know of: then all may send them.
            sending = set().union(*named) or set(sources)
        found |= sending if clause.source is None else sending & {clause.source}
    return found
