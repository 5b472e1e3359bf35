"""Which ids stand for nobody, and which only look like it."""

import pytest

from accounts.rules.placeholders import ANONYMOUS, EMAIL, GROUP, USER, Placeholders, Row, is_no_address, is_nothing
from accounts.rules.spelling import spelled

NOTHING = [
    "undefined", "null", "NULL", "None", "nil", "NaN", "nan", "Infinity", "0", "-1", "00", "0.0", "-0", "0x0", "true",
    "False", "[object Object]", "[object Undefined]", '"null"', "'undefined'", "(null)", "<null>", "[null]", "“null”",
    "{}", "[]", '""', "--", "-", "...", "_", "N/A", "n/a", "#N/A", "\\N", "anonymous", "Anonymous", "GUEST", "unknown",
    "Test", "00000000-0000-0000-0000-000000000000", "{00000000-0000-0000-0000-000000000000}",
    "ffffffff-ffff-ffff-ffff-ffffffffffff", "{{user.id}}", "${userId}", "{{ user_id }}", "<%= current_user.id %>",
    "*|USER_ID|*", "<user_id>", "%user_id%", "[USER_ID]", ":user_id", "undefined_undefined", "undefined-null",
    "null null", "user_undefined", "acct:null", "xxx", "aaaa", "XXXXXXXX", "1111111111", "not set", "(not set)",
    "(not provided)", "not_authenticated", "distinct_id", "deleted", "noemail@noemail.com", "function () {}",
    "  undefined  ", "\u200bnull", "NOT_LOGGED_IN", "AnonymousUser", '"{{user.id}}"', "'%user_id%'", "“${userId} ”",
]  # fmt: skip
HONEST = [
    "1", "7", "42", "0042", "10", "100", "11", "111", "1111", "123456", "000001", "1.5", "-42", "u1", "a1", "ann", "x",
    "aa", "bo", "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "w1", "auth0|5f7c",
    "5f7c8ec7c33c6c004bbafe82", "acme", "na-west", "Acme-1", "unknownpleasures", "nullify", "nonesuch", "user_1",
    "user-0", "null42", "deleted-42", "ann@acme.com", "0xdeadbeef", "anon_7f3", "guest-771", "nan.lee", "o'neil",
    "张伟", "12-12-12", "undefined7", "test_42", "admin", "x" * 200,
]  # fmt: skip


@pytest.mark.parametrize("text", NOTHING)
def test_an_id_of_this_shape_stands_for_nobody(text: str) -> None:
    assert is_nothing(text, USER)
    assert is_nothing(text, ANONYMOUS)


@pytest.mark.parametrize("text", HONEST)
def test_an_id_that_a_system_hands_out_is_honest(text: str) -> None:
    assert not is_nothing(text, USER)
    assert not is_nothing(text, GROUP)


def test_a_workspace_may_be_called_what_no_person_is() -> None:
    assert [(is_nothing(text, USER), is_nothing(text, GROUP)) for text in ("NA", "aaa", "aaaa", "undefined")] == [
        (True, False), (True, False), (True, True), (True, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "noemail@noemail.com", "no-email@no-email.com", "NoEmail@NoEmail.com", "test@test.com", "test+1@test.com",
        "a@a.com", "xxx@xxx.xxx", "none@none.com", "null@acme.com", "undefined@gmail.com", "test@gmail.com",
        "user@example.com", "x@sub.example.org", "email@domain.com", "name@company.com", "undefined", "n/a", "-",
        "asdf@asdf.com", "na@na.com", "unknown@unknown.org", "yourname@yourcompany.com", "ann@noemail.com", " ",
    ],
)  # fmt: skip
def test_an_address_that_people_type_who_give_none_is_none(text: str) -> None:
    assert is_no_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "ann@acme.com", "na@acme.com", "no@acme.no", "test@acme.com", "info@acme.com", "anna@anna.com", "bo@bo.se",
        "nan.lee@acme.com", "ann@test-lab.com", "guest@hotel.com", "x@acme.com", "aa@aa.org", "nobody.real@gmail.com",
        "u1@nonesuch.com", "qa@qa.com", "mail@mail.ru", "user@acme.com", "ann@mail.com", "ann@notexample.com",
    ],
)  # fmt: skip
def test_an_address_of_somebody_is_honest(text: str) -> None:
    assert not is_no_address(text)


def test_what_an_admin_says_goes_before_the_shapes() -> None:
    rows = [Row("shop-kiosk-*", USER, False), Row("Guest", "", True), Row("*@kiosk.com", EMAIL, False)]
    said = Placeholders.of([*rows, Row("a[1]?", USER, False)])
    asked = [("SHOP-kiosk-7 ", USER), ("shop-kiosk-7", GROUP), ("guest", USER), ("null", USER), ("a@kiosk.com", EMAIL)]
    assert [said.has(*each) for each in asked] == [True, False, False, True, True]
    assert [said.has(text, USER) for text in ("A[1]?", "a1x")] == [True, False]


@pytest.mark.parametrize("text", ["Acme-1", "acme-1", "ACME-1", "Acme-1 ", "\tacme-1\u00a0"])
def test_an_id_is_one_in_every_spelling(text: str) -> None:
    assert spelled(text) == "acme-1"


def test_ids_that_count_with_capitals_stay_apart() -> None:
    ids = ["aB3xK", "Ab3Xk", "QA", "qa", "aBcDeF", "abcDEf"]
    assert [spelled(each) for each in ids] == ["aB3xK", "ab3xk", "QA", "qa", "aBcDeF", "abcDEf"]
    assert spelled("AcmeCorp") == spelled("acmecorp") == "acmecorp"
