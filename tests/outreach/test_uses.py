"""What is in use cannot be deleted, and a rename is followed everywhere."""

import pytest
from django.test import Client
from django.utils import timezone

from outreach.models import MessageTemplate, Play
from outreach.plays.desk_rules import say_rules
from signals.models import Configuration, Fact, Segment, Signal, Trigger
from signals.vocabulary.spoken import sentence_of

pytestmark = pytest.mark.usefixtures("shipped")
MOONS = {"kind": "count", "signals": ["activity"], "days": 30}


def delete(client: Client, row: Segment | Fact) -> tuple[bool, str]:
    """Whether it is gone after confirming, and the page before."""
    address = f"/admin/signals/{row._meta.model_name}/{row.pk}/delete/"
    page = client.get(address).content.decode()
    client.post(address, {"post": "yes"})
    return not type(row).objects.filter(pk=row.pk).exists(), page


def test_a_segment_that_a_rule_asks_for_stays_and_the_page_links_to_the_rule(admin: Client) -> None:
    gone, page = delete(admin, Segment.objects.get(slug="paying"))
    trigger = Trigger.objects.get(slug="outgrowing")
    assert not gone
    assert f'<a href="/admin/signals/trigger/{trigger.pk}/change/">Trigger: {trigger.name}</a>' in page
    assert "Segment: In trial" in page
    assert "Free plan&#x27;s" not in page


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("reached-value", "Guard: First value"),
        ("support-issue", "Guard: Support issue"),
        ("internal", "Guard: Excluded people"),
    ],
)
def test_a_segment_that_a_guard_looks_at_stays(admin: Client, slug: str, words: str) -> None:
    gone, page = delete(admin, Segment.objects.get(slug=slug))
    assert (gone, f'<a href="/admin/guards/">{words}</a>' in page) == (False, True)


def test_a_segment_that_nothing_uses_any_more_goes(admin: Client) -> None:
    moony = Segment.objects.create(slug="moony", name="Moony", rule=Trigger.objects.get(slug="outgrowing").rule)
    say_rules({"first_value": "moony"}, now=timezone.now(), acting_user=None)
    assert not delete(admin, moony)[0]
    say_rules({"first_value": "reached-value"}, now=timezone.now(), acting_user=None)
    assert delete(admin, moony)[0]


def test_once_live_the_page_says_where_a_segment_is_in_use_instead_of_its_effect(admin: Client) -> None:
    Configuration.objects.update(live_since=timezone.now())
    gone, page = delete(admin, Segment.objects.get(slug="paying"))
    assert (gone, "Segment: In trial" in page) == (False, True)


def test_a_fact_that_a_line_or_a_template_speaks_of_stays(admin: Client) -> None:
    moons = Fact.objects.create(slug="moons", measure=MOONS, unit="count", reads="moons", one="moon", many="moons")
    Play.objects.filter(slug="expansion").update(why_now_lines="{% if moons > 1 %}Many.{% endif %}")
    gone, page = delete(admin, moons)
    assert (gone, "Why now of Account expansion" in page) == (False, True)
    Play.objects.filter(slug="expansion").update(why_now_lines="Fine, {{ moons_share }}.")
    template = MessageTemplate.objects.filter(play__slug="expansion").first()
    assert template is not None
    MessageTemplate.objects.filter(pk=template.pk).update(body="{{ moons_words }}")
    gone, page = delete(admin, moons)
    assert not gone
    assert f'<a href="/admin/outreach/messagetemplate/{template.pk}/change/">Message template' in page
    MessageTemplate.objects.filter(pk=template.pk).update(body="moons")
    assert delete(admin, moons)[0]


def test_a_fact_that_the_product_itself_reads_stays(admin: Client) -> None:
    Play.objects.update(why_now_lines="Fine.")
    MessageTemplate.objects.all().delete()
    gone, page = delete(admin, Fact.objects.get(slug="age_days"))
    assert (gone, "own guards, queue order" in page) == (False, True)


def test_a_fact_that_templates_tell_customers_cannot_become_for_reps_only(admin: Client) -> None:
    fact = Fact.objects.get(slug="workspaces")
    data = {"reads": "spaces", "one": "space", "many": "spaces", "position": 1}
    page = admin.post(f"/admin/signals/fact/{fact.pk}/change/", data).content.decode()
    assert "Customers are told of it in Message template" in page
    admin.post(f"/admin/signals/fact/{fact.pk}/change/", data | {"may_be_told": "on"})
    assert Fact.objects.get(pk=fact.pk).reads == "spaces"


def test_a_renamed_segment_and_signal_are_read_by_their_new_names() -> None:
    Segment.objects.filter(slug="paying").update(name="Patrons")
    Signal.objects.filter(slug="hit-limit").update(name="Hit the roof")
    assert "Patrons" in sentence_of(Trigger.objects.get(slug="outgrowing").rule)
    rule = {"measure": {"kind": "count", "signals": ["hit-limit"], "days": 30}, "op": ">=", "value": 1}
    assert "Hit the roof" in sentence_of(rule)
