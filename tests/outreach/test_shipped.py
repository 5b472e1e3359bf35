"""The configuration that comes with PLGCRM."""

from typing import Any

import pytest

from accounts.models import Exclusion
from outreach.models import Play, Team
from outreach.plays.why_now import fact_keys, facts_of, parse_why_now, sentence
from outreach.rules.guards import parse_guards
from outreach.rules.priority import sla_class
from plgcrm.setup_shipped import ensure_shipped_configuration
from signals.facts import all_facts
from signals.measures.words import CATEGORY
from signals.models import (
    Category,
    Configuration,
    ScoringModel,
    ScoringModelVersion,
    Segment,
    Signal,
    SignalDefinition,
    Trigger,
)
from signals.rules.tree import parse_rule
from signals.vocabulary.definitions import parse_matches
from signals.vocabulary.terms import SIGNAL_TERMS

pytestmark = pytest.mark.usefixtures("shipped")


def criteria(kind: str) -> dict[str, dict[str, Any]]:
    version = ScoringModelVersion.objects.get(scoring_model__kind=kind, state="live")
    return {criterion["slug"]: criterion for criterion in version.criteria}


def test_the_points_are_the_published_ones() -> None:
    assert {slug: criterion["points"] for slug, criterion in criteria("pql").items()} == {
        "first-value": 10, "invited-some": 15, "invited-many": 25, "integration": 20, "early-activity": 15,
        "core-features": 20, "items": 15, "streak": 25, "free-limit": 30, "pricing": 15, "premium": 20,
        "payment-details": 40, "size": 10, "industry": 10,
    }  # fmt: skip
    groups = {slug for slug, criterion in criteria("pql").items() if criterion["group"] == "invited"}
    assert groups == {"invited-some", "invited-many"}


@pytest.mark.parametrize("kind", ["pql", "pqa", "eqa"])
def test_tiers_and_threshold_are_the_published_ones(kind: str) -> None:
    version = ScoringModelVersion.objects.get(scoring_model__kind=kind, state="live")
    assert [(tier["slug"], tier["from"]) for tier in version.tiers] == [
        ("nurture", 0),
        ("upgrade", 41),
        ("inside", 65),
        ("executive", 100),
    ]
    assert (version.threshold, version.number) == (65, 1)


def points(kind: str, *slugs: str) -> int:
    return sum(criteria(kind)[slug]["points"] for slug in slugs)


def test_an_account_without_seven_people_is_never_product_qualified() -> None:
    assert points("pqa", "volume", "velocity", "evaluation", "enterprise") == 60
    assert points("pqa", "people", "volume", "velocity") == 70
    assert points("pqa", "people", "velocity", "evaluation") == 70


def test_an_expansion_needs_a_limit_and_one_more_or_everything_else() -> None:
    assert points("eqa", "near-limit") == 45
    assert points("eqa", "near-limit", "second-team") == 70
    assert points("eqa", "people-rising", "usage-rising", "second-team") == 75


def test_fit_says_nothing_of_one_person() -> None:
    assert {slug for slug, criterion in criteria("pql").items() if not criterion["person"]} == {
        "size",
        "industry",
        "free-limit",
    }


def test_every_rule_can_be_read_and_names_only_signals_that_exist() -> None:
    known = set(Signal.objects.values_list("slug", flat=True))
    rules = [trigger.rule for trigger in Trigger.objects.all()]
    rules += [segment.rule for segment in Segment.objects.all()]
    rules += [c["rule"] for kind in ("pql", "pqa", "eqa") for c in criteria(kind).values()]
    assert len(rules) > 20
    for rule in rules:
        parse_rule(rule, known_signals=known)
    facts = {slug for fact in all_facts().values() for slug in fact.spec.signals if not slug.startswith(CATEGORY)}
    assert "hit-limit" in facts <= known


def test_no_signal_but_any_activity_means_an_event_before_somebody_says_so() -> None:
    SignalDefinition.objects.all().delete()
    ensure_shipped_configuration()
    assert set(Signal.objects.exclude(definitions=None).values_list("slug", flat=True)) == {"activity"}
    assert {term.slug for term in SIGNAL_TERMS} <= set(Signal.objects.values_list("slug", flat=True))
    [definition] = SignalDefinition.objects.all()
    assert (definition.state, definition.since_version) == ("current", 1)
    parse_matches(definition.matches)


def test_only_the_hand_raise_category_raises_hands() -> None:
    raising = Signal.objects.filter(category__raises_hand=True).values_list("slug", flat=True)
    assert set(raising) == {"demo-requested", "contacted-sales", "asked-about-plan"}
    assert Category.objects.count() == 9


@pytest.mark.parametrize(
    ("slug", "minutes", "sla", "team"),
    [
        ("hand-raisers", 5, 0, "sales"),
        ("sales-assist", 480, 1, "product-specialists"),
        ("warm-outbound", 960, 2, "sales"),
        ("support-loop", 480, 1, "customer-success"),
        ("consolidation", 1440, 2, "sales"),
        ("expansion", 480, 1, "customer-success"),
    ],
)
def test_the_six_plays(slug: str, minutes: int, sla: int, team: str) -> None:
    play = Play.objects.get(slug=slug)
    assert (play.sla_minutes, play.team.slug) == (minutes, team)
    assert sla_class(hand_raised=play.on_hand_raise, sla_minutes=play.sla_minutes) == sla
    assert Play.objects.count() == 6


def test_every_play_can_be_saved_in_the_admin_as_it_is() -> None:
    for play in Play.objects.all():
        parse_guards(play.guards)
        parse_why_now(play.why_now_lines)


def test_sales_assist_does_not_wait_for_first_value_or_sign_up_age() -> None:
    assert not {"first_value", "signup_age"} & set(Play.objects.get(slug="sales-assist").guards)


def test_setting_up_again_makes_nothing_and_says_so() -> None:
    version = Configuration.objects.get().models_version
    assert set(ensure_shipped_configuration().values()) == {0}
    assert Configuration.objects.get().models_version == version


def test_what_an_admin_changed_is_not_written_over() -> None:
    Play.objects.filter(slug="expansion").update(name="Grow with them", active=False)
    Trigger.objects.filter(slug="outgrowing").update(rule={"all": []})
    Team.objects.filter(slug="sales").update(name="Account executives")
    Signal.objects.filter(slug="invited").update(name="Shared it")
    ScoringModelVersion.objects.update(criteria=[])
    ensure_shipped_configuration()
    play = Play.objects.get(slug="expansion")
    assert (play.name, play.active) == ("Grow with them", False)
    assert Trigger.objects.get(slug="outgrowing").rule == {"all": []}
    assert Team.objects.get(slug="sales").name == "Account executives"
    assert Signal.objects.get(slug="invited").name == "Shared it"
    assert ScoringModelVersion.objects.filter(criteria=[]).count() == ScoringModel.objects.count() == 3


def test_what_an_admin_deleted_of_exclusions_and_segments_stays_deleted() -> None:
    Exclusion.objects.filter(pattern="*@lists.*").delete()
    before = Segment.objects.count()
    Segment.objects.filter(slug="internal").delete()
    ensure_shipped_configuration()
    assert not Exclusion.objects.filter(pattern="*@lists.*").exists()
    assert Segment.objects.count() == before - 1


def test_what_is_missing_is_made() -> None:
    Play.objects.filter(slug="expansion").delete()
    Signal.objects.filter(slug="invited").delete()
    made = ensure_shipped_configuration()
    assert (made["plays"], made["signals"]) == (1, 1)
    assert not SignalDefinition.objects.filter(signal__slug="invited").exists()


def test_our_own_domains_are_internal(settings: Any) -> None:
    settings.COMPANY_DOMAINS = ["Boards.example"]
    assert ensure_shipped_configuration()["exclusions"] == 2
    internal = Exclusion.objects.filter(reason="internal").values_list("pattern", flat=True)
    assert set(internal) == {"*@boards.example", "*@*.boards.example"}


def said(slug: str, **facts: Any) -> str:
    measures = {fact_keys()[name]: value for name, value in facts.items()}
    return sentence(Play.objects.get(slug=slug).why_now_lines, facts_of(measures), otherwise="Otherwise.").text


@pytest.mark.parametrize(
    ("slug", "facts", "expected"),
    [
        (
            "warm-outbound",
            {"people_active_30": 12, "growth_30": 1.0, "features_30": 4},
            "12 people active in 30 days, 6 in the 30 before; 4 core features in use, not paying.",
        ),
        (
            "warm-outbound",
            {"people_active_30": 8, "growth_30": 7 / 3, "features_30": 4},  # 1 before, divided by the floor of 3
            "8 people active in 30 days, 1 in the 30 before; 4 core features in use, not paying.",
        ),
        (
            "warm-outbound",
            {"people_active_30": 3, "limit_hits_30": 1},
            "At a plan limit 1 time in 30 days, with 3 people active, not paying.",
        ),
        ("warm-outbound", {}, "Qualified on usage, not paying."),
        (
            "expansion",
            {"people_active_30": 9, "growth_30": 3.0, "seats_share": 0.2},  # nobody before: 9 / 3
            "9 people active in 30 days, none in the 30 before.",
        ),
        (
            "expansion",
            {"boards_share": 0.995, "seats_share": 0.5, "people_active_30": 9},
            "99 % of the boards are used in the fullest workspace; 9 people active in 30 days.",
        ),
        (
            "sales-assist",
            {"first_values": 0, "imports_failed_14": 2, "imports_started_14": 2},
            "An import failed 2 times in 14 days and no one there has reached first value.",
        ),
        (
            "sales-assist",
            {"first_values": 1, "plan_kind": "trial", "age_days": 6, "people_active_30": 1},
            "In a trial, signed up 6 days ago: 1 person active in 30 days.",
        ),
        (
            "consolidation",
            {"workspaces": 2, "people_active_30": 11, "seats_used": 14},
            "2 workspaces in one company: 11 people active in 30 days, 14 seats in use overall.",
        ),
        (
            "support-loop",
            {"tickets_7": 1, "commercial_tickets_7": 0, "people_active_30": 5},
            "1 ticket in 7 days at a qualified account with 5 people active in 30 days.",
        ),
    ],
)
def test_shipped_sentences(slug: str, facts: dict[str, Any], expected: str) -> None:
    assert said(slug, **facts) == expected


@pytest.mark.parametrize("fact", ["seats_share", "boards_share", "growth_30", "growth_7"])
def test_shares_are_read_as_shares(fact: str) -> None:
    assert facts_of({})[fact].style == "share"
