"""The kind of measure over time in a segment. Whether an account is in one now is `kinds.InSegment`."""

from typing import TYPE_CHECKING

from plgcrm.common.text import plural
from signals.measures.frame import Column
from signals.measures.kinds import DERIVED, REQUIRED_DAYS, SEGMENT, Field, Kind, kind
from signals.measures.tables import NotLoadedError, Tables
from signals.measures.words import Names

if TYPE_CHECKING:
    from signals.measures.specs import Spec

SEGMENT_FOR = "segment_for"


@kind(SEGMENT_FOR)
class InSegmentFor(Kind):
    """Whether the account was in a segment on each of the last days. Scoring evaluates the segment as of each."""

    label = "Segment, for some time"
    help = (
        "Whether the account has been in a segment on each of the last days: 1 when it has, 0 when it is not in it or "
        "was not on one of them. Unknown when it is not known of one of them, such as a day before the first that we "
        "were told of."
    )
    can_be_part = False
    derived = True
    heading = DERIVED
    fields = (Field("segment", "segment", "Segment", required=True), REQUIRED_DAYS)

    def column(self, tables: Tables, spec: "Spec") -> Column:
        raise NotLoadedError(f"The segment “{spec.segment}” was not evaluated before it was asked for.")

    def noun(self, spec: "Spec", names: Names) -> str:
        name = names.get(f"{SEGMENT}:{spec.segment}", spec.segment or "")
        return f"in the segment “{name}” for at least {plural(spec.days or 1, 'day')}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        noun = self.noun(spec, names)
        return {"exactly 1": noun, "1": noun, "exactly 0": f"not {noun}", "0": f"not {noun}"}.get(
            amount, f"{noun}: {amount}"
        )
