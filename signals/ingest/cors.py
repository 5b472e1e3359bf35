"""What a browser wants to hear before it lets a page send, and read the answer."""

import re

from django.http import HttpRequest, HttpResponse

# A write key can only write, stands in the source of every page that uses it, and no cookie is ever read here: any
# origin may send, with credentials or without. Browsers take no * where credentials go along, so both are echoed.
HEADER_NAMES = re.compile(r"[\w!#$%&'*+.^`|~-]+(?:\s*,\s*[\w!#$%&'*+.^`|~-]+)*", re.ASCII)
ORIGIN = re.compile(r"[!-~]{1,300}")
LONGEST_LIST = 4_000
USUAL_HEADERS = "Authorization, Content-Type, Content-Encoding, X-Write-Key, X-Retry-Count, AnonymousId"


def allow_any_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Lets the page that asks read the answer."""
    origin = request.META.get("HTTP_ORIGIN", "")
    if ORIGIN.fullmatch(origin):
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Allow-Credentials"] = "true"
    else:
        response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = "Retry-After"
    response["Vary"] = "Origin"
    return response


def preflight_headers(request: HttpRequest) -> dict[str, str]:
    """Whatever the page means to send along: tracing headers come from tools that nobody asked."""
    asked = request.META.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "").strip()
    is_list = len(asked) <= LONGEST_LIST and HEADER_NAMES.fullmatch(asked)
    headers = {
        "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
        "Access-Control-Allow-Headers": asked if is_list else USUAL_HEADERS,
        "Access-Control-Max-Age": "86400",
    }
    if request.META.get("HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK", "").lower() == "true":
        headers["Access-Control-Allow-Private-Network"] = "true"
    return headers
