"""How events are named that ask for something: sales, support, and what people read before they buy."""

from signals.vocabulary.ways import VIEWING, Way, pages, ways

_HELP = "support/helpdesk/zendesk/intercom/freshdesk"
# What somebody asks of support, in the words of one help desk or another: opened, solved and rated alike.
_ASKED = "help request/ticket/case/chat/conversation/question"
REQUEST_WAYS: dict[str, tuple[Way, ...]] = {
    "demo-requested": (
        *ways(
            "demo request/book/schedule/ask/want/get",
            allow="request schedule book product live call",
            without="complete watch video data workspace mode",
        ),
        *ways("demo form/submit", rank=2, without="data video"),
        *ways("walkthrough/tour request/book/schedule", rank=2, allow="request schedule"),
        *ways("demo reserve/arrange/organize/inquiry/call/lead/meeting", rank=2, allow="request schedule"),
        *ways("demonstration request/book/schedule/ask/want/get", rank=2, allow="request schedule product live"),
        *ways("demo", rank=5, allow="request schedule", without="complete watch video data workspace mode account"),
    ),
    "contacted-sales": (
        *ways(
            "sales contact/talk/call/chat/ask/reach/request/speak/inquiry/inquire/message/connect/meeting/conversation",
            "sales form",
            allow="request contact start talk call schedule book team us start form enterprise ask chat inquiry"
            " message rep",
            without="report order tax forecast",
        ),
        *ways("enterprise inquiry/contact/inquire/request/interest/form", rank=1, allow="request contact plan"),
        *ways(
            "contact form/us/request",
            "callback request",
            "talk expert/us/human",
            rank=2,
            allow="request contact us",
            without="import list",
        ),
        *ways("offer/proposal request/ask", rank=2, allow="request", without="job accept"),
        *ways("consultation/call/meeting book/request/schedule", rank=3, allow="schedule request"),
        *ways("sales", rank=5, allow="request", without="report order tax forecast pipeline record"),
    ),
    "asked-about-plan": (
        *ways(
            "plan/pricing/price/billing/upgrade/license/discount question/ask/inquiry/inquire/query",
            allow="about ask open plan",
            without="database sql",
        ),
        *ways("quote request/ask/get", "pricing/discount/volume request", rank=2, allow="request custom enterprise"),
        *ways("upgrade/plan request", rank=3, allow="request change upgrade"),
    ),
    "ticket-opened": (
        *ways(
            "ticket open/create/submit/raise/file/log/new/start/receive/add",
            allow="open start support help case helpdesk " + _HELP.replace("/", " "),
        ),
        *ways(
            f"{_HELP} request/ticket/case/conversation/chat/message/question/issue/inquiry/contact",
            allow="open create submit request start contact new raise send case ask issue question"
            " conversation message chat help",
            without="solve resolve close rate rating answer csat score satisfaction feedback review assign"
            " reply fix done helpful star",
        ),
        *ways("case open/create/submit/raise/log", rank=2, allow="open", without="usecase test study"),
        *ways(
            "help request/ask",
            "assistance request/ask",
            rank=2,
            allow="request help open create submit start new",
            without="article center solve resolve close rate rating score csat answer finish done complete",
        ),
        *ways("conversation/chat open/start/create", rank=4, allow="open start live"),
        *ways(
            f"{_HELP}/care open/create/start/submit/file/raise/log/ask/reach/write/send/need",
            rank=2,
            allow="open start request",
            without="solve resolve close rate rating answer csat score satisfaction feedback review",
        ),
        *ways(
            "issue/bug/problem report/raise",
            "service/care/assistance/desk request/ticket/contact/open",
            "inquiry/request open/submit",
            rank=4,
            allow="open start request",
            without="solve resolve close rate rating demo sales quote",
        ),
    ),
    "ticket-solved": (
        *ways("ticket solve/resolve/close/complete/fix/done", allow="close solve resolve support help agent case"),
        *ways(
            f"{_ASKED} solve/resolve/close/finish/done/complete",
            "assistance solve/resolve/close/finish/done/complete",
            rank=2,
            allow="close request",
        ),
        *ways(f"{_HELP} solve/resolve/close", allow="ticket case close request conversation issue"),
        *ways("case/conversation/inquiry solve/resolve/close", rank=2, allow="close"),
        *ways(
            f"{_HELP}/care answer/finish/done/complete/fix",
            rank=2,
            allow="close request",
            without="rate rating survey csat",
        ),
        *ways("issue/request/inquiry/problem/chat solve/resolve/close", rank=4, allow="close request"),
    ),
    "ticket-rated": (
        *ways(
            f"ticket/{_HELP} rate/rating/csat/satisfaction/feedback/review/score/survey",
            allow="csat survey submit rate rating score satisfaction agent help experience conversation give give",
        ),
        *ways(
            "csat",
            "satisfaction rate/rating/survey/score/submit/record",
            allow="survey rate rating score response answer record give customer",
            without="nps app feature",
        ),
        *ways("conversation/case/chat rate/rating", rank=2, allow="rating"),
        *ways(f"{_ASKED} rate/rating/score/csat/review", "assistance rate/rating/score", rank=2, allow="request"),
        *ways("feedback/experience support/service/help/agent", "helpful", rank=3, without="app feature nps"),
    ),
    "viewed-terms": (
        *pages("term", "tos", allow=VIEWING + " service use condition legal and", without="privacy search glossary"),
        *pages("legal", "eula", "msa", rank=2, allow=VIEWING, without="privacy security"),
        *ways(
            "term/tos view/visit/open/read/see",
            allow=VIEWING + " service use condition legal",
            without="privacy search glossary",
        ),
        *ways("eula/msa/legal view/open/read/visit", rank=2, allow=VIEWING, without="privacy"),
    ),
    "viewed-privacy": (
        *pages("privacy", allow=VIEWING + " policy legal", without="setting term"),
        *pages("gdpr", "dpa", "data process", rank=2, allow=VIEWING + " policy legal"),
        *ways("privacy view/visit/open/read/see", allow=VIEWING + " policy legal", without="setting term"),
        *ways("dpa/gdpr view/open/read/download/visit", rank=2, allow=VIEWING + " download"),
        *pages("data protection/agreement", "cookie policy", rank=3, allow=VIEWING + " policy legal"),
    ),
    "viewed-security": (
        *pages("security", allow=VIEWING + " legal center overview", without="setting alert scan log key"),
        *pages("trust", "compliance", "soc2", rank=2, allow=VIEWING + " center"),
        *ways(
            "security view/visit/open/read/see",
            allow=VIEWING + " center overview legal",
            without="setting alert scan log key group rule",
        ),
        *ways(
            "security/soc2/compliance whitepaper/report/document/questionnaire",
            "trust center",
            "soc2",
            rank=2,
            allow=VIEWING + " download request center",
            without="create run scan",
        ),
    ),
}
