"""Hosts that are no company: what forwards, what many share, what anybody has a page at."""

import pytest

from accounts.identity.corrections import rederive_all
from accounts.models import Account, DomainOverride, Person, Workspace
from accounts.rules.domains import corporate_domain, listed_domain, parse_address
from tests.conftest import Send, group, identify, track

pytestmark = pytest.mark.django_db


def domains() -> set[str | None]:
    return set(Account.objects.values_list("domain", flat=True))


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("privaterelay.appleid.com", "relay"),
        ("simplelogin.com", "relay"),
        ("aleeas.com", "relay"),
        ("kim.anonaddy.com", "relay"),
        ("addy.io", "relay"),
        ("mozmail.com", "relay"),
        ("duck.com", "relay"),
        ("users.noreply.github.com", "relay"),
        ("tenant3.onmicrosoft.com", "shared"),
        ("birch.mail.onmicrosoft.com", "shared"),
        ("birch.zendesk.com", "shared"),
        ("comcast.net", "free"),
        ("sympatico.ca", "free"),
        ("docomo.ne.jp", "free"),
    ],
)
def test_strangers_at_one_such_host_are_of_no_company(send: Send, host: str, kind: str) -> None:
    send(*(identify(f"u{n}", f"kim{n}@{host}") for n in range(8)), *(track(f"u{n}") for n in range(8)))
    assert domains() == set()
    assert set(Person.objects.values_list("email_kind", flat=True)) == {kind}


@pytest.mark.parametrize("host", ["github.com", "zendesk.com", "linkedin.com", "appleid.com", "minneapolis.mn.us"])
def test_those_who_work_for_such_a_service_are_of_its_company(send: Send, host: str) -> None:
    send(identify("u1", f"kim@{host}"))
    assert domains() == {host}


@pytest.mark.parametrize(
    "website",
    [
        "https://www.linkedin.com/company/birch",
        "http://facebook.com/birchandsons",
        "github.com/birch?tab=repositories",
        "https://birch.wixsite.com/home",
        "birch.wordpress.com",
        "https://sites.google.com/view/birch",
        "https://linktr.ee/birch",
        "https://instagram.com",
        "BIRCH.onmicrosoft.com",
    ],
)
def test_a_page_among_many_is_no_companys_website(send: Send, website: str) -> None:
    send(identify("u1", "a@gmail.com"), identify("u2", "b@gmail.com"))
    send(group("u1", "w1", website=website), group("u2", "w2", website=f"{website}-and-daughters"))
    assert domains() == set()


def test_a_workspace_with_a_page_among_many_is_of_its_members_company(send: Send) -> None:
    send(identify("u1", "ann@birch-wood.com"), group("u1", "w1", website="https://x.com/birchwood"))
    assert Workspace.objects.get().account == Account.objects.get(domain="birch-wood.com")


def test_an_admin_adds_a_host_with_all_that_is_under_it(send: Send) -> None:
    send(identify("u1", "a@s1.students.oakland.com"), identify("u2", "b@oakland.com"), identify("u3", "c@elmrelay.com"))
    DomainOverride.objects.create(domain="students.oakland.com", kind="free")
    DomainOverride.objects.create(domain="elmrelay.com", kind="relay")
    rederive_all()
    assert set(Person.objects.exclude(account=None).values_list("email", flat=True)) == {"b@oakland.com"}


def test_a_tenant_that_an_admin_calls_a_company_is_one_of_its_own(send: Send) -> None:
    DomainOverride.objects.create(domain="birch.onmicrosoft.com", kind="corporate")
    send(identify("u1", "a@birch.onmicrosoft.com"), identify("u2", "b@mail.birch.onmicrosoft.com"))
    send(identify("u3", "c@elm.onmicrosoft.com"))
    assert domains() == {"birch.onmicrosoft.com"}
    assert Account.objects.get().people.count() == 2


def test_a_site_that_an_admin_adds_names_nobody_but_those_with_addresses_there(send: Send) -> None:
    DomainOverride.objects.create(domain="pagesforall.com", kind="pages")
    send(identify("u1", "ann@gmail.com"), group("u1", "w1", website="pagesforall.com/ann"))
    assert domains() == set()
    send(identify("u2", "bo@pagesforall.com"))
    assert domains() == {"pagesforall.com"}


@pytest.mark.parametrize(
    ("text", "website", "in_a_list"),
    [
        ("https://github.com", "", "github.com"),
        ("www.github.com/", "", "github.com"),
        ("https://x.com/x.com", "", ""),
        ("https://github.com/birch", "", ""),
        ("google.com", "google.com", "google.com"),
        ("docs.google.com/d/1", "", ""),
        ("//birch.co.uk:8080/a?b#c", "birch.co.uk", "birch.co.uk"),
        ("onmicrosoft.com", "", ""),
        ("nobody", "", ""),
    ],
)
def test_in_a_list_of_companies_a_site_itself_is_a_company(text: str, website: str, in_a_list: str) -> None:
    assert (corporate_domain(text, {}), listed_domain(text, {})) == (website, in_a_list)


def test_what_looks_like_a_listed_host_is_not_one() -> None:
    hosts = ("notlinkedin.com", "myonmicrosoft.com", "relay.firefox.com.birch.com", "duck.company")
    assert [parse_address(f"a@{host}").kind for host in hosts] == ["corporate"] * 4
