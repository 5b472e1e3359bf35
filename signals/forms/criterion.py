"""A criterion, and the tiers of a model, as forms."""

from typing import Any

from django import forms

from signals.forms.fields import Redrawing, RuleField
from signals.models import Signal
from signals.rules.criteria import PointsError, parse_criteria, parse_tiers
from signals.rules.derived import CircleError
from signals.vocabulary.circles import refuse_circles

MOST_TIERS = 8


class CriterionForm(Redrawing, forms.Form):
    name = forms.CharField(max_length=120, help_text="What a rep reads in the breakdown: “Hit the free plan's limit”.")
    points = forms.IntegerField(
        min_value=-10_000, max_value=10_000, help_text="Added while the rule is true; negative points subtract."
    )
    rule = RuleField(help_text="When it applies. Conditions and groups can be nested.")
    group = forms.SlugField(
        required=False,
        max_length=60,
        help_text="Of several criteria in the same group, only the one that earns the most points counts.",
    )
    cap = forms.IntegerField(
        required=False,
        min_value=1,
        help_text="With a cap the points count once per whole multiple of the threshold, up to this many points. "
        "Needs a rule with a single “at least”.",
    )
    half_life = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=365,
        label="Half-life in days",
        help_text="Once the rule is no longer true, half the points are left after this many days. Empty: none are.",
    )
    person = forms.BooleanField(
        required=False,
        label="Also scores people",
        help_text="Tick if it makes sense for one person: what they did, not what their company is.",
    )

    def __init__(self, data: Any = None, *, model: str = "", slug: str = "", **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        self.model, self.slug = model, slug

    def entry(self) -> dict[str, Any]:
        """The criterion to store; without a slug it is a new one."""
        values = {name: self.cleaned_data.get(name) for name in self.fields}
        return values | {"slug": self.slug, "group": values["group"] or None}

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            self._parse()
        return self.cleaned_data

    def _parse(self) -> None:
        try:
            known = set(Signal.objects.values_list("slug", flat=True))
            criteria = parse_criteria([self.entry() | {"slug": self.slug or "new"}], known_signals=known)
            refuse_circles(models={self.model: criteria})
        except CircleError as error:
            self.add_error("rule", f"{error.problem}. {error.remedy}.")
        except PointsError as error:
            name = error.path.removeprefix("criteria[0].").partition(".")[0].partition("[")[0]
            self.add_error(name if name in self.fields else None, f"{error.problem}. {error.remedy}.")


class TierForm(forms.Form):
    name = forms.CharField(max_length=120, required=False, widget=forms.TextInput({"aria-label": "Tier name"}))
    slug = forms.SlugField(max_length=60, required=False, widget=forms.TextInput({"aria-label": "Tier slug"}))
    start = forms.IntegerField(required=False, min_value=0, widget=forms.NumberInput({"aria-label": "From points"}))

    def entry(self) -> dict[str, Any] | None:
        values = self.cleaned_data
        if not any(values.get(name) not in (None, "") for name in self.fields):
            return None
        return {"slug": values.get("slug"), "name": values.get("name"), "from": values.get("start")}


TierFormSet = forms.formset_factory(TierForm, extra=1, max_num=MOST_TIERS)


class ThresholdForm(forms.Form):
    threshold = forms.IntegerField(
        min_value=1, max_value=100_000, help_text="An account or person is qualified from this many points."
    )
    note = forms.CharField(
        max_length=300, required=False, help_text="What changed and why, for anyone who compares versions later."
    )


class TiersForm:
    """The tiers with threshold and note: one form for the page, two for Django."""

    def __init__(self, version: Any, data: Any = None) -> None:
        tiers = [{"name": tier["name"], "slug": tier["slug"], "start": tier["from"]} for tier in version.tiers]
        self.rows = TierFormSet(data, initial=tiers, prefix="tiers")
        self.threshold = ThresholdForm(
            data, label_suffix="", initial={"threshold": version.threshold, "note": version.note}
        )
        self.error = ""

    def entries(self) -> list[dict[str, Any]]:
        return [entry for form in self.rows if (entry := form.entry())]

    def is_valid(self) -> bool:
        if not (self.rows.is_valid() and self.threshold.is_valid()):
            return False
        try:
            parse_tiers(self.entries())
        except PointsError as error:
            self.error = f"{error.problem}. {error.remedy}."
        return not self.error
