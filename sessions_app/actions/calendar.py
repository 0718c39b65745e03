"""日历订阅: a person's own feed address. Its key is told once; the database keeps only a hash of it."""

import hashlib
import secrets
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from sessions_app.models import CalendarFeed
from studygroup.lib import audit
from studygroup.lib.errors import Overtaken


def hash_of(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", errors="surrogatepass")).hexdigest()


@transaction.atomic
def issue_feed(*, by: User, at: datetime) -> str:
    """A new address for oneself; the one before stops at once. Returns the key, which nobody can read later."""
    CalendarFeed.objects.filter(person=by, revoked_at=None).update(revoked_at=at)
    key = secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            feed = CalendarFeed.objects.create(person=by, key_hash=hash_of(key), created_at=at)
    except IntegrityError as error:
        raise Overtaken("刚刚已经生成了一个新地址，请看最新状态。") from error
    audit.record("calendar.issue", target=feed, by=by, at=at)
    return key


@transaction.atomic
def revoke_feed(*, by: User, at: datetime) -> bool:
    """Stop one's own feed. False when none was in use."""
    feed = CalendarFeed.objects.select_for_update().filter(person=by, revoked_at=None).first()
    if feed is None:
        return False
    CalendarFeed.objects.filter(pk=feed.pk).update(revoked_at=at)
    audit.record("calendar.revoke", target=feed, by=by, at=at)
    return True
