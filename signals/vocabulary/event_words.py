"""How events are named that mean a signal: the conventions of tracking plans, payment providers and help desks.

Ways are tried by rank: a name of a lower rank is only taken where nothing better arrived. `demo request/book` asks
for demo and for one of the others, in any form. Written from conventions, not from any product.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Way:
    """One way to name a signal. `allow` lists words that change nothing here, `without` those that rule it out."""

    words: str
    rank: int = 1
    sure: bool = True
    allow: str = ""
    without: str = ""
    kinds: tuple[str, ...] = ("track",)


def _ways(*names: str, rank: int = 1, sure: bool = True, allow: str = "", without: str = "") -> tuple[Way, ...]:
    return tuple(Way(words, rank, sure and rank == 1, allow, without) for words in names)


def _pages(*names: str, rank: int = 1, allow: str = "", without: str = "") -> tuple[Way, ...]:
    return tuple(Way(words, rank, rank == 1, allow, without, ("page", "screen")) for words in names)


_VIEWING = "view visit open see load read show display page screen"
_NEWSLETTER = "email newsletter notification list digest channel topic webhook push blog mailing sms marketing thread"
_TOOLS = (
    "slack/zapier/github/gitlab/jira/salesforce/hubspot/segment/google/gmail/outlook/zendesk/intercom/asana/trello/"
    "notion/figma/dropbox/linear/stripe/quickbooks/xero/shopify/snowflake/bigquery/okta/datadog/pagerduty/teams/"
    "discord/bitbucket/airtable/mailchimp/marketo/calendar/crm/warehouse/database/repository/repo/datasource"
)
_LINK = "connect/install/enable/add/create/activate/configure/setup/authorize/link/integrate/authenticate"
_HELP = "support/helpdesk/zendesk/intercom/freshdesk"
_PAYING_WORDS = "info/information/detail/details/method/card/source/instrument"

SIGNAL_WAYS: dict[str, tuple[Way, ...]] = {
    "signed-up": (
        *_ways(
            "signup",
            "register",
            allow="google sso oauth saml method password",
            without="webinar device domain newsletter waitlist event",
        ),
        *_ways("account create", "account open", "user create", rank=2, allow="open", without="key bank service"),
        *_ways("customer create", "profile create", "user join", "user new", "member join", rank=3),
        *_ways("workspace/organization/org/tenant/company/team create", rank=4),
    ),
    "reached-first-value": (
        *_ways(
            "first value",
            "aha",
            "activate milestone/reach/achieve/complete/success",
            allow="moment reach hit time to milestone activate achieve",
        ),
        *_ways(
            "first",
            rank=2,
            without="name login logout session touch click open seen page invite visit step"
            " payment invoice time_to contact",
        ),
        *_ways(
            "activate user/account/workspace/organization/team/company",
            "activate",
            rank=3,
            without="trial email card license subscription plan feature integration coupon",
        ),
        *_ways("onboarding complete/finish/done", "quickstart complete/finish", rank=3, without="step task item stage"),
        *_ways("setup complete/finish", "milestone reach", rank=4, without="step task item stage"),
    ),
    "set-up-step": (
        *_ways(
            "onboarding/setup/wizard/checklist/tour/quickstart step/task/stage/item/section/milestone",
            allow="done check pass mark start guide",
        ),
        *_ways("step complete/finish/done", rank=2, allow="done"),
        *_ways("onboarding progress/advance", "checklist check/complete", rank=3),
    ),
    "invited": (
        *_ways(
            "invite",
            allow="teammate colleague collaborator coworker people friend guest email create seat member",
            without="calendar event meeting link view",
        ),
        *_ways("member/teammate/user/collaborator/colleague/seat/coworker add", rank=2, without="tag note list field"),
        *_ways("invite link", rank=3, allow="link copy create share"),
    ),
    "connected-integration": (
        *_ways(
            f"integration/connector/plugin/addon {_LINK}", allow="connect app third party " + _TOOLS.replace("/", " ")
        ),
        *_ways(f"connection {_LINK}", rank=2, without="fail"),
        *_ways("integrate success/complete", rank=2),
        *_ways(f"{_TOOLS} connect/install/integrate/link/authorize", rank=2, allow="connect"),
        *_ways(
            "app connect/install/authorize",
            "datasource/source/destination connect/add/create",
            rank=3,
            without="application",
        ),
        *_ways("webhook create/add/configure", "sdk install", rank=4, allow="webhook"),
    ),
    "created-item": (),
    "import-started": (
        *_ways(
            "import/migration start/begin/initiate/create/launch/queue/trigger/run/upload",
            allow="csv file data bulk job start begin initiate contact run queue batch",
        ),
        *_ways(
            "csv/bulk upload",
            "csv/bulk/data import",
            "import",
            rank=2,
            allow="start begin initiate",
            without="complete finish success done",
        ),
    ),
    "import-failed": (
        *_ways(
            "import/migration fail/error/abort/reject/crash",
            allow="csv file data bulk job fail error abort reject contact run batch",
        ),
        *_ways("csv/bulk/upload fail/error/reject", rank=2, allow="fail error reject file data import"),
    ),
    "hit-limit": (
        *_ways(
            "limit/quota/cap/allowance/cap hit/reach/exceed/exhaust/max/block/over/enforce",
            allow="plan usage seat credit project monthly month storage message record contact block max over tier"
            " free request",
            without="rate size time retry character length spend speed timeout warn approach",
        ),
        *_ways(
            "credit/quota/token/minute/allowance/balance exhaust/deplete/out/empty/over",
            allow="of run out usage plan month deplet exhaust over",
        ),
        *_ways("over limit/quota", "overage", "maximum reach", "quota/limit exceed", rank=2, without="rate size"),
    ),
    "viewed-pricing": (
        *_pages("pricing", allow=_VIEWING + " plan upgrade and billing marketing", without="compare setting rule"),
        *_pages("price", "plan", rank=2, allow=_VIEWING, without="compare setting floor"),
        *_pages("upgrade", rank=3, allow=_VIEWING),
        *_ways(
            "pricing view/visit/open/see/load/look/page/browse/check/show",
            allow=_VIEWING + " plan look browse check",
            without="compare question rule update calculator",
        ),
        *_ways("price view/see/visit/look", rank=2, allow=_VIEWING, without="compare"),
        *_ways("plan view/visit/see/look/browse", rank=2, allow=_VIEWING + " billing", without="compare detail"),
        *_ways("upgrade page/screen view/visit/open/see", rank=3, allow=_VIEWING),
    ),
    "compared-plans": (
        *_ways("plan/pricing/price/tier/package compare", allow=_VIEWING + " table click"),
        *_pages("plan/pricing/price/tier/package compare", allow=_VIEWING + " table"),
    ),
    "tried-premium": (
        *_ways(
            "premium/locked/gated/paid/enterprise/pro/restricted/upgrade feature",
            allow=_VIEWING
            + " click try attempt use access test preview unlock touch block start open request trial gate",
            without="compare update release",
        ),
        *_ways("premium try/use/attempt/access/preview/test/click/touch", allow="click attempt preview test access"),
        *_ways("feature trial/trialed start/begin/activate", "addon trial", rank=1, allow="start begin trial"),
        *_ways(
            "feature gate/lock/paywall/block/restrict",
            rank=2,
            allow=_VIEWING + " click block lock attempt hit gate",
            without="flag",
        ),
        *_ways(
            "paywall",
            "upsell",
            "upgrade prompt/modal/nudge/banner/gate",
            rank=3,
            allow=_VIEWING + " click prompt modal hit",
            without="dismiss close",
        ),
    ),
    "started-checkout": (
        *_ways(
            "checkout start/begin/initiate/open/enter/create/launch",
            allow="session start begin initiate open button click",
            without="complete pay abandon",
        ),
        *_ways("purchase/payment/order start/begin/initiate", rank=2, allow="start begin initiate flow"),
        *_ways(
            "checkout view/visit/load/click",
            "upgrade start/begin/initiate/flow",
            rank=2,
            allow=_VIEWING + " click start begin initiate flow plan subscription",
        ),
        *_pages("checkout", rank=2, allow=_VIEWING),
        *_ways("upgrade click", "buy click", rank=3, allow="click button"),
    ),
    "entered-payment-details": (
        *_ways(
            f"payment {_PAYING_WORDS} enter/add/submit/save/attach/provide/capture/complete",
            allow="card credit add billing detail source info method",
        ),
        *_ways(
            "credit/debit/payment/billing card enter/add/submit/save/attach/provide/register", allow="credit detail"
        ),
        *_ways(
            "billing info/information/detail/address/profile enter/add/submit/save/complete/provide",
            allow="payment detail",
        ),
        *_ways("setup intent success/create", allow="setup intent"),
        *_ways(
            "card enter/add/save/attach/capture",
            "bank account add/link",
            "iban/sepa add",
            rank=2,
            without="business deck kanban board",
        ),
        *_ways("payment method", "payment setup/configure", rank=3, allow="setup"),
    ),
    "payment-failed": (
        *_ways(
            "payment/charge/invoice/card/billing/renew/transaction fail/decline/refuse/reject/bounce/error",
            allow="invoice intent payment charge card subscription fail decline renew reject billing credit attempt"
            " refuse",
            without="import detail form",
        ),
        *_ways("dunning", "subscription pastdue", "invoice pastdue/overdue", rank=2, allow="start enter"),
    ),
    "trial-started": (
        *_ways(
            "trial start/begin/activate/create/launch/enter/grant/open",
            allow="start begin activate plan subscription pro open free period",
            without="feature end expire extend convert addon will",
        ),
    ),
    "subscribed": (
        *_ways(
            "subscription start/create/activate/purchase/buy/begin/new/confirm",
            allow="start begin plan paid billing activate",
            without="trial schedule item " + _NEWSLETTER,
        ),
        *_ways("plan purchase/buy/subscribe/activate", allow="paid", without="trial meal"),
        *_ways(
            "trial convert",
            "upgrade paid",
            "convert paid/customer/pay",
            "paid start/activate",
            "plan paid start",
            allow="trial plan paid upgrade start customer convert",
        ),
        *_ways("become customer/pay", "customer convert", "contract sign", allow="paid new", rank=2),
        *_ways("subscribe", rank=2, allow="plan paid", without=_NEWSLETTER),
        *_ways(
            "plan/account/subscription/workspace upgrade",
            "upgrade complete/success",
            rank=2,
            allow="upgrade",
            without="click request",
        ),
        *_ways("checkout complete/finish/success/pay", "purchase complete/make/success", rank=2, allow="session"),
        *_ways("order complete/place/pay", "purchase", rank=3),
    ),
    "invoice-paid": (
        *_ways("invoice/bill pay/settle/clear", allow="payment"),
        *_ways("invoice payment success/receive/complete", rank=2, allow="payment"),
        *_ways(
            "payment success/receive/complete/process/make/collect/capture",
            rank=3,
            allow="intent",
            without="method detail info",
        ),
        *_ways(
            "charge success/complete",
            "renew pay/bill/charge",
            "subscription charge/bill",
            "billing charge",
            "customer charge",
            rank=4,
            allow="renew",
        ),
    ),
    "unsubscribed": (
        *_ways(
            "subscription/plan cancel/end/delete/terminate/churn/stop/lapse",
            "churn",
            allow="cancel end delete close customer",
            without="trial resume meal item schedule",
        ),
        *_ways("downgrade free", allow="plan downgrade"),
        *_ways(
            "account/customer/contract cancel/churn/terminate/close",
            "cancel confirm/complete",
            "subscription expire",
            rank=2,
            allow="cancel close expire",
            without="bank order meeting",
        ),
        *_ways("downgrade", "unsubscribe", rank=3, allow="plan unsubscribe", without=_NEWSLETTER),
    ),
    "demo-requested": (
        *_ways(
            "demo request/book/schedule/ask/want/get",
            allow="request schedule book product live call",
            without="complete watch video data workspace mode",
        ),
        *_ways("demo form/submit", rank=2, without="data video"),
        *_ways("walkthrough/tour request/book/schedule", rank=2, allow="request schedule"),
    ),
    "contacted-sales": (
        *_ways(
            "sales contact/talk/call/chat/ask/reach/request/speak/inquiry/inquire/message/connect/meeting/conversation",
            "sales form",
            allow="request contact start talk call schedule book team us start form enterprise ask chat inquiry"
            " message rep",
            without="report order tax forecast",
        ),
        *_ways("enterprise inquiry/contact/inquire/request/interest/form", rank=1, allow="request contact plan"),
        *_ways(
            "contact form/us/request",
            "callback request",
            "talk expert/us/human",
            rank=2,
            allow="request contact us",
            without="import list",
        ),
        *_ways("consultation/call/meeting book/request/schedule", rank=3, allow="schedule request"),
    ),
    "asked-about-plan": (
        *_ways(
            "plan/pricing/price/billing/upgrade/license/discount question/ask/inquiry/inquire/query",
            allow="about ask open plan",
            without="database sql",
        ),
        *_ways("quote request/ask/get", "pricing/discount/volume request", rank=2, allow="request custom enterprise"),
        *_ways("upgrade/plan request", rank=3, allow="request change upgrade"),
    ),
    "ticket-opened": (
        *_ways(
            "ticket open/create/submit/raise/file/log/new/start/receive/add",
            allow="open start support help case helpdesk " + _HELP.replace("/", " "),
        ),
        *_ways(
            f"{_HELP} request/ticket/case/conversation/chat/message/question/issue/inquiry/contact",
            allow="open create submit request start contact new raise send case ask issue question"
            " conversation message chat help",
            without="solve resolve close rate rating answer csat score satisfaction feedback review assign reply",
        ),
        *_ways("case open/create/submit/raise/log", rank=2, allow="open", without="usecase test study"),
        *_ways("help request/ask", rank=2, allow="request help", without="article center"),
        *_ways("conversation/chat open/start/create", rank=4, allow="open start live"),
    ),
    "ticket-solved": (
        *_ways("ticket solve/resolve/close/complete/fix/done", allow="close solve resolve support help agent case"),
        *_ways(f"{_HELP} solve/resolve/close", allow="ticket case close request conversation issue"),
        *_ways("case/conversation/inquiry solve/resolve/close", rank=2, allow="close"),
    ),
    "ticket-rated": (
        *_ways(
            f"ticket/{_HELP} rate/rating/csat/satisfaction/feedback/review/score/survey",
            allow="csat survey submit rate rating score satisfaction agent help experience conversation give give",
        ),
        *_ways(
            "csat",
            "satisfaction rate/rating/survey/score/submit/record",
            allow="survey rate rating score response answer record give customer",
            without="nps app feature",
        ),
        *_ways("conversation/case/chat rate/rating", rank=2, allow="rating"),
    ),
    "viewed-terms": (
        *_pages("term", "tos", allow=_VIEWING + " service use condition legal and", without="privacy search glossary"),
        *_pages("legal", "eula", "msa", rank=2, allow=_VIEWING, without="privacy security"),
        *_ways(
            "term/tos view/visit/open/read/see",
            allow=_VIEWING + " service use condition legal",
            without="privacy search glossary",
        ),
        *_ways("eula/msa/legal view/open/read/visit", rank=2, allow=_VIEWING, without="privacy"),
    ),
    "viewed-privacy": (
        *_pages("privacy", allow=_VIEWING + " policy legal", without="setting term"),
        *_pages("gdpr", "dpa", "data process", rank=2, allow=_VIEWING + " policy legal"),
        *_ways("privacy view/visit/open/read/see", allow=_VIEWING + " policy legal", without="setting term"),
        *_ways("dpa/gdpr view/open/read/download/visit", rank=2, allow=_VIEWING + " download"),
    ),
    "viewed-security": (
        *_pages("security", allow=_VIEWING + " legal center overview", without="setting alert scan log key"),
        *_pages("trust", "compliance", "soc2", rank=2, allow=_VIEWING + " center"),
        *_ways(
            "security view/visit/open/read/see",
            allow=_VIEWING + " center overview legal",
            without="setting alert scan log key group rule",
        ),
        *_ways(
            "security/soc2/compliance whitepaper/report/document/questionnaire",
            "trust center",
            "soc2",
            rank=2,
            allow=_VIEWING + " download request center",
            without="create run scan",
        ),
    ),
}
# Of these every name of the best rank counts: several forms are several requests, several tools several connections.
TOGETHER = frozenset(
    {
        "demo-requested",
        "contacted-sales",
        "asked-about-plan",
        "hit-limit",
        "viewed-pricing",
        "compared-plans",
        "tried-premium",
        "connected-integration",
        "viewed-terms",
        "viewed-privacy",
        "viewed-security",
        "set-up-step",
    }
)
