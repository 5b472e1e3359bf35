"""What a message may speak of: each variable's value, the facts it was made of, and what is read of an item for it."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import Http404

from accounts.models import Actor, Person, Workspace
from outreach.access import viewer_of
from outreach.admin.messages import _features_used
from outreach.messages.variables import (
    Material,
    Variable,
    VariableValue,
    check_template,
    variable_values,
    variables,
)
from outreach.models import Draft, MessageTemplate, QueueItem
from outreach.plays.why_now import fact_keys, facts_of
from outreach.queue.actions import claim_item, dismiss_item, snooze_item
from outreach.queue.list import Opened, opened_item
from outreach.rules.liquid import MessageError, Share
from outreach.rules.why_now import KnownFact
from signals.facts import all_facts
from signals.models import Signal, SignalDefinition, Usage
from tests.cast import make_user
from tests.factories import Desk, make_company, make_item, make_person, make_usage

pytestmark = pytest.mark.usefixtures("shipped")


def material(*, account: str = "Acme", rep: str = "Dana Kim", given: dict[str, Any] | None = None, **facts: Any) -> Any:
    keys = fact_keys()
    measures = {keys[name]: value for name, value in facts.items()}
    return Material(account=account, rep=rep, facts=facts_of(measures), **given or {})


def value(name: str, **facts: Any) -> Any:
    return variable_values(material(**facts))[name].value


def made_of(name: str, **facts: Any) -> list[str]:
    """The facts that a value was made of, by what they read."""
    return [fact.reads for fact in variable_values(material(**facts))[name].of]


def reads(*names: str) -> list[str]:
    return [all_facts()[name].reads for name in names]


# --- Which there are ----------------------------------------------------------------------------------------


def test_each_variable_says_what_it_means_with_an_example() -> None:
    found = variables()
    assert found["person.first_name"].example == "Tomasz"
    assert found["members_words"] == Variable(
        "members_words",
        "people known, in words: “one person”, “twelve people”; unknown when there are none",
        "seven people",
    )
    assert found["people_before_30_words"].reads.startswith("people active in the 30 days before, in words: “one ")
    assert found["people_before_30"] == Variable("people_before_30", "people active in the 30 days before", 4)
    assert found["plan"] == Variable("plan", "plan", "a plan")
    assert not {"monthly_revenue", "employees", "bad_ratings_14"} & found.keys()  # for reps, not for customers
    assert (found["seats_share"].example, found["members"].example) == (Share(0.94), 9)
    assert found["members"].is_fact
    assert not found["account.name"].is_fact


def test_every_variable_has_a_value_and_no_other_has() -> None:
    assert set(variable_values(material())) == set(variables())


def test_a_template_may_speak_of_variables_alone() -> None:
    check_template("Hi {{ person.first_name }}, {{ people_before_30_words }} and {{ seats_share }}.")
    with pytest.raises(MessageError, match="there is no variable “nonsense”"):
        check_template("{{ nonsense }}")


def test_a_template_gives_its_own_names_a_value_first() -> None:
    check_template("{% assign team = account.name %}{{ team }}")
    with pytest.raises(MessageError, match=r"^“team” has no value here: assign one to it first\.$"):
        check_template("{% if false %}{% assign team = account.name %}{% endif %}Hi {{ team }}")


# --- Who ----------------------------------------------------------------------------------------------------


def test_people_and_companies_are_called_by_their_names(settings: Any) -> None:
    settings.PRODUCT_NAME = "Boards"
    about = {"person": "Tomasz Sobel", "title": "Head of Field Service"}
    found = variable_values(material(account="Halvorsen\u202e Robotics", given=about))
    assert {name: found[name] for name in found if "." in name} == {
        "person.first_name": VariableValue("Tomasz"),
        "person.name": VariableValue("Tomasz Sobel"),
        "person.title": VariableValue("Head of Field Service"),
        "account.name": VariableValue("Halvorsen Robotics"),
        "rep.first_name": VariableValue("Dana"),
        "rep.name": VariableValue("Dana Kim"),
        "product.name": VariableValue("Boards"),
    }


def test_a_name_that_is_not_known_has_no_value() -> None:
    found = variable_values(material(rep="dana@boards.example"))
    names = ("person.first_name", "person.name", "person.title", "rep.first_name")
    assert [found[name].value for name in names] == [None] * 4


def test_the_marks_of_a_gap_are_taken_out_of_what_others_wrote() -> None:
    said = {"words": "⟦now⟧", "by_them": True}
    found = variable_values(material(account="⟦x⟧ Ltd", plan="⟦pro⟧", given=said))
    assert [found[name].value for name in ("account.name", "plan", "words")] == ["x Ltd", "pro", "now"]


def test_what_somebody_asked_is_told_to_themselves_alone() -> None:
    said = {"asked": "Demo", "words": "SSO?"}
    theirs, others = (variable_values(material(given=said | {"by_them": by_them})) for by_them in (True, False))
    names = ("asked", "words", "asked_by_you")
    assert [theirs[name].value for name in names] == ["Demo", "SSO?", True]
    assert [others[name].value for name in names] == [None, None, False]
    assert theirs["words"].of == (KnownFact("SSO?", "moment", "words"),)


# --- Facts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "stored", "said"),
    [
        ("plan", "  Team\n ", "Team"),
        ("plan", "", None),
        ("plan", None, None),
        ("members", 12.0, 12),
        ("integrations", 99.5, 99.5),
        ("seats_share", 0.94, Share(0.94)),
        ("seats_share", None, None),
        ("members", 0, 0),
    ],
)
def test_a_fact_is_said_as_it_was_measured(name: str, stored: Any, said: Any) -> None:
    found = variable_values(material(**{name: stored}))[name]
    assert (found.value, type(found.value)) == (said, type(said))
    assert [fact.reads for fact in found.of] == reads(name)


def test_a_number_is_said_in_words_with_its_noun() -> None:
    assert (value("members_words", members=1), value("members_words", members=12)) == ("one person", "twelve people")
    assert (value("members_words", members=0), value("members_words")) == (None, None)
    assert made_of("seats_used_words", seats_used=3) == reads("seats_used")


def test_growth_is_said_where_there_is_any_of_both_its_facts() -> None:
    assert value("growth_30_words", people_active_30=12, growth_30=2.0) == "up from four"
    assert value("growth_30_words", people_active_30=4, growth_30=0.0) is None
    assert value("people_before_30", people_active_30=12, growth_30=2.0) == 4
    about = made_of("growth_30_words", people_active_30=12, growth_30=2.0)
    assert about == [*reads("people_active_30"), "people active in the 30 days before"]


def test_features_are_listed_and_unknown_where_none_is_used() -> None:
    found = variable_values(material(features_30=2, given={"features": ["Timeline", "Form"]}))["top_features"]
    assert (found.value, [fact.reads for fact in found.of]) == ("Timeline and Form", reads("features_30"))
    assert value("top_features") is None


SEATS = {"seats_share": 0.94, "seats_used": 47, "seats": 50}


def test_the_seats_of_one_workspace_are_told_in_numbers_and_of_several_as_a_share() -> None:
    one, several, unknown = ({"workspaces": number} for number in (1, 2, None))
    assert value("seats_words", **SEATS, **one) == "47 of 50 seats"
    assert made_of("seats_words", **SEATS, **one) == reads("seats_used", "seats")
    for workspaces in (several, unknown):
        assert value("seats_words", **SEATS, **workspaces) == "94 % of the seats in the fullest workspace"
        assert made_of("seats_words", **SEATS, **workspaces) == reads("seats_share")


def test_seats_that_are_not_near_their_limit_are_not_told() -> None:
    for workspaces in (1, 2):
        assert value("seats_words", **SEATS | {"seats_share": 0.89}, workspaces=workspaces) is None
        assert made_of("seats_words", **SEATS | {"seats_share": 0.89}, workspaces=workspaces) == reads("seats_share")
    # How many is not known, but how full they are is.
    assert value("seats_words", seats_share=0.9, workspaces=1) == "90 % of the seats"


def test_boards_are_told_as_a_share() -> None:
    assert value("boards_words", boards_share=0.92, workspaces=1) == "92 % of the boards"
    assert value("boards_words", boards_share=0.92, workspaces=2) == "92 % of the boards in the fullest workspace"
    assert made_of("boards_words", boards_share=0.92) == reads("boards_share")
    assert value("boards_words", boards_share=0.5) is None


@pytest.mark.parametrize(
    ("seats", "boards", "said"),
    [
        (0.94, 0.95, "95 % of the boards"),
        (0.94, 0.94, "94 % of the seats"),
        (0.94, None, "94 % of the seats"),
        (None, 0.95, "95 % of the boards"),
        (0.5, 0.6, None),
        (None, None, None),
    ],
)
def test_the_limit_closest_to_full_is_told(seats: float | None, boards: float | None, said: str | None) -> None:
    facts = {"seats_share": seats, "boards_share": boards, "workspaces": 2}
    expected = said and f"{said} in the fullest workspace"
    assert value("limit_words", **facts) == expected
    assert made_of("limit_words", **facts) == reads("boards_share" if (boards or 0) > (seats or 0) else "seats_share")


# --- What is read of an item --------------------------------------------------------------------------------


def opened(desk: Desk, item: QueueItem, user: User | None = None, to: int = 0) -> Opened:
    return opened_item(viewer_of(user or desk.rita), item.pk, today=desk.now.date(), to=to)


@pytest.fixture
def item(desk: Desk) -> QueueItem:
    account = make_company("Acme", now=desk.now, people=2)
    return make_item(account, desk.plays["expansion"], now=desk.now, rep=desk.rita, person=account.people.first())


def test_an_opened_item_says_all_of_itself(desk: Desk, item: QueueItem) -> None:
    found = opened(desk, item)
    said = (found.id, found.account_id, found.play_slug, found.play, found.goal, found.persona, found.state)
    play = item.play
    assert said == (item.pk, item.account_id, play.slug, play.name, play.goal, play.persona, "open")
    assert (found.why_now, found.facts, found.note, found.reason) == (item.why_now, item.facts, "", "It became true.")
    assert (found.due_at, found.created_at, found.facts_as_of) == (item.due_at, item.created_at, item.facts_as_of)
    assert (found.sla_class, found.priority, found.priority_parts) == (1, item.priority, item.priority_parts)
    assert (found.rep_id, found.rep, found.claimed_by_id, found.claimed_by) == (desk.rita.pk, "Rita", 0, "")
    assert (found.person_id, found.team, found.checks) == (item.person_id, play.team.name, item.decision.checks)


def test_an_item_of_nobody_for_nobody_is_opened_too(desk: Desk) -> None:
    item = make_item(make_company("Acme", now=desk.now), desk.plays["expansion"], now=desk.now)
    found = opened(desk, item, desk.mona)
    assert (found.rep_id, found.rep, found.person_id) == (0, "", 0)


def test_an_opened_item_says_who_holds_it_and_how_it_was_closed(desk: Desk, item: QueueItem) -> None:
    claim_item(item, acting_user=desk.rita, now=desk.now)
    assert (opened(desk, item).claimed_by_id, opened(desk, item).claimed_by) == (desk.rita.pk, "Rita")
    until = desk.now + timedelta(days=1)
    snooze_item(item, until=until, acting_user=desk.rita, now=desk.now)
    assert opened(desk, item).snoozed_until == until
    dismiss_item(item, reason="other", note="Later", acting_user=desk.rita, now=desk.now)
    found = opened(desk, item)
    assert (found.closed_at, found.dismiss_reason, found.note) == (desk.now, "other", "Later")


def test_the_templates_and_the_draft_are_those_of_the_item(desk: Desk, item: QueueItem) -> None:
    MessageTemplate.objects.filter(play=item.play, persona="buyer").update(subject="Ours", body="Hello")
    other = make_item(item.account, desk.plays["consolidation"], now=desk.now, rep=desk.rita)
    for row, subject in ((item, "Mine"), (other, "Another")):
        Draft.objects.create(item=row, persona="user", subject=subject, body="-", facts=[], changed_at=desk.now)
    found = opened(desk, item).desk
    assert found["templates"].keys() == set(MessageTemplate.objects.values_list("persona", flat=True))
    assert found["templates"]["buyer"] == {"subject": "Ours", "body": "Hello"}
    draft = found["draft"]
    assert (draft["subject"], draft["person"], draft["persona"], draft["body"], draft["facts"]) == (
        "Mine", None, "user", "-", [],
    )  # fmt: skip


def test_the_people_are_the_items_the_drafts_and_whom_one_asks_for(desk: Desk, item: QueueItem) -> None:
    asked, drafted, _ = (make_person(item.account, name) for name in ("Asked", "Drafted", "Neither"))
    Draft.objects.create(item=item, person=drafted, persona="user", changed_at=desk.now)
    other = make_item(item.account, desk.plays["consolidation"], now=desk.now, rep=desk.rita)
    elsewhere = make_person(item.account, "Of another draft")
    Draft.objects.create(item=other, person=elsewhere, persona="user", changed_at=desk.now)
    people = opened(desk, item, to=asked.pk).desk["people"]
    assert {person["id"] for person in people} == {item.person_id, drafted.pk, asked.pk}


def test_a_person_is_whole_and_of_the_account_or_acting_there(desk: Desk, item: QueueItem) -> None:
    stranger, guest = (make_person(make_company(name, now=desk.now), name) for name in ("Stranger", "Guest"))
    make_usage(stranger, stranger.account, None, now=desk.now, days=[1])
    make_usage(guest, item.account, None, now=desk.now, days=[1])
    merged = make_person(item.account, "Merged", merged_into=guest)
    for person, known in ((stranger, False), (guest, True), (merged, False)):
        people = opened(desk, item, to=person.pk).desk["people"]
        assert (person.pk in {each["id"] for each in people}) is known


def test_a_person_comes_with_what_decides_how_to_write_to_them(desk: Desk, item: QueueItem) -> None:
    person = make_person(item.account, "Ann", "ann@acme.example", "CTO", is_product_admin=True, excluded_by="ann@*")
    [found] = [each for each in opened(desk, item, to=person.pk).desk["people"] if each["id"] == person.pk]
    assert found == {
        "id": person.pk, "name": "Ann", "email": "ann@acme.example", "title": "CTO", "is_admin": True,
        "excluded_by": "ann@*",
    }  # fmt: skip


def test_who_may_not_see_an_item_does_not_open_it(desk: Desk, item: QueueItem) -> None:
    for user in (desk.olga, make_user("nobody")):
        with pytest.raises(Http404):
            opened(desk, item, user)


def test_who_holds_an_item_opens_it_whoever_it_is_assigned_to(desk: Desk, item: QueueItem) -> None:
    QueueItem.objects.update(state="claimed", claimed_by=desk.olga, claimed_at=desk.now)
    assert opened(desk, item, desk.olga).claimed_by == "Olga"


# --- Features -----------------------------------------------------------------------------------------------


def use(person: Person, slug: str, count: int, *, desk: Desk, days: int = 1, state: str = "current") -> None:
    signal = Signal.objects.get(slug=slug)
    given = {"matches": {}, "since_version": 1}
    definition, _ = SignalDefinition.objects.get_or_create(signal=signal, state=state, defaults=given)
    day = desk.now.date() - timedelta(days=days)
    Usage.objects.create(actor=person.acts_as.first(), definition=definition, day=day, count=count)


@pytest.fixture
def used(desk: Desk, item: QueueItem) -> None:
    """Four features by two people: in and out of the last 30 days, and by somebody elsewhere."""
    one, two = item.account.people.order_by("pk")
    use(one, "feature-timeline", 2, desk=desk)
    use(two, "feature-timeline", 3, desk=desk, days=29)
    use(two, "feature-form", 90, desk=desk, days=30)
    use(one, "feature-form", 4, desk=desk, days=0)
    use(one, "feature-doc", 4, desk=desk, days=2)
    use(one, "feature-dashboard", 4, desk=desk)
    use(one, "feature-dashboard", 50, desk=desk, days=-1)
    use(two, "feature-automation", 70, desk=desk, state="retired")
    use(two, "invited", 99, desk=desk)
    elsewhere = make_company("Beta", now=desk.now, people=1).people.get()
    use(elsewhere, "feature-calendar", 80, desk=desk)


def names_of(*slugs: str) -> list[str]:
    names = dict(Signal.objects.values_list("slug", "name"))
    return [names[slug] for slug in slugs]


def test_the_three_features_used_most_in_thirty_days_come_first(desk: Desk, item: QueueItem, used: None) -> None:
    MessageTemplate.objects.filter(play=item.play, persona="user").update(body="{{ top_features }}")
    alike = sorted(names_of("feature-form", "feature-doc", "feature-dashboard"))
    most = [*names_of("feature-timeline"), *alike[:2]]
    assert opened(desk, item).desk["features"] == most
    assert _features_used(item.account, desk.now.date()) == most


def test_features_are_read_where_a_template_of_the_play_speaks_of_them(desk: Desk, item: QueueItem, used: None) -> None:
    MessageTemplate.objects.update(subject="Hello", body="Hello")
    MessageTemplate.objects.exclude(play=item.play).update(body="{{ top_features }}")
    assert opened(desk, item).desk["features"] is None
    MessageTemplate.objects.filter(play=item.play, persona="user").update(subject="{{ top_features }}")
    assert len(opened(desk, item).desk["features"]) == 3


def test_features_in_several_workspaces_are_added_up(desk: Desk, item: QueueItem, used: None) -> None:
    person = item.account.people.order_by("pk").first()
    workspace = Workspace.objects.create(source_id=1, external_id="another", account=item.account)
    actor = Actor.objects.create(
        profile=person, person=person, account=item.account, workspace=workspace, first_at=desk.now
    )
    definition = SignalDefinition.objects.get(signal__slug="feature-dashboard", state="current")
    Usage.objects.create(actor=actor, definition=definition, day=desk.now.date(), count=9)
    assert _features_used(item.account, desk.now.date())[0] == names_of("feature-dashboard")[0]
