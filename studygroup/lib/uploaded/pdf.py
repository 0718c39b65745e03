"""PDF: what is archived for decades neither runs nor carries anything, and can be opened without a password.

A PDF is opened on the office's machines by whatever program is there, so what such programs carry out (scripts,
starting a program, forms with scripts) or unpack (files inside) is refused, as the archive format PDF/A forbids it,
too. Nothing is interpreted: names are looked for in the file itself and in its packed object streams, where they may
hide, however their letters are written. Reading stays in proportion to the file, unpacking below INFLATED_MAX.
"""

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from studygroup.lib.uploaded import refusals, secrecy
from studygroup.lib.uploaded.pdf_text import first_page
from studygroup.lib.uploaded.pieces import PIECE, ends_as_archive, length_of

INFLATED_MAX, MOST_STREAMS, MOST_PACKED = 32 * 1024 * 1024, 100_000, 5000
HEAD, TAIL = 4096, 4096
DICTIONARY = 1024  # bytes before a stream in which its dictionary is looked for
MARKUP = re.compile(rb"<script|<html|<svg|<iframe|<!doctype|<\?php", re.IGNORECASE)
TITLE = re.compile(rb"/(?:Title|Subject|Keywords)\b")
STRING = re.compile(rb"\s{0,20}(?:\(((?:\\.|[^\\)]){0,600})\)|<([0-9A-Fa-f\s]{0,2400})>)", re.DOTALL)
MOST_TITLES = 200


def _name(word: str) -> str:
    """A pattern for a name of PDF, each letter of which may be written as #41."""
    return "/" + "".join(f"(?:{re.escape(letter)}|#{ord(letter):02x}|#{ord(letter):02X})" for letter in word)


def _names(*words: str) -> re.Pattern[bytes]:
    ends = r"(?![A-Za-z0-9#])"
    return re.compile(("(?:" + "|".join(_name(word) for word in words) + ")" + ends).encode("ascii"))


LIVELY = _names("JavaScript", "Launch", "EmbeddedFile", "EmbeddedFiles", "RichMedia", "ImportData", "SubmitForm")
LOCKED = _names("Encrypt")
PACKED = _names("ObjStm")
FORM = re.compile(rb"/XFA(?=\s*[\[0-9])")  # too short to be looked for without what follows


def check_pdf(upload: Any, name: str) -> None:
    size = length_of(upload)
    upload.seek(0)
    data = upload.read(size)
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-TAIL:]:
        raise refusals.mismatch(name)
    if MARKUP.search(data[:HEAD]) or MARKUP.search(data, data.rfind(b"%%EOF")) or ends_as_archive(upload):
        raise refusals.two_in_one(name)
    if LIVELY.search(data) or FORM.search(data):
        raise refusals.lively_pdf(name)
    if LOCKED.search(data):
        raise refusals.locked_pdf(name)
    for packed in _object_streams(data, name):
        if LIVELY.search(packed) or FORM.search(packed):
            raise refusals.lively_pdf(name)
        _refuse_marked_title(packed)
    _refuse_marked_title(data)
    for text in first_page(data, secrecy.FIRST_PAGE):
        secrecy.refuse_marked(text)


def _object_streams(data: bytes, name: str) -> Iterator[bytes]:
    """The unpacked streams in which objects lie, one after the other."""
    room, left, at = INFLATED_MAX, MOST_PACKED, data.find(b"stream")
    for _ in range(MOST_STREAMS):
        if at < 0:
            return
        is_end = data[at - 3 : at] == b"end"
        dictionary = b"" if is_end else data[max(0, at - DICTIONARY) : at]
        if PACKED.search(dictionary, max(0, dictionary.rfind(b" obj"))):
            start = at + 6
            start += 2 if data.startswith(b"\r\n", start) else 1
            unpacked, cost = _inflated(data, start, room)
            room, left = room - cost, left - 1
            if room <= 0 or left <= 0:
                raise refusals.mismatch(name)
            yield unpacked
        at = data.find(b"stream", at + 6)
    raise refusals.mismatch(name)


def _inflated(data: bytes, start: int, room: int) -> tuple[bytes, int]:
    """What a stream unpacks to, and how many bytes were read and made for it."""
    packed, made, at = zlib.decompressobj(), b"", start
    with suppress(zlib.error):
        while not packed.eof and at < len(data) and len(made) + at - start < room:
            made += packed.decompress(data[at : at + PIECE], room)
            at += PIECE
    return made, len(made) + min(at, len(data)) - start


def _refuse_marked_title(data: bytes) -> None:
    """What the file says of itself."""
    for place in islice(TITLE.finditer(data), MOST_TITLES):
        found = STRING.match(data, place.end())
        if found and found[2] is not None:
            digits = re.sub(rb"\s", b"", found[2])
            secrecy.refuse_marked(_said(bytes.fromhex(digits[: len(digits) // 2 * 2].decode())))
        elif found:
            secrecy.refuse_marked(_said(re.sub(rb"\\([()\\])", rb"\1", found[1])))


def _said(raw: bytes) -> str:
    if raw.startswith(b"\xfe\xff"):
        return raw.decode("utf-16", errors="ignore")
    return raw.decode("utf-8", errors="ignore") + raw.decode("gb18030", errors="ignore")
