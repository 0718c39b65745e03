"""The parts of a stranger's Office file (a ZIP of XML): walking one part, and what it points to.

Imported only by the readers, which run as programs of their own.
"""

import posixpath
import zipfile
from typing import Any
from xml.parsers import expat

MAX_PART_BYTES, MAX_DEPTH = 160 * 1024 * 1024, 64
CHUNK = 256 * 1024


class Refused(Exception):
    """The sentence for the person is the argument."""


def parse(package: zipfile.ZipFile, name: str, start: Any, end: Any, text: Any) -> None:
    """Run the handlers over one part, with names without their prefix; nothing in <mc:Fallback> is told."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = skipped = 0

    def doctype(*args: Any) -> None:
        raise Refused("文件里有不该有的内容（DOCTYPE），没有读取。请用 Office 或 WPS 打开，重新另存后再试。")

    def opened(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, skipped
        depth += 1
        if depth > MAX_DEPTH:
            raise Refused("文件结构异常（嵌套过深），没有读取。请用 Office 或 WPS 打开，重新另存后再试。")
        local = tag.rpartition(":")[2]
        if skipped or local == "Fallback":
            skipped += 1
        else:
            start(local, attributes)

    def closed(tag: str) -> None:
        nonlocal depth, skipped
        depth -= 1
        if skipped:
            skipped -= 1
        else:
            end(tag.rpartition(":")[2])

    def said(data: str) -> None:
        if not skipped:
            text(data)

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = opened, closed, said
    size = 0
    with package.open(name) as part:
        while chunk := part.read(CHUNK):
            size += len(chunk)
            if size > MAX_PART_BYTES:
                raise Refused("文件解压后过大，没有读取。请删去多余的内容后再试。")
            parser.Parse(chunk, False)
    parser.Parse(b"", True)


def nothing(*args: Any) -> None:
    return


def relations(package: zipfile.ZipFile, part: str) -> dict[str, str]:
    """Relation id → part, for relative and absolute targets."""
    folder, name = posixpath.split(part)
    source = f"{folder}/_rels/{name}.rels"
    found: dict[str, str] = {}
    if source not in package.namelist():
        return found

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "").replace("\\", "/")
            joined = target if target.startswith("/") else posixpath.join("/", folder, target)
            found[attributes.get("Id", "")] = posixpath.normpath(joined).lstrip("/")

    parse(package, source, start, nothing, nothing)
    return found
