"""What a worker does for this floor: the day's digests."""

from datetime import time

from celery import shared_task
from django.utils import timezone

from accounts.actions.reminder import compose
from studygroup.lib.clock import local_date, start_of_day
from studygroup.lib.models.job import Heartbeat

FROM = time(7, 30)
COMPOSED = "reminders"


@shared_task
def compose_today() -> None:
    """Sent every minute: from 07:30 the first one that comes through makes the day's digests. A day on which no worker
    ran is not made up for; what is due stands on everybody's home page anyway."""
    now = timezone.now()
    today = local_date(now)
    if timezone.localtime(now).time() < FROM:
        return
    if Heartbeat.objects.filter(name=COMPOSED, at__gte=start_of_day(today)).exists():
        return
    compose(day=today, by=None, at=now)
    Heartbeat.objects.update_or_create(name=COMPOSED, defaults={"at": now})
