"""What the columns of a file are: guessed from their names, said by an admin, checked, and turned into a plan."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from accounts.rules.traits import attribute_name
from signals.imports.samples import LINES, FileShape, Sample
from signals.ingest.files import ColumnMap
from signals.ingest.imports import ImportPlan
from signals.models import ImportRun

IGNORED, PROPERTY, TRAIT, ATTRIBUTE = "", "property", "trait", "attribute"
NAMED = (PROPERTY, TRAIT, ATTRIBUTE)  # those that want a name, and may be chosen for many columns

EVENT_TARGETS = {
    IGNORED: "leave out",
    "user_id": "user id",
    "email": "email address",
    "event": "event name",
    "timestamp": "time",
    "group_id": "workspace id",
    "anonymous_id": "anonymous id",
    "message_id": "unique id of the event",
    PROPERTY: "property of the event",
    TRAIT: "trait of the person",
}
ACCOUNT_TARGETS = {
    IGNORED: "leave out",
    "domain": "domain or website",
    "company_name": "company name",
    "plan": "plan",
    "monthly_revenue": "monthly revenue",
    "employees": "employees",
    "owner": "owner",
    ATTRIBUTE: "other attribute",
}
TARGETS = {ImportRun.Kind.EVENTS: EVENT_TARGETS, ImportRun.Kind.ACCOUNTS: ACCOUNT_TARGETS}

# Names of columns, as `attribute_name` has them, and what they usually hold. The first that fits takes it.
USUAL: dict[str, dict[str, tuple[str, ...]]] = {
    ImportRun.Kind.EVENTS: {
        "user_id": ("user_id", "userid", "distinct_id", "user", "person_id", "person", "member_id", "customer_id"),
        "email": ("email", "user_email", "email_address", "mail"),
        "event": ("event", "event_name", "event_type", "action", "name", "type"),
        "timestamp": ("timestamp", "ts", "time", "event_time", "occurred_at", "created_at", "date", "at"),
        "group_id": ("group_id", "workspace_id", "workspace", "team_id", "organization_id", "account_id", "team"),
        "anonymous_id": ("anonymous_id", "anon_id", "device_id", "visitor_id"),
        "message_id": ("message_id", "event_id", "insert_id", "uuid", "id"),
    },
    ImportRun.Kind.ACCOUNTS: {
        "domain": ("domain", "company_domain", "website", "url", "web_site", "company_website", "email_domain"),
        "company_name": ("company_name", "company", "name", "account_name", "account"),
        "plan": ("plan", "plan_name", "subscription", "subscription_plan", "tier"),
        "monthly_revenue": ("monthly_revenue", "mrr", "revenue", "monthly_recurring_revenue"),
        "employees": ("employees", "number_of_employees", "employee_count", "company_size", "headcount", "size"),
        "owner": ("owner", "account_owner", "owner_email", "sales_owner", "rep", "account_manager"),
    },
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What one column is; `name` is that of the property, trait or attribute."""

    column: str
    target: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class ColumnChoices:
    """All columns of a file. `event` is the name of all events, where no column has it."""

    columns: list[Chosen]
    event: str = ""

    def of(self, target: str) -> str | None:
        return next((each.column for each in self.columns if each.target == target), None)

    def named(self, target: str) -> dict[str, str]:
        return {each.column: each.name or each.column for each in self.columns if each.target == target}


def guessed(sample: Sample, kind: str) -> ColumnChoices:
    """What the columns' names say; the others become properties of events, or attributes of accounts."""
    names = {column: attribute_name(column) for column in sample.header}
    taken: dict[str, str] = {}
    for target, usual in USUAL[kind].items():
        free = [column for column in sample.header if column not in taken and column not in sample.nested]
        fitting = [column for known in usual for column in free if names[column] == known]
        if fitting:
            taken[fitting[0]] = target
    other = PROPERTY if kind == ImportRun.Kind.EVENTS else ATTRIBUTE
    return ColumnChoices([_guess(column, taken.get(column), other, sample) for column in sample.header])


def _guess(column: str, target: str | None, other: str, sample: Sample) -> Chosen:
    if target is not None:
        return Chosen(column, target)
    plain = other == PROPERTY or column not in sample.nested
    return Chosen(column, other, column) if plain and column.strip() else Chosen(column, IGNORED)


def errors_of(choices: ColumnChoices, sample: Sample, kind: str) -> list[str]:
    """What keeps the import from beginning, each saying what to do."""
    errors = [*_double(choices, kind), *_nested(choices, sample)]
    if kind == ImportRun.Kind.ACCOUNTS:
        return [*errors, *_missing_of_accounts(choices)]
    return errors if sample.shape.format == LINES else [*errors, *_missing_of_events(choices)]


def _double(choices: ColumnChoices, kind: str) -> list[str]:
    words = TARGETS[ImportRun.Kind(kind)]
    single = [each.target for each in choices.columns if each.target and each.target not in NAMED]
    double = sorted({target for target in single if single.count(target) > 1})
    return [f"Two columns are the {words[target]}: leave one of them out." for target in double]


def _nested(choices: ColumnChoices, sample: Sample) -> list[str]:
    wrong = [c.column for c in choices.columns if c.column in sample.nested and c.target not in (IGNORED, PROPERTY)]
    return [f"“{column}” holds lists or objects: it can be a property of events, or be left out." for column in wrong]


def _missing_of_events(choices: ColumnChoices) -> list[str]:
    errors = []
    if not (choices.of("user_id") or choices.of("anonymous_id")):
        errors.append("Say who acted: choose the column with the user id or the anonymous id.")
    if not (choices.of("event") or choices.event):
        errors.append("Say what happened: choose the column with the event name, or enter one name for all rows.")
    if not choices.of("timestamp"):
        errors.append("Say when it happened: choose the column with the time.")
    if choices.named(TRAIT) and not choices.of("email"):
        errors.append("Traits come with an email address: choose its column, or make the traits properties.")
    return errors


def _missing_of_accounts(choices: ColumnChoices) -> list[str]:
    if not choices.of("domain"):
        return ["Say which company a row is: choose the column with the domain or website."]
    if len([each for each in choices.columns if each.target]) < 2:
        return ["Choose at least one more column: the domain alone says nothing about a company."]
    return []


def plan_of(run: ImportRun) -> ImportPlan:
    """How a run of events reads its file."""
    return plan_of_choices(run.file_name, *shape_and_choices(run))


def plan_of_choices(name: str, shape: FileShape, choices: ColumnChoices) -> ImportPlan:
    """The same before the run has begun."""
    if shape.format == LINES:
        return ImportPlan(name, shape.format, None)
    targets = {each.target: each.column for each in choices.columns if each.target and each.target not in NAMED}
    columns = ColumnMap(targets, choices.named(PROPERTY), choices.named(TRAIT), choices.event or None)
    return ImportPlan(name, shape.format, columns, encoding=shape.encoding, delimiter=shape.delimiter)


def as_options(shape: FileShape, choices: ColumnChoices) -> dict[str, Any]:
    """For ImportRun.options."""
    return {"shape": asdict(shape), "columns": [asdict(each) for each in choices.columns], "event": choices.event}


def shape_and_choices(run: ImportRun) -> tuple[FileShape, ColumnChoices]:
    """What was said when the run began."""
    options: Mapping[str, Any] = run.options
    choices = ColumnChoices([Chosen(**each) for each in options["columns"]], options["event"])
    return FileShape(**options["shape"]), choices
