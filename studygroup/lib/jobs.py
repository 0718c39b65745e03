"""后台任务: start one, run one, pick up what a dead worker left.

A handler is registered for a kind and gets a `Run`. It computes, reports progress, and returns a function that
stores the result; that function runs in one transaction together with "done", and only while the claim still holds.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from studygroup.lib.errors import Refused
from studygroup.lib.models.job import Job, JobState

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 5


class ClaimLost(Exception):
    """Another worker has taken the job over; this one stops without writing."""


@dataclass
class Run:
    """One claim on a job."""

    job_id: int
    fence: int
    params: dict[str, Any]
    requested_by_id: int | None
    steps: list[str]

    def progress(self, percent: int, step: str) -> None:
        """Show a step and renew the lease. Raises ClaimLost when the claim is gone."""
        self.steps.append(step)
        self._write(percent=percent, steps=self.steps, lease_until=timezone.now() + settings.JOB_LEASE)

    def _write(self, **values: Any) -> None:
        mine = Job.objects.filter(pk=self.job_id, fence=self.fence, state=JobState.RUNNING)
        if not mine.update(**values):
            raise ClaimLost


Store = Callable[[], dict[str, Any]]
Handler = Callable[[Run], Store]
_handlers: dict[str, Handler] = {}


def handler(kind: str) -> Callable[[Handler], Handler]:
    def register(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    return register


def start(*, kind: str, key: str, title: str, params: dict[str, Any], by: Any, at: datetime) -> tuple[Job, bool]:
    """Queue a job; asked twice, the active one is returned with False."""
    assert kind in _handlers, f"no handler for job kind {kind!r}"
    try:
        with transaction.atomic():
            job = Job.objects.create(
                kind=kind, key=key, title=title, params=params, requested_by=by, created_at=at, steps=[]
            )
    except IntegrityError:
        running = Job.objects.active().filter(kind=kind, key=key).first()
        if running is None:  # it finished in between
            return start(kind=kind, key=key, title=title, params=params, by=by, at=at)
        return running, False
    transaction.on_commit(lambda: dispatch(job.pk))
    return job, True


def dispatch(job_id: int) -> None:
    """Send the number to a worker. Without a broker the row waits; the sweeper sends it again."""
    from studygroup.lib.tasks import run_job

    try:
        run_job.delay(job_id)
    except Exception:  # the broker's own exceptions differ by transport
        log.warning("后台任务 %s 暂时送不出去，稍后自动重试。", job_id, exc_info=True)


def claim(job_id: int) -> Run | None:
    """Take the job if it is free; None when somebody else has it or it is finished."""
    now = timezone.now()
    job = Job.objects.claimable(now).filter(pk=job_id).first()
    if job is None:
        return None
    taken = (
        Job.objects.claimable(now)
        .filter(pk=job_id, fence=job.fence)
        .update(
            state=JobState.RUNNING,
            fence=job.fence + 1,
            attempts=job.attempts + 1,
            lease_until=now + settings.JOB_LEASE,
            percent=0,
            steps=[],
        )
    )
    if not taken:
        return None
    return Run(job.pk, job.fence + 1, job.params, job.requested_by_id, [])


def run(job_id: int) -> None:
    """Claim and finish a job. A second call finds nothing to do."""
    claimed = claim(job_id)
    if claimed is None:
        return
    kind = Job.objects.values_list("kind", flat=True).get(pk=job_id)
    try:
        store = _handlers[kind](claimed)
        with transaction.atomic():
            # Write first: the row stays locked until the result is stored with it.
            claimed._write(state=JobState.DONE, percent=100, finished_at=timezone.now())
            Job.objects.filter(pk=job_id).update(result=store())
    except ClaimLost:
        log.warning("后台任务 %s 已由另一进程接手。", job_id)
    except Refused as refusal:
        _fail(claimed, refusal.message)
    except Exception:
        log.exception("后台任务 %s 未成功。", job_id)
        _fail(claimed, "处理中出现意外问题，请再试一次；若仍不成功，请联系系统管理员查看日志。")


def _fail(claimed: Run, message: str) -> None:
    try:
        claimed._write(state=JobState.FAILED, error=message[:500], finished_at=timezone.now())
    except ClaimLost:
        log.warning("后台任务 %s 已由另一进程接手。", claimed.job_id)


def sweep() -> int:
    """Send every claimable job again; give up on one that has killed its worker MAX_ATTEMPTS times."""
    now = timezone.now()
    Job.objects.claimable(now).filter(attempts__gte=MAX_ATTEMPTS).update(
        state=JobState.FAILED, error="多次执行都中断了，请联系系统管理员。", finished_at=now
    )
    waiting = list(Job.objects.claimable(now).values_list("pk", flat=True)[:500])
    for job_id in waiting:
        dispatch(job_id)
    return len(waiting)
