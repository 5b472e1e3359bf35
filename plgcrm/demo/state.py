"""What the demo keeps between two starts: secrets, passwords, and how far the sample was loaded."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from plgcrm.embedded.files import secret_in


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
    def sample_started(self) -> Path:
        return self.directory / "sample.started"

    @property
    def sample_loaded(self) -> Path:
        return self.directory / "sample.loaded"

    def note_that_sample_is_loaded(self, history_ended: datetime) -> None:
        """Written aside and moved, so that it is there whole or not at all."""
        fresh = self.sample_loaded.with_suffix(".new")
        fresh.write_text(history_ended.isoformat())
        fresh.rename(self.sample_loaded)

    @property
    def history_ended(self) -> datetime | None:
        """When the sample's history ends and fresh events go on."""
        if not self.sample_loaded.exists():
            return None
        return datetime.fromisoformat(self.sample_loaded.read_text())

    @property
    def sample_is_half_loaded(self) -> bool:
        return self.sample_started.exists() and not self.sample_loaded.exists()

    def forget_sample(self) -> None:
        self.sample_started.unlink(missing_ok=True)
        self.sample_loaded.unlink(missing_ok=True)
