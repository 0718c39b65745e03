"""Where what a correction is about is put right: the sessions of the days it names, or the list of its part."""

import re

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from reports.models import CorrectionRequest
from reports.models.correction import CorrectionPart
from sessions_app.models import StudySession
from studygroup.lib.clock import local_date

DAY = re.compile(r"(\d{1,2})\s*(?:月|[-./])\s*(\d{1,2})")
MOST = 5  # sessions offered
OF_SESSIONS = (CorrectionPart.ATTENDANCE, CorrectionPart.SPEECHES, CorrectionPart.MAKE_UP, CorrectionPart.VISITS)


def places_of(asked: CorrectionRequest, user: User) -> list[tuple[str, str]]:
    """(label, address), the likeliest first."""
    found = _sessions_named(asked, user) if asked.part in OF_SESSIONS else []
    of_group = f"?group={asked.group_id}&year={asked.year}"
    sessions = [(f"{asked.year}年学习活动", reverse("session_list") + of_group)]
    lists = {
        CorrectionPart.MAKE_UP: [("补学", reverse("make_up_list")), *sessions],
        CorrectionPart.PAPERS: [
            (f"{asked.year}年学习材料", f"{reverse('submission_list')}?tab=group&year={asked.year}")
        ],
        CorrectionPart.STUDIES: [("本组自学", f"{reverse('study_overview')}{of_group}&person={asked.person_id}")],
        CorrectionPart.OTHER: [("成果转化", reverse("outcome_list")), *sessions],
    }
    return found + lists.get(CorrectionPart(asked.part), sessions)


def _sessions_named(asked: CorrectionRequest, user: User) -> list[tuple[str, str]]:
    days = {(int(month), int(day)) for month, day in DAY.findall(asked.text)}
    if not days:
        return []
    named = Q()
    for month, day in days:
        named |= Q(starts_at__month=month, starts_at__day=day)
    rows = StudySession.objects.visible_to(user).filter(named, group=asked.group_id).in_year(asked.year)
    return [(_told(row), reverse("session_detail", args=[row.pk])) for row in rows.order_by("starts_at", "pk")[:MOST]]


def _told(session: StudySession) -> str:
    day = local_date(session.starts_at)
    return f"{day.month}月{day.day}日　{session.title}"
