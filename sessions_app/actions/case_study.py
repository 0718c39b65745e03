"""实践案例: 转化措施 is followed until it is done. Adding, changing and removing are those of every record."""

from datetime import date, datetime

from accounts.actions.records import change_record
from accounts.models import User
from sessions_app.models import CaseStudy
from studygroup.lib.errors import Refused


def close_case_study(*, case: CaseStudy, on: date, seen_version: int | None, by: User, at: datetime) -> None:
    """办结. Refused without a measure, or when it is done already."""
    if not case.measure:
        raise Refused("这个案例还没有写转化措施，请先补上措施和责任人，再办结。")
    if case.closed_on:
        raise Refused("这个案例已经办结。")
    change_record(case, seen_version=seen_version, changes={"closed_on": on}, by=by, at=at)
