"""签到二维码与六位数字: proof of having seen the screen just now, and no more.

Both are a MAC over the session and the time step, so they are bound to one session and die by themselves. A step
lasts STEP_SECONDS and the one before it is still taken: a code is good for 15 to 30 seconds.
"""

import base64
import hmac
import re
import unicodedata
from datetime import datetime

from django.conf import settings
from django.utils.crypto import constant_time_compare

from sessions_app.models import StudySession

STEP_SECONDS = 15
STEPS_ACCEPTED = 2
DEVICE_COOKIE = "device"
KIOSK_LETTERS = 12  # 60 bits, and still short enough to be typed on another computer


def _digest(message: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), message.encode(), "sha256")


def _mac(session: StudySession, step: int) -> bytes:
    return _digest(f"sign-in:{session.pk}:{session.sign_in_key}:{step}")


def _token(session: StudySession, step: int) -> str:
    return _mac(session, step).hex()[:32]


def _digits(session: StudySession, step: int) -> str:
    return f"{int.from_bytes(_mac(session, step)[16:24]) % 1_000_000:06d}"


def _step_of(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP_SECONDS


def token_at(session: StudySession, moment: datetime) -> str:
    """What the QR code carries at this moment."""
    return _token(session, _step_of(moment))


def digits_at(session: StudySession, moment: datetime) -> str:
    """The six digits shown beside the QR code at this moment."""
    return _digits(session, _step_of(moment))


def plain_digits(typed: str) -> str:
    """Six plain digits out of what was typed — full-width digits and spaces are what some keyboards make of it —
    or "" when it is something else."""
    digits = "".join(unicodedata.normalize("NFKC", typed).split())
    return digits if len(digits) == 6 and digits.isdecimal() and digits.isascii() else ""


def _accepted(moment: datetime) -> range:
    step = _step_of(moment)
    return range(step - STEPS_ACCEPTED + 1, step + 1)


def is_current_token(session: StudySession, token: str, moment: datetime) -> bool:
    return any(constant_time_compare(token, _token(session, step)) for step in _accepted(moment))


def is_current_digits(session: StudySession, digits: str, moment: datetime) -> bool:
    return any(constant_time_compare(digits, _digits(session, step)) for step in _accepted(moment))


# -- 自助签到机 ---------------------------------------------------------------


def kiosk_token(session: StudySession) -> str:
    """What a shared computer's address carries. It dies with the session's key and with another closing time."""
    until = int(session.sign_in_closes_at.timestamp())
    mac = _digest(f"kiosk:{session.pk}:{session.sign_in_key}:{until}")
    return f"{session.pk}-{base64.b32encode(mac).decode()[:KIOSK_LETTERS].lower()}"


def kiosk_session_id(token: str) -> int:
    """The session a kiosk's address speaks of; 0 for anything that is not such an address."""
    found = re.fullmatch(rf"([1-9][0-9]{{0,17}})-[a-z2-7]{{{KIOSK_LETTERS}}}", token, re.ASCII)
    return int(found[1]) if found else 0


def is_current_kiosk(session: StudySession, token: str) -> bool:
    return constant_time_compare(token, kiosk_token(session))


# -- one phone, two people ----------------------------------------------------


def device_mark(session_id: int, cookie: str) -> str:
    """A browser's mark within one session: the same browser has another one in every session, so that nobody can be
    followed from one to the next. "" without the cookie."""
    return _digest(f"device:{session_id}:{cookie}").hex()[:16] if re.fullmatch("[0-9a-f]{32}", cookie) else ""
