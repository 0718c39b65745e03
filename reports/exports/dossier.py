"""一学一档 as one ZIP: documents, files, a table of contents that opens offline, and the sums of everything.

Entries come one after the other and are written to a file at once; nothing but the one at hand is in memory. The same
entries make the same bytes.
"""

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import IO
from urllib.parse import quote

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reports.statistics.dossier import Dossier
from studygroup.lib.office.characters import file_name

NO_TIME = (1980, 1, 1, 0, 0, 0)
CHUNK = 256 * 1024
LONGEST = 80  # characters of a whole name: deep folders of old Windows still take it
SHAPES = {"complete": "●", "missing": "◐", "overdue": "▲", "waived": "○"}
STYLE = (
    "body{max-width:900px;margin:2em auto;padding:0 1em;font:16px/1.7 SimSun,serif;color:#1c2024}"
    "h1{font-size:1.4em;text-align:center}table{width:100%;border-collapse:collapse}"
    "th,td{border:1px solid #999;padding:6px 10px;text-align:left;vertical-align:top}"
    "th{background:#f2f2f2;font-weight:400}ul{margin:0;padding-left:1.2em}td.state{white-space:nowrap}.small{color:#555;font-size:.9em}"
)


@dataclass(frozen=True)
class Entry:
    """One file of the archive: the part it belongs to, what people call it, and its bytes or how to open them."""

    part: str
    label: str
    extension: str
    content: bytes | Callable[[], IO[bytes]]


@dataclass(frozen=True)
class Written:
    name: str
    entry: Entry
    sha256: str


def write_archive(target: IO[bytes], dossier: Dossier, entries: Iterable[Entry], made: str) -> int:
    """Write the ZIP; the number of documents in it."""
    order = {part.slug.value: number for number, part in enumerate(dossier.parts, start=1)}
    written: list[Written] = []
    taken: set[str] = set()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in entries:
            name = _name(order[entry.part], entry, taken)
            written.append(Written(name, entry, _add(archive, name, entry.content)))
        page = _index(dossier, written, made).encode()
        sums = [f"{one.sha256}  {one.name}" for one in written]
        sums.append(f"{_add(archive, 'index.html', page)}  index.html")
        _add(archive, "SHA256SUMS", ("\n".join(sums) + "\n").encode())
    return len(written)


def _name(number: int, entry: Entry, taken: set[str]) -> str:
    """01-学习方案.docx; a second one of the same name gets a number."""
    extension = file_name(entry.extension.lower(), 8)
    stem = f"{number:02d}-{file_name(entry.label, LONGEST - 12 - len(extension))}"
    name, copy = f"{stem}.{extension}", 1
    while name.casefold() in taken:
        copy += 1
        name = f"{stem}-{copy}.{extension}"
    taken.add(name.casefold())
    return name


def _add(archive: zipfile.ZipFile, name: str, content: bytes | Callable[[], IO[bytes]]) -> str:
    info = zipfile.ZipInfo(name, NO_TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system, info.external_attr = 3, 0o600 << 16
    digest = hashlib.sha256()
    with archive.open(info, "w", force_zip64=True) as slot:
        if isinstance(content, bytes):
            digest.update(content)
            slot.write(content)
        else:
            with content() as source:
                while chunk := source.read(CHUNK):
                    digest.update(chunk)
                    slot.write(chunk)
    return digest.hexdigest()


def _index(dossier: Dossier, written: Sequence[Written], made: str) -> SafeString:
    session = dossier.session
    rows = format_html_join(
        "",
        '<tr><td>{}</td><td>{}</td><td class="state">{} {}</td><td>{}{}</td></tr>',
        (
            (
                number,
                part.label,
                SHAPES[part.state.value],
                part.state.label,
                _links([one for one in written if one.entry.part == part.slug]),
                _remarks(part.note, [gap.label for gap in part.gaps]),
            )
            for number, part in enumerate(dossier.parts, start=1)
        ),
    )
    day = f"{session.day.year}年{session.day.month}月{session.day.day}日"
    return format_html(
        '<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><title>一学一档 {title}</title>'
        "<style>{style}</style></head><body><h1>{group}<br>一学一档</h1><p>{day}　{title}</p>"
        "<table><thead><tr><th>序号</th><th>归档项目</th><th>状态</th><th>文件</th></tr></thead><tbody>{rows}</tbody>"
        '</table><p class="small">{made}。文件有没有被改动，可用 SHA256SUMS 核对。</p></body></html>',
        style=STYLE,
        group=session.group.name,
        title=session.title,
        day=day,
        rows=rows,
        made=made,
    )


def _links(found: Sequence[Written]) -> SafeString:
    links = format_html_join("", '<li><a href="{}">{}</a></li>', ((quote(one.name), one.entry.label) for one in found))
    return format_html("<ul>{}</ul>", links) if found else links


def _remarks(note: str, gaps: Sequence[str]) -> SafeString:
    text = "；".join(filter(None, [note, f"待补：{'、'.join(gaps)}" if gaps else ""]))
    return format_html('<span class="small">{}</span>', text)
