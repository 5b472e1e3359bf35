"""What stands where an id should: "undefined", NaN, [object Object], an empty template. Such an id counts as absent.

Ids that real systems hand out are honest whatever they look like: 1, 42, 0042, 111, a GUID in braces.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from re import Pattern
from typing import NamedTuple

USER, ANONYMOUS, GROUP, EMAIL, MESSAGE = "user", "anonymous", "group", "email", "message"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What programs write for "nothing", in any case and quoting. Blanks, hyphens and underscores inside are left out.
NULLS = _words(
    "null nil none undefined undef void nan inf infinity missing empty blank unset notset notavailable notapplicable"
    " n/a #n/a #ref! #value! #null! #name? \\n noid nouser nouserid noanonymousid nogroup noname novalue novalor nulo"
    " true false objectobject"
)
# What people and programs write for "somebody".
NOBODY = _words(
    "anon anonymous anonymoususer anonymousvisitor anonymousid guest guestuser unknown unknownuser unidentified"
    " unauthenticated notauthenticated notloggedin loggedout signedout notprovided nobody noone test testuser test123"
    " dummy fake example placeholder default string changeme todo tbd asdf qwerty"
    " deleted deleteduser removed redacted masked filtered anonymized anonymised"
    " id uid uuid guid userid user username distinctid visitorid visitor deviceid email emailaddress yourid youruserid"
    " groupid companyid accountid workspaceid orgid organizationid teamid tenantid previousid messageid"
    " lmy47d 9774d56d682e549c"
)
ONLY_OF_PEOPLE = frozenset({"na", "me", "self"})  # as a workspace they may well be honest: North America
# A word before a null: user_undefined, acct-null.
CALLED = _words(
    "user usr u uid id userid account acct acc org organization organisation team workspace ws company customer cus"
    " cust tenant group grp project person people profile anon anonymous visitor device member contact client auth0"
    " auth session sess object google"
)
SHORT = 16
_DIGIT = re.compile(r"\d")
LONGEST = 80  # no shape is longer, but a template
_QUOTES = " \t\r\n\v\f\u00a0\u200b\ufeff\"'`´‘’“”«»‹›"
_WRAPPING = f"{_QUOTES}()[]{{}}<>|\\"
_SEPARATORS = re.compile(r"[\s_\-]+")
_BETWEEN = re.compile(r"[\s_\-:/.|,+@&=]+")
_TEMPLATE = re.compile(
    r"^(?:\{\{.*\}\}|\$\{.*\}|\$\(.*\)|#\{.*\}|<%.*%>|%%.*%%|\*\|.*\|\*|\{%.*%\}|\$\$.*\$\$|@@.*@@)$", re.DOTALL
)
_NAMED = re.compile(r"^(?:\{\D+\}|<\D+>|\[\D+\]|%[A-Za-z_.]+%?|[:$@][A-Za-z_]*_?id)$", re.IGNORECASE)
_CODE = re.compile(
    r"^(?:function\b.*|\(\)\s*=>.*|\[object\b.*|<[a-z.]+ object at .*|class [a-z.]+|promise\b.*)$", re.DOTALL
)
_NO_NUMBER = re.compile(r"^(?:[-+]?[0.,:/\s_-]*|[-+]?0x0+|-1(?:\.0+)?)$")
_LETTERS_REPEATED, _DIGITS_REPEATED = 3, 9  # aaa, 111111111; fewer digits are somebody's number


@lru_cache(65536)
def is_nothing(text: str, kind: str) -> bool:
    """Whether this is the shape of an id that stands for nobody."""
    whole = text.strip(_QUOTES)
    if len(whole) > SHORT and whole[0].isalnum() and _is_various(whole):
        return False
    if whole[:1].isalnum():
        folded = whole.casefold()
    elif _TEMPLATE.match(whole) or _NAMED.match(whole) or (folded := whole.casefold()) in NULLS:
        return True
    if _CODE.match(folded):
        return True
    if len(whole) > LONGEST:
        return False
    bare = folded.strip(_WRAPPING)
    return _is_word(bare, kind) or _is_repeated(bare, kind) or ("@" in bare and is_no_address(bare))


def _is_various(text: str) -> bool:
    """Long, of many different signs and with a digit: what machines make, and no word. Most ids end here."""
    return len(set(text)) > 6 and "@" not in text and not text.isalpha() and _DIGIT.search(text) is not None


def _is_word(bare: str, kind: str) -> bool:
    if not any(map(str.isalnum, bare)) or _NO_NUMBER.match(bare):
        return True
    joined = _SEPARATORS.sub("", bare)
    if joined in NULLS or joined in NOBODY or (kind != GROUP and joined in ONLY_OF_PEOPLE):
        return True
    parts = [part.strip(_WRAPPING) for part in _BETWEEN.split(bare) if part]
    nulls = sum(part in NULLS for part in parts)
    return nulls > 0 and all(part in NULLS or part in CALLED for part in parts)


def _is_repeated(bare: str, kind: str) -> bool:
    """One character over and over: xxx, 111111111, the UUID of nothing but f."""
    signs = _BETWEEN.sub("", bare)
    if len(set(signs)) != 1:
        return False
    return len(signs) >= (_DIGITS_REPEATED if signs.isdigit() else _LETTERS_REPEATED + (kind == GROUP))


# --- Addresses ----------------------------------------------------------------------------------------------

RESERVED = frozenset({"example.com", "example.org", "example.net", "example.edu"})  # by RFC 2606, nobody's
NO_ADDRESS = _words(
    "null nil undefined nan none noemail nomail noaddress notprovided notavailable noreplyemail unknown anonymous"
    " deleted deleteduser removed redacted invalid invalidemail fakeemail fake placeholder missing blank unset"
    " emailaddress youremail yourname"
)
LOOSE = NO_ADDRESS | _words(
    "test testing tester test123 example sample dummy email user username name guest na asdf qwerty abc abc123 123"
    " foo bar no nobody nowhere domain company yourcompany yourdomain website"
)
_MAIL = _words("gmail googlemail hotmail yahoo outlook live icloud aol gmx mail email")


@lru_cache(65536)
def is_no_address(text: str) -> bool:
    """Whether an address is one that people type who give none: noemail@noemail.com, test@test.com, a@a.com."""
    local, at, host = text.strip().strip(_WRAPPING).casefold().rpartition("@")
    if not at:
        return is_nothing(text, EMAIL) if text.strip() else True
    local, label = _SEPARATORS.sub("", local.partition("+")[0].replace(".", "")), host.split(".")[0].replace("-", "")
    if host in RESERVED or host.endswith(tuple(f".{each}" for each in RESERVED)):
        return True
    if local in NO_ADDRESS or label in NO_ADDRESS:
        return True
    if local in LOOSE and (label in LOOSE or label in _MAIL):
        return True
    return len(set(local)) == 1 and local == label and host.split(".")[-1] in ("com", local)


# --- What an admin says over the shapes ---------------------------------------------------------------------


class Row(NamedTuple):
    """A text with * for anything; of one kind of id or "" for all; whether it is an honest id in spite of its shape."""

    pattern: str
    kind: str
    honest: bool


@dataclass(frozen=True, slots=True)
class Placeholders:
    """The shapes, and the rows of this installation, which go before them."""

    nothing: tuple[tuple[Pattern[str], str], ...] = ()
    honest: tuple[tuple[Pattern[str], str], ...] = ()

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Placeholders":
        compiled = [(_pattern(row.pattern), row.kind, row.honest) for row in rows]
        return cls(
            tuple((pattern, kind) for pattern, kind, honest in compiled if not honest),
            tuple((pattern, kind) for pattern, kind, honest in compiled if honest),
        )

    def has(self, text: str, kind: str) -> bool:
        """Whether such an id counts as absent."""
        if self.honest and _any(self.honest, text, kind):
            return False
        if self.nothing and _any(self.nothing, text, kind):
            return True
        return is_no_address(text) if kind == EMAIL else is_nothing(text, kind)


def _any(patterns: tuple[tuple[Pattern[str], str], ...], text: str, kind: str) -> bool:
    cleaned = text.strip().casefold()
    return any(of in ("", kind) and pattern.match(cleaned) is not None for pattern, of in patterns)


def _pattern(text: str) -> Pattern[str]:
    # Only * is special: brackets, as in "[object *", stand for themselves.
    return re.compile(translate(text.strip().casefold().replace("[", "[[]").replace("?", "[?]")))
