"""The letters of a PDF's first page, as far as they can be had without interpreting it.

Pages draw numbers of a font's letters; a table beside the font (ToUnicode) says which letters they are. Which font is
in use where is not followed: the first page is read by every table, and one of them reads the mark.
"""

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress

STREAM_MAX, ALL_MAX, MOST_STREAMS, MOST_TABLES, MOST_LETTERS = 512 * 1024, 8 * 1024 * 1024, 2000, 30, 30_000
PAGES = 2  # drawings read: some programs write the head of a page as a drawing of its own
TABLE_MAX = 64 * 1024
DRAWS = re.compile(rb"\bT[jJ]\b")
TEXTS = re.compile(rb"<([0-9A-Fa-f\s]*)>|\(((?:\\.|[^\\()]){0,4000})\)", re.DOTALL)
HEX = rb"<\s*([0-9A-Fa-f]{1,8})\s*>"
TO = rb"<\s*([0-9A-Fa-f\s]{4,64})\s*>"
WIDTH = re.compile(rb"begincodespacerange\s*" + HEX)
PAIR = re.compile(HEX + rb"\s*" + TO)
SPAN = re.compile(HEX + rb"\s*" + HEX + rb"\s*(?:" + TO + rb"|\[([^\]]{0,400})\])")
Table = tuple[int, dict[int, str]]


def first_page(data: bytes, letters: int) -> Iterator[str]:
    """The first page read by one table after the other, each up to so many letters."""
    tables, drawings = [], []
    for stream in _streams(data):
        if b"beginbf" in stream:
            if len(tables) < MOST_TABLES:
                tables.append(_table(stream[:TABLE_MAX]))
        elif len(drawings) < PAGES and b"BT" in stream and DRAWS.search(stream):
            drawings.append(b"".join(_shown(stream, letters * 4)))
    for width, meanings in tables:
        for drawing in drawings:
            codes = (int.from_bytes(drawing[at : at + width], "big") for at in range(0, len(drawing), width))
            yield "".join(meanings.get(code, "") for code in codes)[:letters]


def _streams(data: bytes) -> Iterator[bytes]:
    room, at = ALL_MAX, 0
    for _ in range(MOST_STREAMS):
        at = data.find(b"stream", at)
        if at < 0 or room <= 0:
            return
        if data[at - 3 : at] != b"end" and b"FlateDecode" in data[max(0, at - 400) : at]:
            start = at + (8 if data[at + 6 : at + 8] == b"\r\n" else 7)
            unpacked = b""
            with suppress(zlib.error):
                unpacked = zlib.decompressobj().decompress(data[start : start + STREAM_MAX], STREAM_MAX)
            room -= len(unpacked)
            yield unpacked
        at += 6


def _table(stream: bytes) -> Table:
    width = WIDTH.search(stream)
    meanings: dict[int, str] = {}
    room = MOST_LETTERS
    for section in _sections(stream, b"bfchar"):
        for pair in PAIR.finditer(section):
            meanings[int(pair[1], 16)] = _letters(pair[2])
    for section in _sections(stream, b"bfrange"):
        for span in SPAN.finditer(section):
            size = int(span[2], 16) - int(span[1], 16) + 1
            if 0 < size <= room:
                room -= size
                _spread(meanings, span)
    return (max(1, (len(width[1]) + 1) // 2) if width else 2), meanings


def _sections(stream: bytes, word: bytes) -> Iterator[bytes]:
    start = stream.find(b"begin" + word)
    while start >= 0:
        end = stream.find(b"end" + word, start)
        if end < 0:
            return
        yield stream[start:end]
        start = stream.find(b"begin" + word, end)


def _spread(meanings: dict[int, str], span: re.Match[bytes]) -> None:
    first, last = int(span[1], 16), int(span[2], 16)
    if span[4] is not None:
        for code, found in zip(range(first, last + 1), re.finditer(TO, span[4]), strict=False):
            meanings[code] = _letters(found[1])
        return
    start = _letters(span[3])
    if start:
        for code in range(first, last + 1):
            with suppress(ValueError):
                meanings[code] = start[:-1] + chr(ord(start[-1]) + code - first)


def _letters(digits: bytes) -> str:
    return _bytes(digits).decode("utf-16-be", errors="ignore")


def _bytes(digits: bytes) -> bytes:
    plain = re.sub(rb"\s", b"", digits)
    return bytes.fromhex((plain + b"0" * (len(plain) % 2)).decode("ascii"))


def _shown(stream: bytes, most: int) -> Iterator[bytes]:
    """What is drawn between BT and ET, as numbers of letters."""
    for text in TEXTS.finditer(stream):
        piece = _bytes(text[1]) if text[1] is not None else re.sub(rb"\\([()\\])", rb"\1", text[2])
        yield piece
        most -= len(piece)
        if most <= 0:
            return
