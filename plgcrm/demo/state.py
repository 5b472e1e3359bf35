"""What the demo keeps between two starts: secrets, passwords, and how far the sample was loaded."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from plgcrm.demo.people import USUAL_COMPANY
from plgcrm.demo.services.files import secret_in

# Raised when the tables of an earlier demo can no longer be migrated: their migrations were squashed, and Django
# would take the old 0001_initial for the new one.
GENERATION = "2"


@dataclass(frozen=True)
class State:
    directory: Path

    def secret(self, name: str) -> str:
        """One of the demo's own: `django`, `write-key` ... Made at the first call, then always the same."""
        return secret_in(self.directory / "secrets" / name)

    def password(self, username: str) -> str:
        return self.secret(f"password-{username}")

    @property
    def api_token(self) -> str:
        """40 characters, the length of the API's token column."""
        return (self.secret("api-token") + self.secret("api-token-end"))[:40]

    @property
    def logs(self) -> Path:
        return self.directory / "logs"

    @property
    def worker_ready(self) -> Path:
        return self.directory / "worker.ready"

    @property
    def children(self) -> Path:
        return self.directory / "children.json"

    @property
    def sample_loaded(self) -> bool:
        return self._loaded.exists()

    @property
    def company(self) -> str:
        """The sample company whose data are here, or will be. Data from before there were two are the usual one's."""
        return self._company.read_text() if self._company.exists() else USUAL_COMPANY

    @property
    def holds_data(self) -> bool:
        return self._generation.exists() or self.sample_loaded

    def note_company(self, company: str) -> None:
        _write_whole(self._company, company)

    def history_ends(self, now: datetime) -> datetime:
        """When the sample's history ends: decided once, so that a load that was cut off goes on as it began."""
        if not self._history_ends.exists():
            _write_whole(self._history_ends, now.isoformat())
        return datetime.fromisoformat(self._history_ends.read_text())

    def note_that_sample_is_loaded(self) -> None:
        self._loaded.touch()

    def forget_sample(self) -> None:
        self._history_ends.unlink(missing_ok=True)
        self._loaded.unlink(missing_ok=True)

    @property
    def is_of_this_generation(self) -> bool:
        return self._generation.exists() and self._generation.read_text() == GENERATION

    def note_generation(self) -> None:
        _write_whole(self._generation, GENERATION)

    @property
    def _generation(self) -> Path:
        return self.directory / "generation"

    @property
    def _company(self) -> Path:
        return self.directory / "company"

    @property
    def _history_ends(self) -> Path:
        return self.directory / "sample.history-ends"

    @property
    def _loaded(self) -> Path:
        return self.directory / "sample.loaded"


def _write_whole(path: Path, text: str) -> None:
    """There whole or not at all, whenever we are killed."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.rename(path)
