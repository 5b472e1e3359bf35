"""The form that says what the columns of an upload are; it comes back whole whatever button was pressed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plgcrm.common.text import short_number
from signals.imports import samples
from signals.imports.columns import TARGETS, Chosen, ColumnChoices, errors_of, guessed
from signals.imports.preview import Understood, understood
from signals.imports.samples import FileShape, Sample, sample_of, shape_of
from signals.models import ImportRun, Source

MOST_NAME = 100


@dataclass(frozen=True, slots=True)
class ColumnField:
    """One column of the form."""

    number: int
    column: str
    examples: list[str]
    target: str
    name: str


@dataclass(slots=True)
class ColumnForm:
    """What was said of an upload so far, and what would be made of it."""

    run: ImportRun
    sample: Sample
    choices: ColumnChoices
    source: Source | None
    new_source: str
    errors: list[str] = field(default_factory=list)
    rows: list[Understood] = field(default_factory=list)

    @property
    def shape(self) -> FileShape:
        return self.sample.shape

    @property
    def is_table(self) -> bool:
        """Whether there are columns to map; a line of JSON says itself what it is, but in a list of accounts."""
        return self.shape.format != samples.LINES or self.run.kind == ImportRun.Kind.ACCOUNTS

    @property
    def fields(self) -> list[ColumnField]:
        return [
            ColumnField(number, each.column, self.sample.examples(each.column), each.target, each.name)
            for number, each in enumerate(self.choices.columns)
        ]

    @property
    def unreadable(self) -> int:
        return sum(bool(row.error) for row in self.rows)


def form_of(run: ImportRun, data: Mapping[str, str] | None = None) -> ColumnForm:
    """The form as it was posted, or as the file itself suggests. Raises UnreadableFileError."""
    shape = _shape(run, data)
    sample = sample_of(run, shape)
    # With another delimiter there are other columns: what was said of the old ones says nothing of these.
    is_same = data is not None and data.get("shape") == shape_text(shape)
    choices = _choices(sample, data) if data is not None and is_same else guessed(sample, run.kind)
    source, new_source = _source(data)
    form = ColumnForm(run, sample, choices, source, new_source)
    form.errors = errors_of(choices, sample, run.kind)
    form.rows = [] if form.errors else understood(sample, choices, run.kind)
    return form


def _shape(run: ImportRun, data: Mapping[str, str] | None) -> FileShape:
    found = shape_of(run)
    if data is None or found.format != samples.CSV:
        return found
    encoding, delimiter = data.get("encoding", ""), data.get("delimiter", "")
    return FileShape(
        found.format,
        encoding if encoding in samples.ENCODINGS else found.encoding,
        delimiter if delimiter in samples.DELIMITERS else found.delimiter,
    )


def shape_text(shape: FileShape) -> str:
    """Stands in the form, to tell whether its columns are still those of the file."""
    return f"{shape.format} {shape.encoding} {shape.delimiter!r}"


def _choices(sample: Sample, data: Mapping[str, str]) -> ColumnChoices:
    known = {**TARGETS[ImportRun.Kind.EVENTS], **TARGETS[ImportRun.Kind.ACCOUNTS]}
    columns = []
    for number, column in enumerate(sample.header):
        target = data.get(f"column-{number}-target", "")
        name = data.get(f"column-{number}-name", "").replace("\0", "").strip()[:MOST_NAME]
        columns.append(Chosen(column, target if target in known else "", name or column))
    return ColumnChoices(columns, data.get("event", "").replace("\0", "").strip()[:200])


def _source(data: Mapping[str, str] | None) -> tuple[Source | None, str]:
    """The source that was chosen, or the name of a new one; where nothing was said, the one that sends already."""
    if data is None:
        return Source.objects.order_by("pk").first(), ""
    chosen = Source.objects.filter(pk=short_number(data.get("source"))).first()
    return chosen, "" if chosen else data.get("new_source", "").replace("\0", "").strip()[:100]


def column_context(form: ColumnForm) -> dict[str, Any]:
    """What the page of an upload needs."""
    return {
        "form": form,
        "targets": TARGETS[ImportRun.Kind(form.run.kind)].items(),
        "encodings": samples.ENCODINGS.items(),
        "delimiters": samples.DELIMITERS.items(),
        "format": samples.FORMATS[form.shape.format],
        "shape_text": shape_text(form.shape),
        "sources": Source.objects.order_by("name"),
    }
