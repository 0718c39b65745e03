"""成果汇编 as a job: put together by a worker, kept until the office takes it away, read by who reads the papers."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from accounts.actions.people import require
from accounts.models import StudyGroup, User
from accounts.permissions import Permission
from materials.models import Submission
from studygroup.lib import audit, jobs
from studygroup.lib.errors import Refused
from studygroup.lib.models import Job
from studygroup.lib.models.job import JobState

BOOKLET = "booklet"


def booklets_of(user: User) -> QuerySet[Job]:
    """Finished ones of the groups whose approved papers he reads, the latest first."""
    groups = list(user.authority.groups_with(Permission.READ_APPROVED))
    done = Job.objects.filter(kind=BOOKLET, state=JobState.DONE, params__group__in=groups).exclude(result={})
    return done.select_related("requested_by").order_by("-pk")


def start_booklet(
    *,
    group: StudyGroup,
    title: str,
    foreword: str,
    order: str,
    papers: Sequence[Submission],
    by: User,
    at: datetime,
) -> tuple[Job, bool]:
    """Asked for again while one is under way, that one is returned with False."""
    require(by, Permission.MANAGE_LIBRARY, group.pk)
    if not papers:
        raise Refused("还没有选材料，请至少勾选一篇。")
    params = {
        "group": group.pk,
        "title": title,
        "foreword": foreword,
        "order": order,
        "papers": sorted(paper.pk for paper in papers),
    }
    return jobs.start(
        kind=BOOKLET, key=f"{group.pk}:{by.pk}", title=f"成果汇编 {title}"[:120], params=params, by=by, at=at
    )


def store_booklet(*, group: StudyGroup, content: bytes, papers: int, by: User, at: datetime) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    stored = default_storage.save("booklets/booklet.docx", ContentFile(content))
    audit.record("booklet.make", target=group, by=by, at=at, group_id=group.pk, sha256=digest, papers=papers)
    return {
        "address": reverse("booklet_list"),
        "file": stored,
        "size": len(content),
        "sha256": digest,
        "papers": papers,
    }


@transaction.atomic
def remove_booklet(*, job: Job, by: User, at: datetime) -> None:
    """Take the file away; the papers stay where they are. Pressed twice, the second finds it done."""
    group = StudyGroup.objects.get(pk=job.params["group"])
    require(by, Permission.MANAGE_LIBRARY, group.pk)
    found = Job.objects.select_for_update().filter(pk=job.pk).exclude(result={}).first()
    if found is None:
        return
    stored = found.result["file"]
    Job.objects.filter(pk=job.pk).update(result={})
    audit.record("booklet.remove", target=group, by=by, at=at, group_id=group.pk, sha256=found.result["sha256"])
    transaction.on_commit(partial(default_storage.delete, stored))
