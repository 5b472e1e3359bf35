"""A browser without JavaScript: it reads the forms of a page, fills in only what they offer, and presses buttons."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client


@dataclass
class Control:
    """A field of a form: what it holds, and what may be chosen where it is a list or a box to tick."""

    kind: str
    values: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)


@dataclass
class Form:
    action: str = ""
    controls: dict[str, Control] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def put(self, name: str, value: Any) -> None:
        """Type or choose; what the form does not offer cannot be chosen."""
        control = self.controls.get(name)
        assert control is not None, f"There is no field {name} among {sorted(self.controls)}"
        wanted = [str(each) for each in (value if isinstance(value, list) else [value])]
        if control.kind in ("select", "checkbox"):
            assert set(wanted) <= set(control.choices), f"{name} offers {control.choices}, and not {wanted}"
        control.values = wanted

    def data(self) -> dict[str, Any]:
        return {name: control.values for name, control in self.controls.items() if control.values}


class Forms(HTMLParser):
    """The forms of a page as a browser has them before anybody types."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._list: Control | None = None
        self._text: Control | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given.get("action", "")))
        elif self.found:
            self._field(self.found[-1], tag, given, given.get("name", ""))

    def _field(self, form: Form, tag: str, given: dict[str, str], name: str) -> None:
        if tag == "select":
            self._list = form.controls[name] = Control("select")
        elif tag == "option" and self._list is not None:
            self._list.choices.append(given.get("value", ""))
            self._list.values = (
                [given.get("value", "")] if "selected" in given or not self._list.values else self._list.values
            )
        elif tag == "textarea":
            self._text = form.controls[name] = Control("text", [""])
        elif tag == "button" or (tag == "input" and given.get("type") == "submit"):
            form.buttons.append((name, given.get("value", "")))
        elif tag == "input" and name:
            self._input(form, given, name)

    def _input(self, form: Form, given: dict[str, str], name: str) -> None:
        if given.get("type") not in ("checkbox", "radio"):
            form.controls.setdefault(name, Control("text")).values.append(given.get("value", ""))
            return
        control = form.controls.setdefault(name, Control("checkbox"))
        control.choices.append(given.get("value", "on"))
        control.values += [given.get("value", "on")] if "checked" in given else []

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._list = None
        if tag == "textarea":
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.values = [self._text.values[0] + data]


@dataclass
class Screen:
    """A page that somebody looks at, with its form."""

    client: Client
    address: str
    page: str = ""

    def __post_init__(self) -> None:
        self.page = self.page or self.client.get(self.address).content.decode()
        self.form = self._form()

    def _form(self) -> Form:
        """The one with the most fields: the others of a page log out and search."""
        return max(Forms(self.page).found, key=lambda form: len(form.controls))

    def press(self, name: str, value: str) -> "Screen":
        """What comes after the button, where it leads."""
        assert (name, value) in self.form.buttons, f"There is no button {name} {value}: {self.form.buttons}"
        data = self.form.data() | {name: value}
        answer = self.client.post(self.form.action or self.address, data, follow=True)
        assert answer.status_code == 200
        return Screen(self.client, self.address, answer.content.decode())
