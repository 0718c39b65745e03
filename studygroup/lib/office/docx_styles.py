"""What a Word file's styles say of their paragraphs. Imported only by `docx_reader`, a program of its own."""

import re
import zipfile
from dataclasses import dataclass

from docx_numbers import plain_names, small
from package_parts import nothing, parse

HEADING = re.compile(r"^(?:heading|标题)\s*([1-9])$", re.IGNORECASE)
TITLE = re.compile(r"^(?:title|标题|文章标题|公文标题)$", re.IGNORECASE)
CONTENTS = re.compile(r"^(?:toc|目录)\s*(?:\d|heading|标题)?$", re.IGNORECASE)
MAX_STYLES, MAX_CHAIN = 5000, 12


@dataclass
class Look:
    """A paragraph's or style's own word on itself; "" and None leave it to the style below."""

    style: str = ""
    outline: int | None = None
    align: str = ""
    number: str = ""
    depth: int | None = None
    size: int = 0


@dataclass
class Style(Look):
    name: str = ""
    based_on: str = ""


class Styles(dict[str, Style]):
    default = ""

    def chain(self, style: str) -> list[Style]:
        """The style and those it builds on, nearest first; a circle ends at MAX_CHAIN."""
        found: list[Style] = []
        here = style or self.default
        while here in self and len(found) < MAX_CHAIN:
            found.append(self[here])
            here = self[here].based_on
        return found

    def level(self, look: Look) -> int | None:
        """0 for a title, 1 to 9 for headings."""
        if look.outline is not None:
            return look.outline + 1 if look.outline < 9 else None
        for style in self.chain(look.style):
            if heading := HEADING.match(style.name):
                return int(heading[1])
            if TITLE.match(style.name):
                return 0
            if style.outline is not None:
                return style.outline + 1 if style.outline < 9 else None
        return None

    def is_contents(self, look: Look) -> bool:
        return bool(look.style) and any(CONTENTS.match(style.name) for style in self.chain(look.style)[:1])


def read_styles(package: zipfile.ZipFile, part: str) -> Styles:
    found = Styles()
    style = Style()

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal style
        told = plain_names(attributes)
        value = told.get("val", "")
        if tag == "style":
            style = Style()
            if told.get("type", "paragraph") == "paragraph" and len(found) < MAX_STYLES:
                key = told.get("styleId", "")
                found[key] = style
                style.style = key
                if told.get("default") in ("1", "true", "on"):
                    found.default = key
        elif tag == "name":
            style.name = value.strip()[:80]
        elif tag == "basedOn":
            style.based_on = value
        else:
            describe(style, tag, value)

    parse(package, part, start, nothing, nothing)
    return found


def describe(look: Look, tag: str, value: str) -> None:
    """One element of a paragraph's properties."""
    if tag == "pStyle":
        look.style = value
    elif tag == "outlineLvl":
        look.outline = small(value, 9)
    elif tag == "jc":
        look.align = value
    elif tag == "numId":
        look.number = value
    elif tag == "ilvl":
        look.depth = small(value)
    elif tag == "sz":
        look.size = max(look.size, small(value))
