"""When two ids of a workspace are the same id in another spelling."""

import re

_INVISIBLE = " \t\r\n\v\f\u00a0\u200b\ufeff"
_LETTERS = re.compile(r"[^\W\d_]+")
_MIXED = re.compile(r"[^\W\d_A-Z][A-Z](?![a-z]{2})|[A-Z]{2,}[a-z]")
_SHORT = 4  # under it, capitals may be all that tells two ids apart


def spelled(text: str) -> str:
    """What an id is compared by: without blanks around it, and in lower case where its capitals are those of writing.

    Acme-1, ACME-1 and acme-1 are one, as are AcmeCorp and acmecorp. aB3xK and Ab3Xk stay two: ids that count with
    capitals mix them.
    """
    trimmed = text.strip(_INVISIBLE)
    if len(trimmed) < _SHORT or any(map(_MIXED.search, _LETTERS.findall(trimmed))):
        return trimmed
    return trimmed.casefold()
