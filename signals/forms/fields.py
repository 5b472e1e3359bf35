"""The builders as form fields: what comes in is a draft tree, what goes out is the JSON to store."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from signals.forms import matches, rule
from signals.forms.page import check_rule, matches_context, rule_context
from signals.vocabulary.spoken import named_in_rules


class BuilderWidget(forms.Widget):
    """Draws a draft. What was posted is drawn as it was posted."""

    template = ""
    show_errors = False

    def id_for_label(self, id_: str | None, index: str | None = None) -> str:
        return ""

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def use_required_attribute(self, initial: Any) -> bool:
        return False

    def context(self, name: str, value: Any) -> dict[str, Any]:
        raise NotImplementedError

    def render(self, name: str, value: Any, attrs: Mapping[str, Any] | None = None, renderer: Any = None) -> SafeString:
        return render_to_string(self.template, self.context(name, value))


class RuleWidget(BuilderWidget):
    template = "admin/builder/rule.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> rule.Group:
        return rule.changed(rule.from_post(data, name), str(data.get(f"{name}:do", "")))

    def context(self, name: str, value: Any) -> dict[str, Any]:
        draft = value if isinstance(value, rule.Group) else rule.from_json(value)
        return rule_context(name, draft, show_errors=self.show_errors)


class MatchesWidget(BuilderWidget):
    template = "admin/builder/matches.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> matches.Matches:
        return matches.changed(matches.from_post(data, name), str(data.get(f"{name}:do", "")))

    def context(self, name: str, value: Any) -> dict[str, Any]:
        draft = value if isinstance(value, matches.Matches) else matches.from_json(value)
        return matches_context(name, draft, show_errors=self.show_errors)


class BuilderField(forms.Field):
    """Refuses a draft that does not parse, and has its widget say where."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(initial != self.stored(data))

    def stored(self, draft: Any) -> dict[str, Any]:
        raise NotImplementedError

    def problems(self, draft: Any) -> list[str]:
        raise NotImplementedError

    def clean(self, value: Any) -> dict[str, Any]:
        if problems := self.problems(value):
            self.widget.show_errors = True  # a BuilderWidget
            raise ValidationError(f"{len(problems)} to fix, marked below." if len(problems) > 1 else problems[0])
        return self.stored(value)


class RuleField(BuilderField):
    widget = RuleWidget

    def stored(self, draft: rule.Group) -> dict[str, Any]:
        return rule.rule_json(draft)

    def problems(self, draft: rule.Group) -> list[str]:
        check_rule(draft, named_in_rules())
        return rule.errors(draft)


class MatchesField(BuilderField):
    widget = MatchesWidget

    def stored(self, draft: matches.Matches) -> dict[str, Any]:
        return matches.to_json(draft)

    def problems(self, draft: matches.Matches) -> list[str]:
        matches.checked(draft)
        return matches.errors(draft)


class Redrawing(forms.BaseForm):
    """A form whose builder buttons (`<field>:do`) draw it again instead of saving it."""

    @property
    def redrawing(self) -> bool:
        return self.is_bound and any(self.data.get(f"{self.add_prefix(name)}:do") for name in self.fields)

    def full_clean(self) -> None:
        if not self.redrawing:
            super().full_clean()
            return
        self._errors = ErrorDict()
        self.cleaned_data = {}

    def is_valid(self) -> bool:
        return not self.redrawing and super().is_valid()


class BuilderForm(Redrawing, forms.ModelForm[Any]):
    """Over a model with a rule or matches."""
