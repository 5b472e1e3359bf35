"""Files that come in pieces. They lie in the database: any web process takes a piece, and any worker reads it."""

import hashlib
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from plgcrm.common.sql import execute, queries
from signals.models import ImportPiece, ImportRun

SQL = queries("signals/sql/imports.sql")
PIECE_BYTES = 1024 * 1024
KEPT = timedelta(days=7)
MOST_OPEN = 20  # uploads whose import has not begun
OPEN = (ImportRun.State.UPLOADING, ImportRun.State.MAPPING)


class UploadError(Exception):
    """The file cannot be taken; says what to do."""


def begin(name: str, size: int, *, kind: str, acting_user: Any) -> ImportRun:
    """A place for a file of so many bytes. Raises UploadError for what is empty or too large."""
    largest: int = settings.IMPORT_MAX_BYTES
    if size <= 0:
        raise UploadError("The file is empty.")
    if size > largest:
        raise UploadError(
            f"The file has {megabytes(size)}; a browser may send {megabytes(largest)}. Compress it with gzip, "
            "split it, or import it on the server: manage.py import_events FILE has no limit."
        )
    if ImportRun.objects.filter(uploaded=True, state__in=OPEN).count() >= MOST_OPEN:
        raise UploadError(f"{MOST_OPEN} uploads wait for their columns already. Start or discard some of them first.")
    return ImportRun.objects.create(
        kind=kind,
        state=ImportRun.State.UPLOADING,
        uploaded=True,
        file_name=name.replace("\0", "").strip()[-300:] or "file",
        size=size,
        piece_bytes=min(PIECE_BYTES, settings.INGEST_MAX_BODY_BYTES),
        user=acting_user,
    )


def add_piece(run: ImportRun, number: int, content: bytes) -> bool:
    """Keep a piece; whether the file is whole now. Safe to repeat. Raises UploadError for one that does not fit."""
    if run.state != ImportRun.State.UPLOADING:
        return True
    if not 0 <= number < piece_count(run):
        raise UploadError(f"There is no piece {number} in a file of {run.size:,} bytes. Start the upload again.")
    expected = min(run.piece_bytes, run.size - number * run.piece_bytes)
    if len(content) != expected:
        raise UploadError(
            f"Piece {number} has {len(content):,} bytes instead of {expected:,}: the file has changed while it was "
            "being sent. Start the upload again."
        )
    execute(SQL["keep_piece"], [run.pk, number, content])
    return _is_whole(run)


@transaction.atomic
def _is_whole(run: ImportRun) -> bool:
    # One after the other: of two that bring the last pieces at once, the second sees the first.
    locked = ImportRun.objects.select_for_update().get(pk=run.pk)
    if locked.pieces.count() < piece_count(locked):
        return False
    locked.state = run.state = ImportRun.State.MAPPING
    locked.content_digest = run.content_digest = _digest(locked)
    locked.save(update_fields=["state", "content_digest"])
    return True


def _digest(run: ImportRun) -> str:
    content = hashlib.sha256()
    for piece in _contents(run):
        content.update(piece)
    return content.hexdigest()


def _contents(run: ImportRun) -> Iterator[bytes]:
    return (_content(run.pk, number) for number in range(piece_count(run)))


def take_whole(name: str, content: bytes, *, kind: str, acting_user: Any) -> ImportRun:
    """A file that came at once, as a form without JavaScript sends it."""
    most: int = settings.INGEST_MAX_BODY_BYTES
    if len(content) > most:
        raise UploadError(
            f"Without JavaScript a file may have {megabytes(most)}, and this one has {megabytes(len(content))}. "
            "Switch JavaScript on, or import it on the server: manage.py import_events FILE."
        )
    with transaction.atomic():
        run = begin(name, len(content), kind=kind, acting_user=acting_user)
        for number in range(piece_count(run)):
            start = number * run.piece_bytes
            add_piece(run, number, content[start : start + run.piece_bytes])
    return run


def piece_count(run: ImportRun) -> int:
    """How many pieces the file has."""
    return -(-run.size // run.piece_bytes) if run.piece_bytes else 0


def pieces_there(run: ImportRun) -> list[int]:
    """The numbers of those that have come, for an upload that goes on."""
    return list(run.pieces.order_by("number").values_list("number", flat=True))


def _content(run: int, number: int) -> bytes:
    return bytes(ImportPiece.objects.values_list("content", flat=True).get(run=run, number=number))


class PieceFile(io.RawIOBase):
    """The uploaded file, read piece by piece; seekable, as Parquet wants it."""

    def __init__(self, run: ImportRun) -> None:
        self._run, self._size, self._piece_bytes = run.pk, run.size, run.piece_bytes
        self._place = 0
        self._number, self._content = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, start + offset)
        return self._place

    def readinto(self, buffer: Any) -> int:
        if self._place >= self._size:
            return 0
        number, start = divmod(self._place, self._piece_bytes)
        if number != self._number:
            self._number, self._content = number, _content(self._run, number)
        part = self._content[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._place += len(part)
        return len(part)


def opened(run: ImportRun) -> io.BufferedReader:
    """The uploaded file from its first byte. Raises UploadError where its pieces are deleted."""
    if run.pieces.count() < piece_count(run):
        raise UploadError("The file is deleted, as uploads are after 7 days. Upload it again: nothing is stored twice.")
    return io.BufferedReader(PieceFile(run), run.piece_bytes)


def delete_old(now: datetime) -> int:
    """Delete the pieces of uploads older than 7 days, and imports that never began; how many pieces went."""
    old = ImportRun.objects.filter(uploaded=True, started_at__lt=now - KEPT)
    gone = execute(SQL["delete_pieces"], [now - KEPT])
    old.filter(state__in=OPEN).delete()
    return gone


def megabytes(size: float) -> str:
    """3.2 MB"""
    return f"{size / 1024**2:,.1f} MB" if size < 100 * 1024**2 else f"{size / 1024**2:,.0f} MB"
