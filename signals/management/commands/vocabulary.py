"""manage.py vocabulary export|import FILE: what things are called here, as a file."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from plgcrm.common.text import plural
from signals.vocabulary.meanings import VocabularyError
from signals.vocabulary.proposals import document, write_document


class Command(BaseCommand):
    help = "Write what events, properties and traits mean here to a file, or say what a file says."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["export", "import"])
        parser.add_argument("file", type=Path, help="JSON, as GET /api/v1/vocabulary/ answers")

    def handle(self, *args: Any, action: str, file: Path, **options: Any) -> None:
        if action == "export":
            said = document()
            file.write_text(json.dumps(said, indent=2, ensure_ascii=False) + "\n")
            self.stdout.write(f"{plural(sum(map(len, said.values())), 'term')} written to {file}.")
            return
        try:
            changed = write_document(json.loads(file.read_text()))
        except json.JSONDecodeError as error:
            raise CommandError(f"{file} is no JSON: {error}") from error
        except (OSError, VocabularyError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{plural(len(changed), 'term')} changed.")
