"""Names of events, traits and properties as words: whatever the spelling, case, number or tense."""

import re
from dataclasses import dataclass
from functools import cache
from unicodedata import combining, normalize

from signals.vocabulary.languages import MEANT

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_APART = re.compile(r"[^a-z0-9]+")


def plain_words(text: str) -> frozenset[str]:
    """The words of a plain list as they stand: for values, which are compared as they were sent."""
    return frozenset(text.split())


# Some write names without any break: these words are looked for in them.
_PARTS = plain_words(
    "company account workspace team user member org customer plan tier name size count number total limit max used "
    "usage allowed included created updated signup signed up date time at on by end ends ended start started trial "
    "renewal renews expires seat seats license licenses employee employees head job title role level country code "
    "industry phone email address first last full month monthly year annual revenue amount price currency source "
    "use case goal website domain url project projects credit credits api call calls storage message messages "
    "contact contacts payment invoice subscription status is paying paid active integration integrations tool tools "
    "stack linkedin profile limits quota file error reason step steps ticket subject rating score feature "
    "department seniority"
)
_GERMAN_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
# Written together, apart or with a dash: one word to us.
_COMPOUNDS = {
    ("sign", "up"): "signup",
    ("signed", "up"): "signup",
    ("signs", "up"): "signup",
    ("sign", "in"): "login",
    ("signed", "in"): "login",
    ("log", "in"): "login",
    ("logged", "in"): "login",
    ("log", "out"): "logout",
    ("logged", "out"): "logout",
    ("signed", "out"): "logout",
    ("sign", "out"): "logout",
    ("check", "out"): "checkout",
    ("set", "up"): "setup",
    ("on", "boarding"): "onboarding",
    ("on", "boarded"): "onboarding",
    ("head", "count"): "headcount",
    ("e", "mail"): "email",
    ("web", "site"): "website",
    ("help", "desk"): "helpdesk",
    ("pay", "wall"): "paywall",
    ("work", "space"): "workspace",
    ("team", "mate"): "teammate",
    ("co", "worker"): "coworker",
    ("call", "back"): "callback",
    ("add", "on"): "addon",
    ("plug", "in"): "plugin",
    ("walk", "through"): "walkthrough",
    ("file", "name"): "filename",
    ("first", "name"): "firstname",
    ("last", "name"): "lastname",
    ("data", "source"): "datasource",
    ("time", "line"): "timeline",
    ("up", "sell"): "upsell",
    ("getting", "started"): "onboarding",
    ("get", "started"): "onboarding",
    ("turn", "over"): "turnover",
    ("c", "sat"): "csat",
    ("soc", "2"): "soc2",
    ("job", "title"): "jobtitle",
    ("use", "case"): "usecase",
    ("use", "cases"): "usecase",
    ("linked", "in"): "linkedin",
    ("git", "hub"): "github",
    ("git", "lab"): "gitlab",
    ("hub", "spot"): "hubspot",
    ("past", "due"): "pastdue",
}
_IRREGULAR = {
    "signedup": "signup",
    "paid": "pay",
    "pays": "pay",
    "paying": "pay",
    "sent": "send",
    "began": "begin",
    "begun": "begin",
    "bought": "buy",
    "ran": "run",
    "running": "run",
    "built": "build",
    "made": "make",
    "left": "leave",
    "chose": "choose",
    "chosen": "choose",
    "met": "meet",
    "wrote": "write",
    "written": "write",
    "taken": "take",
    "took": "take",
    "given": "give",
    "gave": "give",
    "seen": "see",
    "saw": "see",
    "shown": "show",
    "spent": "spend",
    "spoke": "speak",
    "spoken": "speak",
    "became": "become",
    "hitting": "hit",
    "exceed": "exceed",
    "exceeded": "exceed",
    "exceeds": "exceed",
    "exceeding": "exceed",
    "embed": "embed",
    "speed": "speed",
    "feed": "feed",
    "need": "need",
    "hits": "hit",
    "won": "win",
    "registration": "register",
    "subscription": "subscription",
    "subscriptions": "subscription",
    "invitation": "invite",
    "invitations": "invite",
    "invitee": "invitee",
    "cancellation": "cancel",
    "cancelled": "cancel",
    "conversion": "convert",
    "comparison": "compare",
    "enquiry": "inquiry",
    "enquiries": "inquiry",
    "inquiries": "inquiry",
    "enquired": "inquire",
    "organisation": "organization",
    "organisations": "organization",
    "licence": "license",
    "licences": "license",
    "licensed": "license",
    "monthly": "month",
    "months": "month",
    "yearly": "year",
    "annually": "year",
    "annual": "year",
    "annum": "year",
    "people": "person",
    "companies": "company",
    "pricing": "pricing",
    "billing": "billing",
    "onboarding": "onboarding",
    "onboarded": "onboarding",
    "rating": "rating",
    "setting": "setting",
    "settings": "setting",
    "meeting": "meeting",
    "training": "training",
    "used": "used",
    "usage": "usage",
    "status": "status",
    "address": "address",
    "access": "access",
    "business": "business",
    "process": "process",
    "success": "success",
    "successful": "success",
    "successfully": "success",
    "succeeded": "success",
    "succeeds": "success",
    "succeed": "success",
    "tos": "tos",
    "nps": "nps",
    "sms": "sms",
    "sso": "sso",
    "saas": "saas",
    "aws": "aws",
    "analytics": "analytics",
    "sales": "sales",
    "upgraded": "upgrade",
    "tries": "try",
    "tried": "try",
    "trying": "try",
    "trialing": "trial",
    "trialling": "trial",
    "failure": "fail",
    "failures": "fail",
    "exhausted": "exhaust",
    "limits": "limit",
    "limited": "limit",
    "interest": "interest",
    "industries": "industry",
    "expiry": "expire",
    "expiration": "expire",
    "renewal": "renew",
    "activation": "activate",
    "authorisation": "authorize",
    "authorization": "authorize",
    "installation": "install",
    "creation": "create",
    "completion": "complete",
    "signups": "signup",
    "terms": "term",
    "address1": "address",
    "news": "news",
    "this": "this",
    "is": "is",
    "has": "has",
    "was": "was",
}


@dataclass(frozen=True, slots=True)
class Alternatives:
    """What a pattern asks for: of each group one word."""

    groups: tuple[frozenset[str], ...]

    def found_in(self, words: frozenset[str]) -> frozenset[str] | None:
        """The words that met it; None where a group has none among them."""
        met: set[str] = set()
        for group in self.groups:
            here = group & words
            if not here:
                return None
            met |= here
        return frozenset(met)


@cache
def pattern(text: str) -> Alternatives:
    """`demo request/book`: demo, and one of request or book, in any form of the word."""
    return Alternatives(tuple(frozenset(map(stem, group.split("/"))) for group in text.split()))


@cache
def word_set(text: str) -> frozenset[str]:
    """The words of a plain list, reduced as those of names are."""
    return frozenset(map(stem, text.split()))


@cache
def spoken_words(name: str) -> tuple[str, ...]:
    """The words of a name in order, in lower case, compounds joined, otherwise as somebody wrote them."""
    plain = normalize("NFKD", _HUMP.sub(" ", name).lower().translate(_GERMAN_LETTERS))
    bare = "".join(sign for sign in plain if not combining(sign))
    joined: list[str] = []
    for word in (part for whole in _APART.sub(" ", bare).split() for part in _apart(whole)):
        pair = (joined[-1], word) if joined else ("", word)
        if pair in _COMPOUNDS:
            joined[-1] = _COMPOUNDS[pair]
        else:
            joined.append(word)
    return tuple(joined)


def _apart(word: str) -> tuple[str, ...]:
    """companyname is two words, where both are ones that we look for."""
    if len(word) < 6 or word in _PARTS or word in MEANT or word in _IRREGULAR or word in _COMPOUNDS.values():
        return (word,)
    for place in range(len(word) - 2, 2, -1):
        if word[:place] in _PARTS and (word[place:] in _PARTS or len(_apart(word[place:])) > 1):
            return (word[:place], *_apart(word[place:]))
    return (word,)


@cache
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in order, reduced: case, dashes, number and tense make no difference."""
    return tuple(stem(word) for spoken in spoken_words(name) for word in _meant(spoken))


def meant_words(text: str) -> frozenset[str]:
    """The words of a value, in our language and otherwise as somebody wrote them."""
    return frozenset(word for spoken in spoken_words(text) for word in _meant(spoken))


def _meant(word: str) -> tuple[str, ...]:
    """A word of another language, or a short form, as ours; first and name become one word again."""
    meant = MEANT.get(word, (word,))
    return (_COMPOUNDS[meant[:2]],) if len(meant) == 2 and meant[:2] in _COMPOUNDS else meant


def alike(name: str) -> str:
    """Names with the same answer are one name in several spellings."""
    return " ".join(words_of(name)) or name.casefold()


@cache
def stem(word: str) -> str:
    """One form for the forms of a word: created, creates and creating become create without its e."""
    if word in _IRREGULAR:
        found = _IRREGULAR[word]
        return found if found == word else stem(found)
    if len(word) <= 3:
        return word
    return _cut(word)


def _cut(word: str) -> str:
    for ending, put in (("ied", "y"), ("ies", "y"), ("ing", ""), ("ed", ""), ("sses", "ss"), ("es", "e"), ("s", "")):
        if word.endswith(ending) and _leaves_a_word(word, ending):
            word = _single(word[: -len(ending)]) + put if ending in ("ing", "ed") else word[: -len(ending)] + put
            break
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def _leaves_a_word(word: str, ending: str) -> bool:
    rest = word[: -len(ending)]
    if ending == "s" and rest[-1] in "su":  # access, status
        return False
    return len(rest) >= 3 and any(sign in "aeiouy" for sign in rest)


def _single(word: str) -> str:
    """submitt becomes submit; roll, pass and add keep both."""
    if (
        len(word) > 4
        and word[-1] == word[-2]
        and word[-1] in "bdgmnprtl"
        and word[-3:] not in ("oll", "ill", "all", "ell")
    ):
        return word[:-1]
    return word
