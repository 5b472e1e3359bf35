"""What a scoring model says of an account: its points, its tier, whether it qualifies. Scoring gives them."""

from typing import TYPE_CHECKING, ClassVar

from signals.measures.frame import Column
from signals.measures.kinds import DERIVED, Field, Kind, kind, one_or_many
from signals.measures.tables import NotLoadedError, Tables
from signals.measures.words import Names

if TYPE_CHECKING:
    from signals.measures.specs import Spec

MODEL = Field("model", "model", "Scoring model", required=True)


class ModelKind(Kind):
    fields = (MODEL,)
    derived = True
    heading = DERIVED
    can_be_part = False
    counted = False
    stored: ClassVar[str]  # under this word, with the model's short name, the state of an account keeps it

    def column(self, tables: Tables, spec: "Spec") -> Column:
        raise NotLoadedError(f"The model “{spec.model}” was not scored before it was asked for.")

    def _model(self, spec: "Spec", names: Names) -> str:
        return names.get(f"model:{spec.model}", (spec.model or "").upper())


@kind("points")
class PointsOfModel(ModelKind):
    label = "Points of a model"
    help = "How many points the account has in a scoring model."
    counted = True
    stored = "score"

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"points in {self._model(spec, names)}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"{amount} {one_or_many(one, 'point', 'points')} in {self._model(spec, names)}"


@kind("tier")
class TierOfModel(ModelKind):
    label = "Tier of a model"
    help = "In which tier of a scoring model the account is. A model cannot read its own tier."
    stored = "tier"

    def has_text(self, spec: "Spec") -> bool:
        return True

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"tier in {self._model(spec, names)}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        return f"{self.noun(spec, names)} {amount}"

    def said(self, spec: "Spec", value: float | str, names: Names) -> str:
        """Its name, which an admin may change; rules keep its slug."""
        return names.get(f"tier:{spec.model}:{value}", self.amount(value))


@kind("qualified")
class QualifiedByModel(ModelKind):
    label = "Qualified by a model"
    help = "Whether the account has reached the threshold of a scoring model: 1 when it has, 0 when it has not."
    stored = "qualified"

    def noun(self, spec: "Spec", names: Names) -> str:
        return f"qualified by {self._model(spec, names)}"

    def sentence(self, spec: "Spec", names: Names, amount: str, *, one: bool) -> str:
        noun = self.noun(spec, names)
        words = {"exactly 1": noun, "1": noun, "exactly 0": f"not {noun}", "0": f"not {noun}"}
        return words.get(amount, f"{noun}: {amount}")


STORED = {cls.stored: cls.slug for cls in (PointsOfModel, TierOfModel, QualifiedByModel)}
