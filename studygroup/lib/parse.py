"""Reading what came in an address or a raw form field, where no form field has looked at it."""

import re

_NUMBER = re.compile(r"[0-9]{1,18}")


def quoted(title: str) -> str:
    """In title marks, unless it brings its own."""
    return title if "《" in title else f"《{title}》"


def whole_number(text: object, default: int = -1) -> int:
    """A number in plain digits that fits a database column; anything else is `default`."""
    return int(str(text)) if _NUMBER.fullmatch(str(text)) else default
