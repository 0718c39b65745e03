"""请假补学登记 as a workbook."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone

from sessions_app.statistics.absence import AbsenceLine
from studygroup.lib.office.excel import Sheet, workbook_bytes

HEAD = [
    "序号", "姓名", "职务", "学习时间", "学习主题", "事由", "说明", "申请时间", "组长意见",
    "补学方式", "补学时间", "补学内容", "体会", "核实人", "状态",
]  # fmt: skip
WIDTHS = [6, 10, 18, 16, 34, 8, 24, 16, 24, 12, 12, 30, 50, 10, 10]


def leave_register(title: str, lines: Sequence[AbsenceLine], today: date) -> bytes:
    rows = [[number, *_cells(line, today)] for number, line in enumerate(lines, start=1)]
    return workbook_bytes([Sheet("请假补学登记", title, HEAD, rows, WIDTHS)])


def _cells(line: AbsenceLine, today: date) -> list[str]:
    place, leave, study = line.participant, line.leave, line.make_up
    return [
        place.person.name,
        place.title,
        _moment(place.session.starts_at),
        place.session.title,
        line.reason,
        line.explanation,
        _moment(leave.asked_at) if leave else "",
        line.verdict,
        str(study.get_method_display()) if study else "",
        study.studied_on.isoformat() if study and study.studied_on else "",
        study.content if study else "",
        study.note if study else "",
        study.confirmed_by.name if study and study.confirmed_by else "",
        line.state(today)[0],
    ]


def _moment(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
