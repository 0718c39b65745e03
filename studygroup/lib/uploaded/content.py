"""Whether an upload is what its extension says: texts and pictures here, packages and PDF in their own modules.

Everything is read once from end to end, a piece at a time; what a check costs grows with the size of the file and no
faster.
"""

import codecs
import struct
from collections.abc import Callable, Iterator

from django.core.files.uploadedfile import UploadedFile

from studygroup.lib.uploaded import refusals, secrecy
from studygroup.lib.uploaded.package import check_package
from studygroup.lib.uploaded.pdf import check_pdf
from studygroup.lib.uploaded.pieces import ends_as_archive, pieces

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
MOST_PIXELS = 200_000_000  # the largest sensors of phones
MOST_SEGMENTS = 20_000
SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # the markers of a JPEG that tell its size
# A picture with one of these is read as a page or a script by a browser that guesses.
MARKUP = (b"<script", b"<html", b"<svg", b"<iframe", b"<body", b"<!doctype", b"<?php", b"javascript:", b"onerror=")
NOT_PLAIN = ("<!doctype", "<html", "<svg", "<script", "<?xml", "<head", "<body", "<iframe", "{\\rtf", "mime-version:")
BOMS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def check_text(upload: UploadedFile, name: str) -> None:
    """UTF-8, GB18030, or UTF-16 with its mark, through the whole file."""
    upload.seek(0)
    head = upload.read(2)
    found = next(filter(None, (_start(upload, code) for code in _encodings(head))), None)
    if found is None:
        raise refusals.mismatch(name)
    if found.lstrip("\ufeff \t\r\n").lower().startswith(NOT_PLAIN):
        raise refusals.two_in_one(name)
    secrecy.refuse_marked(found)


def _encodings(head: bytes) -> tuple[str, ...]:
    return (BOMS[head],) if head in BOMS else ("utf-8", "gb18030")


def _start(upload: UploadedFile, encoding: str) -> str | None:
    """The first characters of a file that is text in this encoding from end to end."""
    decoder = codecs.getincrementaldecoder(encoding)()
    start = ""
    try:
        for piece in pieces(upload):
            text = decoder.decode(piece)
            if "\x00" in text:
                return None
            start += text[: secrecy.FIRST_PAGE * 2 - len(start)]
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return start


def check_png(upload: UploadedFile, name: str) -> None:
    """Every chunk up to IEND is there, the picture has a size, and nothing else rides along."""
    upload.seek(0)
    head = upload.read(33)
    if len(head) < 33 or not head.startswith(PNG) or head[12:16] != b"IHDR":
        raise refusals.mismatch(name)
    width, height = struct.unpack(">LL", head[16:24])
    _check_pixels(width, height, name)
    at, size, kind = 33, upload.size or 0, b""
    for _ in range(MOST_SEGMENTS):
        upload.seek(at)
        told = upload.read(8)
        if len(told) < 8:
            break
        length, kind = struct.unpack(">L4s", told)
        at += 12 + length
        if kind == b"IEND" or at > size:
            break
    if kind != b"IEND" or at > size:
        raise refusals.mismatch(name)
    _refuse_company(upload, name)


def check_jpeg(upload: UploadedFile, name: str) -> None:
    """The segments lead to a picture with a size and an end. Phones put films and depths behind it: those may stay."""
    upload.seek(0)
    head = upload.read(6)
    # A first segment whose length reads “/*” makes the picture a comment of a script.
    if not head.startswith(JPEG) or head[4:6] == b"/*":
        raise refusals.mismatch(name)
    if not _ends(upload, _find_scan(upload, name)):
        raise refusals.mismatch(name)
    _refuse_company(upload, name)


def _ends(upload: UploadedFile, scan: int) -> bool:
    """Whether the end marker follows; inside the data of a picture its two bytes cannot stand."""
    last = b""
    for piece in pieces(upload, start=scan):
        if b"\xff\xd9" in last + piece:
            return True
        last = piece[-1:]
    return False


def _find_scan(upload: UploadedFile, name: str) -> int:
    """Where the picture's data begin, having met its size on the way."""
    at, seen = 2, False
    for _ in range(MOST_SEGMENTS):
        upload.seek(at)
        told = upload.read(9)
        if len(told) < 4 or told[0] != 0xFF:
            break
        marker, length = told[1], int.from_bytes(told[2:4], "big")
        if marker == 0xFF:  # a byte of filling
            at += 1
            continue
        if marker == 0xDA and seen:
            return at + 2 + length
        if marker in SIZES and len(told) == 9:
            seen = True
            _check_pixels(int.from_bytes(told[7:9], "big"), int.from_bytes(told[5:7], "big"), name)
        at += 2 + length
    raise refusals.mismatch(name)


def _check_pixels(width: int, height: int, name: str) -> None:
    if not width or not height:
        raise refusals.mismatch(name)
    if width * height > MOST_PIXELS:
        raise refusals.too_many_pixels(name)


def _refuse_company(upload: UploadedFile, name: str) -> None:
    """A picture that is a page, a script or an archive as well."""
    if ends_as_archive(upload) or _contains_markup(pieces(upload)):
        raise refusals.two_in_one(name)


def _contains_markup(read: Iterator[bytes]) -> bool:
    tail = b""
    for piece in read:
        lowered = tail + piece.lower()
        if any(mark in lowered for mark in MARKUP):
            return True
        tail = lowered[-16:]
    return False


CHECKS: dict[str, Callable[[UploadedFile, str], None]] = {
    "txt": check_text,
    "png": check_png,
    "jpg": check_jpeg,
    "jpeg": check_jpeg,
    "pdf": check_pdf,
    "docx": lambda upload, name: check_package(upload, name, "docx"),
    "xlsx": lambda upload, name: check_package(upload, name, "xlsx"),
    "pptx": lambda upload, name: check_package(upload, name, "pptx"),
}
