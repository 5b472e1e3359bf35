"""The few lines that point a client library at this PLGCRM."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Snippet:
    library: str
    install: str
    code: str


SEGMENT_PYTHON = """\
import segment.analytics as analytics

analytics.write_key = "{key}"
analytics.host = "{host}"
analytics.identify("user-1", {{"email": "mia@brightwater.example", "firstName": "Mia"}})
analytics.group("user-1", "workspace-1", {{"name": "Brightwater", "plan": "free"}})
analytics.track("user-1", "Signed Up", context={{"groupId": "workspace-1"}})
analytics.flush()"""

SEGMENT_NODE = """\
import {{ Analytics }} from "@segment/analytics-node"

const analytics = new Analytics({{ writeKey: "{key}", host: "{host}" }})
analytics.identify({{ userId: "user-1", traits: {{ email: "mia@brightwater.example" }} }})
analytics.track({{ userId: "user-1", event: "Signed Up", context: {{ groupId: "workspace-1" }} }})
await analytics.closeAndFlush()"""

SEGMENT_BROWSER = """\
import {{ AnalyticsBrowser }} from "@segment/analytics-next"

const analytics = AnalyticsBrowser.load(
  {{ writeKey: "{key}", cdnURL: "{host}" }},
  {{ integrations: {{ "Segment.io": {{ apiHost: "{bare}/v1", protocol: "{protocol}" }} }} }},
)
analytics.identify("user-1", {{ email: "mia@brightwater.example" }})
analytics.track("Signed Up")"""

RUDDER_PYTHON = """\
import rudderstack.analytics as analytics

analytics.write_key = "{key}"
analytics.dataPlaneUrl = "{host}"
analytics.track("user-1", "Signed Up")
analytics.flush()"""

RUDDER_NODE = """\
import RudderAnalytics from "@rudderstack/rudder-sdk-node"

const analytics = new RudderAnalytics("{key}", {{ dataPlaneUrl: "{host}" }})
analytics.track({{ userId: "user-1", event: "Signed Up" }})
analytics.flush()"""

CURL = """\
curl {host}/v1/track -u {key}: \\
  -d '{{"userId": "user-1", "event": "Signed Up", "context": {{"groupId": "workspace-1"}}}}'"""

LIBRARIES = (
    ("One event, by hand", "", CURL),
    ("Segment, Python", "pip install segment-analytics-python", SEGMENT_PYTHON),
    ("Segment, Node", "npm install @segment/analytics-node", SEGMENT_NODE),
    ("Segment, browser", "npm install @segment/analytics-next", SEGMENT_BROWSER),
    ("RudderStack, Python", "pip install rudder-sdk-python", RUDDER_PYTHON),
    ("RudderStack, Node", "npm install @rudderstack/rudder-sdk-node", RUDDER_NODE),
)


def snippets(host: str, key: str) -> list[Snippet]:
    """For each library what to install and what to write; `host` is where this PLGCRM is reached."""
    url = urlsplit(host)
    facts = {"key": key, "host": host.rstrip("/"), "bare": url.netloc, "protocol": url.scheme}
    return [Snippet(library, install, code.format(**facts)) for library, install, code in LIBRARIES]
