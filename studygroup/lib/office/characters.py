"""What an Office file (XML) can hold of a text."""

import re

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
_TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def legal(text: str) -> str:
    """Without the characters XML forbids."""
    return _ILLEGAL.sub("", text)


def plain(text: str) -> str:
    """As `legal`, and without the marks that turn the direction of what follows: a name must read as it is written."""
    return _TURNS.sub("", legal(text)).replace("\t", " ").replace("\r\n", "\n").replace("\r", "\n")
