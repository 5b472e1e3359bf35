"""How events are named that mean a signal: the conventions of tracking plans, payment providers and help desks.

Ways are tried by rank: a name of a lower rank is only taken where nothing better arrived. `demo request/book` asks
for demo and for one of the others, in any form. Written from conventions, not from any product.
"""

from signals.vocabulary.request_words import REQUEST_WAYS
from signals.vocabulary.ways import VIEWING, Way, pages, ways

_NEWSLETTER = "email newsletter notification list digest channel topic webhook push blog mailing sms marketing thread"
_TOOLS = (
    "slack/zapier/github/gitlab/jira/salesforce/hubspot/segment/google/gmail/outlook/zendesk/intercom/asana/trello/"
    "notion/figma/dropbox/linear/stripe/quickbooks/xero/shopify/snowflake/bigquery/okta/datadog/pagerduty/teams/"
    "discord/bitbucket/airtable/mailchimp/marketo/calendar/crm/warehouse/database/repository/repo/datasource"
)
_LINK = "connect/install/enable/add/create/activate/configure/setup/authorize/link/integrate/authenticate"
_PAYING_WORDS = "info/information/detail/details/method/card/source/instrument"
PRODUCT_WAYS: dict[str, tuple[Way, ...]] = {
    "signed-up": (
        *ways(
            "signup",
            "register",
            allow="google sso oauth saml method password",
            without="webinar device domain newsletter waitlist event",
        ),
        *ways("account create", "account open", "user create", rank=2, allow="open", without="key bank service"),
        *ways("customer create", "profile create", "user join", "user new", "member join", rank=3),
        *ways("workspace/organization/org/tenant/company/team create", rank=4),
        *ways("account new", "enroll", rank=4),
    ),
    "reached-first-value": (
        *ways(
            "first value",
            "aha",
            "activate milestone/reach/achieve/complete/success",
            allow="moment reach hit time to milestone activate achieve",
        ),
        *ways(
            "first",
            rank=2,
            allow="approve open load view see show read schedule draft verify",
            without="name login logout session touch click open seen page invite visit step"
            " payment invoice time_to contact",
        ),
        *ways(
            "activate user/account/workspace/organization/team/company",
            "activate",
            rank=3,
            without="trial email card license subscription plan feature integration coupon",
        ),
        *ways("onboarding complete/finish/done", "quickstart complete/finish", rank=3, without="step task item stage"),
        *ways("setup complete/finish", "milestone reach", rank=4, without="step task item stage"),
        *ways(
            "value moment/reach",
            "go live",
            "went live",
            "1st",
            "initial",
            rank=4,
            without="sync load setup payment import",
        ),
    ),
    "set-up-step": (
        *ways(
            "onboarding/setup/wizard/checklist/tour/quickstart step/task/stage/item/section/milestone",
            allow="done check pass mark start guide",
        ),
        *ways("step complete/finish/done", rank=2, allow="done"),
        *ways("onboarding progress/advance", "checklist check/complete", rank=3),
    ),
    "invited": (
        *ways(
            "invite",
            allow="teammate colleague collaborator coworker people friend guest email create seat member",
            without="calendar event meeting link view",
        ),
        *ways("member/teammate/user/collaborator/colleague/seat/coworker add", rank=2, without="tag note list field"),
        *ways("invite link", rank=3, allow="link copy create share"),
    ),
    "connected-integration": (
        *ways(
            f"integration/connector/plugin/addon {_LINK}", allow="connect app third party " + _TOOLS.replace("/", " ")
        ),
        *ways(f"connection {_LINK}", rank=2, without="fail"),
        *ways("integrate success/complete", rank=2),
        *ways(f"{_TOOLS} connect/install/integrate/link/authorize", rank=2, allow="connect"),
        *ways(
            "app connect/install/authorize",
            "datasource/source/destination connect/add/create",
            rank=3,
            without="application",
        ),
        *ways("webhook create/add/configure", "sdk install", rank=4, allow="webhook"),
        *ways(
            "connect",
            "integrate/integration link/sync/setup",
            "integration",
            rank=5,
            allow="connect",
            without="device call meeting room",
        ),
        # Linked by deed: a link that is shared, copied or opened is a noun.
        *ways("link", rank=5, without="share copy create click open send generate invite magic page email view"),
    ),
    "created-item": (),
    "import-started": (
        *ways(
            "import/migration start/begin/initiate/create/launch/queue/trigger/run/upload",
            allow="csv file data bulk job start begin initiate contact run queue batch",
        ),
        *ways(
            "csv/bulk upload",
            "csv/bulk/data import",
            "import",
            rank=2,
            allow="start begin initiate",
            without="complete finish success done",
        ),
    ),
    "import-failed": (
        *ways(
            "import/migration fail/error/abort/reject/crash",
            allow="csv file data bulk job fail error abort reject contact run batch",
        ),
        *ways("csv/bulk/upload fail/error/reject", rank=2, allow="fail error reject file data import"),
    ),
    "hit-limit": (
        *ways(
            "limit/quota/cap/allowance/cap hit/reach/exceed/exhaust/max/block/over/enforce",
            allow="plan usage seat credit project monthly month storage message record contact block max over tier"
            " free request",
            without="rate size time retry character length spend speed timeout warn approach",
        ),
        *ways(
            "credit/quota/token/minute/allowance/balance exhaust/deplete/out/empty/over",
            allow="of run out usage plan month deplet exhaust over",
        ),
        *ways("over limit/quota", "overage", "maximum reach", "quota/limit exceed", rank=2, without="rate size"),
        *ways(
            "limit/quota/cap/allowance/ceiling/capacity/allotment trigger/encounter/bump/met/run/max/reach/hit/exceed",
            "max/run out",
            rank=2,
            allow="block out max",
            without="rate size time retry character speed warn approach near",
        ),
        *ways("limit/quota", rank=5, without="rate size time retry character speed spend set"),
    ),
    "viewed-pricing": (
        *pages("pricing", allow=VIEWING + " plan upgrade and billing marketing", without="compare setting rule"),
        *pages("price", "plan", rank=2, allow=VIEWING, without="compare setting floor"),
        *pages("upgrade", rank=3, allow=VIEWING),
        *ways(
            "pricing view/visit/open/see/load/look/page/browse/check/show",
            allow=VIEWING + " plan look browse check",
            without="compare question rule update calculator",
        ),
        *ways("price view/see/visit/look", rank=2, allow=VIEWING, without="compare"),
        *ways("plan view/visit/see/look/browse", rank=2, allow=VIEWING + " billing", without="compare detail"),
        *ways("upgrade page/screen view/visit/open/see", rank=3, allow=VIEWING),
        *pages("rate", rank=4, allow=VIEWING),
    ),
    "compared-plans": (
        *ways("plan/pricing/price/tier/package compare", allow=VIEWING + " table click"),
        *pages("plan/pricing/price/tier/package compare", allow=VIEWING + " table"),
    ),
    "tried-premium": (
        *ways(
            "premium/locked/gated/paid/enterprise/pro/restricted/upgrade feature",
            allow=VIEWING
            + " click try attempt use access test preview unlock touch block start open request trial gate",
            without="compare update release",
        ),
        *ways("premium try/use/attempt/access/preview/test/click/touch", allow="click attempt preview test access"),
        *ways("feature trial/trialed start/begin/activate", "addon trial", rank=1, allow="start begin trial"),
        *ways(
            "feature gate/lock/paywall/block/restrict",
            rank=2,
            allow=VIEWING + " click block lock attempt hit gate",
            without="flag",
        ),
        *ways(
            "paywall",
            "upsell",
            "upgrade prompt/modal/nudge/banner/gate",
            rank=3,
            allow=VIEWING + " click prompt modal hit",
            without="dismiss close",
        ),
        *ways(
            "premium",
            "locked/gated",
            "entitlement",
            "feature preview",
            "upgrade wall/require/hint/teaser/dialog",
            "teaser",
            rank=4,
            allow=VIEWING + " click block preview prompt modal upgrade",
        ),
        *ways(
            "gate",
            "unlock",
            "plan block/require/restrict",
            "pro/enterprise/advanced/paid/business try/preview/click/attempt/access",
            rank=5,
            allow=VIEWING + " click block preview prompt modal upgrade attempt",
        ),
    ),
    "started-checkout": (
        *ways(
            "checkout start/begin/initiate/open/enter/create/launch",
            allow="session start begin initiate open button click",
            without="complete pay abandon",
        ),
        *ways("purchase/payment/order start/begin/initiate", rank=2, allow="start begin initiate flow"),
        *ways(
            "checkout view/visit/load/click",
            "upgrade start/begin/initiate/flow",
            rank=2,
            allow=VIEWING + " click start begin initiate flow plan subscription",
        ),
        *pages("checkout", rank=2, allow=VIEWING),
        *ways("upgrade click", "buy click", rank=3, allow="click button"),
        *ways("checkout proceed/reach", "payment page/form", rank=3, allow=VIEWING),
        *ways("checkout", rank=5),
    ),
    "entered-payment-details": (
        *ways(
            f"payment {_PAYING_WORDS} enter/add/submit/save/attach/provide/capture/complete",
            allow="card credit add billing detail source info method",
        ),
        *ways("credit/debit/payment/billing card enter/add/submit/save/attach/provide/register", allow="credit detail"),
        *ways(
            "billing info/information/detail/address/profile enter/add/submit/save/complete/provide",
            allow="payment detail",
        ),
        *ways("setup intent success/create", allow="setup intent"),
        *ways(
            "card enter/add/save/attach/capture",
            "bank account add/link",
            "iban/sepa add",
            rank=2,
            without="business deck kanban board",
        ),
        *ways("payment method", "payment setup/configure", rank=3, allow="setup"),
    ),
    "payment-failed": (
        *ways(
            "payment/charge/invoice/card/billing/renew/transaction fail/decline/refuse/reject/bounce/error",
            allow="invoice intent payment charge card subscription fail decline renew reject billing credit attempt"
            " refuse",
            without="import detail form",
        ),
        *ways("subscription/membership/plan fee fail/decline/reject/bounce", rank=2, allow="charge payment"),
        *ways("dunning", "subscription pastdue", "invoice pastdue/overdue", rank=2, allow="start enter"),
        *ways("payment/billing/charge/invoice problem/issue/unsuccess/unpaid/overdue/late", rank=3, allow="pastdue"),
    ),
    "trial-started": (
        *ways(
            "trial start/begin/activate/create/launch/enter/grant/open",
            allow="start begin activate plan subscription pro open free period",
            without="feature end expire extend convert addon will",
        ),
        *ways(
            "evaluation/pilot/poc start/begin",
            "trial signup/unlock/new/request/redeem",
            rank=2,
            allow="start begin request",
        ),
    ),
    "subscribed": (
        *ways(
            "subscription start/create/activate/purchase/buy/begin/new/confirm",
            allow="start begin plan paid billing activate",
            without="trial schedule item " + _NEWSLETTER,
        ),
        *ways("membership start/purchase/buy/activate/begin", rank=2, allow="start begin activate plan"),
        *ways("plan purchase/buy/subscribe/activate", allow="paid", without="trial meal"),
        *ways(
            "trial convert",
            "upgrade paid",
            "convert paid/customer/pay",
            "paid start/activate",
            "plan paid start",
            allow="trial plan paid upgrade start customer convert",
        ),
        *ways("become customer/pay", "customer convert", "contract sign", allow="paid new", rank=2),
        *ways("subscribe", rank=2, allow="plan paid", without=_NEWSLETTER),
        *ways(
            "plan/account/subscription/workspace upgrade",
            "upgrade complete/success",
            rank=2,
            allow="upgrade",
            without="click request",
        ),
        *ways("checkout complete/finish/success/pay", "purchase complete/make/success", rank=2, allow="session"),
        *ways("order complete/place/pay", "purchase", rank=3),
        *ways("license purchase/buy/activate", "paid plan/go", "first payment", "deal win", rank=2, allow="start plan"),
        *ways(
            "upgrade",
            "plan start/select/choose",
            rank=4,
            allow="upgrade start plan",
            without="click request prompt modal trial",
        ),
        *ways("subscription complete/success/take", rank=2, allow="plan"),
    ),
    "invoice-paid": (
        *ways("invoice/bill pay/settle/clear", allow="payment"),
        *ways("invoice payment success/receive/complete", rank=2, allow="payment"),
        *ways("subscription/membership/plan fee charge/pay/collect", "membership charge/bill/pay", rank=2),
        *ways(
            "payment success/receive/complete/process/make/collect/capture",
            rank=3,
            allow="intent",
            without="method detail info",
        ),
        *ways(
            "charge success/complete",
            "renew pay/bill/charge",
            "subscription charge/bill",
            "billing charge",
            "customer charge",
            rank=4,
            allow="renew",
        ),
        *ways("invoice collect/charge/complete/success", rank=2, allow="payment"),
    ),
    "unsubscribed": (
        *ways(
            "subscription/plan cancel/end/delete/terminate/churn/stop/lapse",
            "churn",
            allow="cancel end delete close customer",
            without="trial resume meal item schedule",
        ),
        *ways("downgrade free", allow="plan downgrade"),
        *ways(
            "account/customer/contract cancel/churn/terminate/close",
            "cancel confirm/complete",
            "subscription expire",
            rank=2,
            allow="cancel close expire",
            without="bank order meeting",
        ),
        *ways("downgrade", "unsubscribe", rank=3, allow="plan unsubscribe", without=_NEWSLETTER),
        *ways("contract/license/membership end/cancel/expire/terminate", rank=3, allow="cancel end expire close"),
    ),
}
SIGNAL_WAYS = PRODUCT_WAYS | REQUEST_WAYS
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
