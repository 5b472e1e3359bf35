"""What names and values are taken for: examples of our own, in many spellings. tests/vocabularies measures the rest."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.vocabulary.entries import Arrivals, EventEntry, KeyEntry, TraitEntry, TraitHolder
from signals.vocabulary.naming import alike, words_of
from signals.vocabulary.suggest import suggest
from signals.vocabulary.suggest_events import SignalSuggestion, suggest_signals
from signals.vocabulary.suggest_limits import suggest_limits
from signals.vocabulary.suggest_properties import suggest_properties
from signals.vocabulary.suggest_traits import MeaningSuggestion, plan_options, role_options, suggest_meanings
from signals.vocabulary.terms import SIGNAL_TERMS

SURE = {
    "signed-up": "Signed Up|user.signup|signup_completed|User Registered|userSignedUp|sign-up",
    "set-up-step": "Onboarding Step Completed|setup.step.finished|Getting Started Step Completed|setupStepCompleted",
    "invited": "Invite Sent|user.invited|Teammate Invited|team_member_invited|invitation.created",
    "connected-integration": "Integration Connected|integration.installed|Slack Integration Enabled|integrationAdded",
    "import-started": "Import Started|csv_import_started|import.begun|importStarted",
    "import-failed": "Import Failed|import.error|csv_import_failed",
    "hit-limit": "Limit Hit|Plan Limit Reached|quota.exceeded|usage_limit_reached|Credits Exhausted|out_of_credits",
    "viewed-pricing": "Pricing Viewed|pricing_page_viewed|viewedPricing",
    "compared-plans": "Plans Compared|plan_comparison_viewed|comparePlans",
    "tried-premium": "Premium Feature Tried|Locked Feature Clicked|premium.feature.previewed",
    "started-checkout": "Checkout Started|begin_checkout|checkout.session.created|checkoutStarted",
    "entered-payment-details": "Payment Info Entered|add_payment_info|credit_card_added|setup_intent.succeeded",
    "payment-failed": "Payment Failed|invoice.payment_failed|charge.failed|payment_declined",
    "trial-started": "Trial Started|free_trial_activated|trial.began|trialStarted",
    "subscribed": "Subscription Started|customer.subscription.created|Upgraded to Paid|trial.converted",
    "invoice-paid": "Stripe Invoice Paid|stripe.invoice.paid|StripeInvoicePaid",
    "unsubscribed": "Subscription Cancelled|customer.subscription.deleted|Churned|Downgraded to Free",
    "demo-requested": "Demo Requested|demo.booked|Book a Demo Submitted|requestDemo",
    "contacted-sales": "Sales Contacted|contact_sales_form_submitted|Talked to Sales|Enterprise Inquiry Submitted",
    "asked-about-plan": "Plan Question Asked|pricing.inquiry.submitted|Asked About Plan",
    "ticket-opened": "Ticket Opened|Support Ticket Created|support_request_submitted|Contacted Support",
    "ticket-solved": "Ticket Solved|ticket.resolved|Support Ticket Closed",
    "ticket-rated": "Ticket Rated|CSAT Submitted|Satisfaction Survey Submitted",
}
NOTHING = (
    "Sign Up Started|Logged In|login_failed|Email Verified|Trial Ended|Trial Extended|Demo Video Watched"
    "|Invite Accepted|invite.revoked|Integration Disconnected|Import Completed|checkout_abandoned"
    "|Payment Method Removed|subscription.renewed|Terms Accepted"
    "|Privacy Settings Updated|security_alert_triggered|ticket.assigned"
    "|NPS Submitted|Newsletter Unsubscribed|rate_limit_exceeded|file_size_limit_exceeded|Invoice Sent"
)


OFTEN = EventEntry("Logged In", "track", 10_000)  # what comes most is what the product is for


def only(name: str, kind: str = "track") -> list[SignalSuggestion]:
    """What one name alone is taken for, features and items aside."""
    found = suggest_signals([EventEntry(name, kind, 10), OFTEN])
    return [each for each in found if not each.feature and each.slug != "created-item"]


@pytest.mark.parametrize(("slug", "names"), SURE.items())
def test_the_usual_names_of_a_signal_are_sure_in_any_spelling(slug: str, names: str) -> None:
    assert {name: [(each.slug, each.sure) for each in only(name)] for name in names.split("|")} == {
        name: [(slug, True)] for name in names.split("|")
    }


@pytest.mark.parametrize("name", NOTHING.split("|"))
def test_a_name_that_only_resembles_a_signal_is_none(name: str) -> None:
    assert only(name) == []


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Pricing", "viewed-pricing"),
        ("/pricing", "viewed-pricing"),
        ("Terms of Service", "viewed-terms"),
        ("Privacy Policy", "viewed-privacy"),
        ("Security", "viewed-security"),
    ],
)
def test_pages_are_known_by_their_titles(name: str, slug: str) -> None:
    assert [(each.slug, each.events) for each in only(name, "page")] == [(slug, (("page", name),))]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Book Demo Clicked", "demo-requested"),  # a click is not yet a request
        ("Warehouse Limit Reached", "hit-limit"),  # of what, nobody says
        ("Checkout Completed", "subscribed"),
        ("user_created", "signed-up"),
        ("Onboarding Completed", "reached-first-value"),
        ("Card Added", "entered-payment-details"),
    ],
)
def test_what_is_only_probable_waits_for_a_person(name: str, slug: str) -> None:
    assert [(each.slug, each.sure) for each in only(name)] == [(slug, False)]


def test_spellings_of_one_name_are_taken_together() -> None:
    [found] = suggest_signals(
        [EventEntry("Demo Requested", "track", 5), EventEntry("demo_requested", "track", 13), OFTEN]
    )
    assert found.events == (("track", "demo_requested"), ("track", "Demo Requested"))
    assert found.evidence == "The names say so; together they came 18 times."


def test_of_two_names_for_one_deed_the_better_counts_and_not_both() -> None:
    found = suggest_signals([EventEntry("user.created", "track", 90), EventEntry("Signed Up", "track", 90)])
    assert [each.events for each in found if each.slug == "signed-up"] == [(("track", "Signed Up"),)]


def test_where_people_write_invoices_a_paid_one_is_not_surely_ours() -> None:
    names = ("invoice.created", "invoice.sent", "invoice.paid")
    found = {each.slug: each.sure for each in suggest_signals([EventEntry(name, "track", 100) for name in names])}
    assert found["invoice-paid"] is False


def test_what_is_most_of_all_events_is_surely_no_ticket_of_ours() -> None:
    [found] = suggest_signals([EventEntry("ticket.created", "track", 900), EventEntry("Logged In", "track", 100)])
    assert (found.slug, found.sure) == ("ticket-opened", False)


def test_what_is_made_most_often_is_proposed_as_the_item_and_the_rest_as_features() -> None:
    events = [
        EventEntry("survey_created", "track", 4000),
        EventEntry("folder_created", "track", 9000),
        EventEntry("Logic Used", "track", 500),
        EventEntry("Logged In", "track", 8000),
    ]
    found = {each.slug: (each.events[0][1], each.sure, each.feature) for each in suggest_signals(events)}
    assert found["created-item"] == ("survey_created", False, "")
    assert found["feature-logic-used"] == ("Logic Used", False, "Logic used")
    assert "Logged In" not in {name for name, *_ in found.values()}


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Testphase gestartet", "trial-started"),
        ("Facture plan payée", "invoice-paid"),
        ("limite alcanzado", "hit-limit"),
        ("uitnodiging verstuurd", "invited"),
    ],
)
def test_names_of_other_languages_are_read_as_ours(name: str, slug: str) -> None:
    assert [each.slug for each in only(name)] == [slug]


def test_where_a_name_says_nothing_what_comes_with_it_may() -> None:
    event = EventEntry("bumped_into_wall", "track", 10, (key("used", 3), key("allowed", 3)))
    [found] = [each for each in suggest_signals([event, OFTEN]) if not each.feature]
    assert (found.slug, found.sure) == ("hit-limit", False)
    assert found.evidence == "What comes with it says so; it came 10 times."


# Properties


def key(path: str, *samples: object) -> KeyEntry:
    return KeyEntry(path, samples=tuple(map(str, samples)))


def properties(name: str, *keys: KeyEntry) -> dict[str, tuple[tuple[str, ...], bool]]:
    events = [EventEntry(name, "track", 10, keys), OFTEN]
    return {each.slug: (each.paths, each.sure) for each in suggest_properties(events, suggest_signals(events))}


def test_a_limit_says_which_how_much_is_used_and_allowed() -> None:
    found = properties(
        "Limit Reached", key("limit", 250), key("limitType", "responses"), key("currentCount", 251), key("page", "x")
    )
    assert found == {
        "allowed": (("limit",), True),
        "limit": (("limitType",), True),
        "used": (("currentCount",), True),
    }


def test_values_decide_what_a_name_leaves_open() -> None:
    assert properties("Limit Reached", key("limit", "boards")) == {"limit": (("limit",), True)}


def test_a_conversion_has_plan_amount_currency_and_period() -> None:
    found = properties(
        "Subscription Started",
        key("plan_name", "pro"),
        key("amount", 49),
        key("currency", "USD"),
        key("interval", "year"),
    )
    assert {slug: paths for slug, (paths, _) in found.items()} == {
        "plan": ("plan_name",),
        "amount": ("amount",),
        "currency": ("currency",),
        "period": ("interval",),
    }


def test_topics_that_sales_should_see_and_bad_ratings_are_named() -> None:
    events = [
        EventEntry("Ticket Opened", "track", 9, (key("topic", "billing", "bug", "Plan limits"),)),
        EventEntry("Ticket Rated", "track", 9, (key("rating", 1, 4, 5),)),
    ]
    found = {each.slug: each.options for each in suggest_properties(events, suggest_signals(events))}
    assert found == {"topic": {"commercial": ["Plan limits", "billing"]}, "rating": {"bad_at_most": 2}}


def test_an_amount_that_could_be_cents_is_not_sure() -> None:
    assert properties("Stripe Invoice Paid", key("amount", 4900, 9900))["amount"] == (("amount",), False)
    assert properties("Stripe Invoice Paid", key("amountCents", 4900, 9900))["amount"] == (("amountCents",), True)


# Traits


def meaning(path: str, *samples: object, holder: TraitHolder = "person") -> MeaningSuggestion | None:
    found = suggest_meanings([TraitEntry(holder, key(path, *samples))])
    return found[0] if found else None


@pytest.mark.parametrize(
    ("holder", "path", "sample", "slug"),
    [
        ("workspace", "name", "Acme", "company_name"),
        ("person", "name", "Ann Lee", "person_name"),
        ("person", "company.name", "Acme", "company_name"),
        ("person", "company", "Acme", "company_name"),
        ("workspace", "planName", "pro", "plan"),
        ("workspace", "isPaying", "true", "paying"),
        ("workspace", "monthlyRecurringRevenue", "49.5", "monthly_revenue"),
        ("workspace", "seatsPurchased", "5", "seats"),
        ("workspace", "used_seats", "3", "seats_used"),
        ("person", "company.employees", "201-500", "employees"),
        ("workspace", "size", "50", "employees"),
        ("workspace", "createdAt", "2024-01-01", "company_created_at"),
        ("person", "createdAt", "1735689600", "created_at"),
        ("workspace", "trial_ends_at", "2026-12-01", "trial_ends"),
        ("workspace", "current_period_end", "2026-12-01", "renewal"),
        ("person", "jobTitle", "Head of Data", "title"),
        ("person", "role", "Head of Data", "title"),
        ("person", "role", "viewer", "role"),
        ("person", "workspace_role", "admin", "role"),
        ("person", "team", "Marketing", "department"),
        ("person", "level", "Senior", "seniority"),
        ("person", "linkedinUrl", "https://linkedin.com/in/x", "profile_url"),
        ("person", "utm_source", "google", "sign_up_source"),
        ("person", "useCase", "Hiring", "use_case"),
        ("person", "companyname", "Acme", "company_name"),
        ("person", "Vorname", "Ann", "first_name"),
        ("workspace", "is_customer", "t", "paying"),
        ("workspace", "address.country", "DE", "country"),
    ],
)
def test_traits_are_known_by_name_value_and_holder(holder: TraitHolder, path: str, sample: str, slug: str) -> None:
    found = meaning(path, sample, holder=holder)
    assert found is not None
    assert (found.slug, found.paths) == (slug, (path,))


@pytest.mark.parametrize(
    ("holder", "path", "sample"),
    [
        ("person", "title", "Dr"),
        ("person", "email", "unknown"),
        ("person", "plan_interest", "pro"),
        ("person", "previous_plan", "free"),
        ("person", "last_login_at", "2026-01-01"),
        ("person", "avatar_url", "https://x.com/a.png"),
        ("workspace", "count", "5"),
        ("workspace", "annual_revenue", "5000000"),
        ("workspace", "billing_email", "a@x.com"),
        ("workspace", "mrr", "high"),
        ("workspace", "member_count", "7"),  # without seats, nobody fills them
    ],
)
def test_a_trait_that_only_resembles_a_meaning_is_none(holder: TraitHolder, path: str, sample: str) -> None:
    assert meaning(path, sample, holder=holder) is None


def test_money_says_its_period_currency_and_unit() -> None:
    found = meaning("arr_eur_cents", 4900, holder="workspace")
    assert found is not None
    assert found.options == {"cents": True, "period": "year", "currency": "EUR"}


def test_beside_a_first_name_a_name_of_one_word_is_the_last_name() -> None:
    traits = [TraitEntry("person", key("prenom", "Ann")), TraitEntry("person", key("nom", "Lee", "Gray"))]
    assert {each.slug: (each.paths, each.sure) for each in suggest_meanings(traits)} == {
        "first_name": (("prenom",), True),
        "last_name": (("nom",), False),
    }


def test_both_carriers_of_a_meaning_are_kept() -> None:
    traits = [TraitEntry("person", key("plan", "pro")), TraitEntry("workspace", key("planName", "pro"))]
    [found] = suggest_meanings(traits)
    assert dict(zip(found.paths, found.carriers, strict=True)) == {"plan": "person", "planName": "company"}


@pytest.mark.parametrize(
    ("values", "sorts", "sure"),
    [
        (["free", "pro"], ["free", "paid"], True),
        (["Free", "Starter", "Growth"], ["free", "paid", "paid"], True),
        (["starter", "pro"], ["free", "paid"], False),
        (["free_trial", "Business"], ["trial", "paid"], True),
        (["1", "2"], ["paid", "paid"], False),
    ],
)
def test_plans_are_told_apart_by_their_words(values: list[str], sorts: list[str], sure: bool) -> None:
    assert plan_options(values) == ({"plans": dict(zip(values, sorts, strict=True))}, sure)


@pytest.mark.parametrize(
    ("values", "admins", "sure"),
    [
        (["Workspace Admin", "Editor"], ["Workspace Admin"], True),
        (["owner", "admin", "billing_admin"], ["owner", "admin"], False),
        (["manager", "agent"], [], False),
    ],
)
def test_who_runs_the_product_is_told_by_the_words_of_roles(values: list[str], admins: list[str], sure: bool) -> None:
    assert role_options(values) == ({"admins": admins}, sure)


# Limits


@pytest.mark.parametrize(
    ("used", "allowed", "one", "many", "sure"),
    [
        ("creditsUsed", "creditsIncluded", "credit", "credits", True),
        ("usage.api_calls", "limits.api_calls", "API call", "API calls", True),
        ("storage_used_gb", "storage_limit_gb", "GB of storage", "GB of storage", True),
        ("contacts", "contact_limit", "contact", "contacts", True),
        ("agents_used", "agents_total", "agent", "agents", False),  # who works here may be who has a seat
        ("credits_used", "credits", "credit", "credits", False),
        ("labels.printed", "labels.included", "label", "labels", False),  # any deed, told by its form alone
        ("takes.used", "takes.included", "take", "takes", True),
    ],
)
def test_two_numbers_of_one_thing_are_a_limit(used: str, allowed: str, one: str, many: str, sure: bool) -> None:
    [found] = suggest_limits([TraitEntry("workspace", key(used, 5)), TraitEntry("workspace", key(allowed, 9))])
    assert (found.used, found.allowed, found.one, found.many, found.sure) == (used, allowed, one, many, sure)


def test_what_is_left_of_something_is_no_limit() -> None:
    traits = [TraitEntry("workspace", key(path, 5)) for path in ("credits_remaining", "credits_total", "score")]
    assert suggest_limits(traits) == []


# All of it


def test_words_forgive_case_number_and_tense() -> None:
    assert words_of("Demo Requested") == words_of("demo_requests") == words_of("demoRequest")
    assert alike("Sign-Up Completed") == alike("signup_completed")


NAMES = st.text(alphabet="abcdefgh_ .-ABCDÄ$\x00é1", max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(NAMES, st.sampled_from(["track", "page"]), st.lists(st.tuples(NAMES, NAMES), max_size=3)), max_size=6
    )
)
def test_whatever_arrives_each_name_is_suggested_once_and_only_for_what_exists(
    sent: list[tuple[str, str, list[tuple[str, str]]]],
) -> None:
    events = [EventEntry(name, kind, 5, tuple(key(*each) for each in keys)) for name, kind, keys in sent]
    traits = [TraitEntry("person", key(*each)) for *_, keys in sent for each in keys]
    found = suggest(Arrivals(tuple(events), tuple(traits)))
    names = [event for each in found.signals for event in each.events]
    assert set(names) <= {(event.kind, event.name) for event in events}
    assert {each.slug for each in found.signals if not each.feature} <= {term.slug for term in SIGNAL_TERMS}


def properties_of(slug: str, name: str, *keys: KeyEntry) -> dict[str, tuple[str, bool]]:
    """Term -> path and whether it is sure, of one event of this signal."""
    event = EventEntry(name, "track", 10, keys)
    found = suggest_properties([event], [SignalSuggestion(slug, (("track", name),), "", True)])
    return {each.slug: (each.paths[0], each.sure) for each in found}


def test_what_people_write_is_known_by_its_phrases_whatever_it_is_called() -> None:
    wishes = KeyEntry("wunsch", frozenset({"text"}), 1.0, ("We want to see it", "Call me on Friday please"))
    assert properties_of("demo-requested", "Demo Requested", wishes)["text"] == ("wunsch", False)
    two = [wishes, KeyEntry("verlauf", frozenset({"text"}), 1.0, ("Came by a friend of mine",))]
    assert "text" not in properties_of("demo-requested", "Demo Requested", *two)


def test_of_a_limit_the_one_word_is_which_and_the_form_of_a_number_says_used_or_allowed() -> None:
    found = properties_of(
        "hit-limit", "Limit Reached", key("rooms_booked", 4), key("rooms_granted", 4), key("wovon", "rooms")
    )
    assert found == {"limit": ("wovon", False), "used": ("rooms_booked", False), "allowed": ("rooms_granted", False)}


def test_something_tried_that_comes_with_one_word_is_a_premium_feature() -> None:
    tried = EventEntry("redaction.tried", "track", 10, (key("module", "redaction"),))
    [found] = [each for each in suggest_signals([tried, OFTEN]) if each.slug == "tried-premium"]
    assert not found.sure
    many = EventEntry("redaction.tried", "track", 10, (key("module", "redaction"), key("room", "blue")))
    assert not [each for each in suggest_signals([many, OFTEN]) if each.slug == "tried-premium"]


def test_where_nothing_is_called_a_seat_a_limit_of_those_who_work_there_is_the_seats() -> None:
    sent = tuple(TraitEntry("workspace", key(path, 5)) for path in ("recruiters_used", "recruiters_allowed"))
    found = suggest(Arrivals((), sent))
    assert {(each.slug, each.paths, each.sure) for each in found.meanings} == {
        ("seats", ("recruiters_allowed",), False), ("seats_used", ("recruiters_used",), False),
    }  # fmt: skip
    assert found.limits == ()
    more = suggest(Arrivals((), (*sent, TraitEntry("workspace", key("seats", 5)))))
    assert [each.many for each in more.limits] == ["recruiters"]


def test_a_payment_that_speaks_of_our_subscription_goes_before_one_that_does_not() -> None:
    names = ("Invoice Paid", "Subscription Fee Charged")
    found = suggest_signals([*(EventEntry(name, "track", 10) for name in names), OFTEN])
    [paid] = [each for each in found if each.slug == "invoice-paid"]
    assert paid.events == (("track", "Subscription Fee Charged"),)
