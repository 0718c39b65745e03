"""Photographs of handwritten pages, joined into one PDF in the order given."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import PIL
from django.conf import settings

from studygroup.lib.errors import Refused
from studygroup.lib.uploaded.pieces import pieces

JOINER = Path(__file__).parent / "office" / "photo_pages.py"
WALL_SECONDS = 40  # the joiner's own limit is twenty seconds of work; a busy machine may let it wait
MOST_PHOTOS = 20
LARGEST_PDF = 20 * 1024 * 1024
TOO_MUCH = "照片太多或太大，没有在规定的时间内合成。请分成几次上传。"


def join(photos: Sequence[tuple[Any, str]]) -> bytes:
    """One A4 page for each (open file, name), upright, without what the camera noted of place and time.

    Raises Refused naming the photograph that cannot be used. The files are worked on one at a time in a process of
    its own, so that memory does not grow with their number.
    """
    with tempfile.TemporaryFile() as incoming, tempfile.TemporaryFile() as made:
        lengths = [_copied(photo, incoming) for photo, _ in photos]
        incoming.seek(0)
        done = _run(lengths, incoming, made)
        if done is None or done.returncode:
            raise Refused(_reason(done, [name for _, name in photos]))
        made.seek(0)
        return made.read()


def _copied(photo: Any, incoming: IO[bytes]) -> int:
    length = 0
    for piece in pieces(photo):
        length += incoming.write(piece)
    return length


def _run(lengths: list[int], incoming: IO[bytes], made: IO[bytes]) -> subprocess.CompletedProcess[bytes] | None:
    most = min(LARGEST_PDF, settings.UPLOAD_MAX_BYTES)
    told = [str(Path(PIL.__file__).parent.parent), ",".join(map(str, lengths)), str(most)]
    command = [sys.executable, "-E", "-s", "-S", "-B", str(JOINER), *told]
    try:
        return subprocess.run(  # noqa: S603
            command, stdin=incoming, stdout=made, stderr=subprocess.PIPE, timeout=WALL_SECONDS, env={}, check=False
        )
    except subprocess.TimeoutExpired:
        return None


def _reason(done: subprocess.CompletedProcess[bytes] | None, names: Sequence[str]) -> str:
    """What the joiner said last: which photograph it was at, and why it stopped there."""
    told: dict[str, Any] = {}
    for line in done.stderr.splitlines() if done else ():
        if line.startswith(b"{"):
            told |= json.loads(line)
    if "photo" not in told:
        return TOO_MUCH
    why = told.get("refused") or "太复杂，没有在规定的时间内读完，请重新拍摄"
    return f"“{names[told['photo']]}”{why}。"
