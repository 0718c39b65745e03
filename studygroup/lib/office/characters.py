"""What an Office file (XML) and a file name can hold of a text; the marks and numbers documents are read by."""

import re

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
GAP = re.compile(r"(〔待补：[^〕]*〕)")
LEVELS = (
    (1, re.compile(r"^[一二三四五六七八九十百]+、")),
    (2, re.compile(r"^（[一二三四五六七八九十百]+）")),
    (3, re.compile(r"^\d+[.．、]")),
    (4, re.compile(r"^（\d+）")),
)
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f<>:\"/\\|?*\s]+")
_DEVICES = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def legal(text: str) -> str:
    """Without the characters XML forbids."""
    return _ILLEGAL.sub("", text)


def plain(text: str) -> str:
    """As `legal`, and without the marks that turn the direction of what follows: a name must read as it is written."""
    return _TURNS.sub("", legal(text)).replace("\t", " ").replace("\r\n", "\n").replace("\r", "\n")


def level_of(text: str) -> int | None:
    """Which of the four levels a heading's number says; None without a number."""
    return next((level for level, pattern in LEVELS if pattern.match(text)), None)


def file_name(text: str, longest: int = 60) -> str:
    """A name every system can store: without what Windows refuses: signs, devices, a dot at the end."""
    name = _NOT_IN_NAMES.sub(" ", plain(text)).strip(" .")[:longest].strip(" .")
    return f"_{name}" if not name or _DEVICES.match(name) else name
