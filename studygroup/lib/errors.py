"""What an action may answer instead of doing it. Each carries one Chinese sentence for the person."""

from collections.abc import Mapping


class Refused(Exception):
    """The rules do not allow it now; the sentence says what to do instead. Shown as 400 or at the form."""

    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotAllowed(Refused):
    """This person may not do it (403)."""

    status = 403


class Overtaken(Refused):
    """Somebody else was faster (409). `current` maps a label to what stands there now; `back` is where to go on, when
    the page the person came from is his no longer."""

    status = 409

    def __init__(self, message: str, current: Mapping[str, str] | None = None, back: str = "") -> None:
        super().__init__(message)
        self.current = current or {}
        self.back = back
