"""The accounts list."""

from django.core.validators import slug_re
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.queries import found_accounts
from outreach import portrait
from outreach.access import Viewer, desk
from plgcrm.common.htmx import render_page


@require_safe
@desk
def accounts(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The best scores first, or what was searched for."""
    asked = request.GET
    search = " ".join(asked.get("q", "").replace("\0", " ").split())[:100]
    tier = asked.get("tier", "") if slug_re.match(asked.get("tier", "")) else ""
    models = portrait.models_with_tiers()
    model = next((each for each in models if each.kind == asked.get("model")), models[0] if models else None)
    listing = (
        portrait.listing_of(found_accounts(search), model=None)
        if search
        else portrait.best_accounts(model, tier=tier, after=asked.get("after", ""))
    )
    context = {"search": search, "tier": tier, "models": models, "model": model, "listing": listing}
    return render_page(request, "outreach/accounts.html", "found", context)
