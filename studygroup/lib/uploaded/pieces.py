"""Reading an upload a piece at a time, and the last record of a ZIP archive."""

import struct
from collections.abc import Iterator
from typing import Any

PIECE = 256 * 1024
END, END_64, DIRECTORY = b"PK\x05\x06", b"PK\x06\x07", b"PK\x01\x02"
TAIL = 22 + 65_535  # the record and the longest comment


def pieces(upload: Any, start: int = 0) -> Iterator[bytes]:
    upload.seek(start)
    while piece := upload.read(PIECE):
        yield piece


def length_of(upload: Any) -> int:
    upload.seek(0, 2)
    return upload.tell()


def ends(upload: Any) -> list[tuple[int, int, int, bool]]:
    """Every record in the last bytes a reader might take for the archive's end: where it lies, how many entries and
    how many bytes of directory it announces, and whether a directory of the 64-bit kind is announced before it.
    """
    size = length_of(upload)
    upload.seek(max(0, size - TAIL - 20))
    tail = upload.read()
    found, at = [], tail.find(END)
    while at >= 0:
        if len(tail) >= at + 22:
            count, length = struct.unpack("<HL", tail[at + 10 : at + 16])
            is_64 = tail[max(0, at - 20) : at].startswith(END_64) or count == 0xFFFF or length == 0xFFFFFFFF
            found.append((size - len(tail) + at, count, length, is_64))
        at = tail.find(END, at + 1)
    return found


def ends_as_archive(upload: Any) -> bool:
    """Whether a ZIP archive stands at the end of a file that claims to be something else."""
    for at, count, length, is_64 in ends(upload):
        upload.seek(max(0, at - length))
        if is_64 or (count and length and upload.read(4) == DIRECTORY):
            return True
    return False
