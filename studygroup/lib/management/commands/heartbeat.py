"""Is the clock ticking, and does the worker hear it? For health checks."""

from datetime import timedelta
from typing import Any

from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.utils import timezone

from studygroup.lib.models.job import Heartbeat
from studygroup.lib.tasks import WORKER


class Command(BaseCommand):
    help = "Exit 0 while scheduler and worker are alive: the beat of the last minute has reached the database."

    def handle(self, **_: Any) -> None:
        heard = Heartbeat.objects.filter(name=WORKER, at__gt=timezone.now() - timedelta(minutes=1))
        if not heard.exists():
            raise CommandError("后台任务一分钟没有心跳。")
