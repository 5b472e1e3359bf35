"""What the demo keeps between two starts: secrets, passwords, and how far the sample was loaded."""

from dataclasses import dataclass
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

    @property
    def sample_is_half_loaded(self) -> bool:
        return self.sample_started.exists() and not self.sample_loaded.exists()

    def forget_sample(self) -> None:
        self.sample_started.unlink(missing_ok=True)
        self.sample_loaded.unlink(missing_ok=True)
