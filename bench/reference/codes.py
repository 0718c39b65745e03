"""The product's six digits from the columns alone, without its models."""

import hashlib
import hmac
from datetime import datetime

from django.conf import settings


def digits_of_key(session_id: int, key: str, moment: datetime) -> list[str]:
    """Those of this moment, then those of the step before."""
    step = int(moment.timestamp()) // 15
    found = []
    for number in (step, step - 1):
        message = f"sign-in:{session_id}:{key}:{number}".encode()
        mac = hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).digest()
        found.append(f"{int.from_bytes(mac[16:24]) % 1_000_000:06d}")
    return found
