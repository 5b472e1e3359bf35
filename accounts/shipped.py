"""The exclusions that everybody needs: robots write mails and events too."""

from django.conf import settings

from accounts.models import Exclusion

# Only what no person has as an address: Jenkins is a surname, ci.minneapolis.mn.us a city, bot.or.th a bank, and people
# with code at GitHub hide behind users.noreply.github.com.
ROBOTS = (
    "*[bot]@*", "*-bot@*", "bot@*", "ci-bot@*", "noreply@*", "no-reply@*", "no_reply@*", "donotreply@*",
    "do-not-reply@*", "mailer-daemon@*", "postmaster@*", "dependabot@*", "jenkins-ci@*", "build@ci.*", "builds@ci.*",
    "deploy@ci.*", "robot@ci.*", "runner@ci.*", "*@noreply.*.*", "*@bounces.*.*", "*@bots.*.*", "*@lists.*.*",
    "*@list.*.*",
)  # fmt: skip


def ensure_exclusions() -> int:
    """The shipped patterns, once: whoever deletes one is not given it again. Our own domains, always."""
    missing: dict[str, str] = {}
    if not Exclusion.objects.filter(reason=Exclusion.Reason.ROBOT).exists():
        missing |= dict.fromkeys(ROBOTS, Exclusion.Reason.ROBOT)
    for domain in settings.COMPANY_DOMAINS:
        for pattern in (f"*@{domain.lower()}", f"*@*.{domain.lower()}"):
            missing[pattern] = Exclusion.Reason.INTERNAL
    before = Exclusion.objects.count()
    rows = [Exclusion(pattern=pattern, reason=reason) for pattern, reason in missing.items()]
    Exclusion.objects.bulk_create(rows, ignore_conflicts=True)
    return Exclusion.objects.count() - before
