"""主讲人卡片: kept by the organiser's office; what was approved with it stays as it was."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.actions.records import add_record, change_record
from accounts.models import StudyGroup, User
from sessions_app.actions.lecture_file import Upload, change_card_files
from sessions_app.models import LectureFile, Lecturer


@transaction.atomic
def add_lecturer(
    *, group: StudyGroup, by: User, at: datetime, uploads: Sequence[Upload] = (), **facts: Any
) -> Lecturer:
    card = add_record(Lecturer(group=group, **facts), by=by, at=at)
    change_card_files(lecturer=card, uploads=uploads, removed=(), by=by, at=at)
    return card


@transaction.atomic
def change_lecturer(
    *,
    lecturer: Lecturer,
    seen_version: int | None,
    changes: Mapping[str, Any],
    by: User,
    at: datetime,
    uploads: Sequence[Upload] = (),
    removed: Sequence[LectureFile] = (),
) -> None:
    change_record(lecturer, seen_version=seen_version, changes=changes, by=by, at=at)
    change_card_files(lecturer=lecturer, uploads=uploads, removed=removed, by=by, at=at)
