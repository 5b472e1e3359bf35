"""What is said of terms: written, followed by what follows from it, logged, undone, accepted and carried in a file."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from signals.models import (
    CatalogueKey,
    Configuration,
    EventName,
    EventNameDay,
    Meaning,
    ProductLimit,
    PropertyMeaning,
    Signal,
    SignalDefinition,
    Source,
    VocabularyChange,
)
from signals.vocabulary.meanings import VocabularyError, said_of, say, say_all, undo
from signals.vocabulary.proposals import accept, document, matches_of, proposals, write_document

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TICKETS = {"matches": matches_of([("track", "Ticket Opened")])}


@pytest.fixture(autouse=True)
def _neutral() -> None:
    Configuration.objects.get_or_create(pk=1)
    SignalDefinition.objects.all().delete()


def arrive(name: str, kind: int = 1, count: int = 10, **properties: list[Any]) -> EventName:
    source, _ = Source.objects.get_or_create(name="App")
    made = EventName.objects.create(source=source, kind=kind, name=name, last_seen_at=NOW, sampled=1)
    EventNameDay.objects.create(name=made, day=NOW.date(), settled=count)
    for path, samples in properties.items():
        add_key(path, samples, "event", made)
    return made


def add_key(path: str, samples: list[Any], holder: str = "workspace", name: EventName | None = None) -> None:
    source, _ = Source.objects.get_or_create(name="App")
    CatalogueKey.objects.create(
        source=source, holder=holder, event_name=name, path=path, types={"text": 1}, seen=1,
        samples=[str(each) for each in samples], first_seen_at=NOW, last_seen_at=NOW,
    )  # fmt: skip


def matches(slug: str) -> Any:
    return SignalDefinition.objects.exclude(state="retired").get(signal__slug=slug).matches["any"]


def test_a_signal_is_made_in_its_category_and_counted_by_the_history_stage() -> None:
    assert say("signal:demo-requested", {"matches": matches_of([("track", "Book Demo")])}) is True
    signal = Signal.objects.get(slug="demo-requested")
    assert (signal.name, signal.category.slug) == ("Demo requested", "hand-raise")
    assert signal.definitions.get().state == SignalDefinition.State.COUNTING


def test_saying_the_same_again_changes_nothing() -> None:
    say("meaning:plan", {"paths": [{"of": "company", "path": "planName"}]})
    before = VocabularyChange.objects.count(), Configuration.objects.get().models_version
    assert say("meaning:plan", {"paths": [{"of": "company", "path": "plan_name"}]}) is False
    assert (VocabularyChange.objects.count(), Configuration.objects.get().models_version) == before


def test_paths_are_kept_as_attributes_are_named() -> None:
    say("meaning:employees", {"paths": [{"of": "person", "path": "company.teamSize"}]})
    assert Meaning.objects.get().paths == [{"of": "person", "path": "company.team_size"}]


def test_tickets_about_plans_and_bad_ratings_follow_from_what_tickets_mean() -> None:
    say("signal:ticket-opened", TICKETS)
    say("property:ticket-opened.topic", {"paths": ["topic"], "options": {"commercial": ["billing", "limits"]}})
    assert matches("commercial-ticket") == [
        {
            "kinds": ["track"], "names": ["Ticket Opened"], "source": None,
            "where": [{"property": "topic", "op": "one_of", "value": ["billing", "limits"]}],
        }
    ]  # fmt: skip
    say("signal:ticket-solved", {"matches": matches_of([("track", "Solved")])})
    say("property:ticket-solved.rating", {"paths": ["csat"], "options": {"bad_at_most": 2}})
    assert matches("bad-rating")[0]["where"] == [{"property": "csat", "op": "<=", "value": 2}]
    say("signal:ticket-opened", {"matches": matches_of([("track", "Case Opened")])})
    assert matches("commercial-ticket")[0]["names"] == ["Case Opened"]
    say("property:ticket-opened.topic", None)
    assert said_of("signal:commercial-ticket") is None


def test_a_limit_has_two_meanings_and_goes_with_them() -> None:
    parts = {"allowed": {"of": "company", "path": "creditsIncluded"}, "used": {"of": "company", "path": "creditsUsed"}}
    say("limit:credits", {"one": "credit", "many": "credits"} | parts)
    assert dict(Meaning.objects.values_list("slug", "name")) == {"credits": "credits", "credits_used": "credits used"}
    assert said_of("limit:credits") == {
        "one": "credit", "many": "credits",
        "allowed": {"of": "company", "path": "credits_included"}, "used": {"of": "company", "path": "credits_used"},
    }  # fmt: skip
    say("limit:credits", None)
    assert not Meaning.objects.exists()
    assert not ProductLimit.objects.exists()


@pytest.mark.parametrize(
    ("term", "value", "told"),
    [
        ("plan", {}, "signal:"),
        ("meaning:shoe_size", {"paths": []}, "no such meaning"),
        ("meaning:plan", {"paths": [{"path": "plan"}]}, "person"),
        ("meaning:plan", {"paths": "plan"}, "list"),
        ("property:demo-requested.rating", {"paths": ["x"]}, "no such property"),
        ("signal:demo-requested", {"matches": {"any": []}}, "1 to 20"),
        ("signal:bad-rating", TICKETS, "follows from ticket-rated"),
        ("signal:our-own", TICKETS | {"category": "no-such"}, "no category"),
        ("limit:plan", {"one": "plan"}, "another short name"),
        ("limit:credits", {"one": "credit"}, "for one and for many"),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_changes_nothing(term: str, value: dict[str, Any], told: str) -> None:
    with pytest.raises(VocabularyError, match=told):
        say(term, value)
    assert not VocabularyChange.objects.exists()


def test_several_are_said_all_or_none() -> None:
    good = ("meaning:plan", {"paths": [{"of": "company", "path": "plan"}]})
    with pytest.raises(VocabularyError):
        say_all([good, ("meaning:shoe_size", {"paths": []})])
    assert not Meaning.objects.exists()


def test_a_change_is_logged_and_undone_until_the_next() -> None:
    ada = User.objects.create(username="ada")
    say("meaning:plan", {"paths": [{"of": "company", "path": "plan"}]}, acting_user=ada)
    say("meaning:plan", {"paths": [{"of": "company", "path": "tier"}]}, acting_user=ada)
    second, first = VocabularyChange.objects.all()
    assert (first.before, second.before, second.user) == (None, first.after, ada)
    assert undo(first.pk) is False
    assert undo(second.pk, acting_user=ada) is True
    assert said_of("meaning:plan") == first.after
    assert undo(second.pk) is False


def test_accepting_all_takes_only_what_is_sure() -> None:
    arrive("Demo Requested", message=["We would like to see it"])
    arrive("Checkout Completed")
    arrive("Logged In", count=9_000)
    add_key("planName", ["free", "pro"])
    add_key("size", ["50"])
    assert accept(NOW) == ["signal:demo-requested", "property:demo-requested.text", "meaning:plan"]
    open_now = {each.term: each.sure for each in proposals(NOW)}
    assert open_now == {"signal:subscribed": False, "meaning:employees": False}
    assert accept(NOW, {"meaning:employees"}) == ["meaning:employees"]
    assert accept(NOW) == []
    assert Meaning.objects.get(slug="plan").options == {"plans": {"free": "free", "pro": "paid"}}


def test_a_feature_becomes_a_signal_among_core_features() -> None:
    arrive("Report Exported", count=500)
    accept(NOW, {"signal:feature-report-exported"})
    signal = Signal.objects.get(slug="feature-report-exported")
    assert (signal.name, signal.category.slug) == ("Report exported", "core-features")
    assert proposals(NOW) == []


def test_names_that_are_hidden_are_not_suggested() -> None:
    name = arrive("Demo Requested")
    arrive("Logged In", count=9_000)
    assert [each.term for each in proposals(NOW)] == ["signal:demo-requested"]
    EventName.objects.filter(pk=name.pk).update(hidden=True)
    assert proposals(NOW + timedelta(days=1)) == []


def test_the_whole_goes_through_a_file_and_comes_back_the_same(tmp_path: Any, capsys: Any) -> None:
    arrive("Ticket Opened", topic=["billing", "bug"])
    arrive("Logged In", count=9_000)
    add_key("planName", ["free", "pro"])
    add_key("creditsUsed", ["5"])
    add_key("creditsIncluded", ["50"])
    accept(NOW)
    said = document()
    assert said["limits"]["credits"]["one"] == "credit"  # type: ignore[index]
    file = tmp_path / "vocabulary.json"
    call_command("vocabulary", "export", str(file))
    for model in (Meaning, PropertyMeaning, ProductLimit, SignalDefinition):
        model.objects.all().delete()
    assert document() == {"signals": {}, "properties": {}, "meanings": {}, "limits": {}}
    call_command("vocabulary", "import", str(file))
    assert document() == said
    assert "4 terms changed" in capsys.readouterr().out
    assert write_document(said) == []


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Any) -> None:
    file = tmp_path / "vocabulary.json"
    file.write_text('{"meaning": {}}')
    with pytest.raises(CommandError, match="meaning is unknown"):
        call_command("vocabulary", "import", str(file))
    file.write_text("{")
    with pytest.raises(CommandError, match="no JSON"):
        call_command("vocabulary", "import", str(file))


def test_a_key_belongs_to_an_event_or_to_traits() -> None:
    source = Source.objects.create(name="App")
    with pytest.raises(IntegrityError, match="catalogue_key_of_one_holder"):
        CatalogueKey.objects.create(source=source, holder="event", path="x", first_seen_at=NOW, last_seen_at=NOW)
