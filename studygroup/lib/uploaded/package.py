"""Office files (ZIP packages of XML): nothing that runs, fetches, hides or unpacks without end.

Sizes and counts are judged before anything is unpacked; then every part is read once through, so that a size that
lies, a broken part and a prolog with a DOCTYPE come to light.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, Any
from xml.parsers import expat

from studygroup.lib.uploaded import refusals, secrecy
from studygroup.lib.uploaded.pieces import PIECE, ends, length_of

UNPACKED_MAX_BYTES = 200 * 1024 * 1024
UNPACKED_MAX_ENTRIES = 2000
MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
FIRST_PAGE = {
    "docx": re.compile(r"word/(document|header\d*)\.xml"),
    "xlsx": re.compile(r"xl/(sharedStrings|worksheets/sheet1)\.xml"),
    "pptx": re.compile(r"ppt/slides/slide1\.xml"),
}
TYPES = "[content_types].xml"
ACTIVE_PARTS = ("vbaproject", "activex", "macrosheet", "vbadata", "customui/")
ACTIVE_TYPES = ("macroenabled", "vbaproject", "activex", "ms-office.vba")
# What an office puts into a document: another table or text, a formula, a picture. Everything else is a parcel.
EMBEDDED = frozenset(
    ("docx", "xlsx", "pptx", "doc", "xls", "ppt", "bin", "vml", "rels", "xml")
    + ("emf", "wmf", "png", "jpg", "jpeg", "gif")
)
# In the directory of an old compound file: a parcel of any file, a project of macros.
PARCELS = tuple(word.encode("utf-16-le") for word in ("Ole10Native", "_VBA_PROJECT"))
REMOTE = re.compile(r"^(?!file:)[a-z][a-z0-9+.-]+:|^[\\/]{2}|^file:(//[^/]|/{4,}|/*\\)", re.IGNORECASE)
WEB = re.compile(r"^https?:", re.IGNORECASE)
DDE = re.compile(r"\bDDE(AUTO)?\b", re.IGNORECASE)
PROLOG_MAX, PART_MAX, FIELDS_MAX, ELEMENTS_MAX = 64 * 1024, 32 * 1024 * 1024, 256 * 1024, 1_500_000
OLE = b"\xd0\xcf\x11\xe0"
BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, zlib.error)
BROKEN_XML = (expat.ExpatError, LookupError, struct.error)


def check_package(upload: Any, name: str, extension: str) -> None:
    upload.seek(0)
    head = upload.read(4)
    if head == OLE:
        raise refusals.old_or_locked(name)
    if head != b"PK\x03\x04":
        raise refusals.mismatch(name)
    _check_archive(upload, name, extension, UNPACKED_MAX_BYTES, is_inside=False)


def _check_archive(upload: Any, name: str, extension: str, room: int, *, is_inside: bool) -> int:
    """Raises Refused, or says how many bytes the archive unpacks to."""
    _check_end(upload, name)
    try:
        with zipfile.ZipFile(upload) as package:
            entries = package.infolist()
            total = _check_entries(entries, name, extension, room)
            for entry in entries:
                total += _check_part(package, entry, name, room - total, is_inside=is_inside)
            _check_meaning(package, name, extension)
            return total
    except (*BROKEN, *BROKEN_XML):
        raise refusals.mismatch(name) from None  # the parser's frames would keep the whole directory in memory


def _check_end(upload: Any, name: str) -> None:
    """The archive ends with the file, and its directory is of a size ours can be, whichever record a reader takes."""
    found, size = ends(upload), length_of(upload)
    for _, count, length, is_64 in found:
        # An entry of an Office file takes some 60 to 200 bytes.
        if is_64 or max(count, length // 600) > UNPACKED_MAX_ENTRIES:
            raise refusals.too_large(name)
    if found and not any(at + 22 == size for at, *_ in found):
        raise refusals.mismatch(name)  # a comment or something else behind the end


def _check_entries(entries: list[zipfile.ZipInfo], name: str, extension: str, room: int) -> int:
    total = sum(entry.file_size for entry in entries)
    if len(entries) > UNPACKED_MAX_ENTRIES or total > room:
        raise refusals.too_large(name)
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) < len(names):  # two parts of one name: which one is opened depends on who opens it
        raise refusals.mismatch(name)
    if TYPES not in names or MAIN[extension].lower() not in names:
        raise refusals.mismatch(name)
    for entry in entries:
        _check_entry(entry, name)
    return total


def _check_entry(entry: zipfile.ZipInfo, name: str) -> None:
    path = entry.filename
    lowered = path.lower()
    strange = "\\" in path or "\x00" in path or path.startswith("/") or ".." in path.split("/") or ":" in path
    # Other ways of packing (LZMA, BZIP2) are never written by an office program and unpack with any memory they like.
    if strange or entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refusals.mismatch(name)
    if any(word in lowered for word in ACTIVE_PARTS):
        raise refusals.active(name)
    if "/embeddings/" in lowered and not lowered.endswith("/") and lowered.rpartition(".")[2] not in EMBEDDED:
        raise refusals.embedded(name)


def _check_part(package: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, room: int, *, is_inside: bool) -> int:
    """Read one part through. Says how much more an archive inside it unpacks to."""
    lowered = entry.filename.lower()
    is_xml, is_embedded = lowered.endswith((".xml", ".rels", ".vml")), "/embeddings/" in lowered
    last = b""
    with package.open(entry) as part:
        for number, piece in enumerate(_parts_of(part)):
            if is_xml and number == 0:
                _check_prolog(piece, name)
            if is_embedded and (piece.startswith(b"MZ") or any(word in last + piece for word in PARCELS)):
                raise refusals.embedded(name)
            last = piece[-64:]
    if is_embedded and lowered.endswith((".docx", ".xlsx", ".pptx")):
        return _check_inside(package, entry, name, room, is_inside=is_inside)
    return 0


def _check_inside(package: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, room: int, *, is_inside: bool) -> int:
    """A table inside a text is judged like the text itself; a third one inside that is not looked for but refused."""
    if is_inside or entry.file_size > UNPACKED_MAX_BYTES // 10:
        raise refusals.embedded(name)
    inside = io.BytesIO(package.read(entry))
    if inside.getvalue()[:4] != b"PK\x03\x04":
        raise refusals.embedded(name)
    return _check_archive(inside, name, entry.filename.lower().rpartition(".")[2], room, is_inside=True)


def _parts_of(part: IO[bytes]) -> Iterator[bytes]:
    while piece := part.read(PIECE):
        yield piece


class _Enough(Exception):
    """What was looked for has been found."""


def _parser(name: str, start: Callable[[str, dict[str, str]], None]) -> expat.XMLParserType:
    """Names come without their prefix."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def doctype(*args: Any) -> None:
        raise refusals.doctype(name)

    def opened(tag: str, attributes: dict[str, str]) -> None:
        start(tag.rpartition(":")[2], {key.rpartition(":")[2]: value for key, value in attributes.items()})

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = opened
    return parser


def _check_prolog(piece: bytes, name: str) -> None:
    """Whatever stands before the first element: no DOCTYPE, and an element before long."""

    def start(tag: str, attributes: dict[str, str]) -> None:
        raise _Enough

    try:
        _parser(name, start).Parse(piece[:PROLOG_MAX], False)
    except _Enough:
        return
    except expat.ExpatError:
        raise refusals.mismatch(name) from None
    if piece.strip():
        raise refusals.mismatch(name)


def _walk(package: zipfile.ZipFile, part: str, name: str, start: Any, said: Any = None) -> None:
    parser = _parser(name, start)
    if said:
        parser.CharacterDataHandler = said
    size = 0
    with package.open(part) as stream:
        for piece in _parts_of(stream):
            size += len(piece)
            if size > PART_MAX:
                raise refusals.too_large(name)
            parser.Parse(piece, False)
    if size:
        parser.Parse(b"", True)


def _check_meaning(package: zipfile.ZipFile, name: str, extension: str) -> None:
    for part in package.namelist():
        lowered = part.lower()
        if lowered == TYPES:
            _walk(package, part, name, _refuse_active_types(name))
        elif lowered.endswith(".rels"):
            _walk(package, part, name, _refuse_remote(name))
        elif lowered.startswith("xl/externallinks/") and lowered.endswith(".xml"):
            _walk(package, part, name, _refuse_dde_link(name))
        elif FIRST_PAGE[extension].fullmatch(part):
            _check_first_page(package, part, name, is_whole=part == MAIN["docx"])


def _refuse_active_types(name: str) -> Callable[[str, dict[str, str]], None]:
    def start(tag: str, attributes: dict[str, str]) -> None:
        told = attributes.get("ContentType", "").lower()
        if any(word in told for word in ACTIVE_TYPES):
            raise refusals.active(name)

    return start


def _refuse_remote(name: str) -> Callable[[str, dict[str, str]], None]:
    """Links a reader clicks may lead anywhere and a picture may be missing; all else has to be in the file."""

    def start(tag: str, attributes: dict[str, str]) -> None:
        kind, target = attributes.get("Type", "").rpartition("/")[2].lower(), attributes.get("Target", "").strip()
        if tag != "Relationship" or kind == "hyperlink" or not REMOTE.search(target):
            return
        if kind == "image" and WEB.match(target):
            return
        raise refusals.active(name)

    return start


def _refuse_dde_link(name: str) -> Callable[[str, dict[str, str]], None]:
    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "ddeLink":
            raise refusals.active(name)

    return start


def _check_first_page(package: zipfile.ZipFile, part: str, name: str, *, is_whole: bool) -> None:
    """The text of the first page bears no mark; in a text, no field calls another program."""
    page, fields = _Gathered(secrecy.FIRST_PAGE), _Gathered(FIELDS_MAX)
    here, elements = "", 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal here, elements
        here, elements = tag, elements + 1
        if elements > ELEMENTS_MAX:
            raise refusals.too_large(name)
        if tag == "fldSimple":
            fields.add(attributes.get("instr", ""))
        if page.is_full and not is_whole:
            raise _Enough

    def said(text: str) -> None:
        if here == "t":
            page.add(text)
        elif here == "instrText":
            fields.add(text)

    with suppress(_Enough):
        _walk(package, part, name, start, said)
    secrecy.refuse_marked(page.text)
    if fields.is_full or DDE.search(fields.text):
        raise refusals.active(name)


class _Gathered:
    def __init__(self, most: int) -> None:
        self.most, self.length = most, 0
        self.parts: list[str] = []

    @property
    def is_full(self) -> bool:
        return self.length >= self.most

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def add(self, text: str) -> None:
        if not self.is_full:
            self.parts.append(text)
            self.length += len(text) + 1
