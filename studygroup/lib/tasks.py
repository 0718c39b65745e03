"""Celery carries ids and the clock, nothing else."""

from contextlib import suppress
from datetime import timedelta

from celery import shared_task
from django.db import IntegrityError
from django.utils import timezone

from studygroup.lib import audit, jobs
from studygroup.lib.models.job import Heartbeat
from studygroup.lib.models.receipt import FormReceipt

WORKER = "worker"


@shared_task
def run_job(job_id: int) -> None:
    jobs.run(job_id)


@shared_task
def sweep() -> None:
    jobs.sweep()
    FormReceipt.objects.filter(at__lt=timezone.now() - timedelta(days=1)).delete()
    beat_heart()


@shared_task
def seal_audit() -> None:
    with suppress(IntegrityError):  # another sealer was faster; its work is ours
        audit.seal()


@shared_task
def beat_heart() -> None:
    Heartbeat.objects.update_or_create(name=WORKER, defaults={"at": timezone.now()})
